//! The chunks that a stream consists of, read without a tree.
//!
//! Nearly all chunks bring a piece of text, of reasoning or of one tool's arguments in one choice. Such a chunk is read
//! here in one pass; one that has anything else is left, whole, to the reader of all documents.

use std::borrow::Cow;

use crate::json::{Beginning, Scanner, Seen};

/// The values that a chunk may have here.
const MAX_VALUES: usize = 1 << 16;

const ID: u32 = 1;
const MODEL: u32 = 1 << 1;
const FINGERPRINT: u32 = 1 << 2;
const TIER: u32 = 1 << 3;
const CHOICE: u32 = 1 << 4;
const INDEX: u32 = 1 << 5;
const FINISH: u32 = 1 << 6;
const DELTA: u32 = 1 << 7;
const ROLE: u32 = 1 << 8;
const CONTENT: u32 = 1 << 9;
const REFUSAL: u32 = 1 << 10;
const REASONING: [u32; 4] = [1 << 11, 1 << 12, 1 << 13, 1 << 22];
const CALLS: u32 = 1 << 14;
const CALL: u32 = 1 << 15;
const CHOICES: u32 = 1 << 21;
const CALL_INDEX: u32 = 1 << 16;
const CALL_ID: u32 = 1 << 17;
const FUNCTION: u32 = 1 << 18;
const NAME: u32 = 1 << 19;
const ARGUMENTS: u32 = 1 << 20;

type Text<'a> = Option<Cow<'a, str>>;

/// Holds what precedes the piece that a chunk brings.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Head {
    seen: Seen,
    /// The index of the choice.
    pub(super) index: Option<u64>,
}

/// Holds what a chunk of the common kinds says that no chunk of the same beginning said before.
#[derive(Debug, Default)]
pub(super) struct Chunk<'a> {
    pub(super) head: Head,
    pub(super) id: Text<'a>,
    pub(super) model: Text<'a>,
    pub(super) system_fingerprint: Text<'a>,
    pub(super) service_tier: Text<'a>,
    pub(super) finish_reason: Text<'a>,
    pub(super) role: Text<'a>,
    pub(super) content: Text<'a>,
    pub(super) refusal: Text<'a>,
    /// In the order of preference.
    pub(super) reasoning: [Text<'a>; 4],
    pub(super) call: Call<'a>,
    is_said_wanted: bool,
    /// Where the piece begins, and what was read before it.
    piece: (usize, Head),
}

/// Holds a piece of a tool call.
#[derive(Debug, Default)]
pub(super) struct Call<'a> {
    pub(super) index: Option<u64>,
    pub(super) id: Text<'a>,
    pub(super) name: Text<'a>,
    pub(super) arguments: Text<'a>,
}

/// Shows a text that says something.
pub(super) fn stated<'t>(text: &'t Text<'_>) -> Option<&'t str> {
    text.as_deref().filter(|text| !text.is_empty())
}

/// Reads a chunk, without what is said where that is not wanted; `None` where it is no such chunk.
pub(super) fn chunk<'a>(
    text: &'a str,
    is_said_wanted: bool,
    beginning: &mut Beginning<Head>,
) -> Option<Chunk<'a>> {
    let mut scanner = Scanner::new(text, MAX_VALUES);
    let mut chunk = Chunk {
        is_said_wanted,
        ..Chunk::default()
    };
    if let Some((len, head)) = beginning.of(text) {
        chunk.head = head;
        scanner = scanner.at(len);
        chunk.delta(&mut scanner)?;
        scanner.members(false, |scanner, name| chunk.choice_member(scanner, name))?;
        scanner.items(false, |_| None)?;
        scanner.members(false, |scanner, name| chunk.member(scanner, name))?;
        scanner.end()?;
        return Some(chunk);
    }
    scanner.object(0, |scanner, name| chunk.member(scanner, name))?;
    scanner.end()?;
    chunk.head.seen.has(DELTA).then_some(())?;
    let (at, head) = chunk.piece;
    if chunk.finish_reason.is_none() {
        beginning.remember(text.get(..at)?, head);
    }
    Some(chunk)
}

impl<'a> Chunk<'a> {
    fn once(&mut self, member: u32) -> Option<()> {
        self.head.seen.once(member)
    }

    /// Tells whether a piece of a call is there.
    pub(super) const fn has_call(&self) -> bool {
        self.head.seen.has(CALL)
    }

    fn member(&mut self, scanner: &mut Scanner<'a>, name: &str) -> Option<()> {
        let (member, slot) = match name {
            "id" => (ID, &mut self.id),
            "model" => (MODEL, &mut self.model),
            "system_fingerprint" => (FINGERPRINT, &mut self.system_fingerprint),
            "service_tier" => (TIER, &mut self.service_tier),
            "choices" => {
                self.once(CHOICES)?;
                scanner.list(1, |scanner| {
                    self.once(CHOICE)?;
                    scanner.object(2, |scanner, name| self.choice_member(scanner, name))
                })?;
                // An empty list is the other reader's.
                return self.head.seen.has(CHOICE).then_some(());
            }
            "object" => return (scanner.word()? != "error").then_some(()),
            // Any of these may be a part of the answer, its usage, its cost or its failure.
            "usage" | "x_groq" | "timings" | "cost" | "error" | "base_resp" | "type"
            | "model_id" | "citations" | "search_results" | "images" | "videos"
            | "related_questions" | "web_search" | "venice_parameters" => return scanner.null(),
            _ => return scanner.skip(1),
        };
        *slot = scanner.text_or_null()?;
        self.once(member)
    }

    fn choice_member(&mut self, scanner: &mut Scanner<'a>, name: &str) -> Option<()> {
        match name {
            "index" => {
                self.once(INDEX)?;
                self.head.index = scanner.count_or_null()?;
            }
            "finish_reason" => {
                self.once(FINISH)?;
                self.finish_reason = scanner.text_or_null()?;
            }
            "delta" => {
                self.once(DELTA)?;
                scanner.peek()?;
                self.piece = (scanner.position(), self.head);
                self.delta(scanner)?;
            }
            "message" | "usage" | "error" | "type" | "object" => scanner.null()?,
            _ => scanner.skip(3)?,
        }
        Some(())
    }

    fn delta(&mut self, scanner: &mut Scanner<'a>) -> Option<()> {
        if !self.is_said_wanted {
            return scanner.skip(3);
        }
        scanner.object(3, |scanner, name| self.delta_member(scanner, name))
    }

    fn delta_member(&mut self, scanner: &mut Scanner<'a>, name: &str) -> Option<()> {
        let [first, second, third, fourth] = &mut self.reasoning;
        let (member, slot) = match name {
            "content" => (CONTENT, &mut self.content),
            "role" => (ROLE, &mut self.role),
            "refusal" => (REFUSAL, &mut self.refusal),
            "reasoning_content" => (REASONING[0], first),
            "reasoning" => (REASONING[1], second),
            "thinking" => (REASONING[2], third),
            "reasoning_text" => (REASONING[3], fourth),
            "tool_calls" => {
                self.once(CALLS)?;
                if scanner.peek()? == b'n' {
                    return scanner.null();
                }
                return scanner.list(4, |scanner| {
                    // Several are the other reader's.
                    self.once(CALL)?;
                    scanner.object(5, |scanner, name| self.call_member(scanner, name))?;
                    self.head.seen.has(FUNCTION).then_some(())
                });
            }
            "name"
            | "token_ids"
            | "content_filter_results"
            | "extra_content"
            | "provider_specific_fields" => return scanner.skip(4),
            "function_call" | "audio" | "images" | "reasoning_details" | "thinking_blocks" => {
                return scanner.null();
            }
            // A list or an object under another name is a part of its own.
            _ => {
                return match scanner.peek()? {
                    b'{' | b'[' => None,
                    _ => scanner.skip(4),
                };
            }
        };
        *slot = scanner.text_or_null()?;
        self.once(member)
    }

    fn call_member(&mut self, scanner: &mut Scanner<'a>, name: &str) -> Option<()> {
        match name {
            "index" => {
                self.once(CALL_INDEX)?;
                self.call.index = scanner.count_or_null()?;
            }
            "id" => {
                self.once(CALL_ID)?;
                self.call.id = scanner.text_or_null()?;
            }
            "function" => {
                self.once(FUNCTION)?;
                scanner.object(6, |scanner, name| {
                    let (member, slot) = match name {
                        "name" => (NAME, &mut self.call.name),
                        "arguments" => (ARGUMENTS, &mut self.call.arguments),
                        "input" => return scanner.null(),
                        _ => return scanner.skip(7),
                    };
                    *slot = scanner.text_or_null()?;
                    self.head.seen.once(member)
                })?;
            }
            "custom" => scanner.null()?,
            _ => scanner.skip(6)?,
        }
        Some(())
    }
}
