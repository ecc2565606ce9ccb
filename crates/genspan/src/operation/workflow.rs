//! The run of a workflow.

use super::{Common, Content, operation};

/// Records one run of a workflow that coordinates agents or model calls.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WorkflowInvocation {
    /// The workflow's name; low cardinality, never the name of a type.
    pub name: Option<String>,
    /// What was said.
    pub content: Content,
    /// Facts that every operation may have.
    pub common: Common,
}

impl WorkflowInvocation {
    /// Begins the record of a run of the named workflow.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: Some(name.into()),
            ..Self::default()
        }
    }
}

operation!(WorkflowInvocation, WorkflowInvocation, |workflow| {
    WorkflowInvocation {
        name: workflow.name.clone(),
        ..WorkflowInvocation::default()
    }
});
