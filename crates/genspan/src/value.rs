//! Structured values of attributes and content.

mod halves;
mod json;
pub(crate) mod serialize;
pub(crate) mod write;

use serde::{Serialize, Serializer, ser::SerializeMap};

/// Holds anything an attribute or a piece of content can be.
///
/// Members of a [`Value::Map`] keep the order in which they were stated, so the same input always
/// renders to the same bytes, whatever features other crates switch on in their JSON library.
///
/// ```
/// use genspan::Value;
///
/// let arguments = Value::from_json(r#"{"city":"Paris","days":3}"#).unwrap();
/// assert_eq!(arguments.get("city"), Some(&Value::from("Paris")));
/// assert_eq!(arguments.to_json(), r#"{"city":"Paris","days":3}"#);
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    /// States that there is no value, as JSON's `null` does.
    #[default]
    Null,
    /// A truth value.
    Bool(bool),
    /// A whole number that fits 64 bits with sign.
    Int(i64),
    /// Any other number.
    Double(f64),
    /// A text.
    String(String),
    /// An ordered list.
    Array(Vec<Self>),
    /// Named members in the order in which they were stated.
    Map(Vec<(String, Self)>),
}

impl Value {
    /// Finds the member of a map by name; of equal names the first one counts.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Map(members) => members
                .iter()
                .find(|(key, _)| key == name)
                .map(|(_, value)| value),
            _ => None,
        }
    }

    /// Gives the text of a string value.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// Tells whether this is [`Value::Null`].
    #[must_use]
    pub const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Estimates the bytes this value holds in memory, for bounds on queues.
    #[must_use]
    pub fn weight(&self) -> usize {
        let own = size_of::<Self>();
        own + match self {
            Self::String(text) => text.len(),
            Self::Array(items) => items.iter().map(Self::weight).sum(),
            Self::Map(members) => members
                .iter()
                .map(|(key, value)| key.len() + value.weight())
                .sum(),
            _ => 0,
        }
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Int(value) => serializer.serialize_i64(*value),
            Self::Double(value) => serializer.serialize_f64(*value),
            Self::String(value) => serializer.serialize_str(value),
            Self::Array(items) => serializer.collect_seq(items),
            Self::Map(members) => {
                let mut map = serializer.serialize_map(Some(members.len()))?;
                for (key, value) in members {
                    map.serialize_entry(key, value)?;
                }
                map.end()
            }
        }
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<u64> for Value {
    /// Keeps numbers beyond 63 bits as doubles, since OTLP integers carry a sign.
    fn from(value: u64) -> Self {
        #[allow(
            clippy::cast_precision_loss,
            reason = "only beyond 2^63, where a double is the nearest we have"
        )]
        i64::try_from(value).map_or(Self::Double(value as f64), Self::Int)
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self::Double(value)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::String(value.to_owned())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::String(value)
    }
}

impl<T: Into<Self>> From<Vec<T>> for Value {
    fn from(items: Vec<T>) -> Self {
        Self::Array(items.into_iter().map(Into::into).collect())
    }
}
