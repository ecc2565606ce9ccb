//! Responses over a WebSocket: many questions, one after the other, on one connection.
//!
//! Each message of the client is a JSON document: `response.create` with the members of a request. The provider's
//! messages are the documents of the stream that answers it (OpenAI's guide to the Responses API, WebSocket mode).

use genspan::{Outline, Provider, Timestamp};

use crate::{
    Endpoint, Exchange, RequestHead,
    json::{Json, read},
};

/// Says of a WebSocket's messages what each asks, where the connection is one at which models are asked.
#[derive(Clone, Debug)]
pub struct SocketEndpoint(Endpoint);

impl SocketEndpoint {
    /// Looks at the request that asks for the WebSocket; `None` where no model is asked in a way that is known.
    #[must_use]
    pub fn detect(head: &RequestHead<'_>) -> Option<Self> {
        let asked_by_post = RequestHead {
            method: "POST",
            ..*head
        };
        let mut endpoint = Endpoint::detect(&asked_by_post)?;
        let is_known = head.method == "GET" && endpoint.format.name == "openai.responses";
        endpoint.is_stream = true;
        is_known.then_some(Self(endpoint))
    }

    /// Names the provider, where the caller knows better than the host's name tells.
    #[must_use]
    pub fn with_provider(self, provider: Provider) -> Self {
        Self(self.0.with_provider(provider))
    }

    /// Gives what the connection alone says of each question, for the start of a span.
    #[must_use]
    pub fn outline(&self) -> Outline {
        self.0.outline()
    }

    /// Begins an exchange where a message of the client asks for an answer: not where it says something else, nor where
    /// it only prepares one (`generate` is false). The message is for [`Exchange::request_all`], what answers it for
    /// [`Exchange::response_message`].
    #[must_use]
    pub fn asked(&self, message: &[u8]) -> Option<Exchange> {
        let asks = read(message, |_, message| {
            message.text("type") == Some("response.create")
                && message.get("generate").and_then(Json::as_bool) != Some(false)
        });
        if !asks {
            return None;
        }
        let mut exchange = Exchange::at(self.0.clone());
        exchange.response_head(200, Some("text/event-stream"));
        Some(exchange)
    }
}

impl Exchange {
    /// Takes a message of the provider, which is a document of the stream that answers.
    pub fn response_message(&mut self, message: &[u8], at: Timestamp) {
        // An event's data ends with its line; within strings JSON has no bare line ends.
        let mut event = b"data: ".to_vec();
        event.extend(message.iter().map(|byte| match byte {
            b'\n' | b'\r' => b' ',
            byte => *byte,
        }));
        event.extend(b"\n\n");
        self.response(&event, at);
    }
}

#[cfg(test)]
mod tests {
    use genspan::{Outcome, Record};

    use super::*;
    use crate::End;

    fn endpoint(method: &str, path: &str) -> Option<SocketEndpoint> {
        SocketEndpoint::detect(&RequestHead {
            method,
            host: "api.openai.com",
            port: None,
            path,
        })
    }

    #[test]
    fn only_responses_are_asked_over_sockets() {
        assert!(endpoint("GET", "/v1/responses").is_some());
        assert!(endpoint("POST", "/v1/responses").is_none());
        assert!(endpoint("GET", "/v1/realtime?model=m").is_none());
        assert!(endpoint("GET", "/v1/chat/completions").is_none());
        assert!(endpoint("GET", "/v1/responses/resp_1").is_none());
    }

    #[test]
    fn a_question_and_its_answer_are_one_exchange() {
        let endpoint = endpoint("GET", "/v1/responses").unwrap();
        assert!(
            endpoint
                .asked(br#"{"type":"response.create","generate":false}"#)
                .is_none()
        );
        assert!(endpoint.asked(br#"{"type":"ping"}"#).is_none());
        assert!(endpoint.asked(b"\xff").is_none());
        let question = br#"{"type":"response.create","model":"m","input":"hi"}"#;
        let mut exchange = endpoint.asked(question).unwrap();
        exchange.request_all(question);
        let at = Timestamp::default();
        exchange.response_message(br#"{"type":"response.created","response":{"id":"r"}}"#, at);
        assert!(!exchange.is_terminal());
        let last = b"{\"type\":\"response.completed\",\r\n\"response\":{\"id\":\"r\",\"model\":\"m-1\",\"status\":\"completed\",\"output\":[],\"usage\":{\"input_tokens\":3,\"output_tokens\":2}}}";
        exchange.response_message(last, at);
        assert!(exchange.is_terminal());
        let decoded = exchange.finish(End::Complete);
        assert_eq!(decoded.outcome, Outcome::Completed);
        let Record::Inference(record) = decoded.record else {
            panic!("no inference");
        };
        assert!(record.request.stream);
        assert_eq!(record.response.id.as_deref(), Some("r"));
        assert_eq!(record.usage.input(), Some(3));
        assert_eq!(record.content.input.len(), 1);
    }
}
