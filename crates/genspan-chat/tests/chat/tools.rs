//! Runs of tools: how each ends, what it carries, and when the layer stands down.

use std::{fmt, io};

use genspan::{Failure, Value, semconv::attribute as key};
use genspan_chat::{
    ChatResponse, Classifier, ToolCall, ToolLayer, ToolLoop, ToolOutput, Tools, function, stack,
};
use testkit::CapturedSpan;
use tower_layer::Layer;
use tower_service::Service;

use super::rig::{OPENAI, Script, outline, question, recorder, run, spans, tools, value, wants};

fn weather(id: &str) -> ToolCall {
    ToolCall {
        id: Some(id.to_owned()),
        name: "get_weather".to_owned(),
        arguments: Value::from_json(r#"{"city":"Lisbon"}"#).unwrap(),
        ..ToolCall::default()
    }
}

/// Gives the error type of a span, and the result where it has one.
fn ending(span: &CapturedSpan) -> [String; 2] {
    [
        value(span, key::ERROR_TYPE),
        value(span, key::GEN_AI_TOOL_CALL_RESULT),
    ]
}

#[derive(Debug)]
struct OutOfPaper;

impl fmt::Display for OutOfPaper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no paper")
    }
}

#[test]
fn each_ending_is_typed() {
    let (sink, telemetry) = recorder(true);
    let tool = |output: fn() -> Result<ToolOutput, OutOfPaper>| {
        Tools::new().with(
            function("get_weather", "", Value::Null),
            move |_| async move { output() },
        )
    };
    let layer = ToolLayer::new(&telemetry);
    let _ = run(layer.layer(tool(|| Ok("sunny".into()))).call(weather("1")));
    let _ = run(layer
        .layer(tool(|| Ok(ToolOutput::Failed(Value::from("no window")))))
        .call(weather("2")));
    let _ = run(layer.layer(tool(|| Err(OutOfPaper))).call(weather("3")));
    let failed = |_: &genspan_chat::ToolError| Failure::new(genspan::ErrorType::Timeout);
    let layer = layer.with_classifier(Classifier::new(failed));
    let _ = run(layer.layer(tool(|| Err(OutOfPaper))).call(weather("4")));
    let ends: Vec<_> = spans(&sink, &telemetry).iter().map(ending).collect();
    insta::assert_debug_snapshot!(ends, @r#"
    [
        [
            "-",
            "{\"result\":\"sunny\"}",
        ],
        [
            "\"tool_error\"",
            "-",
        ],
        [
            "\"OutOfPaper\"",
            "-",
        ],
        [
            "\"timeout\"",
            "-",
        ],
    ]
    "#);
}

#[test]
fn a_frameworks_own_span_of_the_same_call_is_the_only_one() {
    let (sink, telemetry) = recorder(false);
    let (outer, inner) = (telemetry.clone(), telemetry.clone());
    let start = |telemetry: &genspan::Telemetry, id: &str| {
        let mut record = genspan::ToolExecution::new("get_weather");
        record.call_id = Some(id.to_owned());
        telemetry.start(record)
    };
    // Further out: the framework runs the layered tool.
    let framework = start(&outer, "out");
    let mut layered = ToolLayer::new(&telemetry).layer(tools());
    run(framework.scope().run(|| layered.call(weather("out")))).unwrap();
    framework.finish();
    // Further in: the tool itself is recorded.
    let own = Tools::new().with(
        function("get_weather", "", Value::Null),
        move |call: ToolCall| {
            let running = start(&inner, &call.id.unwrap());
            running.finish();
            async { Ok::<_, io::Error>("sunny") }
        },
    );
    run(ToolLayer::new(&telemetry).layer(own).call(weather("in"))).unwrap();
    // Another call of the same tool is another run.
    let framework = start(&outer, "other");
    let mut layered = ToolLayer::new(&telemetry).layer(tools());
    run(framework.scope().run(|| layered.call(weather("its-own")))).unwrap();
    framework.finish();
    insta::assert_snapshot!(outline(&sink, &telemetry), @r"
    execute_tool get_weather
    execute_tool get_weather
    execute_tool get_weather
      execute_tool get_weather
    ");
}

#[test]
fn what_a_tool_says_goes_back_to_the_model_and_unknown_tools_are_not_run() {
    let (sink, telemetry) = recorder(false);
    let script = Script::new([
        ChatResponse::tool_calls([
            wants("c1", "print", "{}"),
            wants("c2", "fly", "{}"),
            wants("c3", "get_weather", "{}"),
        ]),
        ChatResponse::text("Sorry."),
    ]);
    let tools = tools().with(function("print", "Prints.", Value::Null), |_| async {
        Err::<Value, _>(OutOfPaper)
    });
    let mut agent = stack(script.whole())
        .with_telemetry(&telemetry, OPENAI)
        .with_tools(tools)
        .with_agent("a")
        .build();
    let ended = run(agent.call(question())).unwrap();
    let answers: Vec<String> = ended
        .messages
        .iter()
        .flat_map(|message| &message.parts)
        .filter_map(|part| match part {
            genspan::Part::ToolCallResponse(answer) => Some(answer.response.to_json()),
            _ => None,
        })
        .collect();
    assert_eq!(
        answers,
        [
            r#"{"error":"no paper"}"#,
            r#"{"error":"there is no tool fly"}"#,
            r#""sunny""#
        ]
    );
    insta::assert_snapshot!(outline(&sink, &telemetry), @r"
    invoke_agent a
      chat gpt-4o-mini
      execute_tool print ✗
      execute_tool get_weather
      chat gpt-4o-mini
    ");
}

#[test]
fn tools_run_side_by_side_and_are_linked_to_the_call_that_asked() {
    let (sink, telemetry) = recorder(false);
    let client =
        genspan_chat::ChatLayer::new(&telemetry, OPENAI).layer(Script::two_rounds().whole());
    let tools = ToolLayer::new(&telemetry).layer(tools());
    run(ToolLoop::new(client, tools).run(question())).unwrap();
    let spans = spans(&sink, &telemetry);
    let find = |name: &str| spans.iter().find(|it| it.signals.name == name).unwrap();
    let (fast, slow) = (
        find("execute_tool get_weather"),
        find("execute_tool get_events"),
    );
    assert!(slow.started < fast.ended && fast.ended < slow.ended);
    let asked = &find("chat gpt-4o-mini").context;
    let starts = sink.starts();
    let links: Vec<_> = starts.iter().map(|start| start.links.as_slice()).collect();
    assert_eq!(
        links,
        [
            [].as_slice(),
            std::slice::from_ref(asked),
            std::slice::from_ref(asked),
            [].as_slice()
        ]
    );
}
