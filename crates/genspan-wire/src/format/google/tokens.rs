//! The tokens that an answer states, again with every piece of a stream.
//!
//! Both formats count the same things under names of their own.

use genspan::{ByModality, Counts};

use super::{
    by_modality::{self, sum, sum_by},
    spelled,
};
use crate::json::Json;

/// Holds how one format names what it counts; details have their counts under `count`.
#[derive(Debug)]
pub(super) struct Names {
    pub(super) input: &'static str,
    pub(super) output: &'static str,
    pub(super) cached: &'static str,
    pub(super) tool_use: &'static str,
    pub(super) thoughts: &'static str,
    pub(super) input_by: &'static str,
    pub(super) output_by: &'static str,
    pub(super) cached_by: &'static str,
    pub(super) tool_use_by: &'static str,
    pub(super) count: &'static str,
}

/// Gathers counts as Google states them: each has its last word.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tokens {
    /// Prompt, what was read of it from the cache, and the answer, apart from the two below.
    counts: Counts,
    /// What the provider's own tools put into the prompt, which is counted apart.
    tool_use: Option<u64>,
    tool_use_by: ByModality,
    /// What the model thought, which is counted apart from the answer.
    thoughts: Option<u64>,
}

impl Tokens {
    pub(super) fn read(&mut self, usage: &Json<'_>, names: &Names) {
        let count = |name| spelled::count(usage, name);
        let by = |name| {
            spelled::get(usage, name)
                .map(|details| by_modality::read(details, names.count))
                .unwrap_or_default()
        };
        self.counts.update(Counts {
            input: count(names.input),
            output: count(names.output),
            cache_read: count(names.cached),
            input_by: by(names.input_by),
            cache_read_by: by(names.cached_by),
            output_by: by(names.output_by),
            ..Counts::default()
        });
        self.tool_use = count(names.tool_use).or(self.tool_use);
        let tool_use_by = by(names.tool_use_by);
        if tool_use_by != ByModality::default() {
            self.tool_use_by = tool_use_by;
        }
        self.thoughts = count(names.thoughts).or(self.thoughts);
    }

    /// Makes them comparable: the input includes what tools added, the output what was thought.
    pub(super) fn into_counts(self) -> Counts {
        let with_tools = |prompt: u64| prompt.saturating_add(self.tool_use.unwrap_or(0));
        Counts {
            input: self.counts.input.map(with_tools),
            input_by: sum_by(self.counts.input_by, self.tool_use_by),
            output: sum(self.counts.output, self.thoughts),
            reasoning: self.thoughts,
            ..self.counts
        }
    }
}
