//! Strands: what the agents of that SDK tell, in both of its modes.
//!
//! Older releases tell messages in v1.36's events, newer ones in events with one of the conventions' fields each; both
//! become attributes. Counts have two names, times are milliseconds under the names of metrics. The provider is the
//! framework there (`strands-agents`), which stays, since nothing says who runs the model. `event_loop.*` and `strands.*`
//! keep their keys.

use genspan::{
    Value,
    semconv::{attribute as key, value::operation_name as operation},
};

use crate::{
    Attributes, Span, Status, message_events, milliseconds, naming, providers, tokens, typed,
};

const FRAMEWORK: &str = "strands-agents";
const FIRST_TOKEN: &str = "gen_ai.server.time_to_first_token";
const TOOL_STATUS: &str = "gen_ai.tool.status";
const TOTAL: &str = "gen_ai.usage.total_tokens";

/// Keys of the same fact; a span has both of the first two pairs.
const RENAMED: [(&str, &str); 4] = [
    ("gen_ai.usage.prompt_tokens", key::GEN_AI_USAGE_INPUT_TOKENS),
    (
        "gen_ai.usage.completion_tokens",
        key::GEN_AI_USAGE_OUTPUT_TOKENS,
    ),
    (
        "gen_ai.usage.cache_read_input_tokens",
        key::GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS,
    ),
    (
        "gen_ai.usage.cache_write_input_tokens",
        key::GEN_AI_USAGE_CACHE_CREATION_INPUT_TOKENS,
    ),
];

/// Says in the conventions' language what Strands says; `false` where it did not make the span.
pub fn read(span: &mut Span) -> bool {
    let attributes = &mut span.attributes;
    let is_named = [key::GEN_AI_SYSTEM, key::GEN_AI_PROVIDER_NAME]
        .iter()
        .any(|key| attributes.text(key) == Some(FRAMEWORK));
    if !is_named && !attributes.has_prefix("event_loop.") && !attributes.has_prefix("strands.") {
        return false;
    }
    providers::from_system(attributes);
    for (from, to) in RENAMED {
        attributes.fold(from, to);
    }
    milliseconds::rename(
        attributes,
        FIRST_TOKEN,
        key::GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK,
    );
    if matches!(
        attributes.text(key::GEN_AI_OPERATION_NAME),
        Some("invoke_swarm" | "invoke_graph")
    ) {
        attributes.set(key::GEN_AI_OPERATION_NAME, operation::INVOKE_WORKFLOW);
        attributes.rename(key::GEN_AI_AGENT_NAME, key::GEN_AI_WORKFLOW_NAME);
    }
    attributes.rename("system_prompt", key::GEN_AI_SYSTEM_INSTRUCTIONS);
    message_events::gather(span);
    reasons(&mut span.attributes);
    typed::restore(&mut span.attributes);
    tokens::drop_total(&mut span.attributes, TOTAL);
    if span.attributes.text(TOOL_STATUS) == Some("error")
        && !matches!(span.status, Status::Error(_))
    {
        span.status = Status::Error(String::new());
    }
    naming::conventional(span);
    true
}

/// States why the model stopped, which only its answer says there.
fn reasons(attributes: &mut Attributes) {
    let said = attributes.structured(key::GEN_AI_OUTPUT_MESSAGES);
    let reasons: Vec<Value> = match said.as_deref() {
        Some(Value::Array(said)) => said
            .iter()
            .filter_map(|message| message.get("finish_reason").cloned())
            .collect(),
        _ => return,
    };
    if !reasons.is_empty() {
        attributes.set_if_free(
            key::GEN_AI_RESPONSE_FINISH_REASONS,
            Some(Value::Array(reasons)),
        );
    }
}
