//! Models of others that Vertex AI serves in their own formats: the path names the model, and the provider is Vertex AI.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use genspan::{Inference, Outcome, Part, Record, Timestamp};
use genspan_wire::{End, Exchange, RequestHead};

fn decode(publisher: &str, called: &str, request: &str, kind: &str, response: &str) -> Inference {
    let path = format!("/v1/projects/p/locations/l/publishers/{publisher}/models/{called}");
    let mut exchange = Exchange::detect(&RequestHead {
        method: "POST",
        host: "us-east5-aiplatform.googleapis.com",
        port: None,
        path: &path,
    })
    .unwrap();
    exchange.request_all(request.as_bytes());
    exchange.response_head(200, Some(kind));
    exchange.response(response.as_bytes(), Timestamp::default());
    let decoded = exchange.finish(End::Complete);
    assert_eq!(decoded.outcome, Outcome::Completed);
    match decoded.record {
        Record::Inference(inference) => *inference,
        other => panic!("not an inference: {other:?}"),
    }
}

fn assert_said(record: &Inference, model: &str, is_stream: bool) {
    assert_eq!(record.provider.as_str(), "gcp.vertex_ai");
    assert_eq!(record.request.model.as_deref(), Some(model));
    assert_eq!(record.request.stream, is_stream);
    assert_eq!(
        record.content.output[0].parts,
        [Part::Text("Hello".to_owned())]
    );
    assert_eq!(record.usage.input(), Some(4));
}

#[test]
fn anthropics_messages() {
    let request = r#"{"anthropic_version":"vertex-2023-10-16","max_tokens":9,"messages":[{"role":"user","content":"Hi"}]}"#;
    let answer = r#"{"type":"message","role":"assistant","content":[{"type":"text","text":"Hello"}],"stop_reason":"end_turn","usage":{"input_tokens":4,"output_tokens":1}}"#;
    let model = "claude-sonnet-4@20250514";
    let called = format!("{model}:rawPredict");
    let record = decode("anthropic", &called, request, "application/json", answer);
    assert_said(&record, model, false);
    assert_eq!(record.request.max_tokens, Some(9));
    let events = include_str!("fixtures/anthropic_messages/text.sse");
    let called = format!("{model}:streamRawPredict");
    let record = decode("anthropic", &called, request, "text/event-stream", events);
    assert_eq!(record.request.model.as_deref(), Some(model));
    assert!(record.request.stream && !record.content.output.is_empty());
}

#[test]
fn mistrals_chats() {
    let request = r#"{"messages":[{"role":"user","content":"Hi"}],"stream":true}"#;
    let events = r#"data: {"id":"1","model":"mistral-small","choices":[{"index":0,"delta":{"content":"Hello"},"finish_reason":"stop"}],"usage":{"prompt_tokens":4,"completion_tokens":1}}

data: [DONE]

"#;
    let called = "mistral-small-2503:streamRawPredict";
    let record = decode("mistralai", called, request, "text/event-stream", events);
    assert_said(&record, "mistral-small-2503", true);
    assert_eq!(record.response.model.as_deref(), Some("mistral-small"));
}
