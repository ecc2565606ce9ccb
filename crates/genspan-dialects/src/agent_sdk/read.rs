//! From `agent_sdk.*` to the conventions.

use genspan::{
    Value,
    semconv::{
        attribute as key,
        value::{error_type, operation_name as operation},
    },
};

use super::{
    Answer, FIRST_CHUNK, HAD_TOOL_CALLS, HAS_TEXT, HAS_THINKING, LANGFUSE, OUTCOME, PROVIDER,
    RETRY, STREAMING, TOOL_OUTCOME, TOOLS, mcp, observation, outcome, provider_id, provider_name,
};
use crate::{Attributes, Span, Status, naming, typed};

/// Says in the conventions' language what `agent_sdk.*` says and they do not; `false` where there is none of it.
pub fn read(span: &mut Span) -> bool {
    if mcp::read(span) {
        return true;
    }
    if !span.attributes.has_prefix("agent_sdk.") {
        return false;
    }
    let attributes = &mut span.attributes;
    provider(attributes);
    attributes.rename(
        "gen_ai.request.max_output_tokens",
        key::GEN_AI_REQUEST_MAX_TOKENS,
    );
    typed::restore(attributes);
    streaming(attributes);
    let answer = Answer::of(attributes);
    for (key, known) in [
        (HAD_TOOL_CALLS, answer.calls),
        (HAS_TEXT, answer.text),
        (HAS_THINKING, answer.thinking),
    ] {
        if known.is_some() && attributes.get(key) == known.map(Value::Bool).as_ref() {
            attributes.take(key);
        }
    }
    let retries = attributes
        .count(RETRY)
        .map(|retries| retries.saturating_add(1));
    attributes.set_if_free(key::GENSPAN_ATTEMPTS, retries);
    attributes.take(RETRY);
    if matches!(
        attributes.get(key::GEN_AI_TOOL_DEFINITIONS),
        Some(Value::Array(_))
    ) {
        attributes.take(TOOLS);
    }
    let operation = attributes
        .text(key::GEN_AI_OPERATION_NAME)
        .map(str::to_owned);
    let observed = operation.as_deref().and_then(observation);
    if observed.is_some() && attributes.text(LANGFUSE) == observed {
        attributes.take(LANGFUSE);
    }
    first_chunk(span);
    ended(span);
    // The crate names tools and agents by the operation alone.
    if matches!(
        span.name.as_str(),
        operation::EXECUTE_TOOL | operation::INVOKE_AGENT
    ) {
        naming::conventional(span);
    }
    true
}

fn provider(attributes: &mut Attributes) {
    let Some(Value::String(id)) = attributes.get(PROVIDER).cloned() else {
        return;
    };
    attributes.set_if_free(key::GEN_AI_PROVIDER_NAME, Some(provider_name(&id)));
    // An id that says more than the provider's name stays.
    if attributes.text(key::GEN_AI_PROVIDER_NAME).map(provider_id) == Some(&*id) {
        attributes.take(PROVIDER);
    }
}

fn streaming(attributes: &mut Attributes) {
    let is_stream = attributes.take(STREAMING) == Some(Value::Bool(true));
    attributes.set_if_free(key::GEN_AI_REQUEST_STREAM, is_stream.then_some(true));
}

/// Takes the event out that tells of the first chunk, and states its time if nothing else does.
fn first_chunk(span: &mut Span) {
    let key = key::GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK;
    for event in &span.events {
        if event.name == FIRST_CHUNK {
            let mut stated = event.attributes.iter();
            let wait = stated.find(|attribute| attribute.key == key);
            span.attributes
                .set_if_free(key, wait.map(|wait| wait.value.clone()));
        }
    }
    if span.attributes.has(key) {
        span.events.retain(|event| event.name != FIRST_CHUNK);
    }
}

/// Reads how a tool or a run ended; a word that says more than the conventions do stays.
fn ended(span: &mut Span) {
    for key in [TOOL_OUTCOME, OUTCOME] {
        let Some(word) = span.attributes.text(key).map(str::to_owned) else {
            continue;
        };
        let has_failed = matches!(word.as_str(), "error" | "cancelled");
        if has_failed && !matches!(span.status, Status::Error(_)) {
            span.status = Status::Error(String::new());
        }
        if word == "cancelled" {
            span.attributes
                .set_if_free(key::ERROR_TYPE, Some(error_type::CANCELLED));
        }
        let is_error = matches!(span.status, Status::Error(_));
        let said = match key {
            OUTCOME => outcome(&span.attributes, is_error),
            _ if is_error => "error",
            _ => "success",
        };
        if word == said {
            span.attributes.take(key);
        }
    }
}
