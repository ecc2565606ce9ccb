//! Anything that can be serialised, as a [`Value`].
//!
//! The shapes are those of JSON as `serde_json` writes it, without the text in between.

use std::fmt;

use serde::ser::{
    self, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant,
    SerializeTuple, SerializeTupleStruct, SerializeTupleVariant, Serializer,
};

use crate::Value;

/// The names under which `serde_json` hands out JSON text that it kept, and numbers of any precision.
const JSON_TEXT: [&str; 2] = [
    "$serde_json::private::RawValue",
    "$serde_json::private::Number",
];

/// Says of each map, from the outside in, which members are kept; elements of a list are as the list is.
pub(crate) trait Sieve: Copy {
    /// Gives what is kept within the member of this name; `None` where it is passed over.
    fn within(self, member: &str) -> Option<Self>;
}

/// Keeps all.
#[derive(Clone, Copy)]
struct Whole;

impl Sieve for Whole {
    fn within(self, _member: &str) -> Option<Self> {
        Some(self)
    }
}

/// Makes a value of anything; `None` where its own code fails, or a key of a map is no text.
pub(crate) fn value_of<T: Serialize + ?Sized>(value: &T) -> Option<Value> {
    sifted(value, Whole)
}

/// Makes a value of what of anything is kept; what is passed over is not looked at.
pub(crate) fn sifted<T: Serialize + ?Sized>(value: &T, sieve: impl Sieve) -> Option<Value> {
    value.serialize(ToValue(sieve)).ok()
}

struct ToValue<S>(S);

/// Says that something has no value; why does not matter, since it is left out.
#[derive(Debug)]
struct NoValue;

impl fmt::Display for NoValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("it has no value")
    }
}

impl std::error::Error for NoValue {}

impl ser::Error for NoValue {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

/// Writes methods that turn a scalar into a value.
macro_rules! scalars {
    ($($method:ident $type:ty => $make:expr;)+) => {$(
        fn $method(self, value: $type) -> Result<Value, NoValue> {
            let make: fn($type) -> Value = $make;
            Ok(make(value))
        }
    )+};
}

impl<S: Sieve> Serializer for ToValue<S> {
    type Ok = Value;
    type Error = NoValue;
    type SerializeSeq = List<S>;
    type SerializeTuple = List<S>;
    type SerializeTupleStruct = List<S>;
    type SerializeTupleVariant = List<S>;
    type SerializeMap = Members<S>;
    type SerializeStruct = Members<S>;
    type SerializeStructVariant = Members<S>;

    scalars! {
        serialize_bool bool => Value::Bool;
        serialize_i8 i8 => |value| Value::Int(value.into());
        serialize_i16 i16 => |value| Value::Int(value.into());
        serialize_i32 i32 => |value| Value::Int(value.into());
        serialize_i64 i64 => Value::Int;
        serialize_i128 i128 => |value| wide(value.try_into().ok(), value.to_string());
        serialize_u8 u8 => |value| Value::Int(value.into());
        serialize_u16 u16 => |value| Value::Int(value.into());
        serialize_u32 u32 => |value| Value::Int(value.into());
        serialize_u64 u64 => Value::from;
        serialize_u128 u128 => |value| wide(value.try_into().ok(), value.to_string());
        // By way of its text, so that 0.1 stays 0.1.
        serialize_f32 f32 => |value| Value::Double(value.to_string().parse().unwrap_or(f64::NAN));
        serialize_f64 f64 => Value::Double;
        serialize_char char => |value| Value::String(value.into());
        serialize_str &str => |text| Value::from(text);
        serialize_bytes &[u8] => |bytes| bytes.iter().map(|byte| i64::from(*byte)).collect::<Vec<_>>().into();
    }

    fn serialize_none(self) -> Result<Value, NoValue> {
        Ok(Value::Null)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Value, NoValue> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<Value, NoValue> {
        Ok(Value::Null)
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<Value, NoValue> {
        Ok(Value::Null)
    }

    fn serialize_unit_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
    ) -> Result<Value, NoValue> {
        Ok(Value::from(variant))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        value: &T,
    ) -> Result<Value, NoValue> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<Value, NoValue> {
        Ok(under(Some(variant), value.serialize(self)?))
    }

    fn serialize_seq(self, _len: Option<usize>) -> Result<List<S>, NoValue> {
        Ok(List::of(self.0, None))
    }

    fn serialize_tuple(self, _len: usize) -> Result<List<S>, NoValue> {
        Ok(List::of(self.0, None))
    }

    fn serialize_tuple_struct(self, _name: &'static str, _len: usize) -> Result<List<S>, NoValue> {
        Ok(List::of(self.0, None))
    }

    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        _len: usize,
    ) -> Result<List<S>, NoValue> {
        Ok(List::of(self.0, Some(variant)))
    }

    fn serialize_map(self, _len: Option<usize>) -> Result<Members<S>, NoValue> {
        Ok(Members::of(self.0))
    }

    fn serialize_struct(self, name: &'static str, _len: usize) -> Result<Members<S>, NoValue> {
        Ok(Members {
            is_json_text: JSON_TEXT.contains(&name),
            ..Members::of(self.0)
        })
    }

    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        _len: usize,
    ) -> Result<Members<S>, NoValue> {
        Ok(Members {
            variant: Some(variant),
            ..Members::of(self.0)
        })
    }
}

/// Keeps a number beyond 64 bits as the nearest double.
fn wide(narrow: Option<i64>, digits: String) -> Value {
    narrow
        .map(Value::Int)
        .or_else(|| digits.parse().ok().map(Value::Double))
        .unwrap_or(Value::String(digits))
}

/// Names a value after the variant of an enum that it belongs to.
fn under(variant: Option<&'static str>, value: Value) -> Value {
    match variant {
        Some(variant) => Value::Map(vec![(variant.to_owned(), value)]),
        None => value,
    }
}

/// Gathers a list.
struct List<S> {
    sieve: S,
    items: Vec<Value>,
    variant: Option<&'static str>,
}

impl<S> List<S> {
    const fn of(sieve: S, variant: Option<&'static str>) -> Self {
        Self {
            sieve,
            items: Vec::new(),
            variant,
        }
    }
}

/// Gathers named members.
struct Members<S> {
    sieve: S,
    members: Vec<(String, Value)>,
    key: Option<String>,
    variant: Option<&'static str>,
    is_json_text: bool,
}

impl<S: Sieve> Members<S> {
    const fn of(sieve: S) -> Self {
        Self {
            sieve,
            members: Vec::new(),
            key: None,
            variant: None,
            is_json_text: false,
        }
    }

    fn push<T: Serialize + ?Sized>(&mut self, key: String, value: &T) -> Result<(), NoValue> {
        let kept = if self.is_json_text {
            Some(self.sieve)
        } else {
            self.sieve.within(&key)
        };
        if let Some(kept) = kept {
            self.members.push((key, value.serialize(ToValue(kept))?));
        }
        Ok(())
    }

    fn into_value(self) -> Value {
        match self.members.first() {
            Some((_, Value::String(text))) if self.is_json_text => {
                let all = Value::from_json_or_text(text);
                sifted(&all, self.sieve).unwrap_or(all)
            }
            _ => under(self.variant, Value::Map(self.members)),
        }
    }
}

/// Writes the traits of lists, which differ in the name of one method.
macro_rules! lists {
    ($($trait:ident $method:ident;)+) => {$(
        impl<S: Sieve> $trait for List<S> {
            type Ok = Value;
            type Error = NoValue;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), NoValue> {
                self.items.push(value.serialize(ToValue(self.sieve))?);
                Ok(())
            }

            fn end(self) -> Result<Value, NoValue> {
                Ok(under(self.variant, Value::Array(self.items)))
            }
        }
    )+};
}
lists! {
    SerializeSeq serialize_element;
    SerializeTuple serialize_element;
    SerializeTupleStruct serialize_field;
    SerializeTupleVariant serialize_field;
}

/// Writes the traits of named fields.
macro_rules! fields {
    ($($trait:ident)+) => {$(
        impl<S: Sieve> $trait for Members<S> {
            type Ok = Value;
            type Error = NoValue;

            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                key: &'static str,
                value: &T,
            ) -> Result<(), NoValue> {
                self.push(key.to_owned(), value)
            }

            fn end(self) -> Result<Value, NoValue> {
                Ok(self.into_value())
            }
        }
    )+};
}
fields!(SerializeStruct SerializeStructVariant);

impl<S: Sieve> SerializeMap for Members<S> {
    type Ok = Value;
    type Error = NoValue;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), NoValue> {
        self.key = Some(match key.serialize(ToValue(Whole))? {
            Value::String(text) => text,
            Value::Bool(value) => value.to_string(),
            Value::Int(value) => value.to_string(),
            Value::Double(value) => value.to_string(),
            Value::Null | Value::Array(_) | Value::Map(_) => return Err(NoValue),
        });
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), NoValue> {
        let key = self.key.take().ok_or(NoValue)?;
        self.push(key, value)
    }

    fn end(self) -> Result<Value, NoValue> {
        Ok(self.into_value())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Serialize;

    use super::*;

    #[derive(Serialize)]
    struct Unit;
    #[derive(Serialize)]
    struct Wrapper(u8);
    #[derive(Serialize)]
    struct Pair(u8, &'static str);
    #[derive(Serialize)]
    enum Shape {
        Unit,
        Newtype(i8),
        Tuple(u16, f64),
        Struct { side: u32 },
    }
    #[derive(Serialize)]
    struct All<'a> {
        unit: (),
        unit_struct: Unit,
        wrapper: Wrapper,
        pair: Pair,
        shapes: [Shape; 4],
        none: Option<u8>,
        some: Option<bool>,
        #[serde(skip_serializing_if = "Option::is_none")]
        skipped: Option<u8>,
        letter: char,
        text: &'a str,
        numbers: (i16, i32, i64, u64, f32),
        by_number: BTreeMap<i32, u8>,
        by_truth: BTreeMap<bool, u8>,
        #[serde(flatten)]
        rest: BTreeMap<&'a str, Vec<u8>>,
    }

    fn all() -> All<'static> {
        All {
            unit: (),
            unit_struct: Unit,
            wrapper: Wrapper(1),
            pair: Pair(2, "two"),
            shapes: [
                Shape::Unit,
                Shape::Newtype(-1),
                Shape::Tuple(1, 0.5),
                Shape::Struct { side: 3 },
            ],
            none: None,
            some: Some(true),
            skipped: None,
            letter: 'é',
            text: "a\"b",
            numbers: (-1, -2, i64::MIN, 7, 0.1),
            by_number: BTreeMap::from([(-3, 1)]),
            by_truth: BTreeMap::from([(true, 1)]),
            rest: BTreeMap::from([("z", vec![1, 2]), ("y", Vec::new())]),
        }
    }

    #[test]
    fn the_shape_is_that_of_json() {
        let json = serde_json::to_string(&all()).unwrap();
        assert_eq!(value_of(&all()), Some(Value::from_json(&json).unwrap()));
        assert_eq!(value_of(&all()).unwrap().to_json(), json);
    }

    #[test]
    fn json_that_was_kept_as_text_is_json() {
        let raw = serde_json::value::RawValue::from_string(r#"{"a": [1]}"#.to_owned()).unwrap();
        assert_eq!(value_of(&raw).unwrap().to_json(), r#"{"a":[1]}"#);
    }

    #[test]
    fn wide_numbers_are_the_nearest_there_is() {
        assert_eq!(value_of(&5_i128), Some(Value::Int(5)));
        assert_eq!(
            value_of(&u128::MAX),
            Some(Value::Double(
                340_282_366_920_938_463_463_374_607_431_768_211_455.0
            ))
        );
        assert_eq!(
            value_of(&u64::MAX),
            Some(Value::Double(18_446_744_073_709_551_615.0))
        );
    }

    /// Keeps the members of these names, at whatever depth.
    #[derive(Clone, Copy)]
    struct Named(&'static [&'static str]);

    impl Sieve for Named {
        fn within(self, member: &str) -> Option<Self> {
            self.0.contains(&member).then_some(self)
        }
    }

    #[derive(Serialize)]
    struct Loud;

    fn fails<S: Serializer>(_: &Loud, _: S) -> Result<S::Ok, S::Error> {
        Err(ser::Error::custom("it was looked at"))
    }

    #[derive(Serialize)]
    struct Letter {
        to: &'static str,
        #[serde(serialize_with = "fails")]
        text: Loud,
        copies: Vec<BTreeMap<&'static str, u8>>,
    }

    #[test]
    fn what_is_passed_over_is_not_looked_at() {
        let letter = Letter {
            to: "Ada",
            text: Loud,
            copies: vec![BTreeMap::from([("to", 1), ("by", 2)]), BTreeMap::new()],
        };
        let kept = sifted(&letter, Named(&["to", "copies"])).unwrap();
        assert_eq!(kept.to_json(), r#"{"to":"Ada","copies":[{"to":1},{}]}"#);
        assert_eq!(value_of(&letter), None);
        let raw = r#"[{"to":1,"by":2}]"#.to_owned();
        let raw = serde_json::value::RawValue::from_string(raw).unwrap();
        let kept = sifted(&BTreeMap::from([("to", raw)]), Named(&["to"]));
        assert_eq!(kept.unwrap().to_json(), r#"{"to":[{"to":1}]}"#);
    }

    #[test]
    fn what_json_cannot_state_has_no_value() {
        assert_eq!(value_of(&BTreeMap::from([((1, 2), 3)])), None);
    }
}
