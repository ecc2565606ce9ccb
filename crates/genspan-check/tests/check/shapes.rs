//! The shapes of content, each kept and each broken.

use genspan::semconv::attribute as key;
use genspan_check::{Options, Report};
use serde_json::{Value, json};

use crate::build::{
    advice, chat, check, check_with, in_traces, structure, text, tool, violation, words,
};

fn report(key: &str, content: &Value) -> Report {
    check(&in_traces("", &[chat().with(key, structure(content))]))
}

/// What is told of a value's shape, told of its JSON in a string as well.
fn messages(key: &str, content: &Value) -> Vec<String> {
    let structured = report(key, content);
    let as_text = check(&in_traces(
        "",
        &[chat().with(key, text(&content.to_string()))],
    ));
    assert_eq!(structured, as_text);
    let shapes = structured
        .findings()
        .iter()
        .filter(|f| f.rule.ends_with("-shape"));
    shapes.map(|finding| finding.message.clone()).collect()
}

fn parts(parts: &Value) -> Value {
    json!([{ "role": "assistant", "parts": parts, "name": null, "finish_reason": "stop", "more": 1 }])
}

#[test]
fn every_part_that_is_right_is_taken() {
    let all = json!([
        { "type": "text", "content": "CANARY" },
        { "type": "reasoning", "content": "CANARY" },
        { "type": "tool_call", "name": "weather", "id": null, "arguments": { "city": "CANARY" } },
        { "type": "tool_call_response", "response": null },
        { "type": "server_tool_call", "name": "search", "server_tool_call": { "type": "web_search", "q": 1 } },
        { "type": "server_tool_call_response", "id": "1", "server_tool_call_response": { "type": "web_search" } },
        { "type": "blob", "modality": "image", "content": "AAAA", "mime_type": "image/png" },
        { "type": "file", "modality": "document", "file_id": "f" },
        { "type": "uri", "modality": "smell", "uri": "https://x.test/a.png" },
        { "type": "compaction" },
        { "type": "refusal", "content": 7 },
    ]);
    for key in [key::GEN_AI_INPUT_MESSAGES, key::GEN_AI_OUTPUT_MESSAGES] {
        assert_eq!(messages(key, &parts(&all)), [""; 0]);
        assert_eq!(messages(key, &json!([])), [""; 0]);
    }
}

#[test]
fn what_is_wrong_with_a_message_is_told_by_its_path() {
    let input = |content: &Value| messages(key::GEN_AI_INPUT_MESSAGES, content);
    insta::assert_snapshot!(input(&json!({})).join("\n"), @"the value is an object; v1.41 has an array there");
    insta::assert_snapshot!(input(&json!(["CANARY"])).join("\n"), @"[0] is a string; v1.41 has an object there");
    insta::assert_snapshot!(input(&json!([{ "content": "CANARY" }])).join("\n"), @r"
    [0].role is nothing; v1.41 has a string there
    [0].parts is nothing; v1.41 has a value there
    ");
}

#[test]
fn what_is_wrong_with_a_part_is_told_by_its_path() {
    for (part, path, found, wanted) in [
        (json!("CANARY"), "", "a string", "an object"),
        (
            json!({ "content": "CANARY" }),
            ".type",
            "nothing",
            "a string",
        ),
        (json!({ "type": "text" }), ".content", "nothing", "a string"),
        (
            json!({ "type": "text", "content": ["CANARY"] }),
            ".content",
            "an array",
            "a string",
        ),
        (
            json!({ "type": "reasoning", "content": 1 }),
            ".content",
            "a number",
            "a string",
        ),
        (
            json!({ "type": "tool_call", "id": "1" }),
            ".name",
            "nothing",
            "a string",
        ),
        (
            json!({ "type": "tool_call", "name": "n", "id": 1 }),
            ".id",
            "a number",
            "a string",
        ),
        (
            json!({ "type": "tool_call_response", "result": 1 }),
            ".response",
            "nothing",
            "a value",
        ),
        (
            json!({ "type": "blob", "modality": "image" }),
            ".content",
            "nothing",
            "a string",
        ),
        (
            json!({ "type": "file", "file_id": "f" }),
            ".modality",
            "nothing",
            "a string",
        ),
        (
            json!({ "type": "uri", "modality": "image", "uri": {} }),
            ".uri",
            "an object",
            "a string",
        ),
        (
            json!({ "type": "compaction", "content": true }),
            ".content",
            "a boolean",
            "a string",
        ),
        (
            json!({ "type": "server_tool_call", "name": "n", "server_tool_call": {} }),
            ".server_tool_call.type",
            "nothing",
            "a string",
        ),
        (
            json!({ "type": "server_tool_call_response", "server_tool_call_response": [] }),
            ".server_tool_call_response",
            "an array",
            "an object",
        ),
    ] {
        let sentence = format!("[0].parts[0]{path} is {found}; v1.41 has {wanted} there");
        let content = parts(&json!([part]));
        assert_eq!(messages(key::GEN_AI_INPUT_MESSAGES, &content), [sentence]);
    }
}

#[test]
fn instructions_definitions_documents_and_records_have_shapes() {
    let broken = |key: &str, content: Value| messages(key, &content).join("\n");
    assert_eq!(
        broken(
            key::GEN_AI_SYSTEM_INSTRUCTIONS,
            json!([{ "type": "text", "content": "x" }])
        ),
        ""
    );
    insta::assert_snapshot!(
        broken(key::GEN_AI_SYSTEM_INSTRUCTIONS, json!(["CANARY"])),
        @"[0] is a string; v1.41 has an object there"
    );
    let function = json!([{ "type": "function", "name": "f", "parameters": { "type": "object" } }]);
    assert_eq!(broken(key::GEN_AI_TOOL_DEFINITIONS, function), "");
    insta::assert_snapshot!(
        broken(key::GEN_AI_TOOL_DEFINITIONS, json!([{ "type": "function", "parameters": "CANARY" }])),
        @r"
    [0].name is nothing; v1.41 has a string there
    [0].parameters is a string; v1.41 has a JSON schema there
    "
    );
    assert_eq!(
        broken(
            key::GEN_AI_RETRIEVAL_DOCUMENTS,
            json!([{ "id": "1", "score": 0.5 }])
        ),
        ""
    );
    insta::assert_snapshot!(
        broken(key::GEN_AI_RETRIEVAL_DOCUMENTS, json!([{ "id": 1 }])),
        @r"
    [0].id is a number; v1.41 has a string there
    [0].score is nothing; v1.41 has a value there
    "
    );
}

#[test]
fn memory_records_have_a_shape() {
    let of = |content: Value| {
        let span = crate::build::memory().with(key::GEN_AI_MEMORY_RECORDS, structure(&content));
        words(&check(&in_traces("", &[span])))
    };
    assert_eq!(
        of(json!([{ "content": { "a": 1 }, "id": "1", "score": 1, "metadata": {} }])),
        [""; 0]
    );
    let wrong = violation("wrong-shape", key::GEN_AI_MEMORY_RECORDS);
    assert_eq!(of(json!([{ "id": "1" }])), [wrong.clone()]);
    assert_eq!(
        of(json!([{ "content": 1, "metadata": [] }])),
        [wrong.clone()]
    );
    assert_eq!(of(json!([{ "content": 1, "score": null }])), [wrong]);
}

#[test]
fn a_tools_arguments_and_result_had_better_be_objects() {
    let of = |content: Value| {
        words(&check(&in_traces(
            "",
            &[tool().with(key::GEN_AI_TOOL_CALL_RESULT, content)],
        )))
    };
    let poor = [advice("poor-shape", key::GEN_AI_TOOL_CALL_RESULT)];
    assert_eq!(of(structure(&json!({ "sky": "blue" }))), [""; 0]);
    assert_eq!(of(text(r#"{"sky":"blue"}"#)), [""; 0]);
    assert_eq!(of(text("CANARY")), poor);
    assert_eq!(of(structure(&json!([1]))), poor);
}

#[test]
fn v1_41_would_rather_have_a_finish_reason_in_the_message_and_main_would_not() {
    let output = json!([{ "role": "assistant", "parts": [] }]);
    let span = || chat().with(key::GEN_AI_OUTPUT_MESSAGES, structure(&output));
    let of = |version| {
        let options = Options::default().with_conventions(version);
        words(&check_with(options, &in_traces("", &[span()])))
    };
    assert_eq!(
        of(genspan::Conventions::V1_41),
        [advice("poor-shape", key::GEN_AI_OUTPUT_MESSAGES)]
    );
    assert_eq!(of(genspan::Conventions::Main), [""; 0]);
}

#[test]
fn prose_where_structure_belongs_is_wrong() {
    let report = report(key::GEN_AI_SYSTEM_INSTRUCTIONS, &json!("CANARY"));
    insta::assert_snapshot!(
        report.findings()[0].message,
        @"the value is text that is no JSON; v1.41 has JSON there"
    );
}

#[test]
fn content_is_never_repeated() {
    for content in [
        json!([{ "role": 1, "parts": [{ "type": "text", "content": ["CANARY"] }] }]),
        json!("CANARY"),
    ] {
        let report = report(key::GEN_AI_INPUT_MESSAGES, &content);
        assert!(report.violations() > 0);
        assert!(!report.to_string().contains("CANARY"), "{report}");
        assert!(
            !serde_json::to_string(&report).unwrap().contains("CANARY"),
            "{report}"
        );
    }
}
