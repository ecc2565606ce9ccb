//! The client gets what it would get without.

use async_openai::{
    error::OpenAIError,
    middleware::{HttpRequestFactory, ReqwestService, retry::OpenAIRetryLayer},
};
use bytes::Bytes;
use futures_util::StreamExt;
use reqwest_0_13::Response;
use testkit::provider::RecordedRequest;
use tower::{Layer, ServiceExt};

use crate::{
    interface::{Interface, Take, user},
    scene::Scene,
};

const SCENARIOS: [&str; 11] = [
    "text",
    "reasoning",
    "refusal",
    "one-byte",
    "pings",
    "no-done",
    "error-400",
    "error-401",
    "error-midstream",
    "cut-midstream",
    "cut-before-headers",
];

/// What a request was, but for its connection.
fn asked(requests: &[RecordedRequest]) -> Vec<(String, Bytes, Vec<String>)> {
    let of = |it: &RecordedRequest| {
        let mut headers: Vec<String> = it.headers.iter().map(|one| format!("{one:?}")).collect();
        headers.retain(|header| !header.contains("host"));
        (it.path.clone(), it.body.clone(), headers)
    };
    requests.iter().map(of).collect()
}

/// What an error says; the chain of causes of one amid a body is longer where the body was watched.
fn words(error: &OpenAIError) -> String {
    match error {
        OpenAIError::Reqwest(error) => format!(
            "{error} connect {} body {} decode {} timeout {}",
            error.is_connect(),
            error.is_body(),
            error.is_decode(),
            error.is_timeout()
        ),
        other => format!("{other:?}"),
    }
}

#[tokio::test]
async fn answers_errors_and_requests_are_the_same() {
    for interface in Interface::ALL {
        for take in [Take::Whole, Take::Stream] {
            for scenario in SCENARIOS {
                let scene = Scene::scenarios();
                let mut told = Vec::new();
                for client in [scene.plain(), scene.client()] {
                    let question = user(&format!("Why? scripted:{scenario}"));
                    let said = interface.ask(&client, &question, false, take).await;
                    told.push(said.map_err(|error| words(&error)));
                }
                assert_eq!(told[0], told[1], "{interface:?} {take:?} {scenario}");
                let requests = asked(&scene.provider.requests());
                let (plain, recorded) = requests.split_at(requests.len() / 2);
                assert_eq!(plain, recorded, "{interface:?} {take:?} {scenario}");
                let spans = scene.ended().await;
                assert_eq!(spans.len(), 1, "{interface:?} {take:?} {scenario}");
            }
        }
    }
}

/// All that a response shows: head, address, size and body, or how it broke.
#[derive(Debug, PartialEq)]
struct Shown {
    head: String,
    url: String,
    size: Option<u64>,
    has_address: bool,
    body: Vec<u8>,
    error: Option<String>,
}

async fn shown(response: Response) -> Shown {
    let head = format!(
        "{:?} {:?} {:?}",
        response.status(),
        response.version(),
        response.headers()
    );
    let mut shown = Shown {
        head,
        url: response.url().to_string(),
        size: response.content_length(),
        has_address: response.remote_addr().is_some(),
        body: Vec::new(),
        error: None,
    };
    let mut chunks = response.bytes_stream();
    while let Some(chunk) = chunks.next().await {
        match chunk {
            Ok(chunk) => shown.body.extend_from_slice(&chunk),
            Err(error) => shown.error = Some(error.to_string()),
        }
    }
    shown
}

#[tokio::test]
async fn what_layers_see_of_a_response_is_the_same() {
    for scenario in [
        "text",
        "huge:1",
        "error-400",
        "error-500",
        "cut-midstream",
        "retry-429",
    ] {
        for stream in [false, true] {
            let scene = Scene::scenarios();
            let url = format!("{}/v1/chat/completions?q=%20", scene.provider.url());
            let body = format!(
                r#"{{"model":"m","stream":{stream},"messages":[{{"role":"user","content":"scripted:{scenario}"}}]}}"#
            );
            let factory = HttpRequestFactory::new(move || {
                let request = reqwest_0_13::Client::new()
                    .post(&url)
                    .body(body.clone())
                    .build();
                async move { Ok(request?) }
            });
            let (retries, http) = (OpenAIRetryLayer::new(1), ReqwestService::default());
            let plain = retries.layer(http.clone()).oneshot(factory.clone()).await;
            let service = genspan_async_openai::service(retries, http, scene.recorder.clone());
            let recorded = service.oneshot(factory).await;
            let (plain, recorded) = (plain.unwrap(), recorded.unwrap());
            assert_eq!(shown(recorded).await, shown(plain).await, "{scenario}");
            assert_eq!(scene.spans().len(), 1);
        }
    }
}
