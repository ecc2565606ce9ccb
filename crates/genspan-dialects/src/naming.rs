//! A span's own name and kind, for readers of languages that have others.

use genspan::semconv::{attribute as key, value::operation_name as operation};

use crate::{Kind, Span};

/// Gives a span the name that the conventions have for its operation, and calls to models the kind of a call.
pub(crate) fn conventional(span: &mut Span) {
    let Some(name) = span.attributes.text(key::GEN_AI_OPERATION_NAME) else {
        return;
    };
    let target = match name {
        operation::CHAT
        | operation::TEXT_COMPLETION
        | operation::GENERATE_CONTENT
        | operation::EMBEDDINGS => key::GEN_AI_REQUEST_MODEL,
        operation::EXECUTE_TOOL => key::GEN_AI_TOOL_NAME,
        operation::INVOKE_AGENT | operation::CREATE_AGENT => key::GEN_AI_AGENT_NAME,
        operation::INVOKE_WORKFLOW => key::GEN_AI_WORKFLOW_NAME,
        _ => return,
    };
    let is_call = target == key::GEN_AI_REQUEST_MODEL;
    span.name = match span.attributes.text(target) {
        Some(target) => format!("{name} {target}"),
        None => name.to_owned(),
    };
    if is_call && span.kind == Kind::Internal {
        span.kind = Kind::Client;
    }
}
