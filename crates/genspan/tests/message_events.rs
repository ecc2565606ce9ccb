//! The message events of v1.36: on spans in the blocks that Strands writes, as log records with bodies.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use std::{sync::Arc, time::Duration};

use genspan::{
    AgentInvocation, Capture, Content, Conventions, Event, FinishReason, Inference, Message,
    Operation, Part, Place, Provider, Rendering, Role, Signals, Telemetry, ToolCallRequest,
    ToolCallResponse, ToolExecution, Value,
};
use testkit::{CaptureSink, ManualClock};

fn signals(capture: Capture, operation: impl Operation) -> Signals {
    let sink = CaptureSink::new(Rendering::new(Conventions::V1_36).with_capture(capture));
    let clock = Arc::new(ManualClock::default().stepping(Duration::from_millis(250)));
    let telemetry = Telemetry::builder(Arc::clone(&sink) as _)
        .with_clock(clock)
        .inline()
        .build();
    telemetry.start(operation).finish();
    let spans = sink.spans();
    spans[0].signals.clone()
}

fn shown(events: &[Event]) -> String {
    let mut text = String::new();
    for event in events {
        text += &format!("{}\n", event.name);
        for fact in &event.attributes {
            text += &format!("  {} = {}\n", fact.key, fact.value.to_json());
        }
        if let Some(body) = &event.body {
            text += &format!("  body {}\n", body.to_json());
        }
    }
    text
}

fn call(id: &str) -> Part {
    Part::ToolCallRequest(ToolCallRequest {
        id: Some(id.to_owned()),
        name: "weather".to_owned(),
        arguments: Value::from_json(r#"{"city":"Paris"}"#).unwrap(),
    })
}

fn answer(id: &str, response: Value) -> Part {
    Part::ToolCallResponse(ToolCallResponse {
        id: Some(id.to_owned()),
        response,
    })
}

fn chat() -> Inference {
    let mut chat = Inference::chat(Provider::new("x_ai"), "grok-4");
    let said = vec![Part::Reasoning("hm".to_owned()), call("call_2")];
    let mut asks = Message::new(Role::Assistant, said);
    asks.finish_reason = Some(FinishReason::ToolCall);
    let mut says = Message::text(Role::Assistant, "It rains.");
    says.finish_reason = Some(FinishReason::Stop);
    chat.content = Content {
        system_instructions: vec![
            Part::Text("Be brief.".to_owned()),
            Part::Text("Be kind.".to_owned()),
        ],
        input: vec![
            Message::text(Role::Other("developer".to_owned()), "Use tools."),
            Message::text(Role::User, "Weather in Paris?"),
            Message::new(Role::Assistant, vec![call("call_0"), call("call_1")]),
            Message::new(
                Role::User,
                vec![
                    answer("call_0", Value::from("rainy")),
                    answer("call_1", Value::from_json(r#"{"celsius":7}"#).unwrap()),
                ],
            ),
        ],
        output: vec![asks, says],
        tools: Vec::new(),
    };
    chat
}

#[test]
fn messages_stand_on_the_span_as_blocks_the_instructions_first() {
    let signals = signals(Capture::at(Place::Span), chat());
    insta::assert_snapshot!(shown(&signals.span_events), @r#"
    gen_ai.system.message
      gen_ai.system = "xai"
      content = "[{\"text\":\"Be brief.\"},{\"text\":\"Be kind.\"}]"
    gen_ai.system.message
      gen_ai.system = "xai"
      content = "[{\"text\":\"Use tools.\"}]"
      role = "developer"
    gen_ai.user.message
      gen_ai.system = "xai"
      content = "[{\"text\":\"Weather in Paris?\"}]"
    gen_ai.assistant.message
      gen_ai.system = "xai"
      content = "[{\"toolUse\":{\"toolUseId\":\"call_0\",\"name\":\"weather\",\"input\":{\"city\":\"Paris\"}}},{\"toolUse\":{\"toolUseId\":\"call_1\",\"name\":\"weather\",\"input\":{\"city\":\"Paris\"}}}]"
    gen_ai.tool.message
      gen_ai.system = "xai"
      content = "[{\"toolResult\":{\"toolUseId\":\"call_0\",\"content\":[{\"text\":\"rainy\"}]}},{\"toolResult\":{\"toolUseId\":\"call_1\",\"content\":[{\"json\":{\"celsius\":7}}]}}]"
      id = "call_0"
    gen_ai.choice
      gen_ai.system = "xai"
      index = 0
      finish_reason = "tool_calls"
      message = "[{\"reasoningContent\":{\"reasoningText\":{\"text\":\"hm\"}}},{\"toolUse\":{\"toolUseId\":\"call_2\",\"name\":\"weather\",\"input\":{\"city\":\"Paris\"}}}]"
    gen_ai.choice
      gen_ai.system = "xai"
      index = 1
      finish_reason = "stop"
      message = "[{\"text\":\"It rains.\"}]"
    "#);
    assert!(signals.events.is_empty());
    let first = &signals.span_events[0];
    let last = signals.span_events.last().unwrap();
    assert!(first.at < last.at, "the answer came last");
}

#[test]
fn messages_are_log_records_with_bodies() {
    let signals = signals(Capture::at(Place::Event), chat());
    insta::assert_snapshot!(shown(&signals.events), @r#"
    gen_ai.system.message
      gen_ai.system = "xai"
      body {"content":[{"type":"text","content":"Be brief."},{"type":"text","content":"Be kind."}]}
    gen_ai.system.message
      gen_ai.system = "xai"
      body {"content":"Use tools.","role":"developer"}
    gen_ai.user.message
      gen_ai.system = "xai"
      body {"content":"Weather in Paris?"}
    gen_ai.assistant.message
      gen_ai.system = "xai"
      body {"tool_calls":[{"id":"call_0","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Paris\"}"}},{"id":"call_1","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Paris\"}"}}]}
    gen_ai.tool.message
      gen_ai.system = "xai"
      body {"content":"rainy","id":"call_0"}
    gen_ai.tool.message
      gen_ai.system = "xai"
      body {"content":{"celsius":7},"id":"call_1"}
    gen_ai.choice
      gen_ai.system = "xai"
      body {"index":0,"finish_reason":"tool_calls","message":{"content":[{"type":"reasoning","content":"hm"}]},"tool_calls":[{"id":"call_2","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Paris\"}"}}]}
    gen_ai.choice
      gen_ai.system = "xai"
      body {"index":1,"finish_reason":"stop","message":{"content":"It rains."}}
    "#);
    assert!(signals.span_events.is_empty());
}

#[test]
fn what_stands_beside_a_tools_answer_is_told_as_well() {
    let mut chat = Inference::chat(Provider::ANTHROPIC, "claude");
    let said = vec![
        answer("a", Value::from("rainy")),
        Part::Text("So?".to_owned()),
    ];
    chat.content.input = vec![Message::new(Role::User, said)];
    let signals = signals(Capture::at(Place::Event), chat);
    insta::assert_snapshot!(shown(&signals.events), @r#"
    gen_ai.tool.message
      gen_ai.system = "anthropic"
      body {"content":"rainy","id":"a"}
    gen_ai.user.message
      gen_ai.system = "anthropic"
      body {"content":"So?"}
    "#);
}

#[test]
fn both_places_tell_the_same_messages() {
    let both = signals(Capture::at(Place::Both), chat());
    assert_eq!(
        both.span_events,
        signals(Capture::at(Place::Span), chat()).span_events
    );
    assert_eq!(
        both.events,
        signals(Capture::at(Place::Event), chat()).events
    );
}

#[test]
fn no_instructions_no_event() {
    let mut chat = chat();
    let with = signals(Capture::at(Place::Span), chat.clone()).span_events;
    chat.content.system_instructions.clear();
    let without = signals(Capture::at(Place::Span), chat).span_events;
    assert_eq!(without, with[1..]);
}

#[test]
fn inputs_and_outputs_are_told_apart() {
    let names = |capture: Capture| {
        let signals = signals(capture, chat());
        let events = signals.span_events.iter().chain(&signals.events);
        events
            .map(|event| event.name.to_string())
            .collect::<Vec<_>>()
    };
    let inputs = names(Capture::at(Place::Span).without_outputs());
    assert!(!inputs.contains(&"gen_ai.choice".to_owned()));
    assert_eq!(inputs.len(), 5);
    let outputs = names(Capture::at(Place::Event).without_inputs());
    assert_eq!(outputs, ["gen_ai.choice", "gen_ai.choice"]);
    assert_eq!(names(Capture::default()), [""; 0]);
}

#[test]
fn tools_and_agents_tell_theirs_on_the_span() {
    let mut tool = ToolExecution::new("weather");
    tool.call_id = Some("call_1".to_owned());
    tool.arguments = Value::from_json(r#"{"city":"Paris"}"#).unwrap();
    tool.result = Value::from("rainy");
    let mut agent = AgentInvocation::new("guide");
    agent.content.input = vec![Message::text(Role::User, "Where?")];
    let mut said = Message::text(Role::Assistant, "There.");
    said.finish_reason = Some(FinishReason::Stop);
    agent.content.output = vec![said];
    let tool = signals(Capture::at(Place::Both), tool);
    let agent = signals(Capture::at(Place::Span), agent);
    insta::assert_snapshot!(shown(&[tool.span_events, agent.span_events].concat()), @r#"
    gen_ai.tool.message
      role = "tool"
      content = "{\"city\":\"Paris\"}"
      id = "call_1"
    gen_ai.choice
      message = "[{\"text\":\"rainy\"}]"
      id = "call_1"
    gen_ai.user.message
      content = "[{\"text\":\"Where?\"}]"
    gen_ai.choice
      index = 0
      finish_reason = "stop"
      message = "[{\"text\":\"There.\"}]"
    "#);
    assert!(tool.events.is_empty(), "v1.36 has no event for it");
}

#[test]
fn secrets_stand_in_neither_shape() {
    let secret = concat!(
        "sk-",
        "proj-0123456789abcdefghijABCDEFGHIJ0123456789abcdefghij"
    );
    let mut chat = chat();
    let parts = vec![
        Part::Text(format!("key {secret}")),
        Part::Reasoning(secret.to_owned()),
        Part::ToolCallRequest(ToolCallRequest {
            id: None,
            name: "f".to_owned(),
            arguments: Value::Map(vec![("password".to_owned(), Value::from("hunter2-canary"))]),
        }),
        answer("a", Value::from(secret)),
    ];
    chat.content.system_instructions.clone_from(&parts);
    for message in chat
        .content
        .input
        .iter_mut()
        .chain(&mut chat.content.output)
    {
        message.parts.clone_from(&parts);
    }
    let signals = signals(Capture::at(Place::Both), chat);
    let told = shown(&signals.span_events) + &shown(&signals.events);
    assert!(!told.contains(secret), "{told}");
    assert!(!told.contains("hunter2-canary"), "{told}");
    assert!(told.contains("key "));
}
