//! Messages between the conventions' values and what dialects make of them.

use genspan::{FinishReason, Value, semconv::attribute as key};

use crate::Attributes;

/// Holds a message as the conventions shape it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Message {
    pub(crate) role: String,
    pub(crate) parts: Vec<Part>,
    /// Members beside role and parts, such as `name` and `finish_reason`.
    pub(crate) others: Vec<(String, Value)>,
}

/// Holds a part of a message; what has no variant stays as it was.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Part {
    Text(String),
    Reasoning(String),
    ToolCall {
        id: Option<String>,
        name: String,
        arguments: Value,
    },
    ToolCallResponse {
        id: Option<String>,
        response: Value,
    },
    Other(Value),
}

/// Reads messages; `None` where the value is no list of messages.
pub(crate) fn messages(value: &Value) -> Option<Vec<Message>> {
    let Value::Array(items) = value else {
        return None;
    };
    items.iter().map(message).collect()
}

/// Writes messages as the conventions shape them.
pub(crate) fn value(messages: Vec<Message>) -> Value {
    Value::Array(messages.into_iter().map(Message::into_value).collect())
}

/// Reads the parts of a message or of instructions; `None` where the value is no list.
pub(crate) fn parts(value: &Value) -> Option<Vec<Part>> {
    let Value::Array(items) = value else {
        return None;
    };
    Some(items.iter().map(part).collect())
}

/// Gives what a span says was asked, the instructions first as a message of the role `system`.
pub(crate) fn asked(attributes: &Attributes) -> Vec<Message> {
    let mut list = of(attributes, key::GEN_AI_INPUT_MESSAGES);
    let instructions = attributes
        .structured(key::GEN_AI_SYSTEM_INSTRUCTIONS)
        .and_then(|value| parts(&value));
    if let Some(parts) = instructions {
        let instructions = Message {
            role: "system".to_owned(),
            parts,
            others: Vec::new(),
        };
        list.insert(0, instructions);
    }
    list
}

/// Gives what a span says was answered.
pub(crate) fn answered(attributes: &Attributes) -> Vec<Message> {
    of(attributes, key::GEN_AI_OUTPUT_MESSAGES)
}

/// Gives the messages under a key; none where they are no messages.
fn of(attributes: &Attributes, key: &str) -> Vec<Message> {
    attributes
        .structured(key)
        .and_then(|value| messages(&value))
        .unwrap_or_default()
}

/// Reads a message; `None` where the value is none.
pub(crate) fn message(value: &Value) -> Option<Message> {
    let Value::Map(members) = value else {
        return None;
    };
    let others = members
        .iter()
        .filter(|(name, _)| !matches!(name.as_str(), "role" | "parts"));
    Some(Message {
        role: value.get("role")?.as_str()?.to_owned(),
        parts: parts(value.get("parts")?)?,
        others: others.cloned().collect(),
    })
}

fn part(value: &Value) -> Part {
    let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    // A part with members that its variant has no room for stays as it was.
    let has_only = |known: &[&str]| match value {
        Value::Map(members) => members
            .iter()
            .all(|(name, _)| name == "type" || known.contains(&name.as_str())),
        _ => false,
    };
    let known =
        match text("type").as_deref() {
            Some("text") if has_only(&["content"]) => text("content").map(Part::Text),
            Some("reasoning") if has_only(&["content"]) => text("content").map(Part::Reasoning),
            Some("tool_call") if has_only(&["id", "name", "arguments"]) => {
                text("name").map(|name| Part::ToolCall {
                    id: text("id"),
                    name,
                    arguments: value.get("arguments").cloned().unwrap_or_default(),
                })
            }
            Some("tool_call_response") if has_only(&["id", "response"]) => value
                .get("response")
                .map(|response| Part::ToolCallResponse {
                    id: text("id"),
                    response: response.clone(),
                }),
            _ => None,
        };
    known.unwrap_or_else(|| Part::Other(value.clone()))
}

impl Message {
    /// Makes a message of parts alone.
    pub(crate) fn new(role: &str, parts: Vec<Part>) -> Self {
        Self {
            role: role.to_owned(),
            parts,
            others: Vec::new(),
        }
    }

    /// Makes a message of a text.
    pub(crate) fn text(role: &str, text: &str) -> Self {
        Self::new(role, vec![Part::Text(text.to_owned())])
    }

    /// States why the model stopped, in the conventions' word for a provider's.
    pub(crate) fn with_reason(mut self, reason: Option<&str>) -> Self {
        if let Some(reason) = reason {
            let known = FinishReason::from_provider(reason);
            let known = Value::from(known.as_str());
            self.others.push(("finish_reason".to_owned(), known));
        }
        self
    }

    /// Gives a member beside role and parts that is a text.
    pub(crate) fn other(&self, name: &str) -> Option<&str> {
        let found = self.others.iter().find(|(known, _)| known == name);
        found.and_then(|(_, value)| value.as_str())
    }

    pub(crate) fn into_value(self) -> Value {
        let parts = self.parts.into_iter().map(Part::into_value).collect();
        let mut members = vec![
            ("role".to_owned(), Value::String(self.role)),
            ("parts".to_owned(), Value::Array(parts)),
        ];
        members.extend(self.others);
        Value::Map(members)
    }
}

impl Part {
    /// Gives a call of a tool, or its answer, this id.
    pub(crate) fn with_id(mut self, known: Option<String>) -> Self {
        if let Self::ToolCall { id, .. } | Self::ToolCallResponse { id, .. } = &mut self {
            *id = known;
        }
        self
    }

    pub(crate) fn into_value(self) -> Value {
        let map = |kind: &str, members: Vec<(&str, Option<Value>)>| {
            let mut map = vec![("type".to_owned(), Value::from(kind))];
            map.extend(
                members
                    .into_iter()
                    .filter_map(|(name, value)| Some((name.to_owned(), value?))),
            );
            Value::Map(map)
        };
        match self {
            Self::Text(text) => map("text", vec![("content", Some(Value::String(text)))]),
            Self::Reasoning(text) => map("reasoning", vec![("content", Some(Value::String(text)))]),
            Self::ToolCall {
                id,
                name,
                arguments,
            } => map(
                "tool_call",
                vec![
                    ("id", id.map(Value::String)),
                    ("name", Some(Value::String(name))),
                    ("arguments", (!arguments.is_null()).then_some(arguments)),
                ],
            ),
            Self::ToolCallResponse { id, response } => map(
                "tool_call_response",
                vec![("id", id.map(Value::String)), ("response", Some(response))],
            ),
            Self::Other(value) => value,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_come_back_as_they_were() {
        let json = r#"[{"role":"user","parts":[{"type":"text","content":"Hi"},{"type":"blob","modality":"image","content":""}],"name":"Ann"},{"role":"assistant","parts":[{"type":"tool_call","id":"a","name":"f","arguments":{"x":1}},{"type":"tool_call","name":"g"},{"type":"text","content":"t","signature":"s"}],"finish_reason":"stop"},{"role":"tool","parts":[{"type":"tool_call_response","id":"a","response":[1]}]}]"#;
        let before = Value::from_json(json).unwrap();
        let read = messages(&before).unwrap();
        assert_eq!(read[0].other("name"), Some("Ann"));
        assert_eq!(value(read).to_json(), json);
    }

    #[test]
    fn what_is_no_conversation_is_none() {
        for json in ["{}", "[1]", r#"[{"role":"user"}]"#, r#"[{"parts":[]}]"#] {
            assert_eq!(messages(&Value::from_json(json).unwrap()), None, "{json}");
        }
    }
}
