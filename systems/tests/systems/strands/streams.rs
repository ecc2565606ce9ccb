//! Streamed answers.

use serde_json::json;

use crate::seen::{Model, Program, Seen, Span, run};

/// Reads a streamed answer to its end, or `chunks` of it.
fn streamed(name: &str, way: &'static str, chunks: usize) -> Seen {
    let program = Program::new(&format!("strands-stream-{name}"), ";content=span");
    let model = Model::new(&program.telemetry(), way);
    let tool = json!({"type": "function", "function": {
        "name": "get_weather", "parameters": {"type": "object", "properties": {"city": {"type": "string", "examples": ["Lisbon"]}}}
    }});
    let body = json!({
        "model": "gpt-4o-mini", "stream": true, "stream_options": {"include_usage": true},
        "messages": [{"role": "user", "content": "How is the weather in Lisbon?"}], "tools": [tool]
    });
    run(async {
        let mut answer = model.post("/v1/chat/completions", &body).await.unwrap();
        for _ in 0..chunks {
            if !matches!(answer.chunk().await, Ok(Some(_))) {
                break;
            }
        }
    });
    program.end()
}

fn call(seen: &Seen) -> &Span {
    assert_eq!(seen.names(), ["chat gpt-4o-mini"]);
    seen.span("chat")
}

#[test]
fn instrumented_with_tokens_and_the_first_chunk() {
    let seen = streamed("whole", "text", usize::MAX);
    let call = call(&seen);
    let wait = call
        .get("gen_ai.response.time_to_first_chunk")
        .as_f64()
        .unwrap();
    let whole = (call.ended - call.began) as f64 / 1e9;
    assert!(0.0 < wait && wait <= whole, "{wait} s of {whole} s");
    assert!(call.get("gen_ai.usage.input_tokens").as_u64() > Some(0));
    assert!(call.get("gen_ai.usage.output_tokens").as_u64() > Some(0));
    assert_eq!(call.get("gen_ai.response.finish_reasons"), &json!(["stop"]));
    for name in ["time_to_first_chunk", "time_per_output_chunk"] {
        let metric = seen.metric(&format!("gen_ai.client.operation.{name}"));
        assert_eq!(metric.unit, "s");
    }
}

#[test]
fn the_first_chunk_needs_no_last_one() {
    for (name, way, chunks) in [
        ("left", "slow:1", 3),
        ("cut", "cut-midstream:3", usize::MAX),
    ] {
        let seen = streamed(name, way, chunks);
        let call = call(&seen);
        assert!(
            call.has("gen_ai.response.time_to_first_chunk"),
            "{name}: {}",
            call.shown()
        );
        assert!(
            !call.has("gen_ai.usage.output_tokens"),
            "{name}: absent is not 0"
        );
        assert_eq!(call.status, 2, "{name}");
    }
}

#[test]
fn deltas_of_tool_calls_become_calls() {
    let seen = streamed("tools", "tools", usize::MAX);
    let said = call(&seen).json("gen_ai.output.messages");
    let part = &said[0]["parts"][0];
    assert_eq!(
        (&part["type"], &part["name"]),
        (&json!("tool_call"), &json!("get_weather"))
    );
    assert_eq!(part["arguments"], json!({"city": "Lisbon"}));
    assert_eq!(said[0]["finish_reason"], "tool_call");
}

#[test]
fn an_error_amid_the_stream_is_the_calls() {
    let seen = streamed("error", "error-midstream:2", usize::MAX);
    let call = call(&seen);
    assert_eq!(call.status, 2);
    assert_eq!(call.get("error.type"), "server_error");
    assert!(
        call.has("gen_ai.output.messages"),
        "what was said until then is told"
    );
}
