//! Every scenario, whole and streamed, in both formats.

use serde_json::{Value, json};
use testkit::provider::{Provider, Script};

use crate::raw::{Got, exchange, post};

const OPENAI: &str = "/v1/chat/completions";
const ANTHROPIC: &str = "/v1/messages";

fn provider() -> Provider {
    Provider::start(Script::scenarios()).unwrap()
}

fn ask(provider: &Provider, path: &str, scenario: &str, stream: bool) -> Got {
    let schema =
        json!({"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]});
    let tools = |make: fn(&str, &Value) -> Value| {
        json!([
            make("weather", &schema),
            make("time", &json!({"type": "object"}))
        ])
    };
    let tools = match path {
        OPENAI => tools(
            |name, schema| json!({"type": "function", "function": {"name": name, "parameters": schema}}),
        ),
        _ => tools(|name, schema| json!({"name": name, "input_schema": schema})),
    };
    let body = json!({
        "model": "m", "stream": stream, "stream_options": {"include_usage": true}, "tools": tools,
        "messages": [{"role": "user", "content": "How is the weather?"}],
    });
    exchange(
        provider,
        &post(
            path,
            &format!("x-scripted: {scenario}\r\nx-api-key: sk-key\r\n"),
            &body.to_string(),
        ),
    )
}

/// What an OpenAI stream says, as the message of a whole answer.
fn joined(events: &[Value]) -> Value {
    let mut message =
        json!({"role": "assistant", "content": null, "refusal": null, "annotations": []});
    let (mut finish, mut usage) = (Value::Null, Value::Null);
    for event in events {
        let Some(choice) = event["choices"].get(0) else {
            usage = event["usage"].clone();
            continue;
        };
        assert_eq!(event["usage"], Value::Null);
        for field in ["content", "refusal", "reasoning_content"] {
            if let Some(piece) = choice["delta"][field].as_str() {
                message[field] = json!(format!(
                    "{}{piece}",
                    message[field].as_str().unwrap_or_default()
                ));
            }
        }
        for call in choice["delta"]["tool_calls"]
            .as_array()
            .into_iter()
            .flatten()
        {
            let index = usize::try_from(call["index"].as_u64().unwrap()).unwrap();
            let calls = &mut message["tool_calls"];
            if calls.is_null() {
                *calls = json!([]);
            }
            let calls = calls.as_array_mut().unwrap();
            if calls.len() == index {
                calls.push(
                    json!({"id": call["id"], "type": call["type"], "function": call["function"]}),
                );
            } else {
                let arguments = &mut calls[index]["function"]["arguments"];
                let piece = call["function"]["arguments"].as_str().unwrap();
                *arguments = json!(format!("{}{piece}", arguments.as_str().unwrap()));
            }
        }
        finish = choice["finish_reason"].clone();
    }
    json!({"id": events[0]["id"], "message": message, "finish_reason": finish, "usage": usage})
}

/// What an Anthropic stream says, as a whole answer.
fn message(events: &[Value]) -> Value {
    let mut message = Value::Null;
    let mut input = String::new();
    for event in events {
        let index = event["index"]
            .as_u64()
            .and_then(|it| usize::try_from(it).ok())
            .unwrap_or(0);
        let delta = &event["delta"];
        match event["type"].as_str().unwrap() {
            "message_start" => message = event["message"].clone(),
            "content_block_start" => message["content"]
                .as_array_mut()
                .unwrap()
                .push(event["content_block"].clone()),
            "content_block_delta" => {
                for field in ["text", "thinking", "signature"] {
                    if let Some(piece) = delta[field].as_str() {
                        let said = &mut message["content"][index][field];
                        *said = json!(format!("{}{piece}", said.as_str().unwrap()));
                    }
                }
                input.push_str(delta["partial_json"].as_str().unwrap_or_default());
            }
            "content_block_stop" if !input.is_empty() => {
                message["content"][index]["input"] =
                    serde_json::from_str(&std::mem::take(&mut input)).unwrap();
            }
            "message_delta" => {
                for (name, value) in delta.as_object().unwrap() {
                    message[name] = value.clone();
                }
                for (name, value) in event["usage"].as_object().into_iter().flatten() {
                    message["usage"][name] = value.clone();
                }
            }
            _ => {}
        }
    }
    message
}

#[test]
fn streamed_and_whole_answers_say_the_same() {
    let provider = provider();
    for scenario in [
        "text",
        "tools",
        "parallel-tools",
        "reasoning",
        "refusal",
        "one-byte",
        "slow:0",
        "pings",
        "no-done",
    ] {
        let whole = ask(&provider, OPENAI, scenario, false).json();
        let stream = ask(&provider, OPENAI, scenario, true);
        assert!(stream.whole);
        assert_eq!(
            stream.text().ends_with("data: [DONE]\n\n")
                || stream.text().ends_with(": keep-alive\n\n"),
            scenario != "no-done",
            "{scenario}"
        );
        let choice = &whole["choices"][0];
        let expected = json!({"id": whole["id"], "message": choice["message"], "finish_reason": choice["finish_reason"], "usage": whole["usage"]});
        assert_eq!(joined(&stream.events()), expected, "{scenario}");

        let whole = ask(&provider, ANTHROPIC, scenario, false).json();
        let stream = ask(&provider, ANTHROPIC, scenario, true);
        assert_eq!(message(&stream.events()), whole, "{scenario}");
        assert_eq!(
            stream.text().contains("event: message_stop\n"),
            scenario != "no-done",
            "{scenario}"
        );
        assert_eq!(stream.text().contains("event: ping\n"), scenario == "pings");
    }
}

#[test]
fn tools_are_called_then_their_result_is_told() {
    let provider = provider();
    let openai = ask(&provider, OPENAI, "parallel-tools", false).json();
    let calls = openai["choices"][0]["message"]["tool_calls"]
        .as_array()
        .unwrap();
    assert_eq!(
        calls[0]["function"],
        json!({"name": "weather", "arguments": "{\"city\":\"example\"}"})
    );
    assert_eq!(
        calls[1]["function"],
        json!({"name": "time", "arguments": "{}"})
    );
    assert_ne!(calls[0]["id"], calls[1]["id"]);
    let anthropic = ask(&provider, ANTHROPIC, "tools", false).json();
    assert_eq!(anthropic["content"][0]["input"], json!({"city": "example"}));
    assert_eq!(anthropic["stop_reason"], "tool_use");

    let body = json!({"model": "m scripted:tools", "tools": [{"name": "t", "input_schema": {}}], "messages": [
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "x", "content": [{"type": "text", "text": "rain"}]}]},
    ]});
    let told = exchange(&provider, &post(ANTHROPIC, "", &body.to_string())).json();
    assert_eq!(
        told["content"],
        json!([{"type": "text", "text": "The tool said: rain"}])
    );
    let body = json!({"model": "m", "tools": [], "messages": [{"role": "user", "content": "scripted:tools"}, {"role": "tool", "content": "sun"}]});
    let told = exchange(&provider, &post("/chat/completions", "", &body.to_string())).json();
    assert_eq!(
        told["choices"][0]["message"]["content"],
        "The tool said: sun"
    );
}

#[test]
fn usage_counts_the_cache_as_each_format_does() {
    let provider = provider();
    let openai = &ask(&provider, OPENAI, "reasoning", false).json()["usage"];
    let anthropic = &ask(&provider, ANTHROPIC, "reasoning", false).json()["usage"];
    let count = |usage: &Value, path: &str| usage.pointer(path).and_then(Value::as_u64).unwrap();
    assert!(count(openai, "/prompt_tokens_details/cached_tokens") > 0);
    assert!(
        count(openai, "/prompt_tokens") > count(openai, "/prompt_tokens_details/cached_tokens")
    );
    assert!(
        count(openai, "/completion_tokens")
            > count(openai, "/completion_tokens_details/reasoning_tokens")
    );
    assert!(count(anthropic, "/cache_read_input_tokens") > 0);
    assert_eq!(
        count(anthropic, "/cache_creation_input_tokens"),
        count(anthropic, "/cache_creation/ephemeral_5m_input_tokens")
    );
    assert!(count(anthropic, "/cache_creation_input_tokens") > 0);

    let plain = post(OPENAI, "", "{\"stream\": true, \"messages\": []}");
    assert!(!exchange(&provider, &plain).text().contains("usage"));
    for (path, stream) in [
        (OPENAI, true),
        (OPENAI, false),
        (ANTHROPIC, true),
        (ANTHROPIC, false),
    ] {
        assert!(
            !ask(&provider, path, "no-usage", stream)
                .text()
                .contains("usage"),
            "{path}"
        );
    }
}

#[test]
fn errors_have_the_status_and_shape_of_their_provider() {
    let provider = provider();
    for status in [400, 401, 429, 500, 529] {
        for path in [OPENAI, ANTHROPIC] {
            let got = ask(&provider, path, &format!("error-{status}"), true);
            assert_eq!(got.status(), status);
            assert!(got.json()["error"]["message"].is_string());
            assert_eq!(got.json()["type"] == "error", path == ANTHROPIC);
            assert_eq!(got.text().contains("sk-key"), status == 401);
            assert_eq!(got.header("retry-after-ms").is_some(), status >= 429);
        }
    }
    let missing = exchange(&provider, &post("/v1/nothing", "", ""));
    assert_eq!(
        (missing.status(), &missing.json()["error"]["code"]),
        (404, &json!("not_found"))
    );
    assert!(
        ask(&provider, OPENAI, "nonsense", false)
            .text()
            .contains("no scenario")
    );
    assert_eq!(exchange(&provider, &post(OPENAI, "", "{")).status(), 400);
}

#[test]
fn retries_succeed_after_the_failures_and_start_again() {
    let provider = provider();
    for path in [OPENAI, ANTHROPIC] {
        let statuses: Vec<u16> = (0..6)
            .map(|_| ask(&provider, path, "retry-529:2", false).status())
            .collect();
        assert_eq!(statuses, [529, 529, 200, 529, 529, 200]);
        let statuses: Vec<u16> = (0..2)
            .map(|_| ask(&provider, path, "retry-429", true).status())
            .collect();
        assert_eq!(statuses, [429, 200]);
    }
}

#[test]
fn streams_fail_where_they_are_told_to() {
    let provider = provider();
    for path in [OPENAI, ANTHROPIC] {
        let all = ask(&provider, path, "text", true);
        let failed = ask(&provider, path, "error-midstream:2", true);
        assert!(failed.whole);
        assert_eq!(failed.events().len(), 3);
        assert!(failed.events()[2]["error"]["message"].is_string());
        assert_eq!(ask(&provider, path, "error-midstream", false).status(), 500);

        let cut = ask(&provider, path, "cut-midstream:2", true);
        assert!(!cut.whole);
        assert_eq!(
            cut.text(),
            all.text()
                .split_inclusive("\n\n")
                .take(2)
                .collect::<String>()
        );
        let cut = ask(&provider, path, "cut-before-last", true);
        assert!(!cut.whole);
        assert_eq!(cut.chunks.len(), all.chunks.len() - 1);
        for (scenario, missing) in [("cut-midstream", 50), ("cut-before-last", 1)] {
            let cut = ask(&provider, path, scenario, false);
            let length: usize = cut.header("content-length").unwrap().parse().unwrap();
            assert!(
                !cut.whole && cut.body.len() < length && length - cut.body.len() >= missing,
                "{scenario}"
            );
        }
        assert_eq!(ask(&provider, path, "cut-before-headers", true).head, "");
    }
}

#[test]
fn chunks_are_as_small_or_as_large_as_asked() {
    let provider = provider();
    for path in [OPENAI, ANTHROPIC] {
        let small = ask(&provider, path, "one-byte", true);
        assert!(
            small.chunks.iter().all(|size| *size == 1),
            "{:?}",
            small.chunks
        );
        let large = ask(&provider, path, "huge:2", false);
        let stream = ask(&provider, path, "huge:2", true);
        assert!(large.whole && stream.whole);
        assert!(large.body.len() > 2 << 20 && stream.body.len() > 2 << 20);
    }
}

#[test]
fn hangs_until_released() {
    let provider = provider();
    provider.release("hang");
    assert_eq!(ask(&provider, OPENAI, "hang", false).status(), 200);
}

#[test]
fn lists_models_tokens_choices_and_requests() {
    let provider = provider();
    let get = |path: &str, headers: &str| {
        exchange(
            &provider,
            &format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{headers}\r\n"),
        )
        .json()
    };
    assert_eq!(get("/v1/models", "")["object"], "list");
    assert_eq!(
        get("/v1/models", "anthropic-version: 2023-06-01\r\n")["has_more"],
        false
    );
    assert_eq!(get("/v1/models/abc", "")["id"], "abc");
    let body = "{\"messages\": [{\"role\": \"user\", \"content\": \"hi\"}], \"n\": 2}";
    assert!(
        exchange(&provider, &post("/v1/messages/count_tokens", "", body)).json()["input_tokens"]
            .is_u64()
    );
    let choices = exchange(&provider, &post(OPENAI, "", body)).json()["choices"].clone();
    assert_eq!(choices[1]["message"]["content"], "You said: hi (answer 2)");
    let listed = get("/scripted/requests", "");
    assert_eq!(listed[4]["path"], OPENAI);
    assert_eq!(listed[4]["body"], body);
}
