//! What a model said in one message, whole or piece by piece.

use std::borrow::Cow;

use genspan::{Blob, Generic, Modality, Part, Value};

use super::{parts, quick, server_tools::ServerTools, tool_calls::ToolCalls};
use crate::format::keep::Keep;
use crate::{bounded::BoundedText, json::Json};

/// The members of a message that are read by name, say nothing that was said, or only hold what is never kept, such as
/// signatures.
const KNOWN: [&str; 19] = [
    "role",
    "name",
    "content",
    "refusal",
    "tool_calls",
    "function_call",
    "audio",
    "images",
    "reasoning_content",
    "reasoning",
    "thinking",
    "reasoning_text",
    "reasoning_details",
    "thinking_blocks",
    "executed_tools",
    "extra_content",
    "provider_specific_fields",
    "token_ids",
    "content_filter_results",
];

/// Where providers put the reasoning; several send the same text in two places.
const REASONING: [&str; 4] = [
    "reasoning_content",
    "reasoning",
    "thinking",
    "reasoning_text",
];

/// Where some put it in blocks, whose signatures and encrypted data stay out.
const REASONING_BLOCKS: [&str; 2] = ["reasoning_details", "thinking_blocks"];

/// The bytes of spoken answers that are kept: cut like a text, sound would be none.
const MAX_SOUND: usize = 16 * 1024 * 1024;

/// The members without a name here that are kept of one message.
const MAX_OTHERS: usize = 64;

/// Gathers a message; a whole one is a piece that has everything.
#[derive(Clone, Debug, Default)]
pub(super) struct Said {
    pub(super) role: Option<String>,
    reasoning: BoundedText,
    /// The member that the reasoning is taken from, once there was any.
    reasoning_source: Option<&'static str>,
    content: Vec<Piece>,
    refusal: BoundedText,
    tool_calls: ToolCalls,
    server_tools: ServerTools,
    audio: Option<Audio>,
    others: Vec<(String, Value)>,
    /// The content is the caller's own, whose texts stay apart where they were.
    is_of_request: bool,
}

/// A part of the content: texts that follow each other are one.
#[derive(Clone, Debug)]
enum Piece {
    Text(BoundedText),
    Other(Part),
}

/// A spoken answer.
#[derive(Clone, Debug)]
struct Audio {
    id: Option<String>,
    sound: BoundedText,
    transcript: BoundedText,
}

impl Said {
    /// Begins a message of an earlier answer that a request brings along.
    pub(super) fn of_request() -> Self {
        Self {
            is_of_request: true,
            ..Self::default()
        }
    }

    /// Reads a message or a piece of one.
    pub(super) fn read(&mut self, mut said: Json<'_>, keep: &mut Keep) {
        if self.role.is_none() {
            self.role = said.string("role").filter(|role| !role.is_empty());
        }
        self.read_reasoning(&said, keep);
        if let Some(content) = said.take("content") {
            self.read_content(content, keep);
        }
        for image in said.take_items("images") {
            self.read_part(image, keep);
        }
        if let Some(refusal) = said.text("refusal") {
            keep.push(&mut self.refusal, refusal.into());
        }
        self.tool_calls.read(&mut said, keep);
        self.server_tools.read(&mut said, keep);
        if let Some(audio) = said.get("audio") {
            self.read_audio(audio, keep);
        }
        for (name, value) in said.into_members() {
            if !KNOWN.contains(&name.as_ref()) {
                self.read_other(&name, value, keep);
            }
        }
    }

    /// Reads a choice that has no message: the text stands in the choice itself.
    pub(super) fn read_text(&mut self, mut choice: Json<'_>, keep: &mut Keep) {
        self.read_reasoning(&choice, keep);
        if let Some(Json::Text(text)) = choice.take("text") {
            self.push_text(text, keep);
        }
    }

    /// Reads a piece of one of the common kinds, as [`read`](Self::read) would.
    pub(super) fn read_quick(&mut self, said: quick::Chunk<'_>, keep: &mut Keep) {
        if self.role.is_none() {
            self.role = quick::stated(&said.role).map(str::to_owned);
        }
        let is_source = |name: &str| self.reasoning_source.is_none_or(|source| source == name);
        let reasoning = REASONING.into_iter().zip(&said.reasoning);
        let reasoning = reasoning.filter(|(name, _)| is_source(name));
        if let Some((name, text)) = reasoning
            .filter_map(|(name, stated)| Some((name, quick::stated(stated)?)))
            .next()
        {
            self.reasoning_source = Some(name);
            keep.push(&mut self.reasoning, text.into());
        }
        let has_call = said.has_call();
        self.push_text(said.content.unwrap_or_default(), keep);
        if let Some(refusal) = quick::stated(&said.refusal) {
            keep.push(&mut self.refusal, refusal.into());
        }
        if has_call {
            self.tool_calls.read_quick(said.call, keep);
        }
    }

    fn read_reasoning(&mut self, said: &Json<'_>, keep: &mut Keep) {
        let is_source = |name: &&str| self.reasoning_source.is_none_or(|source| source == *name);
        let source = REASONING
            .into_iter()
            .filter(is_source)
            .find(|name| said.text(name).is_some_and(|t| !t.is_empty()));
        if let Some(name) = source {
            self.reasoning_source = Some(name);
            keep.push(
                &mut self.reasoning,
                said.text(name).unwrap_or_default().into(),
            );
        } else if let Some(name) = REASONING_BLOCKS
            .into_iter()
            .filter(is_source)
            .find(|name| said.get(name).is_some())
        {
            self.read_reasoning_blocks(name, said, keep);
        }
    }

    fn read_reasoning_blocks(&mut self, name: &'static str, said: &Json<'_>, keep: &mut Keep) {
        for block in said.get(name).map_or(&[][..], Json::items) {
            let text = ["text", "summary", "thinking"]
                .iter()
                .find_map(|name| block.text(name))
                .filter(|text| !text.is_empty());
            if let Some(text) = text {
                self.reasoning_source = Some(name);
                keep.push(&mut self.reasoning, text.into());
            }
        }
    }

    fn read_content(&mut self, content: Json<'_>, keep: &mut Keep) {
        match content {
            Json::Text(text) => self.push_text(text, keep),
            Json::List(items) => items
                .into_iter()
                .for_each(|item| self.read_part(item, keep)),
            // Some send one part without the list.
            Json::Object(_) => self.read_part(content, keep),
            _ => {}
        }
    }

    fn read_part(&mut self, item: Json<'_>, keep: &mut Keep) {
        match parts::part(item) {
            Some(Part::Text(text)) => self.push_text(text.into(), keep),
            Some(Part::Reasoning(text)) => keep.push(&mut self.reasoning, text.into()),
            Some(part) if keep.piece(part.weight()) => self.content.push(Piece::Other(part)),
            _ => {}
        }
    }

    fn push_text(&mut self, text: Cow<'_, str>, keep: &mut Keep) {
        if text.is_empty() {
            return;
        }
        let is_next = self.is_of_request || !matches!(self.content.last(), Some(Piece::Text(_)));
        if is_next && keep.piece(0) {
            self.content.push(Piece::Text(BoundedText::new()));
        }
        if let Some(Piece::Text(last)) = self.content.last_mut() {
            keep.push(last, text);
        }
    }

    fn read_audio(&mut self, audio: &Json<'_>, keep: &mut Keep) {
        let kept = self.audio.get_or_insert_with(|| Audio {
            id: None,
            sound: BoundedText::with_limit(MAX_SOUND),
            transcript: BoundedText::new(),
        });
        kept.id = kept.id.take().or_else(|| audio.string("id"));
        if let Some(data) = audio.text("data").filter(|data| keep.piece(data.len())) {
            kept.sound.push_str(data);
        }
        if let Some(transcript) = audio.text("transcript") {
            keep.push(&mut kept.transcript, transcript.into());
        }
    }

    /// Keeps what has no name here, such as annotations: lists grow, of anything else the last one stands.
    fn read_other(&mut self, name: &str, value: Json<'_>, keep: &mut Keep) {
        if !matches!(value, Json::List(_) | Json::Object(_)) || value.is_empty() {
            return;
        }
        let value = value.into_value();
        if !keep.piece(value.weight()) {
            return;
        }
        let is_full = self.others.len() >= MAX_OTHERS;
        let known = self
            .others
            .iter_mut()
            .find(|(seen, _)| seen == name)
            .map(|(_, known)| known);
        match (known, value) {
            (Some(Value::Array(known)), Value::Array(more)) => known.extend(more),
            (Some(known), value) => *known = value,
            (None, value) if !is_full => self.others.push((name.to_owned(), value)),
            (None, _) => keep.refuse(),
        }
    }

    /// Hands over the parts, in an order that does not depend on how the pieces came.
    pub(super) fn into_parts(self) -> Vec<Part> {
        let mut parts = Vec::new();
        if !self.reasoning.is_empty() {
            parts.push(Part::Reasoning(self.reasoning.into_string()));
        }
        parts.extend(self.server_tools.into_parts());
        parts.extend(self.content.into_iter().map(|piece| match piece {
            Piece::Text(text) => Part::Text(text.into_string()),
            Piece::Other(part) => part,
        }));
        if !self.refusal.is_empty() {
            parts.push(generic(
                "refusal",
                vec![("content".to_owned(), self.refusal.into_string().into())],
            ));
        }
        parts.extend(self.tool_calls.into_parts());
        if let Some(audio) = self.audio {
            audio.into_parts(&mut parts);
        }
        for (name, value) in self.others {
            other_parts(&name, value, &mut parts);
        }
        parts
    }
}

impl Audio {
    fn into_parts(self, parts: &mut Vec<Part>) {
        if !self.sound.is_empty() {
            let content = self.sound.into_string();
            parts.push(Part::Blob(Blob {
                modality: Modality::Audio,
                mime_type: None,
                content,
            }));
        }
        let mut members: Vec<(String, Value)> = Vec::new();
        members.extend(self.id.map(|id| ("id".to_owned(), id.into())));
        if !self.transcript.is_empty() {
            members.push((
                "transcript".to_owned(),
                self.transcript.into_string().into(),
            ));
        }
        if !members.is_empty() {
            parts.push(generic("audio", members));
        }
    }
}

/// Makes parts of what has no name here: each of several typed things is one of its own.
fn other_parts(name: &str, value: Value, parts: &mut Vec<Part>) {
    match value {
        Value::Map(members) => parts.push(generic(name, members)),
        Value::Array(items)
            if items
                .iter()
                .all(|item| item.get("type").is_some_and(|kind| kind.as_str().is_some())) =>
        {
            for item in items {
                let kind = item
                    .get("type")
                    .and_then(Value::as_str)
                    .unwrap_or(name)
                    .to_owned();
                let Value::Map(mut members) = item else {
                    continue;
                };
                members.retain(|(key, _)| key != "type");
                parts.push(generic(&kind, members));
            }
        }
        value => parts.push(generic(name, vec![(name.to_owned(), value)])),
    }
}

fn generic(kind: &str, members: Vec<(String, Value)>) -> Part {
    Part::Generic(Generic {
        kind: kind.to_owned(),
        members,
    })
}
