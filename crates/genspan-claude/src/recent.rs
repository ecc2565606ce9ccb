//! What was met lately, in bounded memory.

use std::collections::{HashMap, VecDeque};

/// Remembers the last so many names, and something of each; of those before it knows nothing.
#[derive(Debug)]
pub(crate) struct Recent<V> {
    known: HashMap<String, V>,
    order: VecDeque<String>,
    limit: usize,
}

impl<V> Recent<V> {
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            known: HashMap::new(),
            order: VecDeque::new(),
            limit,
        }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&V> {
        self.known.get(name)
    }

    pub(crate) fn contains(&self, name: &str) -> bool {
        self.known.contains_key(name)
    }

    /// Remembers something of a name; tells whether the name was new.
    pub(crate) fn insert(&mut self, name: &str, value: V) -> bool {
        if let Some(known) = self.known.get_mut(name) {
            *known = value;
            return false;
        }
        while self.order.len() >= self.limit {
            let Some(oldest) = self.order.pop_front() else {
                break;
            };
            self.known.remove(&oldest);
        }
        self.order.push_back(name.to_owned());
        self.known.insert(name.to_owned(), value);
        true
    }

    /// Forgets a name and gives what was remembered of it.
    pub(crate) fn take(&mut self, name: &str) -> Option<V> {
        let value = self.known.remove(name)?;
        self.order.retain(|known| known != name);
        Some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_is_forgotten() {
        let mut recent = Recent::new(2);
        assert!(recent.insert("a", 1) && recent.insert("b", 2));
        assert!(!recent.insert("a", 3));
        assert!(recent.insert("c", 4));
        assert_eq!((recent.get("a"), recent.get("b")), (None, Some(&2)));
        assert_eq!(recent.take("c"), Some(4));
        assert!(recent.insert("d", 5) && recent.contains("b"));
    }
}
