//! A bounded map that forgets what was not used for longest.

use std::borrow::Borrow;
use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;

/// Holds values by their keys, and of too many those that were used last.
#[derive(Debug)]
pub(super) struct Recent<K, V> {
    max: usize,
    /// Counts the uses, so that each has a number of its own.
    uses: u64,
    held: HashMap<K, (u64, V)>,
    by_use: BTreeMap<u64, K>,
}

impl<K: Clone + Eq + Hash, V> Recent<K, V> {
    pub(super) fn new(max: usize) -> Self {
        Self {
            max,
            uses: 0,
            held: HashMap::new(),
            by_use: BTreeMap::new(),
        }
    }

    /// Takes a value in, and gives those that it takes the room or the place of.
    #[must_use = "what is dropped here is dropped under the owner's lock"]
    pub(super) fn insert(&mut self, key: K, value: V) -> Vec<V> {
        let mut outdone = Vec::from_iter(self.remove(&key));
        self.uses += 1;
        self.by_use.insert(self.uses, key.clone());
        self.held.insert(key, (self.uses, value));
        while self.held.len() > self.max {
            let Some((_, oldest)) = self.by_use.pop_first() else {
                break;
            };
            outdone.extend(self.held.remove(&oldest).map(|(_, value)| value));
        }
        outdone
    }

    /// Finds a value, which counts as used by that.
    pub(super) fn find<Q>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        let (used, value) = self.held.get_mut(key)?;
        if let Some(key) = self.by_use.remove(used) {
            self.uses += 1;
            *used = self.uses;
            self.by_use.insert(self.uses, key);
        }
        Some(value)
    }

    /// Looks at a value without using it.
    pub(super) fn look_at<Q>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        self.held.get(key).map(|(_, value)| value)
    }

    pub(super) fn remove<Q>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        let (used, value) = self.held.remove(key)?;
        self.by_use.remove(&used);
        Some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_unused_is_forgotten() {
        let mut recent = Recent::new(2);
        assert!(recent.insert("a", 1).is_empty());
        assert!(recent.insert("b", 2).is_empty());
        assert_eq!(recent.look_at("b"), Some(&2));
        assert_eq!(recent.find("a"), Some(&mut 1));
        assert_eq!(recent.insert("c", 3), [2], "looking at it is no use");
        assert_eq!(recent.find("b"), None);
        assert_eq!(recent.insert("c", 4), [3]);
        assert_eq!(recent.remove("a"), Some(1));
        assert_eq!((recent.held.len(), recent.by_use.len()), (1, 1));
    }
}
