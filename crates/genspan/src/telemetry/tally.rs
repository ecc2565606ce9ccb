//! What an agent's own calls add up to.

use crate::{AgentInvocation, AgentSite, Counts, Inference, Provider, Record, Usage};

/// Sums up what ran as an agent's own: its model calls and tools, and not those of its sub-agents or tools.
#[derive(Debug, Default)]
pub(super) struct Tally {
    provider: Option<Provider>,
    counts: Counts,
    finish_reasons: Vec<String>,
    inference_calls: u64,
    tool_calls: u64,
}

impl Tally {
    /// Takes one of the agent's own operations in, which has ended.
    pub(super) fn add(&mut self, record: &Record) {
        match record {
            Record::Inference(inference) => self.add_inference(inference),
            Record::ToolExecution(_) => self.tool_calls += 1,
            _ => {}
        }
    }

    fn add_inference(&mut self, inference: &Inference) {
        self.inference_calls += 1;
        self.provider
            .get_or_insert_with(|| inference.provider.clone());
        if !inference.response.finish_reasons.is_empty() {
            self.finish_reasons
                .clone_from(&inference.response.finish_reasons);
        }
        let usage = &inference.usage;
        let counts = &mut self.counts;
        for (sum, stated) in [
            (&mut counts.input, usage.input()),
            (&mut counts.output, usage.output()),
            (&mut counts.cache_read, usage.cache_read()),
            (&mut counts.cache_write, usage.cache_write()),
            (&mut counts.reasoning, usage.reasoning()),
        ] {
            if let Some(stated) = stated {
                *sum = Some(sum.unwrap_or(0).saturating_add(stated));
            }
        }
    }

    /// Tells the agent's record what it does not state itself.
    pub(super) fn fill(self, agent: &mut AgentInvocation) {
        if agent.usage == Usage::default() {
            // A part of one call may exceed the whole of those that state one; it is left out.
            (agent.usage, _) = Usage::inclusive(self.counts);
        }
        if agent.finish_reasons.is_empty() {
            agent.finish_reasons = self.finish_reasons;
        }
        agent.inference_calls.get_or_insert(self.inference_calls);
        agent.tool_calls.get_or_insert(self.tool_calls);
        if let AgentSite::InProcess { provider } = &mut agent.site
            && provider.is_none()
        {
            *provider = self.provider;
        }
    }
}
