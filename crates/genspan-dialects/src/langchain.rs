//! langchain-rust: the fields of its `tracing` spans, which have names of their own and none of the conventions'.
//!
//! Its chains and the planning steps of its agents are no operations and stay as they are. Prompts and answers are not on
//! its spans; an error is told by its text.

use genspan::semconv::{attribute as key, value::operation_name as operation};

use crate::{
    Attributes, Span, Status, providers, tokens,
    tracing_fields::{self, Renamed},
};

const RENAMED: [Renamed; 5] = [
    ("model", key::GEN_AI_REQUEST_MODEL),
    ("stream", key::GEN_AI_REQUEST_STREAM),
    ("prompt_tokens", key::GEN_AI_USAGE_INPUT_TOKENS),
    ("completion_tokens", key::GEN_AI_USAGE_OUTPUT_TOKENS),
    ("tool", key::GEN_AI_TOOL_NAME),
];

/// Gives what a span of a name stands for, where it has langchain-rust's fields.
pub(crate) fn operation(name: &str, has: impl Fn(&str) -> bool) -> Option<&'static str> {
    let (operation, fields): (_, &[&str]) = match name {
        "llm.generate" => (operation::CHAT, &["provider", "model"]),
        "embed.documents" | "embed.query" => (operation::EMBEDDINGS, &["provider", "model"]),
        "agent.run" => (operation::INVOKE_AGENT, &["max_iterations"]),
        "tool.call" => (operation::EXECUTE_TOOL, &["tool"]),
        _ => return None,
    };
    fields.iter().all(|field| has(field)).then_some(operation)
}

/// Says in the conventions' language what langchain-rust says; `false` where it did not make the span.
pub fn read(span: &mut Span) -> bool {
    let attributes = &mut span.attributes;
    let is_own = tracing_fields::is_of(attributes, "langchain_rust");
    // An agent that may go on for ever states no bound, so its name and its maker have to do.
    let stated = operation(&span.name, |field| {
        attributes.has(field) || is_own && field == "max_iterations"
    });
    let Some(operation) = stated else {
        return false;
    };
    attributes.set_if_free(key::GEN_AI_OPERATION_NAME, Some(operation));
    if let Some(provider) = attributes.text("provider").map(str::to_owned) {
        attributes.take("provider");
        let known = providers::known(&provider);
        attributes.set_if_free(key::GEN_AI_PROVIDER_NAME, Some(known));
    }
    error(attributes, &mut span.status);
    tracing_fields::read(span, &RENAMED);
    tokens::drop_total(&mut span.attributes, "total_tokens");
    true
}

/// Makes the status of an error that is told by its text.
fn error(attributes: &mut Attributes, status: &mut Status) {
    if let Some(text) = attributes.text("error").map(str::to_owned) {
        attributes.take("error");
        *status = Status::Error(text);
    }
}
