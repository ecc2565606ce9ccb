//! Chats: one span for each call to a model, its retries included.

use std::fmt;

use genspan::{FinishReason, Inference, Outcome};

use super::{
    BoxedSpan, ChatResponse, ChatSpanParams,
    classify::{failed, finish_reason_str, provider},
    place,
    span::UnderWay,
    words,
};

/// Begins a chat within what is current here: a scope of ours, or a context such as
/// [`remote_parent_context`](super::remote_parent_context) gives.
pub fn build_chat_span(params: ChatSpanParams<'_>) -> BoxedSpan {
    let mut chat = Inference::chat(provider(params.provider_id), params.model);
    chat.request.stream = params.streaming;
    chat.request.max_tokens = params.max_tokens.map(u64::from);
    chat.common.set(words::PROVIDER_ID, params.provider_id);
    chat.common.set(words::STREAMING, params.streaming);
    BoxedSpan::new(place::start(chat), UnderWay::Chat)
}

/// Ends a chat that was answered.
///
/// The recorder's own clock measures how long it took, and it knows provider and model from the beginning:
/// the last three are there so that calls need no change.
pub fn finish_chat_span_success(
    span: &mut BoxedSpan,
    response: &ChatResponse,
    _elapsed_secs: f64,
    _provider_id: &'static str,
    _request_model: &str,
) {
    if let Some(UnderWay::Chat(chat)) = span.under_way() {
        let stated = |text: &String| (!text.is_empty()).then(|| text.clone());
        chat.response.id = stated(&response.id);
        chat.response.model = stated(&response.model);
        let reason = response.provider_stop_reason.clone();
        let mapped = || {
            response
                .stop_reason
                .map(|it| finish_reason_str(it).to_owned())
        };
        chat.response.finish_reasons = reason.or_else(mapped).into_iter().collect();
        if let Some(usage) = response.usage.usage() {
            chat.set_usage(usage);
        }
        if response.content != genspan::Content::default() {
            chat.content.clone_from(&response.content);
            // The conventions' messages say it too.
            let reason = chat.response.finish_reasons.first();
            let reason = reason.map(|word| FinishReason::from_provider(word));
            let said = chat.content.output.iter_mut();
            for message in said.filter(|message| message.finish_reason.is_none()) {
                message.finish_reason.clone_from(&reason);
            }
        }
        for (key, is_so) in [
            (words::HAD_TOOL_CALLS, response.had_tool_calls),
            (words::TEXT_PRESENT, response.text_output_present),
            (words::THINKING_PRESENT, response.thinking_present),
        ] {
            chat.common.set(key, is_so);
        }
    }
    span.end_as(Outcome::Completed);
}

/// Ends a chat that failed, with a class of errors such as [`classify_llm_error`](super::classify_llm_error) gives.
///
/// The error's own text is content: it comes out, redacted, only where content may.
pub fn finish_chat_span_error(
    span: &mut BoxedSpan,
    error_type: &'static str,
    message: impl fmt::Display,
    _elapsed_secs: f64,
    _provider_id: &'static str,
    _request_model: &str,
) {
    span.end_as(failed(error_type, message.to_string()));
}
