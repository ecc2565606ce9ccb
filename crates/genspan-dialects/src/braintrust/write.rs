//! From the conventions to `braintrust.*`.

use genspan::{
    Value,
    semconv::{attribute as key, value::operation_name as operation},
};

use super::{
    COUNTS, DURATION, INPUT, OUTPUT, PARENT, SPAN_ATTRIBUTES, TIME_TO_FIRST_TOKEN, TOKENS,
    metadata, origin,
};
use crate::{Attributes, Settings, Span, chat_shape, conversation};

/// Adds `braintrust.*` to a span; one of no GenAI operation gets its parent and origin only.
pub fn write(span: &mut Span, settings: &Settings) {
    let attributes = &mut span.attributes;
    attributes.set_if_free(PARENT, settings.braintrust_parent.as_deref());
    let place = settings.braintrust_environment.as_ref();
    origin::write(attributes, &span.scope, place);
    let Some(operation) = attributes
        .text(key::GEN_AI_OPERATION_NAME)
        .map(str::to_owned)
    else {
        return;
    };
    let kind = span_type(&operation);
    let typed = vec![("type".to_owned(), Value::from(kind))];
    attributes.set_if_free(SPAN_ATTRIBUTES, Some(Value::Map(typed).to_json()));
    if kind == "task" {
        attributes.drop_tokens();
    } else {
        metrics(attributes);
    }
    metadata::write(attributes);
    if operation == operation::EXECUTE_TOOL {
        let took = span.ended.zip(span.started);
        let took = took.map(|(ended, started)| ended.since(started).as_secs_f64());
        attributes.set_if_free(DURATION, took);
        attributes.copy_json(key::GEN_AI_TOOL_CALL_ARGUMENTS, INPUT);
        attributes.copy_json(key::GEN_AI_TOOL_CALL_RESULT, OUTPUT);
    } else {
        said(attributes);
    }
}

/// Gives Braintrust's word for an operation.
pub(super) fn span_type(operation_name: &str) -> &'static str {
    match operation_name {
        operation::CHAT | operation::TEXT_COMPLETION | operation::GENERATE_CONTENT => "llm",
        operation::EXECUTE_TOOL => "tool",
        operation::INVOKE_AGENT | operation::INVOKE_WORKFLOW => "task",
        _ => "function",
    }
}

fn metrics(attributes: &mut Attributes) {
    for (from, to) in COUNTS {
        let count = attributes.count(from);
        attributes.set_if_free(to, count);
    }
    let [input, output] = [
        key::GEN_AI_USAGE_INPUT_TOKENS,
        key::GEN_AI_USAGE_OUTPUT_TOKENS,
    ]
    .map(|key| attributes.count(key));
    if let (Some(input), Some(output)) = (input, output) {
        attributes.set_if_free(TOKENS, Some(input.saturating_add(output)));
    }
    let first = attributes
        .get(key::GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK)
        .cloned();
    attributes.set_if_free(TIME_TO_FIRST_TOKEN, first);
}

fn said(attributes: &mut Attributes) {
    let input = conversation::asked(attributes);
    let output = conversation::answered(attributes);
    if !input.is_empty() {
        let shown = chat_shape::messages(&input).to_json();
        attributes.set_if_free(INPUT, Some(shown));
    }
    if !output.is_empty() {
        let shown = chat_shape::choices(&output).to_json();
        attributes.set_if_free(OUTPUT, Some(shown));
    }
}
