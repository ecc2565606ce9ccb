//! The events that a stream consists of, read without a tree.
//!
//! Nearly all events bring a piece of one block. Such an event is read here in one pass; any other is left, whole, to
//! the reader of all documents.

use std::borrow::Cow;

use crate::json::{Beginning, Scanner, Seen};

/// The values that an event may have here.
const MAX_VALUES: usize = 1 << 16;

const TYPE: u32 = 1;
const INDEX: u32 = 1 << 1;
const DELTA: u32 = 1 << 2;
const KIND: u32 = 1 << 3;
const TEXT: u32 = 1 << 4;
const THINKING: u32 = 1 << 5;
const INPUT: u32 = 1 << 6;

/// Holds what precedes the piece that an event brings.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Head {
    seen: Seen,
    /// The index of the block.
    index: Option<u64>,
}

/// Holds a piece of a block.
#[derive(Debug)]
pub(super) struct Piece<'a> {
    pub(super) index: Option<u64>,
    /// One of the four kinds of which a block has many.
    pub(super) kind: &'a str,
    /// What the piece adds; empty where that is nothing, or is not wanted.
    pub(super) text: Cow<'a, str>,
}

#[derive(Debug, Default)]
struct Event<'a> {
    head: Head,
    kind: &'a str,
    text: Cow<'a, str>,
    thinking: Cow<'a, str>,
    input: Cow<'a, str>,
    is_text_wanted: bool,
    /// Where the piece begins, and what was read before it.
    piece: (usize, Head),
}

/// Reads an event, without its text where that is not wanted; `None` where it is no such event.
pub(super) fn piece<'a>(
    text: &'a str,
    is_text_wanted: bool,
    beginning: &mut Beginning<Head>,
) -> Option<Piece<'a>> {
    let mut scanner = Scanner::new(text, MAX_VALUES);
    let mut event = Event {
        is_text_wanted,
        ..Event::default()
    };
    if let Some((len, head)) = beginning.of(text) {
        event.head = head;
        scanner = scanner.at(len);
        event.delta(&mut scanner)?;
        scanner.members(false, |scanner, name| event.member(scanner, name))?;
        scanner.end()?;
    } else {
        scanner.object(0, |scanner, name| event.member(scanner, name))?;
        scanner.end()?;
        let (at, head) = event.piece;
        beginning.remember(text.get(..at)?, head);
    }
    event.into_piece()
}

impl<'a> Event<'a> {
    fn once(&mut self, member: u32) -> Option<()> {
        self.head.seen.once(member)
    }

    fn member(&mut self, scanner: &mut Scanner<'a>, name: &str) -> Option<()> {
        match name {
            "type" => {
                self.once(TYPE)?;
                (scanner.word()? == "content_block_delta").then_some(())
            }
            "index" => {
                self.once(INDEX)?;
                self.head.index = scanner.count_or_null()?;
                Some(())
            }
            "delta" => {
                self.once(DELTA)?;
                scanner.peek()?;
                self.piece = (scanner.position(), self.head);
                self.delta(scanner)
            }
            _ => scanner.skip(1),
        }
    }

    fn delta(&mut self, scanner: &mut Scanner<'a>) -> Option<()> {
        scanner.object(1, |scanner, name| {
            let (member, slot) = match name {
                "type" => {
                    self.kind = scanner.word()?;
                    return self.once(KIND);
                }
                "text" => (TEXT, &mut self.text),
                "thinking" => (THINKING, &mut self.thinking),
                "partial_json" => (INPUT, &mut self.input),
                _ => return scanner.skip(2),
            };
            if !self.is_text_wanted {
                return scanner.skip(2);
            }
            *slot = scanner.text_or_null()?.unwrap_or_default();
            self.once(member)
        })
    }

    fn into_piece(self) -> Option<Piece<'a>> {
        let is_piece = self.head.seen.has(TYPE) && self.head.seen.has(DELTA);
        let text = match self.kind {
            "text_delta" => self.text,
            "thinking_delta" => self.thinking,
            "input_json_delta" => self.input,
            "signature_delta" => Cow::default(),
            _ => return None,
        };
        is_piece.then_some(Piece {
            index: self.head.index,
            kind: self.kind,
            text,
        })
    }
}
