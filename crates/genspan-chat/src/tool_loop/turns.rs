//! A span for each turn of a loop, for those who want to see them.

use std::fmt;

use genspan::{Active, Telemetry, Turn};

use crate::Classifier;

/// Records each turn of a [`ToolLoop`](crate::ToolLoop) as a span, `turn`, between the agent and what the turn does.
///
/// Without it a turn has no span, as the conventions have none: calls and tools stand under the agent. With it they
/// stand under the turn, side by side still, and count for the agent all the same.
#[derive(Clone, Debug)]
pub struct Turns {
    telemetry: Telemetry,
    agent_name: Option<String>,
    classifier: Classifier,
}

impl Turns {
    /// Records turns.
    #[must_use]
    pub fn new(telemetry: &Telemetry) -> Self {
        Self {
            telemetry: telemetry.clone(),
            agent_name: None,
            classifier: Classifier::default(),
        }
    }

    /// Names the agent whose turns they are, which labels their duration.
    #[must_use]
    pub fn with_agent_name(mut self, name: impl Into<String>) -> Self {
        self.agent_name = Some(name.into());
        self
    }

    /// Decides by other rules how turns failed.
    #[must_use]
    pub fn with_classifier(mut self, classifier: Classifier) -> Self {
        self.classifier = classifier;
        self
    }

    /// Begins the turn of this number, from 1.
    pub(super) fn start(&self, number: usize) -> Active<Turn> {
        let mut turn = Turn::new(u32::try_from(number).unwrap_or(u32::MAX));
        turn.agent_name.clone_from(&self.agent_name);
        self.telemetry.start(turn)
    }

    /// Ends a turn in which the model's client gave an error.
    pub(super) fn fail<E: fmt::Display + 'static>(&self, turn: Active<Turn>, error: &E) {
        turn.fail(self.classifier.classify(error));
    }
}
