//! Own types, other providers, and what is no call.

use async_openai::{
    Client, config::AzureConfig, error::OpenAIError, middleware::HttpRequestFactory,
};
use futures_util::StreamExt;
use genspan::{Conventions, Rendering, semconv::attribute};
use serde_json::{Value, json};
use testkit::provider::Script;
use tower::{layer::util::Identity, service_fn};

use crate::{
    interface::{Interface, Take, user},
    scene::{KEY, Scene, text},
};

#[tokio::test]
async fn a_programs_own_types_are_read_alike() {
    let scene = Scene::scenarios();
    let client = scene.client();
    let question =
        json!({"model": "own-1", "top_k": 7, "messages": [{"role": "user", "content": "Why?"}]});
    let whole: Value = client.chat().create_byot(&question).await.unwrap();
    assert!(whole["choices"][0]["message"]["content"].is_string());
    let mut question = question;
    question["stream"] = json!(true);
    let chat = client.chat();
    let stream = chat
        .create_stream_byot::<_, Value>(&question)
        .await
        .unwrap();
    let events = stream.collect::<Vec<_>>().await;
    assert!(events.iter().all(Result::is_ok) && events.len() > 1);
    for span in scene.spans() {
        assert_eq!(span.signals.name, "chat own-1");
        assert!(
            text(&span, attribute::GEN_AI_OUTPUT_MESSAGES)
                .unwrap()
                .contains("Why?")
        );
    }
    assert_eq!(scene.spans().len(), 2);
}

const AZURE: &str = r#"{"id":"c1","object":"chat.completion","created":1,"model":"gpt-4o-2024","choices":[{"index":0,"message":{"role":"assistant","content":"Hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":1,"total_tokens":4}}"#;

#[tokio::test]
async fn azure_is_named_by_its_host_and_its_deployment_by_the_path() {
    let scene = Scene::scenarios();
    let config = AzureConfig::new()
        .with_api_base("https://me.openai.azure.com")
        .with_api_version("2024-10-21")
        .with_deployment_id("my-deployment")
        .with_api_key(KEY);
    let azure = service_fn(|factory: HttpRequestFactory| async move {
        let asked = factory.build().await?;
        assert_eq!(asked.headers()["api-key"], KEY);
        let path = "/openai/deployments/my-deployment/chat/completions";
        assert_eq!(asked.url().path(), path);
        let answer = http::Response::builder().header("content-type", "application/json");
        Ok::<_, OpenAIError>(answer.body(AZURE).unwrap().into())
    });
    let service = genspan_async_openai::service(Identity::new(), azure, scene.recorder.clone());
    let client = Client::with_config(config).with_http_service(service);
    let question = json!({"messages": [{"role": "user", "content": "Hi"}]});
    let asked: Value = client.chat().create_byot(question).await.unwrap();
    assert_eq!(asked["id"], "c1");
    insta::assert_snapshot!(scene.tree());
    assert!(!scene.everything().contains(KEY));
}

#[tokio::test]
async fn what_asks_no_model_leaves_no_span() {
    let scene = Scene::scenarios();
    let client = scene.client();
    assert!(!client.models().list().await.unwrap().data.is_empty());
    assert_eq!(scene.spans().len(), 0);
}

#[tokio::test]
async fn without_content_nothing_that_was_said_comes_out() {
    let scene = Scene::with(Script::scenarios(), Rendering::new(Conventions::V1_41));
    let client = scene.client();
    for interface in Interface::ALL {
        for take in [Take::Whole, Take::Stream] {
            let question = user("A canary-4711 sings.");
            let asked = interface.ask(&client, &question, false, take);
            asked.await.unwrap();
        }
    }
    assert_eq!(scene.spans().len(), 4);
    let everything = scene.everything();
    assert!(!everything.contains("canary-4711") && !everything.contains(KEY));
}

#[tokio::test]
async fn two_clients_of_one_recorder_and_their_clones_are_recorded() {
    let scene = Scene::scenarios();
    let (one, other) = (scene.client(), scene.client());
    for client in [one.clone(), one, other.clone() as Client<_>, other] {
        let question = user("Will it rain?");
        let asked = Interface::Chat.ask(&client, &question, false, Take::Whole);
        asked.await.unwrap();
    }
    assert_eq!(scene.spans().len(), 4);
}
