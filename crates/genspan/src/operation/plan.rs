//! An agent's making of a plan.

use super::{Common, operation};

/// Records that an agent made a plan; the model call that made it is a child.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// The agent that plans.
    pub agent_name: Option<String>,
    /// Facts that every operation may have.
    pub common: Common,
}

operation!(Plan, Plan, Clone::clone);
