//! Agents, model calls and tools stand as they called each other.

use futures_util::future::join;
use genspan::{Provider, Scope, Telemetry, ToolExecution, agent, tool};

use crate::rig::{Rig, pause};

/// Looks up the weather
/// of a city.
///
/// Not of a village.
#[tool]
async fn weather(city: &str, days: u32) -> Result<String, std::fmt::Error> {
    pause().await;
    Ok(format!("sunny in {city} for {days} days"))
}

#[tool(
    name = "local_time",
    type = "datastore",
    description = "Tells the time."
)]
fn time(zone: &str) -> String {
    format!("noon in {zone}")
}

async fn chat(telemetry: &Telemetry) {
    let mut call = telemetry.chat(Provider::OPENAI, "gpt-4o-mini");
    pause().await;
    call.response.finish_reasons = vec!["tool_calls".to_owned()];
    call.finish();
}

struct Travel {
    telemetry: Telemetry,
    name: String,
}

impl Travel {
    #[agent(
        name = self.name,
        version = "2",
        provider = Provider::OPENAI,
        model = "gpt-4o-mini",
        conversation_id = session,
        input = question,
        telemetry = self.telemetry
    )]
    async fn answer(&self, question: String, session: Option<&str>) -> Result<String, String> {
        chat(&self.telemetry).await;
        let weather = weather("Paris", 3).await.map_err(|_| "no weather")?;
        let time = time("CET");
        let guide = guide().await;
        Ok(format!("{question} {weather}, {time}, {guide:?}"))
    }
}

#[agent]
async fn guide() -> Option<u32> {
    chat(Scope::current()?.telemetry()).await;
    None
}

#[test]
fn an_agent_holds_its_calls_tools_and_agents() {
    let rig = Rig::with_content();
    let travel = Travel {
        telemetry: rig.telemetry.clone(),
        name: "travel".to_owned(),
    };
    let answer = crate::rig::drive(travel.answer("How is Paris?".to_owned(), Some("c-1")));
    assert!(answer.is_ok());
    insta::assert_snapshot!(rig.tree(), @r#"
    invoke_agent travel [Internal] 11ms
      gen_ai.operation.name = "invoke_agent"
      gen_ai.agent.name = "travel"
      gen_ai.request.model = "gpt-4o-mini"
      gen_ai.provider.name = "openai"
      gen_ai.agent.version = "2"
      gen_ai.response.finish_reasons = ["tool_calls"]
      gen_ai.conversation.id = "c-1"
      gen_ai.input.messages = [{"role":"user","parts":[{"type":"text","content":"How is Paris?"}]}]
      gen_ai.output.messages = [{"role":"assistant","parts":[{"type":"text","content":"How is Paris? sunny in Paris for 3 days, noon in CET, None"}]}]
      chat gpt-4o-mini [Client] 1ms
        gen_ai.operation.name = "chat"
        gen_ai.provider.name = "openai"
        gen_ai.request.model = "gpt-4o-mini"
        gen_ai.response.finish_reasons = ["tool_calls"]
        gen_ai.conversation.id = "c-1"
      execute_tool weather [Internal] 1ms
        gen_ai.operation.name = "execute_tool"
        gen_ai.tool.name = "weather"
        gen_ai.tool.type = "function"
        gen_ai.tool.description = "Looks up the weather of a city."
        gen_ai.tool.call.arguments = {"city":"Paris","days":3}
        gen_ai.tool.call.result = {"result":"sunny in Paris for 3 days"}
      execute_tool local_time [Internal] 1ms
        gen_ai.operation.name = "execute_tool"
        gen_ai.tool.name = "local_time"
        gen_ai.tool.type = "datastore"
        gen_ai.tool.description = "Tells the time."
        gen_ai.tool.call.arguments = {"zone":"CET"}
        gen_ai.tool.call.result = {"result":"noon in CET"}
      invoke_agent guide [Internal] 3ms
        gen_ai.operation.name = "invoke_agent"
        gen_ai.agent.name = "guide"
        gen_ai.provider.name = "openai"
        gen_ai.response.finish_reasons = ["tool_calls"]
        gen_ai.conversation.id = "c-1"
        chat gpt-4o-mini [Client] 1ms
          gen_ai.operation.name = "chat"
          gen_ai.provider.name = "openai"
          gen_ai.request.model = "gpt-4o-mini"
          gen_ai.response.finish_reasons = ["tool_calls"]
          gen_ai.conversation.id = "c-1"
    "#);
}

#[test]
fn tools_side_by_side_are_siblings() {
    let rig = Rig::without_content();
    let both = async {
        let agent = rig.telemetry.invoke_agent("travel");
        let scope = agent.scope();
        let answers = scope.within(join(weather("Paris", 1), weather("Rome", 2)));
        answers.await.0.unwrap();
        agent.finish();
    };
    rig.run(both);
    insta::assert_snapshot!(rig.tree(), @r#"
    invoke_agent travel [Internal] 5ms
      gen_ai.operation.name = "invoke_agent"
      gen_ai.agent.name = "travel"
      execute_tool weather [Internal] 2ms
        gen_ai.operation.name = "execute_tool"
        gen_ai.tool.name = "weather"
        gen_ai.tool.type = "function"
        gen_ai.tool.description = "Looks up the weather of a city."
      execute_tool weather [Internal] 2ms
        gen_ai.operation.name = "execute_tool"
        gen_ai.tool.name = "weather"
        gen_ai.tool.type = "function"
        gen_ai.tool.description = "Looks up the weather of a city."
    "#);
}

#[test]
fn work_after_a_tool_is_not_the_tools() {
    let rig = Rig::without_content();
    rig.run(async {
        time("CET");
        weather("Paris", 1).await.unwrap();
        assert!(Scope::current().unwrap().context().is_none());
    });
    assert!(rig.spans().iter().all(|span| span.parent.is_none()));
}

#[tool(call_id = id)]
async fn outer(telemetry: &Telemetry, id: &str) {
    let mut inner = ToolExecution::new("outer");
    inner.call_id = Some(id.to_owned());
    inner.agent_name = Some("travel".to_owned());
    telemetry.start(inner).finish();
}

#[test]
fn a_run_that_another_instrumentation_sees_too_is_one_span() {
    let rig = Rig::without_content();
    rig.run(outer(&rig.telemetry, "call_1"));
    insta::assert_snapshot!(rig.tree(), @r#"
    execute_tool outer [Internal] 2ms
      gen_ai.operation.name = "execute_tool"
      gen_ai.tool.name = "outer"
      gen_ai.tool.type = "function"
      gen_ai.tool.call.id = "call_1"
    "#);
}
