//! Members of a block, taken out one by one, whatever their types turn out to be.

use std::borrow::Cow;

use genspan::Value;

use crate::{
    bounded::{BoundedText, DEFAULT_LIMIT},
    json::{Json, complete},
};

/// Holds a block's members of which some are taken; a member of another type than asked for is as if absent.
#[derive(Clone, Debug, Default)]
pub(super) struct Members<'a> {
    list: Vec<(Cow<'a, str>, Json<'a>)>,
    /// The texts were bounded as they came, and bounding them again would cut what tells of it.
    is_bounded: bool,
}

impl<'a> Members<'a> {
    /// Takes members as they were sent.
    pub(super) const fn new(list: Vec<(Cow<'a, str>, Json<'a>)>) -> Self {
        Self {
            list,
            is_bounded: false,
        }
    }

    /// Takes members that were copied.
    pub(super) fn of(list: Vec<(String, Value)>) -> Self {
        let list = list
            .into_iter()
            .map(|(name, value)| (Cow::Owned(name), Json::from(value)));
        Self::new(list.collect())
    }

    /// Takes members whose texts are bounded already.
    pub(super) fn bounded(list: Vec<(String, Value)>) -> Self {
        Self {
            is_bounded: true,
            ..Self::of(list)
        }
    }

    /// Takes an object out; anything else has no members.
    pub(super) fn object(&mut self, name: &str) -> Self {
        let list = match self.take(name) {
            Some(Json::Object(list)) => list,
            _ => Vec::new(),
        };
        Self {
            list,
            is_bounded: self.is_bounded,
        }
    }

    /// Takes a member out; `null` is as good as absent, and of equal names the last one counts.
    pub(super) fn take(&mut self, name: &str) -> Option<Json<'a>> {
        let at = self.list.iter().rposition(|(key, _)| key == name)?;
        let (_, value) = self.list.remove(at);
        self.list.retain(|(key, _)| key != name);
        (!value.is_null()).then_some(value)
    }

    /// Takes a text out, whole.
    pub(super) fn text(&mut self, name: &str) -> Option<String> {
        match self.take(name)? {
            Json::Text(text) => Some(text.into_owned()),
            _ => None,
        }
    }

    /// Takes a text out, with beginning and end of one that is too long.
    pub(super) fn bounded_text(&mut self, name: &str) -> Option<String> {
        let text = self.text(name)?;
        Some(if self.is_bounded {
            text
        } else {
            bounded_text(text)
        })
    }

    /// Takes a member out as it was sent, its texts bounded.
    pub(super) fn bounded_value(&mut self, name: &str) -> Option<Value> {
        let value = self.take(name)?.into_value();
        Some(if self.is_bounded {
            value
        } else {
            bounded_value(value)
        })
    }

    /// Takes a tool's arguments out.
    pub(super) fn arguments(&mut self, name: &str) -> Option<Value> {
        let value = self.take(name)?.into_value();
        Some(if self.is_bounded {
            value
        } else {
            bounded_arguments(value)
        })
    }

    /// Takes a list out, without what only the provider can read.
    pub(super) fn recordable_list(&mut self, name: &str) -> Vec<Value> {
        match self.take(name) {
            Some(Json::List(items)) => items
                .into_iter()
                .map(|item| self.recordable(item.into_value()))
                .collect(),
            _ => Vec::new(),
        }
    }

    /// Gives the members that are left, without what only the provider can read.
    pub(super) fn into_recordable(mut self) -> Vec<(String, Value)> {
        let list = std::mem::take(&mut self.list);
        list.into_iter()
            .filter(|(key, _)| !is_opaque(key))
            .map(|(key, value)| (key.into_owned(), self.recordable(value.into_value())))
            .collect()
    }

    fn recordable(&self, value: Value) -> Value {
        if self.is_bounded {
            without_opaque(value)
        } else {
            bounded_value(without_opaque(value))
        }
    }

    /// Sets a member that is not there.
    pub(super) fn put(&mut self, name: &'static str, value: Value) {
        self.list.push((Cow::Borrowed(name), value.into()));
    }
}

/// Whether a member means something to the provider alone: sealed data, seals, and what is to be cached.
pub(super) fn is_opaque(key: &str) -> bool {
    key == "signature" || key == "cache_control" || key.starts_with("encrypted_")
}

fn without_opaque(value: Value) -> Value {
    match value {
        Value::Map(members) => {
            let members = members.into_iter().filter(|(key, _)| !is_opaque(key));
            Value::Map(
                members
                    .map(|(key, value)| (key, without_opaque(value)))
                    .collect(),
            )
        }
        Value::Array(items) => Value::Array(items.into_iter().map(without_opaque).collect()),
        other => other,
    }
}

/// Bounds the texts in a value.
pub(crate) fn bounded_value(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(bounded_text(text)),
        Value::Array(items) => Value::Array(items.into_iter().map(bounded_value).collect()),
        Value::Map(members) => Value::Map(
            members
                .into_iter()
                .map(|(key, value)| (key, bounded_value(value)))
                .collect(),
        ),
        other => other,
    }
}

pub(crate) fn bounded_text(text: String) -> String {
    if text.len() <= DEFAULT_LIMIT {
        return text;
    }
    let mut bounded = BoundedText::new();
    bounded.push_str(&text);
    bounded.into_string()
}

/// Bounds arguments as their text would be if it came in pieces.
pub(crate) fn bounded_arguments(arguments: Value) -> Value {
    // What weighs less than the limit is no longer than it, up to escapes, each of at most six bytes for one.
    if arguments.weight() <= DEFAULT_LIMIT / 6 {
        return arguments;
    }
    let text = arguments.to_json();
    if text.len() <= DEFAULT_LIMIT {
        return arguments;
    }
    let mut bounded = BoundedText::new();
    bounded.push_str(&text);
    arguments_of(bounded)
}

/// Reads the text of a tool's arguments; of one that is too long, as much as its beginning holds.
pub(crate) fn arguments_of(text: BoundedText) -> Value {
    if text.is_cut()
        && let Some(beginning) = complete(text.head().as_bytes())
    {
        return Value::from_json_or_text(&beginning);
    }
    Value::from_json_or_text(&text.into_string())
}
