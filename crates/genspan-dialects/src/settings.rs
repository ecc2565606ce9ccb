//! What a dialect need be told.

use std::collections::BTreeMap;

/// Holds what vendors want to be told and no span says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings {
    /// Where Braintrust files spans whose context names no parent: `project_id:…`, `project_name:…` or
    /// `experiment_id:…`.
    pub braintrust_parent: Option<String>,
    /// Whether Sentry gets what is sent to models and tools, where content was captured at all.
    pub sentry_record_inputs: bool,
    /// Whether Sentry gets what models and tools answer, where content was captured at all.
    pub sentry_record_outputs: bool,
    /// The types of tools by name, before those that the vendor's own table has.
    pub tool_types: BTreeMap<String, String>,
}
