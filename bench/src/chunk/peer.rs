//! The peer of a chunk's decoding: what a careful author writes by hand for one format.

use std::{borrow::Cow, hint::black_box};

use serde::Deserialize;

use super::stream::{Stream, Wire};

/// Says how far the peer goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    /// Finds the events and looks into none.
    SplitOnly,
    /// Parses each, with texts borrowed where they have no escapes.
    Borrowed,
}

#[derive(Deserialize)]
struct OpenAi<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow)]
    model: Cow<'a, str>,
    #[serde(borrow)]
    choices: Vec<Choice<'a>>,
    usage: Option<Usage>,
}

/// Borrows where it can; an `Option<Cow>` alone would always copy.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

#[derive(Deserialize)]
struct Choice<'a> {
    index: u32,
    #[serde(borrow)]
    delta: Delta<'a>,
    #[serde(borrow)]
    finish_reason: Option<Text<'a>>,
}

#[derive(Deserialize)]
struct Delta<'a> {
    #[serde(borrow)]
    content: Option<Text<'a>>,
    #[serde(borrow)]
    text: Option<Text<'a>>,
}

#[derive(Deserialize)]
struct Usage {
    completion_tokens: u32,
}

#[derive(Deserialize)]
struct Anthropic<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    index: Option<u32>,
    #[serde(borrow)]
    delta: Option<Delta<'a>>,
}

/// Reads a stream; gives the text that it finds.
pub(crate) fn read(stream: &Stream, reading: Reading) -> String {
    let mut text = String::new();
    for chunk in &stream.chunks {
        let mut rest = chunk.as_ref();
        while let Some(end) = memchr::memchr(b'\n', rest) {
            let (line, after) = rest.split_at_checked(end + 1).unwrap_or((rest, &[]));
            rest = after;
            let Some(data) = line.strip_prefix(b"data: ") else {
                continue;
            };
            match reading {
                Reading::SplitOnly => {
                    black_box(data);
                }
                Reading::Borrowed => event(stream.wire, data, &mut text),
            }
        }
    }
    text
}

fn event(wire: Wire, data: &[u8], text: &mut String) {
    let Ok(data) = std::str::from_utf8(data) else {
        return;
    };
    match wire {
        Wire::OpenAi => {
            if let Ok(chunk) = serde_json::from_str::<OpenAi<'_>>(data) {
                for choice in &chunk.choices {
                    if let Some(Text(piece)) = &choice.delta.content {
                        text.push_str(piece);
                    }
                    let reason = choice.finish_reason.as_ref().map(|reason| &reason.0);
                    black_box((choice.index, reason));
                }
                let tokens = chunk.usage.as_ref().map(|usage| usage.completion_tokens);
                black_box((&chunk.id, &chunk.model, tokens));
            }
        }
        Wire::Anthropic => {
            if let Ok(event) = serde_json::from_str::<Anthropic<'_>>(data) {
                if let Some(Text(piece)) =
                    event.delta.as_ref().and_then(|delta| delta.text.as_ref())
                {
                    text.push_str(piece);
                }
                black_box((&event.kind, event.index));
            }
        }
    }
}
