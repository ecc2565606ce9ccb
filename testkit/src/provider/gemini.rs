//! Answers in the shape of Gemini's `generateContent`.

use serde_json::{Value, json};

use super::ask::Ask;
use super::reply::{Reply, Tokens, piece_size, pieces};

/// The signature of every thought; nobody can check it.
const SIGNATURE: &str = "c2NyaXB0ZWQtdGhvdWdodA==";

/// The whole answer.
pub(super) fn whole(ask: &Ask, reply: &Reply) -> Value {
    let mut parts: Vec<Value> = reply.reasoning.iter().map(|it| thought(it)).collect();
    // One candidate is answered, however many are asked for.
    parts.extend(reply.texts.first().map(|text| json!({"text": text})));
    parts.extend(calls(reply));
    answer(ask, &parts, Some(finish(reply)), reply.tokens.map(usage))
}

/// The documents of the streamed answer; the last one has the finish reason and all counts.
pub(super) fn stream(ask: &Ask, reply: &Reply) -> Vec<Value> {
    let thoughts = reply
        .reasoning
        .iter()
        .flat_map(|it| pieces(it, piece_size(it)));
    let texts = reply
        .texts
        .iter()
        .take(1)
        .flat_map(|it| pieces(it, piece_size(it)));
    let parts = thoughts
        .map(|piece| thought(&piece))
        .chain(texts.map(|piece| json!({"text": piece})))
        .chain(calls(reply));
    let begun = reply.tokens.map(|tokens| {
        usage(Tokens {
            output: 0,
            reasoning: 0,
            ..tokens
        })
    });
    let mut documents: Vec<Value> = parts
        .map(|part| answer(ask, &[part], None, begun.clone()))
        .collect();
    let last = json!({"text": ""});
    documents.push(answer(
        ask,
        &[last],
        Some(finish(reply)),
        reply.tokens.map(usage),
    ));
    documents
}

/// The body of a failed request.
pub(super) fn error(status: u16, key: &str) -> Value {
    let (word, message) = match status {
        400 => (
            "INVALID_ARGUMENT",
            "Invalid value at 'generation_config.temperature'.".to_owned(),
        ),
        401 => (
            "UNAUTHENTICATED",
            format!("API key not valid: {key}. Please pass a valid API key."),
        ),
        404 => ("NOT_FOUND", "There is no such method.".to_owned()),
        429 => (
            "RESOURCE_EXHAUSTED",
            "Resource has been exhausted (e.g. check quota).".to_owned(),
        ),
        503 | 529 => (
            "UNAVAILABLE",
            "The model is overloaded. Please try again later.".to_owned(),
        ),
        _ => ("INTERNAL", "An internal error has occurred.".to_owned()),
    };
    json!({"error": {"code": status, "message": message, "status": word}})
}

/// The answer to a count of tokens.
pub(super) fn count(ask: &Ask) -> Value {
    json!({"totalTokens": ask.input_tokens})
}

/// The list of models.
pub(super) fn models() -> Value {
    json!({"models": [model("scripted-1"), model("scripted-1-mini")]})
}

/// One model.
pub(super) fn model(id: &str) -> Value {
    json!({"name": format!("models/{id}"), "displayName": id, "supportedGenerationMethods": ["generateContent", "countTokens"]})
}

fn thought(text: &str) -> Value {
    json!({"text": text, "thought": true})
}

fn calls(reply: &Reply) -> impl Iterator<Item = Value> {
    reply.calls.iter().map(|call| {
        json!({"functionCall": {"id": call.id, "name": call.name, "args": call.arguments}, "thoughtSignature": SIGNATURE})
    })
}

fn finish(reply: &Reply) -> &'static str {
    if reply.refused { "SAFETY" } else { "STOP" }
}

fn answer(ask: &Ask, parts: &[Value], finish: Option<&str>, usage: Option<Value>) -> Value {
    let mut candidate = json!({"content": {"role": "model", "parts": parts}, "index": 0});
    if let (Some(finish), Some(fields)) = (finish, candidate.as_object_mut()) {
        fields.insert("finishReason".to_owned(), json!(finish));
    }
    let mut answer = json!({"candidates": [candidate], "modelVersion": ask.model, "responseId": ask.id("response")});
    if let (Some(usage), Some(fields)) = (usage, answer.as_object_mut()) {
        fields.insert("usageMetadata".to_owned(), usage);
    }
    answer
}

/// Counts of candidates are without thoughts here.
fn usage(tokens: Tokens) -> Value {
    json!({
        "promptTokenCount": tokens.input,
        "cachedContentTokenCount": tokens.cached,
        "candidatesTokenCount": tokens.output.saturating_sub(tokens.reasoning),
        "thoughtsTokenCount": tokens.reasoning,
        "totalTokenCount": tokens.input + tokens.output,
    })
}
