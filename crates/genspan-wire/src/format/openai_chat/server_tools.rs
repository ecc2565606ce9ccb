//! Tools that a provider ran itself while it answered, as Groq tells them.

use genspan::{Part, ServerToolCall, ServerToolCallResponse, Value};

use super::tool_calls;
use crate::{format::keep::Keep, json::Json};

/// The runs that are kept of one message.
const MAX_RUNS: usize = 256;

/// Gathers the runs of one message, in the order in which they were told.
#[derive(Clone, Debug, Default)]
pub(super) struct ServerTools {
    runs: Vec<Run>,
}

#[derive(Clone, Debug)]
struct Run {
    index: u64,
    /// A stream tells of a run when it begins and again when its result is there.
    members: Vec<(String, Value)>,
}

impl ServerTools {
    /// Reads the runs of a message or of a piece of one.
    pub(super) fn read(&mut self, said: &mut Json<'_>, keep: &mut Keep) {
        for (position, stated) in (0..).zip(said.take_items("executed_tools")) {
            let index = stated.get("index").and_then(Json::as_u64);
            let index = index.unwrap_or(position);
            let at = match self.runs.iter().position(|run| run.index == index) {
                Some(at) => at,
                None if self.runs.len() >= MAX_RUNS => return keep.refuse(),
                None => {
                    let members = Vec::new();
                    self.runs.push(Run { index, members });
                    self.runs.len() - 1
                }
            };
            if let Some(run) = self.runs.get_mut(at) {
                run.read(stated, keep);
            }
        }
    }

    pub(super) fn into_parts(self) -> impl Iterator<Item = Part> {
        self.runs.into_iter().flat_map(Run::into_parts)
    }
}

impl Run {
    fn read(&mut self, stated: Json<'_>, keep: &mut Keep) {
        for (name, value) in stated.into_members() {
            if value.is_empty() || name == "index" || !keep.piece(name.len()) {
                continue;
            }
            let value = value.into_value();
            if keep.take(value.weight()) {
                self.members.retain(|(seen, _)| *seen != name);
                self.members.push((name.into_owned(), value));
            }
        }
    }

    fn take(&mut self, name: &str) -> Option<Value> {
        let at = self.members.iter().position(|(seen, _)| seen == name)?;
        Some(self.members.remove(at).1)
    }

    /// Makes a call and, where there is one, its result, which is all else that is told.
    fn into_parts(mut self) -> impl Iterator<Item = Part> {
        let text = |value: Option<Value>| match value {
            Some(Value::String(text)) => Some(text),
            _ => None,
        };
        let (kind, name) = (text(self.take("type")), text(self.take("name")));
        let kind = kind.or_else(|| name.clone());
        let kind = kind.unwrap_or_else(|| "tool".to_owned());
        let arguments = self.take("arguments").map(|arguments| match arguments {
            Value::String(text) => tool_calls::value(text),
            other => other,
        });
        let call = Part::ServerToolCall(ServerToolCall {
            id: None,
            name: name.unwrap_or_else(|| kind.clone()),
            kind: kind.clone(),
            call: Value::Map(
                arguments
                    .map(|arguments| ("arguments".to_owned(), arguments))
                    .into_iter()
                    .collect(),
            ),
        });
        let result = (!self.members.is_empty()).then_some(self.members);
        let result = result.map(|members| {
            Part::ServerToolCallResponse(ServerToolCallResponse {
                id: None,
                kind,
                response: Value::Map(members),
            })
        });
        std::iter::once(call).chain(result)
    }
}
