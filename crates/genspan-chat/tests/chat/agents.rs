//! Runs of agents: what they carry, and what runs within them.

use std::io;

use genspan::{Value, semconv::attribute as key};
use genspan_chat::{
    AgentLayer, ChatLayer, ChatRequest, ChatResponse, NoTools, RunEnd, ToolLoop, Tools, function,
    stack,
};
use tower_layer::Layer;
use tower_service::Service;

use super::rig::{
    OPENAI, Script, outline, question, recorder, run, spans, tools, usage, value, wants,
};

#[test]
fn the_whole_tree_with_content() {
    let (sink, telemetry) = recorder(true);
    let mut agent = stack(Script::two_rounds().whole())
        .with_telemetry(&telemetry, OPENAI)
        .with_tools(tools())
        .with_agent("planner")
        .with_instructions("Be brief.")
        .build();
    let request = question().with_conversation_id("c-17");
    let ended = run(agent.call(request)).unwrap();
    assert_eq!((ended.rounds, ended.end), (2, RunEnd::Answered));
    insta::assert_snapshot!(testkit::tree(&spans(&sink, &telemetry)));
}

#[test]
fn tokens_are_the_runs_own_and_summed_once() {
    let (sink, telemetry) = recorder(false);
    let answers = |_| ChatResponse::text("Hi").with_usage(usage(10, 3));
    let script = Script::new((0..2).map(answers));
    // Twice recorded and still once counted.
    let chat = ChatLayer::new(&telemetry, OPENAI);
    let client = chat.layer(chat.layer(script.whole()));
    let mut agent = AgentLayer::new(&telemetry, "a").layer(ToolLoop::new(client, NoTools));
    run(agent.call(question())).unwrap();
    run(agent.call(question())).unwrap();
    let spans = spans(&sink, &telemetry);
    let agents = spans
        .iter()
        .filter(|it| it.signals.name == "invoke_agent a");
    let tokens: Vec<_> = agents
        .map(|it| {
            (
                value(it, key::GEN_AI_USAGE_INPUT_TOKENS),
                value(it, key::GEN_AI_USAGE_OUTPUT_TOKENS),
            )
        })
        .collect();
    let once = ("10".to_owned(), "3".to_owned());
    assert_eq!(tokens, [once.clone(), once], "a run at a time");
}

#[test]
fn a_sub_agent_nests_under_the_tool_that_runs_it() {
    let (sink, telemetry) = recorder(false);
    let guide =
        stack(Script::new([ChatResponse::text("The castle.").with_usage(usage(7, 2))]).whole())
            .with_telemetry(&telemetry, OPENAI)
            .with_agent("guide")
            .build();
    let asked = Tools::new().with(
        function("ask_guide", "Asks a guide.", Value::Null),
        move |_| {
            let mut guide = guide.clone();
            async move {
                let run = guide
                    .call(ChatRequest::new("gpt-4o").with_user("What?"))
                    .await?;
                Ok::<_, io::Error>(run.said())
            }
        },
    );
    let script = Script::new([
        ChatResponse::tool_calls([wants("c1", "ask_guide", "{}")]).with_usage(usage(10, 4)),
        ChatResponse::text("See the castle.").with_usage(usage(20, 5)),
    ]);
    let mut agent = stack(script.whole())
        .with_telemetry(&telemetry, OPENAI)
        .with_tools(asked)
        .with_agent("planner")
        .build();
    run(agent.call(question())).unwrap();
    insta::assert_snapshot!(outline(&sink, &telemetry), @r"
    invoke_agent planner
      chat gpt-4o-mini
      execute_tool ask_guide
        invoke_agent guide
          chat gpt-4o
      chat gpt-4o-mini
    ");
    let spans = sink.spans();
    let input = |name: &str| {
        let span = spans.iter().find(|it| it.signals.name == name).unwrap();
        value(span, key::GEN_AI_USAGE_INPUT_TOKENS)
    };
    assert_eq!(input("invoke_agent guide"), "7");
    assert_eq!(input("invoke_agent planner"), "30", "its own calls only");
}

#[test]
fn rounds_are_bounded_and_the_end_is_told() {
    let (sink, telemetry) = recorder(false);
    let more = |_| ChatResponse::tool_calls([wants("c", "get_weather", "{}")]);
    let script = Script::new((0..9).map(more));
    let mut agent = stack(script.whole())
        .with_telemetry(&telemetry, OPENAI)
        .with_tools(tools())
        .with_agent("planner")
        .with_max_rounds(2)
        .build();
    let ended = run(agent.call(question())).unwrap();
    assert_eq!((ended.rounds, ended.end), (2, RunEnd::RoundsExhausted));
    insta::assert_snapshot!(outline(&sink, &telemetry), @r"
    invoke_agent planner
      chat gpt-4o-mini
      execute_tool get_weather
      chat gpt-4o-mini
    ");
    let agent = sink
        .spans()
        .into_iter()
        .find(|it| it.signals.name.starts_with("invoke"));
    let reasons = value(&agent.unwrap(), key::GEN_AI_RESPONSE_FINISH_REASONS);
    assert_eq!(reasons, r#"["tool_calls"]"#);
}

#[test]
fn a_run_goes_on_from_what_was_said() {
    let script = Script::two_rounds();
    let ended = run(ToolLoop::new(script.whole(), tools()).run(question())).unwrap();
    let roles: Vec<_> = ended.messages.iter().map(|it| it.role.as_str()).collect();
    assert_eq!(roles, ["assistant", "tool", "tool", "assistant"]);
    let asked = script.asked.lock().unwrap();
    assert_eq!(
        asked[1].messages.len(),
        4,
        "the question, the answer, both results"
    );
    let offered: Vec<_> = asked[1].tools.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(
        offered,
        ["get_weather", "get_events"],
        "once, and in each round"
    );
}
