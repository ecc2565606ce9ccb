//! rig's agents.

use futures_util::StreamExt;
use rig::{
    agent::{
        AgentBuilder, MultiTurnStreamItem,
        tool::{Tool, ToolContext, ToolExecutionError},
    },
    providers::openai::{OpenAIConfig, Route},
};
use testkit::suite::{
    AGENT, Case, Fact, RESULT, Stage, TOOL, TOOL_DESCRIPTION, Unknown, parameters,
};

use crate::{hold, settled, wait};

const UNKNOWN: &[Unknown] = &[
    Unknown {
        fact: Fact::Server,
        why: "it tells nothing of where it asks",
    },
    Unknown {
        fact: Fact::FinishReason,
        why: "it keeps none",
    },
    Unknown {
        fact: Fact::FirstChunk,
        why: "it tells nothing of chunks",
    },
    Unknown {
        fact: Fact::ToolDefinitions,
        why: "it tells nothing of tools that are offered",
    },
    Unknown {
        fact: Fact::ErrorType,
        why: "it says nothing at all of calls without an answer",
    },
];

#[derive(serde::Deserialize)]
struct Arguments {
    #[serde(rename = "city")]
    _city: String,
}

struct Weather;

impl Tool for Weather {
    const NAME: &'static str = TOOL;
    type Args = Arguments;
    type Output = String;
    type Error = ToolExecutionError;

    fn description(&self) -> String {
        TOOL_DESCRIPTION.to_owned()
    }

    fn parameters(&self) -> serde_json::Value {
        parameters()
    }

    async fn call(&self, _: &mut ToolContext, _: Arguments) -> Result<String, Self::Error> {
        Ok(RESULT.to_owned())
    }
}

/// Plays a case as a program on rig does it, which knows nothing of telemetry.
pub(crate) async fn play(stage: &Stage) {
    let config = OpenAIConfig::new("k3y")
        .with_base_url(stage.provider.url())
        .with_route(Route::Chat);
    let model = config.client().completion("gpt-4o-mini");
    let agent = AgentBuilder::new(model)
        .name(AGENT)
        .record_content_telemetry(true);
    let agent = if stage.case.has_tools() {
        agent.tool(Weather).default_max_turns(3).build()
    } else {
        agent.build()
    };
    let prompt = agent.prompt(stage.case.prompt());
    if !stage.case.is_streamed() {
        let _answer = prompt.await;
        return;
    }
    let mut stream = prompt.stream();
    while let Some(item) = stream.next().await {
        let is_piece = matches!(item, Ok(MultiTurnStreamItem::StreamAssistantItem(_)));
        if is_piece && stage.case == Case::Cancelled {
            return;
        }
    }
}

#[test]
fn each_conversation_gives_the_common_tree() {
    hold(&play, |_| UNKNOWN);
}

#[test]
fn a_conversation_is_what_it_says() {
    let stage = Stage::new(Case::Tools, true);
    wait(&stage.telemetry, play(&stage));
    insta::assert_snapshot!(settled(&testkit::tree(&stage.spans())), @r##"
    invoke_agent forecaster [Internal]
      gen_ai.operation.name = "invoke_agent"
      gen_ai.agent.name = "forecaster"
      gen_ai.provider.name = "openai"
      gen_ai.usage.cache_read.input_tokens = 37
      gen_ai.usage.input_tokens = 150
      gen_ai.usage.output_tokens = 16
      gen_ai.input.messages = [{"role":"user","parts":[{"type":"text","content":"What is the weather, weather-canary? <plan>[{\"call\":[[\"get_weather\",{\"city\":\"Paris-canary\"}]]},\"It is mild-canary in Paris.\"]</plan>"}]}]
      gen_ai.output.messages = [{"role":"assistant","parts":[{"type":"text","content":"It is mild-canary in Paris."}]}]
      chat gpt-4o-mini [Client]
        gen_ai.operation.name = "chat"
        gen_ai.provider.name = "openai"
        gen_ai.request.model = "gpt-4o-mini"
        gen_ai.response.id = …
        gen_ai.response.model = "gpt-4o-mini"
        gen_ai.usage.input_tokens = 58
        gen_ai.usage.output_tokens = 9
        gen_ai.usage.cache_read.input_tokens = 14
        gen_ai.usage.reasoning.output_tokens = 0
        gen_ai.agent.name = "forecaster"
        rig.provider_request_id = …
        gen_ai.input.messages = [{"role":"user","parts":[{"type":"text","content":"What is the weather, weather-canary? <plan>[{\"call\":[[\"get_weather\",{\"city\":\"Paris-canary\"}]]},\"It is mild-canary in Paris.\"]</plan>"}]}]
        gen_ai.output.messages = [{"role":"assistant","parts":[{"type":"tool_call","id":"call_306abb70c4052476a88fba32","name":"get_weather","arguments":{"city":"Paris-canary"}}],"finish_reason":"tool_call"}]
      execute_tool get_weather [Internal]
        gen_ai.operation.name = "execute_tool"
        gen_ai.tool.name = "get_weather"
        gen_ai.tool.type = "function"
        gen_ai.tool.call.id = …
        rig.tool.call.outcome = "success"
        gen_ai.tool.call.arguments = {"city":"Paris-canary"}
        gen_ai.tool.call.result = {"result":"18 degrees and sun-canary"}
      chat gpt-4o-mini [Client]
        gen_ai.operation.name = "chat"
        gen_ai.provider.name = "openai"
        gen_ai.request.model = "gpt-4o-mini"
        gen_ai.response.id = …
        gen_ai.response.model = "gpt-4o-mini"
        gen_ai.usage.input_tokens = 92
        gen_ai.usage.output_tokens = 7
        gen_ai.usage.cache_read.input_tokens = 23
        gen_ai.usage.reasoning.output_tokens = 0
        gen_ai.agent.name = "forecaster"
        rig.provider_request_id = …
        gen_ai.input.messages = [{"role":"user","parts":[{"type":"text","content":"What is the weather, weather-canary? <plan>[{\"call\":[[\"get_weather\",{\"city\":\"Paris-canary\"}]]},\"It is mild-canary in Paris.\"]</plan>"}]},{"role":"assistant","parts":[{"type":"tool_call","id":"call_306abb70c4052476a88fba32","name":"get_weather","arguments":{"city":"Paris-canary"}}]},{"role":"tool","parts":[{"type":"tool_call_response","id":"call_306abb70c4052476a88fba32","response":"18 degrees and sun-canary"}]}]
        gen_ai.output.messages = [{"role":"assistant","parts":[{"type":"text","content":"It is mild-canary in Paris."}],"finish_reason":"unknown"}]
    "##);
}
