//! Clients that speak OpenAI's and Anthropic's own shape.

use std::io;

use futures_util::stream;
use genspan::{Provider, Server, semconv::attribute as key};
use genspan_chat::{Shape, ShapedClient};
use serde_json::{Value, json};
use testkit::CapturedSpan;

use super::rig::{next, poll_some, recorder, run, spans, value};

/// Is a client as programs have them.
#[derive(Clone, Debug, PartialEq)]
struct Raw {
    answer: Value,
    pieces: Vec<Value>,
}

impl Raw {
    async fn create(&self, _: &Value) -> io::Result<Value> {
        Ok(self.answer.clone())
    }

    async fn create_stream(
        &self,
        _: &Value,
    ) -> io::Result<impl futures_core::Stream<Item = io::Result<Value>> + Unpin + use<>> {
        let pieces: Vec<io::Result<Value>> = self.pieces.iter().cloned().map(Ok).collect();
        Ok(stream::iter(pieces))
    }

    fn models(&self) -> usize {
        3
    }
}

fn openai() -> (Value, Raw) {
    let request = json!({
        "model": "gpt-4o-mini", "temperature": 0.2,
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": [{"type": "text", "text": "Weather?"}]}
        ],
        "tools": [{"type": "function", "function": {"name": "get_weather", "description": "Tells.", "parameters": {}}}]
    });
    let call = json!({"name": "get_weather", "arguments": "{\"city\":\"Lisbon\"}"});
    let tool_call = json!({"id": "call_1", "type": "function", "function": call});
    let usage = json!({
        "prompt_tokens": 20, "completion_tokens": 9, "total_tokens": 29,
        "prompt_tokens_details": {"cached_tokens": 8}, "completion_tokens_details": {"reasoning_tokens": 3}
    });
    let chunk = |delta: Value, reason: Value| {
        json!({
            "id": "chatcmpl-1", "object": "chat.completion.chunk", "model": "gpt-4o-mini-2024-07-18",
            "choices": [{"index": 0, "delta": delta, "finish_reason": reason}]
        })
    };
    let raw = Raw {
        answer: json!({
            "id": "chatcmpl-1", "object": "chat.completion", "model": "gpt-4o-mini-2024-07-18",
            "choices": [{
                "index": 0, "finish_reason": "tool_calls",
                "message": {"role": "assistant", "content": "Let me look.", "tool_calls": [tool_call]}
            }],
            "usage": usage
        }),
        pieces: vec![
            chunk(
                json!({"role": "assistant", "content": "Let me "}),
                Value::Null,
            ),
            chunk(json!({"content": "look."}), Value::Null),
            chunk(
                json!({"tool_calls": [{"index": 0, "id": "call_1", "type": "function",
                    "function": {"name": "get_weather", "arguments": "{\"city\":"}}]}),
                Value::Null,
            ),
            chunk(
                json!({"tool_calls": [{"index": 0, "function": {"arguments": "\"Lisbon\"}"}}]}),
                Value::Null,
            ),
            chunk(json!({}), json!("tool_calls")),
            json!({"id": "chatcmpl-1", "object": "chat.completion.chunk", "model": "gpt-4o-mini-2024-07-18",
                "choices": [], "usage": usage}),
        ],
    };
    (request, raw)
}

fn anthropic() -> (Value, Raw) {
    let request = json!({
        "model": "claude-sonnet-4-5", "max_tokens": 100, "system": "Be brief.",
        "messages": [{"role": "user", "content": "Weather?"}]
    });
    let usage = json!({
        "input_tokens": 5, "output_tokens": 9,
        "cache_read_input_tokens": 10, "cache_creation_input_tokens": 2
    });
    let tool_use = json!({"type": "tool_use", "id": "toolu_1", "name": "get_weather", "input": {"city": "Lisbon"}});
    let started = json!({"type": "tool_use", "id": "toolu_1", "name": "get_weather", "input": {}});
    let head = json!({
        "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-sonnet-4-5",
        "content": [], "stop_reason": null, "usage": usage
    });
    let raw = Raw {
        answer: json!({
            "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-sonnet-4-5",
            "content": [{"type": "text", "text": "Let me look."}, tool_use],
            "stop_reason": "tool_use", "usage": usage
        }),
        pieces: vec![
            json!({"type": "message_start", "message": head}),
            json!({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}),
            json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Let me look."}}),
            json!({"type": "content_block_stop", "index": 0}),
            json!({"type": "content_block_start", "index": 1, "content_block": started}),
            json!({"type": "content_block_delta", "index": 1,
                "delta": {"type": "input_json_delta", "partial_json": "{\"city\":\"Lisbon\"}"}}),
            json!({"type": "content_block_stop", "index": 1}),
            json!({"type": "message_delta", "delta": {"stop_reason": "tool_use"}, "usage": {"output_tokens": 9}}),
            json!({"type": "message_stop"}),
        ],
    };
    (request, raw)
}

fn facts(span: &CapturedSpan) -> Vec<String> {
    let signals = &span.signals;
    let all = signals.sampled.iter().chain(&signals.attributes);
    let mut facts: Vec<_> = all
        .filter(|it| {
            it.key != key::GEN_AI_REQUEST_STREAM
                && it.key != key::GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK
        })
        .map(|it| format!("{} = {}", it.key, it.value.to_json()))
        .collect();
    facts.sort();
    facts
}

#[test]
fn whole_and_streamed_calls_are_recorded_alike() {
    let mut all = Vec::new();
    for (shape, (request, raw)) in [
        (Shape::OpenAiChat, openai()),
        (Shape::AnthropicMessages, anthropic()),
    ] {
        let (sink, telemetry) = recorder(true);
        let client = ShapedClient::new(&telemetry, shape, raw.clone());
        let answer = run(client.call(&request, |raw| raw.create(&request))).unwrap();
        assert_eq!(answer, raw.answer, "it is the client's own");
        let mut stream = run(client.stream(&request, |raw| raw.create_stream(&request))).unwrap();
        for piece in &raw.pieces {
            assert_eq!(&run(next(&mut stream)).unwrap().unwrap(), piece);
        }
        assert!(run(next(&mut stream)).is_none());
        let spans = spans(&sink, &telemetry);
        assert_eq!(facts(&spans[1]), facts(&spans[0]), "{shape:?}");
        assert_eq!(
            value(&spans[0], key::GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK),
            "-"
        );
        assert_ne!(
            value(&spans[1], key::GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK),
            "-"
        );
        all.push(facts(&spans[0]));
    }
    insta::assert_debug_snapshot!(all);
}

#[test]
fn the_client_inside_can_be_reached() {
    let (_, telemetry) = recorder(false);
    let (_, raw) = openai();
    let client = ShapedClient::openai(&telemetry, raw.clone());
    assert_eq!((client.models(), client.inner()), (3, &raw));
    assert_eq!(client.into_inner(), raw);
}

#[test]
fn whom_the_caller_names_is_whom_it_is() {
    let (sink, telemetry) = recorder(false);
    let (request, raw) = openai();
    let client = ShapedClient::openai(&telemetry, raw)
        .with_provider(Provider::new("groq"))
        .with_server(Server::new("api.groq.com", Some(443)));
    run(client.call(&request, |raw| raw.create(&request))).unwrap();
    let spans = spans(&sink, &telemetry);
    assert_eq!(value(&spans[0], key::GEN_AI_PROVIDER_NAME), "\"groq\"");
    assert_eq!(value(&spans[0], key::SERVER_ADDRESS), "\"api.groq.com\"");
}

#[test]
fn left_at_any_piece_or_refused_it_ends_once() {
    let (request, raw) = anthropic();
    for read in 0..=raw.pieces.len() + 1 {
        let (sink, telemetry) = recorder(true);
        let client = ShapedClient::anthropic(&telemetry, raw.clone());
        {
            let mut stream =
                run(client.stream(&request, |raw| raw.create_stream(&request))).unwrap();
            (0..read).for_each(|_| drop(run(next(&mut stream))));
        }
        let spans = spans(&sink, &telemetry);
        assert_eq!(spans.len(), 1);
        let expected = if read < 8 { "\"cancelled\"" } else { "-" };
        assert_eq!(
            value(&spans[0], key::ERROR_TYPE),
            expected,
            "after {read} pieces"
        );
        let has_text = value(&spans[0], key::GEN_AI_OUTPUT_MESSAGES).contains("Let me look.");
        assert_eq!(has_text, read >= 3, "after {read} pieces");
    }
    let (sink, telemetry) = recorder(false);
    let client = ShapedClient::anthropic(&telemetry, raw);
    run(client.call(&request, |_| async {
        Err::<Value, _>(io::Error::other("no"))
    }))
    .unwrap_err();
    {
        let call = client.call(&request, |_| std::future::pending::<io::Result<Value>>());
        assert!(poll_some(std::pin::pin!(call), 2).is_none());
    }
    let spans = spans(&sink, &telemetry);
    let types: Vec<_> = spans.iter().map(|it| value(it, key::ERROR_TYPE)).collect();
    assert_eq!(types, ["\"io::Error\"", "\"cancelled\""]);
}

#[test]
fn a_shape_becomes_the_neutral_one() {
    for (shape, (request, raw)) in [
        (Shape::OpenAiChat, openai()),
        (Shape::AnthropicMessages, anthropic()),
    ] {
        let neutral = shape.request_of(&request);
        let asked = neutral.messages.last().unwrap();
        assert_eq!(asked.parts, [genspan::Part::Text("Weather?".to_owned())]);
        let answer = shape.response_of(&raw.answer);
        assert_eq!(answer.said(), "Let me look.");
        let tools: Vec<_> = answer.asked_tools().map(|it| it.name.as_str()).collect();
        assert_eq!(tools, ["get_weather"]);
        assert_eq!(answer.usage.output(), Some(9));
        for nonsense in [
            json!(null),
            json!([1]),
            json!({"choices": 7, "content": {}, "messages": "x"}),
        ] {
            let _ = (shape.request_of(&nonsense), shape.response_of(&nonsense));
        }
    }
}
