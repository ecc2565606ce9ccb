//! The attributes of a span, each key once.

use std::{
    borrow::Cow,
    collections::{HashMap, hash_map::Entry},
};

use genspan::{Attribute, Value, semconv::attribute as key};

/// Holds attributes in their order, each key once; where two are compared, the order does not matter.
#[derive(Clone, Debug, Default)]
pub struct Attributes(Vec<Attribute>);

impl Attributes {
    /// Takes a list; of equal keys the last one counts, as for most who read spans.
    #[must_use]
    pub fn new(list: Vec<Attribute>) -> Self {
        let mut attributes = Self::default();
        attributes.append(list);
        attributes
    }

    /// Adds a list; of equal keys the last one counts. For many attributes this is what to use.
    pub fn append(&mut self, list: Vec<Attribute>) {
        let mut places: HashMap<Cow<'static, str>, usize> = self
            .0
            .iter()
            .enumerate()
            .map(|(at, attribute)| (attribute.key.clone(), at))
            .collect();
        for attribute in list {
            match places.entry(attribute.key.clone()) {
                Entry::Occupied(place) => {
                    if let Some(found) = self.0.get_mut(*place.get()) {
                        found.value = attribute.value;
                    }
                }
                Entry::Vacant(place) => {
                    place.insert(self.0.len());
                    self.0.push(attribute);
                }
            }
        }
    }

    /// Gives them back as a list.
    #[must_use]
    pub fn into_list(self) -> Vec<Attribute> {
        self.0
    }

    /// Walks them in their order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0
            .iter()
            .map(|attribute| (attribute.key.as_ref(), &attribute.value))
    }

    /// Finds a value by its key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0
            .iter()
            .find(|attribute| attribute.key == key)
            .map(|found| &found.value)
    }

    /// Finds a text by its key.
    #[must_use]
    pub fn text(&self, key: &str) -> Option<&str> {
        self.get(key)?.as_str()
    }

    /// Finds a whole number by its key; one that became a text on its way counts too.
    #[must_use]
    pub fn count(&self, key: &str) -> Option<i64> {
        match self.get(key)? {
            Value::Int(number) => Some(*number),
            Value::Double(number) if number.fract() == 0.0 && number.abs() < 9e15 =>
            {
                #[allow(
                    clippy::cast_possible_truncation,
                    reason = "it is whole and within the bounds that were just looked at"
                )]
                Some(*number as i64)
            }
            Value::String(text) => text.parse().ok(),
            _ => None,
        }
    }

    /// Finds structured content by its key, whether it is structured or the JSON text of that.
    #[must_use]
    pub fn structured(&self, key: &str) -> Option<Cow<'_, Value>> {
        match self.get(key)? {
            Value::String(text) => Value::from_json(text).ok().map(Cow::Owned),
            other => Some(Cow::Borrowed(other)),
        }
    }

    /// Tells whether a key is there.
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// Tells whether a key with the given beginning is there.
    #[must_use]
    pub fn has_prefix(&self, prefix: &str) -> bool {
        self.0
            .iter()
            .any(|attribute| attribute.key.starts_with(prefix))
    }

    /// Sets a value, in the place of one that was there.
    pub fn set(&mut self, key: impl Into<Cow<'static, str>>, value: impl Into<Value>) {
        let (key, value) = (key.into(), value.into());
        match self.0.iter_mut().find(|attribute| attribute.key == key) {
            Some(found) => found.value = value,
            None => self.0.push(Attribute { key, value }),
        }
    }

    /// Sets a value where there is one and the key is free.
    pub fn set_if_free(
        &mut self,
        key: impl Into<Cow<'static, str>>,
        value: Option<impl Into<Value>>,
    ) {
        let key = key.into();
        if let Some(value) = value
            && !self.has(&key)
        {
            self.0.push(Attribute {
                key,
                value: value.into(),
            });
        }
    }

    /// Takes a value out.
    pub fn take(&mut self, key: &str) -> Option<Value> {
        let at = self.0.iter().position(|attribute| attribute.key == key)?;
        Some(self.0.remove(at).value)
    }

    /// Takes structured content out, whether it is structured or the JSON text of that; what is neither stays.
    pub fn take_structured(&mut self, key: &str) -> Option<Value> {
        let value = self.structured(key)?.into_owned();
        self.take(key);
        Some(value)
    }

    /// Copies structured content as JSON text to another key, unless that is taken.
    pub fn copy_json(&mut self, from: &str, to: &'static str) {
        let json = self.structured(from).map(|value| value.to_json());
        self.set_if_free(to, json);
    }

    /// Takes out the counts of tokens.
    pub fn drop_tokens(&mut self) {
        let beginning = key::GEN_AI_USAGE_INPUT_TOKENS.trim_end_matches("input_tokens");
        self.retain(|key| !key.starts_with(beginning));
    }

    /// Gives a value another key, in its place, unless that key is taken.
    pub fn rename(&mut self, from: &str, to: &'static str) {
        if !self.has(to)
            && let Some(found) = self.0.iter_mut().find(|attribute| attribute.key == from)
        {
            found.key = Cow::Borrowed(to);
        }
    }

    /// Gives a value another key; where that says the same already, the value is taken out.
    pub fn fold(&mut self, from: &str, to: &'static str) {
        self.rename(from, to);
        let is_same = match (self.get(from), self.get(to)) {
            (Some(own), Some(Value::Array(list))) if !matches!(own, Value::Array(_)) => {
                list.as_slice() == std::slice::from_ref(own)
            }
            (Some(own), Some(known)) => {
                own == known || self.count(from).is_some() && self.count(from) == self.count(to)
            }
            _ => false,
        };
        if is_same {
            self.take(from);
        }
    }

    /// Takes out all whose key has the given beginning.
    pub fn take_prefix(&mut self, prefix: &str) -> Vec<Attribute> {
        let (taken, kept) = std::mem::take(&mut self.0)
            .into_iter()
            .partition(|attribute| attribute.key.starts_with(prefix));
        self.0 = kept;
        taken
    }

    /// Copies those that are wanted.
    pub(crate) fn copy_of(&self, wanted: impl Fn(&Attribute) -> bool) -> Self {
        Self(self.0.iter().filter(|one| wanted(one)).cloned().collect())
    }

    /// Keeps those that are wanted.
    pub fn retain(&mut self, wanted: impl Fn(&str) -> bool) {
        self.0.retain(|attribute| wanted(&attribute.key));
    }
}

impl PartialEq for Attributes {
    fn eq(&self, other: &Self) -> bool {
        let theirs: HashMap<&str, &Value> = other.iter().collect();
        self.0.len() == theirs.len()
            && self
                .iter()
                .all(|(key, value)| theirs.get(key) == Some(&value))
    }
}

impl From<Vec<Attribute>> for Attributes {
    fn from(list: Vec<Attribute>) -> Self {
        Self::new(list)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_however_they_were_written() {
        let mut attributes = Attributes::default();
        attributes.set("a", 7_i64);
        attributes.set("b", "7");
        attributes.set("c", 7.0_f64);
        attributes.set("d", 7.5_f64);
        let counts = ["a", "b", "c", "d", "e"].map(|key| attributes.count(key));
        assert_eq!(counts, [Some(7), Some(7), Some(7), None, None]);
    }

    #[test]
    fn a_renamed_key_keeps_its_place_and_takes_no_other() {
        let mut attributes = Attributes::default();
        attributes.set("a", "1");
        attributes.set("b", "2");
        attributes.rename("a", "c");
        attributes.rename("c", "b");
        let all: Vec<_> = attributes.iter().map(|(key, _)| key).collect();
        assert_eq!(all, ["c", "b"]);
    }
}
