//! Labels of measurements, which share what they have in common.

use std::{
    borrow::Cow,
    fmt,
    hash::{Hash, Hasher},
    sync::Arc,
};

/// Holds a measurement's labels: those that its instrument is known for and no others, so cardinality stays bounded.
///
/// Copies share their labels, so the many measurements of one stream cost little.
#[derive(Clone, Default)]
pub struct Labels {
    /// In alphabetical order of their keys.
    shared: Arc<Vec<(&'static str, Label)>>,
    /// What tells this measurement from those that it shares labels with; its key is not among theirs.
    own: Option<(&'static str, Label)>,
}

/// Holds the value of one label.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Label {
    /// A word.
    Text(Cow<'static, str>),
    /// A number, such as a port.
    Number(i64),
}

impl Labels {
    /// Takes labels of the instrument's keys; only renderers do.
    pub(crate) fn new(mut labels: Vec<(&'static str, Label)>) -> Self {
        labels.sort_by_key(|(key, _)| *key);
        labels.dedup_by_key(|(key, _)| *key);
        Self {
            shared: Arc::new(labels),
            own: None,
        }
    }

    /// Gives the labels, keys in alphabetical order.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &Label)> {
        let own = self.own.as_ref();
        let place = own.map_or(0, |(own, _)| {
            self.shared.partition_point(|(key, _)| key < own)
        });
        let (before, after) = self
            .shared
            .split_at_checked(place)
            .unwrap_or((&self.shared, &[]));
        let labels = before.iter().chain(own).chain(after);
        labels.map(|(key, label)| (*key, label))
    }

    /// Finds a label by key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Label> {
        let mut labels = self.shared.iter().chain(&self.own);
        labels
            .find(|(known, _)| *known == key)
            .map(|(_, label)| label)
    }

    /// Adds a label unless its key is taken; only renderers do, and only with the conventions' keys.
    pub(crate) fn with(self, key: &'static str, label: Label) -> Self {
        if self.get(key).is_some() {
            return self;
        }
        let Some(own) = self.own else {
            return Self {
                own: Some((key, label)),
                ..self
            };
        };
        let mut labels = self.shared.to_vec();
        labels.extend([own, (key, label)]);
        Self::new(labels)
    }
}

impl PartialEq for Labels {
    fn eq(&self, other: &Self) -> bool {
        let is_shared = Arc::ptr_eq(&self.shared, &other.shared);
        (is_shared && self.own == other.own) || self.iter().eq(other.iter())
    }
}

impl Eq for Labels {}

impl Hash for Labels {
    fn hash<H: Hasher>(&self, state: &mut H) {
        for label in self.iter() {
            label.hash(state);
        }
    }
}

impl fmt::Debug for Labels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::hash::DefaultHasher;

    use super::*;

    fn hash(labels: &Labels) -> u64 {
        let mut hasher = DefaultHasher::new();
        labels.hash(&mut hasher);
        hasher.finish()
    }

    #[test]
    fn labels_are_the_same_however_they_came_about() {
        let label = |word: &'static str| Label::Text(word.into());
        let whole = Labels::new(vec![
            ("c", label("3")),
            ("a", label("1")),
            ("b", label("2")),
        ]);
        for keys in [["a", "b", "c"], ["c", "a", "b"], ["b", "c", "a"]] {
            let mut labels = Labels::default();
            for key in keys {
                labels = labels.with(key, whole.get(key).cloned().unwrap());
                assert!(labels.get(key).is_some());
            }
            assert_eq!(labels, whole);
            assert_eq!(hash(&labels), hash(&whole));
            let order: Vec<&str> = labels.iter().map(|(key, _)| key).collect();
            assert_eq!(order, ["a", "b", "c"]);
        }
        assert_ne!(whole.clone().with("d", label("4")), whole);
        assert_eq!(whole.clone().with("a", label("other")), whole);
    }
}
