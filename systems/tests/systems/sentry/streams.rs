//! Streamed answers.

use serde_json::json;

use super::SENTRY;
use crate::seen::{Model, Program, Seen, run};

fn streamed(name: &str, path: &str, way: &'static str, chunks: usize) -> Seen {
    let program = Program::new(&format!("sentry-stream-{name}"), SENTRY);
    let model = Model::new(&program.telemetry(), way);
    let schema = json!({"type": "object", "properties": {"city": {"type": "string", "examples": ["Lisbon"]}}});
    let tool = if path == ANTHROPIC {
        json!({"name": "get_weather", "input_schema": schema})
    } else {
        json!({"type": "function", "function": {"name": "get_weather", "parameters": schema}})
    };
    let body = json!({
        "model": "m", "stream": true, "max_tokens": 64, "stream_options": {"include_usage": true},
        "messages": [{"role": "user", "content": "How is the weather in Lisbon?"}], "tools": [tool]
    });
    run(async {
        let mut answer = model.post(path, &body).await.unwrap();
        for _ in 0..chunks {
            if !matches!(answer.chunk().await, Ok(Some(_))) {
                break;
            }
        }
    });
    program.end()
}

const ANTHROPIC: &str = "/v1/messages";
const OPENAI: &str = "/v1/chat/completions";

#[test]
fn whole_ones_have_tokens_reason_id_and_first_chunk() {
    for (name, path, reason) in [
        ("openai", OPENAI, "stop"),
        ("anthropic", ANTHROPIC, "end_turn"),
    ] {
        let seen = streamed(name, path, "text", usize::MAX);
        let call = seen.span("chat");
        assert_eq!(call.get("gen_ai.response.streaming"), &json!(true));
        assert_eq!(call.get("gen_ai.response.finish_reasons"), &json!([reason]));
        assert!(call.get("gen_ai.response.id").is_string());
        assert!(call.get("gen_ai.response.time_to_first_token").as_f64() > Some(0.0));
        assert!(call.get("gen_ai.usage.total_tokens").as_u64() > Some(0));
    }
}

#[test]
fn deltas_of_tool_calls_become_calls() {
    for (name, path) in [("tools-openai", OPENAI), ("tools-anthropic", ANTHROPIC)] {
        let seen = streamed(name, path, "tools", usize::MAX);
        let said = seen.span("chat").json("gen_ai.output.messages");
        let parts = said[0]["parts"].as_array().unwrap();
        let part = parts
            .iter()
            .find(|part| part["type"] == "tool_call")
            .unwrap();
        assert_eq!(
            (&part["name"], &part["arguments"]),
            (&json!("get_weather"), &json!({"city": "Lisbon"}))
        );
    }
}

#[test]
fn left_early_it_ends_with_what_was_said_by_then() {
    let seen = streamed("left", ANTHROPIC, "slow:1", 4);
    assert_eq!(seen.spans.len(), 1);
    let call = seen.span("chat");
    assert_eq!(
        (call.status, call.get("error.type")),
        (2, &json!("cancelled"))
    );
    assert!(call.has("gen_ai.usage.input_tokens") && call.has("gen_ai.response.id"));
}

#[test]
fn an_error_amid_has_its_class() {
    for (name, path) in [("error-openai", OPENAI), ("error-anthropic", ANTHROPIC)] {
        let seen = streamed(name, path, "error-midstream:2", usize::MAX);
        let call = seen.span("chat");
        assert_eq!(
            (call.status, call.get("error.type")),
            (2, &json!("server_error")),
            "{name}"
        );
    }
}
