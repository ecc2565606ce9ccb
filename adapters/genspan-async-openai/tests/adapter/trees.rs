//! What comes out, to be read.

use async_openai::types::embeddings::CreateEmbeddingRequestArgs;
use testkit::provider::{Answer, Script};

use crate::{
    interface::{Interface, Take, user},
    scene::Scene,
};

async fn tree(interface: Interface, take: Take, scenario: &str) -> String {
    let scene = Scene::scenarios();
    let question = user(&format!("Will it rain? scripted:{scenario}"));
    let agent = scene.telemetry.invoke_agent("forecaster");
    let client = scene.client();
    let asked = interface.ask(&client, &question, false, take);
    let said = agent.scope().within(asked).await;
    assert_eq!(said.is_err(), scenario.starts_with("cut"), "{said:?}");
    agent.finish();
    scene.tree()
}

#[tokio::test]
async fn a_question_that_succeeds_at_the_second_attempt() {
    insta::assert_snapshot!(tree(Interface::Chat, Take::Whole, "retry-429").await);
}

#[tokio::test]
async fn a_stream() {
    insta::assert_snapshot!(tree(Interface::Chat, Take::Stream, "text").await);
}

#[tokio::test]
async fn a_stream_that_is_cut() {
    insta::assert_snapshot!(tree(Interface::Chat, Take::Stream, "cut-midstream").await);
}

#[tokio::test]
async fn a_response() {
    insta::assert_snapshot!(tree(Interface::Responses, Take::Whole, "text").await);
}

#[tokio::test]
async fn a_streamed_response() {
    insta::assert_snapshot!(tree(Interface::Responses, Take::Stream, "reasoning").await);
}

#[tokio::test]
async fn embeddings() {
    let answer = r#"{"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.5,-0.5]}],"model":"text-embedding-3-small","usage":{"prompt_tokens":4,"total_tokens":4}}"#;
    let json = [("content-type", "application/json")];
    let refused = r#"{"error":{"message":"Slow down.","type":"requests","code":"rate_limit_exceeded","param":null}}"#;
    let script = Script::new()
        .answer(Answer::whole(429, &json, refused))
        .answer(Answer::whole(200, &json, answer));
    let scene = Scene::new(script);
    let question = CreateEmbeddingRequestArgs::default()
        .model("text-embedding-3-small")
        .dimensions(2_u32)
        .input("Will it rain?")
        .build()
        .unwrap();
    let embedded = scene.client().embeddings().create(question).await.unwrap();
    assert_eq!(embedded.data[0].embedding, [0.5, -0.5]);
    insta::assert_snapshot!(scene.tree());
}

#[tokio::test]
async fn a_stored_response() {
    let answer = r#"{"id":"resp_1","object":"response","created_at":1,"status":"completed","model":"gpt-4o-1","output":[{"type":"message","id":"msg_1","status":"completed","role":"assistant","content":[{"type":"output_text","text":"It will.","annotations":[]}]}],"usage":{"input_tokens":3,"output_tokens":2,"total_tokens":5}}"#;
    let json = [("content-type", "application/json")];
    let scene = Scene::new(
        Script::new()
            .answer(Answer::whole(503, &json, "{}"))
            .answer(Answer::whole(200, &json, answer)),
    );
    let client = scene.client();
    let read: serde_json::Value = client.responses().retrieve_byot("resp_1").await.unwrap();
    assert_eq!(read["id"], "resp_1");
    insta::assert_snapshot!(scene.tree());
}
