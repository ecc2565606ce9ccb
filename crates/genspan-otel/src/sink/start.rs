//! What a span starts with, and what is kept of it so that nothing is written twice.

use std::{
    borrow::Cow,
    hash::{DefaultHasher, Hash, Hasher},
};

use genspan::{Start, StartAttribute, StartValue};
use opentelemetry::{KeyValue, StringValue, Value};

/// Says how a span began, without an allocation in the usual case.
pub(super) struct Beginning {
    /// Stands for the name: a copy would cost the caller more.
    name: u64,
    keys: [&'static str; 8],
    more_keys: Vec<&'static str>,
}

impl Beginning {
    pub(super) fn of(start: &Start) -> Self {
        let mut given = start.attributes.iter().map(|attribute| attribute.key);
        let mut keys = [""; 8];
        for (place, key) in keys.iter_mut().zip(given.by_ref()) {
            *place = key;
        }
        Self {
            name: digest(&start.name),
            keys,
            more_keys: given.collect(),
        }
    }

    /// Tells whether the span began under this name.
    pub(super) fn is_named(&self, name: &str) -> bool {
        self.name == digest(name)
    }

    /// Tells whether the span began with an attribute of this key.
    pub(super) fn has(&self, key: &str) -> bool {
        let mut keys = self.keys.iter().chain(&self.more_keys);
        keys.any(|known| *known == key)
    }
}

fn digest(name: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    hasher.finish()
}

/// Gives what a sampler should see; words are not copied.
pub(super) fn at_start(attribute: StartAttribute) -> KeyValue {
    let value: Value = match attribute.value {
        StartValue::Text(Cow::Borrowed(word)) => StringValue::from(word).into(),
        StartValue::Text(Cow::Owned(text)) => text.into(),
        StartValue::Number(number) => number.into(),
    };
    KeyValue::new(attribute.key, value)
}

#[cfg(test)]
mod tests {
    use genspan::{Parent, SpanKind, Timestamp};

    use super::*;

    const KEYS: [&str; 10] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];

    #[test]
    fn any_number_of_keys_is_known_again() {
        for count in 0..=KEYS.len() {
            let attributes = KEYS[..count].iter().map(|key| StartAttribute {
                key,
                value: StartValue::Number(1),
            });
            let beginning = Beginning::of(&Start {
                at: Timestamp::default(),
                parent: Parent::Root,
                identity: None,
                kind: SpanKind::Client,
                name: "chat m".to_owned(),
                attributes: attributes.collect(),
                links: Vec::new(),
            });
            assert!(KEYS[..count].iter().all(|key| beginning.has(key)));
            assert!(!KEYS[count..].iter().any(|key| beginning.has(key)));
            assert!(beginning.is_named("chat m") && !beginning.is_named("chat n"));
        }
    }
}
