//! The conversations that all clients are held to, over each bare HTTP client and in each of the provider's formats.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::large_enum_variant,
    reason = "tests"
)]

#[path = "suite/client.rs"]
mod client;
#[path = "suite/format.rs"]
mod format;

use std::time::Duration;

use client::{Client, Post, Taken};
use format::Format;
use genspan::{ErrorType, Failure, Value};
use genspan_http::{Recorder, RecorderOptions};
use testkit::suite::{AGENT, Case, Fact, RESULT, Stage, TOOL, Unknown, arguments};

/// What became of a question.
enum Answer {
    /// All that was said: the body's one document, or the events of its stream.
    Said(Vec<serde_json::Value>),
    Refused(u16),
}

/// Asks once; a stream that is to be cancelled is dropped after its first chunk.
async fn ask(
    stage: &Stage,
    client: &Client,
    format: Format,
    messages: &[serde_json::Value],
) -> Answer {
    let post = Post {
        url: format.url(stage),
        headers: format.headers(),
        body: format.request(stage.case, messages).to_string(),
    };
    match client.post(post, stage.case == Case::Cancelled).await {
        Taken::Whole(200, text) => Answer::Said(format::documents(&text)),
        Taken::Whole(status, _) => Answer::Refused(status),
        Taken::FirstChunk => Answer::Said(Vec::new()),
    }
}

/// Plays the whole case, as a program without a framework does it.
async fn play(stage: &Stage, client: &Client, format: Format) {
    let agent = stage.telemetry.invoke_agent(AGENT);
    let mut messages = vec![format.asked(&stage.case.prompt())];
    loop {
        let said = match agent
            .scope()
            .within(ask(stage, client, format, &messages))
            .await
        {
            Answer::Said(said) => said,
            Answer::Refused(status) => {
                return agent.fail(Failure::new(ErrorType::from_http_status(status)));
            }
        };
        if stage.case == Case::Cancelled {
            return drop(agent);
        }
        let Some(id) = format.call(&said) else { break };
        let mut tool = agent.scope().run(|| stage.telemetry.execute_tool(TOOL));
        tool.call_id = Some(id.clone()).filter(|id| !id.is_empty());
        tool.arguments = Value::from_json(&arguments().to_string()).unwrap();
        tool.result = RESULT.into();
        messages.extend(format.told(&id, RESULT));
        tool.finish();
    }
    agent.finish();
}

/// What a format does not say.
fn unknown(format: Format) -> &'static [Unknown] {
    match format {
        Format::Gemini => &[
            Unknown {
                fact: Fact::CallId,
                why: "the provider gives calls no ids",
            },
            Unknown {
                fact: Fact::FinishReason,
                why: "the provider says STOP when it calls tools",
            },
        ],
        _ => &[],
    }
}

/// Plays every case in every format over one client.
async fn hold(client: impl Fn(&Recorder) -> Client) {
    for format in Format::ALL {
        for case in Case::ALL {
            for has_content in [true, false] {
                let stage = Stage::new(case, has_content);
                let recorder = Recorder::new(stage.telemetry.clone(), RecorderOptions::default());
                play(&stage, &client(&recorder), format).await;
                assert!(recorder.settle(Duration::from_secs(30)));
                println!("{format:?}");
                stage.check(unknown(format));
            }
        }
    }
}

#[tokio::test]
async fn reqwest_0_12_gives_the_same_trees_in_each_format() {
    hold(Client::reqwest_0_12).await;
}

#[tokio::test]
async fn reqwest_0_13_gives_the_same_trees_in_each_format() {
    hold(Client::reqwest_0_13).await;
}

#[tokio::test]
async fn reqwest_middleware_gives_the_same_trees_in_each_format() {
    hold(Client::reqwest_middleware).await;
}

#[tokio::test]
async fn a_layer_round_hyper_gives_the_same_trees_in_each_format() {
    hold(Client::hyper).await;
}
