//! JSON as it stands in a buffer: read once, borrowed where possible, kept in order.

mod build;
mod cut;
mod visit;

use std::borrow::Cow;

use genspan::Value;

use self::cut::{drop_doubtful, drop_half_word, is_last_text_open, open_brackets};
use super::{Passing, complete, lossy};

/// The values that are kept of one document; what follows them is read over, so that no document costs much more
/// memory than it has bytes.
const MAX_VALUES: usize = 1 << 20;

/// The members of a choice that outweigh all others by far and are nobody's telemetry.
fn is_passed_over(depth: usize, key: &str) -> bool {
    depth == 2 && matches!(key, "logprobs" | "logprobsResult")
}

/// Holds a JSON value whose texts are borrowed from the document where they contain no escapes.
///
/// Providers answer with fields that are missing, `null` or of another type than documented; every look at a value
/// therefore gives an `Option`, and no oddity of one field costs another.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Json<'a> {
    /// `null`.
    Null,
    /// A truth value.
    Bool(bool),
    /// A whole number that fits 64 bits with sign.
    Int(i64),
    /// Any other number.
    Double(f64),
    /// A text.
    Text(Cow<'a, str>),
    /// A list.
    List(Vec<Self>),
    /// Named members in their order.
    Object(Vec<(Cow<'a, str>, Self)>),
}

/// What reading a document gave.
#[derive(Debug, PartialEq)]
pub(crate) enum Reading {
    /// All of it.
    Whole,
    /// What preceded its end or an error in it.
    Part,
    /// All of its structure, but only as many of its values as are kept of one document.
    Cut,
    /// Nothing.
    Nothing,
}

/// Reads a document, or as much of it as there is, and hands it to `then`.
pub(crate) fn read<R>(bytes: &[u8], then: impl FnOnce(Reading, Json<'_>) -> R) -> R {
    read_passing(bytes, Passing::Nothing, then)
}

/// Reads a document as [`read`] does, but for what is passed over; of a document that is not whole, all is read.
pub(crate) fn read_passing<R>(
    bytes: &[u8],
    passing: Passing,
    then: impl FnOnce(Reading, Json<'_>) -> R,
) -> R {
    let text = lossy(bytes);
    if let Some(json) = build::parse(&text, passing) {
        return then(Reading::Whole, json);
    }
    if let Some((json, all)) = visit::parse(&text) {
        return then(if all { Reading::Whole } else { Reading::Cut }, json);
    }
    let completed = complete(bytes);
    let completed = completed.as_deref().unwrap_or_default();
    match visit::parse(completed) {
        // An escaped half of a surrogate pair makes a document unreadable to the parser without making it incomplete.
        Some((json, true)) if ends_alike(&text, completed) => then(Reading::Whole, json),
        Some((mut json, _)) => {
            if is_last_text_open(&text, completed) {
                drop_half_word(&mut json);
            }
            drop_doubtful(&mut json, open_brackets(&text, completed));
            then(Reading::Part, json)
        }
        None => then(Reading::Nothing, Json::Null),
    }
}

/// Whether a completed text has all of the original: it differs in replaced escapes alone, which are as long as what
/// they replace.
fn ends_alike(text: &str, completed: &str) -> bool {
    const REPLACED: &[u8] = b"\\ufffd";
    let (mut text, mut completed) = (
        text.trim_ascii_end().as_bytes(),
        completed.trim_ascii_end().as_bytes(),
    );
    while let ([one, text_rest @ ..], [other, completed_rest @ ..]) = (text, completed) {
        if one == other {
            (text, completed) = (text_rest, completed_rest);
        } else {
            return false;
        }
        if let Some(rest) = completed.strip_prefix(REPLACED) {
            (text, completed) = (text.get(REPLACED.len()..).unwrap_or_default(), rest);
        }
    }
    text.is_empty() && completed.is_empty()
}

impl<'a> Json<'a> {
    /// Finds a member that is not `null`; of equal names the last one counts, as for most parsers.
    pub(crate) fn get(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(members) => {
                let found = members
                    .iter()
                    .rev()
                    .find(|(key, _)| key == name)
                    .map(|(_, value)| value);
                found.filter(|value| !value.is_null())
            }
            _ => None,
        }
    }

    pub(crate) fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    pub(crate) fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            _ => None,
        }
    }

    pub(crate) fn as_f64(&self) -> Option<f64> {
        match self {
            #[allow(
                clippy::cast_precision_loss,
                reason = "settings such as a temperature are small numbers"
            )]
            Self::Int(value) => Some(*value as f64),
            Self::Double(value) => Some(*value),
            _ => None,
        }
    }

    pub(crate) fn as_i64(&self) -> Option<i64> {
        match self {
            Self::Int(value) => Some(*value),
            // Some servers write counts as `12.0`.
            #[allow(clippy::cast_possible_truncation, reason = "the range is checked")]
            Self::Double(value) if value.fract() == 0.0 && value.abs() < 9.0e15 => {
                Some(*value as i64)
            }
            _ => None,
        }
    }

    pub(crate) fn as_u64(&self) -> Option<u64> {
        self.as_i64().and_then(|value| u64::try_from(value).ok())
    }

    /// Gives the items of a list, and none of anything else.
    pub(crate) fn items(&self) -> &[Self] {
        match self {
            Self::List(items) => items,
            _ => &[],
        }
    }

    /// Gives the members of an object, and none of anything else.
    pub(crate) fn members(&self) -> &[(Cow<'a, str>, Self)] {
        match self {
            Self::Object(members) => members,
            _ => &[],
        }
    }

    /// Gives the members of an object, and none of anything else.
    pub(crate) fn into_members(self) -> Vec<(Cow<'a, str>, Self)> {
        match self {
            Self::Object(members) => members,
            _ => Vec::new(),
        }
    }

    /// Finds a text member.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(Self::as_str)
    }

    /// Finds a text member and copies it.
    pub(crate) fn string(&self, name: &str) -> Option<String> {
        self.text(name).map(str::to_owned)
    }

    /// Tells whether there is nothing in it: `null`, an empty text, list or object.
    pub(crate) fn is_empty(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Text(text) => text.is_empty(),
            Self::List(items) => items.is_empty(),
            Self::Object(members) => members.is_empty(),
            _ => false,
        }
    }

    /// Takes out a member that is not `null` and leaves `null` behind; of equal names the last one counts.
    pub(crate) fn take(&mut self, name: &str) -> Option<Self> {
        let Self::Object(members) = self else {
            return None;
        };
        let (_, value) = members.iter_mut().rev().find(|(key, _)| key == name)?;
        let value = std::mem::replace(value, Self::Null);
        (!value.is_null()).then_some(value)
    }

    /// Gives the items of a list, and none of anything else.
    pub(crate) fn into_items(self) -> Vec<Self> {
        match self {
            Self::List(items) => items,
            _ => Vec::new(),
        }
    }

    /// Takes out a member's items, of which there are none where it is no list.
    pub(crate) fn take_items(&mut self, name: &str) -> Vec<Self> {
        self.take(name).map_or_else(Vec::new, Self::into_items)
    }

    /// Makes it a value of the recorder's model.
    pub(crate) fn into_value(self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Bool(value) => Value::Bool(value),
            Self::Int(value) => Value::Int(value),
            Self::Double(value) => Value::Double(value),
            Self::Text(text) => Value::String(text.into_owned()),
            Self::List(items) => Value::Array(items.into_iter().map(Self::into_value).collect()),
            Self::Object(members) => Value::Map(
                members
                    .into_iter()
                    .map(|(key, value)| (key.into_owned(), value.into_value()))
                    .collect(),
            ),
        }
    }

    /// Copies the value into the recorder's model.
    pub(crate) fn to_value(&self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Bool(value) => Value::Bool(*value),
            Self::Int(value) => Value::Int(*value),
            Self::Double(value) => Value::Double(*value),
            Self::Text(text) => Value::from(text.as_ref()),
            Self::List(items) => Value::Array(items.iter().map(Self::to_value).collect()),
            Self::Object(members) => Value::Map(values(members.iter())),
        }
    }

    /// Copies the members whose names are not among `except`.
    pub(crate) fn members_except(&self, except: &[&str]) -> Vec<(String, Value)> {
        values(
            self.members()
                .iter()
                .filter(|(key, _)| !except.contains(&key.as_ref())),
        )
    }
}

impl From<Value> for Json<'_> {
    fn from(value: Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(value),
            Value::Int(value) => Self::Int(value),
            Value::Double(value) => Self::Double(value),
            Value::String(text) => Self::Text(Cow::Owned(text)),
            Value::Array(items) => Self::List(items.into_iter().map(Self::from).collect()),
            Value::Map(members) => Self::Object(
                members
                    .into_iter()
                    .map(|(key, value)| (Cow::Owned(key), Self::from(value)))
                    .collect(),
            ),
        }
    }
}

fn values<'j, 'a: 'j>(
    members: impl Iterator<Item = &'j (Cow<'a, str>, Json<'a>)>,
) -> Vec<(String, Value)> {
    members
        .map(|(key, value)| (key.clone().into_owned(), value.to_value()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(bytes: &[u8]) -> (Reading, String) {
        read(bytes, |reading, json| (reading, json.to_value().to_json()))
    }

    #[test]
    fn what_is_there_is_read_and_the_rest_is_told() {
        let whole = r#"{"a":[1,-2.5,true,null],"b":"x\ny"}"#;
        assert_eq!(
            reading(whole.as_bytes()),
            (Reading::Whole, whole.to_owned())
        );
        assert_eq!(
            reading(br#"{"a":"x","b":[1,"#),
            (Reading::Part, r#"{"a":"x","b":[1]}"#.to_owned())
        );
        assert_eq!(reading(b"<html>"), (Reading::Nothing, "null".to_owned()));
        assert_eq!(reading(b""), (Reading::Nothing, "null".to_owned()));
    }

    #[test]
    fn half_a_surrogate_pair_leaves_the_document_whole() {
        let (reading, json) = reading(br#" {"a":"x\ud83dy"} "#);
        assert_eq!(
            (reading, json.as_str()),
            (Reading::Whole, "{\"a\":\"x\u{FFFD}y\"}")
        );
    }

    #[test]
    fn a_part_that_is_as_long_as_its_completion_is_no_whole() {
        assert_eq!(reading(br#"{""#), (Reading::Part, "{}".to_owned()));
    }

    #[test]
    fn a_document_of_too_many_values_is_read_in_part() {
        let long = format!("{{\"a\":[{}1],\"b\":2}}", "1,".repeat(MAX_VALUES));
        read(long.as_bytes(), |reading, json| {
            assert_eq!(reading, Reading::Cut);
            assert!(json.get("a").unwrap().items().len() < MAX_VALUES);
        });
    }

    #[test]
    fn probabilities_of_tokens_are_passed_over_in_choices_only() {
        let (_, json) =
            reading(br#"{"logprobs":1,"choices":[{"logprobs":{"content":[1]},"index":0}]}"#);
        assert_eq!(json, r#"{"logprobs":1,"choices":[{"index":0}]}"#);
    }

    #[test]
    fn a_null_member_is_none_and_a_count_may_be_written_as_a_double() {
        read(br#"{"a":null,"n":12.0,"m":-1,"a2":{}}"#, |_, json| {
            assert_eq!(json.get("a"), None);
            assert_eq!(json.get("n").unwrap().as_u64(), Some(12));
            assert_eq!(json.get("m").unwrap().as_u64(), None);
            assert!(json.get("a2").unwrap().is_empty());
        });
    }
}
