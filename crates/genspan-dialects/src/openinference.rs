//! OpenInference: Arize's language, which Phoenix reads and many frameworks' instrumentations speak.
//!
//! Messages are spread over attributes (`llm.input_messages.0.message.content`), settings are one JSON text, and a
//! span says by `openinference.span.kind` what it is. Whatever has no word in OpenInference keeps its key.
//!
//! What is lost on the way there: parts of messages other than text, reasoning, images by address, tool calls and
//! their answers, and what parts have beside those; of several answers in one message each becomes a message, of the role
//! `tool` where it names no call; instructions come back as a first message of the role `system`; a text
//! that is JSON, where a tool was given or gave back one, comes back as what it says; the writing of caches
//! comes back under v1.41's key. An agent's tokens keep their `gen_ai.*` keys, because
//! Phoenix adds up `llm.token_count.*` over all spans.

mod content;
mod messages;
mod settings;

use genspan::{
    Value,
    semconv::{attribute as key, value::operation_name as operation},
};

use crate::Span;

const KIND: &str = "openinference.span.kind";
const MODEL: &str = "llm.model_name";
const EMBEDDING_MODEL: &str = "embedding.model_name";
const TOTAL: &str = "llm.token_count.total";

/// Keys that say the same under another name, on every kind of span.
const RENAMED: [(&str, &str); 6] = [
    (key::GEN_AI_PROVIDER_NAME, "llm.provider"),
    (key::GEN_AI_CONVERSATION_ID, "session.id"),
    (key::GEN_AI_AGENT_NAME, "agent.name"),
    (key::GEN_AI_TOOL_NAME, "tool.name"),
    (key::GEN_AI_TOOL_DESCRIPTION, "tool.description"),
    (key::GEN_AI_TOOL_CALL_ID, "tool.id"),
];

/// Counts of tokens; those of v1.41 and of main for the writing of caches, of which a span has one.
const TOKENS: [(&str, &str); 6] = [
    (key::GEN_AI_USAGE_INPUT_TOKENS, "llm.token_count.prompt"),
    (
        key::GEN_AI_USAGE_OUTPUT_TOKENS,
        "llm.token_count.completion",
    ),
    (
        key::GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS,
        "llm.token_count.prompt_details.cache_read",
    ),
    (
        key::GEN_AI_USAGE_CACHE_CREATION_INPUT_TOKENS,
        "llm.token_count.prompt_details.cache_write",
    ),
    (
        key::GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS,
        "llm.token_count.prompt_details.cache_write",
    ),
    (
        key::GEN_AI_USAGE_REASONING_OUTPUT_TOKENS,
        "llm.token_count.completion_details.reasoning",
    ),
];

/// Says in OpenInference what a span says in the conventions; a span of no GenAI operation stays as it is.
pub fn write(span: &mut Span) {
    let Some(kind) = span
        .attributes
        .text(key::GEN_AI_OPERATION_NAME)
        .map(kind_of)
    else {
        return;
    };
    span.attributes.set(KIND, kind.as_str());
    for (from, to) in RENAMED {
        span.attributes.rename(from, to);
    }
    span.attributes
        .rename(key::GEN_AI_REQUEST_MODEL, kind.model_key());
    if kind != SpanKind::Agent {
        write_tokens(span);
    }
    if kind == SpanKind::Llm {
        settings::write(span);
    }
    content::write(span, kind);
}

/// Says in the conventions' language what a span says in OpenInference; `false` where it does not speak that.
pub fn read(span: &mut Span) -> bool {
    let Some(kind) = span.attributes.text(KIND).and_then(SpanKind::of) else {
        return false;
    };
    span.attributes.take(KIND);
    if let Some(operation) = kind.operation() {
        span.attributes
            .set_if_free(key::GEN_AI_OPERATION_NAME, Some(operation));
    }
    content::read(span, kind);
    if kind == SpanKind::Llm {
        settings::read(span);
    }
    read_tokens(span);
    span.attributes
        .rename(kind.model_key(), key::GEN_AI_REQUEST_MODEL);
    // Some instrumentations name the provider by the maker of the model alone.
    span.attributes
        .rename("llm.provider", key::GEN_AI_PROVIDER_NAME);
    span.attributes
        .fold("llm.system", key::GEN_AI_PROVIDER_NAME);
    for (to, from) in RENAMED {
        span.attributes.rename(from, to);
    }
    true
}

fn write_tokens(span: &mut Span) {
    for (from, to) in TOKENS {
        span.attributes.rename(from, to);
    }
    let [prompt, completion] = ["llm.token_count.prompt", "llm.token_count.completion"]
        .map(|key| span.attributes.count(key));
    if let (Some(prompt), Some(completion)) = (prompt, completion) {
        span.attributes
            .set(TOTAL, prompt.saturating_add(completion));
    }
}

fn read_tokens(span: &mut Span) {
    for (to, from) in TOKENS {
        // The older of the two keys for the writing of caches is v1.41's, which reads as well as main's.
        span.attributes.rename(from, to);
        if let Some(count) = span.attributes.count(to) {
            span.attributes.set(to, count);
        }
    }
    let [input, output] = [
        key::GEN_AI_USAGE_INPUT_TOKENS,
        key::GEN_AI_USAGE_OUTPUT_TOKENS,
    ]
    .map(|key| span.attributes.count(key));
    if let (Some(input), Some(output)) = (input, output)
        && span.attributes.count(TOTAL) == Some(input.saturating_add(output))
    {
        span.attributes.take(TOTAL);
    }
}

/// Says what a span is, in OpenInference's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SpanKind {
    Llm,
    Embedding,
    Tool,
    Agent,
    Retriever,
    Chain,
    /// One that the conventions have no operation for, such as `GUARDRAIL`.
    Other(&'static str),
}

fn kind_of(operation_name: &str) -> SpanKind {
    match operation_name {
        operation::CHAT | operation::TEXT_COMPLETION | operation::GENERATE_CONTENT => SpanKind::Llm,
        operation::EMBEDDINGS => SpanKind::Embedding,
        operation::EXECUTE_TOOL => SpanKind::Tool,
        operation::INVOKE_AGENT | operation::CREATE_AGENT => SpanKind::Agent,
        operation::RETRIEVAL => SpanKind::Retriever,
        _ => SpanKind::Chain,
    }
}

impl SpanKind {
    fn of(word: &str) -> Option<Self> {
        const OTHERS: [&str; 5] = ["RERANKER", "GUARDRAIL", "EVALUATOR", "PROMPT", "UNKNOWN"];
        Some(match word.to_ascii_uppercase().as_str() {
            "LLM" => Self::Llm,
            "EMBEDDING" => Self::Embedding,
            "TOOL" => Self::Tool,
            "AGENT" => Self::Agent,
            "RETRIEVER" => Self::Retriever,
            "CHAIN" => Self::Chain,
            other => Self::Other(OTHERS.into_iter().find(|known| *known == other)?),
        })
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::Llm => "LLM",
            Self::Embedding => "EMBEDDING",
            Self::Tool => "TOOL",
            Self::Agent => "AGENT",
            Self::Retriever => "RETRIEVER",
            Self::Chain => "CHAIN",
            Self::Other(word) => word,
        }
    }

    /// Gives the operation that a span of others is; a chain may be anything.
    const fn operation(self) -> Option<&'static str> {
        match self {
            Self::Llm => Some(operation::CHAT),
            Self::Embedding => Some(operation::EMBEDDINGS),
            Self::Tool => Some(operation::EXECUTE_TOOL),
            Self::Agent => Some(operation::INVOKE_AGENT),
            Self::Retriever => Some(operation::RETRIEVAL),
            Self::Chain | Self::Other(_) => None,
        }
    }

    const fn model_key(self) -> &'static str {
        match self {
            Self::Embedding => EMBEDDING_MODEL,
            _ => MODEL,
        }
    }
}

/// Gives a value as the text that OpenInference wants: a text as it is, anything else as JSON.
fn text_of(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_json(), str::to_owned)
}
