//! Facts that hold for everything in a scope.

use crate::{Record, Value};

/// Holds what operations started in a scope are told.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts {
    pub(super) conversation_id: Option<String>,
    attributes: Vec<(String, Value)>,
}

impl Facts {
    /// Sets an attribute; the last word on a key counts.
    pub(crate) fn set(&mut self, key: String, value: Value) {
        match self.attributes.iter_mut().find(|(known, _)| *known == key) {
            Some((_, old)) => *old = value,
            None => self.attributes.push((key, value)),
        }
    }

    /// Finds an attribute.
    pub(super) fn attribute(&self, key: &str) -> Option<&Value> {
        let mut attributes = self.attributes.iter();
        attributes
            .find(|(known, _)| known == key)
            .map(|(_, value)| value)
    }

    /// Tells a record what it does not state itself.
    pub(crate) fn fill(&self, record: &mut Record) {
        let common = record.common_mut();
        if common.conversation_id.is_none() {
            common.conversation_id.clone_from(&self.conversation_id);
        }
        for (key, value) in &self.attributes {
            if common.attributes.iter().all(|(known, _)| known != key) {
                common.attributes.push((key.clone(), value.clone()));
            }
        }
    }
}
