//! What a dialect need be told.

use std::collections::BTreeMap;

use crate::{braintrust::Environment, sentry::Origin};

/// Holds what vendors want to be told and no span says.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Where Braintrust files spans whose context names no parent: `project_id:…`, `project_name:…` or
    /// `experiment_id:…`.
    pub braintrust_parent: Option<String>,
    /// What the program runs in, for Braintrust.
    pub braintrust_environment: Option<Environment>,
    /// Whether Sentry gets what is sent to models and tools, where content was captured at all; by default it does.
    pub sentry_record_inputs: bool,
    /// Whether Sentry gets what models and tools answer, where content was captured at all; by default it does.
    pub sentry_record_outputs: bool,
    /// Where spans come from, for Sentry.
    pub sentry_origin: Origin,
    /// The types of tools by name, before those that the vendor's own table has.
    pub tool_types: BTreeMap<String, String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            braintrust_parent: None,
            braintrust_environment: None,
            sentry_record_inputs: true,
            sentry_record_outputs: true,
            sentry_origin: Origin::default(),
            tool_types: BTreeMap::new(),
        }
    }
}
