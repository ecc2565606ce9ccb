//! A service that asks a model: its calls are part of the caller's trace, and carry the user that the caller names.

#![allow(clippy::print_stdout, reason = "it speaks to whoever runs it")]

use std::sync::Arc;

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderMap, HeaderName, StatusCode},
    middleware::{self, Next},
    response::Response,
    routing::post,
};
use genspan_examples::{Result, Stage};
use genspan_http::{Recorder, reqwest_0_13::Recorded};
use opentelemetry::{context::FutureExt, global, propagation::Extractor};
use serde_json::{Value, json};
use tokio::net::TcpListener;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result {
    let stage = Stage::new()?;
    let guard = genspan_otel::builder()
        .with_service_name("answers")
        .with_destination(stage.destination())
        .with_baggage(["user.id"]) // what callers may say of themselves
        .init()?;
    let recorder = Recorder::from(guard.telemetry());
    let app = Router::new()
        .route("/answer", post(answer))
        .layer(middleware::from_fn(within_callers_trace))
        .with_state(Arc::new(Models {
            client: Recorded::new(stage.client("text")?, recorder),
            base_url: stage.base_url(),
        }));

    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/answer", listener.local_addr()?);
    tokio::select! {
        served = axum::serve(listener, app) => served?,
        called = call_twice(&url) => called?,
    }
    drop(guard); // delivers what is left
    Ok(stage.show()?)
}

/// Lets what a request leads to run within the trace that its headers name.
async fn within_callers_trace(request: Request, next: Next) -> Response {
    let headers = Headers(request.headers());
    let caller = global::get_text_map_propagator(|propagator| propagator.extract(&headers));
    next.run(request).with_context(caller).await
}

/// Lets OpenTelemetry read headers.
struct Headers<'a>(&'a HeaderMap);

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(HeaderName::as_str).collect()
    }
}

struct Models {
    client: Recorded,
    base_url: String,
}

async fn answer(
    State(models): State<Arc<Models>>,
    question: String,
) -> Result<String, (StatusCode, String)> {
    let answer = models.ask(&question).await;
    answer.map_err(|error| (StatusCode::BAD_GATEWAY, error.to_string()))
}

impl Models {
    async fn ask(&self, question: &str) -> Result<String> {
        let url = format!("{}/chat/completions", self.base_url);
        let question = json!({
            "model": "gpt-4o-mini",
            "messages": [{"role": "user", "content": question}],
        });
        let request = self.client.post(url);
        let response = request.with(|it| it.json(&question)).send().await?;
        let answer: Value = response.error_for_status()?.json().await?;
        let text = answer.pointer("/choices/0/message/content");
        let text = text
            .and_then(Value::as_str)
            .ok_or("the model has nothing to say")?;
        Ok(text.to_owned())
    }
}

/// Plays two callers: one that has a trace and names its user, one that does neither.
async fn call_twice(url: &str) -> Result {
    let client = reqwest::Client::new();
    let traced = client
        .post(url)
        .header(
            "traceparent",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        )
        .header("baggage", "user.id=u-7,cart=full")
        .body("Who am I?");
    println!("{}", traced.send().await?.text().await?);
    let plain = client.post(url).body("And who are you?");
    println!("{}", plain.send().await?.text().await?);
    Ok(())
}
