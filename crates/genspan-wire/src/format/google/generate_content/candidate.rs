//! One of the answers a model gave, whole or piece by piece.

use genspan::{FinishReason, Part, Value};

use super::{
    call::Call,
    enums::Numbering,
    part::{self, Piece},
};
use crate::{
    bounded::BoundedText,
    format::{
        google::{media, spelled},
        keep::Keep,
    },
    json::Json,
};

/// What stands beside the content and belongs to the answer: what it rests on.
const BESIDE: [&str; 3] = [
    "groundingMetadata",
    "urlContextMetadata",
    "citationMetadata",
];

/// The members that are kept of each of these.
const MAX_MEMBERS: usize = 64;

/// The sources that are kept of one answer.
const MAX_SOURCES: usize = 256;

/// Gathers one candidate.
#[derive(Clone, Debug, Default)]
pub(super) struct Candidate {
    said: Vec<Said>,
    /// In the provider's own words.
    pub(super) finish_reason: Option<String>,
    beside: Vec<(&'static str, Vec<(String, Value)>)>,
    /// What is said of an answer that a filter cut off.
    refusal: Vec<(String, Value)>,
}

/// A part of the content: texts that follow each other are one, and so are thoughts.
#[derive(Clone, Debug)]
enum Said {
    Text(BoundedText),
    Thought(BoundedText),
    Call(Call),
    Other(Part),
}

impl Candidate {
    /// Reads a whole candidate or a piece of one.
    pub(super) fn read(&mut self, mut stated: Json<'_>, numbering: Numbering, keep: &mut Keep) {
        if let Some(content) = stated.take("content") {
            part::read_all(content, &mut |piece| self.say(piece, keep));
        }
        let reason = spelled::get(&stated, "finishReason");
        if let Some(reason) = reason.and_then(|reason| numbering.finish_reason(reason)) {
            if FinishReason::from_provider(&reason) == FinishReason::ContentFilter {
                self.refusal(&mut stated, keep);
            }
            self.finish_reason = Some(reason);
        }
        for name in BESIDE {
            if let Some(metadata) = spelled::take(&mut stated, name) {
                self.read_beside(name, metadata, keep);
            }
        }
    }

    /// Tells whether nothing was said, not even why the answer ended.
    pub(super) fn is_empty(&self) -> bool {
        self.said.is_empty() && self.beside.is_empty() && self.finish_reason.is_none()
    }

    fn say(&mut self, piece: Piece<'_>, keep: &mut Keep) {
        match (piece, self.said.last_mut()) {
            (Piece::Text(text), Some(Said::Text(last)))
            | (Piece::Thought(text), Some(Said::Thought(last))) => keep.push(last, text),
            (Piece::Text(text), _) if keep.piece(0) => {
                let mut said = BoundedText::new();
                keep.push(&mut said, text);
                self.said.push(Said::Text(said));
            }
            (Piece::Thought(text), _) if keep.piece(0) => {
                let mut said = BoundedText::new();
                keep.push(&mut said, text);
                self.said.push(Said::Thought(said));
            }
            (Piece::Call(piece), Some(Said::Call(last))) if last.is_continued_by(&piece) => {
                last.read(piece, keep);
            }
            (Piece::Call(call), _) if !call.is_empty() && keep.piece(0) => {
                self.said.push(Said::Call(Call::new(call, keep)));
            }
            (Piece::Other(part), _) if keep.piece(part.weight()) => {
                self.said.push(Said::Other(part));
            }
            _ => {}
        }
    }

    /// Keeps what says more of a refusal.
    fn refusal(&mut self, stated: &mut Json<'_>, keep: &mut Keep) {
        self.refusal.clear();
        for name in ["finishMessage", "safetyRatings"] {
            let value = spelled::take(stated, name).filter(|value| !value.is_empty());
            let value = value.map(Json::into_value);
            if let Some(value) = value.filter(|value| keep.piece(value.weight())) {
                self.refusal.push((name.to_owned(), value));
            }
        }
    }

    /// Keeps what the answer rests on: sources are added to those before, anything else has its last word.
    fn read_beside(&mut self, name: &'static str, metadata: Json<'_>, keep: &mut Keep) {
        let members = metadata.into_members().into_iter();
        for (key, value) in members.filter(|(_, value)| !value.is_empty()) {
            let value = value.into_value();
            if !keep.piece(value.weight()) {
                continue;
            }
            let at = match self.beside.iter().position(|(own, _)| *own == name) {
                Some(at) => at,
                None => {
                    self.beside.push((name, Vec::new()));
                    self.beside.len() - 1
                }
            };
            let Some((_, kept)) = self.beside.get_mut(at) else {
                continue;
            };
            let is_full = kept.len() >= MAX_MEMBERS;
            let known = kept.iter_mut().find(|(own, _)| *own == key);
            match (known.map(|(_, known)| known), value) {
                (Some(Value::Array(known)), Value::Array(more)) if name == "citationMetadata" => {
                    add_sources(known, more, keep);
                }
                (Some(known), value) => *known = value,
                (None, _) if is_full => keep.refuse(),
                (None, value) => kept.push((key.into_owned(), value)),
            }
        }
    }

    /// Hands over the parts.
    pub(super) fn into_parts(mut self) -> Vec<Part> {
        let said = self.said.into_iter().map(|said| match said {
            Said::Text(text) => Part::Text(text.into_string()),
            Said::Thought(text) => Part::Reasoning(text.into_string()),
            Said::Call(call) => call.into_part(),
            Said::Other(part) => part,
        });
        // The order does not depend on which of them came first.
        let place = |name: &str| BESIDE.iter().position(|beside| *beside == name);
        self.beside.sort_by_key(|(name, _)| place(name));
        let beside = self
            .beside
            .into_iter()
            .map(|(name, members)| media::generic(name, Value::Map(members).into()));
        let refusal = (!self.refusal.is_empty())
            .then(|| media::generic("refusal", Value::Map(self.refusal).into()));
        said.chain(beside).chain(refusal).collect()
    }
}

/// Adds sources that are not there: some servers state them all again.
fn add_sources(known: &mut Vec<Value>, more: Vec<Value>, keep: &mut Keep) {
    for source in more {
        if known.contains(&source) {
            continue;
        }
        if known.len() >= MAX_SOURCES {
            return keep.refuse();
        }
        known.push(source);
    }
}
