//! What came of asking a model until it answered.

use genspan::{Counts, Message, Usage};

use crate::{ChatResponse, ToolOutput};

/// Holds what came of a [`ToolLoop`](crate::ToolLoop)'s run, which is many calls to a model and not one.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Run {
    /// What was said after the request's own messages: answers and what the tools said, to go on from.
    pub messages: Vec<Message>,
    /// The model's last answer.
    pub response: ChatResponse,
    /// How often the model was asked.
    pub rounds: usize,
    /// Why it ended.
    pub end: RunEnd,
    /// The tokens of this run's calls to the model, those of earlier runs apart.
    pub usage: Usage,
    /// What was asked of each tool, in the order in which they were first asked for.
    pub tools: Vec<ToolCount>,
}

impl Run {
    /// Gives the text of the last answer.
    #[must_use]
    pub fn said(&self) -> String {
        self.response.said()
    }
}

/// Names why a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunEnd {
    /// The model asked for no more tools.
    Answered,
    /// The model asked for tools still, and had been asked as often as the loop allows; they were not run.
    RoundsExhausted,
}

/// Counts what was asked of one tool in a run.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ToolCount {
    /// The tool, by the name that the model used.
    pub name: String,
    /// How often it was asked for.
    pub calls: usize,
    /// How often it gave an error, or said that it could not; a tool that is not there always does.
    pub failures: usize,
}

/// Adds up what a run's turns do.
#[derive(Debug, Default)]
pub(super) struct Sums {
    counts: Counts,
    is_estimated: bool,
    pub(super) tools: Vec<ToolCount>,
}

impl Sums {
    /// Takes in what an answer cost.
    pub(super) fn add_answer(&mut self, answer: &ChatResponse) {
        let plus = |sum: Option<u64>, stated: Option<u64>| match (sum, stated) {
            (Some(sum), Some(stated)) => Some(sum.saturating_add(stated)),
            (sum, stated) => sum.or(stated),
        };
        self.counts = self.counts.combined(answer.usage.counts(), plus);
        self.is_estimated |= answer.usage.is_estimated();
    }

    /// Takes in how the run of a tool turned out.
    pub(super) fn add_tool<E>(&mut self, name: &str, output: &Result<ToolOutput, E>) {
        let at = self.tools.iter().position(|tool| tool.name == name);
        let is_failure = !matches!(output, Ok(ToolOutput::Done(_)));
        if let Some(count) = at.and_then(|at| self.tools.get_mut(at)) {
            count.calls += 1;
            count.failures += usize::from(is_failure);
        } else {
            self.tools.push(ToolCount {
                name: name.to_owned(),
                calls: 1,
                failures: usize::from(is_failure),
            });
        }
    }

    /// Gives the tokens of all answers; a part that exceeds its whole is left out.
    pub(super) fn usage(&self) -> Usage {
        let (usage, _) = Usage::inclusive(self.counts);
        if self.is_estimated {
            usage.into_estimated()
        } else {
            usage
        }
    }
}
