//! Streams that are seen by the frames that genai hands out, without a proxy.

use futures_util::StreamExt;
use genai::{
    Client,
    adapter::AdapterKind,
    chat::{ChatOptions, ChatRequest},
};
use genspan::{Value, semconv::attribute};
use genspan_genai::Frames;
use genspan_http::Recorder;
use testkit::suite::{Case, Fact, Stage, Unknown};

use crate::suite::{KINDS, play, target, unsaid};

fn unknown(kind: AdapterKind) -> Vec<Unknown> {
    let mut unknown = unsaid(kind);
    unknown.extend([Fact::Input, Fact::ToolDefinitions].map(|fact| Unknown {
        fact,
        why: "a frame sink sees no request",
    }));
    unknown
}

#[tokio::test]
async fn streams_give_the_tree_that_every_client_gives_but_for_what_was_asked() {
    for kind in KINDS {
        for case in Case::ALL.into_iter().filter(|case| case.is_streamed()) {
            for has_content in [true, false] {
                let stage = Stage::new(case, has_content);
                let recorder = Recorder::from(stage.telemetry.clone());
                let watching = |options: ChatOptions| {
                    let frames = Frames::watch(&recorder, &target(&stage, kind)).unwrap();
                    options.with_raw_frame_sink(frames)
                };
                play(&stage, Client::new().unwrap(), kind, &watching).await;
                println!("{kind:?}");
                stage.check(&unknown(kind));
            }
        }
    }
}

/// Gives the type of the error of a stream that fails in one of the scripted ways.
async fn failing(kind: AdapterKind, scenario: &str) -> Option<Value> {
    let stage = Stage::new(Case::Streamed, false);
    let recorder = Recorder::from(stage.telemetry.clone());
    let target = target(&stage, kind);
    let frames = Frames::watch(&recorder, &target).unwrap();
    let options = ChatOptions::default().with_raw_frame_sink(frames);
    let request = ChatRequest::from_user(format!("scripted:{scenario}"));
    let client = Client::new().unwrap();
    let answer = client
        .exec_chat_stream(target, request, Some(&options))
        .await;
    drop(options);
    let mut stream = answer.unwrap().stream;
    while let Some(event) = stream.next().await {
        if event.is_err() {
            break;
        }
    }
    drop(stream);
    assert!(recorder.settle(std::time::Duration::from_secs(30)));
    let spans = stage.spans();
    assert_eq!(spans.len(), 1, "{kind:?} {scenario}");
    spans[0].signals.get(attribute::ERROR_TYPE).cloned()
}

#[tokio::test]
async fn errors_have_the_type_that_the_wire_shows() {
    for kind in KINDS {
        let refused = failing(kind, "error-401").await;
        assert_eq!(refused, Some("authentication".into()), "{kind:?}");
        assert!(
            failing(kind, "error-midstream:1").await.is_some(),
            "{kind:?}"
        );
        assert!(failing(kind, "cut-midstream:2").await.is_some(), "{kind:?}");
        assert!(
            failing(kind, "cut-before-headers").await.is_some(),
            "{kind:?}"
        );
    }
}

#[test]
fn what_cannot_be_read_is_not_watched() {
    let stage = Stage::new(Case::Streamed, false);
    let recorder = Recorder::from(stage.telemetry.clone());
    for kind in [
        AdapterKind::BedrockApi,
        AdapterKind::Cohere,
        AdapterKind::Vertex,
    ] {
        assert!(Frames::watch(&recorder, &target(&stage, kind)).is_none());
    }
}
