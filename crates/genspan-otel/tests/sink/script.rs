//! One conversation, recorded the same way wherever it goes.

use std::pin::pin;

use futures_util::{FutureExt, StreamExt, stream};
use genspan::{
    Counts, ErrorType, Evaluation, Failure, FinishReason, Inference, Message, Part, Provider, Role,
    Scope, Server, SpanContext, SpanEvent, StartOptions, Telemetry, ToolCallRequest,
    ToolCallResponse, ToolExecution, Usage, Value,
};

const MODEL: &str = "gpt-4o-mini";

/// An agent asks a model, runs the tool it asks for, asks again, and is judged; some of it goes wrong.
pub(crate) fn conversation(telemetry: &Telemetry) {
    let mut agent = telemetry.invoke_agent("travel");
    agent.content.input = vec![Message::text(Role::User, "What is it like in Paris?")];
    agent.inference_calls = Some(2);
    agent.tool_calls = Some(1);
    let scope = agent.scope().with_attribute("user.id", "u-1");
    let judged = scope.run(|| {
        let asked = streamed(telemetry);
        tool(telemetry, asked);
        rate_limited(telemetry);
        answered(telemetry)
    });
    let judgement = Evaluation::new("relevance")
        .with_score(0.75)
        .with_label("good")
        .with_explanation("It names the weather.");
    telemetry.evaluated(judgement.of_span(judged));
    drop(telemetry.execute_tool("given up"));
    agent.common.conversation_id = Some("c-1".to_owned());
    agent.content.output = vec![Message::text(Role::Assistant, "Sunny.")];
    agent.finish();
    embeddings(telemetry);
}

fn usage(input: u64, output: u64) -> Usage {
    let counts = Counts {
        input: Some(input),
        output: Some(output),
        cache_read: Some(2),
        ..Counts::default()
    };
    Usage::inclusive(counts).0
}

/// The model asks for a tool, in a stream.
fn streamed(telemetry: &Telemetry) -> SpanContext {
    let mut chat = Inference::chat(Provider::OPENAI, MODEL);
    chat.server = Some(Server::new("api.openai.com", Some(8443)));
    chat.request.stream = true;
    chat.request.temperature = Some(0.5);
    chat.request.stop_sequences = vec!["END".to_owned()];
    chat.content.input = vec![
        Message::text(Role::System, "Be brief."),
        Message::text(Role::User, "What is it like in Paris?"),
    ];
    let chat = telemetry.start(chat);
    let context = chat.context().clone();
    let chunks = stream::iter([1, 2, 3].map(Ok::<_, std::fmt::Error>));
    let answer = pin!(chat.observe(chunks, |chat, chunk| {
        if *chunk == 3 {
            chat.response.id = Some("chatcmpl-1".to_owned());
            chat.response.finish_reasons = vec!["tool_calls".to_owned()];
            chat.usage = usage(30, 8);
            let arguments = Value::from_json(r#"{"city":"Paris","days":[1,2],"deep":{"a":true}}"#);
            let request = ToolCallRequest {
                id: Some("call-1".to_owned()),
                name: "weather".to_owned(),
                arguments: arguments.unwrap(),
            };
            let mut said = Message::new(Role::Assistant, vec![Part::ToolCallRequest(request)]);
            said.finish_reason = Some(FinishReason::ToolCall);
            chat.content.output = vec![said];
        }
    }));
    assert_eq!(answer.count().now_or_never(), Some(3));
    context
}

fn tool(telemetry: &Telemetry, asked: SpanContext) {
    let mut tool = ToolExecution::new("weather");
    tool.call_id = Some("call-1".to_owned());
    tool.arguments = Value::from_json(r#"{"city":"Paris"}"#).unwrap();
    let options = StartOptions {
        links: vec![asked],
        ..StartOptions::default()
    };
    let mut tool = telemetry.start_with(tool, options);
    tool.common.events.push(SpanEvent {
        name: "cache.miss".to_owned(),
        at: telemetry.now(),
        attributes: vec![("cache.key".to_owned(), Value::from("paris"))],
    });
    tool.result = Value::from_json(r#"{"sky":"clear","degrees":21.5}"#).unwrap();
    tool.finish();
}

fn rate_limited(telemetry: &Telemetry) {
    let chat = telemetry.chat(Provider::OPENAI, MODEL);
    let failure = Failure::new(ErrorType::RateLimited)
        .with_status(429)
        .with_message("Too many requests.");
    chat.fail(failure);
}

/// The model answers; instrumentation further in sees the call, too.
fn answered(telemetry: &Telemetry) -> SpanContext {
    let mut chat = telemetry.chat(Provider::OPENAI, MODEL);
    let context = chat.context().clone();
    chat.scope().run(|| {
        let mut seen = telemetry.chat(Provider::OPENAI, MODEL);
        seen.response.id = Some("chatcmpl-2".to_owned());
        seen.response.model = Some("gpt-4o-mini-2024-07-18".to_owned());
        seen.usage = usage(50, 4);
        seen.finish();
    });
    let response = ToolCallResponse {
        id: Some("call-1".to_owned()),
        response: Value::from_json(r#"{"sky":"clear"}"#).unwrap(),
    };
    chat.content.input = vec![Message::new(
        Role::Tool,
        vec![Part::ToolCallResponse(response)],
    )];
    chat.content.output = vec![Message::text(Role::Assistant, "Sunny.")];
    chat.response.finish_reasons = vec!["stop".to_owned()];
    let scope: Scope = chat.scope();
    assert_eq!(scope.context(), Some(&context));
    chat.finish();
    context
}

fn embeddings(telemetry: &Telemetry) {
    let mut embeddings = telemetry.embeddings(Provider::OPENAI, "text-embedding-3-small");
    embeddings.dimension_count = Some(256);
    embeddings.encoding_formats = vec!["float".to_owned()];
    embeddings.usage = usage(12, 0);
    embeddings.finish();
}
