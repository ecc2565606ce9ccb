//! Runs that end otherwise than by an answer.

use std::{panic::AssertUnwindSafe, sync::Arc};

use futures_util::{FutureExt, StreamExt};
use rig_agent::agent::{
    AgentHook, HookContext, ModelTurnAction, ModelTurnFinished, OutcomeAction, OutcomeEvent,
    RunStart, RunStartAction,
};
use serde_json::json;
use tokio::sync::Notify;

use super::{checked::Scene, models};

/// Stops a run at one of its moments.
#[derive(Clone, Copy, PartialEq)]
enum Stop {
    AtTheStart,
    AfterTheAnswer,
    AfterTheTool,
}

impl AgentHook for Stop {
    async fn on_run_start(&self, _: &HookContext, _: RunStart<'_>) -> RunStartAction {
        match self {
            Self::AtTheStart => RunStartAction::stop("enough"),
            _ => RunStartAction::continue_run(),
        }
    }

    async fn on_model_turn_finished(
        &self,
        _: &HookContext,
        _: ModelTurnFinished<'_>,
    ) -> ModelTurnAction {
        match self {
            Self::AfterTheAnswer => ModelTurnAction::stop("enough"),
            _ => ModelTurnAction::continue_run(),
        }
    }

    async fn on_outcome(&self, _: &HookContext, event: OutcomeEvent<'_>) -> OutcomeAction {
        if *self == Self::AfterTheTool && event.tool_name().is_some() {
            return OutcomeAction::stop("enough");
        }
        OutcomeAction::proceed()
    }
}

#[tokio::test]
async fn a_run_that_a_hook_stops_ends_once() {
    let steps = json!([{"call": [["get_weather", {"city": "Rome"}]]}, "Warm."]);
    let mut drawn = String::new();
    for stop in [Stop::AtTheStart, Stop::AfterTheAnswer, Stop::AfterTheTool] {
        for streamed in [false, true] {
            let scene = Scene::new();
            let agent = scene.rig.agent(models::chat(&scene.provider), |agent| {
                agent
                    .name("travel")
                    .default_max_turns(3)
                    .dynamic_tool(models::weather())
                    .add_hook(stop)
            });
            let run = agent.prompt(models::plan(&steps));
            if streamed {
                let items: Vec<_> = run.stream().collect().await;
                assert!(items.last().unwrap().is_err());
            } else {
                assert!(run.await.is_err());
            }
            drawn += &scene.drawn();
        }
    }
    insta::assert_snapshot!(drawn, @r#"
    invoke_agent travel type="_OTHER"
    invoke_agent travel type="_OTHER"
    invoke_agent travel finish_reasons=["tool_calls"] type="_OTHER"
      chat gpt-4o-mini finish_reasons=["tool_calls"]
    invoke_agent travel finish_reasons=["tool_calls"] type="_OTHER"
      chat gpt-4o-mini finish_reasons=["tool_calls"]
    invoke_agent travel finish_reasons=["tool_calls"] type="_OTHER"
      chat gpt-4o-mini finish_reasons=["tool_calls"]
      execute_tool get_weather
    invoke_agent travel finish_reasons=["tool_calls"] type="_OTHER"
      chat gpt-4o-mini finish_reasons=["tool_calls"]
      execute_tool get_weather
    "#);
}

#[tokio::test]
async fn a_run_that_is_dropped_amid_a_tool_is_cancelled_with_all_in_it() {
    for streamed in [false, true] {
        let scene = Scene::new();
        let runs = Arc::new(Notify::new());
        let agent = scene.rig.agent(models::chat(&scene.provider), |agent| {
            agent
                .name("travel")
                .default_max_turns(3)
                .dynamic_tool(models::stuck("wait", Arc::clone(&runs)))
        });
        let run = agent.prompt(models::plan(&json!([{"call": [["wait", {}]]}, "Never."])));
        if streamed {
            let all = run.stream().for_each(|_| async {});
            tokio::select! {
                () = all => panic!("it never ends"),
                () = runs.notified() => {}
            }
        } else {
            tokio::select! {
                _ = run.into_future() => panic!("it never ends"),
                () = runs.notified() => {}
            }
        }
        insta::allow_duplicates! {
            insta::assert_snapshot!(scene.drawn(), @r#"
            invoke_agent travel finish_reasons=["tool_calls"] type="cancelled"
              chat gpt-4o-mini finish_reasons=["tool_calls"]
              execute_tool wait type="cancelled"
            "#);
        }
    }
}

#[tokio::test]
async fn a_panic_in_a_tool_leaves_nothing_open() {
    let scene = Scene::new();
    let agent = scene.rig.agent(models::chat(&scene.provider), |agent| {
        agent
            .name("travel")
            .default_max_turns(3)
            .dynamic_tool(models::tool("break", |_| panic!("a bug")))
    });
    let run = agent.prompt(models::plan(&json!([{"call": [["break", {}]]}, "Never."])));
    assert!(
        AssertUnwindSafe(run.into_future())
            .catch_unwind()
            .await
            .is_err()
    );
    insta::assert_snapshot!(scene.drawn(), @r#"
    invoke_agent travel finish_reasons=["tool_calls"] type="cancelled"
      chat gpt-4o-mini finish_reasons=["tool_calls"]
      execute_tool break type="cancelled"
    "#);
    // The agent goes on.
    let answer = agent.prompt(models::plan(&json!(["Well."]))).await;
    assert!(answer.is_ok(), "{answer:?}");
}
