//! Whether agents are concluded from the traffic.

use clap::Args;
use genspan_infer::Limits;

/// Says whether agents, their tools and sub-agents are concluded from calls; by default they are.
#[derive(Args, Clone, Copy, Debug, Default)]
pub(crate) struct InferArgs {
    /// Records calls by themselves, without the agents and tools that they tell of
    #[arg(long)]
    no_infer: bool,
}

impl InferArgs {
    /// Gives the bounds within which agents are concluded, `None` where they are not.
    pub(crate) fn within(self, limits: Limits) -> Option<Limits> {
        (!self.no_infer).then_some(limits)
    }
}
