//! Content that may not be recorded, and secrets that never may, are in no signal.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;

use genspan::{
    AgentInvocation, Blob, Capture, Content, ErrorType, Failure, Inference, Message, Modality,
    Part, Place, Provider, Rendering, Role, Server, Telemetry, ToolCallRequest, ToolCallResponse,
    ToolDefinition, ToolExecution, Value, WorkflowInvocation,
};
use testkit::CaptureSink;

const CANARY: &str = "canary-in-the-coal-mine";

fn secret() -> String {
    format!(
        "sk-{}-{}",
        "proj", "Ab3dEf6hIj9kLm2nOp5qRs8tUv1wXy4zAb3dEf6hIj9k"
    )
}

/// Records one call and one tool whose every text is `text`, failing with it too.
fn everything_recorded(capture: Capture, text: &str) -> String {
    let rendering = Rendering::default()
        .with_capture(capture)
        .with_full_tool_definitions();
    recorded(rendering.clone(), text) + &recorded(rendering.with_content_as_json(), text)
}

fn recorded(rendering: Rendering, text: &str) -> String {
    let sink = CaptureSink::new(rendering);
    let telemetry = Telemetry::builder(Arc::clone(&sink) as _).inline().build();
    let mut call = telemetry.start(Inference::chat(Provider::OPENAI, "gpt-4o-mini"));
    let request = ToolCallRequest {
        id: None,
        name: "t".to_owned(),
        arguments: Value::from(text),
    };
    let response = ToolCallResponse {
        id: None,
        response: Value::Array(vec![Value::from(text)]),
    };
    call.content = Content {
        system_instructions: vec![Part::Text(text.to_owned())],
        input: vec![
            Message::text(Role::User, text),
            Message::new(Role::Tool, vec![Part::ToolCallResponse(response)]),
        ],
        output: vec![Message::new(
            Role::Assistant,
            vec![
                Part::Reasoning(text.to_owned()),
                Part::ToolCallRequest(request),
            ],
        )],
        tools: vec![ToolDefinition {
            kind: "function".to_owned(),
            name: "t".to_owned(),
            description: Some(text.to_owned()),
            parameters: Some(Value::Map(vec![(text.to_owned(), Value::from(text))])),
        }],
    };
    call.fail(
        Failure::new(ErrorType::InvalidRequest)
            .with_status(400)
            .with_message(text),
    );
    let mut tool = telemetry.start(ToolExecution::new("t"));
    tool.arguments = Value::Map(vec![("a".to_owned(), Value::from(text))]);
    tool.result = Value::from(text);
    tool.fail(Failure::new(ErrorType::ToolError).with_message(text));
    format!(
        "{:?} {:?} {:?}",
        sink.spans(),
        sink.measurements(),
        sink.starts()
    )
}

#[test]
fn without_capture_content_is_nowhere() {
    for capture in [
        Capture::default(),
        Capture::at(Place::Both).without_inputs().without_outputs(),
    ] {
        assert!(!everything_recorded(capture, CANARY).contains(CANARY));
    }
}

#[test]
fn with_capture_content_is_there() {
    let recorded = everything_recorded(Capture::at(Place::Both), CANARY);
    assert!(recorded.matches(CANARY).count() > 10);
}

#[test]
fn secrets_are_nowhere_whatever_is_captured() {
    for place in [Place::None, Place::Span, Place::Event, Place::Both] {
        let recorded = everything_recorded(Capture::at(place), &format!("use {} now", secret()));
        assert!(!recorded.contains(&secret()), "{place:?}");
        assert_eq!(
            recorded.contains("[redacted:openai-key]"),
            place != Place::None
        );
    }
}

#[test]
fn secrets_are_in_no_label_of_a_metric() {
    let sink = CaptureSink::new(Rendering::default());
    let telemetry = Telemetry::builder(Arc::clone(&sink) as _).inline().build();
    let address = format!("me:{}.example.org", secret());
    let mut call = telemetry.start(Inference::chat(Provider::OPENAI, secret()));
    call.server = Some(Server {
        address,
        port: Some(443),
    });
    call.response.model = Some(secret());
    call.response.service_tier = Some(secret());
    call.response.system_fingerprint = Some(secret());
    call.finish();
    let mut tool = telemetry.start(ToolExecution::new(secret()));
    tool.agent_name = Some(secret());
    tool.finish();
    let mut agent = telemetry.start(AgentInvocation::new(secret()));
    agent.request.model = Some(secret());
    agent.finish();
    telemetry.start(WorkflowInvocation::new(secret())).finish();
    let measured = format!("{:?}", sink.measurements());
    assert!(!measured.contains(&secret()), "{measured}");
    assert!(measured.matches("[redacted:openai-key]").count() >= 9);
}

#[test]
fn a_secret_is_not_cut_in_half_by_the_size_cap() {
    let text = format!("{}{}{}", "x".repeat(90), secret(), "y".repeat(1000));
    let rendering = Rendering::default()
        .with_capture(Capture::at(Place::Span))
        .with_limits(160, 100_000);
    let sink = CaptureSink::new(rendering);
    let telemetry = Telemetry::builder(Arc::clone(&sink) as _).inline().build();
    let mut call = telemetry.start(Inference::chat(Provider::OPENAI, "m"));
    call.content.input = vec![Message::text(
        Role::User,
        text.replace("xs", "x s").replace("9ky", "9k y"),
    )];
    call.finish();
    let recorded = format!("{:?}", sink.spans());
    assert!(!recorded.contains("sk-proj-Ab3"), "{recorded}");
    assert!(recorded.contains("bytes left out"));
}

#[test]
fn binaries_are_named_unless_asked_for() {
    let record = |rendering: Rendering| {
        let sink = CaptureSink::new(rendering.with_capture(Capture::at(Place::Span)));
        let telemetry = Telemetry::builder(Arc::clone(&sink) as _).inline().build();
        let mut call = telemetry.start(Inference::chat(Provider::OPENAI, "m"));
        let blob = Blob {
            modality: Modality::Image,
            mime_type: Some("image/png".to_owned()),
            content: "aGVsbG8=".to_owned(),
        };
        call.content.input = vec![Message::new(Role::User, vec![Part::Blob(blob)])];
        call.finish();
        sink.spans()
            .first()
            .unwrap()
            .signals
            .get("gen_ai.input.messages")
            .unwrap()
            .to_json()
    };
    insta::assert_snapshot!(
        record(Rendering::default()),
        @r#"[{"role":"user","parts":[{"type":"blob","modality":"image","mime_type":"image/png","content":"","byte_size":5,"sha256":"2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"}]}]"#
    );
    assert!(record(Rendering::default().with_binary()).contains(r#""content":"aGVsbG8=""#));
}
