//! Bedrock: Converse and InvokeModel with the bodies of Anthropic, for requests that are signed or have a key.

use bytes::Bytes;
use serde_json::{Value, json};

use super::anthropic;
use super::ask::{Ask, Format};
use super::log::RecordedRequest;
use super::pace;
use super::reply::{Reply, Tokens, piece_size, pieces};
use super::scenario::{Scenario, mentioned};
use super::script::Answer;
use crate::event_stream::{event, exception};
use crate::sigv4::{Signable, TEST_CREDENTIALS, verify};

/// The four ways to ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Converse,
    ConverseStream,
    Invoke,
    InvokeStream,
}

impl Way {
    const ALL: [(&'static str, Self); 4] = [
        ("/converse", Self::Converse),
        ("/converse-stream", Self::ConverseStream),
        ("/invoke", Self::Invoke),
        ("/invoke-with-response-stream", Self::InvokeStream),
    ];

    const fn is_stream(self) -> bool {
        matches!(self, Self::ConverseStream | Self::InvokeStream)
    }

    const fn is_converse(self) -> bool {
        matches!(self, Self::Converse | Self::ConverseStream)
    }
}

/// Answers a request to Bedrock; `None` where the path is none of its.
pub(super) fn answer(request: &RecordedRequest) -> Option<Answer> {
    let path = request.path.split('?').next()?;
    let rest = path.strip_prefix("/model/")?;
    let (model, way) = Way::ALL
        .iter()
        .find_map(|(end, way)| Some((rest.strip_suffix(end)?, *way)))?;
    Some(match admit(request) {
        Err((status, class)) => refused(status, class, "The request is not let in."),
        Ok(()) => said(request, &model.replace("%3A", ":"), way),
    })
}

/// Lets in whoever has a key, or signed the request as it came here.
fn admit(request: &RecordedRequest) -> Result<(), (u16, &'static str)> {
    if request
        .header("authorization")
        .is_some_and(|it| it.starts_with("Bearer "))
    {
        return Ok(());
    }
    let signed = Signable {
        method: request.method.as_str(),
        path: &request.path,
        body: &request.body,
    };
    let values = |name: &str| {
        let own = request.headers.iter();
        own.filter(|(own, _)| own == name)
            .map(|(_, value)| String::from_utf8_lossy(value).into_owned())
            .collect()
    };
    verify(TEST_CREDENTIALS, signed, values).map_err(|class| (403, class))
}

fn refused(status: u16, class: &str, message: &str) -> Answer {
    let body = json!({ "message": message }).to_string();
    let headers = [
        ("content-type", "application/json"),
        ("x-amzn-errortype", class),
    ];
    Answer::whole(status, &headers, body)
}

fn said(request: &RecordedRequest, model: &str, way: Way) -> Answer {
    let body = request.json();
    if !body.is_object() {
        return refused(400, "ValidationException", "The body is no JSON object.");
    }
    let mut asked = if way.is_converse() {
        messages_of(&body)
    } else {
        body
    };
    put(&mut asked, "model", json!(model));
    put(&mut asked, "stream", json!(way.is_stream()));
    let ask = Ask::read(Format::Anthropic, &asked);
    let spec = request.header("x-scripted").map(str::to_owned);
    let spec = spec
        .or_else(|| mentioned(&ask.model))
        .or_else(|| mentioned(&ask.question))
        .unwrap_or_else(|| "text".to_owned());
    let Some(scenario) = Scenario::parse(&spec) else {
        return refused(400, "ValidationException", "There is no such scenario.");
    };
    match scenario {
        Scenario::Error(status) => {
            let class = match status {
                429 => "ThrottlingException",
                400..=499 => "ValidationException",
                _ => "InternalServerException",
            };
            refused(status, class, "An error was asked for.")
        }
        Scenario::CutBeforeHeaders => Answer::close(),
        Scenario::Hang => given(&ask, scenario, way).after("hang"),
        _ => given(&ask, scenario, way),
    }
}

fn given(ask: &Ask, scenario: Scenario, way: Way) -> Answer {
    let reply = Reply::to(ask, scenario);
    let id = ask.id("request");
    if way.is_stream() {
        let events = if way.is_converse() {
            events(&reply)
        } else {
            chunks(ask, &reply)
        };
        let headers = [
            ("content-type", "application/vnd.amazon.eventstream"),
            ("x-amzn-requestid", id.as_str()),
        ];
        // There is nothing that keeps these streams alive: an event of no known type comes nearest.
        let ping = event("ping", "{}");
        let error = exception(
            "throttlingException",
            &json!({"message": "Too many tokens."}).to_string(),
        );
        return Answer::streamed(
            200,
            &headers,
            pace::streamed(scenario, events, &ping, error),
        );
    }
    let body = if way.is_converse() {
        converse(&reply)
    } else {
        anthropic::whole(ask, &reply)
    };
    let body = Bytes::from(body.to_string());
    let length = body.len().to_string();
    let headers = [
        ("content-type", "application/json"),
        ("content-length", length.as_str()),
        ("x-amzn-requestid", id.as_str()),
    ];
    Answer::streamed(200, &headers, pace::whole(scenario, &body))
}

/// Sets a member of an object.
fn put(object: &mut Value, name: &str, value: Value) {
    if let Some(members) = object.as_object_mut() {
        members.insert(name.to_owned(), value);
    }
}

/// Reads a request of Converse as the message request that it nearly is.
fn messages_of(body: &Value) -> Value {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let block = |block: &Value| match block.get("toolResult") {
        Some(result) => json!({"type": "tool_result", "content": result["content"]}),
        None => block.clone(),
    };
    let messages: Vec<Value> = list(&body["messages"])
        .iter()
        .map(|message| {
            let content: Vec<Value> = list(&message["content"]).iter().map(block).collect();
            json!({"role": message["role"], "content": content})
        })
        .collect();
    let tools: Vec<Value> = list(body.pointer("/toolConfig/tools").unwrap_or(&Value::Null))
        .iter()
        .filter_map(|tool| tool.get("toolSpec"))
        .map(
            |tool| json!({"name": tool["name"], "input_schema": tool.pointer("/inputSchema/json")}),
        )
        .collect();
    json!({"system": body["system"], "messages": messages, "tools": tools})
}

/// The whole answer of Converse.
fn converse(reply: &Reply) -> Value {
    let mut content = Vec::new();
    if let Some(thinking) = &reply.reasoning {
        let text = json!({"text": thinking, "signature": "c2VhbA=="});
        content.push(json!({"reasoningContent": {"reasoningText": text}}));
    }
    content.extend(reply.texts.first().map(|text| json!({ "text": text })));
    for call in &reply.calls {
        content.push(
            json!({"toolUse": {"toolUseId": call.id, "name": call.name, "input": call.arguments}}),
        );
    }
    let mut answer = json!({
        "metrics": {"latencyMs": 1},
        "output": {"message": {"role": "assistant", "content": content}},
        "stopReason": stop_reason(reply),
    });
    if let Some(tokens) = reply.tokens {
        put(&mut answer, "usage", usage(tokens));
    }
    answer
}

/// The streamed answer of Converse.
fn events(reply: &Reply) -> Vec<Vec<u8>> {
    let mut events = vec![event(
        "messageStart",
        &json!({"p": "abc", "role": "assistant"}).to_string(),
    )];
    let mut index = 0;
    let mut block = |start: Option<Value>, deltas: Vec<Value>| {
        let mut send = |name: &str, member: &str, value: Value| {
            let mut payload = json!({"contentBlockIndex": index, "p": "abcdef"});
            if !member.is_empty() {
                put(&mut payload, member, value);
            }
            events.push(event(name, &payload.to_string()));
        };
        if let Some(start) = start {
            send("contentBlockStart", "start", start);
        }
        for delta in deltas {
            send("contentBlockDelta", "delta", delta);
        }
        send("contentBlockStop", "", Value::Null);
        index += 1;
    };
    let in_pieces = |text: &str| pieces(text, piece_size(text)).into_iter();
    if let Some(thinking) = &reply.reasoning {
        let said = in_pieces(thinking).map(|it| json!({"reasoningContent": {"text": it}}));
        let seal = json!({"reasoningContent": {"signature": "c2VhbA=="}});
        block(None, said.chain([seal]).collect());
    }
    if let Some(text) = reply.texts.first() {
        block(
            None,
            in_pieces(text).map(|it| json!({ "text": it })).collect(),
        );
    }
    for call in &reply.calls {
        let start = json!({"toolUse": {"toolUseId": call.id, "name": call.name}});
        let input = call.arguments.to_string();
        let said = in_pieces(&input).map(|it| json!({"toolUse": {"input": it}}));
        block(Some(start), said.collect());
    }
    let stop = json!({"stopReason": stop_reason(reply)});
    events.push(event("messageStop", &stop.to_string()));
    let mut last = json!({"metrics": {"latencyMs": 1}, "p": "a"});
    if let Some(tokens) = reply.tokens {
        put(&mut last, "usage", usage(tokens));
    }
    events.push(event("metadata", &last.to_string()));
    events
}

fn stop_reason(reply: &Reply) -> &'static str {
    match (reply.refused, reply.calls.is_empty()) {
        (true, _) => "content_filtered",
        (false, false) => "tool_use",
        (false, true) => "end_turn",
    }
}

/// The input is without what the cache served or stored.
fn usage(tokens: Tokens) -> Value {
    json!({
        "inputTokens": tokens.input.saturating_sub(tokens.cached + tokens.cache_creation),
        "outputTokens": tokens.output,
        "totalTokens": tokens.input + tokens.output,
        "cacheReadInputTokens": tokens.cached,
        "cacheWriteInputTokens": tokens.cache_creation,
    })
}

/// The streamed answer of InvokeModel: Anthropic's events, each as base64 in an event `chunk`.
fn chunks(ask: &Ask, reply: &Reply) -> Vec<Vec<u8>> {
    let events = anthropic::stream(ask, reply);
    let documents = events
        .iter()
        .filter_map(|event| event.lines().find_map(|line| line.strip_prefix("data: ")));
    documents
        .map(|document| {
            let payload = json!({"bytes": base64(document.as_bytes()), "p": "abcd"});
            event("chunk", &payload.to_string())
        })
        .collect()
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let group = three
            .iter()
            .chain([0; 2].iter())
            .take(3)
            .fold(0_usize, |group, byte| group << 8 | usize::from(*byte));
        for place in 0..4 {
            let digit = DIGITS.get(group >> (18 - 6 * place) & 63);
            let shown = if place <= three.len() { digit } else { None };
            text.push(shown.map_or('=', |digit| char::from(*digit)));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_padded() {
        for (bytes, text) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
    }
}
