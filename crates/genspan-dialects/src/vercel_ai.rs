//! Vercel's AI SDK: `ai.*`, and `vercel.ai.*` where Sentry renamed it.
//!
//! `ai.generateText` and its like are an agent's run, since they call tools and the model again; `….doGenerate` and
//! `….doStream` are the calls to the model, `ai.toolCall` a tool. `ai.embed` is told twice, and only the inner `….doEmbed` is
//! an operation, so that its tokens count once. What has no key in the conventions, such as `ai.settings.maxRetries` and
//! `ai.telemetry.metadata.*`, keeps its own.

mod said;

use genspan::semconv::{attribute as key, value::operation_name as operation};

use crate::{Attributes, Span, milliseconds, naming, providers, tokens, typed};

const OPERATION: &str = "ai.operationId";
const TOTAL: &str = "ai.usage.totalTokens";
const FUNCTION: &str = "ai.telemetry.functionId";

/// Keys of the same fact; where there are two, the newer one stands first.
const RENAMED: [(&str, &str); 22] = [
    ("ai.model.id", key::GEN_AI_REQUEST_MODEL),
    ("ai.response.id", key::GEN_AI_RESPONSE_ID),
    ("ai.response.model", key::GEN_AI_RESPONSE_MODEL),
    (
        "ai.response.finishReason",
        key::GEN_AI_RESPONSE_FINISH_REASONS,
    ),
    ("ai.settings.temperature", key::GEN_AI_REQUEST_TEMPERATURE),
    ("ai.settings.topP", key::GEN_AI_REQUEST_TOP_P),
    ("ai.settings.topK", key::GEN_AI_REQUEST_TOP_K),
    (
        "ai.settings.maxOutputTokens",
        key::GEN_AI_REQUEST_MAX_TOKENS,
    ),
    ("ai.settings.maxTokens", key::GEN_AI_REQUEST_MAX_TOKENS),
    (
        "ai.settings.frequencyPenalty",
        key::GEN_AI_REQUEST_FREQUENCY_PENALTY,
    ),
    (
        "ai.settings.presencePenalty",
        key::GEN_AI_REQUEST_PRESENCE_PENALTY,
    ),
    (
        "ai.settings.stopSequences",
        key::GEN_AI_REQUEST_STOP_SEQUENCES,
    ),
    ("ai.settings.seed", key::GEN_AI_REQUEST_SEED),
    ("ai.usage.inputTokens", key::GEN_AI_USAGE_INPUT_TOKENS),
    ("ai.usage.promptTokens", key::GEN_AI_USAGE_INPUT_TOKENS),
    ("ai.usage.outputTokens", key::GEN_AI_USAGE_OUTPUT_TOKENS),
    ("ai.usage.completionTokens", key::GEN_AI_USAGE_OUTPUT_TOKENS),
    (
        "ai.usage.inputTokenDetails.cacheReadTokens",
        key::GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS,
    ),
    (
        "ai.usage.cachedInputTokens",
        key::GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS,
    ),
    (
        "ai.usage.inputTokenDetails.cacheWriteTokens",
        key::GEN_AI_USAGE_CACHE_CREATION_INPUT_TOKENS,
    ),
    (
        "ai.usage.outputTokenDetails.reasoningTokens",
        key::GEN_AI_USAGE_REASONING_OUTPUT_TOKENS,
    ),
    (
        "ai.usage.reasoningTokens",
        key::GEN_AI_USAGE_REASONING_OUTPUT_TOKENS,
    ),
];

/// Says in the conventions' language what the AI SDK says; `false` where it did not make the span.
pub fn read(span: &mut Span) -> bool {
    let attributes = &mut span.attributes;
    if attributes.has("vercel.ai.operationId") {
        for mut attribute in attributes.take_prefix("vercel.ai.") {
            let own = attribute.key.trim_start_matches("vercel.").to_owned();
            attribute.key = own.into();
            attributes.set_if_free(attribute.key, Some(attribute.value));
        }
    }
    let Some(word) = attributes.take(OPERATION) else {
        return false;
    };
    let operation = word.as_str().and_then(operation_of);
    attributes.set_if_free(key::GEN_AI_OPERATION_NAME, operation);
    provider(attributes);
    for (from, to) in RENAMED {
        attributes.fold(from, to);
    }
    match operation {
        Some(operation::INVOKE_AGENT) => attributes.rename(FUNCTION, key::GEN_AI_AGENT_NAME),
        Some(operation::EMBEDDINGS) => {
            attributes.rename("ai.usage.tokens", key::GEN_AI_USAGE_INPUT_TOKENS);
        }
        _ => {}
    }
    if word.as_str().is_some_and(|word| word.contains("tream")) {
        attributes.set_if_free(key::GEN_AI_REQUEST_STREAM, Some(true));
    }
    milliseconds::rename(
        attributes,
        "ai.response.msToFirstChunk",
        key::GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK,
    );
    typed::restore(attributes);
    said::read(attributes);
    tokens::drop_total(attributes, TOTAL);
    naming::conventional(span);
    true
}

/// Gives the operation of a function of the SDK.
fn operation_of(word: &str) -> Option<&'static str> {
    match word {
        "ai.generateText" | "ai.streamText" | "ai.generateObject" | "ai.streamObject" => {
            Some(operation::INVOKE_AGENT)
        }
        "ai.toolCall" => Some(operation::EXECUTE_TOOL),
        _ if word.ends_with(".doGenerate") || word.ends_with(".doStream") => Some(operation::CHAT),
        _ if word.ends_with(".doEmbed") => Some(operation::EMBEDDINGS),
        _ => None,
    }
}

/// Gives the provider its name, of which the SDK has one for each API: `openai.responses`.
fn provider(attributes: &mut Attributes) {
    for from in ["ai.model.provider", key::GEN_AI_SYSTEM] {
        attributes.fold(from, key::GEN_AI_PROVIDER_NAME);
    }
    let name = attributes.text(key::GEN_AI_PROVIDER_NAME).map(|name| {
        let maker = name.split('.').next().unwrap_or(name);
        match maker {
            "google" if name.starts_with("google.vertex") => providers::known("vertex").to_owned(),
            "google" => providers::known("google.generative-ai").to_owned(),
            "azure-openai" => providers::known("azure").to_owned(),
            // The conventions' own names may have points.
            _ if providers::known(name) != name => providers::known(name).to_owned(),
            _ if is_api(name) => providers::known(maker).to_owned(),
            _ => name.to_owned(),
        }
    });
    if let Some(name) = name {
        attributes.set(key::GEN_AI_PROVIDER_NAME, name);
    }
}

/// Tells whether a name ends in one of the SDK's words for an API.
fn is_api(name: &str) -> bool {
    const APIS: [&str; 6] = [
        "chat",
        "completion",
        "embedding",
        "generative-ai",
        "messages",
        "responses",
    ];
    name.split_once('.')
        .is_some_and(|(_, api)| APIS.contains(&api))
}
