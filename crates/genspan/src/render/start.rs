//! What is known of a span when it starts: its name and what a sampler should see.

use std::borrow::Cow;

use super::{NO_OPERATION, agent, home_version, mcp, operation_name, tool};
use crate::{
    Conventions, Provider, Record, Rendering, Server, StartAttribute, StartValue, operation::View,
    redact::Redactor, semconv::attribute as key,
};

/// Gathers the facts of a span's start, each text without secrets.
pub(super) struct StartFacts<'a> {
    list: Vec<StartAttribute>,
    redactor: &'a Redactor,
}

impl StartFacts<'_> {
    fn push(&mut self, key: &'static str, value: StartValue) {
        self.list.push(StartAttribute { key, value });
    }

    /// Writes one of the conventions' own words.
    fn word(&mut self, key: &'static str, word: &'static str) {
        self.push(key, StartValue::Text(Cow::Borrowed(word)));
    }

    /// Writes a text of the application's or the provider's.
    pub(super) fn text(&mut self, key: &'static str, text: &str) {
        let text = self.redactor.redact(text).into_owned();
        self.push(key, StartValue::Text(Cow::Owned(text)));
    }

    /// Writes a text where there is one.
    pub(super) fn text_if(&mut self, key: &'static str, text: Option<&str>) {
        if let Some(text) = text {
            self.text(key, text);
        }
    }

    /// Writes the provider under the version's key, where it is known.
    pub(super) fn provider(&mut self, version: Conventions, provider: &Provider) {
        if provider.as_str().is_empty() {
            return;
        }
        match provider.named_in(version) {
            (key, Cow::Borrowed(word)) => self.word(key, word),
            (key, Cow::Owned(word)) => self.text(key, word),
        }
    }

    /// Writes the server's address and port.
    pub(super) fn server(&mut self, server: Option<&Server>) {
        if let Some(server) = server {
            self.text(key::SERVER_ADDRESS, &server.address);
            if let Some(port) = server.port {
                self.push(key::SERVER_PORT, StartValue::Number(port.into()));
            }
        }
    }
}

/// Gives the name of an operation's span: the operation and what it is done to.
pub(crate) fn span_name(view: View<'_>, rendering: &Rendering) -> String {
    let target = match view {
        View::Inference { model, .. } => model,
        View::Other(record) => match record {
            Record::Inference(record) => record.request.model.as_deref(),
            Record::Embeddings(record) => record.model.as_deref(),
            Record::Retrieval(record) => record.data_source_id.as_deref(),
            Record::ToolExecution(record) => Some(record.name.as_str()),
            Record::AgentCreation(record) => record.name.as_deref(),
            Record::AgentInvocation(record) => record.name.as_deref(),
            Record::WorkflowInvocation(record) => record.name.as_deref(),
            Record::Plan(record) => record.agent_name.as_deref(),
            Record::Step(record) => Some(&*record.name),
            Record::Mcp(record) => return mcp::span_name(record, rendering),
            Record::Turn(_)
            | Record::Memory(_)
            | Record::ResponseFetch(_)
            | Record::McpSession(_) => None,
        },
    };
    let operation = operation_name(view);
    match target {
        Some(target) if !target.is_empty() => {
            let target = rendering.redactor().redact(target);
            let mut name = String::with_capacity(operation.len() + 1 + target.len());
            if operation != NO_OPERATION {
                name.push_str(operation);
                name.push(' ');
            }
            name.push_str(&target);
            name
        }
        _ => operation.to_owned(),
    }
}

/// Writes what a sampler should see when the span starts.
pub(crate) fn start_attributes(view: View<'_>, rendering: &Rendering) -> Vec<StartAttribute> {
    let operation = operation_name(view);
    let version = home_version(view, rendering);
    let mut facts = StartFacts {
        list: Vec::with_capacity(6),
        redactor: rendering.redactor(),
    };
    if operation != NO_OPERATION && !matches!(view, View::Other(Record::Turn(_))) {
        facts.word(key::GEN_AI_OPERATION_NAME, operation);
    }
    match view {
        View::Inference {
            provider,
            model,
            server,
            ..
        } => client(&mut facts, version, provider, model, server),
        View::Other(record) => other(&mut facts, version, record),
    }
    facts.list
}

fn client(
    facts: &mut StartFacts<'_>,
    version: Conventions,
    provider: &Provider,
    model: Option<&str>,
    server: Option<&Server>,
) {
    facts.provider(version, provider);
    facts.text_if(key::GEN_AI_REQUEST_MODEL, model);
    facts.server(server);
}

fn other(facts: &mut StartFacts<'_>, version: Conventions, record: &Record) {
    match record {
        Record::Embeddings(record) => client(
            facts,
            version,
            &record.provider,
            record.model.as_deref(),
            record.server.as_ref(),
        ),
        Record::ToolExecution(record) => tool::write_start(record, version, facts),
        Record::AgentCreation(record) => agent::write_creation_start(record, version, facts),
        Record::AgentInvocation(record) => agent::write_invocation_start(record, version, facts),
        Record::Plan(record) => {
            facts.text_if(key::GEN_AI_AGENT_NAME, record.agent_name.as_deref());
        }
        Record::Turn(record) => {
            let number = StartValue::Number(record.number.into());
            facts.push(key::GENSPAN_TURN_NUMBER, number);
        }
        Record::ResponseFetch(record) => {
            facts.provider(version, &record.provider);
            facts.server(record.server.as_ref());
        }
        Record::Mcp(record) => mcp::write_start(record, facts),
        Record::Inference(_)
        | Record::McpSession(_)
        | Record::Retrieval(_)
        | Record::Memory(_)
        | Record::WorkflowInvocation(_)
        | Record::Step(_) => {}
    }
}
