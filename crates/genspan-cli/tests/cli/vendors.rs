//! One import, told to each vendor in its own language: a stream with everything, an answer with the provider's own
//! tools, and a failure.

use std::fmt::Write;

use serde_json::{Value, json};

use crate::{
    har::{answered, file, spans},
    place::Place,
};

/// Replaces where a call went and what it said.
fn to(mut entry: Value, url: &str, request: &Value) -> Value {
    entry["request"]["url"] = url.into();
    entry["request"]["postData"]["text"] = request.to_string().into();
    entry
}

/// Streams thoughts, words and a call of a tool, most of its prompt from the cache.
fn messages() -> Value {
    let request = json!({
        "model": "claude-sonnet-4-5", "max_tokens": 2048, "stream": true, "temperature": 1,
        "thinking": {"type": "enabled", "budget_tokens": 1024},
        "system": [{"type": "text", "text": "You plan trips.", "cache_control": {"type": "ephemeral"}}],
        "tools": [{"name": "get_weather", "description": "Tells the sky over a city.", "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}}}],
        "messages": [{"role": "user", "content": [{"type": "text", "text": "Is Lyon worth it on Sunday?"}]}],
    });
    let events = [
        json!({"type": "message_start", "message": {"id": "msg_01", "type": "message", "role": "assistant", "model": "claude-sonnet-4-5-20250929", "content": [], "usage": {"input_tokens": 40, "cache_read_input_tokens": 900, "cache_creation_input_tokens": 60, "output_tokens": 1}}}),
        json!({"type": "content_block_start", "index": 0, "content_block": {"type": "thinking", "thinking": "", "signature": ""}}),
        json!({"type": "content_block_delta", "index": 0, "delta": {"type": "thinking_delta", "thinking": "Rain would spoil it."}}),
        json!({"type": "content_block_delta", "index": 0, "delta": {"type": "signature_delta", "signature": "c2lnbmVk"}}),
        json!({"type": "content_block_stop", "index": 0}),
        json!({"type": "content_block_start", "index": 1, "content_block": {"type": "text", "text": ""}}),
        json!({"type": "content_block_delta", "index": 1, "delta": {"type": "text_delta", "text": "Let me look."}}),
        json!({"type": "content_block_stop", "index": 1}),
        json!({"type": "content_block_start", "index": 2, "content_block": {"type": "tool_use", "id": "toolu_01", "name": "get_weather", "input": {}}}),
        json!({"type": "content_block_delta", "index": 2, "delta": {"type": "input_json_delta", "partial_json": "{\"city\":\"Lyon\"}"}}),
        json!({"type": "content_block_stop", "index": 2}),
        json!({"type": "message_delta", "delta": {"stop_reason": "tool_use", "stop_sequence": null}, "usage": {"output_tokens": 85}}),
        json!({"type": "message_stop"}),
    ];
    let body = events.iter().fold(String::new(), |mut body, event| {
        let kind = event["type"].as_str().unwrap();
        write!(body, "event: {kind}\ndata: {event}\n\n").unwrap();
        body
    });
    let entry = answered(1, 200, "text/event-stream", &body);
    to(entry, "https://api.anthropic.com/v1/messages", &request)
}

/// Searches the web and cites what it found.
fn responses() -> Value {
    let request = json!({
        "model": "gpt-5-mini", "instructions": "Answer in one sentence.",
        "reasoning": {"effort": "low", "summary": "auto"}, "tools": [{"type": "web_search", "search_context_size": "low"}],
        "input": [{"role": "user", "content": [{"type": "input_text", "text": "When does the funicular run?"}, {"type": "input_image", "image_url": "https://example.com/station.jpg"}]}],
    });
    let answer = json!({
        "id": "resp_01", "object": "response", "status": "completed", "model": "gpt-5-mini-2025-08-07", "service_tier": "default",
        "output": [
            {"id": "rs_1", "type": "reasoning", "summary": [{"type": "summary_text", "text": "The timetable is on their page."}]},
            {"id": "ws_1", "type": "web_search_call", "status": "completed", "action": {"type": "search", "query": "funicular timetable"}},
            {"id": "msg_1", "type": "message", "role": "assistant", "status": "completed", "content": [{"type": "output_text", "text": "From six until midnight.", "annotations": [{"type": "url_citation", "url": "https://example.com/timetable", "title": "Timetable", "start_index": 0, "end_index": 24}]}]},
        ],
        "usage": {"input_tokens": 300, "input_tokens_details": {"cached_tokens": 128}, "output_tokens": 70, "output_tokens_details": {"reasoning_tokens": 32}, "total_tokens": 370},
    });
    let entry = answered(2, 200, "application/json", &answer.to_string());
    to(entry, "https://api.openai.com/v1/responses", &request)
}

/// Is turned away.
fn refused() -> Value {
    let request = json!({"contents": [{"role": "user", "parts": [{"text": "And by boat?"}]}], "generationConfig": {"maxOutputTokens": 64, "stopSequences": ["END"]}});
    let error = json!({"error": {"code": 429, "message": "Quota of this minute is used up.", "status": "RESOURCE_EXHAUSTED"}});
    let entry = answered(3, 429, "application/json", &error.to_string());
    let url =
        "https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:generateContent";
    to(entry, url, &request)
}

/// Shows all that a file's spans say, a line each.
fn shown(lines: &str) -> String {
    let mut text = String::new();
    for span in spans(lines) {
        writeln!(text, "{} (kind {})", name(&span["name"]), span["kind"]).unwrap();
        facts(&mut text, "  ", &span["attributes"]);
        for event in span["events"].as_array().into_iter().flatten() {
            writeln!(text, "  event {}", name(&event["name"])).unwrap();
            facts(&mut text, "    ", &event["attributes"]);
        }
        let status = &span["status"];
        if status.is_object() {
            writeln!(text, "  status {}", sorted(status)).unwrap();
        }
        text.push('\n');
    }
    text
}

fn facts(text: &mut String, indent: &str, attributes: &Value) {
    for attribute in attributes.as_array().into_iter().flatten() {
        let key = name(&attribute["key"]);
        // Prices change, and have tests of their own.
        if key.starts_with("genspan.cost.") {
            continue;
        }
        writeln!(text, "{indent}{key} = {}", plain(&attribute["value"])).unwrap();
    }
}

/// Shows a value as JSON; a text that is JSON itself is marked as such, and whole numbers are told from others.
fn plain(value: &Value) -> String {
    let (kind, value) = value.as_object().unwrap().iter().next().unwrap();
    match kind.as_str() {
        "arrayValue" => {
            let items = value["values"].as_array().into_iter().flatten();
            format!("[{}]", items.map(plain).collect::<Vec<_>>().join(", "))
        }
        "kvlistValue" => {
            let members = value["values"].as_array().into_iter().flatten();
            let shown =
                |member: &Value| format!("{}: {}", name(&member["key"]), plain(&member["value"]));
            let mut members: Vec<String> = members.map(shown).collect();
            members.sort();
            format!("{{{}}}", members.join(", "))
        }
        "intValue" => name(value).to_owned(),
        "stringValue" => match serde_json::from_str::<Value>(name(value)) {
            Ok(json @ (Value::Object(_) | Value::Array(_))) => format!("JSON {}", sorted(&json)),
            _ => value.to_string(),
        },
        _ => value.to_string(),
    }
}

/// Writes JSON with members in the order of their names, whatever order they came in.
fn sorted(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let mut members: Vec<String> = members
                .iter()
                .map(|(key, value)| format!("{}:{}", json!(key), sorted(value)))
                .collect();
            members.sort();
            format!("{{{}}}", members.join(","))
        }
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(sorted).collect();
            format!("[{}]", items.join(","))
        }
        other => other.to_string(),
    }
}

fn name(value: &Value) -> &str {
    value.as_str().unwrap()
}

#[test]
fn one_import_in_every_vendors_language() {
    let place = Place::new("vendors");
    place.write("a.har", &file(&[messages(), responses(), refused()]));
    let vendors = [
        "agent-sdk",
        "braintrust",
        "langfuse",
        "openinference",
        "openllmetry",
        "sentry",
    ];
    let destinations: Vec<String> = vendors
        .iter()
        .map(|vendor| match *vendor {
            "braintrust" => {
                "file:braintrust;dialect=braintrust;parent=project_name:trips".to_owned()
            }
            other => format!("file:{other};dialect={other}"),
        })
        .collect();
    let mut args = vec!["import", "har", "a.har", "--content", "--tool-definitions"];
    for destination in &destinations {
        args.extend(["--to", destination]);
    }
    let ran = place.run(&args);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stderr.contains("3 spans written"), "{}", ran.stderr);
    let version = format!("\"version\":\"{}\"", env!("CARGO_PKG_VERSION"));
    for vendor in vendors {
        let shown = shown(&place.read(vendor)).replace(&version, "\"version\":\"…\"");
        insta::assert_snapshot!(vendor, shown);
    }
}
