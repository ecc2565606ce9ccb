//! Gemini's generateContent: whole, as events and as a list.

use serde_json::{Value, json};
use testkit::provider::{Provider, Script};

use crate::raw::{Got, exchange, post};

fn ask(method: &str, question: &str) -> Got {
    let provider = Provider::start(Script::scenarios()).unwrap();
    let parameters =
        json!({"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]});
    let body = json!({
        "contents": [{"role": "user", "parts": [{"text": question}]}],
        "tools": [{"functionDeclarations": [{"name": "weather", "parametersJsonSchema": parameters}]}],
    });
    let path = format!("/v1beta/models/m-1:{method}");
    exchange(
        &provider,
        &post(&path, "x-goog-api-key: k\r\n", &body.to_string()),
    )
}

/// The parts, the finish reason and the counts of a streamed answer.
fn joined(documents: &[Value]) -> (Vec<Value>, Value, Value) {
    let mut parts: Vec<Value> = Vec::new();
    for document in documents {
        for part in document["candidates"][0]["content"]["parts"]
            .as_array()
            .unwrap()
        {
            let text = part["text"].as_str();
            match (parts.last_mut(), text) {
                (Some(last), Some(text))
                    if last["text"].is_string() && last["thought"] == part["thought"] =>
                {
                    last["text"] = json!(format!("{}{text}", last["text"].as_str().unwrap()));
                }
                (_, Some("")) => {}
                _ => parts.push(part.clone()),
            }
        }
    }
    let last = documents.last().unwrap();
    (
        parts,
        last["candidates"][0]["finishReason"].clone(),
        last["usageMetadata"].clone(),
    )
}

#[test]
fn an_answer_is_the_same_whole_and_in_both_kinds_of_stream() {
    for scenario in ["text", "tools", "reasoning", "refusal"] {
        let question = format!("How is it? scripted:{scenario}");
        let whole = ask("generateContent", &question);
        assert_eq!((whole.status(), whole.whole), (200, true), "{scenario}");
        let whole = whole.json();
        assert_eq!(whole["modelVersion"], "m-1");
        let want = joined(std::slice::from_ref(&whole));
        let events = ask("streamGenerateContent?alt=sse", &question);
        assert_eq!(
            events.header("content-type"),
            Some("text/event-stream; charset=utf-8")
        );
        assert_eq!(joined(&events.events()), want, "{scenario}");
        let list = ask("streamGenerateContent", &question).json();
        assert_eq!(joined(list.as_array().unwrap()), want, "{scenario}");
        assert_eq!(
            want.1,
            if scenario == "refusal" {
                "SAFETY"
            } else {
                "STOP"
            }
        );
        let count = |key: &str| want.2[key].as_u64().unwrap();
        assert_eq!(count("thoughtsTokenCount") > 0, scenario == "reasoning");
        let parts =
            count("promptTokenCount") + count("candidatesTokenCount") + count("thoughtsTokenCount");
        assert_eq!(count("totalTokenCount"), parts);
    }
}

#[test]
fn calls_have_arguments_from_the_schema_and_plans_are_carried_out() {
    let called = ask("generateContent", "scripted:tools").json();
    let call = &called["candidates"][0]["content"]["parts"][0]["functionCall"];
    assert_eq!(
        (&call["name"], &call["args"]),
        (&json!("weather"), &json!({"city": "example"}))
    );
    let provider = Provider::start(Script::scenarios()).unwrap();
    let body = json!({
        "contents": [{"role": "user", "parts": [{"text": "scripted:tools"}]}],
        "tools": [{"function_declarations": [{"name": "weather"}]}],
    });
    let path = "/v1beta/models/m-1:generateContent";
    let snake = exchange(&provider, &post(path, "", &body.to_string())).json();
    let call = &snake["candidates"][0]["content"]["parts"][0]["functionCall"];
    assert_eq!(call["name"], "weather", "in protobuf's other manner");
    let planned = ask(
        "generateContent",
        r#"<plan>[{"think":"hm","call":[["weather",{"city":"Rome"}]]}]</plan>"#,
    )
    .json();
    let parts = &planned["candidates"][0]["content"]["parts"];
    assert_eq!(
        (
            &parts[0]["thought"],
            &parts[1]["functionCall"]["args"]["city"]
        ),
        (&json!(true), &json!("Rome"))
    );
}

#[test]
fn what_goes_wrong_goes_wrong() {
    for (scenario, status, word) in [
        ("error-400", 400, "INVALID_ARGUMENT"),
        ("error-401", 401, "UNAUTHENTICATED"),
        ("error-529", 529, "UNAVAILABLE"),
    ] {
        let got = ask("generateContent", &format!("scripted:{scenario}"));
        assert_eq!(
            (got.status(), &got.json()["error"]["status"]),
            (status, &json!(word))
        );
    }
    let cut = ask("streamGenerateContent?alt=sse", "scripted:cut-midstream:1");
    assert!(!cut.whole && cut.events().len() == 1);
    let failed = ask("streamGenerateContent", "scripted:error-midstream:1").json();
    assert_eq!(failed[1]["error"]["status"], "UNAVAILABLE");
    assert!(
        ask("countTokens", "hi").json()["totalTokens"]
            .as_u64()
            .unwrap()
            > 0
    );
    assert_eq!(ask("embedContent", "hi").status(), 404);
}
