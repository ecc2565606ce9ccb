//! The conversations that every client is held to, through agents over each of rig's big providers.

use futures_util::StreamExt;
use genspan_rig::Rig;
use rig_agent::{Agent, agent::MultiTurnStreamItem};
use rig_core::{
    Model,
    http_client::HttpClientExt,
    operation::Completion,
    streaming::{Item, StreamEvent},
    wire::{Encoded, Wire, WireFrame},
};
use testkit::suite::{AGENT, Case, Fact, Stage, Unknown};

use super::models;

/// Builds the suite's agent.
fn agent<W, H>(rig: &Rig, model: Model<W, H>, case: Case) -> Agent
where
    W: Wire<Op = Completion, Payload = Encoded, Frame = WireFrame>,
    H: HttpClientExt + Clone + 'static,
{
    if case.has_tools() {
        rig.agent(model, |agent| {
            agent
                .name(AGENT)
                .default_max_turns(4)
                .dynamic_tool(models::weather())
        })
    } else {
        rig.agent(model, |agent| agent.name(AGENT))
    }
}

async fn play(stage: &Stage, agent: Agent) {
    let run = agent.prompt(stage.case.prompt());
    if !stage.case.is_streamed() {
        let answer = run.await;
        assert_eq!(answer.is_err(), stage.case == Case::Refused);
        return;
    }
    let mut stream = run.stream();
    while let Some(item) = stream.next().await {
        let item = item.unwrap();
        if stage.case == Case::Cancelled && is_text(&item) {
            return;
        }
    }
}

pub(super) fn is_text(item: &MultiTurnStreamItem) -> bool {
    matches!(
        item,
        MultiTurnStreamItem::StreamAssistantItem(Item::Event(StreamEvent::Text { .. }))
    )
}

const GEMINI: &[Unknown] = &[
    Unknown {
        fact: Fact::CallId,
        why: "the provider gives calls no ids",
    },
    Unknown {
        fact: Fact::FinishReason,
        why: "the provider says STOP when it calls tools",
    },
];

#[tokio::test]
async fn each_provider_gives_the_same_trees() {
    for case in Case::ALL {
        for has_content in [true, false] {
            for (name, unknown) in [
                ("chat", &[][..]),
                ("responses", &[]),
                ("anthropic", &[]),
                ("gemini", GEMINI),
            ] {
                let stage = Stage::new(case, has_content);
                let rig = Rig::new(&stage.telemetry);
                let provider = &stage.provider;
                let agent = match name {
                    "chat" => agent(&rig, models::chat(provider), case),
                    "responses" => agent(
                        &rig,
                        models::openai(provider).responses("gpt-4o-mini"),
                        case,
                    ),
                    "anthropic" => {
                        let model = models::anthropic(provider).completion("claude-sonnet-4-5");
                        agent(&rig, model, case)
                    }
                    _ => {
                        let model = models::gemini(provider).completion("gemini-2.5-flash");
                        agent(&rig, model, case)
                    }
                };
                println!("{name}");
                play(&stage, agent).await;
                assert!(rig.recorder().settle(std::time::Duration::from_secs(30)));
                stage.check(unknown);
                testkit::conventions::hold_spans(&stage.spans());
            }
        }
    }
}
