//! Parts of a run: its turns, and compactions of its context. They are live, so that what runs in them is under them.

use genspan::{Active, ErrorType, Failure, Outcome, Provider, SpanEvent, Step, Timestamp};

use super::{
    BoxedSpan, CompactionOutcome, CompactionSpanParams, TurnEnd, TurnSpanParams,
    classify::{failed, provider},
    metrics::parts,
    place,
    span::UnderWay,
    words,
};

/// Begins a turn within what is current here, which is its run where that is current.
///
/// Chats, tools and sub-agents belong in the turn's [`scope`](BoxedSpan::scope); their tokens are the run's all the same.
pub fn build_turn_span(params: TurnSpanParams) -> BoxedSpan {
    let mut turn = Step::new(words::TURN_SPAN);
    turn.common.set(words::TURN_NUMBER, count(params.number));
    let part = Part::Turn {
        provider: provider(params.provider_id),
        input_kind: params.input_kind,
    };
    begin(turn, part)
}

/// Ends a turn, and measures it.
pub fn finish_turn_span(span: &mut BoxedSpan, end: &TurnEnd) {
    let Some(UnderWay::Step(turn)) = span.under_way() else {
        return;
    };
    let common = &mut turn.active.common;
    if let Some(usage) = end.usage {
        for (key, tokens) in [
            (words::TURN_INPUT_TOKENS, usage.input_tokens),
            (words::TURN_OUTPUT_TOKENS, usage.output_tokens),
            (
                words::TURN_CACHE_CREATION,
                usage.cache_creation_input_tokens,
            ),
            (words::TURN_CACHE_READ, usage.cache_read_input_tokens),
        ] {
            common.set(key, tokens);
        }
    }
    common.set(words::TURN_STOP_REASON, end.stop_reason);
    common.set(words::TURN_HAD_TOOL_CALLS, end.had_tool_calls);
    span.end_as(match end.stop_reason {
        "error" => failed("turn_error", ""),
        "cancelled" => Outcome::Cancelled,
        _ => Outcome::Completed,
    });
}

/// Begins a compaction of the context; the chat that writes the summary belongs in its [`scope`](BoxedSpan::scope).
pub fn build_compaction_span(params: CompactionSpanParams) -> BoxedSpan {
    let mut compaction = Step::new(words::COMPACTION_SPAN);
    let common = &mut compaction.common;
    common.set(words::COMPACTION_TRIGGER, params.trigger.as_str());
    common.set(
        words::COMPACTION_ORIGINAL_COUNT,
        count(params.original_count),
    );
    common.set(words::COMPACTION_ORIGINAL_TOKENS, params.original_tokens);
    begin(compaction, Part::Compaction(params))
}

/// Ends a compaction; one that was made is counted, with the tokens that it saved.
pub fn finish_compaction_span(span: &mut BoxedSpan, outcome: &CompactionOutcome<'_>) {
    let now = span.telemetry().now();
    let metrics = parts::of(span.telemetry());
    let Some(UnderWay::Step(StepUnderWay {
        active,
        part: Part::Compaction(begun),
    })) = span.under_way()
    else {
        return;
    };
    let ending = match outcome {
        CompactionOutcome::Compacted {
            new_count,
            new_tokens,
        } => {
            active
                .common
                .set(words::COMPACTION_NEW_COUNT, count(*new_count));
            active.common.set(words::COMPACTION_NEW_TOKENS, *new_tokens);
            let saved = begun.original_tokens.checked_sub(*new_tokens);
            if saved.is_none() {
                note(active, now, "compaction.expanded_unexpectedly");
            }
            metrics.compaction(begun.trigger.as_str(), saved);
            Outcome::Completed
        }
        CompactionOutcome::SkippedBelowThreshold => {
            note(active, now, "compaction.skipped_below_threshold");
            Outcome::Completed
        }
        CompactionOutcome::Cancelled => Outcome::Cancelled,
        CompactionOutcome::Failed { message } => failed("context_compaction_failed", *message),
        CompactionOutcome::HistoryReplaceFailed { message } => {
            note(active, now, "compaction.history_replace_failed");
            failed("context_compaction_history_replace_failed", *message)
        }
    };
    span.end_as(ending);
}

fn begin(step: Step, part: Part) -> BoxedSpan {
    BoxedSpan::new(place::start(step), |active| {
        UnderWay::Step(StepUnderWay { active, part })
    })
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

fn note(step: &mut Active<Step>, at: Timestamp, name: &str) {
    step.common.events.push(SpanEvent {
        name: name.to_owned(),
        at,
        attributes: Vec::new(),
    });
}

/// Holds a part of a run that is under way, and what its end has to know.
pub(super) struct StepUnderWay {
    pub(super) active: Active<Step>,
    part: Part,
}

enum Part {
    Turn {
        provider: Provider,
        input_kind: &'static str,
    },
    Compaction(CompactionSpanParams),
}

impl StepUnderWay {
    /// Ends it, whoever says so; what was not said of a turn by then is said as well as can be.
    pub(super) fn end_as(mut self, outcome: Outcome) {
        match self.part {
            Part::Turn {
                provider,
                input_kind,
            } => {
                let word = stop_reason(&mut self.active, &outcome);
                let telemetry = self.active.telemetry();
                let took = telemetry.now().since(self.active.started()).as_secs_f64();
                parts::of(telemetry).turn(word, input_kind, &provider, took);
                self.active.end_as(outcome);
            }
            Part::Compaction(_) => {
                let is_error = outcome != Outcome::Completed;
                let word = if is_error { "error" } else { "success" };
                self.active.common.set(words::OUTCOME, word);
                self.active.end_as(match outcome {
                    Outcome::Cancelled => Outcome::Failed(Failure::new(ErrorType::Other(
                        "context_compaction_cancelled".into(),
                    ))),
                    other => other,
                });
            }
        }
    }
}

/// Gives the word for a turn's end, which is stated where nobody did.
fn stop_reason(turn: &mut Active<Step>, outcome: &Outcome) -> &'static str {
    const WORDS: [&str; 8] = [
        "continue",
        "done",
        "refusal",
        "awaiting_confirmation",
        "pending_tool_calls",
        "budget_exceeded",
        "error",
        "cancelled",
    ];
    let stated = turn.common.attributes.iter();
    let mut stated = stated.filter(|(key, _)| key == words::TURN_STOP_REASON);
    if let Some(word) = stated.next().and_then(|(_, value)| value.as_str()) {
        // Only known words stand on metrics.
        let mut known = WORDS.into_iter();
        return known.find(|known| *known == word).unwrap_or("unknown");
    }
    let word = match outcome {
        Outcome::Completed => "unknown",
        Outcome::Cancelled => "cancelled",
        Outcome::Failed(_) => "error",
    };
    turn.common.set(words::TURN_STOP_REASON, word);
    word
}
