//! Tools: side by side, failing, turned away, and those that are agents themselves.

use genspan::semconv::attribute as key;
use rig_agent::agent::{
    AgentHook, DispatchAction, DispatchEvent, HookContext, OutcomeAction, OutcomeEvent,
};
use rig_core::tool::ToolExecutionError;
use serde_json::json;

use super::{
    checked::{Scene, number, value},
    models,
};

#[tokio::test]
async fn tools_of_one_turn_stand_side_by_side_and_each_ends_its_own_way() {
    let scene = Scene::new();
    let weather = models::tool("get_weather", |arguments| {
        match arguments["city"].as_str() {
            Some("Atlantis") => Err(ToolExecutionError::not_found("no such city: Atlantis")),
            city => Ok(format!("sun in {}", city.unwrap_or("nowhere"))),
        }
    });
    let agent = scene.rig.agent(models::chat(&scene.provider), |agent| {
        agent
            .name("travel")
            .default_max_turns(3)
            .dynamic_tool(weather)
    });
    let prompt = models::plan(&json!([
        {"call": [
            ["get_weather", {"city": "Rome"}],
            ["get_weather", {"city": "Atlantis"}],
        ]},
        "Rome it is.",
    ]));
    let answer = agent.prompt(prompt).tool_concurrency(2).await.unwrap();
    assert_eq!(answer.output(), "Rome it is.");
    insta::assert_snapshot!(scene.drawn(), @r#"
    invoke_agent travel finish_reasons=["stop"]
      chat gpt-4o-mini finish_reasons=["tool_calls"]
      execute_tool get_weather arguments={"city":"Rome"} result={"result":"sun in Rome"}
      execute_tool get_weather arguments={"city":"Atlantis"} result={"result":"no such city: Atlantis"} type="not_found"
      chat gpt-4o-mini finish_reasons=["stop"]
    "#);
    let spans = scene.spans();
    let agent = spans
        .iter()
        .find(|it| it.signals.name == "invoke_agent travel");
    let agent = agent.unwrap();
    for usage in [
        key::GEN_AI_USAGE_INPUT_TOKENS,
        key::GEN_AI_USAGE_OUTPUT_TOKENS,
    ] {
        let chats = spans
            .iter()
            .filter(|it| it.signals.name.starts_with("chat"));
        let sum: u64 = chats.map(|it| number(it, usage)).sum();
        assert_eq!(number(agent, usage), sum);
    }
}

#[tokio::test]
async fn an_agent_that_is_a_tool_stands_under_the_call_that_started_it() {
    let scene = Scene::new();
    let guide = scene.rig.agent(
        models::anthropic(&scene.provider).completion("claude-sonnet-4-5"),
        |agent| {
            agent
                .name("guide")
                .description("Knows the city.")
                .default_max_turns(3)
                .dynamic_tool(models::weather())
        },
    );
    let agent = scene.rig.agent(models::chat(&scene.provider), |agent| {
        agent
            .name("travel")
            .preamble("Be brief.")
            .default_max_turns(3)
            .dynamic_tool(guide.into_tool().unwrap())
    });
    let inner = models::plan(&json!([{"call": [["get_weather", {"city": "Rome"}]]}, "Warm."]));
    // The inner plan is escaped, so that the outer one does not end with it.
    let prompt = json!([{"call": [["guide", {"prompt": "INNER"}]]}, "Go to Rome."]);
    let prompt =
        models::plan(&prompt).replace("INNER", &inner.replace('"', "\\\"").replace('<', "\\u003c"));
    let answer = agent.prompt(prompt).await.unwrap();
    assert_eq!(answer.output(), "Go to Rome.");
    insta::assert_snapshot!(scene.drawn(), @r#"
    invoke_agent travel finish_reasons=["stop"]
      chat gpt-4o-mini finish_reasons=["tool_calls"]
      execute_tool guide arguments={"prompt":"Go on. <plan>[{\"call\":[[\"get_weather\",{\"city\":\"Rome\"}]]},\"Warm.\"]</plan>"} result={"result":"Warm."}
        invoke_agent guide finish_reasons=["end_turn"]
          chat claude-sonnet-4-5 finish_reasons=["tool_use"]
          execute_tool get_weather arguments={"city":"Rome"} result={"result":"18 degrees and sun-canary"}
          chat claude-sonnet-4-5 finish_reasons=["end_turn"]
      chat gpt-4o-mini finish_reasons=["stop"]
    "#);
    let spans = scene.spans();
    let named = |name: &str| spans.iter().find(|it| it.signals.name == name).unwrap();
    let guide = named("invoke_agent guide");
    assert_eq!(
        value(guide, key::GEN_AI_AGENT_DESCRIPTION).as_deref(),
        Some("\"Knows the city.\"")
    );
    let travel = named("invoke_agent travel");
    assert_eq!(
        value(travel, key::GEN_AI_SYSTEM_INSTRUCTIONS).as_deref(),
        Some(r#"[{"type":"text","content":"Be brief."}]"#)
    );
}

/// Turns one tool away, hides what another gives, and changes what it is asked.
struct Policy;

impl AgentHook for Policy {
    async fn on_dispatch(&self, _: &HookContext, event: DispatchEvent<'_>) -> DispatchAction {
        match event.tool_name() {
            Some("forbidden") => DispatchAction::skip("not today"),
            Some(_) => DispatchAction::rewrite_tool_args(event.kind, json!({"city": "Bern"})),
            None => DispatchAction::proceed(),
        }
    }

    async fn on_outcome(&self, _: &HookContext, event: OutcomeEvent<'_>) -> OutcomeAction {
        match event.tool_name() {
            Some("get_weather") => OutcomeAction::rewrite_tool_result(&event, "hidden"),
            _ => OutcomeAction::proceed(),
        }
    }
}

#[tokio::test]
async fn a_tool_is_recorded_as_the_agents_hooks_make_it() {
    let calls = json!([
        {"call": [["get_weather", {"city": "Rome"}], ["forbidden", {}], ["unknown", {}]]},
        "Fine.",
    ]);
    for on_the_run in [false, true] {
        let scene = Scene::new();
        let agent = scene.rig.agent(models::chat(&scene.provider), |agent| {
            let agent = agent
                .name("travel")
                .default_max_turns(3)
                .dynamic_tool(models::weather())
                .dynamic_tool(models::tool("forbidden", |_| panic!("it is forbidden")));
            if on_the_run {
                agent
            } else {
                agent.add_hook(Policy)
            }
        });
        let mut run = agent
            .prompt(models::plan(&calls))
            .unhandled_invalid_tool_call(rig_agent::run::UnhandledInvalidToolCall::Ignore);
        if on_the_run {
            run = run.add_hook(Policy);
        }
        run.await.unwrap();
        let drawn = scene.drawn();
        if on_the_run {
            insta::assert_snapshot!(drawn, @r#"
            invoke_agent travel finish_reasons=["stop"]
              chat gpt-4o-mini finish_reasons=["tool_calls"]
              execute_tool get_weather arguments={"city":"Bern"} result={"result":"18 degrees and sun-canary"}
              execute_tool forbidden arguments={} result={"result":"not today"} type="skipped"
              chat gpt-4o-mini finish_reasons=["stop"]
            "#);
        } else {
            insta::assert_snapshot!(drawn, @r#"
            invoke_agent travel finish_reasons=["stop"]
              chat gpt-4o-mini finish_reasons=["tool_calls"]
              execute_tool get_weather arguments={"city":"Bern"} result={"result":"hidden"}
              execute_tool forbidden arguments={} result={"result":"not today"} type="skipped"
              chat gpt-4o-mini finish_reasons=["stop"]
            "#);
        }
    }
}
