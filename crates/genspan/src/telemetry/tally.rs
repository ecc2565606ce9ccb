//! What an agent's own calls add up to.

use crate::{
    AgentInvocation, AgentSite, Cost, CostSource, Counts, Inference, McpSide, Outcome, Provider,
    Record, Timestamp, Usage,
};

/// Sums up what ran as an agent's own: its model calls and tools, and not those of its sub-agents or tools.
#[derive(Debug, Default)]
pub(super) struct Tally {
    provider: Option<Provider>,
    counts: Counts,
    is_estimated: bool,
    cost: Option<Cost>,
    unpriced_calls: u64,
    finish_reasons: Vec<String>,
    /// When the call ended whose finish reasons these are.
    finished: Option<Timestamp>,
    inference_calls: u64,
    tool_calls: u64,
}

impl Tally {
    /// Takes one of the agent's own operations in, which has ended at that moment; others may have ended later.
    pub(super) fn add(&mut self, record: &Record, outcome: &Outcome, at: Timestamp) {
        match record {
            Record::Inference(inference) => {
                self.add_inference(inference, at);
                self.add_cost(record.cost(), outcome);
            }
            Record::Embeddings(_) => self.add_cost(record.cost(), outcome),
            Record::ToolExecution(_) => self.tool_calls += 1,
            // Where no span of the tool's own is round it, the request is the tool's run as the agent sees it.
            Record::Mcp(request) if request.side == McpSide::Client && request.is_tool_call() => {
                self.tool_calls += 1;
            }
            _ => {}
        }
    }

    fn add_inference(&mut self, inference: &Inference, at: Timestamp) {
        self.inference_calls += 1;
        if self.provider.is_none() && !inference.provider.as_str().is_empty() {
            self.provider = Some(inference.provider.clone());
        }
        let is_last = self.finished.is_none_or(|finished| finished <= at);
        if is_last && !inference.response.finish_reasons.is_empty() {
            self.finished = Some(at);
            self.finish_reasons
                .clone_from(&inference.response.finish_reasons);
        }
        let plus = |sum: Option<u64>, stated: Option<u64>| match (sum, stated) {
            (Some(sum), Some(stated)) => Some(sum.saturating_add(stated)),
            (sum, stated) => sum.or(stated),
        };
        self.counts = self.counts.combined(inference.usage.counts(), plus);
        self.is_estimated |= inference.usage.is_estimated();
    }

    /// Adds what a call costs, or counts it as one that the sum lacks.
    fn add_cost(&mut self, cost: Option<&Cost>, outcome: &Outcome) {
        let is_added = match (&mut self.cost, cost) {
            (Some(sum), Some(cost)) => sum.add(cost),
            (sum @ None, Some(cost)) => {
                *sum = Some(Cost {
                    source: CostSource::Calls,
                    ..cost.clone()
                });
                true
            }
            (_, None) => outcome.is_turned_away(),
        };
        self.unpriced_calls += u64::from(!is_added);
    }

    /// Tells the agent's record what it does not state itself.
    pub(super) fn fill(self, agent: &mut AgentInvocation) {
        if agent.usage == Usage::default() {
            // A part of one call may exceed the whole of those that state one; it is left out.
            (agent.usage, _) = Usage::inclusive(self.counts);
            if self.is_estimated {
                agent.usage = agent.usage.into_estimated();
            }
        }
        if agent.cost.is_none() && self.cost.is_some() {
            agent.cost = self.cost;
            agent.unpriced_calls.get_or_insert(self.unpriced_calls);
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
