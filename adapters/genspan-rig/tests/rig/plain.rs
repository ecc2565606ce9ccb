//! Models without an agent, by what goes over the wire alone.

use std::future::ready;

use bytes::Bytes;
use futures_util::StreamExt;
use http::{Request, Response};
use rig_agent::extractor::ExtractorBuilder;
use rig_core::{
    completion::CompletionRequest,
    http_client::{Error, HttpClientExt, LazyBody, MultipartForm, Result, StreamingResponse},
    schemars::JsonSchema,
    serde::{Deserialize, Serialize},
};
use serde_json::json;

use super::{checked::Scene, models};

#[derive(Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(crate = "rig_core::serde")]
#[schemars(crate = "rig_core::schemars")]
struct Trip {
    city: String,
}

/// Answers everything with the same body.
#[derive(Clone)]
struct Fixed(&'static str);

impl HttpClientExt for Fixed {
    fn send<T, U>(
        &self,
        _: Request<T>,
    ) -> impl Future<Output = Result<Response<LazyBody<U>>>> + Send + 'static
    where
        T: Into<Bytes> + Send,
        U: From<Bytes> + Send + 'static,
    {
        let body: LazyBody<U> = Box::pin(ready(Ok(U::from(Bytes::from_static(self.0.as_bytes())))));
        ready(Ok(Response::new(body)))
    }

    fn send_multipart<U>(
        &self,
        _: Request<MultipartForm>,
    ) -> impl Future<Output = Result<Response<LazyBody<U>>>> + Send + 'static
    where
        U: From<Bytes> + Send + 'static,
    {
        ready(Err(Error::StreamEnded))
    }

    async fn send_streaming<T: Into<Bytes> + Send>(
        &self,
        _: Request<T>,
    ) -> Result<StreamingResponse> {
        Err(Error::StreamEnded)
    }
}

const EMBEDDINGS: &str = r#"{"object": "list", "model": "text-embedding-3-small",
    "data": [{"object": "embedding", "index": 0, "embedding": [0.5, 0.25]}],
    "usage": {"prompt_tokens": 3, "total_tokens": 3}}"#;

#[tokio::test]
async fn models_extractors_and_embeddings_are_one_span_a_call() {
    let scene = Scene::new();
    let model = scene.rig.model(models::chat(&scene.provider));
    let asked = || CompletionRequest::new(models::plan(&json!(["Hello."])));
    model.call(asked()).await.unwrap();
    let mut stream = model.stream(asked()).unwrap();
    while stream.next().await.is_some() {}
    drop(stream);

    // A client that is recorded itself, for a provider and all of its models.
    let provider = models::openai(&scene.provider).with_http(scene.rig.http(models::transport()));
    let steps = json!([{"call": [["submit", {"city": "Rome"}]]}]);
    let trip = ExtractorBuilder::<Trip>::new(provider.chat("gpt-4o-mini")).build();
    let trip = trip.extract(models::plan(&steps)).await.unwrap();
    assert_eq!(trip.output.city, "Rome");

    let fixed = Fixed(EMBEDDINGS);
    let embeddings = models::openai(&scene.provider).with_http(scene.rig.http(fixed));
    let embeddings = embeddings.embedding("text-embedding-3-small", None);
    embeddings.call(vec!["Rome".to_owned()]).await.unwrap();
    insta::assert_snapshot!(scene.drawn(), @r#"
    chat gpt-4o-mini finish_reasons=["stop"]
    chat gpt-4o-mini finish_reasons=["stop"]
    chat gpt-4o-mini finish_reasons=["tool_calls"]
    embeddings text-embedding-3-small
    "#);
}

#[tokio::test]
async fn an_agent_that_is_not_recorded_has_its_calls_recorded_all_the_same() {
    let scene = Scene::new();
    let provider = models::openai(&scene.provider).with_http(scene.rig.http(models::transport()));
    let agent = rig_agent::AgentBuilder::new(provider.chat("gpt-4o-mini")).build();
    agent
        .prompt(models::plan(&json!(["Hello."])))
        .await
        .unwrap();
    insta::assert_snapshot!(scene.drawn(), @r#"chat gpt-4o-mini finish_reasons=["stop"]"#);
}
