//! The environment as `init` reads it.

use std::{fmt, sync::Arc};

use genspan::config;

/// Gives the value of a variable.
pub(super) type Read = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// Reads variables, of the process or of a test.
#[derive(Clone)]
pub(super) struct Environment(Read);

impl Environment {
    pub(super) fn of_process() -> Self {
        Self(Arc::new(config::variable))
    }

    pub(super) const fn new(read: Read) -> Self {
        Self(read)
    }

    /// Gives a variable's value; an empty one is none, as OpenTelemetry has it.
    pub(super) fn get(&self, name: &str) -> Option<String> {
        let value = (self.0)(name)?;
        let trimmed = value.trim();
        (!trimmed.is_empty()).then(|| trimmed.to_owned())
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Environment")
    }
}

/// Holds what was passed over, one line each, for whoever set it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Notes(pub(super) Vec<String>);

impl Notes {
    pub(super) fn add(&mut self, variable: &str, what: impl fmt::Display) {
        self.0.push(format!("{variable}: {what}"));
    }
}
