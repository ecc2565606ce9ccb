//! The streams, one for each format. A new format is an entry here.

use std::{fs, path::Path};

use bytes::Bytes;
use genspan_wire::ask::UsageFilter;

use crate::event_stream;

/// A stream of one format, from the fixtures of `genspan-wire`.
pub(crate) struct Stream {
    /// What the front page calls the format.
    pub(crate) name: &'static str,
    /// Below `genspan-wire/tests/fixtures`.
    fixture: &'static str,
    pub(crate) url: &'static str,
    pub(crate) content_type: &'static str,
    pub(crate) request: &'static str,
    frames: Frames,
    /// What the provider sends to report an error amid the stream, and what that is called.
    pub(crate) error: fn() -> Vec<u8>,
    pub(crate) error_type: &'static str,
    silence: Silence,
}

/// How a stream is divided.
enum Frames {
    /// Each ends with this.
    Until(&'static str),
    /// AWS's binary event stream.
    EventStream,
}

/// How the same stream comes without its usage.
pub(crate) enum Silence {
    /// Where the request does not ask for it.
    Unasked,
    /// Where the provider leaves it out; these are the members that state it.
    Without(&'static [&'static str]),
}

pub(crate) const STREAMS: &[Stream] = &[
    Stream {
        name: "OpenAI chat completions",
        fixture: "openai_chat/tools.response.sse",
        url: "https://api.openai.com/v1/chat/completions",
        content_type: "text/event-stream",
        request: r#"{"model":"gpt-5","stream":true,"messages":[{"role":"user","content":"Is it windy at the harbour?"}]}"#,
        frames: Frames::Until("\n\n"),
        error: || {
            b"data: {\"error\":{\"message\":\"The server had an error\",\"type\":\"server_error\"}}\n\n".to_vec()
        },
        error_type: "server_error",
        silence: Silence::Unasked,
    },
    Stream {
        name: "Anthropic messages",
        fixture: "anthropic_messages/text.sse",
        url: "https://api.anthropic.com/v1/messages",
        content_type: "text/event-stream; charset=utf-8",
        request: r#"{"model":"claude-sonnet-4-5","max_tokens":99,"stream":true,"messages":[{"role":"user","content":"Where is Lisbon?"}]}"#,
        frames: Frames::Until("\n\n"),
        error: || {
            b"event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n".to_vec()
        },
        error_type: "server_error",
        silence: Silence::Without(&["usage"]),
    },
];

impl Stream {
    /// The frames of the stream as the fixture has it.
    pub(crate) fn frames(&self) -> Vec<Bytes> {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../genspan-wire/tests/fixtures")
            .join(self.fixture);
        let bytes = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let frames = self.frames.divide(&bytes);
        assert!(frames.len() > 2, "{}: {} frames", self.name, frames.len());
        frames
    }

    /// The frames of the same stream without its usage.
    pub(crate) fn silent_frames(&self) -> Vec<Bytes> {
        let stream = self.frames().concat();
        match self.silence {
            Silence::Unasked => self.frames.divide(&UsageFilter::default().push(&stream)),
            Silence::Without(members) => self.frames.divide(&self.frames.without(members, stream)),
        }
    }

    /// The first half of the frames, as the provider sends them unasked.
    pub(crate) fn begun(&self) -> Vec<Bytes> {
        let mut frames = match self.silence {
            Silence::Unasked => self.silent_frames(),
            Silence::Without(_) => self.frames(),
        };
        frames.truncate(frames.len() / 2);
        frames
    }

    pub(crate) const fn is_asked(&self) -> bool {
        matches!(self.silence, Silence::Unasked)
    }
}

impl Frames {
    fn divide(&self, stream: &[u8]) -> Vec<Bytes> {
        let mut frames = Vec::new();
        let mut rest = stream;
        while !rest.is_empty() {
            let len = match self {
                Self::EventStream => event_stream::len(rest),
                Self::Until(end) => rest
                    .windows(end.len())
                    .position(|it| it == end.as_bytes())
                    .map_or(rest.len(), |at| at + end.len()),
            };
            let (frame, behind) = rest.split_at(len);
            frames.push(Bytes::copy_from_slice(frame));
            rest = behind;
        }
        frames
    }

    /// Gives the stream under other names for some of its members.
    fn without(&self, members: &[&str], mut stream: Vec<u8>) -> Vec<u8> {
        for member in members {
            let name = format!("\"{member}\"");
            let other = format!("\"{}\"", "x".repeat(member.len()));
            replace(&mut stream, name.as_bytes(), other.as_bytes());
        }
        if matches!(self, Self::EventStream) {
            event_stream::seal(&mut stream);
        }
        stream
    }
}

fn replace(bytes: &mut [u8], from: &[u8], to: &[u8]) {
    for at in 0..bytes.len().saturating_sub(from.len()) {
        if bytes[at..].starts_with(from) {
            bytes[at..at + to.len()].copy_from_slice(to);
        }
    }
}

#[test]
fn binary_streams_are_divided_and_silenced() {
    let headers = [(":event-type", "metadata")];
    let message = |payload| event_stream::message(&headers, payload);
    let stream = [message("{}"), message(r#"{"usage":1}"#)];
    let silent = Frames::EventStream.without(&["usage"], stream.concat());
    let frames = Frames::EventStream.divide(&silent);
    assert_eq!(frames, [message("{}"), message(r#"{"xxxxx":1}"#)]);
}
