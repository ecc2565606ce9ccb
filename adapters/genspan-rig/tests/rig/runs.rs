//! Runs beside each other, runs with a memory, and runs that another operation is around.

use futures_util::future::join_all;
use genspan::semconv::attribute as key;
use rig_core::memory::InMemoryConversationMemory;
use serde_json::json;

use super::{
    checked::{Scene, value},
    models,
};

#[tokio::test]
async fn runs_of_one_agent_at_the_same_time_keep_apart() {
    const RUNS: usize = 8;
    let scene = Scene::new();
    let agent = scene.rig.agent(models::chat(&scene.provider), |agent| {
        agent
            .name("travel")
            .default_max_turns(3)
            .dynamic_tool(models::weather())
    });
    let runs = (0..RUNS).map(|number| {
        let steps = json!([
            {"call": [["get_weather", {"city": format!("city {number}")}]]},
            format!("answer {number}"),
        ]);
        let run = agent.prompt(models::plan(&steps));
        async move { run.await.unwrap().output() }
    });
    let answers = join_all(runs).await;
    assert_eq!(answers.len(), RUNS);
    let spans = scene.spans();
    let agents: Vec<_> = spans.iter().filter(|it| it.parent.is_none()).collect();
    assert_eq!((agents.len(), spans.len()), (RUNS, 4 * RUNS));
    for agent in agents {
        let own = || {
            spans
                .iter()
                .filter(|it| it.parent.as_ref().map(|it| it.span_id) == Some(agent.context.span_id))
        };
        let said = value(agent, key::GEN_AI_INPUT_MESSAGES).unwrap();
        let number = said.split("answer ").nth(1).unwrap();
        let number = number.chars().next().unwrap();
        assert_eq!(own().count(), 3, "{number}");
        let tool = own().find(|it| it.signals.name.starts_with("execute_tool"));
        let asked = value(tool.unwrap(), key::GEN_AI_TOOL_CALL_ARGUMENTS).unwrap();
        assert!(
            asked.contains(&format!("city {number}")),
            "{number}: {asked}"
        );
        let chats = own().filter(|it| it.signals.name.starts_with("chat"));
        for chat in chats {
            let said = value(chat, key::GEN_AI_INPUT_MESSAGES).unwrap();
            assert!(
                said.contains(&format!("answer {number}")),
                "{number}: {said}"
            );
        }
    }
}

#[tokio::test]
async fn a_memory_names_the_conversation() {
    let scene = Scene::new();
    let agent = scene.rig.agent(models::chat(&scene.provider), |agent| {
        agent
            .name("travel")
            .memory(InMemoryConversationMemory::new())
            .conversation("c-7")
    });
    let workflow = scene.telemetry.invoke_workflow("trip");
    let run = agent.prompt(models::plan(&json!(["Hello."])));
    workflow.scope().within(run.into_future()).await.unwrap();
    workflow.finish();
    insta::assert_snapshot!(scene.drawn(), @r#"
    invoke_workflow trip
      invoke_agent travel finish_reasons=["stop"] id="c-7"
        chat gpt-4o-mini finish_reasons=["stop"] id="c-7"
    "#);
}
