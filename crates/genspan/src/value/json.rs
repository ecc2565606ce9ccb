//! JSON text to values and back.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, SeqAccess, Visitor},
};

use super::{Value, halves, write};

/// The member name under which `serde_json` hands out numbers once any crate of the build switches
/// its `arbitrary_precision` feature on.
const ARBITRARY_NUMBER: &str = "$serde_json::private::Number";

impl Value {
    /// Reads a JSON text, keeping the order of members; half a character, as an escape, becomes U+FFFD.
    ///
    /// # Errors
    ///
    /// Returns the parser's error where `text` is not one JSON document.
    pub fn from_json(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text).or_else(|error| {
            halves::mended(text)
                .and_then(|mended| serde_json::from_str(&mended).ok())
                .ok_or(error)
        })
    }

    /// Reads a JSON text, or keeps the text itself where it is no JSON.
    ///
    /// Providers send tool arguments as JSON inside a string; models now and then produce text that
    /// is not JSON, which must not be lost.
    #[must_use]
    pub fn from_json_or_text(text: &str) -> Self {
        Self::from_json(text).unwrap_or_else(|_| Self::String(text.to_owned()))
    }

    /// Writes the value as compact JSON; numbers that JSON cannot state become `null`.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut json = String::with_capacity(write::least(self));
        write::write(self, &mut json);
        json
    }

    /// Measures the JSON form, numbers by an upper bound.
    pub(crate) fn json_len(&self) -> usize {
        write::len(self)
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Int(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Double(value))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut array = Vec::new();
        while let Some(item) = items.next_element()? {
            array.push(item);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut map = Vec::new();
        while let Some(key) = members.next_key::<String>()? {
            if key == ARBITRARY_NUMBER {
                return Ok(number(&members.next_value::<String>()?));
            }
            map.push((key, members.next_value()?));
        }
        Ok(Value::Map(map))
    }
}

/// Reads the digits of a number as the nearest kind of number we have.
fn number(digits: &str) -> Value {
    digits
        .parse()
        .map(Value::Int)
        .or_else(|_| digits.parse().map(Value::Double))
        .unwrap_or_else(|_| Value::String(digits.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_order_numbers_and_nesting() {
        let text = r#"{"z":1,"a":[true,null,-2.5,18446744073709551615],"m":{"q":"é\n"}}"#;
        let value = Value::from_json(text).unwrap();
        assert_eq!(
            value.to_json(),
            r#"{"z":1,"a":[true,null,-2.5,1.8446744073709552e+19],"m":{"q":"é\n"}}"#
        );
    }

    #[test]
    fn text_that_was_cut_within_a_character_is_read() {
        let value = Value::from_json(r#"{"a":"cut \ud83d","b":"\ud83d\ude00"}"#).unwrap();
        assert_eq!(
            value.to_json(),
            "{\"a\":\"cut \u{fffd}\",\"b\":\"\u{1f600}\"}"
        );
    }

    #[test]
    fn text_that_is_no_json_is_kept() {
        assert_eq!(Value::from_json_or_text("{\"a\":"), Value::from("{\"a\":"));
        assert_eq!(Value::from_json_or_text("7"), Value::Int(7));
    }

    #[test]
    fn numbers_of_arbitrary_precision_are_numbers() {
        assert_eq!(number("12"), Value::Int(12));
        assert_eq!(number("1e3"), Value::Double(1000.0));
    }
}
