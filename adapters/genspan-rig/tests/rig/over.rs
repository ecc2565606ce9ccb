//! Agents over models whose wire nobody reads: what rig itself knows.

use super::{checked::Scene, models};
use futures_util::StreamExt;
use genspan_rig::Rig;
use rig_agent::Agent;
use testkit::suite::{AGENT, Case, Fact, Stage, Unknown};

const UNKNOWN: &[Unknown] = &[Unknown {
    fact: Fact::Server,
    why: "rig does not tell where its provider answers",
}];

fn agent(rig: &Rig, stage: &Stage) -> Agent {
    let model = models::chat(&stage.provider);
    if stage.case.has_tools() {
        rig.agent_over(model, |agent| {
            agent
                .name(AGENT)
                .default_max_turns(4)
                .dynamic_tool(models::weather())
        })
    } else {
        rig.agent_over(model, |agent| agent.name(AGENT))
    }
}

#[tokio::test]
async fn rigs_own_knowledge_gives_the_same_trees() {
    for case in Case::ALL {
        for has_content in [true, false] {
            let stage = Stage::new(case, has_content);
            let rig = Rig::new(&stage.telemetry);
            let run = agent(&rig, &stage).prompt(case.prompt());
            if case.is_streamed() {
                let mut stream = run.stream();
                while let Some(item) = stream.next().await {
                    if case == Case::Cancelled && super::suite::is_text(&item.unwrap()) {
                        break;
                    }
                }
            } else {
                assert_eq!(run.await.is_err(), case == Case::Refused);
            }
            stage.check(UNKNOWN);
            testkit::conventions::hold_spans(&stage.spans());
        }
    }
}

#[tokio::test]
async fn another_model_of_an_agent_is_recorded_once() {
    for reads_wire in [false, true] {
        let scene = Scene::new();
        let other = models::openai(&scene.provider).chat("gpt-4o");
        let agent = if reads_wire {
            let other = scene.rig.model(other);
            let model = models::chat(&scene.provider);
            scene.rig.agent(model, |agent| {
                agent.name("travel").model_route("other", other)
            })
        } else {
            let model = models::chat(&scene.provider);
            scene.rig.agent_over(model, |agent| {
                agent.name("travel").model_route("other", other)
            })
        };
        let prompt = models::plan(&serde_json::json!(["Hello."]));
        agent.prompt(prompt).using_model("other").await.unwrap();
        let spans = scene.spans();
        let chats = spans
            .iter()
            .filter(|it| it.signals.name.starts_with("chat "));
        assert_eq!(chats.count(), 1, "{}", scene.drawn());
    }
}
