//! The bytes of requests and answers, in the shape of OpenAI's chat completions.

use std::{fmt, time::Duration};

/// The header by which a request says what the provider shall answer.
pub(crate) const HEADER: &str = "x-mock";

/// What stands before the time in each chunk of a stream.
pub(crate) const STAMP: &[u8] = br#""content":" at "#;

/// Text as it is asked and answered: with what JSON escapes, and with what is not ASCII.
const PROSE: &str =
    "The quick \\\"brown\\\" fox — naïve, if you like — jumps over 13 lazy dogs.\\n";

/// What the provider shall answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// A whole document of about so many bytes.
    Whole { bytes: usize },
    /// So many chunks with text, each so long after the one before.
    Stream { chunks: usize, gap: Duration },
}

impl Wanted {
    /// Reads what [`fmt::Display`] has written.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split(' ');
        let kind = parts.next()?;
        let number = parts.next()?.parse().ok()?;
        match kind {
            "whole" => Some(Self::Whole { bytes: number }),
            "stream" => Some(Self::Stream {
                chunks: number,
                gap: Duration::from_micros(parts.next()?.parse().ok()?),
            }),
            _ => None,
        }
    }
}

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole { bytes } => write!(f, "whole {bytes}"),
            Self::Stream { chunks, gap } => write!(f, "stream {chunks} {}", gap.as_micros()),
        }
    }
}

fn prose(bytes: usize) -> String {
    PROSE.repeat(bytes.div_ceil(PROSE.len()).max(1))
}

/// A whole request, head and body, for a path of the given server.
pub(crate) fn request(path: &str, wanted: Wanted, bytes: usize) -> Vec<u8> {
    let streams = match wanted {
        Wanted::Whole { .. } => "",
        Wanted::Stream { .. } => r#""stream":true,"stream_options":{"include_usage":true},"#,
    };
    let body = format!(
        r#"{{"model":"gpt-4o-mini","temperature":0.5,{streams}"messages":[{{"role":"system","content":"You answer briefly."}},{{"role":"user","content":"{}"}}]}}"#,
        prose(bytes.saturating_sub(200))
    );
    let mut request = format!(
        "POST {path} HTTP/1.1\r\nhost: localhost\r\nuser-agent: bench\r\nauthorization: Bearer none\r\n{HEADER}: {wanted}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    request.push_str(&body);
    request.into_bytes()
}

/// A whole answer of about so many bytes.
pub(crate) fn whole(bytes: usize) -> Vec<u8> {
    format!(
        r#"{{"id":"chatcmpl-bench","object":"chat.completion","created":1700000000,"model":"gpt-4o-mini-2024-07-18","choices":[{{"index":0,"message":{{"role":"assistant","content":"{}","refusal":null}},"logprobs":null,"finish_reason":"stop"}}],"usage":{{"prompt_tokens":210,"completion_tokens":180,"total_tokens":390}},"service_tier":"default"}}"#,
        prose(bytes.saturating_sub(360))
    )
    .into_bytes()
}

/// One chunk of a stream that says when it was sent, in nanoseconds.
pub(crate) fn chunk(sent: u64) -> Vec<u8> {
    event(&format!(r#"{{"content":" at {sent:019}"}}"#), "null", "")
}

/// What follows the last chunk with text: the end, the usage and the last word.
pub(crate) fn end() -> Vec<u8> {
    let usage = r#","usage":{"prompt_tokens":210,"completion_tokens":180,"total_tokens":390}"#;
    let mut end = event("{}", r#""stop""#, usage);
    end.extend_from_slice(b"data: [DONE]\n\n");
    end
}

fn event(delta: &str, reason: &str, more: &str) -> Vec<u8> {
    format!(
        "data: {{\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion.chunk\",\"created\":1700000000,\"model\":\"gpt-4o-mini-2024-07-18\",\"choices\":[{{\"index\":0,\"delta\":{delta},\"finish_reason\":{reason}}}]{more}}}\n\n"
    )
    .into_bytes()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{STAMP, Wanted, chunk, request, whole};

    #[test]
    fn what_is_wanted_is_read_as_it_was_written() {
        for wanted in [
            Wanted::Whole { bytes: 16_384 },
            Wanted::Stream {
                chunks: 200,
                gap: Duration::from_millis(5),
            },
        ] {
            assert_eq!(Wanted::parse(&wanted.to_string()), Some(wanted));
        }
        assert_eq!(Wanted::parse("whole"), None);
    }

    #[test]
    fn bodies_are_about_as_long_as_asked() {
        for bytes in [1024, 16 * 1024] {
            assert!(whole(bytes).len().abs_diff(bytes) < 200);
            assert!(
                request("/v1", Wanted::Whole { bytes }, bytes)
                    .len()
                    .abs_diff(bytes)
                    < 400
            );
        }
    }

    #[test]
    fn a_chunk_says_when_it_was_sent() {
        let chunk = chunk(1_700_000_000_000_000_007);
        let at = chunk.windows(STAMP.len()).position(|it| it == STAMP);
        let digits = chunk.get(at.unwrap() + STAMP.len()..).unwrap();
        assert!(digits.starts_with(b"1700000000000000007\""));
    }
}
