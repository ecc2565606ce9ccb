//! What one message says, whole or piece by piece.

use std::borrow::Cow;

use genspan::{Blob, Generic, Modality, Part};

use crate::{
    bounded::BoundedText,
    format::{keep::Keep, openai_chat::tool_calls::ToolCalls},
    json::Json,
};

/// The members that are read by name, or say nothing that was said.
const KNOWN: [&str; 8] = [
    "role",
    "content",
    "thinking",
    "images",
    "tool_calls",
    "tool_name",
    "tool_call_id",
    "name",
];

/// The pictures and members without a name here that are kept of one message.
const MAX_OTHERS: usize = 64;

/// Gathers a message; a whole one is a piece that has everything.
#[derive(Clone, Debug, Default)]
pub(super) struct Said {
    role: Option<String>,
    thinking: BoundedText,
    text: BoundedText,
    images: Vec<Part>,
    calls: ToolCalls,
    /// Calls come whole, and their own numbers begin anew in every piece.
    call_count: u64,
    others: Vec<Part>,
}

impl Said {
    /// Reads a message or a piece of one, whose text stands under the given name.
    pub(super) fn read(&mut self, mut said: Json<'_>, text: &str, keep: &mut Keep) {
        if self.role.is_none() {
            self.role = said.string("role").filter(|role| !role.is_empty());
        }
        push(&mut self.thinking, said.take("thinking"), keep);
        push(&mut self.text, said.take(text), keep);
        for image in said.take_items("images") {
            self.read_image(image, keep);
        }
        for mut call in said.take_items("tool_calls") {
            let mut function = call.take("function").unwrap_or(Json::Null);
            let arguments = function.take("arguments");
            let (id, name) = (call.text("id"), function.text("name"));
            if name.is_some() || arguments.is_some() {
                let index = Some(self.call_count);
                self.calls.read_call(index, id, name, arguments, keep);
                self.call_count = self.call_count.saturating_add(1);
            }
        }
        for (name, value) in said.into_members() {
            let is_other = matches!(value, Json::List(_) | Json::Object(_)) && !value.is_empty();
            if is_other && !KNOWN.contains(&name.as_ref()) {
                let value = value.into_value();
                if self.others.len() < MAX_OTHERS && keep.piece(value.weight()) {
                    self.others.push(Part::Generic(Generic {
                        kind: name.clone().into_owned(),
                        members: vec![(name.into_owned(), value)],
                    }));
                } else {
                    keep.refuse();
                }
            }
        }
    }

    /// Reads an answer, or a line of one, that holds what was said itself, beside much that was not.
    pub(super) fn read_answer(&mut self, mut answer: Json<'_>, keep: &mut Keep) {
        push(&mut self.thinking, answer.take("thinking"), keep);
        push(&mut self.text, answer.take("response"), keep);
        if let Some(image) = answer.take("image") {
            self.read_image(image, keep);
        }
    }

    pub(super) fn role(&self) -> Option<&str> {
        self.role.as_deref()
    }

    fn read_image(&mut self, image: Json<'_>, keep: &mut Keep) {
        let Json::Text(content) = image else { return };
        if content.is_empty() {
            return;
        }
        if self.images.len() < MAX_OTHERS && keep.piece(content.len()) {
            self.images.push(picture(content));
        } else {
            keep.refuse();
        }
    }

    pub(super) fn into_parts(self) -> Vec<Part> {
        let text = |text: BoundedText| (!text.is_empty()).then(|| text.into_string());
        let mut parts: Vec<Part> = text(self.thinking)
            .map(Part::Reasoning)
            .into_iter()
            .chain(text(self.text).map(Part::Text))
            .collect();
        parts.extend(self.images);
        parts.extend(self.calls.into_parts());
        parts.extend(self.others);
        parts
    }
}

/// Makes a part of a picture, which is sent as base64 and without a word on its type.
pub(super) fn picture(content: Cow<'_, str>) -> Part {
    Part::Blob(Blob {
        modality: Modality::Image,
        mime_type: None,
        content: content.into_owned(),
    })
}

fn push(text: &mut BoundedText, piece: Option<Json<'_>>, keep: &mut Keep) {
    if let Some(Json::Text(piece)) = piece {
        keep.push(text, piece);
    }
}
