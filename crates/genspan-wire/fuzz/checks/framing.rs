//! However a body is split, it has the same frames; none of them holds what was not there.
//!
//! The first byte says how the body is labelled, the second how it is split.

use genspan_wire::framing::{Frame, Frames, Framing};

use super::pieces::pieces;

/// Labels as servers write them; new ones come at the end, since seeds count from the start.
const LABELS: [&str; 5] = [
    "text/event-stream",
    "application/x-ndjson",
    "application/json",
    "application/vnd.amazon.eventstream",
    "",
];

#[derive(Debug, PartialEq, Eq)]
struct Seen {
    bytes: Vec<u8>,
    is_truncated: bool,
    shown: String,
}

pub(crate) fn check(data: &[u8]) {
    let [label, seed, body @ ..] = data else {
        return;
    };
    let label = LABELS[usize::from(*label) % LABELS.len()];
    let framing = Framing::from_content_type(label);

    let one = frames(framing, |frames, on_frame| frames.push(body, on_frame));
    let all = frames(framing, |frames, on_frame| frames.push_all(body, on_frame));
    let split = frames(framing, |frames, on_frame| {
        for piece in pieces(body, *seed) {
            frames.push(piece, on_frame);
        }
    });
    assert_eq!(split, one, "in pieces");
    assert_eq!(all, one, "all at once");
    let held: usize = one.iter().map(|frame| frame.bytes.len()).sum();
    assert!(held <= body.len(), "{held} bytes of {}", body.len());

    // What is lost is no more than the frames that it was part of: all of this ends, and holds no more than came.
    let lossy = frames(framing, |frames, on_frame| {
        for piece in pieces(body, *seed) {
            frames.push(piece, on_frame);
            frames.skip(on_frame);
        }
    });
    let held: usize = lossy.iter().map(|frame| frame.bytes.len()).sum();
    assert!(held <= body.len(), "{held} bytes of {}", body.len());
}

fn frames(
    framing: Framing,
    feed: impl FnOnce(&mut Frames, &mut dyn FnMut(Frame<'_>)),
) -> Vec<Seen> {
    let mut frames = Frames::new(framing);
    let mut seen = Vec::new();
    let mut on_frame = |frame: Frame<'_>| {
        seen.push(Seen {
            bytes: frame.bytes().to_vec(),
            is_truncated: frame.is_truncated(),
            shown: format!("{frame:?}"),
        });
    };
    feed(&mut frames, &mut on_frame);
    frames.finish(&mut on_frame);
    seen
}
