//! What was said: whether, how much of it, and in which shape.

use genspan::{Capture, Message, Modality, Part, Place, Role, ToolExecution, UriReference, Value};
use genspan_otel::DialectSettings;
use serde_json::json;

use super::{OPENAI, SENTRY, plan, told};
use crate::seen::{Program, Seen};

const SAID_TO: [&str; 3] = ["What shall I do", "You plan days", "\\\"city\\\""];
const SAID_BY: [&str; 2] = ["The tool said", "sunny\\\"}"];

#[test]
fn nothing_is_recorded_unless_asked_for() {
    let seen = told("off", ";dialect=sentry");
    for word in SAID_TO.iter().chain(&SAID_BY) {
        assert!(!seen.bytes.contains(word), "{word}");
    }
    assert_eq!(seen.spans.len(), 5);
    assert_eq!(seen.span("chat").get("gen_ai.request.model"), "gpt-4o-mini");
}

/// Checks that one side is there and the other not, but for answers of tools, which are said to the model again.
fn check(seen: &Seen, has_inputs: bool, has_outputs: bool) {
    let agent = seen.span("invoke_agent");
    for (key, is_there) in [
        ("gen_ai.input.messages", has_inputs),
        ("gen_ai.system_instructions", has_inputs),
        ("gen_ai.tool.definitions", has_inputs),
        ("gen_ai.output.messages", has_outputs),
    ] {
        assert_eq!(agent.has(key), is_there, "{key}");
        assert_eq!(seen.span("chat").has(key), is_there, "{key}");
    }
    let tool = seen.span("execute_tool");
    assert_eq!(tool.has("gen_ai.tool.call.arguments"), has_inputs);
    assert_eq!(tool.has("gen_ai.tool.call.result"), has_outputs);
}

#[test]
fn inputs_and_outputs_apart() {
    let on = DialectSettings::default;
    for (at, (has_inputs, has_outputs)) in [(true, false), (false, true), (false, false)]
        .into_iter()
        .enumerate()
    {
        // For this destination alone …
        let settings = DialectSettings {
            sentry_record_inputs: has_inputs,
            sentry_record_outputs: has_outputs,
            ..on()
        };
        let program = Program::with(&format!("sentry-apart-{at}"), SENTRY, |it| {
            it.with_dialect_settings(settings)
        });
        plan(&program);
        check(&program.end(), has_inputs, has_outputs);
        // … and for all.
        let mut capture = Capture::at(Place::Span);
        if !has_inputs {
            capture = capture.without_inputs();
        }
        if !has_outputs {
            capture = capture.without_outputs();
        }
        let program = Program::with(&format!("sentry-apart-all-{at}"), ";dialect=sentry", |it| {
            it.with_capture(capture)
        });
        plan(&program);
        check(&program.end(), has_inputs, has_outputs);
    }
    check(&told("apart-on", SENTRY), true, true);
}

#[test]
fn long_content_is_cut_to_bytes_and_is_json_still() {
    for (at, text) in ["x", "\"", "ü", "🦀", "\\"].into_iter().enumerate() {
        let program = Program::new(&format!("sentry-long-{at}"), SENTRY);
        let telemetry = program.telemetry();
        let mut call = telemetry.chat(OPENAI, "m");
        call.content.system_instructions = vec![Part::Text("Be brief.".to_owned())];
        call.content.input = (0..20)
            .map(|nth| Message::text(Role::User, format!("{nth} {}", text.repeat(3_000))))
            .collect();
        call.content.output = vec![Message::text(Role::Assistant, text.repeat(30_000))];
        call.finish();
        let mut tool = ToolExecution::new("t");
        tool.result = Value::Map(vec![("log".to_owned(), Value::from(text.repeat(30_000)))]);
        telemetry.start(tool).finish();
        let seen = program.end();
        for (name, key) in [
            ("chat", "gen_ai.input.messages"),
            ("chat", "gen_ai.output.messages"),
            ("execute_tool", "gen_ai.tool.call.result"),
        ] {
            let span = seen.span(name);
            let json = span.get(key).as_str().unwrap();
            assert!(json.len() <= 20_000, "{key}: {}", json.len());
            assert!(
                serde_json::from_str::<serde_json::Value>(json).is_ok(),
                "{key}: {json}"
            );
            let length = format!("sentry.sdk_meta.{key}.original_length");
            assert!(span.has(&length), "{key} says not what it was");
        }
        let call = seen.span("chat");
        assert_eq!(
            call.get("sentry.sdk_meta.gen_ai.input.messages.original_length"),
            &json!(20)
        );
        let kept = call.json("gen_ai.input.messages");
        let last = kept.as_array().unwrap().last().unwrap().to_string();
        assert!(last.contains("\"19 "), "the last word is kept");
        assert_eq!(
            call.json("gen_ai.system_instructions")[0]["content"],
            "Be brief."
        );
        assert!(!call.has("sentry.sdk_meta.gen_ai.system_instructions.original_length"));
    }
}

#[test]
fn media_is_replaced_however_short() {
    let program = Program::new("sentry-media", SENTRY);
    let mut call = program.telemetry().chat(OPENAI, "m");
    let uri = |uri: &str| {
        Part::Uri(UriReference {
            modality: Modality::Image,
            mime_type: None,
            uri: uri.to_owned(),
        })
    };
    let parts = vec![
        uri("data:image/png;base64,iVBORw0KGgo="),
        uri("https://example.com/a.png"),
    ];
    call.content.input = vec![Message::new(Role::User, parts.clone())];
    call.content.output = vec![Message::new(Role::Assistant, parts)];
    call.finish();
    let seen = program.end();
    assert!(!seen.bytes.contains("iVBORw0KGgo"));
    assert!(seen.bytes.contains("https://example.com/a.png"));
}

#[test]
fn parts_are_the_conventions_and_instructions_stand_apart() {
    let seen = told("parts", SENTRY);
    let call = seen.all("chat")[0];
    let said = json!([{"role": "user", "parts": [{"type": "text", "content": "What shall I do in Lisbon?"}]}]);
    assert_eq!(call.json("gen_ai.input.messages"), said);
    assert_eq!(
        call.json("gen_ai.system_instructions"),
        json!([{"type": "text", "content": "You plan days."}])
    );
    let part = &call.json("gen_ai.output.messages")[0]["parts"][0];
    assert_eq!(
        (&part["type"], &part["arguments"]),
        (&json!("tool_call"), &json!({"city": "Lisbon"}))
    );
}
