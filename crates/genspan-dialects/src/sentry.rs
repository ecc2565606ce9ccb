//! Sentry: what its page of AI agents groups by, and content as JSON within the bytes that it takes.
//!
//! A span gets `sentry.op` and `sentry.origin`; what is structured becomes JSON text, since Sentry's attributes hold no
//! objects. Written are the keys that Sentry's own conventions name today; the eighteen that its SDKs wrote before
//! ([`WORDS`]) are read. Sentry shows no events of spans, so messages that stand there move to attributes.
//!
//! Content of more than 20,000 bytes is shortened, whatever key it stands under: of messages the instructions and as
//! many of the last ones as fit are kept, and `sentry.sdk_meta.….original_length` says how many there were, or how many
//! bytes of what is no list. Media within data URLs is replaced, long or not.
//!
//! What is lost on the way back: what was shortened, replaced or not to be sent ([`Settings`](crate::Settings)); a text
//! that is JSON of a list or an object, where a tool was given or gave back one, comes back as what it says; the writing of
//! caches comes back under v1.41's key; a tool that stated no type comes back with the table's; an origin other than
//! [`Origin::default`] stays.

mod fit;
mod origin;
mod read;
mod write;

use genspan::semconv::{attribute as key, value::operation_name as operation};

pub use self::{
    origin::{InvalidOrigin, Origin},
    read::read,
    write::write,
};

const OP: &str = "sentry.op";
const ORIGIN: &str = "sentry.origin";
const TOTAL: &str = "gen_ai.usage.total_tokens";
const STREAMING: &str = "gen_ai.response.streaming";
const FIRST_TOKEN: &str = "gen_ai.response.time_to_first_token";
const PIPELINE: &str = "gen_ai.pipeline.name";
const TEXT: &str = "gen_ai.response.text";
const CALLS: &str = "gen_ai.response.tool_calls";
const META: &str = "sentry.sdk_meta.";
const ORIGINAL_LENGTH: &str = ".original_length";

/// Pairs the words of Sentry's SDKs with the keys that hold the same fact: eighteen, of which Sentry's own conventions
/// have deprecated seven for the conventions' words.
pub const WORDS: [(&str, &str); 18] = [
    (key::GEN_AI_SYSTEM, key::GEN_AI_PROVIDER_NAME),
    (key::GEN_AI_OPERATION_NAME, key::GEN_AI_OPERATION_NAME),
    (key::GEN_AI_AGENT_NAME, key::GEN_AI_AGENT_NAME),
    (key::GEN_AI_REQUEST_MODEL, key::GEN_AI_REQUEST_MODEL),
    ("gen_ai.request.messages", key::GEN_AI_INPUT_MESSAGES),
    (
        "gen_ai.request.available_tools",
        key::GEN_AI_TOOL_DEFINITIONS,
    ),
    (key::GEN_AI_RESPONSE_ID, key::GEN_AI_RESPONSE_ID),
    (key::GEN_AI_RESPONSE_MODEL, key::GEN_AI_RESPONSE_MODEL),
    (
        key::GEN_AI_RESPONSE_FINISH_REASONS,
        key::GEN_AI_RESPONSE_FINISH_REASONS,
    ),
    (TEXT, key::GEN_AI_OUTPUT_MESSAGES),
    (CALLS, key::GEN_AI_OUTPUT_MESSAGES),
    (
        key::GEN_AI_USAGE_INPUT_TOKENS,
        key::GEN_AI_USAGE_INPUT_TOKENS,
    ),
    (
        key::GEN_AI_USAGE_OUTPUT_TOKENS,
        key::GEN_AI_USAGE_OUTPUT_TOKENS,
    ),
    (TOTAL, TOTAL),
    (key::GEN_AI_TOOL_NAME, key::GEN_AI_TOOL_NAME),
    (key::GEN_AI_TOOL_TYPE, key::GEN_AI_TOOL_TYPE),
    ("gen_ai.tool.input", key::GEN_AI_TOOL_CALL_ARGUMENTS),
    ("gen_ai.tool.output", key::GEN_AI_TOOL_CALL_RESULT),
];

/// Content that goes to models and tools.
const INPUTS: [&str; 6] = [
    key::GEN_AI_SYSTEM_INSTRUCTIONS,
    key::GEN_AI_INPUT_MESSAGES,
    key::GEN_AI_TOOL_DEFINITIONS,
    key::GEN_AI_TOOL_CALL_ARGUMENTS,
    key::GEN_AI_RETRIEVAL_QUERY_TEXT,
    key::GEN_AI_MEMORY_QUERY_TEXT,
];

/// Content that comes from them.
const OUTPUTS: [&str; 4] = [
    key::GEN_AI_OUTPUT_MESSAGES,
    key::GEN_AI_TOOL_CALL_RESULT,
    key::GEN_AI_RETRIEVAL_DOCUMENTS,
    key::GEN_AI_MEMORY_RECORDS,
];

/// Tells whether Sentry knows operations of the name; others are shown, but grouped with none.
fn is_operation(name: &str) -> bool {
    matches!(
        name,
        operation::CHAT
            | operation::CREATE_AGENT
            | operation::EMBEDDINGS
            | operation::EXECUTE_TOOL
            | operation::GENERATE_CONTENT
            | operation::INVOKE_AGENT
            | operation::INVOKE_WORKFLOW
            | operation::TEXT_COMPLETION
    )
}
