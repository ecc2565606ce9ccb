//! What happens in a run beside calls and tools, as events of its span.

use genspan::{Common, SpanEvent, Value, semconv::attribute as key, semconv::event};

use crate::{fields::Fields, moment::Moment};

/// Bounds the events of one span: runs of a day have any number of hooks.
const MOST: usize = 128;

/// Notes an event, unless there are too many.
pub(crate) fn note(common: &mut Common, event: SpanEvent) {
    if common.events.len() < MOST {
        common.events.push(event);
    } else if !common
        .diagnostics
        .contains(&genspan::Diagnostic::EventsLeftOut)
    {
        common.diagnostics.push(genspan::Diagnostic::EventsLeftOut);
    }
}

fn of(name: &str, now: Moment, attributes: Vec<(&str, Option<Value>)>) -> SpanEvent {
    SpanEvent {
        name: name.to_owned(),
        at: now.at,
        attributes: attributes
            .into_iter()
            .filter_map(|(key, value)| Some((key.to_owned(), value?)))
            .collect(),
    }
}

/// Tells that the conversation was summarised; `told` is the message's account of it.
pub(crate) fn compaction(told: Option<&Value>, now: Moment) -> SpanEvent {
    let count = |names: [&str; 2]| names.iter().find_map(|name| told?.count(name));
    let trigger = told.and_then(|told| told.id("trigger")).map(Value::from);
    let tokens = count(["pre_tokens", "preTokens"]).map(Value::from);
    of(
        event::GENSPAN_COMPACTION,
        now,
        vec![
            (key::GENSPAN_COMPACTION_TRIGGER, trigger),
            (key::GENSPAN_COMPACTION_INPUT_TOKENS, tokens),
        ],
    )
}

/// Tells that a hook ran.
pub(crate) fn hook(told: &Value, now: Moment) -> SpanEvent {
    let text = |name| told.id(name).map(Value::from);
    let exit_code = match told.member("exit_code") {
        Some(Value::Int(code)) => Some(Value::Int(*code)),
        _ => None,
    };
    of(
        event::GENSPAN_HOOK,
        now,
        vec![
            (key::GENSPAN_HOOK_NAME, text("hook_name")),
            (key::GENSPAN_HOOK_EVENT, text("hook_event")),
            (key::GENSPAN_HOOK_OUTCOME, text("outcome")),
            (key::GENSPAN_HOOK_EXIT_CODE, exit_code),
        ],
    )
}

/// Tells what one model was used for in all of the run.
pub(crate) fn model_usage(model: &str, used: &Value, now: Moment) -> SpanEvent {
    let count = |name| used.count(name);
    let cached = [
        count("cacheReadInputTokens"),
        count("cacheCreationInputTokens"),
    ];
    // Cached tokens are counted apart from the input there, and as part of it here.
    let input = count("inputTokens").map(|input| {
        cached
            .into_iter()
            .flatten()
            .fold(input, u64::saturating_add)
    });
    let [read, written] = cached;
    let cost = used.number("costUSD").map(Value::Double);
    of(
        event::GENSPAN_MODEL_USAGE,
        now,
        vec![
            (key::GEN_AI_REQUEST_MODEL, Some(Value::from(model))),
            (key::GEN_AI_USAGE_INPUT_TOKENS, input.map(Value::from)),
            (
                key::GEN_AI_USAGE_OUTPUT_TOKENS,
                count("outputTokens").map(Value::from),
            ),
            (
                key::GENSPAN_USAGE_CACHE_READ_INPUT_TOKENS,
                read.map(Value::from),
            ),
            (
                key::GENSPAN_USAGE_CACHE_WRITE_INPUT_TOKENS,
                written.map(Value::from),
            ),
            (key::GENSPAN_COST_TOTAL, cost),
        ],
    )
}
