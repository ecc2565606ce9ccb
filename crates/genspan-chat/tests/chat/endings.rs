//! Every way out ends every span once.

use std::{
    fmt, io,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
};

use genspan::{ErrorType, Failure, Value, semconv::attribute as key};
use genspan_chat::{ChatLayer, ChatResponse, Classifier, chat_fn, function, stack};
use tower_layer::Layer;
use tower_service::Service;

use super::rig::{
    OPENAI, Script, Yield, outline, poll_some, question, recorder, run, spans, tools, value, wants,
};

#[derive(Debug)]
struct Refused(u16);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "status {}", self.0)
    }
}

#[test]
fn an_error_of_the_client_fails_the_call_and_the_run() {
    let (sink, telemetry) = recorder(false);
    let client = || chat_fn(|_| async { Err::<ChatResponse, _>(Refused(429)) });
    let by_type = stack(client()).with_telemetry(&telemetry, OPENAI);
    run(by_type.with_agent("a").build().call(question())).unwrap_err();
    let by_status = stack(client())
        .with_telemetry(&telemetry, OPENAI)
        .with_classifier(Classifier::new(|refused: &Refused| {
            Failure::new(ErrorType::from_http_status(refused.0)).with_status(refused.0)
        }));
    run(by_status.with_agent("b").build().call(question())).unwrap_err();
    let spans = spans(&sink, &telemetry);
    let types: Vec<_> = spans.iter().map(|it| value(it, key::ERROR_TYPE)).collect();
    let words = [
        "\"Refused\"",
        "\"Refused\"",
        "\"rate_limited\"",
        "\"rate_limited\"",
    ];
    assert_eq!(types, words);
}

#[test]
fn dropped_at_any_poll_everything_is_closed() {
    let mut trees = Vec::new();
    for polls in 0..12 {
        let (sink, telemetry) = recorder(false);
        let mut agent = stack(Script::two_rounds().whole())
            .with_telemetry(&telemetry, OPENAI)
            .with_tools(tools())
            .with_agent("planner")
            .build();
        {
            let mut future = pin!(agent.call(question()));
            poll_some(future.as_mut(), polls);
        }
        let starts = sink.starts().len();
        let tree = outline(&sink, &telemetry);
        assert_eq!(tree.lines().count(), starts, "after {polls} polls");
        if trees.last() != Some(&tree) {
            trees.push(tree);
        }
    }
    insta::assert_snapshot!(trees.join("---\n"), @r"
    invoke_agent planner ✗
    ---
    invoke_agent planner ✗
      chat gpt-4o-mini ✗
    ---
    invoke_agent planner ✗
      chat gpt-4o-mini
      execute_tool get_weather
      execute_tool get_events ✗
    ---
    invoke_agent planner ✗
      chat gpt-4o-mini
      execute_tool get_weather
      execute_tool get_events
      chat gpt-4o-mini ✗
    ---
    invoke_agent planner
      chat gpt-4o-mini
      execute_tool get_weather
      execute_tool get_events
      chat gpt-4o-mini
    ");
}

#[test]
fn a_panic_in_a_tool_closes_everything_and_goes_on() {
    let (sink, telemetry) = recorder(false);
    let script = Script::new([ChatResponse::tool_calls([
        wants("c1", "break", "{}"),
        wants("c2", "get_events", "{}"),
    ])]);
    let tools = tools().with(function("break", "", Value::Null), |_| async {
        Yield(1).await;
        if true {
            panic!("canary");
        }
        Ok::<_, io::Error>("never")
    });
    let mut agent = stack(script.whole())
        .with_telemetry(&telemetry, OPENAI)
        .with_tools(tools)
        .with_agent("a")
        .build();
    let panicked = catch_unwind(AssertUnwindSafe(|| run(agent.call(question()))));
    assert!(panicked.is_err(), "it is the caller's");
    insta::assert_snapshot!(outline(&sink, &telemetry), @r"
    invoke_agent a ✗
      chat gpt-4o-mini
      execute_tool break ✗
      execute_tool get_events ✗
    ");
}

#[test]
fn a_shutdown_ends_what_is_open_once() {
    let (sink, telemetry) = recorder(false);
    let mut client = ChatLayer::new(&telemetry, OPENAI).layer(Script::two_rounds().streamed());
    let stream = run(client.call(question())).unwrap();
    let spans = spans(&sink, &telemetry);
    run(stream.gather()).unwrap();
    assert_eq!(spans.len(), 1);
    assert_eq!(value(&spans[0], key::ERROR_TYPE), "\"cancelled\"");
    assert_eq!(sink.spans().len(), 1);
}
