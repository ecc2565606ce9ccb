//! Answers in the shape of Anthropic's messages.

use serde_json::{Value, json};

use super::ask::Ask;
use super::reply::{Reply, Tokens, piece_size, pieces};

/// The signature of every thinking block; nobody can check it, so it only has to look like one.
const SIGNATURE: &str = "c2NyaXB0ZWQtc2lnbmF0dXJl";

/// The whole answer.
pub(super) fn whole(ask: &Ask, reply: &Reply) -> Value {
    let content: Vec<Value> = blocks(reply).into_iter().map(|it| it.whole).collect();
    message(
        ask,
        &content,
        &ending(reply),
        reply.tokens.map(|it| usage(it, it.output)),
    )
}

/// The events of the streamed answer, `message_stop` last.
pub(super) fn stream(ask: &Ask, reply: &Reply) -> Vec<String> {
    let open = json!({"stop_reason": null, "stop_sequence": null, "stop_details": null});
    let start = message(
        ask,
        &[],
        &open,
        reply
            .tokens
            .map(|it| usage(Tokens { reasoning: 0, ..it }, 1)),
    );
    let mut events = vec![event(&json!({"type": "message_start", "message": start}))];
    for (index, block) in blocks(reply).into_iter().enumerate() {
        events.push(event(
            &json!({"type": "content_block_start", "index": index, "content_block": block.start}),
        ));
        events.extend(block.deltas.into_iter().map(|delta| {
            event(&json!({"type": "content_block_delta", "index": index, "delta": delta}))
        }));
        events.push(event(
            &json!({"type": "content_block_stop", "index": index}),
        ));
    }
    let mut last = json!({"type": "message_delta", "delta": ending(reply)});
    if let (Some(tokens), Some(fields)) = (reply.tokens, last.as_object_mut()) {
        fields.insert("usage".to_owned(), counts(tokens, tokens.output));
    }
    events.push(event(&last));
    events.push(event(&json!({"type": "message_stop"})));
    events
}

/// The body of a failed request.
pub(super) fn error(status: u16, key: &str, request_id: &str) -> Value {
    let (kind, message) = match status {
        400 => (
            "invalid_request_error",
            "temperature: range: 0..1".to_owned(),
        ),
        401 => ("authentication_error", format!("invalid x-api-key: {key}")),
        404 => ("not_found_error", "Not found".to_owned()),
        429 => (
            "rate_limit_error",
            "This request would exceed your account's rate limit. Please try again later."
                .to_owned(),
        ),
        529 => ("overloaded_error", "Overloaded".to_owned()),
        _ => ("api_error", "Internal server error".to_owned()),
    };
    json!({"type": "error", "error": {"type": kind, "message": message}, "request_id": request_id})
}

/// The error that ends a stream.
pub(super) fn error_event(request_id: &str) -> String {
    event(&error(529, "", request_id))
}

/// The event that keeps the connection alive.
pub(super) fn ping() -> String {
    event(&json!({"type": "ping"}))
}

/// The answer to a count of tokens.
pub(super) fn count(ask: &Ask) -> Value {
    json!({"input_tokens": ask.input_tokens})
}

/// The list of models.
pub(super) fn models() -> Value {
    let ids = ["scripted-1", "scripted-1-mini"];
    json!({"data": ids.map(model), "has_more": false, "first_id": "scripted-1", "last_id": "scripted-1-mini"})
}

/// One model.
pub(super) fn model(id: &str) -> Value {
    json!({"type": "model", "id": id, "display_name": id, "lifecycle": "active", "created_at": "2023-11-14T22:13:20Z"})
}

/// A content block, whole and as it is streamed.
struct Block {
    whole: Value,
    start: Value,
    deltas: Vec<Value>,
}

fn blocks(reply: &Reply) -> Vec<Block> {
    let mut blocks = Vec::new();
    if let Some(thinking) = &reply.reasoning {
        let said = pieces(thinking, piece_size(thinking))
            .into_iter()
            .map(|it| json!({"type": "thinking_delta", "thinking": it}));
        blocks.push(Block {
            whole: json!({"type": "thinking", "thinking": thinking, "signature": SIGNATURE}),
            start: json!({"type": "thinking", "thinking": "", "signature": ""}),
            deltas: said
                .chain([json!({"type": "signature_delta", "signature": SIGNATURE})])
                .collect(),
        });
    }
    // This format has one choice.
    if let Some(text) = reply.texts.first() {
        blocks.push(Block {
            whole: json!({"type": "text", "text": text}),
            start: json!({"type": "text", "text": ""}),
            deltas: pieces(text, piece_size(text))
                .into_iter()
                .map(|it| json!({"type": "text_delta", "text": it}))
                .collect(),
        });
    }
    for call in &reply.calls {
        let id = format!("toolu_{}", call.id);
        let input = call.arguments.to_string();
        let said = pieces(&input, piece_size(&input))
            .into_iter()
            .map(|it| json!({"type": "input_json_delta", "partial_json": it}));
        blocks.push(Block {
            whole: json!({"type": "tool_use", "id": id, "name": call.name, "input": call.arguments}),
            start: json!({"type": "tool_use", "id": id, "name": call.name, "input": {}}),
            deltas: [json!({"type": "input_json_delta", "partial_json": ""})].into_iter().chain(said).collect(),
        });
    }
    blocks
}

fn message(ask: &Ask, content: &[Value], ending: &Value, usage: Option<Value>) -> Value {
    let mut message = json!({
        "id": format!("msg_{}", ask.id("message")),
        "type": "message",
        "role": "assistant",
        "model": ask.model,
        "content": content,
        "stop_reason": ending["stop_reason"],
        "stop_sequence": ending["stop_sequence"],
        "stop_details": ending["stop_details"],
    });
    if let (Some(usage), Some(fields)) = (usage, message.as_object_mut()) {
        fields.insert("usage".to_owned(), usage);
    }
    message
}

fn ending(reply: &Reply) -> Value {
    let (reason, details) = match (reply.refused, reply.calls.is_empty()) {
        (true, _) => (
            "refusal",
            json!({"type": "refusal", "category": "general_harms", "explanation": "The request may cause harm."}),
        ),
        (false, false) => ("tool_use", Value::Null),
        (false, true) => ("end_turn", Value::Null),
    };
    json!({"stop_reason": reason, "stop_sequence": null, "stop_details": details})
}

/// Counts that both the message and the last event carry; input here is without what the cache served or stored.
fn counts(tokens: Tokens, output: u64) -> Value {
    let mut counts = json!({
        "input_tokens": tokens.input.saturating_sub(tokens.cached + tokens.cache_creation),
        "cache_read_input_tokens": tokens.cached,
        "cache_creation_input_tokens": tokens.cache_creation,
        "output_tokens": output,
    });
    if let (true, Some(fields)) = (tokens.reasoning > 0, counts.as_object_mut()) {
        fields.insert(
            "output_tokens_details".to_owned(),
            json!({"thinking_tokens": tokens.reasoning}),
        );
    }
    counts
}

fn usage(tokens: Tokens, output: u64) -> Value {
    let mut usage = counts(tokens, output);
    if let Some(fields) = usage.as_object_mut() {
        fields.insert("cache_creation".to_owned(), json!({"ephemeral_5m_input_tokens": tokens.cache_creation, "ephemeral_1h_input_tokens": 0}));
        fields.insert("service_tier".to_owned(), json!("standard"));
    }
    usage
}

fn event(data: &Value) -> String {
    format!(
        "event: {}\ndata: {data}\n\n",
        data["type"].as_str().unwrap_or_default()
    )
}
