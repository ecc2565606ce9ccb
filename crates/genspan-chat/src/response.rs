//! What a model answered.

use genspan::{FinishReason, Message, Part, Response, Role, SpanContext, ToolCallRequest, Usage};

/// Holds a whole answer.
///
/// ```
/// use genspan_chat::ChatResponse;
///
/// let answer = ChatResponse::text("About 384,000 km.").with_finish_reason("stop");
/// assert_eq!(answer.said(), "About 384,000 km.");
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChatResponse {
    /// The answers, one for each choice.
    pub output: Vec<Message>,
    /// What the provider says of them: id, model, finish reasons in its own words.
    pub details: Response,
    /// The tokens of the call.
    pub usage: Usage,
    /// The span that recorded the call, for what is asked for in it; set by [`ChatLayer`](crate::ChatLayer).
    pub span: Option<SpanContext>,
}

impl ChatResponse {
    /// Makes an answer of one message.
    #[must_use]
    pub fn new(message: Message) -> Self {
        Self {
            output: vec![message],
            ..Self::default()
        }
    }

    /// Makes an answer of one text.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self::new(Message::text(Role::Assistant, text))
    }

    /// Makes an answer that asks for tools.
    #[must_use]
    pub fn tool_calls(calls: impl IntoIterator<Item = ToolCallRequest>) -> Self {
        let parts = calls.into_iter().map(Part::ToolCallRequest).collect();
        Self::new(Message::new(Role::Assistant, parts)).with_finish_reason("tool_calls")
    }

    /// Says why the next choice ended, in the provider's own word.
    #[must_use]
    pub fn with_finish_reason(mut self, reason: impl Into<String>) -> Self {
        let reason = reason.into();
        if let Some(message) = self.output.get_mut(self.details.finish_reasons.len()) {
            message.finish_reason = Some(FinishReason::from_provider(&reason));
        }
        self.details.finish_reasons.push(reason);
        self
    }

    /// Says what the call cost in tokens.
    #[must_use]
    pub const fn with_usage(mut self, usage: Usage) -> Self {
        self.usage = usage;
        self
    }

    /// Gives the text of the first choice.
    #[must_use]
    pub fn said(&self) -> String {
        let text = self.first_parts().filter_map(|part| match part {
            Part::Text(text) => Some(text.as_str()),
            _ => None,
        });
        text.collect()
    }

    /// Gives the tools that the first choice asks for, in order.
    pub fn asked_tools(&self) -> impl Iterator<Item = &ToolCallRequest> {
        self.first_parts().filter_map(|part| match part {
            Part::ToolCallRequest(call) => Some(call),
            _ => None,
        })
    }

    fn first_parts(&self) -> impl Iterator<Item = &Part> {
        self.output.first().into_iter().flat_map(|it| &it.parts)
    }
}
