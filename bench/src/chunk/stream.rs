//! Streams as the providers send them, one event a chunk.

use bytes::Bytes;
use genspan::Timestamp;
use genspan_http::WatchedBody;
use genspan_wire::{Decoded, End, Exchange, RequestHead};
use http::Request;

use crate::{caller::exchange::Ready, fixtures, ours::Ours};

/// Names a provider's format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wire {
    OpenAi,
    Anthropic,
}

impl Wire {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::OpenAi => "OpenAI chat",
            Self::Anthropic => "Anthropic messages",
        }
    }

    const fn host(self) -> &'static str {
        match self {
            Self::OpenAi => "api.openai.com",
            Self::Anthropic => "api.anthropic.com",
        }
    }

    const fn path(self) -> &'static str {
        match self {
            Self::OpenAi => "/v1/chat/completions",
            Self::Anthropic => "/v1/messages",
        }
    }
}

const REQUEST: &[u8] =
    br#"{"model":"m","stream":true,"messages":[{"role":"user","content":"Hi"}]}"#;

/// Holds a stream.
pub(crate) struct Stream {
    pub(crate) wire: Wire,
    pub(crate) chunks: Vec<Bytes>,
}

const WORDS: [&str; 5] = [" the", " report", r#" \"done\""#, ", she said;", " für"];

impl Stream {
    pub(crate) fn new(wire: Wire, count: usize) -> Self {
        let words = WORDS.iter().cycle().take(count);
        let mut chunks: Vec<Bytes> = match wire {
            Wire::OpenAi => words.map(|word| openai(word).into()).collect(),
            Wire::Anthropic => words.map(|word| anthropic(word).into()).collect(),
        };
        let (first, last): (&[u8], &[u8]) = match wire {
            Wire::OpenAi => (
                br#"data: {"id":"chatcmpl-9","object":"chat.completion.chunk","created":1730000000,"model":"gpt-4o-mini-2024-07-18","service_tier":"default","system_fingerprint":"fp_1","choices":[{"index":0,"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null}],"usage":null}

"#,
                br#"data: {"id":"chatcmpl-9","object":"chat.completion.chunk","created":1730000000,"model":"gpt-4o-mini-2024-07-18","service_tier":"default","system_fingerprint":"fp_1","choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":8,"completion_tokens":400,"total_tokens":408}}

data: [DONE]

"#,
            ),
            Wire::Anthropic => (
                br#"event: message_start
data: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"claude-x","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":8,"output_tokens":1}}}

event: content_block_start
data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}

"#,
                br#"event: content_block_stop
data: {"type":"content_block_stop","index":0}

event: message_delta
data: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":400}}

event: message_stop
data: {"type":"message_stop"}

"#,
            ),
        };
        chunks.insert(0, Bytes::from_static(first));
        chunks.push(Bytes::from_static(last));
        Self { wire, chunks }
    }

    pub(crate) fn body(&self) -> Ready {
        Ready::of(self.chunks.iter().cloned().collect())
    }

    /// Gives the body of a watched answer that is this stream; what precedes the body is done.
    pub(crate) fn watched(&self, ours: &Ours) -> Option<WatchedBody<Ready>> {
        let uri = format!("https://{}{}", self.wire.host(), self.wire.path());
        let request = Request::post(uri).body(()).ok()?;
        let watch = ours.recorder.watch(&request.into_parts().0)?;
        watch.request_whole(Bytes::from_static(REQUEST));
        let response = fixtures::response_of(self.body(), "text/event-stream").ok()?;
        Some(watch.response(response).into_body())
    }

    /// Begins to decode; what precedes the stream is done.
    pub(crate) fn decoder(&self, has_content: bool) -> Option<Exchange> {
        let mut exchange = Exchange::detect(&RequestHead {
            method: "POST",
            host: self.wire.host(),
            port: None,
            path: self.wire.path(),
        })?;
        if !has_content {
            exchange = exchange.without_content();
        }
        exchange.request_all(REQUEST);
        exchange.response_head(200, Some("text/event-stream"));
        Some(exchange)
    }

    pub(crate) fn decode(&self, mut exchange: Exchange) -> Decoded {
        for chunk in &self.chunks {
            exchange.response(chunk, Timestamp::default());
        }
        exchange.finish(End::Complete)
    }
}

fn openai(word: &str) -> String {
    format!(
        "data: {{\"id\":\"chatcmpl-9\",\"object\":\"chat.completion.chunk\",\"created\":1730000000,\"model\":\"gpt-4o-mini-2024-07-18\",\"service_tier\":\"default\",\"system_fingerprint\":\"fp_1\",\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{word}\"}},\"logprobs\":null,\"finish_reason\":null}}],\"usage\":null}}\n\n"
    )
}

fn anthropic(word: &str) -> String {
    format!(
        "event: content_block_delta\ndata: {{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{{\"type\":\"text_delta\",\"text\":\"{word}\"}}}}\n\n"
    )
}

#[cfg(test)]
mod tests {
    use genspan::{Outcome, Part, Record};

    use super::*;
    use crate::chunk::peer::{Reading, read};

    #[test]
    fn streams_are_read_to_their_end_and_the_peer_reads_the_same() {
        for wire in [Wire::OpenAi, Wire::Anthropic] {
            let stream = Stream::new(wire, 10);
            let decoded = stream.decode(stream.decoder(true).unwrap());
            assert_eq!(decoded.outcome, Outcome::Completed);
            let Record::Inference(inference) = decoded.record else {
                panic!("no inference")
            };
            assert_eq!(inference.usage.output(), Some(400));
            let [Part::Text(text)] = inference.content.output[0].parts.as_slice() else {
                panic!("no text")
            };
            assert_eq!(*text, read(&stream, Reading::Borrowed));
            assert_eq!(text.len(), 2 * (WORDS.concat().len() - 2));
            assert_eq!(read(&stream, Reading::SplitOnly), "");
        }
    }
}
