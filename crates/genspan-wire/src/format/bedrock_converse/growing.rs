//! Blocks of a streamed answer, from the pieces they come in.

use std::{borrow::Cow, collections::BTreeMap};

use genspan::{Part, Value};

use super::block;
use crate::{
    bounded::BoundedText,
    format::{
        anthropic_messages::members::{arguments_of, bounded_value},
        keep::Keep,
    },
    json::Json,
};

/// The blocks that are kept of one answer; later ones are left out.
const MAX_BLOCKS: usize = 4096;

/// Holds the blocks so far, in the order of their indices; of equal indices in the order they came.
#[derive(Clone, Debug, Default)]
pub(super) struct Blocks {
    blocks: BTreeMap<(u64, usize), Growing>,
    last: (u64, usize),
    keep: Keep,
    joins_texts: bool,
}

/// Holds one block so far.
#[derive(Clone, Debug, Default)]
struct Growing {
    /// What the block began as, where that is told.
    start: Option<(String, Value)>,
    text: BoundedText,
    reasoning: BoundedText,
    is_redacted: bool,
    /// The text of a tool's arguments.
    input: BoundedText,
    /// What a tool that the provider ran gave.
    results: Vec<Value>,
    citations: Vec<Value>,
    /// Pieces of any other kind.
    others: Vec<(String, Value)>,
}

impl Blocks {
    /// Begins an answer whose texts come in blocks of a few words each.
    pub(super) fn joining_texts() -> Self {
        Self {
            joins_texts: true,
            ..Self::default()
        }
    }

    /// Reads the start of a block.
    pub(super) fn start(&mut self, mut event: Json<'_>) {
        let stated = event
            .take("start")
            .map_or_else(Vec::new, Json::into_members);
        let Some((kind, stated)) = stated.into_iter().find(|(_, stated)| !stated.is_null()) else {
            return;
        };
        let (index, nth) = self.key(event.get("contentBlockIndex").and_then(Json::as_u64));
        let is_taken = self
            .blocks
            .get(&(index, nth))
            .is_some_and(Growing::is_begun);
        let value = bounded_value(stated.into_value());
        if !self.keep.piece(value.weight()) {
            return;
        }
        if let Some((growing, _)) = self.at((index, nth + usize::from(is_taken))) {
            growing.start = Some((kind.into_owned(), value));
        }
    }

    /// Reads a piece of a block.
    pub(super) fn delta(&mut self, mut event: Json<'_>) {
        let Some(delta) = event.take("delta") else {
            return;
        };
        let index = event.get("contentBlockIndex").and_then(Json::as_u64);
        let is_text = delta.get("text").is_some();
        let key = if self.joins_texts && is_text && self.is_last_text() {
            self.last
        } else {
            self.key(index)
        };
        if let Some((growing, keep)) = self.at(key) {
            for (kind, piece) in delta.into_members() {
                growing.grow(&kind, piece, keep);
            }
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
            block.push_parts(&mut parts);
        }
        parts
    }

    /// Tells whether the newest block is a text that may go on.
    fn is_last_text(&self) -> bool {
        let last = self.blocks.get(&self.last);
        last.is_some_and(|block| block.start.is_none() && !block.text.is_empty())
    }

    /// The newest block of the event's index, or of the index before where it has none.
    fn key(&self, index: Option<u64>) -> (u64, usize) {
        let Some(index) = index.filter(|index| *index != self.last.0) else {
            return self.last;
        };
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
    /// Tells whether a start that comes now must be another block's.
    fn is_begun(&self) -> bool {
        self.start.is_some() || !self.text.is_empty() || !self.reasoning.is_empty()
    }

    fn grow(&mut self, kind: &str, piece: Json<'_>, keep: &mut Keep) {
        let mut kept = |value: Json<'_>| {
            let value = bounded_value(value.into_value());
            keep.piece(value.weight()).then_some(value)
        };
        match (kind, piece) {
            (_, Json::Null) => {}
            ("text", Json::Text(text)) => keep.push(&mut self.text, text),
            ("reasoningContent", mut reasoning) => {
                if let Some(Json::Text(text)) = reasoning.take("text") {
                    keep.push(&mut self.reasoning, text);
                }
                self.is_redacted |= reasoning.get("redactedContent").is_some();
            }
            ("toolUse", mut tool) => match tool.take("input") {
                Some(Json::Text(text)) => keep.push(&mut self.input, text),
                Some(value) => {
                    let text = value.into_value().to_json();
                    keep.push(&mut self.input, Cow::Owned(text));
                }
                None => {}
            },
            ("toolResult", Json::List(items)) => {
                self.results.extend(items.into_iter().filter_map(kept));
            }
            ("citation", citation) => self.citations.extend(kept(citation)),
            (kind, other) => {
                let value = kept(other);
                self.others
                    .extend(value.map(|value| (kind.to_owned(), value)));
            }
        }
    }

    /// Makes of it what the block would be in an answer that is not streamed.
    fn push_parts(self, parts: &mut Vec<Part>) {
        if !self.reasoning.is_empty() {
            parts.push(Part::Reasoning(self.reasoning.into_string()));
        }
        if self.is_redacted {
            parts.push(block::redacted());
        }
        if !self.text.is_empty() {
            parts.push(Part::Text(self.text.into_string()));
        }
        block::push_citations(self.citations, parts);
        let mut start = self.start;
        let is = |start: &Option<(String, Value)>, kind: &str| {
            start.as_ref().is_some_and(|(own, _)| own == kind)
        };
        if is(&start, "toolUse") || !self.input.is_empty() {
            let arguments = match self.input.is_empty() {
                true => Value::Map(Vec::new()),
                false => arguments_of(self.input),
            };
            let stated = begun_as(&mut start, "toolUse");
            parts.push(block::tool_use(&stated, arguments));
        }
        if is(&start, "toolResult") || !self.results.is_empty() {
            let stated = begun_as(&mut start, "toolResult");
            parts.push(block::tool_result(&stated, Value::Array(self.results)));
        }
        if self.others.is_empty()
            && let Some((kind, stated)) = start.take()
        {
            block::push_block(&kind, stated.into(), parts);
        }
        for (kind, piece) in self.others {
            // What the block began with holds for each of its pieces, such as the format of a picture.
            let begun = start.as_ref().filter(|(own, _)| *own == kind);
            let whole = match (begun, piece) {
                (Some((_, Value::Map(begun))), Value::Map(piece)) => {
                    Value::Map(begun.iter().cloned().chain(piece).collect())
                }
                (_, piece) => piece,
            };
            block::push_block(&kind, whole.into(), parts);
        }
    }
}

/// Takes what the block began with, if it began as this.
fn begun_as(start: &mut Option<(String, Value)>, kind: &str) -> Json<'static> {
    match start.take_if(|(own, _)| own == kind) {
        Some((_, stated)) => stated.into(),
        None => Json::Null,
    }
}
