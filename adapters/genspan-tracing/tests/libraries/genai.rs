//! genai with its feature `otel`.

use futures_util::StreamExt;
use genai::{
    Client, ModelIden, ServiceTarget,
    adapter::AdapterKind,
    chat::{ChatMessage, ChatOptions, ChatRequest, ChatStreamEvent, Tool, ToolCall, ToolResponse},
    resolver::{AuthData, Endpoint, ServiceTargetResolver},
};
use genspan::{ErrorType, Failure};
use testkit::suite::{
    AGENT, Case, Fact, RESULT, Stage, TOOL, TOOL_DESCRIPTION, Unknown, parameters,
};

use crate::{hold, settled, wait};

const CONTENT: &str = "it takes content only by a variable of the environment, read once";

const UNKNOWN: &[Unknown] = &[
    Unknown {
        fact: Fact::Input,
        why: CONTENT,
    },
    Unknown {
        fact: Fact::Output,
        why: CONTENT,
    },
    Unknown {
        fact: Fact::ToolDefinitions,
        why: CONTENT,
    },
    Unknown {
        fact: Fact::ToolContent,
        why: CONTENT,
    },
    Unknown {
        fact: Fact::ResponseId,
        why: "it keeps none of chat completions",
    },
];

/// What a stream of it does not tell besides.
const STREAMED: &[Unknown] = &[
    UNKNOWN[0],
    UNKNOWN[1],
    UNKNOWN[2],
    UNKNOWN[3],
    UNKNOWN[4],
    Unknown {
        fact: Fact::ResponseModel,
        why: "it keeps none of a stream",
    },
    Unknown {
        fact: Fact::FirstChunk,
        why: "a stream of tool calls has no chunk for it",
    },
];

fn client(url: &str) -> Client {
    let endpoint = format!("{url}/");
    let resolver = ServiceTargetResolver::from_resolver_fn(
        move |target: ServiceTarget| -> Result<ServiceTarget, genai::resolver::Error> {
            Ok(ServiceTarget {
                endpoint: Endpoint::from_owned(endpoint.clone()),
                auth: AuthData::from_single("k3y"),
                model: ModelIden::new(AdapterKind::OpenAI, target.model.model_name),
            })
        },
    );
    let builder = Client::builder().with_service_target_resolver(resolver);
    builder.build().unwrap()
}

/// Asks once; gives the calls of tools, or `None` where all is to be dropped.
async fn ask(
    stage: &Stage,
    client: &Client,
    request: &ChatRequest,
) -> genai::Result<Option<Vec<ToolCall>>> {
    let options = ChatOptions::default()
        .with_temperature(0.5)
        .with_capture_usage(true)
        .with_capture_tool_calls(true);
    let model = "gpt-4o-mini";
    if !stage.case.is_streamed() {
        let answer = client
            .exec_chat(model, request.clone(), Some(&options))
            .await?;
        return Ok(Some(answer.into_tool_calls()));
    }
    let answer = client
        .exec_chat_stream(model, request.clone(), Some(&options))
        .await?;
    let mut stream = answer.stream;
    let mut calls = Vec::new();
    while let Some(event) = stream.next().await {
        match event? {
            ChatStreamEvent::Chunk(_) if stage.case == Case::Cancelled => return Ok(None),
            ChatStreamEvent::End(end) => {
                calls = end.captured_into_tool_calls().unwrap_or_default();
            }
            _ => {}
        }
    }
    Ok(Some(calls))
}

/// Plays a case as a program on genai does it, whose agent is recorded by hand.
pub(crate) async fn play(stage: &Stage) {
    let client = client(&stage.provider.url());
    let agent = stage.telemetry.invoke_agent(AGENT);
    let mut request = ChatRequest::from_user(stage.case.prompt());
    if stage.case.has_tools() {
        let tool = Tool::new(TOOL).with_description(TOOL_DESCRIPTION);
        request = request.with_tools([tool.with_schema(parameters())]);
    }
    loop {
        let calls = match agent.scope().within(ask(stage, &client, &request)).await {
            Ok(Some(calls)) => calls,
            Ok(None) => return drop(agent),
            Err(_) => return agent.fail(Failure::new(ErrorType::InvalidRequest)),
        };
        if calls.is_empty() {
            break;
        }
        request = request.append_message(ChatMessage::from(calls.clone()));
        for call in calls {
            agent.scope().run(|| {
                let span = genai::otel::agent::execute_tool_span(&call);
                span.in_scope(|| genai::otel::agent::ExecuteToolSpan::record_result(&span, RESULT));
            });
            request = request.append_message(ToolResponse::new(call.call_id, RESULT));
        }
    }
    agent.finish();
}

#[test]
fn each_conversation_gives_the_common_tree() {
    hold(&play, |case| {
        if case.is_streamed() {
            STREAMED
        } else {
            UNKNOWN
        }
    });
}

#[test]
fn a_call_is_what_it_says() {
    let stage = Stage::new(Case::Whole, false);
    wait(&stage.telemetry, play(&stage));
    insta::assert_snapshot!(settled(&testkit::tree(&stage.spans())), @r##"
    invoke_agent forecaster [Internal]
      gen_ai.operation.name = "invoke_agent"
      gen_ai.agent.name = "forecaster"
      gen_ai.provider.name = "openai"
      gen_ai.usage.cache_read.input_tokens = 7
      gen_ai.response.finish_reasons = ["stop"]
      gen_ai.usage.input_tokens = 29
      gen_ai.usage.output_tokens = 7
      chat gpt-4o-mini [Client]
        gen_ai.operation.name = "chat"
        gen_ai.provider.name = "openai"
        gen_ai.request.model = "gpt-4o-mini"
        server.address = "127.0.0.1"
        server.port = …
        gen_ai.request.temperature = 0.5
        gen_ai.response.finish_reasons = ["stop"]
        gen_ai.response.model = "gpt-4o-mini"
        gen_ai.usage.input_tokens = 29
        gen_ai.usage.output_tokens = 7
        gen_ai.usage.cache_read.input_tokens = 7
    "##);
}

#[test]
fn a_refused_call_has_its_class() {
    let stage = Stage::new(Case::Refused, false);
    wait(&stage.telemetry, play(&stage));
    let spans = stage.spans();
    let errors = spans.iter().map(|span| span.signals.get("error.type"));
    let errors: Vec<_> = errors
        .map(|error| error.and_then(|it| it.as_str()))
        .collect();
    assert_eq!(errors, [Some("invalid_request"); 2]);
}
