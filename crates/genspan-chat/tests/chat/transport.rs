//! A recorded client over a recorded transport: one call, seen twice, is one span.

use std::{
    future::{Ready, ready},
    io,
    task::{Context, Poll},
};

use bytes::Bytes;
use genspan::{Telemetry, semconv::attribute as key};
use genspan_chat::{ChatLayer, ChatRequest, ChatResponse, Shape, VendorLayer, chat_fn};
use genspan_http::{RecordLayer, Recorder, RecorderOptions, WatchedBody};
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use tower_layer::Layer;
use tower_service::Service;

use super::rig::{OPENAI, question, recorder, run, spans, value};

/// Answers every request in the same way.
#[derive(Clone, Copy)]
struct Provider(u16);

impl Service<Request<WatchedBody<Full<Bytes>>>> for Provider {
    type Response = Response<Full<Bytes>>;
    type Error = io::Error;
    type Future = Ready<io::Result<Self::Response>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<WatchedBody<Full<Bytes>>>) -> Self::Future {
        const ANSWER: &str = r#"{"id":"chatcmpl-1","model":"gpt-4o-mini-2024-07-18","choices":[{"message":
            {"role":"assistant","content":"Hello"},"finish_reason":"stop"}],
            "usage":{"prompt_tokens":9,"completion_tokens":2}}"#;
        let response = Response::builder().status(self.0);
        let response = response.header("content-type", "application/json");
        ready(Ok(response.body(Full::from(ANSWER)).unwrap()))
    }
}

/// Asks over a transport that is recorded, and reads nothing of the answer but its text.
async fn ask(telemetry: Telemetry, provider: Provider) -> io::Result<ChatResponse> {
    let recorder = Recorder::new(telemetry, RecorderOptions::default());
    let mut transport = RecordLayer::new(recorder).layer(provider);
    let body = r#"{"model":"gpt-4o-mini","messages":[{"role":"user","content":"Hi"}]}"#;
    let request = Request::post("https://api.openai.com/v1/chat/completions");
    let response = transport
        .call(request.body(Full::from(body)).unwrap())
        .await?;
    let status = response.status();
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    if !status.is_success() {
        return Err(io::Error::other("refused"));
    }
    let answer: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    Ok(ChatResponse::text(
        Shape::OpenAiChat.response_of(&answer).said(),
    ))
}

#[test]
fn one_call_is_one_span_with_what_both_know() {
    let (sink, telemetry) = recorder(true);
    let recorder = telemetry.clone();
    let client = chat_fn(move |_: ChatRequest| ask(recorder.clone(), Provider(200)));
    let vendor = VendorLayer::new(&telemetry, [("braintrust.parent", "p")]).unwrap();
    let mut client = ChatLayer::new(&telemetry, OPENAI).layer(vendor.layer(client));
    assert_eq!(run(client.call(question())).unwrap().said(), "Hello");
    let spans = spans(&sink, &telemetry);
    assert_eq!(spans.len(), 1);
    for (key, expected) in [
        (key::GEN_AI_RESPONSE_ID, "\"chatcmpl-1\""),
        (key::GEN_AI_USAGE_INPUT_TOKENS, "9"),
        (key::SERVER_ADDRESS, "\"api.openai.com\""),
        ("braintrust.parent", "\"p\""),
    ] {
        assert_eq!(value(&spans[0], key), expected);
    }
    let said = value(&spans[0], key::GEN_AI_INPUT_MESSAGES);
    assert!(
        said.contains("Lisbon"),
        "what the layer was asked wins: {said}"
    );
}

#[test]
fn what_the_transport_saw_says_why_the_call_failed() {
    let (sink, telemetry) = recorder(false);
    let recorder = telemetry.clone();
    let client = chat_fn(move |_: ChatRequest| ask(recorder.clone(), Provider(429)));
    let mut client = ChatLayer::new(&telemetry, OPENAI).layer(client);
    run(client.call(question())).unwrap_err();
    let spans = spans(&sink, &telemetry);
    assert_eq!(spans.len(), 1);
    assert_eq!(value(&spans[0], key::ERROR_TYPE), "\"rate_limited\"");
}
