//! What a request or an answer in a provider's shape says.

use std::panic::{AssertUnwindSafe, catch_unwind};

use genspan::{Content, Inference, Provider, Record};
use genspan_wire::{Decoded, End, Endpoint, Exchange, RequestHead};
use serde::Serialize;

use crate::{ChatRequest, ChatResponse};

/// Names the shape of requests and answers: whose JSON they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Shape {
    /// OpenAI's chat completions, which many providers speak.
    OpenAiChat,
    /// OpenAI's responses.
    OpenAiResponses,
    /// Anthropic's messages.
    AnthropicMessages,
}

impl Shape {
    /// Gives the neutral request that a request in this shape is; what cannot be read is left out.
    #[must_use]
    pub fn request_of(self, request: &impl Serialize) -> ChatRequest {
        let Inference {
            request, content, ..
        } = self.read(|exchange| exchange.request_all(&json(request)));
        let Content {
            system_instructions,
            input,
            tools,
            ..
        } = content;
        ChatRequest {
            settings: request,
            system_instructions,
            messages: input,
            tools,
            ..ChatRequest::default()
        }
    }

    /// Gives the neutral answer that an answer in this shape is; what cannot be read is left out.
    #[must_use]
    pub fn response_of(self, response: &impl Serialize) -> ChatResponse {
        let Inference {
            response,
            usage,
            content,
            ..
        } = self.read(|exchange| {
            exchange.response_head(200, Some("application/json"));
            exchange.response_all(&json(response), genspan::Timestamp::default());
        });
        ChatResponse {
            output: content.output,
            details: response,
            usage,
            span: None,
        }
    }

    fn read(self, feed: impl FnOnce(&mut Exchange)) -> Inference {
        let decoded = self.exchange().map(|mut exchange| {
            feed(&mut exchange);
            exchange.finish(End::Complete)
        });
        match decoded {
            Some(Decoded {
                record: Record::Inference(record),
                ..
            }) => *record,
            _ => Inference::new(genspan::InferenceKind::Chat, Provider::OPENAI),
        }
    }

    /// Begins an exchange at a host that nobody named.
    pub(super) fn exchange(self) -> Option<Exchange> {
        let path = match self {
            Self::OpenAiChat => "/v1/chat/completions",
            Self::OpenAiResponses => "/v1/responses",
            Self::AnthropicMessages => "/v1/messages",
        };
        let head = RequestHead {
            method: "POST",
            host: "",
            port: None,
            path,
        };
        Endpoint::detect(&head).map(Exchange::at)
    }
}

/// Writes JSON; nothing where a type's own code fails, since being recorded must not break the call.
pub(super) fn json(value: &(impl Serialize + ?Sized)) -> Vec<u8> {
    let written = catch_unwind(AssertUnwindSafe(|| serde_json::to_vec(value)));
    written.ok().and_then(Result::ok).unwrap_or_default()
}
