//! Calls of tools that a model asks for, whole or piece by piece.

use genspan::{Part, ToolCallRequest, Value};

use super::quick;
use crate::format::keep::Keep;
use crate::{
    bounded::BoundedText,
    json::{Json, Reading, read},
};

/// The calls that are kept of one message.
const MAX_CALLS: usize = 1024;

/// The bytes of arguments that are looked at, maybe at every piece, to tell whether they are complete.
const MAX_LOOKED_AT: u64 = 64 * 1024;

/// Gathers the calls of one message, in the order of their indices.
#[derive(Clone, Debug, Default)]
pub(in crate::format) struct ToolCalls {
    calls: Vec<Call>,
}

#[derive(Clone, Debug)]
struct Call {
    /// `None` is the one call that a message could have before there were several.
    index: Option<u64>,
    id: Option<String>,
    name: String,
    arguments: Arguments,
}

#[derive(Clone, Debug)]
enum Arguments {
    Text(BoundedText),
    /// Some send an object in place of its text.
    Value(Value),
}

impl ToolCalls {
    /// Reads the calls of a message or of a piece of one.
    pub(super) fn read(&mut self, said: &mut Json<'_>, keep: &mut Keep) {
        for (position, mut call) in (0..).zip(said.take_items("tool_calls")) {
            let index = call.get("index").and_then(Json::as_u64).unwrap_or(position);
            let function = call.take("function").or_else(|| call.take("custom"));
            let mut function = function.unwrap_or(Json::Null);
            let arguments = arguments(&mut function);
            let id = call.text("id");
            self.read_call(Some(index), id, function.text("name"), arguments, keep);
        }
        if let Some(mut function) = said.take("function_call") {
            let arguments = arguments(&mut function);
            self.read_call(None, None, function.text("name"), arguments, keep);
        }
    }

    /// Reads a piece of one call.
    pub(super) fn read_quick(&mut self, call: quick::Call<'_>, keep: &mut Keep) {
        let index = call.index.unwrap_or(0);
        let arguments = call.arguments.map(Json::Text);
        let (id, name) = (call.id.as_deref(), call.name.as_deref());
        self.read_call(Some(index), id, name, arguments, keep);
    }

    /// Reads a call or a piece of one; arguments that are no text stand for all that came before.
    pub(in crate::format) fn read_call(
        &mut self,
        index: Option<u64>,
        id: Option<&str>,
        name: Option<&str>,
        arguments: Option<Json<'_>>,
        keep: &mut Keep,
    ) {
        let id = id.filter(|id| !id.is_empty());
        let name = name.unwrap_or_default();
        let known = self
            .calls
            .iter()
            .rposition(|call| call.index == index && !call.is_followed_by(id, name));
        let at = match known {
            Some(at) => at,
            None if self.calls.len() < MAX_CALLS && keep.piece(name.len()) => {
                let arguments = Arguments::Text(BoundedText::new());
                self.calls.push(Call {
                    index,
                    id: None,
                    name: String::new(),
                    arguments,
                });
                self.calls.len() - 1
            }
            None => return keep.refuse(),
        };
        let Some(call) = self.calls.get_mut(at) else {
            return;
        };
        // Some send id and name again with every piece.
        if call.id.is_none() {
            call.id = id.map(str::to_owned);
        }
        if call.name.is_empty() {
            name.clone_into(&mut call.name);
        }
        match (&mut call.arguments, arguments) {
            (_, None) => {}
            (Arguments::Text(text), Some(Json::Text(piece))) => keep.push(text, piece),
            (arguments, Some(value)) => {
                let value = value.into_value();
                if keep.piece(value.weight()) {
                    *arguments = Arguments::Value(value);
                }
            }
        }
    }

    pub(in crate::format) const fn is_empty(&self) -> bool {
        self.calls.is_empty()
    }

    pub(in crate::format) fn into_parts(mut self) -> impl Iterator<Item = Part> {
        self.calls.sort_by_key(|call| call.index);
        self.calls.into_iter().map(|call| {
            Part::ToolCallRequest(ToolCallRequest {
                id: call.id,
                name: call.name,
                arguments: call.arguments.into_value(),
            })
        })
    }
}

impl Call {
    /// Tells whether a piece begins another call under the same index, as servers send that number all calls 0: it has
    /// an id of its own and a name, and these arguments are complete.
    fn is_followed_by(&self, id: Option<&str>, name: &str) -> bool {
        let is_other =
            !name.is_empty() && id.is_some() && self.id.is_some() && self.id.as_deref() != id;
        is_other && self.arguments.are_complete()
    }
}

impl Arguments {
    fn are_complete(&self) -> bool {
        match self {
            Self::Text(text) => {
                let bytes = text.head().as_bytes();
                let may_be =
                    text.len_seen() <= MAX_LOOKED_AT && bytes.trim_ascii_end().ends_with(b"}");
                may_be && read(bytes, |reading, _| reading == Reading::Whole)
            }
            Self::Value(_) => true,
        }
    }

    fn into_value(self) -> Value {
        let text = match self {
            Self::Text(text) if text.is_empty() => return Value::Null,
            Self::Text(text) => text.into_string(),
            Self::Value(value) => return value,
        };
        value(text)
    }
}

/// Takes out what a function is called with.
fn arguments<'a>(function: &mut Json<'a>) -> Option<Json<'a>> {
    let arguments = function.take("arguments");
    arguments.or_else(|| function.take("input"))
}

/// Reads arguments: an object or a list; anything else stays the text that the model wrote.
pub(in crate::format) fn value(text: String) -> Value {
    let parsed = read(text.as_bytes(), |reading, json| {
        let is_structure = matches!(json, Json::List(_) | Json::Object(_));
        (reading == Reading::Whole && is_structure).then(|| json.into_value())
    });
    parsed.unwrap_or(Value::String(text))
}
