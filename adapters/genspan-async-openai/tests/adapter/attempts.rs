//! One call is one span, however often the client asks.

use std::sync::Arc;

use async_openai::error::OpenAIError;
use genspan::{Conventions, Rendering, Telemetry, semconv::attribute};
use genspan_otel::OtelSink;
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider};
use testkit::provider::{Provider, Script};

use crate::{
    interface::{Interface, Take, user},
    scene::{LIMIT, Scene, attempts, error_type, text},
};

#[tokio::test]
async fn retries_are_kept_and_are_events_of_the_one_span() {
    for interface in Interface::ALL {
        for take in [Take::Whole, Take::Stream] {
            let scene = Scene::scenarios();
            let question = user("Will it rain? scripted:retry-429:2");
            let client = scene.client();
            let asked = interface.ask(&client, &question, false, take);
            assert!(
                !asked.await.unwrap().text.is_empty(),
                "{interface:?} {take:?}"
            );
            assert_eq!(scene.provider.requests().len(), 3);
            let span = scene.span();
            assert_eq!(error_type(&span), None);
            assert_eq!(
                attempts(&span),
                [r#"1 429 "rate_limited""#, r#"2 429 "rate_limited""#]
            );
            assert_eq!(text(&span, attribute::GENSPAN_ATTEMPTS).unwrap(), "3");
            assert!(text(&span, attribute::GEN_AI_RESPONSE_ID).is_some());
        }
    }
}

#[tokio::test]
async fn who_gives_up_has_failed_as_the_last_attempt_did() {
    let (scene, plain) = (Scene::scenarios(), Scene::scenarios());
    let question = user("Will it rain? scripted:error-500");
    let mut words = Vec::new();
    for client in [scene.client(), plain.plain()] {
        let asked = Interface::Chat.ask(&client, &question, false, Take::Whole);
        words.push(asked.await.unwrap_err().to_string());
    }
    assert_eq!(words[0], words[1]);
    let asked = |scene: &Scene| scene.provider.requests().len();
    assert_eq!((asked(&scene), asked(&plain)), (4, 4));
    let span = scene.span();
    assert_eq!(error_type(&span).as_deref(), Some("server_error"));
    assert_eq!(attempts(&span).len(), 4);
    assert_eq!(text(&span, attribute::GENSPAN_ATTEMPTS).unwrap(), "4");
}

#[tokio::test]
async fn a_refused_key_is_not_tried_again_and_told_to_nobody() {
    let scene = Scene::scenarios();
    let question = user("Will it rain? scripted:error-401");
    let client = scene.client();
    let asked = Interface::Chat.ask(&client, &question, false, Take::Whole);
    let Err(OpenAIError::ApiError(error)) = asked.await else {
        panic!("the provider refuses")
    };
    // The provider repeats the key in what it says.
    assert!(error.to_string().contains(crate::scene::KEY), "{error}");
    assert_eq!(scene.provider.requests().len(), 1);
    insta::assert_snapshot!(scene.tree());
    assert!(!scene.everything().contains(crate::scene::KEY));
}

/// Calls without a parent, under an application's own SDK, which cannot forget a span once it has begun.
#[tokio::test]
async fn it_needs_no_sink_that_forgets() {
    let spans = InMemorySpanExporter::default();
    let tracers = SdkTracerProvider::builder()
        .with_simple_exporter(spans.clone())
        .build();
    let sink = OtelSink::builder(Rendering::new(Conventions::V1_41));
    let sink = Arc::new(sink.with_tracer_provider(&tracers).build());
    let telemetry = Telemetry::builder(sink).build();
    let provider = Provider::start(Script::scenarios()).unwrap();
    let config =
        async_openai::config::OpenAIConfig::new().with_api_base(format!("{}/v1", provider.url()));
    let client = genspan_async_openai::client(config, telemetry.clone());
    let question = user("Will it rain? scripted:retry-529");
    let asked = Interface::Chat.ask(&client, &question, false, Take::Stream);
    asked.await.unwrap();
    assert!(telemetry.flush(LIMIT).is_complete());
    let spans = spans.get_finished_spans().unwrap();
    assert_eq!(
        (provider.requests().len(), spans.len()),
        (2, 1),
        "{spans:?}"
    );
    assert_eq!(spans[0].events.len(), 1);
}

#[tokio::test]
async fn nobody_listening_is_tried_again_and_unreachable() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}/v1", closed.local_addr().unwrap());
    drop(closed);
    let scene = Scene::scenarios();
    let config = scene.config().with_api_base(base);
    let client = genspan_async_openai::client(config, scene.recorder.clone());
    let question = user("Hello?");
    let asked = Interface::Chat.ask(&client, &question, false, Take::Whole);
    let Err(OpenAIError::Reqwest(error)) = asked.await else {
        panic!("nobody is there")
    };
    assert!(error.is_connect());
    let span = scene.span();
    assert_eq!(error_type(&span).as_deref(), Some("connectivity"));
    assert_eq!(attempts(&span).len(), 4);
}
