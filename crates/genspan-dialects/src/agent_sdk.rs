//! agent-sdk: what the crate of that name says of runs, calls and tools, in `agent_sdk.*` beside the conventions' keys.
//!
//! Written is what a span says or what follows from it: the provider's id, whether a call streamed, what its answer
//! held, how a tool or a run ended, and `langfuse.observation.type`, which the crate sets on the same spans. What it says of
//! turns, tiers and compactions is no fact of a span here. Its own spellings of the conventions' keys (one finish
//! reason in place of a list, `max_output_tokens`, messages with `content`) are read and not written, so that nothing
//! of the conventions is lost.
//!
//! The crate's measurements come from records ([`measure`](fn@measure)) and not from spans, which may be sampled:
//!
//! | metric | of | labels |
//! |---|---|---|
//! | `gen_ai.client.operation.duration` (s) | a call | operation, provider, model asked for; model that answered, or `error.type` |
//! | `gen_ai.client.token.usage` (`{token}`) | a call, input and output apart; zeros are left out | operation, provider, both models, direction |
//! | `gen_ai.client.operation.time_to_first_chunk`, `…time_per_output_chunk` (s) | a stream | operation, provider, model asked for |
//! | `agent_sdk.llm.retries` | a failed attempt that another followed | provider, `error.type` |
//! | `agent_sdk.tools.execution.count`, `….duration` (ms) | a tool | its name, `agent_sdk.tool.kind`, `agent_sdk.tool.outcome` |
//! | `agent_sdk.runs.outcome`, `agent_sdk.turns.duration` (s) | a run; none of one that was discarded | `agent_sdk.outcome`; on the time also `agent_sdk.input.kind` and provider |
//! | `agent_sdk.mcp.requests.duration` (s) | one of the MCP requests that the crate makes | `mcp.method`, `mcp.server.name`, `error.type` (`mcp_error`, `tool_error`) |
//! | `agent_sdk.subagent.invocations` | an agent within another's run | the agent's name, `agent_sdk.outcome` |
//!
//! A destination of `genspan-otlp` with this dialect gets these metrics in place of the conventions'. Beside
//! OpenTelemetry's SDK, whose metrics are the same for all destinations, `Rendering::with_measure` asks for them; a program
//! that records through `genspan_otel::instrument` has its own there already.
//!
//! A kind or an outcome that the application sets as an attribute counts where it is one of the crate's words. Cached
//! tokens are part of the input and not measured again, and tokens are measured once, on the call that they were spent
//! on. Operations that the crate does not know (searches, work on memory, workflows, remote agents, other MCP messages) keep
//! the conventions' metrics; compactions are no operations here.
//!
//! An MCP request that has a span of its own is named as the crate names it, `mcp.tools/call` and so on, with
//! `mcp.server.name`; an error that the server answered with is `mcp_error` there, and its code stays beside it.

mod mcp;
mod measure;
mod read;
mod write;

use genspan::{
    FinishReason, Value,
    semconv::{
        attribute as key,
        value::{error_type, operation_name as operation, provider_name as provider},
    },
};

pub use self::{measure::measure, read::read, write::write};
use crate::{
    Attributes,
    conversation::{self, Part},
};

const PROVIDER: &str = "agent_sdk.provider.id";
const STREAMING: &str = "agent_sdk.llm.streaming";
const HAD_TOOL_CALLS: &str = "agent_sdk.llm.had_tool_calls";
const HAS_TEXT: &str = "agent_sdk.llm.text_output_present";
const HAS_THINKING: &str = "agent_sdk.llm.thinking_present";
const RETRY: &str = "agent_sdk.llm.retry.attempt";
const TOOL_OUTCOME: &str = "agent_sdk.tool.outcome";
const OUTCOME: &str = "agent_sdk.outcome";
const TOOLS: &str = "agent_sdk.tools.count";
const LANGFUSE: &str = "langfuse.observation.type";
const FIRST_CHUNK: &str = "llm.stream.first_chunk";

/// Pairs the crate's ids of providers with the conventions' words; of two for one word the first is written.
const PROVIDERS: [(&str, &str); 4] = [
    ("openai-responses", provider::OPENAI),
    ("openai-codex", provider::OPENAI),
    ("gemini", provider::GCP_GEMINI),
    ("vertex", provider::GCP_VERTEX_AI),
];

/// Gives the crate's id of a provider; the others' ids are the conventions' words.
fn provider_id(name: &str) -> &str {
    let own = PROVIDERS
        .iter()
        .filter(|(_, known)| *known != provider::OPENAI);
    let mut found = own.filter(|(_, known)| *known == name);
    found.next().map_or(name, |(id, _)| id)
}

/// Gives the conventions' word for an id.
fn provider_name(id: &str) -> &str {
    let found = PROVIDERS.iter().find(|(known, _)| *known == id);
    found.map_or(id, |(_, name)| name)
}

/// Gives the type of observation that the crate states for an operation.
fn observation(operation_name: &str) -> Option<&'static str> {
    match operation_name {
        operation::CHAT | operation::TEXT_COMPLETION | operation::GENERATE_CONTENT => {
            Some("generation")
        }
        operation::EXECUTE_TOOL => Some("tool"),
        operation::INVOKE_AGENT => Some("agent"),
        _ => None,
    }
}

/// Holds what an answer is made of, where it is known.
struct Answer {
    calls: Option<bool>,
    text: Option<bool>,
    thinking: Option<bool>,
}

impl Answer {
    fn of(attributes: &Attributes) -> Self {
        let said = conversation::answered(attributes);
        let holds = |is: fn(&Part) -> bool| {
            let parts = said.iter().flat_map(|message| &message.parts);
            (!said.is_empty()).then(|| parts.into_iter().any(is))
        };
        let is_call = has_reason(attributes, &FinishReason::ToolCall);
        Self {
            calls: holds(|part| matches!(part, Part::ToolCall { .. })).or(is_call.then_some(true)),
            text: holds(|part| matches!(part, Part::Text(_))),
            thinking: holds(|part| matches!(part, Part::Reasoning(_))),
        }
    }
}

/// Gives the crate's word for how a run ended.
fn outcome(attributes: &Attributes, is_error: bool) -> &'static str {
    if is_error {
        return match attributes.text(key::ERROR_TYPE) {
            Some(error_type::CANCELLED) => "cancelled",
            _ => "error",
        };
    }
    if has_reason(attributes, &FinishReason::ContentFilter) {
        return "refusal";
    }
    "done"
}

/// Tells whether a span states a reason to stop.
fn has_reason(attributes: &Attributes, reason: &FinishReason) -> bool {
    match attributes.get(key::GEN_AI_RESPONSE_FINISH_REASONS) {
        Some(Value::Array(stated)) => stated
            .iter()
            .filter_map(Value::as_str)
            .any(|word| FinishReason::from_provider(word) == *reason),
        _ => false,
    }
}
