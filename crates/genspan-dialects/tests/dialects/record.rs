//! From a span to the typed facts of its operation, and from these to the span again.

use genspan::{
    Capture, Conventions, ErrorType, Outcome, Place, Record, Rendering, Timestamp, signals,
};
use genspan_dialects::{Attributes, Kind, Span, Status, outcome, record};

use crate::written::spans::span;

/// Renders what was read.
fn again(read: &Span) -> Attributes {
    let rendering = Rendering::new(Conventions::V1_41).with_capture(Capture::at(Place::Span));
    let rendering = rendering.with_full_tool_definitions();
    let times = genspan::Span {
        started: read.started.unwrap_or_default(),
        ended: Timestamp::default(),
        outcome: &outcome(read),
    };
    let signals = signals(&record(read).unwrap(), &times, &rendering);
    Attributes::new([signals.sampled, signals.attributes].concat())
}

#[test]
fn what_the_conventions_know_comes_back_as_it_was() {
    for lines in [
        r#"
        gen_ai.operation.name = "chat"
        gen_ai.provider.name = "openai"
        gen_ai.request.model = "m"
        server.address = "host"
        server.port = 8080
        gen_ai.request.choice.count = 2
        gen_ai.request.seed = 7
        gen_ai.request.frequency_penalty = 0.5
        gen_ai.request.max_tokens = 100
        gen_ai.request.presence_penalty = 0.25
        gen_ai.request.stop_sequences = ["a"]
        gen_ai.request.temperature = 0.5
        gen_ai.request.top_p = 0.5
        gen_ai.request.top_k = 3.0
        gen_ai.request.stream = true
        gen_ai.output.type = "json"
        gen_ai.response.finish_reasons = ["stop"]
        gen_ai.response.id = "r-1"
        gen_ai.response.model = "m-1"
        gen_ai.response.time_to_first_chunk = 0.25
        gen_ai.usage.input_tokens = 100
        gen_ai.usage.output_tokens = 20
        gen_ai.usage.cache_read.input_tokens = 64
        gen_ai.usage.cache_creation.input_tokens = 4
        gen_ai.usage.reasoning.output_tokens = 8
        gen_ai.conversation.id = "c-1"
        gen_ai.system_instructions = [{"type":"text","content":"Be brief."}]
        gen_ai.input.messages = [{"role":"user","parts":[{"type":"text","content":"Hi"},{"type":"uri","modality":"image","uri":"u"}]},{"role":"tool","parts":[{"type":"tool_call_response","id":"a","response":"rain"}]}]
        gen_ai.output.messages = [{"role":"assistant","parts":[{"type":"reasoning","content":"hm"},{"type":"tool_call","id":"a","name":"f","arguments":{"x":1}}],"finish_reason":"tool_call"}]
        gen_ai.tool.definitions = [{"type":"function","name":"f","description":"d","parameters":{"type":"object"}}]
        app.user = "u-1"
        "#,
        r#"
        gen_ai.operation.name = "embeddings"
        gen_ai.provider.name = "openai"
        gen_ai.request.model = "m"
        gen_ai.embeddings.dimension.count = 8
        gen_ai.request.encoding_formats = ["float"]
        gen_ai.usage.input_tokens = 3
        "#,
        r#"
        gen_ai.operation.name = "execute_tool"
        gen_ai.tool.name = "f"
        gen_ai.tool.type = "function"
        gen_ai.tool.call.id = "a"
        gen_ai.tool.description = "d"
        gen_ai.tool.call.arguments = {"x":1}
        gen_ai.tool.call.result = {"y":2}
        "#,
        r#"
        gen_ai.operation.name = "invoke_agent"
        gen_ai.provider.name = "openai"
        gen_ai.agent.name = "guide"
        gen_ai.agent.id = "a-1"
        gen_ai.agent.description = "d"
        gen_ai.request.model = "m"
        gen_ai.usage.input_tokens = 3
        gen_ai.usage.output_tokens = 1
        "#,
        r#"
        gen_ai.operation.name = "create_agent"
        gen_ai.provider.name = "openai"
        gen_ai.agent.name = "guide"
        "#,
        r#"
        gen_ai.operation.name = "invoke_workflow"
        gen_ai.workflow.name = "flow"
        "#,
    ] {
        let before = Span {
            started: Some(Timestamp::from_unix_nanos(1_000_000_000)),
            ..span(lines)
        };
        assert_eq!(again(&before), before.attributes);
    }
}

#[test]
fn what_may_be_content_and_has_no_place_is_left_out() {
    let read = record(&span(
        r#"
        gen_ai.operation.name = "chat"
        app.prompt = "canary"
        llm_request = {"canary":1}
        app.user = "u-1"
        app.prompt_length = 7
        "#,
    ));
    let told = read.unwrap().common().attributes.clone();
    let keys: Vec<&str> = told.iter().map(|(key, _)| key.as_str()).collect();
    assert_eq!(keys, ["app.user", "app.prompt_length"]);
}

#[test]
fn an_agent_elsewhere_is_a_remote_one() {
    let mut agent = span(
        r#"
        gen_ai.operation.name = "invoke_agent"
        gen_ai.provider.name = "openai"
        "#,
    );
    agent.kind = Kind::Client;
    let Some(Record::AgentInvocation(run)) = record(&agent) else {
        panic!()
    };
    assert!(matches!(run.site, genspan::AgentSite::Remote { .. }));
}

#[test]
fn ends_are_read_from_status_and_type() {
    let ended = |error: Option<&'static str>, status: Status| {
        let mut span = Span {
            status,
            ..Span::default()
        };
        span.attributes.set_if_free("error.type", error);
        outcome(&span)
    };
    let class = |ended: Outcome| ended.error_type().cloned();
    assert_eq!(ended(None, Status::Unset), Outcome::Completed);
    assert_eq!(ended(Some("cancelled"), Status::Unset), Outcome::Cancelled);
    let error = || Status::Error("text".to_owned());
    assert_eq!(class(ended(None, error())), Some(ErrorType::Unknown));
    let Outcome::Failed(failure) = ended(Some("429"), error()) else {
        panic!()
    };
    assert_eq!(
        (
            failure.error_type,
            failure.status,
            failure.message.as_deref()
        ),
        (ErrorType::RateLimited, Some(429), Some("text"))
    );
    let known = ended(Some("server_error"), Status::Unset);
    assert_eq!(class(known), Some(ErrorType::ServerError));
    let other = ended(Some("StreamParse"), Status::Unset);
    assert_eq!(class(other), Some(ErrorType::Other("StreamParse".into())));
}

#[test]
fn what_is_no_operation_is_none() {
    assert_eq!(record(&span(r#"path = "/""#)), None);
    assert_eq!(record(&span(r#"gen_ai.operation.name = "rerank""#)), None);
}
