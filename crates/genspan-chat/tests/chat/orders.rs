//! Which order of layers gives which spans.

use std::io;

use genspan::Provider;
use genspan_chat::{
    AgentLayer, ChatLayer, ChatResponse, NoTools, ToolLayer, ToolLoop, chat_fn, stack,
};
use tower_layer::Layer;
use tower_service::Service;

use super::rig::{OPENAI, Script, outline, question, recorder, run, tools};

const WHOLE: &str = "\
invoke_agent planner
  chat gpt-4o-mini
  execute_tool get_weather
  execute_tool get_events
  chat gpt-4o-mini
";

#[test]
fn the_stack_gives_calls_and_tools_as_siblings_under_the_agent() {
    let (sink, telemetry) = recorder(false);
    let mut agent = stack(Script::two_rounds().whole())
        .with_telemetry(&telemetry, OPENAI)
        .with_tools(tools())
        .with_agent("planner")
        .build();
    assert_eq!(run(agent.call(question())).unwrap().said(), "Go out.");
    assert_eq!(outline(&sink, &telemetry), WHOLE);
}

#[test]
fn so_do_the_layers_by_hand_and_each_of_them_twice() {
    for times in 1..=2 {
        let (sink, telemetry) = recorder(false);
        let chat = ChatLayer::new(&telemetry, OPENAI);
        let tool = ToolLayer::new(&telemetry);
        let agent = AgentLayer::new(&telemetry, "planner");
        let client = chat.layer(Script::two_rounds().whole());
        if times == 1 {
            let tool_loop = ToolLoop::new(client, tool.layer(tools()));
            run(agent.layer(tool_loop).call(question())).unwrap();
        } else {
            let tools = tool.layer(tool.layer(tools()));
            let tool_loop = ToolLoop::new(chat.layer(client), tools);
            let mut agent = agent.layer(agent.layer(tool_loop));
            run(agent.call(question())).unwrap();
        }
        assert_eq!(outline(&sink, &telemetry), WHOLE, "{times} times");
    }
}

#[test]
fn a_streaming_client_under_the_loop_gives_the_same() {
    let (sink, telemetry) = recorder(false);
    let mut agent = stack(Script::two_rounds().streamed())
        .with_telemetry(&telemetry, OPENAI)
        .with_tools(tools())
        .with_agent("planner")
        .build();
    assert_eq!(run(agent.call(question())).unwrap().said(), "Go out.");
    assert_eq!(outline(&sink, &telemetry), WHOLE);
}

#[test]
fn without_an_agent_the_spans_stand_by_themselves() {
    let (sink, telemetry) = recorder(false);
    let client = ChatLayer::new(&telemetry, OPENAI).layer(Script::two_rounds().whole());
    let tools = ToolLayer::new(&telemetry).layer(tools());
    run(ToolLoop::new(client, tools).run(question())).unwrap();
    insta::assert_snapshot!(outline(&sink, &telemetry), @r"
    chat gpt-4o-mini
    execute_tool get_weather
    execute_tool get_events
    chat gpt-4o-mini
    ");
}

#[test]
fn without_a_tool_layer_tools_are_not_recorded_and_the_rest_is() {
    let (sink, telemetry) = recorder(false);
    let client = ChatLayer::new(&telemetry, OPENAI).layer(Script::two_rounds().whole());
    let mut agent = AgentLayer::new(&telemetry, "planner").layer(ToolLoop::new(client, tools()));
    run(agent.call(question())).unwrap();
    insta::assert_snapshot!(outline(&sink, &telemetry), @r"
    invoke_agent planner
      chat gpt-4o-mini
      chat gpt-4o-mini
    ");
}

#[test]
fn an_agent_that_is_one_call_is_an_agent_all_the_same() {
    let (sink, telemetry) = recorder(false);
    let client = chat_fn(|_| async { Ok::<_, io::Error>(ChatResponse::text("Hello")) });
    let client = ChatLayer::new(&telemetry, Provider::ANTHROPIC).layer(client);
    let mut agent = AgentLayer::new(&telemetry, "greeter").layer(client);
    run(agent.call(question())).unwrap();
    insta::assert_snapshot!(outline(&sink, &telemetry), @r"
    invoke_agent greeter
      chat gpt-4o-mini
    ");
}

#[test]
fn a_recorder_that_records_nothing_leaves_everything_as_it_is() {
    let telemetry = genspan::Telemetry::disabled();
    let script = Script::two_rounds();
    let mut agent = stack(script.whole()).with_tools(tools()).build();
    let bare = run(ToolLoop::new(Script::two_rounds().whole(), tools()).run(question())).unwrap();
    assert_eq!(run(agent.call(question())).unwrap(), bare);
    let streamed = ChatLayer::new(&telemetry, OPENAI).layer(Script::two_rounds().streamed());
    let again = run(ToolLoop::new(streamed, NoTools)
        .with_max_rounds(1)
        .run(question()))
    .unwrap();
    assert_eq!(again.response, {
        let mut first = bare.messages[0].clone();
        first.finish_reason = again.response.output[0].finish_reason.clone();
        ChatResponse {
            output: vec![first],
            ..again.response.clone()
        }
    });
}
