//! Which roots are live, and which have ended: a table without clock or telemetry.

use std::{
    collections::{BTreeMap, HashMap, HashSet, VecDeque},
    time::Duration,
};

use super::RootLimits;
use crate::Timestamp;

/// Holds what is live by its key, and remembers the keys of what has ended.
#[derive(Debug)]
pub(super) struct Table<T> {
    live: HashMap<String, Entry<T>>,
    /// The keys of what is live, oldest first.
    order: BTreeMap<(Timestamp, u64), String>,
    next: u64,
    gone: Tombstones,
}

#[derive(Debug)]
struct Entry<T> {
    place: (Timestamp, u64),
    value: T,
}

/// Tells what a table knows of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    Live,
    Gone,
    No,
}

impl<T> Table<T> {
    pub(super) fn new() -> Self {
        Self {
            live: HashMap::new(),
            order: BTreeMap::new(),
            next: 0,
            gone: Tombstones::default(),
        }
    }

    pub(super) fn known(&self, key: &str) -> Known {
        if self.live.contains_key(key) {
            Known::Live
        } else if self.gone.keys.contains(key) {
            Known::Gone
        } else {
            Known::No
        }
    }

    /// Takes something in; gives it back where its key is live or has ended.
    ///
    /// The caller makes room first, and only for a key that is not known: no key costs another its place in vain.
    pub(super) fn insert(&mut self, key: &str, value: T, now: Timestamp) -> Result<(), T> {
        if self.known(key) != Known::No {
            return Err(value);
        }
        let place = (now, self.next);
        self.next += 1;
        self.order.insert(place, key.to_owned());
        self.live.insert(key.to_owned(), Entry { place, value });
        Ok(())
    }

    /// Takes out, as ended, what is too old, and the oldest as far as one more would be too many.
    pub(super) fn make_room(&mut self, now: Timestamp, limits: RootLimits) -> Vec<T> {
        let mut evicted = self.sweep(now, limits.age);
        while self.live.len() >= limits.live.max(1) {
            let Some((_, key)) = self.order.pop_first() else {
                break;
            };
            evicted.extend(self.take(&key));
        }
        evicted
    }

    /// Takes out, as ended, what is too old.
    pub(super) fn sweep(&mut self, now: Timestamp, age: Duration) -> Vec<T> {
        let mut old = Vec::new();
        while let Some(((since, _), key)) = self.order.first_key_value()
            && now.since(*since) >= age
        {
            let key = key.clone();
            old.extend(self.take(&key));
        }
        old
    }

    /// Takes something out, as ended.
    pub(super) fn take(&mut self, key: &str) -> Option<T> {
        let entry = self.live.remove(key)?;
        self.order.remove(&entry.place);
        self.gone.bury(key);
        Some(entry.value)
    }

    /// Remembers a key as ended that was not live.
    pub(super) fn bury(&mut self, key: &str) {
        self.gone.bury(key);
    }

    pub(super) fn get_mut(&mut self, key: &str) -> Option<&mut T> {
        Some(&mut self.live.get_mut(key)?.value)
    }

    pub(super) fn values(&self) -> impl Iterator<Item = &T> {
        self.live.values().map(|entry| &entry.value)
    }

    pub(super) fn len(&self) -> usize {
        self.live.len()
    }

    /// Takes everything out, oldest first; the keys are not remembered.
    pub(super) fn drain(&mut self) -> Vec<(String, T)> {
        let order = std::mem::take(&mut self.order);
        let keys = order.into_values();
        keys.filter_map(|key| {
            let entry = self.live.remove(&key)?;
            Some((key, entry.value))
        })
        .collect()
    }
}

/// Remembers the last keys that have ended.
#[derive(Debug, Default)]
struct Tombstones {
    keys: HashSet<String>,
    order: VecDeque<String>,
}

impl Tombstones {
    /// Bounds what is remembered: four times what may be live at once.
    const MOST: usize = 4096;

    fn bury(&mut self, key: &str) {
        if !self.keys.insert(key.to_owned()) {
            return;
        }
        self.order.push_back(key.to_owned());
        while self.order.len() > Self::MOST {
            if let Some(oldest) = self.order.pop_front() {
                self.keys.remove(&oldest);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: RootLimits = RootLimits {
        live: 2,
        age: Duration::from_secs(10),
    };

    fn at(second: u64) -> Timestamp {
        Timestamp::from_unix_nanos(second * 1_000_000_000)
    }

    #[test]
    fn a_key_is_known_before_and_after_its_end() {
        let mut table = Table::new();
        assert_eq!(table.known("a"), Known::No);
        assert_eq!(table.insert("a", 1, at(0)), Ok(()));
        assert_eq!(table.insert("a", 2, at(0)), Err(2), "the first stands");
        assert_eq!(table.take("a"), Some(1));
        assert_eq!(table.known("a"), Known::Gone);
        assert_eq!(table.insert("a", 3, at(0)), Err(3));
        assert_eq!(table.take("a"), None);
    }

    #[test]
    fn the_oldest_make_room_and_what_is_too_old_goes_first() {
        let mut table = Table::new();
        for (key, second) in [("a", 1), ("b", 2)] {
            assert_eq!(table.make_room(at(second), LIMITS), Vec::<&str>::new());
            table.insert(key, key, at(second)).unwrap();
        }
        assert_eq!(table.make_room(at(3), LIMITS), ["a"]);
        table.insert("c", "c", at(3)).unwrap();
        assert_eq!(table.make_room(at(13), LIMITS), ["b", "c"]);
        assert_eq!(table.len(), 0);
    }

    #[test]
    fn the_memory_of_what_ended_is_bounded() {
        let mut table: Table<()> = Table::new();
        for number in 0..=Tombstones::MOST {
            table.bury(&number.to_string());
        }
        assert_eq!(table.known("0"), Known::No);
        assert_eq!(table.known("1"), Known::Gone);
        assert_eq!(table.gone.keys.len(), Tombstones::MOST);
    }
}
