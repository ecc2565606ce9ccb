//! A call that is dropped is one span, and cancelled.

use std::{
    future::pending,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use async_openai::{
    Client,
    error::OpenAIError,
    middleware::{HttpRequestFactory, ReqwestService},
};
use reqwest_0_13::Response;
use testkit::provider::{Answer, Script, Step};
use tokio::sync::Notify;
use tower::{Service, layer::layer_fn};

use crate::{
    interface::{Interface, Take, user},
    scene::{Scene, attempts, error_type},
};

#[tokio::test]
async fn before_the_answer() {
    let scene = Scene::scenarios();
    let client = scene.client();
    let question = user("Will it rain? scripted:hang");
    let asking = tokio::spawn(async move {
        let asked = Interface::Chat.ask(&client, &question, false, Take::Whole);
        asked.await.map(drop)
    });
    assert!(scene.provider.reached("hang").await);
    asking.abort();
    assert!(asking.await.unwrap_err().is_cancelled());
    let span = scene.span();
    assert_eq!(error_type(&span).as_deref(), Some("cancelled"));
    assert_eq!(attempts(&span).len(), 0);
}

#[tokio::test]
async fn amid_a_stream() {
    let chunk = r#"data: {"id":"c1","object":"chat.completion.chunk","created":1,"model":"gpt-4o-1","choices":[{"index":0,"delta":{"role":"assistant","content":"Hello"},"finish_reason":null}]}"#;
    let steps = vec![
        Step::bytes(format!("{chunk}\n\n")),
        Step::gate("rest"),
        Step::bytes("data: [DONE]\n\n"),
    ];
    let scene = Scene::new(Script::new().answer(Answer::stream(steps)));
    let (client, question) = (scene.client(), user("Hi"));
    let asked = Interface::Chat.ask(&client, &question, false, Take::First);
    assert_eq!(asked.await.unwrap().text, "Hello");
    assert!(scene.provider.disconnected(0).await);
    let span = scene.span();
    assert_eq!(error_type(&span).as_deref(), Some("cancelled"));
    let tree = scene.tree();
    assert!(
        tree.contains("Hello") && tree.contains("gpt-4o-1"),
        "{tree}"
    );
}

/// Waits after the first answer for good, as a client does whose provider told it to come back tomorrow.
#[derive(Clone)]
struct Patient<S> {
    inner: S,
    is_waiting: Arc<Notify>,
}

impl<S> Service<HttpRequestFactory> for Patient<S>
where
    S: Service<HttpRequestFactory, Response = Response, Error = OpenAIError>,
    S::Future: Send + 'static,
{
    type Response = Response;
    type Error = OpenAIError;
    type Future = Pin<Box<dyn Future<Output = Result<Response, OpenAIError>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), OpenAIError>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, factory: HttpRequestFactory) -> Self::Future {
        let attempt = self.inner.call(factory);
        let is_waiting = Arc::clone(&self.is_waiting);
        Box::pin(async move {
            drop(attempt.await?.bytes().await);
            is_waiting.notify_one();
            pending().await
        })
    }
}

#[tokio::test]
async fn while_the_client_waits_to_try_again() {
    let scene = Scene::scenarios();
    let is_waiting = Arc::new(Notify::new());
    let told = Arc::clone(&is_waiting);
    let patient = layer_fn(move |inner| Patient {
        inner,
        is_waiting: Arc::clone(&told),
    });
    let transport = ReqwestService::default();
    let service = genspan_async_openai::service(patient, transport, scene.recorder.clone());
    let client = Client::with_config(scene.config()).with_http_service(service);
    let question = user("Will it rain? scripted:error-429");
    let asking = tokio::spawn(async move {
        let asked = Interface::Chat.ask(&client, &question, false, Take::Whole);
        asked.await.map(drop)
    });
    is_waiting.notified().await;
    asking.abort();
    assert!(asking.await.unwrap_err().is_cancelled());
    let span = scene.span();
    assert_eq!(error_type(&span).as_deref(), Some("cancelled"));
    assert_eq!(attempts(&span), [r#"1 429 "rate_limited""#]);
}
