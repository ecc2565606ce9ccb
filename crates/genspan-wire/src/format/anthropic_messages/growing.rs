//! Blocks of a streamed answer, from the pieces they come in.

use std::collections::BTreeMap;

use genspan::{Part, Value};

use super::{
    block::push_block,
    members::{Members, arguments_of, bounded_value, is_opaque},
};
use crate::{bounded::BoundedText, format::keep::Keep, json::Json};

/// The blocks that are kept of one answer; later ones are left out.
const MAX_BLOCKS: usize = 1024;

/// The members of one block that may grow.
const MAX_TEXTS: usize = 16;

/// Holds the blocks so far, in the order of their indices; of equal indices in the order they came.
#[derive(Clone, Debug, Default)]
pub(super) struct Blocks {
    blocks: BTreeMap<(u64, usize), Growing>,
    last: (u64, usize),
    keep: Keep,
}

/// Gives a value its bounds, or nothing where there is no room left for it.
fn bounded(value: &Json<'_>, keep: &mut Keep) -> Option<Value> {
    let value = bounded_value(value.to_value());
    keep.take(value.weight()).then_some(value)
}

/// Holds one block so far.
#[derive(Clone, Debug, Default)]
struct Growing {
    is_started: bool,
    /// The members it began with, and those that came in one piece later.
    members: Vec<(String, Value)>,
    /// The members that come in pieces.
    texts: Vec<(String, BoundedText)>,
    /// The text of a tool's arguments.
    input: BoundedText,
    citations: Vec<Value>,
}

impl Blocks {
    /// Reads the start of a block.
    pub(super) fn start(&mut self, event: &Json<'_>) {
        let Some(block) = event.get("content_block") else {
            return;
        };
        // Where pieces came before the start it is theirs; where a block has started it is another's.
        let (index, nth) = self.key(event.get("index").and_then(Json::as_u64));
        let is_started = self
            .blocks
            .get(&(index, nth))
            .is_some_and(|block| block.is_started);
        let key = match event.get("index") {
            _ if !is_started => (index, nth),
            Some(_) => (index, nth + 1),
            None => (index.saturating_add(1), 0),
        };
        if let Some((growing, keep)) = self.at(key) {
            growing.is_started = true;
            for (name, value) in block.members() {
                if let Some(value) = bounded(value, keep) {
                    growing.members.push((name.clone().into_owned(), value));
                }
            }
        }
    }

    /// Reads a piece of a block.
    pub(super) fn delta(&mut self, event: &Json<'_>) {
        let Some(delta) = event.get("delta") else {
            return;
        };
        let key = self.key(event.get("index").and_then(Json::as_u64));
        if let Some((growing, keep)) = self.at(key) {
            growing.grow(delta, keep);
        }
    }

    /// Reads a piece of one of the four common kinds.
    pub(super) fn piece(&mut self, index: Option<u64>, kind: &str, piece: &str) {
        let key = self.key(index);
        if let Some((growing, keep)) = self.at(key) {
            growing.grow_by(kind, piece, keep);
        }
    }

    /// Tells whether something was left out for want of room.
    pub(super) const fn has_refused(&self) -> bool {
        self.keep.has_refused()
    }

    /// Hands over the parts.
    pub(super) fn into_parts(self) -> Vec<Part> {
        let mut parts = Vec::new();
        for block in self.blocks.into_values() {
            push_block(block.into_members(), &mut parts);
        }
        parts
    }

    /// The newest block of the event's index, or of the index before where it has none.
    fn key(&self, index: Option<u64>) -> (u64, usize) {
        let Some(index) = index else {
            return self.last;
        };
        if self.last.0 == index {
            return self.last;
        }
        let newest = self
            .blocks
            .range((index, 0)..=(index, usize::MAX))
            .next_back();
        newest.map_or((index, 0), |(key, _)| *key)
    }

    fn at(&mut self, key: (u64, usize)) -> Option<(&mut Growing, &mut Keep)> {
        if self.blocks.len() >= MAX_BLOCKS && !self.blocks.contains_key(&key) {
            self.keep.refuse();
            return None;
        }
        self.last = key;
        Some((self.blocks.entry(key).or_default(), &mut self.keep))
    }
}

impl Growing {
    fn grow(&mut self, delta: &Json<'_>, keep: &mut Keep) {
        let kind = delta.text("type").unwrap_or_default();
        let piece = |name| delta.text(name).unwrap_or_default();
        match kind {
            "text_delta" => return self.grow_by(kind, piece("text"), keep),
            "thinking_delta" => return self.grow_by(kind, piece("thinking"), keep),
            "input_json_delta" => return self.grow_by(kind, piece("partial_json"), keep),
            "signature_delta" => {}
            "citations_delta" => {
                let citation = delta.get("citation");
                self.citations
                    .extend(citation.and_then(|citation| bounded(citation, keep)));
            }
            _ => self.grow_by_unknown(delta, keep),
        }
        self.begin_as(kind);
    }

    /// Grows by a piece of one of the four common kinds; of a signature nothing is kept.
    fn grow_by(&mut self, kind: &str, piece: &str, keep: &mut Keep) {
        match kind {
            "text_delta" => self.append("text", piece, keep),
            "thinking_delta" => self.append("thinking", piece, keep),
            "input_json_delta" => keep.push(&mut self.input, piece.into()),
            _ => {}
        }
        self.begin_as(kind);
    }

    /// Takes the type that pieces of this kind belong to, where the block's start did not come.
    fn begin_as(&mut self, kind: &str) {
        if !self.is_started && !self.members.iter().any(|(name, _)| name == "type") {
            let kind = match kind {
                "input_json_delta" => "tool_use",
                "signature_delta" => "thinking",
                "citations_delta" => "text",
                other => other.strip_suffix("_delta").unwrap_or(other),
            };
            self.members.push(("type".to_owned(), Value::from(kind)));
        }
    }

    /// Pieces of kinds yet unknown follow the pattern of the others: they hold more of the block's own members.
    fn grow_by_unknown(&mut self, delta: &Json<'_>, keep: &mut Keep) {
        for (name, value) in delta.members() {
            match value {
                _ if name == "type" || is_opaque(name) => {}
                Json::Null => {}
                Json::Text(piece) => self.append(name, piece, keep),
                other => {
                    let value = bounded(other, keep);
                    self.members
                        .extend(value.map(|value| (name.clone().into_owned(), value)));
                }
            }
        }
    }

    /// Appends to a member, which may have begun in the start of the block.
    fn append(&mut self, name: &str, piece: &str, keep: &mut Keep) {
        if let Some((_, text)) = self.texts.iter_mut().find(|(own, _)| own == name) {
            keep.push(text, piece.into());
        } else if self.texts.len() < MAX_TEXTS {
            let mut text = BoundedText::new();
            let begun = self.members.iter().rev().find(|(own, _)| own == name);
            text.push_str(
                begun
                    .and_then(|(_, value)| value.as_str())
                    .unwrap_or_default(),
            );
            keep.push(&mut text, piece.into());
            self.texts.push((name.to_owned(), text));
        }
    }

    /// Makes it the block that it would be in an answer that is not streamed.
    fn into_members(mut self) -> Members<'static> {
        let texts = self
            .texts
            .into_iter()
            .map(|(name, text)| (name, Value::String(text.into_string())));
        for (name, text) in texts {
            set(&mut self.members, &name, text);
        }
        if !self.input.is_empty() {
            set(&mut self.members, "input", arguments_of(self.input));
        }
        if !self.citations.is_empty() {
            let begun = self
                .members
                .iter()
                .rev()
                .find(|(name, _)| name == "citations");
            let mut citations = match begun {
                Some((_, Value::Array(begun))) => begun.clone(),
                _ => Vec::new(),
            };
            citations.append(&mut self.citations);
            set(&mut self.members, "citations", Value::Array(citations));
        }
        Members::bounded(self.members)
    }
}

/// Sets a member, at its place where there is one of that name.
fn set(members: &mut Vec<(String, Value)>, name: &str, value: Value) {
    match members.iter_mut().rev().find(|(own, _)| own == name) {
        Some((_, old)) => *old = value,
        None => members.push((name.to_owned(), value)),
    }
}
