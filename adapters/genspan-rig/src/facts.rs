//! What rig says of its operations, in the recorder's words.

use genspan::{
    Active, Content, Counts, ErrorType, Failure, FinishReason, Inference, Message, Outcome, Part,
    Usage, Value,
};
use rig_core::{
    completion::{self, CompletionRequest, CompletionResponse},
    effect::Outcome as Answer,
    error::{ErrorKind, ErrorReport},
    message::{AssistantContent, AssistantMessage, CallId},
    serde::Serialize,
    tool::ToolErrorKind,
};

/// Takes over the settings that a request states.
pub(crate) fn settings(own: &mut genspan::Request, request: &CompletionRequest) {
    own.temperature = request.temperature;
    own.max_tokens = request.max_tokens;
    own.top_p = request.options.top_p;
    own.seed = request.options.seed.and_then(|seed| seed.try_into().ok());
    own.stop_sequences.clone_from(&request.options.stop);
}

/// Takes over what is asked, and what is said in it where `shows` says so.
pub(crate) fn asked(call: &mut Active<Inference>, request: &CompletionRequest, shows: bool) {
    settings(&mut call.request, request);
    if shows && call.wants_content() {
        call.content = content(request);
    }
}

/// Takes over what is said to a model: instructions, messages and the tools that are offered.
pub(crate) fn content(request: &CompletionRequest) -> Content {
    let mut content = Content {
        tools: genspan_dialects::tool_definitions(&json(&request.tools)),
        ..Content::default()
    };
    let mut said = request.chat_history.as_slice();
    if let [completion::Message::System { content: text }, rest @ ..] = said {
        content.system_instructions = vec![Part::Text(text.clone())];
        said = rest;
    }
    content.input = messages(said);
    content
}

/// Takes over messages.
pub(crate) fn messages(said: impl Serialize) -> Vec<Message> {
    genspan_dialects::messages(&json(said))
}

/// Takes over what a model says.
pub(crate) fn answer(said: &[AssistantContent]) -> Vec<Message> {
    messages([completion::Message::Assistant(AssistantMessage::new(
        said.to_vec(),
    ))])
}

fn json(said: impl Serialize) -> Value {
    serde_json::to_string(&said).map_or(Value::Null, |json| Value::from_json_or_text(&json))
}

/// Gives a call's id as far as the provider gave one.
pub(crate) fn id(id: &CallId) -> Option<String> {
    id.provider().map(|id| id.as_str().to_owned())
}

/// Takes over what came back, and what is said in it where `shows` says so.
pub(crate) fn answered(call: &mut Active<Inference>, response: &CompletionResponse, shows: bool) {
    call.response.id.clone_from(&response.origin.response_id);
    let model = &response.origin.response_model;
    call.response.model.clone_from(model);
    let usage = &response.usage;
    // Its parts are counted in their wholes.
    call.set_usage(Usage::inclusive(Counts {
        input: usage.input_tokens,
        output: usage.output_tokens,
        cache_read: usage.cached_input_tokens,
        cache_write: usage.cache_creation_input_tokens,
        reasoning: usage.reasoning_tokens,
        ..Counts::default()
    }));
    let reason = response.finish_reason().map(|reason| match reason {
        completion::FinishReason::Other(word) => word,
        known => json(known).as_str().unwrap_or("unknown").to_owned(),
    });
    if shows && call.wants_content() {
        call.content.output = answer(&response.choice);
        for said in &mut call.content.output {
            said.finish_reason = reason.as_deref().map(FinishReason::from_provider);
        }
    }
    call.response.finish_reasons = reason.into_iter().collect();
}

/// Says how an operation ended, by its answer.
pub(crate) fn ended(answer: &Result<Answer, ErrorReport>) -> Outcome {
    let result = match answer {
        Ok(Answer::ToolResult { result }) => result,
        Ok(_) => return Outcome::Completed,
        Err(report) => return Outcome::Failed(failure(report)),
    };
    if result.is_skipped() {
        return Outcome::Failed(ErrorType::named("skipped").into());
    }
    let Some(error) = result.error().or_else(|| result.refusal()) else {
        return Outcome::Completed;
    };
    let error_type = match error.kind() {
        ToolErrorKind::Other => ErrorType::ToolError,
        kind => ErrorType::named(kind.as_str()),
    };
    Outcome::Failed(Failure::new(error_type).with_message(error.message()))
}

/// Describes why a call failed.
pub(crate) fn failure(report: &ErrorReport) -> Failure {
    let mut failure = match report.http_status {
        Some(status) => Failure::of_status(status),
        None if report.kind == ErrorKind::Other => ErrorType::Unknown.into(),
        None => ErrorType::named(report.kind.code()).into(),
    };
    let code = report.code.as_deref();
    if let Some(stated) = code.and_then(ErrorType::from_provider_code) {
        failure.error_type = stated;
    }
    failure.with_message(report.message.clone())
}
