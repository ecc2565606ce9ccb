//! Which attributes may hold what was said, by their keys.
//!
//! Nobody knows what another's attributes hold. Where content is off, a text is left out rather than told, unless its key says
//! that it is a label.

use genspan::semconv::{attribute as key, keys};

use crate::typed;

/// Keys of the conventions whose texts come from users, models, tools or errors, beside those of [`typed::CONTENT`].
const OF_CONVENTIONS: [&str; 6] = [
    key::EXCEPTION_MESSAGE,
    key::EXCEPTION_STACKTRACE,
    key::GEN_AI_EVALUATION_EXPLANATION,
    key::GEN_AI_MEMORY_QUERY_TEXT,
    key::GEN_AI_MEMORY_RECORDS,
    key::GEN_AI_RETRIEVAL_QUERY_TEXT,
];

/// Words in keys under which somebody may keep what was said.
const SAID: [&str; 43] = [
    "answer",
    "answers",
    "args",
    "argument",
    "arguments",
    "body",
    "chunk",
    "completion",
    "completions",
    "content",
    "contents",
    "context",
    "conversation",
    "description",
    "document",
    "documents",
    "goal",
    "history",
    "input",
    "inputs",
    "instruction",
    "instructions",
    "message",
    "messages",
    "objective",
    "observation",
    "output",
    "outputs",
    "payload",
    "prompt",
    "prompts",
    "query",
    "question",
    "reasoning",
    "reply",
    "result",
    "results",
    "summary",
    "task",
    "text",
    "thinking",
    "thought",
    "transcript",
];

/// Words that are what was said where a key ends with them; elsewhere they say what something belongs to.
const SAID_AT_LAST: [&str; 3] = ["request", "response", "error"];

/// Words that make a label of whatever stands before them.
const LABELS: [&str; 22] = [
    "code", "count", "effort", "format", "hash", "id", "ids", "index", "kind", "language",
    "length", "level", "mode", "model", "name", "provider", "role", "size", "status", "tokens",
    "type", "version",
];

/// Tells whether a text under a key may be content: the key is one of the conventions' for content, or none of theirs and its
/// words say that somebody keeps there what was said.
///
/// Words are what stands between dots, dashes, underscores and capital letters. A key that ends with what makes a label of
/// it, such as `prompt.name`, `message_id` or `inputType`, holds none.
#[must_use]
pub fn may_be_content(key: &str) -> bool {
    if typed::CONTENT.contains(&key) || OF_CONVENTIONS.contains(&key) {
        return true;
    }
    if is_of_conventions(key) {
        return false;
    }
    let is_one = |word: &str, of: &[&str]| of.iter().any(|known| word.eq_ignore_ascii_case(known));
    let Some(last) = words(key).last() else {
        return false;
    };
    !is_one(last, &LABELS)
        && (is_one(last, &SAID_AT_LAST) || words(key).any(|word| is_one(word, &SAID)))
}

fn is_of_conventions(key: &str) -> bool {
    let all = [keys::V1_41, keys::MAIN, keys::V1_36, keys::GENSPAN];
    all.into_iter().any(|keys| keys.binary_search(&key).is_ok())
}

/// Walks the words of a key.
fn words(key: &str) -> impl Iterator<Item = &str> {
    let parts = key.split(|letter: char| !letter.is_ascii_alphanumeric());
    parts.flat_map(humps).filter(|word| !word.is_empty())
}

/// Walks the words of `aNameLikeThis`.
fn humps(mut rest: &str) -> impl Iterator<Item = &str> {
    std::iter::from_fn(move || {
        let bytes = rest.as_bytes();
        let end = bytes
            .windows(2)
            .position(|pair| matches!(pair, [b'a'..=b'z', b'A'..=b'Z']))
            .map_or(rest.len(), |at| at + 1);
        let (word, next) = rest.split_at_checked(end)?;
        rest = next;
        (!word.is_empty()).then_some(word)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_names_content_is_content() {
        for key in [
            key::GEN_AI_INPUT_MESSAGES,
            key::GEN_AI_RETRIEVAL_QUERY_TEXT,
            key::EXCEPTION_MESSAGE,
            "gen_ai.content.prompt",
            "app.userPrompt.text",
            "userPrompt",
            "toolInput",
            "agent.task",
            "thought",
            "reasoning",
            "chat-history",
            "error_description",
            "gcp.vertex.agent.llm_request",
            "llm_response",
            "error",
        ] {
            assert!(may_be_content(key), "{key}");
        }
    }

    #[test]
    fn labels_are_none() {
        for key in [
            key::GEN_AI_PROMPT_NAME,
            key::GEN_AI_REQUEST_REASONING_LEVEL,
            key::GEN_AI_RESPONSE_STATUS,
            key::GEN_AI_CONVERSATION_ID,
            "app.prompt_version",
            "messaging.message.id",
            "queryId",
            "content_type",
            "user.id",
            "rig.provider_request_id",
            "code.file.path",
            "rig.tool.call.outcome",
            "http.request.method",
            "destination",
            "",
        ] {
            assert!(!may_be_content(key), "{key}");
        }
    }
}
