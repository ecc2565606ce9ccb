//! A stretch of an agent's run.

use std::borrow::Cow;

use super::{Common, operation};

/// Records a stretch of an agent's run that the conventions have no operation for: a turn, or a compaction of its context.
///
/// Its span is internal and has the name that is given, no `gen_ai.operation.name` and no metric. What runs in its scope stays
/// the agent's own, so that the agent's tokens, cost and calls are the same with steps and without.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Step {
    /// The span's name, such as `agent.turn`; low cardinality, so a turn's number is an attribute.
    pub name: Cow<'static, str>,
    /// Facts that every operation may have.
    pub common: Common,
}

impl Step {
    /// Begins the record of a stretch of this name.
    #[must_use]
    pub fn new(name: impl Into<Cow<'static, str>>) -> Self {
        Self {
            name: name.into(),
            common: Common::default(),
        }
    }
}

operation!(Step, Step, Clone::clone);
