//! Steps and contents of an interaction, of which each is an object that states its type.

use genspan::{
    Modality, Part, ServerToolCall, ServerToolCallResponse, ToolCallRequest, ToolCallResponse,
    Value,
};

use crate::{
    bounded::BoundedText,
    format::{google::media, keep::Keep},
    json::Json,
};

/// The contents that a step may hold within each other.
const MAX_DEPTH: usize = 8;

/// The members that are kept of one step.
const MAX_MEMBERS: usize = 64;

/// Tells what is said itself from the steps that hold it.
pub(super) fn is_content(stated: &Json<'_>) -> bool {
    match stated.text("type") {
        Some(kind) => matches!(kind, "text" | "image" | "audio" | "video" | "document"),
        None => stated.as_str().is_some() || stated.get("text").is_some(),
    }
}

/// Gathers one step, whole or from its pieces.
#[derive(Clone, Debug, Default)]
pub(super) struct Step {
    kind: String,
    /// What a step states but its type and what it says; of equal names the last one counts.
    members: Vec<(String, Value)>,
    said: Vec<Said>,
    /// The text of a tool's arguments, where it came in pieces.
    arguments: BoundedText,
}

/// A part of what a step says: texts that follow each other are one, and so are thoughts.
#[derive(Clone, Debug)]
enum Said {
    Text(BoundedText),
    Thought(BoundedText),
    Other(Part),
}

impl Step {
    /// Reads a whole step, or the start of one.
    pub(super) fn begin(&mut self, stated: Json<'_>, keep: &mut Keep) {
        self.read(stated, keep, 0);
    }

    fn read(&mut self, mut stated: Json<'_>, keep: &mut Keep, depth: usize) {
        let kind = stated.string("type").unwrap_or_default();
        if is_content(&stated) {
            return self.content(&kind, stated, keep);
        }
        match kind.as_str() {
            "thought" => self.summary(stated.take("summary"), keep),
            // Turns of an earlier version have a role in place of the type.
            "user_input" | "model_output" | "" if stated.get("content").is_some() => {
                self.contents(stated.take("content"), keep, depth);
                if let Some(error) = stated.take("error") {
                    self.other(media::generic("error", error), keep);
                }
            }
            _ => self.merge(stated, keep),
        }
        self.kind = kind;
    }

    fn contents(&mut self, contents: Option<Json<'_>>, keep: &mut Keep, depth: usize) {
        let contents = match contents {
            Some(Json::List(items)) => items,
            Some(one) => vec![one],
            None => Vec::new(),
        };
        for content in contents {
            if is_content(&content) {
                let kind = content.string("type").unwrap_or_default();
                self.content(&kind, content, keep);
            } else if depth < MAX_DEPTH {
                let mut inner = Self::default();
                inner.read(content, keep, depth + 1);
                let parts = inner.into_parts().into_iter();
                self.said.extend(parts.map(Said::Other));
            } else {
                keep.refuse();
            }
        }
    }

    /// Reads what is said in one content; citations of a text follow it.
    fn content(&mut self, kind: &str, mut content: Json<'_>, keep: &mut Keep) {
        if let Json::Text(text) = content {
            return self.text(&text, false, keep);
        }
        if let Some(text) = content.text("text") {
            self.text(text, false, keep);
            return self.annotations(content.take("annotations"), keep);
        }
        let modality = match kind {
            "image" => Modality::Image,
            "audio" => Modality::Audio,
            "video" => Modality::Video,
            "document" => Modality::Document,
            // A text that is yet to come.
            _ => return,
        };
        let part = media::inline(&mut content, Some(modality.clone()))
            .or_else(|| media::address(&content, "uri", Some(modality)));
        self.other(part.unwrap_or_else(|| media::generic(kind, content)), keep);
    }

    fn other(&mut self, part: Part, keep: &mut Keep) {
        if keep.piece(part.weight()) {
            self.said.push(Said::Other(part));
        }
    }

    fn annotations(&mut self, annotations: Option<Json<'_>>, keep: &mut Keep) {
        if let Some(annotations) = annotations.filter(|stated| !stated.is_empty()) {
            self.other(media::generic("annotations", annotations), keep);
        }
    }

    /// Reads what the model tells of its thoughts.
    fn summary(&mut self, summary: Option<Json<'_>>, keep: &mut Keep) {
        let items = match summary {
            Some(Json::List(items)) => items,
            Some(one) => vec![one],
            None => Vec::new(),
        };
        for item in &items {
            if let Some(text) = item.as_str().or_else(|| item.text("text")) {
                self.text(text, true, keep);
            }
        }
    }

    fn text(&mut self, text: &str, is_thought: bool, keep: &mut Keep) {
        if text.is_empty() {
            return;
        }
        match (self.said.last_mut(), is_thought) {
            (Some(Said::Text(last)), false) | (Some(Said::Thought(last)), true) => {
                keep.push(last, text.into());
            }
            _ if keep.piece(0) => {
                let mut said = BoundedText::new();
                keep.push(&mut said, text.into());
                self.said.push(if is_thought {
                    Said::Thought(said)
                } else {
                    Said::Text(said)
                });
            }
            _ => {}
        }
    }

    /// Reads a piece.
    pub(super) fn grow(&mut self, mut delta: Json<'_>, keep: &mut Keep) {
        let kind = delta.string("type").unwrap_or_default();
        if is_content(&delta) {
            self.begin_as("model_output");
            return self.content(&kind, delta, keep);
        }
        match kind.as_str() {
            "thought_signature" => self.begin_as("thought"),
            "thought_summary" => {
                self.begin_as("thought");
                let content = delta.take("content");
                self.summary(content, keep);
            }
            "arguments_delta" => {
                self.begin_as("function_call");
                if let Some(arguments) = delta.text("arguments") {
                    keep.push(&mut self.arguments, arguments.into());
                }
            }
            "text_annotation" | "text_annotation_delta" => {
                self.begin_as("model_output");
                self.annotations(delta.take("annotations"), keep);
            }
            _ => {
                self.begin_as(&kind);
                self.merge(delta, keep);
            }
        }
    }

    /// Takes the type that a piece belongs to, where the step's start did not come.
    fn begin_as(&mut self, kind: &str) {
        if self.kind.is_empty() {
            kind.clone_into(&mut self.kind);
        }
    }

    /// Takes members over; what only the provider can read is left out.
    fn merge(&mut self, stated: Json<'_>, keep: &mut Keep) {
        for (name, value) in stated.into_members() {
            if value.is_null() || matches!(name.as_ref(), "type" | "signature") {
                continue;
            }
            let value = value.into_value();
            if !keep.piece(value.weight()) {
                continue;
            }
            let is_full = self.members.len() >= MAX_MEMBERS;
            let known = self.members.iter_mut().find(|(own, _)| *own == name);
            match known {
                Some((_, known)) => *known = value,
                None if is_full => keep.refuse(),
                None => self.members.push((name.into_owned(), value)),
            }
        }
    }

    /// Tells whether the user said it.
    pub(super) fn is_of_user(&self) -> bool {
        self.kind == "user_input"
    }

    fn take(&mut self, name: &str) -> Option<Value> {
        let at = self.members.iter().position(|(own, _)| own == name)?;
        Some(self.members.remove(at).1)
    }

    fn take_text(&mut self, name: &str) -> Option<String> {
        match self.take(name)? {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// Hands over the parts.
    pub(super) fn into_parts(mut self) -> Vec<Part> {
        let said = std::mem::take(&mut self.said).into_iter();
        let mut parts: Vec<Part> = said
            .map(|said| match said {
                Said::Text(text) => Part::Text(text.into_string()),
                Said::Thought(text) => Part::Reasoning(text.into_string()),
                Said::Other(part) => part,
            })
            .collect();
        if !self.arguments.is_empty() {
            let text = std::mem::take(&mut self.arguments).into_string();
            self.take("arguments");
            let arguments = Value::from_json_or_text(&text);
            self.members.push(("arguments".to_owned(), arguments));
        }
        match std::mem::take(&mut self.kind).as_str() {
            "" if self.members.is_empty() => {}
            "" => parts.push(self.server_tool("unknown")),
            "model_output" | "user_input" | "thought" => {}
            "function_call" => parts.push(Part::ToolCallRequest(ToolCallRequest {
                id: self.take_text("id"),
                name: self.take_text("name").unwrap_or_default(),
                arguments: self.take("arguments").unwrap_or_default(),
            })),
            "function_result" => parts.push(self.function_result()),
            kind => parts.push(self.server_tool(kind)),
        }
        parts
    }

    /// The result keeps the shape it was sent in; one that tells of an error is wrapped, so that this is not lost.
    fn function_result(&mut self) -> Part {
        let id = self.take_text("call_id");
        let result = self.take("result").unwrap_or_default();
        let response = match self.take("is_error") {
            Some(Value::Bool(true)) => Value::Map(vec![
                ("result".to_owned(), result),
                ("is_error".to_owned(), Value::Bool(true)),
            ]),
            _ => result,
        };
        Part::ToolCallResponse(ToolCallResponse { id, response })
    }

    /// What the provider's own tools do is told by pairs of steps such as `google_search_call` and
    /// `google_search_result`; what is neither has no part.
    fn server_tool(&mut self, kind: &str) -> Part {
        if let Some(tool) = kind.strip_suffix("_call") {
            let name = self.take_text("name");
            return Part::ServerToolCall(ServerToolCall {
                id: self.take_text("id"),
                name: name.unwrap_or_else(|| tool.to_owned()),
                kind: kind.to_owned(),
                call: Value::Map(std::mem::take(&mut self.members)),
            });
        }
        if kind.ends_with("_result") {
            return Part::ServerToolCallResponse(ServerToolCallResponse {
                id: self.take_text("call_id"),
                kind: kind.to_owned(),
                response: Value::Map(std::mem::take(&mut self.members)),
            });
        }
        media::generic(kind, Value::Map(std::mem::take(&mut self.members)).into())
    }
}
