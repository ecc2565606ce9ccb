//! One call, seen by hand-made operations and by the client.

use std::{sync::Arc, time::Duration};

use futures_util::StreamExt;
use genspan::{
    Active, Capture, Conventions, Ended, Event, Handle, Inference, Measured, Place, Provider,
    Rendering, Report, Sink, SpanContext, Start, Telemetry, Value,
    semconv::{attribute, event},
};
use genspan_http::{
    Recorder, RecorderOptions, reqwest_0_13::Recorded, reqwest_middleware::RecordMiddleware,
};
use reqwest_0_13::Client;
use testkit::{CaptureSink, CapturedSpan, provider::Script};
use tower_service::Service;

use crate::{
    fronts::{Front, Read, ask, ask_once},
    rig::{Ask, LIMIT, Rig, error_type},
};

/// A hand-made span that states two things.
fn chat(rig: &Rig) -> Active<Inference> {
    let mut call = rig.telemetry.chat(Provider::OPENAI, "my-model");
    call.request.temperature = Some(0.2);
    call.response.id = Some("my-id".to_owned());
    call
}

fn text(span: &CapturedSpan, key: &str) -> String {
    span.signals
        .get(key)
        .map(Value::to_json)
        .unwrap_or_default()
}

fn attempts(span: &CapturedSpan) -> Vec<String> {
    let events = span.signals.span_events.iter();
    let attempts = events.filter(|event| event.name == event::GENSPAN_ATTEMPT);
    attempts
        .map(|event| event.attributes[1].value.to_json())
        .collect()
}

/// Checks that the span has the program's words, and the provider's where the program had none.
fn assert_enriched(span: &CapturedSpan) {
    assert_eq!(span.signals.name, "chat my-model");
    assert_eq!(text(span, attribute::GEN_AI_RESPONSE_ID), r#""my-id""#);
    assert_eq!(text(span, attribute::GEN_AI_REQUEST_TEMPERATURE), "0.2");
    assert_eq!(
        text(span, attribute::GEN_AI_RESPONSE_MODEL),
        r#""gpt-test""#
    );
    assert_eq!(text(span, attribute::GEN_AI_USAGE_INPUT_TOKENS), "12");
    assert_eq!(
        text(span, attribute::GEN_AI_RESPONSE_FINISH_REASONS),
        r#"["stop"]"#
    );
    assert!(text(span, attribute::GEN_AI_OUTPUT_MESSAGES).contains("You said: How are you?"));
    assert_eq!(text(span, attribute::SERVER_ADDRESS), r#""127.0.0.1""#);
}

#[tokio::test]
async fn a_hand_made_span_learns_what_the_client_sees() {
    for front in Front::RECORDED {
        for it in [Ask::chat("text"), Ask::streamed("text")] {
            let rig = Rig::scenarios();
            let call = chat(&rig);
            let answer = call.scope().within(ask(front, &rig, &it, Read::All)).await;
            assert_eq!(answer.unwrap().status, 200);
            call.finish();
            let span = rig.span();
            assert_enriched(&span);
            assert_eq!(error_type(&span), None);
        }
    }
}

#[tokio::test]
async fn a_stream_that_outlives_the_span_is_not_lost() {
    let rig = Rig::scenarios();
    let call = chat(&rig);
    let it = Ask::streamed("text");
    let response = call.scope().within(ask_once(&rig, &it)).await;
    call.finish();
    assert_eq!(rig.spans().len(), 0, "it waits for the stream");
    response.bytes().await.unwrap();
    assert_enriched(&rig.span());
}

#[tokio::test]
async fn a_span_that_is_dropped_is_cancelled_and_keeps_what_was_seen() {
    let rig = Rig::scenarios();
    let call = chat(&rig);
    let scope = call.scope();
    let response = scope.within(ask_once(&rig, &Ask::streamed("text"))).await;
    drop(call);
    response.bytes().await.unwrap();
    let span = rig.span();
    assert_enriched(&span);
    assert_eq!(error_type(&span).as_deref(), Some("cancelled"));
}

#[tokio::test]
async fn attempts_within_a_span_are_its_events() {
    for front in Front::RECORDED {
        let rig = Rig::scenarios();
        let call = chat(&rig);
        // The client is faster than the worker.
        let blocked = rig.block_worker();
        for status in [429, 429, 200] {
            let it = Ask::chat("retry-429:2");
            let answer = call.scope().within(ask(front, &rig, &it, Read::All)).await;
            assert_eq!(answer.unwrap().status, status);
        }
        drop(blocked);
        call.finish();
        let span = rig.span();
        assert_enriched(&span);
        assert_eq!(attempts(&span), ["429", "429"], "{front:?}");
        assert_eq!(text(&span, attribute::GENSPAN_ATTEMPTS), "3");
        assert_eq!(error_type(&span), None);
    }
}

#[tokio::test]
async fn another_call_within_a_span_is_its_child() {
    let rig = Rig::scenarios();
    let call = chat(&rig);
    for _ in 0..2 {
        let it = Ask::chat("text");
        let answer = call.scope().within(ask(Front::New, &rig, &it, Read::All));
        answer.await.unwrap();
    }
    call.finish();
    let spans = rig.spans();
    let (outer, own): (Vec<_>, Vec<_>) = spans.iter().partition(|span| span.parent.is_none());
    assert_eq!((outer.len(), own.len()), (1, 1));
    assert_eq!(own[0].parent, Some(outer[0].context.clone()));
}

#[tokio::test]
async fn a_cut_stream_makes_the_programs_failure_precise() {
    let rig = Rig::scenarios();
    let call = chat(&rig);
    let it = Ask::streamed("cut-midstream");
    let told = call
        .scope()
        .within(ask(Front::New, &rig, &it, Read::All))
        .await;
    assert!(told.unwrap().error.is_some());
    call.fail(genspan::ErrorType::Other("MyError".into()));
    let span = rig.span();
    assert_eq!(error_type(&span).as_deref(), Some("connection_lost"));
    assert!(text(&span, attribute::GEN_AI_OUTPUT_MESSAGES).contains("You said"));
}

#[tokio::test]
async fn recorded_twice_is_one_span() {
    for is_within_a_span in [false, true] {
        let rig = Rig::scenarios();
        let inner = reqwest_middleware::ClientBuilder::new(Client::new())
            .with(RecordMiddleware::new(rig.recorder.clone()))
            .with(RecordMiddleware::new(rig.recorder.clone()))
            .build();
        let inner = Recorded::new(inner, rig.recorder.clone());
        let mut client = Recorded::new(inner, rig.recorder.clone());
        let it = Ask::chat("text");
        let request = Client::new()
            .post(format!("{}{}", rig.provider.url(), it.path))
            .body(it.body);
        let request = request.build().unwrap();
        let work = async {
            let response = client.call(request).await.unwrap();
            response.bytes().await.unwrap();
        };
        if is_within_a_span {
            let call = chat(&rig);
            call.scope().within(work).await;
            call.finish();
            assert_enriched(&rig.span());
        } else {
            work.await;
            assert_ne!(text(&rig.span(), attribute::GEN_AI_USAGE_INPUT_TOKENS), "");
        }
    }
}

#[tokio::test]
async fn the_extensions_of_a_middlewares_request_may_say_more() {
    let rig = Rig::scenarios();
    let client = reqwest_middleware::ClientBuilder::new(Client::new())
        .with(RecordMiddleware::new(rig.recorder.clone()))
        .build();
    let call = chat(&rig);
    let it = Ask::chat("text");
    let request = client
        .post(format!("{}{}", rig.provider.url(), it.path))
        .body(it.body)
        .with_extension(call.scope());
    request.send().await.unwrap().bytes().await.unwrap();
    call.finish();
    assert_enriched(&rig.span());
}

#[tokio::test]
async fn a_call_that_a_tool_makes_is_the_tools_child() {
    let rig = Rig::scenarios();
    let call = rig.telemetry.chat(Provider::OPENAI, "my-model");
    let tool = call.scope().run(|| rig.telemetry.execute_tool("ask"));
    let it = Ask::chat("text");
    let work = ask(Front::Middleware, &rig, &it, Read::All);
    tool.scope().within(work).await.unwrap();
    tool.finish();
    call.finish();
    insta::assert_snapshot!(rig.tree());
}

/// A sink whose spans come out once they have begun, as those of an OpenTelemetry SDK do.
#[derive(Debug)]
struct Lasting(Arc<CaptureSink>);

impl Sink for Lasting {
    fn renderings(&self) -> &[Rendering] {
        self.0.renderings()
    }

    fn start(&self, start: Start) -> Handle {
        self.0.start(start)
    }

    fn finish(&self, handle: Handle, ended: Ended) {
        self.0.finish(handle, ended);
    }

    fn can_discard(&self) -> bool {
        false
    }

    fn discard(&self, handle: Handle) {
        panic!("{handle:?} cannot be forgotten");
    }

    fn event(&self, within: Option<&SpanContext>, events: Vec<Option<Event>>) {
        self.0.event(within, events);
    }

    fn measure(&self, measured: Vec<Measured>) {
        self.0.measure(measured);
    }

    fn flush(&self, timeout: Duration) -> Report {
        self.0.flush(timeout)
    }

    fn shutdown(&self, timeout: Duration) -> Report {
        self.0.shutdown(timeout)
    }
}

#[tokio::test]
async fn where_spans_cannot_be_forgotten_each_attempt_is_one() {
    let rendering = Rendering::new(Conventions::V1_41).with_capture(Capture::at(Place::Span));
    let mut rig = Rig::over(Script::scenarios(), CaptureSink::new(rendering));
    rig.telemetry = Telemetry::builder(Arc::new(Lasting(Arc::clone(&rig.sink)))).build();
    rig.recorder = Recorder::new(rig.telemetry.clone(), RecorderOptions::default());
    let attempts = async |rig: &Rig| {
        for status in [429, 200] {
            let it = Ask::chat("retry-429");
            let told = ask(Front::New, rig, &it, Read::All).await.unwrap();
            assert_eq!(told.status, status);
        }
    };
    attempts(&rig).await;
    // Once for what is decoded, once for what comes of it; nothing waits for a retry.
    for _ in 0..2 {
        assert!(rig.telemetry.flush(LIMIT).is_complete());
    }
    let ended: Vec<_> = rig.sink.spans().iter().map(error_type).collect();
    assert_eq!(ended, [Some("rate_limited".to_owned()), None]);
    // Within a span it is one all the same.
    let call = chat(&rig);
    call.scope().within(attempts(&rig)).await;
    call.finish();
    let spans = rig.spans();
    assert_eq!(spans.len(), 3);
    assert_eq!(text(&spans[2], attribute::GENSPAN_ATTEMPTS), "2");
}

#[tokio::test]
async fn the_stream_of_a_response_may_be_read_by_another_task() {
    let rig = Rig::scenarios();
    let call = chat(&rig);
    let response = call
        .scope()
        .within(ask_once(&rig, &Ask::streamed("text")))
        .await;
    let reading = tokio::spawn(async move {
        let mut chunks = response.bytes_stream();
        while let Some(chunk) = chunks.next().await {
            chunk.unwrap();
        }
    });
    reading.await.unwrap();
    call.finish();
    assert_enriched(&rig.span());
}
