//! Answers in the shape of OpenAI's chat completions.

use serde_json::{Map, Value, json};

use super::ask::Ask;
use super::reply::{Reply, Tokens, piece_size, pieces};

/// The time of every answer, in seconds since 1970: answers are the same on every day.
const CREATED: u64 = 1_700_000_000;

/// The whole answer.
pub(super) fn whole(ask: &Ask, reply: &Reply) -> Value {
    let choices: Vec<Value> = (0..ask.choices)
        .map(|index| json!({"index": index, "message": message(reply, index), "logprobs": null, "finish_reason": finish(reply)}))
        .collect();
    let mut body = envelope(ask, "chat.completion", &choices);
    if let Some(tokens) = reply.tokens {
        body.insert("usage".to_owned(), usage(tokens));
    }
    Value::Object(body)
}

/// The events of the streamed answer, `[DONE]` last.
pub(super) fn stream(ask: &Ask, reply: &Reply) -> Vec<String> {
    let with_usage = ask.usage_in_stream && reply.tokens.is_some();
    let chunk = |choices: &[Value], usage: Value| {
        let mut body = envelope(ask, "chat.completion.chunk", choices);
        if with_usage {
            body.insert("usage".to_owned(), usage);
        }
        event(&Value::Object(body))
    };
    let mut events = Vec::new();
    for index in 0..ask.choices {
        let deltas = deltas(reply, index)
            .into_iter()
            .map(|delta| (delta, Value::Null))
            .chain([(json!({}), json!(finish(reply)))]);
        events.extend(deltas.map(|(delta, finish)| {
            chunk(&[json!({"index": index, "delta": delta, "logprobs": null, "finish_reason": finish})], Value::Null)
        }));
    }
    if let (true, Some(tokens)) = (with_usage, reply.tokens) {
        events.push(chunk(&[], usage(tokens)));
    }
    events.push("data: [DONE]\n\n".to_owned());
    events
}

/// The body of a failed request.
pub(super) fn error(status: u16, key: &str) -> Value {
    let (kind, code, message) = match status {
        400 => (
            "invalid_request_error",
            json!("invalid_value"),
            "Invalid 'temperature': expected a value <= 2.".to_owned(),
        ),
        401 => (
            "invalid_request_error",
            json!("invalid_api_key"),
            format!(
                "Incorrect API key provided: {key}. You can find your API key in your account."
            ),
        ),
        404 => (
            "invalid_request_error",
            json!("not_found"),
            "Invalid URL: there is no such endpoint.".to_owned(),
        ),
        429 => (
            "requests",
            json!("rate_limit_exceeded"),
            "Rate limit reached for this model. Please try again in 1ms.".to_owned(),
        ),
        529 => (
            "server_error",
            json!("overloaded"),
            "The engine is currently overloaded, please try again later.".to_owned(),
        ),
        _ => (
            "server_error",
            Value::Null,
            "The server had an error while processing your request.".to_owned(),
        ),
    };
    json!({"error": {"message": message, "type": kind, "param": if status == 400 { json!("temperature") } else { Value::Null }, "code": code}})
}

/// The error that ends a stream.
pub(super) fn error_event() -> String {
    event(&error(500, ""))
}

/// A comment that keeps the connection alive.
pub(super) fn ping() -> String {
    ": keep-alive\n\n".to_owned()
}

/// The list of models.
pub(super) fn models() -> Value {
    json!({"object": "list", "data": [model("scripted-1"), model("scripted-1-mini")]})
}

/// One model.
pub(super) fn model(id: &str) -> Value {
    json!({"id": id, "object": "model", "created": CREATED, "owned_by": "scripted"})
}

fn envelope(ask: &Ask, object: &str, choices: &[Value]) -> Map<String, Value> {
    let fields = [
        ("id", json!(format!("chatcmpl-{}", ask.id("completion")))),
        ("object", json!(object)),
        ("created", json!(CREATED)),
        ("model", json!(ask.model)),
        ("choices", json!(choices)),
        ("service_tier", json!("default")),
        ("system_fingerprint", json!("fp_scripted")),
    ];
    fields
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

fn finish(reply: &Reply) -> &'static str {
    if reply.calls.is_empty() {
        "stop"
    } else {
        "tool_calls"
    }
}

fn message(reply: &Reply, index: usize) -> Value {
    let text = reply.texts.get(index);
    let (content, refusal) = if reply.refused {
        (None, text)
    } else {
        (text, None)
    };
    let mut message =
        json!({"role": "assistant", "content": content, "refusal": refusal, "annotations": []});
    if let Some(fields) = message.as_object_mut() {
        if let Some(reasoning) = &reply.reasoning {
            fields.insert("reasoning_content".to_owned(), json!(reasoning));
        }
        if !reply.calls.is_empty() {
            let calls: Vec<Value> = reply
                .calls
                .iter()
                .map(|call| json!({"id": format!("call_{}", call.id), "type": "function", "function": {"name": call.name, "arguments": call.arguments.to_string()}}))
                .collect();
            fields.insert("tool_calls".to_owned(), json!(calls));
        }
    }
    message
}

fn deltas(reply: &Reply, index: usize) -> Vec<Value> {
    let opening = if reply.calls.is_empty() && !reply.refused {
        json!("")
    } else {
        Value::Null
    };
    let mut deltas = vec![json!({"role": "assistant", "content": opening, "refusal": null})];
    let mut say = |field: &str, text: &str| {
        deltas.extend(
            pieces(text, piece_size(text))
                .into_iter()
                .map(|piece| Value::Object(Map::from_iter([(field.to_owned(), json!(piece))]))),
        );
    };
    if let Some(reasoning) = &reply.reasoning {
        say("reasoning_content", reasoning);
    }
    if let Some(text) = reply.texts.get(index) {
        say(if reply.refused { "refusal" } else { "content" }, text);
    }
    for (i, call) in reply.calls.iter().enumerate() {
        let head = json!({"index": i, "id": format!("call_{}", call.id), "type": "function", "function": {"name": call.name, "arguments": ""}});
        deltas.push(json!({"tool_calls": [head]}));
        let arguments = call.arguments.to_string();
        let more = pieces(&arguments, piece_size(&arguments)).into_iter();
        deltas.extend(
            more.map(
                |piece| json!({"tool_calls": [{"index": i, "function": {"arguments": piece}}]}),
            ),
        );
    }
    deltas
}

fn usage(tokens: Tokens) -> Value {
    json!({
        "prompt_tokens": tokens.input,
        "completion_tokens": tokens.output,
        "total_tokens": tokens.input + tokens.output,
        "prompt_tokens_details": {"cached_tokens": tokens.cached, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": tokens.reasoning, "audio_tokens": 0, "accepted_prediction_tokens": 0, "rejected_prediction_tokens": 0,
        },
    })
}

fn event(data: &Value) -> String {
    format!("data: {data}\n\n")
}
