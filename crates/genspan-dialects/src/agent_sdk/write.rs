//! From the conventions to `agent_sdk.*`.

use std::time::Duration;

use genspan::{
    Attribute, Event, Severity, Value,
    semconv::{attribute as key, value::operation_name as operation},
};

use super::{
    Answer, FIRST_CHUNK, HAD_TOOL_CALLS, HAS_TEXT, HAS_THINKING, LANGFUSE, OUTCOME, PROVIDER,
    RETRY, STREAMING, TOOL_OUTCOME, TOOLS, mcp, observation, outcome, provider_id,
};
use crate::{Span, Status};

/// Adds `agent_sdk.*` to a span; one of no GenAI operation stays as it is.
pub fn write(span: &mut Span) {
    if mcp::write(span) {
        return;
    }
    let Some(operation) = span.attributes.text(key::GEN_AI_OPERATION_NAME) else {
        return;
    };
    let operation = operation.to_owned();
    let is_error = matches!(span.status, Status::Error(_));
    let attributes = &mut span.attributes;
    attributes.set_if_free(LANGFUSE, observation(&operation));
    let id = attributes
        .text(key::GEN_AI_PROVIDER_NAME)
        .map(|name| provider_id(name).to_owned());
    attributes.set_if_free(PROVIDER, id);
    match operation.as_str() {
        operation::CHAT | operation::TEXT_COMPLETION | operation::GENERATE_CONTENT => chat(span),
        operation::EXECUTE_TOOL => {
            let outcome = if is_error { "error" } else { "success" };
            attributes.set_if_free(TOOL_OUTCOME, Some(outcome));
        }
        operation::INVOKE_AGENT => {
            let outcome = outcome(attributes, is_error);
            attributes.set_if_free(OUTCOME, Some(outcome));
            let tools = match attributes
                .structured(key::GEN_AI_TOOL_DEFINITIONS)
                .as_deref()
            {
                Some(Value::Array(tools)) => i64::try_from(tools.len()).ok(),
                _ => None,
            };
            attributes.set_if_free(TOOLS, tools);
        }
        _ => {}
    }
}

fn chat(span: &mut Span) {
    let attributes = &mut span.attributes;
    let is_stream = attributes.get(key::GEN_AI_REQUEST_STREAM) == Some(&Value::Bool(true));
    attributes.set_if_free(STREAMING, Some(is_stream));
    let answer = Answer::of(attributes);
    attributes.set_if_free(HAD_TOOL_CALLS, answer.calls);
    attributes.set_if_free(HAS_TEXT, answer.text);
    attributes.set_if_free(HAS_THINKING, answer.thinking);
    let retries = attributes
        .count(key::GENSPAN_ATTEMPTS)
        .map(|all| all.saturating_sub(1));
    attributes.set_if_free(RETRY, retries.filter(|retries| *retries > 0));
    first_chunk(span);
}

/// Tells when the first chunk came, as an event.
fn first_chunk(span: &mut Span) {
    let wait = match span
        .attributes
        .get(key::GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK)
    {
        Some(Value::Double(seconds)) => *seconds,
        _ => return,
    };
    let is_told = span.events.iter().any(|event| event.name == FIRST_CHUNK);
    let at = Duration::try_from_secs_f64(wait).ok().zip(span.started);
    if let Some((after, started)) = at
        && !is_told
    {
        span.events.push(Event {
            name: FIRST_CHUNK.into(),
            at: started.plus(after),
            severity: Severity::default(),
            attributes: vec![Attribute {
                key: key::GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK.into(),
                value: Value::Double(wait),
            }],
            body: None,
        });
    }
}
