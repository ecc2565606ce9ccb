//! OpenLLMetry: Traceloop's language, which its SDKs speak in many languages and many backends read.
//!
//! A call to a model says `llm.request.type`, everything else `traceloop.span.kind`. Messages are spread over attributes
//! (`gen_ai.prompt.0.content`, `gen_ai.completion.0.tool_calls.0.name`), as are the definitions of tools
//! (`llm.request.functions.0.name`); what a tool or an agent was given and gave back is `traceloop.entity.input` and
//! `output`. Releases since 2026 that state messages in the conventions' keys are read as well, and so are the spellings
//! of providers and counts that came and went. Whatever has no word here keeps its key.
//!
//! What is lost on the way there: instructions come back as a first message of the role `system`, each answer to a tool
//! call as a message of the role `tool`; within a message reasoning stands first, as one, and calls stand last; a text that
//! is JSON, where a tool was given or gave back one, comes back as what it says; the writing of caches comes back under v1.41's
//! key.

mod flat;
mod read;
mod write;

use genspan::semconv::{attribute as key, value::operation_name as operation};

pub use self::{read::read, write::write};

const REQUEST_TYPE: &str = "llm.request.type";
const KIND: &str = "traceloop.span.kind";
const ENTITY_NAME: &str = "traceloop.entity.name";
const INPUT: &str = "traceloop.entity.input";
const OUTPUT: &str = "traceloop.entity.output";
const WORKFLOW: &str = "traceloop.workflow.name";
const PROMPT: &str = "gen_ai.prompt";
const COMPLETION: &str = "gen_ai.completion";
const FUNCTIONS: &str = "llm.request.functions";
const TOTAL: &str = "llm.usage.total_tokens";

/// Keys that say the same under another name.
const RENAMED: [(&str, &str); 9] = [
    (key::GEN_AI_REQUEST_STREAM, "llm.is_streaming"),
    (key::GEN_AI_REQUEST_TOP_K, "llm.top_k"),
    (
        key::GEN_AI_REQUEST_FREQUENCY_PENALTY,
        "llm.frequency_penalty",
    ),
    (key::GEN_AI_REQUEST_PRESENCE_PENALTY, "llm.presence_penalty"),
    (
        key::GEN_AI_REQUEST_STOP_SEQUENCES,
        "llm.chat.stop_sequences",
    ),
    (
        key::GEN_AI_REQUEST_REASONING_LEVEL,
        "gen_ai.request.reasoning_effort",
    ),
    (
        key::GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS,
        "gen_ai.usage.cache_read_input_tokens",
    ),
    (
        key::GEN_AI_USAGE_CACHE_CREATION_INPUT_TOKENS,
        "gen_ai.usage.cache_creation_input_tokens",
    ),
    (
        key::GEN_AI_USAGE_REASONING_OUTPUT_TOKENS,
        "gen_ai.usage.reasoning_tokens",
    ),
];

/// Gives the word for a call to a model.
fn request_type(operation_name: &str) -> Option<&'static str> {
    match operation_name {
        operation::CHAT | operation::GENERATE_CONTENT => Some("chat"),
        operation::TEXT_COMPLETION => Some("completion"),
        operation::EMBEDDINGS => Some("embedding"),
        _ => None,
    }
}

/// Gives the word for anything else.
fn kind(operation_name: &str) -> &'static str {
    match operation_name {
        operation::EXECUTE_TOOL => "tool",
        operation::INVOKE_AGENT | operation::CREATE_AGENT => "agent",
        operation::INVOKE_WORKFLOW => "workflow",
        _ => "task",
    }
}

/// Gives the operation that a span is; a task may be anything.
fn operation_of(word: &str) -> Option<&'static str> {
    match word {
        "chat" => Some(operation::CHAT),
        "completion" => Some(operation::TEXT_COMPLETION),
        "embedding" => Some(operation::EMBEDDINGS),
        "tool" => Some(operation::EXECUTE_TOOL),
        "agent" => Some(operation::INVOKE_AGENT),
        "workflow" => Some(operation::INVOKE_WORKFLOW),
        _ => None,
    }
}

/// Gives the key under which the conventions have the name of what runs.
fn name_key(operation_name: &str) -> Option<&'static str> {
    match operation_name {
        operation::EXECUTE_TOOL => Some(key::GEN_AI_TOOL_NAME),
        operation::INVOKE_AGENT | operation::CREATE_AGENT => Some(key::GEN_AI_AGENT_NAME),
        operation::INVOKE_WORKFLOW => Some(key::GEN_AI_WORKFLOW_NAME),
        _ => None,
    }
}
