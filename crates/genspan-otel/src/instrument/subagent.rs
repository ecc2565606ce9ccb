//! Sub-agents: runs within a run, each live while it runs.

use genspan::{Active, AgentInvocation, AgentSite, RunEnd, RunOutcome};

use super::{
    BoxedSpan, SubagentSpanParams, TokenUsage, classify::provider, metrics::parts, place,
    root::end, span::UnderWay, words,
};

/// Begins the run of a sub-agent within what is current here, such as the tool call that asked for it.
///
/// What runs in its [`scope`](BoxedSpan::scope) is the sub-agent's own: its tokens are its, and are counted once.
pub fn start_subagent_span(params: SubagentSpanParams<'_>) -> BoxedSpan {
    let mut run = AgentInvocation::at(AgentSite::InProcess {
        provider: Some(provider(params.provider_id)),
    });
    run.name = Some(params.name.to_owned());
    run.request.model = Some(params.model.to_owned());
    run.common.set(words::PROVIDER_ID, params.provider_id);
    run.common.set(words::RUN_MODE, "loop");
    BoxedSpan::new(place::start(run), UnderWay::Subagent)
}

/// Ends the run of a sub-agent, and counts it.
///
/// Without `usage` its tokens are the sum of its own chats.
pub fn finish_subagent_span(
    span: &mut BoxedSpan,
    total_turns: usize,
    usage: Option<&TokenUsage>,
    outcome: &'static str,
) {
    if let Some(agent) = span.take_subagent() {
        let outcome = RunOutcome::from_word(outcome);
        finish(agent, end(total_turns, usage, outcome));
    }
}

pub(super) fn finish(mut agent: Active<AgentInvocation>, end: RunEnd) {
    let outcome = end.outcome;
    agent.common.set(words::OUTCOME, outcome.as_str());
    if let Some(turns) = end.turns {
        agent.common.set(words::TOTAL_TURNS, turns);
    }
    if let Some(usage) = end.usage {
        agent.usage = usage;
    }
    let name = agent.name.clone().unwrap_or_default();
    parts::of(agent.telemetry()).subagent(&name, outcome);
    agent.end_as(end.into_outcome());
}
