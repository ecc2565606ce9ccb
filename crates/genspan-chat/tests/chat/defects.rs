//! Each defect of the Braintrust .NET layers, by its number, and that these have it not.
//!
//! B2 is in `orders.rs` and `ui/chat_round_loop.rs`, B7 in `streams.rs` and `shaped.rs`, B12 the dialect's own.

use std::io;

use genspan::{
    Provider, Scope, Value,
    semconv::{attribute as key, keys},
};
use genspan_chat::{ChatLayer, ChatResponse, Shape, ShapedClient, chat_fn, stack};
use serde::{Serialize, Serializer};
use tower_layer::Layer;
use tower_service::Service;

use super::rig::{OPENAI, Script, question, recorder, run, spans, tools, usage, value};

const CANARY: &str = "canary-7d1";

#[test]
fn b1_nothing_that_is_said_is_in_what_is_propagated() {
    let (_, telemetry) = recorder(true);
    let client = chat_fn(|_| {
        let scope = Scope::current().unwrap();
        async move {
            let seen = format!("{scope:?} {:?}", scope.context());
            Ok::<_, io::Error>(ChatResponse::text(seen))
        }
    });
    let mut client = ChatLayer::new(&telemetry, OPENAI).layer(client);
    let seen = run(client.call(question().with_user(CANARY)))
        .unwrap()
        .said();
    assert!(
        seen.contains("SpanContext") && !seen.contains(CANARY),
        "{seen}"
    );
}

#[test]
fn b3_one_call_seen_twice_is_one_span_with_one_usage() {
    let (sink, telemetry) = recorder(false);
    let own = telemetry.chat(Provider::OPENAI, "gpt-4o-mini");
    let mut client = ChatLayer::new(&telemetry, OPENAI).layer(Script::two_rounds().whole());
    run(own.scope().run(|| client.call(question()))).unwrap();
    own.finish();
    let spans = spans(&sink, &telemetry);
    assert_eq!(spans.len(), 1);
    assert_eq!(value(&spans[0], key::GEN_AI_USAGE_INPUT_TOKENS), "10");
    let points = sink.measurements();
    let tokens = points
        .iter()
        .filter(|it| it.metric == genspan::semconv::Metric::ClientTokenUsage);
    assert_eq!(tokens.count(), 2, "one for input, one for output");
}

#[test]
fn b4_b5_without_content_everything_else_is_there_and_nothing_said_is() {
    let (sink, telemetry) = recorder(false);
    let script = Script::new([
        ChatResponse::tool_calls([super::rig::wants(
            "c1",
            "get_weather",
            r#"{"city":"canary-7d1"}"#,
        )])
        .with_usage(usage(9, 2)),
        ChatResponse::text(CANARY).with_usage(usage(9, 2)),
    ]);
    let leak = genspan_chat::Tools::new().with(
        genspan_chat::function("get_weather", "Tells.", Value::Null),
        |_| async { Ok::<_, io::Error>(genspan_chat::ToolOutput::Failed(CANARY.into())) },
    );
    let mut agent = stack(script.whole())
        .with_telemetry(&telemetry, OPENAI)
        .with_tools(leak)
        .with_agent("a")
        .with_instructions(CANARY)
        .build();
    run(agent.call(question().with_user(CANARY))).unwrap();
    let failing = chat_fn(|_| async { Err::<ChatResponse, _>(io::Error::other(CANARY)) });
    let mut failing = stack(failing).with_telemetry(&telemetry, OPENAI).build();
    run(failing.call(question())).unwrap_err();
    let spans = spans(&sink, &telemetry);
    for bytes in [
        format!("{spans:?}"),
        format!("{:?}", sink.starts()),
        format!("{:?}", sink.events()),
        format!("{:?}", sink.measurements()),
    ] {
        assert!(!bytes.contains(CANARY), "{bytes}");
    }
    assert_eq!(spans.len(), 6);
    for (key, expected) in [
        (key::GEN_AI_REQUEST_MODEL, "\"gpt-4o-mini\""),
        (key::GEN_AI_PROVIDER_NAME, "\"openai\""),
        (key::GEN_AI_USAGE_INPUT_TOKENS, "9"),
    ] {
        assert_eq!(value(&spans[0], key), expected);
    }
}

#[test]
fn b6_b10_b13_no_first_chunk_of_a_whole_answer_all_tokens_and_no_bare_key() {
    let (sink, telemetry) = recorder(true);
    let mut agent = stack(Script::two_rounds().whole())
        .with_telemetry(&telemetry, OPENAI)
        .with_tools(tools())
        .with_agent("a")
        .build();
    run(agent.call(question())).unwrap();
    let spans = spans(&sink, &telemetry);
    assert_eq!(
        value(&spans[0], key::GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK),
        "-"
    );
    for (key, expected) in [
        (key::GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS, "1"),
        (key::GEN_AI_USAGE_CACHE_CREATION_INPUT_TOKENS, "2"),
        (key::GEN_AI_USAGE_REASONING_OUTPUT_TOKENS, "1"),
    ] {
        assert_eq!(value(&spans[0], key), expected);
    }
    for span in &spans {
        let signals = &span.signals;
        for attribute in signals.sampled.iter().chain(&signals.attributes) {
            let known = keys::V1_41.contains(&attribute.key.as_ref());
            assert!(
                known || attribute.key.starts_with("genspan."),
                "{}",
                attribute.key
            );
        }
    }
}

#[test]
fn b8_b9_a_providers_json_becomes_messages_and_the_system_prompt_stands_apart() {
    let (sink, telemetry) = recorder(true);
    let request = serde_json::json!({
        "model": "claude-sonnet-4-5", "max_tokens": 9, "system": [{"type": "text", "text": "Be brief."}],
        "messages": [{"role": "user", "content": [
            {"type": "text", "text": "What is this?"},
            {"type": "image", "source": {"type": "url", "url": "https://example.com/a.png"}}
        ]}]
    });
    let client = ShapedClient::new(&telemetry, Shape::AnthropicMessages, ());
    let answer = serde_json::json!({"content": [{"type": "text", "text": "A cat."}], "stop_reason": "end_turn"});
    run(client.call(&request, |()| async { Ok::<_, io::Error>(answer) })).unwrap();
    let spans = spans(&sink, &telemetry);
    insta::assert_snapshot!(value(&spans[0], key::GEN_AI_SYSTEM_INSTRUCTIONS));
    insta::assert_snapshot!(value(&spans[0], key::GEN_AI_INPUT_MESSAGES));
    insta::assert_snapshot!(value(&spans[0], key::GEN_AI_OUTPUT_MESSAGES));
}

#[test]
fn b11_a_tools_span_has_the_conventions_keys() {
    let (sink, telemetry) = recorder(true);
    let mut agent = stack(Script::two_rounds().whole())
        .with_telemetry(&telemetry, OPENAI)
        .with_tools(tools())
        .build();
    run(agent.call(question())).unwrap();
    let spans = spans(&sink, &telemetry);
    let tool = spans
        .iter()
        .find(|it| it.signals.name.starts_with("execute_tool"))
        .unwrap();
    for (key, expected) in [
        (key::GEN_AI_TOOL_NAME, "\"get_weather\""),
        (key::GEN_AI_TOOL_CALL_ID, "\"c1\""),
        (key::GEN_AI_TOOL_TYPE, "\"function\""),
        (key::GEN_AI_TOOL_DESCRIPTION, "\"Tells the weather.\""),
        (key::GEN_AI_TOOL_CALL_ARGUMENTS, r#"{"city":"Lisbon"}"#),
    ] {
        assert_eq!(value(tool, key), expected);
    }
}

/// Breaks whoever looks at it.
struct Unreadable;

impl Serialize for Unreadable {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        panic!("nobody looks at me");
    }
}

#[test]
fn b14_what_cannot_be_read_breaks_nothing() {
    let (sink, telemetry) = recorder(true);
    let client = ShapedClient::openai(&telemetry, ());
    let answer = run(client.call(&Unreadable, |()| async { Ok::<_, io::Error>(Unreadable) }));
    assert!(answer.is_ok());
    assert_eq!(spans(&sink, &telemetry).len(), 1);
}
