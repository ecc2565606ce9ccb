//! Runs: one span for each, which one task begins and another ends.

use std::fmt;

use genspan::{
    AgentInvocation, AgentSite, Carrier, LiveRoots, LiveRootsBuilder, RunEnd, RunOutcome, RunWords,
    Telemetry,
};
use opentelemetry::{Context, baggage::BaggageExt};

use super::{
    BoxedSpan, RootTurnSpanParams, TokenUsage, classify::provider, metrics, place, span::UnderWay,
    words,
};
use crate::context::with_current;

/// Holds a run that has begun, and what its other tasks have to know.
#[derive(Debug)]
pub struct StartedRootTurnSpan {
    /// The run.
    pub span: BoxedSpan,
    /// The trace's id, 32 digits.
    pub trace_id_hex: String,
    /// The span's id, 16 digits.
    pub span_id_hex: String,
    /// Whether the run's trace is sampled.
    pub sampled: bool,
}

impl StartedRootTurnSpan {
    /// Writes down where the run stands, with its true flag and state, and the baggage that is here as far as allowed.
    ///
    /// Keep this instead of the ids: what ids alone lose is lost for all of the run's later tasks.
    #[must_use]
    pub fn carrier(&self, allowed: &[&str]) -> Carrier {
        let carrier = Carrier::of(&self.span.context());
        let read = |context: &Context| {
            let members = context.baggage().iter();
            let members = members.map(|(key, (value, _))| (key.as_str(), value.as_str()));
            carrier.clone().with_baggage(members, allowed)
        };
        with_current(read).unwrap_or(carrier.clone())
    }
}

/// Begins a run within what is current here, such as the server span of the request that asked for it.
pub fn start_root_turn_span(params: RootTurnSpanParams<'_>) -> StartedRootTurnSpan {
    let mut run = AgentInvocation::at(AgentSite::InProcess {
        provider: Some(provider(params.provider_id)),
    });
    run.request.model = Some(params.model.to_owned());
    run.common.conversation_id = Some(params.conversation_id.to_owned());
    run.common.set(words::PROVIDER_ID, params.provider_id);
    let span = BoxedSpan::new(place::start(run), UnderWay::Root);
    let context = span.context();
    StartedRootTurnSpan {
        span,
        trace_id_hex: context.trace_id.to_string(),
        span_id_hex: context.span_id.to_string(),
        sampled: context.sampled,
    }
}

/// Ends a run that was not stashed, and counts it.
///
/// Without `usage` the run's tokens are the sum of its own chats. No turns of a run that did not get to its
/// end are left out: that is what callers say who do not know.
pub fn finish_root_turn_span(
    span: &mut BoxedSpan,
    total_turns: usize,
    usage: Option<&TokenUsage>,
    outcome: &'static str,
) {
    if let Some(root) = span.take_root() {
        let end = end(total_turns, usage, RunOutcome::from_word(outcome));
        live_roots(span.telemetry()).end(root, end);
    }
}

/// Keeps a run until [`finalize_root_turn_span`] ends it; what is too old or one too many ends as `abandoned`.
///
/// # Errors
///
/// Gives the span back where a run of this task is live, or has ended. Dropped, it ends as `discarded`.
pub fn stash_root_turn_span(
    task_id: impl AsRef<str>,
    mut span: BoxedSpan,
) -> Result<(), NotStashed> {
    let Some(root) = span.take_root() else {
        return Err(NotStashed {
            span: Box::new(span),
        });
    };
    let roots = live_roots(root.telemetry());
    roots.stash(task_id.as_ref(), root).map_err(|refused| {
        let mut span = BoxedSpan::new(refused.into_root(), UnderWay::Root);
        span.is_spare = true;
        NotStashed {
            span: Box::new(span),
        }
    })
}

/// Ends the run of a task, and counts it: each once, however often and wherever this is called.
///
/// Where nobody knows the run, as after a restart without a journal, it is counted all the same.
pub fn finalize_root_turn_span(
    task_id: impl AsRef<str>,
    total_turns: usize,
    usage: Option<&TokenUsage>,
    outcome: &'static str,
) {
    if let Some(telemetry) = place::telemetry() {
        let end = end(total_turns, usage, RunOutcome::from_word(outcome));
        live_roots(&telemetry).finalise(&telemetry, task_id.as_ref(), end);
    }
}

/// Ends the run of a task as `discarded`, for one that turned out to be none; it is not counted.
pub fn discard_root_turn_span(task_id: impl AsRef<str>) {
    if let Some(telemetry) = place::telemetry() {
        live_roots(&telemetry).discard(&telemetry, task_id.as_ref());
    }
}

/// Gives the runs that are live in this recorder, which the functions here use.
///
/// [`LiveRoots::resume`] and [`LiveRoots::recover`] are had through it.
#[must_use]
pub fn live_roots(telemetry: &Telemetry) -> LiveRoots {
    keep_roots_with(telemetry, LiveRoots::builder())
}

/// Says how the runs of this recorder are kept, such as with a journal; to be called before the first of them.
///
/// What tells how a run ended, and the counter, are agent-sdk's own; the first call decides.
#[must_use]
pub fn keep_roots_with(telemetry: &Telemetry, roots: LiveRootsBuilder) -> LiveRoots {
    let metrics = metrics::of(telemetry);
    roots
        .with_words(RunWords {
            outcome: words::OUTCOME,
            turns: words::TOTAL_TURNS,
        })
        .with_count(move |outcome| metrics.run(outcome))
        .build_for(telemetry)
}

/// Says how a run ended as records hold it.
pub(super) fn end(total_turns: usize, usage: Option<&TokenUsage>, outcome: RunOutcome) -> RunEnd {
    let mut end = RunEnd::new(outcome);
    let turns = u64::try_from(total_turns).unwrap_or(u64::MAX);
    let is_known = turns > 0 || end.outcome == RunOutcome::Done;
    end.turns = is_known.then_some(turns);
    // What does not add up is left out; a run has no diagnostics of what its chats told already.
    end.usage = usage
        .and_then(|usage| usage.usage())
        .map(|(usage, _)| usage);
    end
}

/// Gives a span back that could not be stashed: a run of its task is live, or has ended, or the span is no run.
#[derive(thiserror::Error)]
#[error(
    "the span was not stashed: a run of this task is live, or has ended, or the span is no run"
)]
pub struct NotStashed {
    span: Box<BoxedSpan>,
}

impl NotStashed {
    /// Gives the span, to be ended by the caller.
    pub fn into_span(self) -> BoxedSpan {
        *self.span
    }
}

impl fmt::Debug for NotStashed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NotStashed")
            .field("span", &self.span)
            .finish()
    }
}
