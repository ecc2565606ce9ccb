//! Layers of the program's own, and a transport of its own.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_openai::{
    Client,
    error::OpenAIError,
    middleware::{
        HttpRequestFactory, ReqwestService,
        retry::{OpenAIRetryLayer, SimpleRetryPolicy},
    },
};
use genspan_http::Recorder;
use tower::{
    BoxError, Service, ServiceBuilder, ServiceExt, retry::RetryLayer, service_fn,
    timeout::TimeoutLayer,
};

use crate::{
    interface::{Interface, Take, user},
    scene::{Scene, attempts, error_type},
};

/// Makes requests of this path, and counts how often one is built.
fn counted(scene: &Scene, path: &str, scenario: &str) -> (HttpRequestFactory, Arc<AtomicUsize>) {
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    let url = format!("{}{path}", scene.provider.url());
    let body = format!(
        r#"{{"model":"m","messages":[{{"role":"user","content":"scripted:{scenario}"}}]}}"#
    );
    let factory = HttpRequestFactory::new(move || {
        counted.fetch_add(1, Ordering::Relaxed);
        let request = reqwest_0_13::Client::new()
            .post(&url)
            .body(body.clone())
            .build();
        async move { Ok(request?) }
    });
    (factory, count)
}

#[tokio::test]
async fn each_attempt_is_built_once() {
    for (path, scenario, built) in [
        ("/v1/chat/completions", "text", 1),
        ("/v1/chat/completions", "retry-429:2", 3),
        ("/v1/audio/speech", "text", 1),
    ] {
        let scene = Scene::scenarios();
        let retries = OpenAIRetryLayer::default();
        let transport = ReqwestService::default();
        let service = genspan_async_openai::service(retries, transport, scene.recorder.clone());
        let (factory, count) = counted(&scene, path, scenario);
        service.oneshot(factory).await.unwrap();
        assert_eq!(count.load(Ordering::Relaxed), built, "{path} {scenario}");
    }
}

#[tokio::test]
async fn a_request_that_cannot_be_built_fails_once_and_is_no_call() {
    let scene = Scene::scenarios();
    let (retries, transport) = (OpenAIRetryLayer::default(), ReqwestService::default());
    let service = genspan_async_openai::service(retries, transport, scene.recorder.clone());
    let built = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&built);
    let factory = HttpRequestFactory::new(move || {
        count.fetch_add(1, Ordering::Relaxed);
        async { Err(OpenAIError::FileReadError("no file".to_owned())) }
    });
    let error = service.oneshot(factory).await.unwrap_err();
    assert!(matches!(error, OpenAIError::FileReadError(_)), "{error}");
    assert_eq!((built.load(Ordering::Relaxed), scene.spans().len()), (1, 0));
}

#[tokio::test]
async fn another_policy_of_retries_gives_the_same_span() {
    let scene = Scene::scenarios();
    let retries = RetryLayer::new(SimpleRetryPolicy::new(1));
    let service =
        genspan_async_openai::service(retries, ReqwestService::default(), scene.recorder.clone());
    let client = Client::with_config(scene.config()).with_http_service(service);
    let question = user("Will it rain? scripted:retry-529");
    let asked = Interface::Responses.ask(&client, &question, false, Take::Whole);
    asked.await.unwrap();
    assert_eq!(attempts(&scene.span()).len(), 1);
}

#[tokio::test]
async fn a_time_out_among_the_layers_is_one_of_the_call() {
    let scene = Scene::scenarios();
    let layers = ServiceBuilder::new()
        .layer(TimeoutLayer::new(Duration::from_millis(1)))
        .layer(OpenAIRetryLayer::default());
    let service =
        genspan_async_openai::service(layers, ReqwestService::default(), scene.recorder.clone());
    let client = Client::with_config(scene.config()).with_http_service(service);
    let question = user("Will it rain? scripted:hang");
    let asked = Interface::Chat.ask(&client, &question, false, Take::Whole);
    assert!(matches!(asked.await.unwrap_err(), OpenAIError::Boxed(_)));
    assert_eq!(error_type(&scene.span()).as_deref(), Some("timeout"));
}

#[tokio::test]
async fn a_transport_that_times_out_is_a_failed_attempt() {
    let scene = Scene::scenarios();
    let transport = ServiceBuilder::new()
        .layer(TimeoutLayer::new(Duration::from_millis(1)))
        .service(ReqwestService::default());
    let service = genspan_async_openai::service(
        tower::layer::util::Identity::new(),
        transport,
        scene.recorder.clone(),
    );
    let (factory, _) = counted(&scene, "/v1/chat/completions", "hang");
    let _: BoxError = service.oneshot(factory).await.unwrap_err();
    assert_eq!(error_type(&scene.span()).as_deref(), Some("timeout"));
}

/// As a cache does that knows the answer.
#[tokio::test]
async fn what_asks_nobody_is_no_call() {
    let scene = Scene::scenarios();
    let cache = tower::layer::layer_fn(|_inner| {
        service_fn(|_: HttpRequestFactory| async {
            Ok::<_, OpenAIError>(reqwest_0_13::Response::from(http::Response::new("{}")))
        })
    });
    let mut service =
        genspan_async_openai::service(cache, ReqwestService::default(), scene.recorder.clone());
    let (factory, count) = counted(&scene, "/v1/chat/completions", "text");
    let answer = service.ready().await.unwrap().call(factory).await.unwrap();
    assert_eq!(answer.bytes().await.unwrap(), "{}");
    assert_eq!((count.load(Ordering::Relaxed), scene.spans().len()), (1, 0));
}

#[tokio::test]
async fn disabled_it_stands_aside() {
    let scene = Scene::scenarios();
    let recorder = Recorder::from(genspan::Telemetry::disabled());
    let config = scene.config();
    let client = genspan_async_openai::client(config, recorder.clone());
    let question = user("Will it rain? scripted:retry-429");
    let asked = Interface::Chat.ask(&client, &question, false, Take::Whole);
    asked.await.unwrap();
    let (layers, http) = (OpenAIRetryLayer::default(), ReqwestService::default());
    let service = genspan_async_openai::service(layers, http, recorder);
    let (factory, count) = counted(&scene, "/v1/chat/completions", "text");
    service.oneshot(factory).await.unwrap();
    assert_eq!(count.load(Ordering::Relaxed), 1);
}
