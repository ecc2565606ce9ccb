//! Agents: their creation and their runs.

use super::{Common, Content, Request, operation};
use crate::{Cost, Part, Provider, Server, Usage};

/// Records the creation of an agent at a remote service.
#[derive(Clone, Debug, PartialEq)]
pub struct AgentCreation {
    /// The service that holds the agent.
    pub provider: Provider,
    /// Where the service answers.
    pub server: Option<Server>,
    /// The agent's name; it names the span.
    pub name: Option<String>,
    /// The service's id of the agent.
    pub id: Option<String>,
    /// What the agent is for.
    pub description: Option<String>,
    /// The agent's version.
    pub version: Option<String>,
    /// The model the agent uses.
    pub model: Option<String>,
    /// The agent's instructions; content.
    pub system_instructions: Vec<Part>,
    /// Facts that every operation may have.
    pub common: Common,
}

impl AgentCreation {
    /// Begins the record of the creation of the named agent.
    #[must_use]
    pub fn new(provider: Provider, name: impl Into<String>) -> Self {
        Self {
            provider,
            server: None,
            name: Some(name.into()),
            id: None,
            description: None,
            version: None,
            model: None,
            system_instructions: Vec::new(),
            common: Common::default(),
        }
    }
}

operation!(AgentCreation, AgentCreation, |agent| AgentCreation {
    system_instructions: Vec::new(),
    ..agent.clone()
});

/// Tells where an agent runs.
#[derive(Clone, Debug, PartialEq)]
pub enum AgentSite {
    /// In this process; the model calls it makes have spans of their own.
    InProcess {
        /// Who runs the agent's model; v1.41 asks for it, later versions do not.
        provider: Option<Provider>,
    },
    /// At a remote service.
    Remote {
        /// The service that runs the agent.
        provider: Provider,
        /// Where the service answers.
        server: Option<Server>,
    },
}

/// Records one run of an agent.
///
/// Its usage is the sum of the model calls of this run, so that whoever adds up spans must not add
/// both.
#[derive(Clone, Debug, PartialEq)]
pub struct AgentInvocation {
    /// Where the agent runs.
    pub site: AgentSite,
    /// The agent's name; it names the span.
    pub name: Option<String>,
    /// The stable id of a hosted agent; never one of this process.
    pub id: Option<String>,
    /// What the agent is for.
    pub description: Option<String>,
    /// The agent's version.
    pub version: Option<String>,
    /// The data source the agent is grounded in.
    pub data_source_id: Option<String>,
    /// The settings of the agent's model.
    pub request: Request,
    /// Why the run ended, in the provider's own words.
    pub finish_reasons: Vec<String>,
    /// The tokens of the run's model calls.
    pub usage: Usage,
    /// What the run's own calls cost, as far as that is known; like the tokens it is not to be added to theirs.
    pub cost: Option<Cost>,
    /// How many of the run's own calls have no known cost, so that the sum lacks them.
    pub unpriced_calls: Option<u64>,
    /// How many model calls the agent made itself.
    pub inference_calls: Option<u64>,
    /// How many tools the agent ran itself.
    pub tool_calls: Option<u64>,
    /// Whether it ran within another agent's run in this process; the recorder says so.
    pub within_agent: bool,
    /// What was said.
    pub content: Content,
    /// Facts that every operation may have.
    pub common: Common,
}

impl AgentInvocation {
    /// Begins the record of a run of the named agent in this process.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: Some(name.into()),
            ..Self::at(AgentSite::InProcess { provider: None })
        }
    }

    /// Begins the record of a run of an agent at the given site.
    #[must_use]
    pub fn at(site: AgentSite) -> Self {
        Self {
            site,
            name: None,
            id: None,
            description: None,
            version: None,
            data_source_id: None,
            request: Request::default(),
            finish_reasons: Vec::new(),
            usage: Usage::default(),
            cost: None,
            unpriced_calls: None,
            inference_calls: None,
            tool_calls: None,
            within_agent: false,
            content: Content::default(),
            common: Common::default(),
        }
    }
}

operation!(AgentInvocation, AgentInvocation, |agent| AgentInvocation {
    name: agent.name.clone(),
    request: Request {
        model: agent.request.model.clone(),
        ..Request::default()
    },
    ..AgentInvocation::at(agent.site.clone())
});
