//! A tree by `serde_json`, for documents that are rare in one way or another.

use std::{borrow::Cow, cell::Cell, fmt};

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::{Json, MAX_VALUES, is_passed_over};

/// The member name under which `serde_json` hands out numbers once any crate of the build switches its
/// `arbitrary_precision` feature on.
const ARBITRARY_NUMBER: &str = "$serde_json::private::Number";

/// Reads a document and tells whether all its values were kept.
pub(super) fn parse(text: &str) -> Option<(Json<'_>, bool)> {
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
            if is_passed_over(self.depth, &key) {
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
