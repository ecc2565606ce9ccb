//! What libraries keep for each recorder instead of for the process.

use std::{
    any::{Any, TypeId},
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

/// Holds one value of each type that somebody asked for.
#[derive(Default)]
pub(super) struct Belongings(Mutex<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>);

impl Belongings {
    /// Gives the value of a type; `make` runs outside of the lock, and the first value made stays.
    pub(super) fn get_or_make<T: Any + Send + Sync>(&self, make: impl FnOnce() -> T) -> Arc<T> {
        if let Some(known) = self.get() {
            return known;
        }
        let made = Arc::new(make());
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let first = held
            .entry(TypeId::of::<T>())
            .or_insert_with(|| Arc::<T>::clone(&made) as _);
        // Its key is its type, so it is of that type.
        Arc::clone(first).downcast().unwrap_or(made)
    }

    fn get<T: Any + Send + Sync>(&self) -> Option<Arc<T>> {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = Arc::clone(held.get(&TypeId::of::<T>())?);
        known.downcast().ok()
    }
}

impl fmt::Debug for Belongings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Belongings")
    }
}
