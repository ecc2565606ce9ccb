//! The conversations that all clients are held to, with a plain client that knows nothing of telemetry.

use std::time::Duration;

use futures_util::StreamExt;
use genai::{
    Client, ModelIden, ServiceTarget,
    adapter::AdapterKind,
    chat::{ChatOptions, ChatRequest, ChatStreamEvent, StreamEnd, Tool, ToolCall, ToolResponse},
    resolver::{AuthData, Endpoint},
};
use genspan::{ErrorType, Failure, Value};
use genspan_genai::Detour;
use testkit::suite::{
    AGENT, Case, Fact, RESULT, Stage, TOOL, TOOL_DESCRIPTION, Unknown, arguments, parameters,
};

/// The adapters whose formats the scripted provider speaks.
pub(crate) const KINDS: [AdapterKind; 5] = [
    AdapterKind::OpenAI,
    AdapterKind::OpenAIResp,
    AdapterKind::Anthropic,
    AdapterKind::Gemini,
    AdapterKind::Ollama,
];

/// Leads to the scripted provider as the adapter's own endpoint leads to its provider.
pub(crate) fn target(stage: &Stage, kind: AdapterKind) -> ServiceTarget {
    let path = match kind {
        AdapterKind::Gemini => "/v1beta/",
        AdapterKind::Ollama => "/",
        _ => "/v1/",
    };
    ServiceTarget {
        endpoint: Endpoint::from_owned(format!("{}{path}", stage.provider.url())),
        auth: AuthData::from_single("k3y"),
        model: ModelIden::new(kind, "model-4"),
    }
}

/// Makes the options of a stream, which may hold what watches it.
pub(crate) type Watching<'a> = &'a (dyn Fn(ChatOptions) -> ChatOptions + Send + Sync);

/// What became of a question.
enum Answer {
    Said(Vec<ToolCall>, Option<Box<StreamEnd>>),
    Refused,
    Dropped,
}

async fn ask(
    stage: &Stage,
    client: &Client,
    kind: AdapterKind,
    request: ChatRequest,
    watching: Watching<'_>,
) -> Answer {
    let target = target(stage, kind);
    let options = ChatOptions::default();
    if !stage.case.is_streamed() {
        return match client.exec_chat(target, request, Some(&options)).await {
            Ok(answer) => Answer::Said(answer.into_tool_calls(), None),
            Err(_) => Answer::Refused,
        };
    }
    let options = options
        .with_capture_usage(true)
        .with_capture_content(true)
        .with_capture_tool_calls(true);
    let options = watching(options);
    let answer = client
        .exec_chat_stream(target, request, Some(&options))
        .await;
    drop(options);
    let mut stream = answer.unwrap().stream;
    let mut last = None;
    while let Some(event) = stream.next().await {
        match event.unwrap() {
            ChatStreamEvent::Chunk(_) if stage.case == Case::Cancelled => return Answer::Dropped,
            ChatStreamEvent::End(end) => last = Some(end),
            _ => {}
        }
    }
    let end = last.unwrap();
    let calls = end.captured_tool_calls().unwrap_or_default();
    Answer::Said(calls.into_iter().cloned().collect(), Some(Box::new(end)))
}

/// Plays the whole case, as a program without a framework does it.
pub(crate) async fn play(stage: &Stage, client: Client, kind: AdapterKind, watching: Watching<'_>) {
    let agent = stage.telemetry.invoke_agent(AGENT);
    let mut request = ChatRequest::from_user(stage.case.prompt());
    if stage.case.has_tools() {
        let tool = Tool::new(TOOL).with_description(TOOL_DESCRIPTION);
        request = request.append_tool(tool.with_schema(parameters()));
    }
    loop {
        let asking = ask(stage, &client, kind, request.clone(), watching);
        let (calls, end) = match agent.scope().within(asking).await {
            Answer::Said(calls, end) => (calls, end),
            Answer::Refused => {
                return agent.fail(Failure::new(ErrorType::from_http_status(400)));
            }
            Answer::Dropped => {
                assert!(stage.provider.disconnected(0).await);
                return drop(agent);
            }
        };
        let Some(call) = calls.first() else { break };
        let mut tool = agent.scope().run(|| stage.telemetry.execute_tool(TOOL));
        tool.call_id = Some(call.call_id.clone());
        assert_eq!(call.fn_arguments, arguments());
        tool.arguments = Value::from_json(&call.fn_arguments.to_string()).unwrap();
        tool.result = RESULT.into();
        tool.finish();
        let response = ToolResponse::from_tool_call(call, RESULT);
        request = match end {
            Some(end) => request.append_tool_use_from_stream_end(&end, response),
            None => request.append_message(calls).append_message(response),
        };
    }
    // genai stops reading at a stream's last word, so that the proxy may be a moment behind it.
    let detour = Detour::shared(&stage.telemetry).unwrap();
    assert!(detour.settle(Duration::from_secs(30)));
    agent.finish();
}

/// What a format does not say, whatever the client.
pub(crate) fn unsaid(kind: AdapterKind) -> Vec<Unknown> {
    let unknown = |fact, why| Unknown { fact, why };
    match kind {
        AdapterKind::Gemini => vec![
            unknown(Fact::FinishReason, "Gemini says STOP when it calls tools"),
            unknown(
                Fact::CallId,
                "genai makes ids of its own for Gemini's calls, and sends none",
            ),
        ],
        AdapterKind::Ollama => vec![
            unknown(Fact::FinishReason, "Ollama says stop when it calls tools"),
            unknown(Fact::ResponseId, "Ollama gives answers no ids"),
            unknown(
                Fact::CallId,
                "genai makes ids of its own for Ollama's calls, and sends none",
            ),
        ],
        _ => Vec::new(),
    }
}
