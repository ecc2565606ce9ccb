//! JSON as it stands in a buffer: read once, borrowed where possible, kept in order.

mod cut;

use std::{borrow::Cow, cell::Cell, fmt};

use genspan::Value;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use self::cut::{drop_half_word, is_last_text_open};
use super::{complete, lossy};

/// The values that are kept of one document; what follows them is read over, so that no document costs much more
/// memory than it has bytes.
const MAX_VALUES: usize = 1 << 20;

/// The member name under which `serde_json` hands out numbers once any crate of the build switches its
/// `arbitrary_precision` feature on.
const ARBITRARY_NUMBER: &str = "$serde_json::private::Number";

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
pub(crate) fn read<R>(bytes: &[u8], then: impl FnOnce(Reading, &Json<'_>) -> R) -> R {
    let text = lossy(bytes);
    if let Some((json, all)) = parse(&text) {
        return then(if all { Reading::Whole } else { Reading::Cut }, &json);
    }
    let completed = complete(bytes);
    let completed = completed.as_deref().unwrap_or_default();
    match parse(completed) {
        // An escaped half of a surrogate pair makes a document unreadable to the parser without making it incomplete.
        Some((json, true)) if ends_alike(&text, completed) => then(Reading::Whole, &json),
        Some((mut json, _)) => {
            if is_last_text_open(&text, completed) {
                drop_half_word(&mut json);
            }
            then(Reading::Part, &json)
        }
        None => then(Reading::Nothing, &Json::Null),
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

/// Reads a document and tells whether all its values were kept.
fn parse(text: &str) -> Option<(Json<'_>, bool)> {
    let left = Cell::new(MAX_VALUES);
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let json = Tree {
        left: &left,
        depth: 0,
    }
    .deserialize(&mut deserializer)
    .ok()?;
    deserializer.end().ok()?;
    Some((json, left.get() > 0))
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

fn values<'j, 'a: 'j>(
    members: impl Iterator<Item = &'j (Cow<'a, str>, Json<'a>)>,
) -> Vec<(String, Value)> {
    members
        .map(|(key, value)| (key.clone().into_owned(), value.to_value()))
        .collect()
}

/// Builds a tree while there are values left to keep.
#[derive(Clone, Copy)]
struct Tree<'l> {
    left: &'l Cell<usize>,
    depth: usize,
}

impl Tree<'_> {
    fn inner(self) -> Self {
        Self {
            depth: self.depth.saturating_add(1),
            ..self
        }
    }

    /// The members of a choice that outweigh all others by far and are nobody's telemetry.
    fn is_passed_over(self, key: &str) -> bool {
        self.depth == 2 && key == "logprobs"
    }

    fn take(self) -> bool {
        let left = self.left.get();
        self.left.set(left.saturating_sub(1));
        left > 1
    }
}

impl<'de> DeserializeSeed<'de> for Tree<'_> {
    type Value = Json<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json<'de>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Tree<'_> {
    type Value = Json<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Json<'de>, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Json<'de>, E> {
        Ok(Json::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Json<'de>, E> {
        Ok(Json::Int(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Json<'de>, E> {
        #[allow(
            clippy::cast_precision_loss,
            reason = "only beyond 2^63, where a double is the nearest we have"
        )]
        Ok(i64::try_from(value).map_or(Json::Double(value as f64), Json::Int))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Json<'de>, E> {
        Ok(Json::Double(value))
    }

    fn visit_borrowed_str<E: Error>(self, value: &'de str) -> Result<Json<'de>, E> {
        Ok(Json::Text(Cow::Borrowed(value)))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Json<'de>, E> {
        Ok(Json::Text(Cow::Owned(value.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json<'de>, A::Error> {
        let mut list = Vec::new();
        while self.take() {
            match items.next_element_seed(self.inner())? {
                Some(item) => list.push(item),
                None => return Ok(Json::List(list)),
            }
        }
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Json::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Json<'de>, A::Error> {
        let mut object = Vec::new();
        while self.take() {
            let Some(Json::Text(key)) = members.next_key_seed(self)? else {
                return Ok(Json::Object(object));
            };
            if key == ARBITRARY_NUMBER {
                return Ok(number(&members.next_value::<Cow<'_, str>>()?));
            }
            if self.is_passed_over(&key) {
                members.next_value::<IgnoredAny>()?;
                continue;
            }
            object.push((key, members.next_value_seed(self.inner())?));
        }
        while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Json::Object(object))
    }
}

/// Reads the digits of a number as the nearest kind of number there is.
fn number(digits: &str) -> Json<'static> {
    let double = || digits.parse().map(Json::Double);
    digits
        .parse()
        .map(Json::Int)
        .or_else(|_| double())
        .unwrap_or(Json::Null)
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
