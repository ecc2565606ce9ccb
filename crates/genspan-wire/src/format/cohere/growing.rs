//! What the one message of an answer says, whole or piece by piece.

use genspan::{Generic, Part, Value};

use crate::{
    bounded::BoundedText,
    format::{
        keep::Keep,
        openai_chat::{parts, tool_calls::ToolCalls},
    },
    json::Json,
};

/// The blocks of content that are kept of one message.
const MAX_BLOCKS: usize = 1024;

/// Gathers a message of the second version; a whole one is a piece that has everything.
#[derive(Clone, Debug, Default)]
pub(super) struct Growing {
    role: Option<String>,
    /// What the model thinks of before it calls tools.
    plan: BoundedText,
    /// In the order of their indices; of equal ones in the order they came.
    blocks: Vec<(u64, Block)>,
    calls: ToolCalls,
    citations: Vec<Value>,
}

#[derive(Clone, Debug)]
enum Block {
    Text(BoundedText),
    Thinking(BoundedText),
    Other(Part),
}

impl Growing {
    /// Reads a whole message.
    pub(super) fn read(&mut self, mut message: Json<'_>, keep: &mut Keep) {
        self.begin(&mut message, keep);
        match message.take("content") {
            Some(Json::List(items)) => {
                for (index, item) in (0..).zip(items) {
                    self.start(index, item, keep);
                }
            }
            Some(item) => self.start(0, item, keep),
            None => {}
        }
        for (index, call) in (0..).zip(message.take_items("tool_calls")) {
            self.call(Some(index), call, keep);
        }
        for citation in message.take_items("citations") {
            self.cite(citation, keep);
        }
    }

    /// Reads what a message begins with, or more of its plan.
    pub(super) fn begin(&mut self, message: &mut Json<'_>, keep: &mut Keep) {
        if self.role.is_none() {
            self.role = message.string("role").filter(|role| !role.is_empty());
        }
        if let Some(Json::Text(plan)) = message.take("tool_plan") {
            keep.push(&mut self.plan, plan);
        }
    }

    /// Reads the start of a block of content, or all of one.
    pub(super) fn start(&mut self, index: u64, block: Json<'_>, keep: &mut Keep) {
        if self.blocks.len() >= MAX_BLOCKS || !keep.piece(0) {
            return keep.refuse();
        }
        let mut text = BoundedText::new();
        let block = match block {
            Json::Text(piece) => {
                keep.push(&mut text, piece);
                Block::Text(text)
            }
            mut stated => match stated.text("type").unwrap_or("text") {
                kind @ ("text" | "thinking") => {
                    let is_text = kind == "text";
                    let name = if is_text { "text" } else { "thinking" };
                    if let Some(Json::Text(piece)) = stated.take(name) {
                        keep.push(&mut text, piece);
                    }
                    if is_text {
                        Block::Text(text)
                    } else {
                        Block::Thinking(text)
                    }
                }
                _ => {
                    let Some(part) = parts::part(stated) else {
                        return;
                    };
                    if !keep.piece(part.weight()) {
                        return;
                    }
                    Block::Other(part)
                }
            },
        };
        let at = self.blocks.partition_point(|(seen, _)| *seen <= index);
        self.blocks.insert(at, (index, block));
    }

    /// Reads a piece of a block of content; of one that did not start, it is the start.
    pub(super) fn grow(&mut self, index: Option<u64>, mut piece: Json<'_>, keep: &mut Keep) {
        let newest = match index {
            Some(index) => self.blocks.iter().rposition(|(seen, _)| *seen == index),
            None => self.blocks.len().checked_sub(1),
        };
        let block = newest.and_then(|at| self.blocks.get_mut(at));
        match block.map(|(_, block)| block) {
            Some(Block::Text(text)) => {
                if let Some(Json::Text(piece)) = piece.take("text") {
                    keep.push(text, piece);
                }
            }
            Some(Block::Thinking(text)) => {
                if let Some(Json::Text(piece)) = piece.take("thinking") {
                    keep.push(text, piece);
                }
            }
            Some(Block::Other(_)) => {}
            None => {
                if piece.get("type").is_none() && piece.get("thinking").is_some() {
                    piece = Json::Object(vec![
                        ("type".into(), Json::Text("thinking".into())),
                        (
                            "thinking".into(),
                            piece.take("thinking").unwrap_or(Json::Null),
                        ),
                    ]);
                }
                self.start(index.unwrap_or(0), piece, keep);
            }
        }
    }

    /// Reads a tool call or a piece of one.
    pub(super) fn call(&mut self, index: Option<u64>, mut call: Json<'_>, keep: &mut Keep) {
        let mut function = call.take("function").unwrap_or(Json::Null);
        let arguments = function.take("arguments");
        let (id, name) = (call.text("id"), function.text("name"));
        if id.is_some() || name.is_some() || arguments.is_some() {
            let index = Some(index.unwrap_or(0));
            self.calls.read_call(index, id, name, arguments, keep);
        }
    }

    /// Reads what a part of the text is said to be founded on.
    pub(super) fn cite(&mut self, citation: Json<'_>, keep: &mut Keep) {
        match citation {
            Json::List(citations) => {
                for citation in citations {
                    self.cite(citation, keep);
                }
            }
            Json::Object(_) => {
                let citation = citation.into_value();
                if keep.piece(citation.weight()) {
                    self.citations.push(citation);
                }
            }
            _ => {}
        }
    }

    pub(super) fn role(&self) -> Option<&str> {
        self.role.as_deref()
    }

    pub(super) fn into_parts(self) -> Vec<Part> {
        let stated = |text: BoundedText| (!text.is_empty()).then(|| text.into_string());
        let mut parts: Vec<Part> = stated(self.plan).map(Part::Reasoning).into_iter().collect();
        parts.extend(
            self.blocks
                .into_iter()
                .filter_map(|(_, block)| match block {
                    Block::Text(text) => stated(text).map(Part::Text),
                    Block::Thinking(text) => stated(text).map(Part::Reasoning),
                    Block::Other(part) => Some(part),
                }),
        );
        parts.extend(self.calls.into_parts());
        parts.extend(list("citations", self.citations));
        parts
    }
}

/// Makes a part of what belongs to an answer and has no part of its own; `None` where there is nothing.
pub(super) fn list(name: &str, items: Vec<Value>) -> Option<Part> {
    let part = |items| {
        Part::Generic(Generic {
            kind: name.to_owned(),
            members: vec![(name.to_owned(), Value::Array(items))],
        })
    };
    (!items.is_empty()).then(|| part(items))
}
