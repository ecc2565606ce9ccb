//! A stream of one format: its frames, as they come and without the usage that they state.

use std::{fs, path::Path};

use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use genspan_wire::ask::UsageFilter;

use crate::event_stream;

/// A stream of one format, from the fixtures of `genspan-wire`.
pub(crate) struct Stream {
    /// What the front page calls the format.
    pub(crate) name: &'static str,
    /// Below `genspan-wire/tests/fixtures`.
    pub(crate) fixture: &'static str,
    pub(crate) url: &'static str,
    pub(crate) content_type: &'static str,
    pub(crate) request: &'static str,
    pub(crate) frames: Frames,
    /// What the provider sends to report an error amid the stream, and what that is called.
    pub(crate) error: fn() -> Vec<u8>,
    pub(crate) error_type: &'static str,
    pub(crate) silence: Silence,
}

/// How a stream is divided.
pub(crate) enum Frames {
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

    /// The first two thirds of the frames, as the provider sends them unasked.
    pub(crate) fn begun(&self) -> Vec<Bytes> {
        let mut frames = match self.silence {
            Silence::Unasked => self.silent_frames(),
            Silence::Without(_) => self.frames(),
        };
        frames.truncate(frames.len() * 2 / 3);
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
        rename(members, &mut stream);
        if matches!(self, Self::EventStream) {
            event_stream::within(&mut stream, |document| rename(members, document));
            event_stream::seal(&mut stream);
        }
        stream
    }
}

/// Gives members other names, which are as long.
fn rename(members: &[&str], bytes: &mut [u8]) {
    for member in members {
        let name = format!("\"{member}\"");
        let other = format!("\"{}\"", "x".repeat(member.len()));
        replace(bytes, name.as_bytes(), other.as_bytes());
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
    let message = |payload: &str| event_stream::message(&headers, payload);
    let wrapped = |document| {
        message(&format!(
            r#"{{"bytes":"{}"}}"#,
            BASE64_STANDARD.encode(document)
        ))
    };
    let stream = [
        message("{}"),
        message(r#"{"usage":1}"#),
        wrapped(r#"{"usage":1}"#),
    ];
    let silent = Frames::EventStream.without(&["usage"], stream.concat());
    let frames = Frames::EventStream.divide(&silent);
    let expected = [
        message("{}"),
        message(r#"{"xxxxx":1}"#),
        wrapped(r#"{"xxxxx":1}"#),
    ];
    assert_eq!(frames, expected);
}
