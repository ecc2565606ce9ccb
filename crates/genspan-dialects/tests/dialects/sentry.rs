//! Sentry's keys, what fits, and what its own SDKs send.

use genspan::Value;
use genspan_dialects::{Dialect, Settings, Span, sentry::WORDS};

use crate::written::{
    calls::{AGENT, TOOL},
    frameworks,
    spans::{CHAT, shown, span},
    vendors,
};

fn written(lines: &str, settings: &Settings) -> Span {
    let mut span = span(lines);
    Dialect::Sentry.write(&mut span, settings);
    span
}

#[test]
fn a_chat_has_its_group_and_its_content_as_text() {
    insta::assert_snapshot!(shown(&written(CHAT, &Settings::default())), @r#"
    gen_ai.operation.name = "chat"
    gen_ai.provider.name = "openai"
    gen_ai.request.model = "gpt-4o-mini"
    gen_ai.request.stream = true
    gen_ai.request.temperature = 0.5
    gen_ai.response.time_to_first_token = 0.25
    gen_ai.usage.input_tokens = 100
    gen_ai.usage.output_tokens = 20
    gen_ai.usage.cache_read.input_tokens = 64
    sentry.op = "gen_ai.chat"
    sentry.origin = "auto.ai.genspan"
    gen_ai.usage.total_tokens = 120
    gen_ai.response.streaming = true
    gen_ai.system_instructions = JSON [{"type":"text","content":"Be brief."}]
    gen_ai.input.messages = JSON [{"role":"user","parts":[{"type":"text","content":"Weather?"}]},{"role":"user","parts":[{"type":"tool_call_response","id":"c0","response":"rain"}]}]
    gen_ai.output.messages = JSON [{"role":"assistant","parts":[{"type":"reasoning","content":"hm"},{"type":"tool_call","id":"c1","name":"weather","arguments":{"city":"Paris"}}],"finish_reason":"tool_call"}]
    "#);
}

#[test]
fn a_tool_has_its_type() {
    insta::assert_snapshot!(shown(&written(TOOL, &Settings::default())), @r#"
    gen_ai.operation.name = "execute_tool"
    gen_ai.tool.name = "weather"
    gen_ai.tool.call.id = "c1"
    sentry.op = "gen_ai.execute_tool"
    sentry.origin = "auto.ai.genspan"
    gen_ai.tool.type = "function"
    gen_ai.tool.call.arguments = JSON {"city":"Paris"}
    gen_ai.tool.call.result = JSON {"sky":"rain"}
    "#);
}

#[test]
fn an_agent_has_its_total() {
    insta::assert_snapshot!(shown(&written(AGENT, &Settings::default())), @r#"
    gen_ai.operation.name = "invoke_agent"
    gen_ai.provider.name = "openai"
    gen_ai.agent.name = "guide"
    gen_ai.conversation.id = "s1"
    gen_ai.usage.input_tokens = 100
    gen_ai.usage.output_tokens = 20
    sentry.op = "gen_ai.invoke_agent"
    sentry.origin = "auto.ai.genspan"
    gen_ai.usage.total_tokens = 120
    gen_ai.input.messages = JSON [{"role":"user","parts":[{"type":"text","content":"Plan."}]}]
    gen_ai.tool.definitions = JSON [{"type":"function","name":"weather","description":"Tells the sky.","parameters":{"type":"object"}}]
    gen_ai.output.messages = JSON [{"role":"assistant","parts":[{"type":"text","content":"Done."}],"finish_reason":"stop"}]
    "#);
}

#[test]
fn each_of_its_words_is_read_and_its_fact_written() {
    let value = |word: &str| match word {
        "gen_ai.request.messages" => r#"[{"role":"user","content":"Hi"}]"#.to_owned(),
        "gen_ai.response.tool_calls" => r#"[{"name":"f","arguments":"{}"}]"#.to_owned(),
        "gen_ai.request.available_tools" => r#"[{"type":"function","name":"f"}]"#.to_owned(),
        "gen_ai.tool.input" | "gen_ai.tool.output" => r#"{"x":1}"#.to_owned(),
        "gen_ai.operation.name" => "chat".to_owned(),
        word if word.contains("tokens") => "7".to_owned(),
        word => format!("the {word}"),
    };
    for (word, key) in WORDS {
        let mut span = Span::default();
        span.attributes.set("sentry.origin", "auto.ai.openai");
        span.attributes.set("gen_ai.operation.name", "chat");
        span.attributes.set(word, value(word));
        assert!(Dialect::Sentry.read(&mut span));
        assert!(
            span.attributes.has(key),
            "{word} is not read: {}",
            shown(&span)
        );
        assert!(
            word == key || !span.attributes.has(word),
            "{word} is there still"
        );
        let content = span.attributes.get(key).unwrap().clone();
        Dialect::Sentry.write(&mut span, &Settings::default());
        let sent = span.attributes.get(key).unwrap();
        match content {
            // Content is text there.
            Value::Map(_) | Value::Array(_) if key != "gen_ai.response.finish_reasons" => {
                assert_eq!(sent.as_str(), Some(&*content.to_json()));
            }
            other => assert_eq!(*sent, other),
        }
    }
}

#[test]
fn types_of_tools_come_from_the_application_then_the_span_then_the_table() {
    let settings = Settings {
        tool_types: [("mine".to_owned(), "datastore".to_owned())].into(),
        ..Settings::default()
    };
    let kind = |name: &str, stated: &str| {
        let lines = format!(
            "gen_ai.operation.name = \"execute_tool\"\ngen_ai.tool.name = \"{name}\"\n{stated}"
        );
        let tool = written(&lines, &settings);
        tool.attributes.text("gen_ai.tool.type").unwrap().to_owned()
    };
    let extension = r#"gen_ai.tool.type = "extension""#;
    assert_eq!(kind("mine", extension), "datastore");
    assert_eq!(kind("other", extension), "extension");
    for (name, expected) in [
        ("Bash", "function"),
        ("Task", "function"),
        ("WebSearch", "extension"),
        ("ReadMcpResource", "extension"),
        ("mcp__github__search", "extension"),
        ("web_fetch", "extension"),
        ("file_search", "datastore"),
        ("", "function"),
    ] {
        assert_eq!(kind(name, ""), expected, "{name}");
    }
}

#[test]
fn what_is_not_to_be_sent_is_not_sent() {
    let secret = |settings: &Settings, lines: &str| shown(&written(lines, settings));
    let without_inputs = Settings {
        sentry_record_inputs: false,
        ..Settings::default()
    };
    let without_outputs = Settings {
        sentry_record_outputs: false,
        ..Settings::default()
    };
    for lines in [CHAT, TOOL, AGENT] {
        let shown = secret(&without_inputs, lines);
        for word in ["Weather?", "Be brief", "Plan", "sky.", "arguments = "] {
            assert!(!shown.contains(word), "{word} in {shown}");
        }
        let shown = secret(&without_outputs, lines);
        for word in ["Done", "tool_call\"", "sky\":\"rain", "result = "] {
            assert!(!shown.contains(word), "{word} in {shown}");
        }
    }
}

/// Makes a span with so many messages of so many characters each.
fn long(count: usize, text: &str) -> Span {
    let mut span = span(r#"gen_ai.operation.name = "chat""#);
    let message = |at: usize| {
        let role = if at == 0 { "system" } else { "user" };
        let part = vec![
            ("type".to_owned(), Value::from("text")),
            ("content".to_owned(), Value::from(format!("{at}{text}"))),
        ];
        Value::Map(vec![
            ("role".to_owned(), Value::from(role)),
            ("parts".to_owned(), Value::Array(vec![Value::Map(part)])),
        ])
    };
    let messages = (0..count).map(message).collect();
    span.attributes
        .set("gen_ai.input.messages", Value::Array(messages));
    span
}

fn sent(span: &mut Span) -> (String, Option<i64>) {
    Dialect::Sentry.write(span, &Settings::default());
    let length = "sentry.sdk_meta.gen_ai.input.messages.original_length";
    (
        span.attributes
            .text("gen_ai.input.messages")
            .unwrap()
            .to_owned(),
        span.attributes.count(length),
    )
}

#[test]
fn of_long_conversations_the_instructions_and_the_last_messages_are_kept() {
    let (json, length) = sent(&mut long(50, &"x".repeat(1_000)));
    assert!(json.len() <= 20_000, "{}", json.len());
    assert_eq!(length, Some(50));
    let Ok(Value::Array(kept)) = Value::from_json(&json) else {
        panic!("no JSON: {json}");
    };
    assert_eq!(kept.len(), 18, "as many as fit");
    assert!(kept[0].to_json().contains("\"system\""));
    assert!(kept[1].to_json().contains("\"33x"));
    assert!(kept[17].to_json().contains("\"49x"));
    let (_, length) = sent(&mut long(3, "x"));
    assert_eq!(length, None);
}

#[test]
fn cut_content_is_json_within_the_limit_whatever_it_is() {
    for text in ["x", "\"", "\u{1}", "ü", "🦀", "\\", "a\u{0301}"] {
        for (count, times) in [
            (1, 100_000),
            (2, 30_000),
            (3, 19_000),
            (400, 300),
            (2_000, 20),
        ] {
            let (json, length) = sent(&mut long(count, &text.repeat(times)));
            assert!(json.len() <= 20_000, "{text} {count}: {}", json.len());
            assert_eq!(length, i64::try_from(count).ok());
            let Ok(Value::Array(kept)) = Value::from_json(&json) else {
                panic!("no JSON: {json}");
            };
            let last = kept.last().unwrap().to_json();
            assert!(last.contains(&format!("\"{}", count - 1)), "{last}");
        }
    }
}

#[test]
fn results_are_cut_as_well_and_structure_alone_can_be_too_long() {
    let result = |json: &str| {
        let lines =
            format!("gen_ai.operation.name = \"execute_tool\"\ngen_ai.tool.call.result = {json}");
        let tool = written(&lines, &Settings::default());
        let length = "sentry.sdk_meta.gen_ai.tool.call.result.original_length";
        let kept = tool.attributes.text("gen_ai.tool.call.result").unwrap();
        (kept.to_owned(), tool.attributes.count(length))
    };
    let (kept, length) = result(&format!("{{\"log\":\"{}\"}}", "x".repeat(50_000)));
    assert!(kept.len() <= 20_000 && kept.starts_with("{\"log\":\"xxx"));
    assert!(kept.contains("bytes left out"));
    assert_eq!(length, Some(50_010));
    let (kept, length) = result(&format!("[{}1]", "1,".repeat(30_000)));
    assert!(kept.len() <= 20_000 && Value::from_json(&kept).is_ok());
    assert_eq!(length, Some(30_001));
    let (kept, length) = result(&format!("{{\"a\":[{}1]}}", "1,".repeat(30_000)));
    assert!(kept.len() <= 20_000 && Value::from_json(&kept).is_ok());
    assert_eq!(length, Some(60_009));
    let (kept, length) = result(&format!("\"{}\"", "ü".repeat(20_000)));
    assert!(kept.len() <= 20_000 && kept.contains("bytes left out"));
    assert_eq!(length, Some(40_000));
}

#[test]
fn media_is_replaced_and_where_it_can_be_had_is_not() {
    let chat = written(
        r#"
        gen_ai.operation.name = "chat"
        gen_ai.input.messages = [{"role":"user","parts":[{"type":"blob","modality":"image","content":"iVBORw0"},{"type":"blob","modality":"image","content":"","byte_size":7},{"type":"uri","modality":"image","uri":"https://e.x/a.png"},{"type":"uri","modality":"image","uri":"data:image/png;base64,iVBORw0"},{"type":"text","content":"data: none"}]}]
        "#,
        &Settings::default(),
    );
    insta::assert_snapshot!(shown(&chat), @r#"
    gen_ai.operation.name = "chat"
    sentry.op = "gen_ai.chat"
    sentry.origin = "auto.ai.genspan"
    gen_ai.input.messages = JSON [{"role":"user","parts":[{"type":"blob","modality":"image","content":"[Blob substitute]"},{"type":"blob","modality":"image","content":"","byte_size":7},{"type":"uri","modality":"image","uri":"https://e.x/a.png"},{"type":"uri","modality":"image","uri":"[Blob substitute]"},{"type":"text","content":"data: none"}]}]
    "#);
}

#[test]
fn messages_in_events_become_attributes() {
    let mut chat = frameworks::strands_older();
    Dialect::Sentry.write(&mut chat, &Settings::default());
    assert!(chat.events.is_empty());
    let sent = chat.attributes.text("gen_ai.input.messages").unwrap();
    insta::assert_snapshot!(sent, @r#"[{"role":"user","parts":[{"type":"text","content":"Weather?"}]},{"role":"tool","parts":[{"type":"tool_call_response","id":"t0","response":"rain"}]}]"#);
}

#[test]
fn a_chat_of_its_own_sdk_is_read() {
    let mut chat = vendors::sentry_chat();
    assert!(Dialect::Sentry.read(&mut chat));
    insta::assert_snapshot!(shown(&chat), @r#"
    sentry.origin = "auto.ai.openai"
    gen_ai.operation.name = "chat"
    gen_ai.request.model = "gpt-4o"
    gen_ai.input.messages = [{"role":"system","parts":[{"type":"text","content":"Be brief."}]},{"role":"user","parts":[{"type":"text","content":"Weather?"}]}]
    gen_ai.tool.definitions = [{"type":"function","name":"weather"}]
    gen_ai.response.id = "chatcmpl-1"
    gen_ai.response.model = "gpt-4o-2024-08-06"
    gen_ai.response.finish_reasons = ["tool_calls"]
    gen_ai.usage.input_tokens = 100
    gen_ai.usage.cache_read.input_tokens = 64
    gen_ai.usage.output_tokens = 20
    gen_ai.usage.reasoning.output_tokens = 8
    gen_ai.provider.name = "openai"
    gen_ai.request.stream = true
    gen_ai.output.messages = [{"role":"assistant","parts":[{"type":"text","content":"Let me see."},{"type":"tool_call","id":"c1","name":"weather","arguments":{"city":"Paris"}}],"finish_reason":"tool_call"}]
    "#);
}

#[test]
fn a_tool_of_its_own_sdk_is_read() {
    let mut tool = vendors::sentry_tool();
    assert!(Dialect::Sentry.read(&mut tool));
    insta::assert_snapshot!(shown(&tool), @r#"
    sentry.origin = "auto.ai.claude_code"
    gen_ai.agent.name = "claude-code"
    gen_ai.tool.name = "Bash"
    gen_ai.tool.type = "function"
    gen_ai.tool.call.arguments = {"command":"ls"}
    gen_ai.tool.call.result = "a.txt"
    gen_ai.operation.name = "execute_tool"
    gen_ai.provider.name = "anthropic"
    "#);
}
