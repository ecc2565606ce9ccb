//! What must be remembered of a run so that it can be ended after its process is gone.

use std::{error::Error, fmt};

use crate::{
    Active, AgentInvocation, AgentSite, Operation, Provider, SpanContext, Timestamp, Value,
};

/// Remembers runs from their beginning to their end, across the death of processes.
///
/// Every method is durable when it returns, and atomic among all processes that share the journal:
/// whoever holds a run by the newest [`Hold`] ends it, once, and nobody else does.
pub trait Journal: fmt::Debug + Send + Sync {
    /// Notes that a run began.
    ///
    /// # Errors
    ///
    /// When the journal cannot be written.
    fn begin(&self, run: &RootEntry, at: Timestamp) -> Result<Begun, JournalError>;

    /// Takes over a run that is open, whoever held it before.
    ///
    /// # Errors
    ///
    /// When the journal cannot be read or written.
    fn take(&self, key: &str, at: Timestamp) -> Result<Taken, JournalError>;

    /// Notes that a run ended; tells whether it was the holder's to end, which it is once.
    ///
    /// # Errors
    ///
    /// When the journal cannot be written.
    fn end(
        &self,
        key: &str,
        hold: Hold,
        outcome: &str,
        at: Timestamp,
    ) -> Result<bool, JournalError>;

    /// Notes the end of a run that the journal does not know; tells whether nobody knew or noted it before.
    ///
    /// # Errors
    ///
    /// When the journal cannot be written.
    fn bury(&self, key: &str, outcome: &str, at: Timestamp) -> Result<bool, JournalError>;

    /// Lists the runs that are open, oldest hold first.
    ///
    /// # Errors
    ///
    /// When the journal cannot be read.
    fn open(&self) -> Result<Vec<OpenRun>, JournalError>;
}

/// Gives its owner the right to end a run, until somebody else takes it over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hold(pub u64);

/// Tells what came of noting a run's beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begun {
    /// It is noted, and held by the caller.
    Held(Hold),
    /// A run of this key is open or has ended.
    Known,
}

/// Tells what came of taking a run over.
#[derive(Clone, Debug, PartialEq)]
pub enum Taken {
    /// The caller holds it now.
    Held(Hold, Box<RootEntry>),
    /// It has ended.
    Ended,
    /// The journal knows no run of this key.
    Unknown,
}

/// Names a run that is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenRun {
    /// Its key.
    pub key: String,
    /// When it began, or was taken over last.
    pub held_since: Timestamp,
}

/// Holds what the span of a run is made from again.
#[derive(Clone, Debug, PartialEq)]
pub struct RootEntry {
    /// What the application knows the run by.
    pub key: String,
    /// Where the span stands, with its true flag and state.
    pub context: SpanContext,
    /// The span it stands within.
    pub parent: Option<SpanContext>,
    /// When it began.
    pub started: Timestamp,
    /// The agent's name.
    pub agent_name: Option<String>,
    /// Who runs the agent's model.
    pub provider: Option<String>,
    /// The agent's model.
    pub model: Option<String>,
    /// The conversation.
    pub conversation_id: Option<String>,
    /// Attributes of the application's own; recognised secrets are replaced.
    pub attributes: Vec<(String, Value)>,
}

impl RootEntry {
    /// Writes down what a run that is under way is known by.
    pub(crate) fn of(key: &str, root: &Active<AgentInvocation>) -> Self {
        let mut known = AgentInvocation::at(root.site.clone());
        known.common.clone_from(root.common());
        let telemetry = root.telemetry();
        let record = root.with_facts(known);
        let common = record.common();
        let text = |name: &str, text: &Option<String>| {
            let text = text.clone()?;
            match telemetry.redacted(name, &Value::String(text)) {
                Value::String(text) => Some(text),
                _ => None,
            }
        };
        Self {
            key: key.to_owned(),
            context: root.context().clone(),
            parent: root.parent(),
            started: root.started(),
            agent_name: text("agent", &root.name),
            provider: match &root.site {
                AgentSite::InProcess { provider } => provider.as_ref(),
                AgentSite::Remote { provider, .. } => Some(provider),
            }
            .map(|provider| provider.as_str().to_owned()),
            model: text("model", &root.request.model),
            conversation_id: text("conversation", &common.conversation_id),
            attributes: common
                .attributes
                .iter()
                .map(|(name, value)| (name.clone(), telemetry.redacted(name, value)))
                .collect(),
        }
    }

    /// Makes the record of the run again.
    pub(crate) fn record(&self) -> AgentInvocation {
        let provider = self.provider.clone().map(Provider::new);
        let mut record = AgentInvocation::at(AgentSite::InProcess { provider });
        record.name.clone_from(&self.agent_name);
        record.request.model.clone_from(&self.model);
        record
            .common
            .conversation_id
            .clone_from(&self.conversation_id);
        record.common.attributes.clone_from(&self.attributes);
        record
    }
}

/// Says why a journal could not be read or written.
#[derive(Debug, thiserror::Error)]
#[error("the journal of runs cannot be used: {0}")]
pub struct JournalError(#[source] Box<dyn Error + Send + Sync>);

impl JournalError {
    /// Takes the reason.
    pub fn new(reason: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(reason.into())
    }
}
