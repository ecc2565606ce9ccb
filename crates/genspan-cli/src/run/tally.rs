//! Counts what is recorded on its way to the destinations, wherever these are.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use genspan::{
    Ended, Event, Handle, Measured, Money, Rendering, Report, Signals, Sink, SpanContext, SpanKind,
    Start, Timestamp, Value,
    semconv::attribute::{
        ERROR_TYPE, GEN_AI_OPERATION_NAME, GEN_AI_RESPONSE_FINISH_REASONS,
        GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK, GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS,
        GEN_AI_USAGE_INPUT_TOKENS, GEN_AI_USAGE_OUTPUT_TOKENS, GENSPAN_COST_CURRENCY,
        GENSPAN_COST_TOTAL, GENSPAN_COST_UNPRICED_CALLS,
    },
    semconv::event::GENSPAN_ATTEMPT,
};

use genspan_tree::{RunningSpending, SpanFacts, Spending, Spent, Tokens};

/// Holds what was recorded, as far as it is shown; clones share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally(Arc<Mutex<Counting>>);

#[derive(Debug, Default)]
struct Counting {
    /// What is counted call by call; what they cost is not.
    seen: Seen,
    spending: RunningSpending,
}

/// Sums up all calls, and holds the latest spans.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Seen {
    pub(crate) calls: u64,
    pub(crate) failed: u64,
    /// Calls that took more than one attempt.
    pub(crate) repeated: u64,
    /// Calls without a span, since they stand in traces that their callers do not sample.
    pub(crate) unsampled: u64,
    pub(crate) tokens: Tokens,
    /// What the calls to models cost, agents' statements for those without a price included.
    pub(crate) spending: Spending,
    /// In the order in which they ended.
    pub(crate) spans: VecDeque<SpanFacts>,
}

impl Tally {
    /// Bounds the spans that are kept.
    const LATEST: usize = 512;

    pub(crate) fn seen(&self) -> Seen {
        let counting = self.lock();
        Seen {
            spending: counting.spending.total(),
            ..counting.seen.clone()
        }
    }

    fn lock(&self) -> MutexGuard<'_, Counting> {
        // A panic elsewhere leaves the counts as true as they were.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, handle: &Handle, at: Timestamp, signals: &Signals) {
        let facts = facts(handle, at, signals);
        let mut counting = self.lock();
        let Counting { seen, spending } = &mut *counting;
        spending.add(&facts);
        // Agents and tools are counted by the calls they make.
        if signals.kind == SpanKind::Client {
            seen.calls += 1;
            seen.failed += u64::from(signals.is_error);
            let is_attempt = |event: &Event| event.name == GENSPAN_ATTEMPT;
            seen.repeated += u64::from(signals.span_events.iter().any(is_attempt));
            seen.unsampled += u64::from(!handle.is_recording);
            add(&mut seen.tokens.input, facts.tokens.input);
            add(&mut seen.tokens.cached, facts.tokens.cached);
            add(&mut seen.tokens.output, facts.tokens.output);
        }
        if handle.is_recording {
            if seen.spans.len() >= Self::LATEST {
                seen.spans.pop_front();
            }
            seen.spans.push_back(facts);
        }
    }
}

/// Adds what is stated; what never was stays unknown.
fn add(sum: &mut Option<u64>, count: Option<u64>) {
    if let Some(count) = count {
        *sum = Some(sum.unwrap_or(0).saturating_add(count));
    }
}

fn spent(signals: &Signals) -> Option<Spent> {
    let Some(Value::Double(amount)) = signals.get(GENSPAN_COST_TOTAL) else {
        return None;
    };
    let currency = signals.get(GENSPAN_COST_CURRENCY).and_then(Value::as_str);
    Some(Spent {
        amount: Money::from_f64(*amount)?,
        currency: currency?.to_owned(),
    })
}

fn facts(handle: &Handle, at: Timestamp, signals: &Signals) -> SpanFacts {
    let count = |key| match signals.get(key) {
        Some(Value::Int(count)) => u64::try_from(*count).ok(),
        _ => None,
    };
    let reasons = match signals.get(GEN_AI_RESPONSE_FINISH_REASONS) {
        Some(Value::Array(reasons)) => reasons.as_slice(),
        _ => &[],
    };
    let error = signals
        .get(ERROR_TYPE)
        .and_then(Value::as_str)
        .unwrap_or("error");
    SpanFacts {
        trace_id: handle.context.trace_id.to_string(),
        span_id: handle.context.span_id.to_string(),
        parent_id: handle
            .parent
            .as_ref()
            .map(|parent| parent.span_id.to_string())
            .unwrap_or_default(),
        name: signals.name.clone(),
        start: handle.started.unix_nanos(),
        end: at.unix_nanos(),
        first_chunk: match signals.get(GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK) {
            Some(Value::Double(seconds)) => Duration::try_from_secs_f64(*seconds).ok(),
            _ => None,
        },
        tokens: Tokens {
            input: count(GEN_AI_USAGE_INPUT_TOKENS),
            cached: count(GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS),
            output: count(GEN_AI_USAGE_OUTPUT_TOKENS),
        },
        is_model_call: signals
            .get(GEN_AI_OPERATION_NAME)
            .and_then(Value::as_str)
            .is_some_and(genspan_tree::is_model_call),
        cost: spent(signals),
        unpriced_calls: count(GENSPAN_COST_UNPRICED_CALLS).unwrap_or_default(),
        finish_reasons: reasons
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect(),
        error: signals.is_error.then(|| error.to_owned()),
    }
}

/// Stands before a sink and notes what goes through.
///
/// It asks for a rendering of its own, in the default conventions and without content, so that what is shown does not
/// depend on what the destinations want.
#[derive(Debug)]
pub(crate) struct Counted {
    inner: Arc<dyn Sink>,
    renderings: Vec<Rendering>,
    tally: Tally,
}

impl Counted {
    pub(crate) fn new(inner: Arc<dyn Sink>, tally: Tally) -> Self {
        let renderings = std::iter::once(Rendering::default())
            .chain(inner.renderings().iter().cloned())
            .collect();
        Self {
            inner,
            renderings,
            tally,
        }
    }
}

impl Sink for Counted {
    fn renderings(&self) -> &[Rendering] {
        &self.renderings
    }

    fn start(&self, start: Start) -> Handle {
        self.inner.start(start)
    }

    fn can_move(&self) -> bool {
        self.inner.can_move()
    }

    fn finish(&self, handle: Handle, ended: Ended) {
        let Ended { at, signals } = ended;
        let mut signals = signals.into_iter();
        if let Some(own) = signals.next() {
            self.tally.note(&handle, at, &own);
        }
        self.inner.finish(
            handle,
            Ended {
                at,
                signals: signals.collect(),
            },
        );
    }

    fn event(&self, within: Option<&SpanContext>, events: Vec<Option<Event>>) {
        let events = events.into_iter().skip(1).collect();
        self.inner.event(within, events);
    }

    fn measure(&self, measured: Vec<Measured>) {
        self.inner.measure(measured.into_iter().skip(1).collect());
    }

    fn flush(&self, timeout: Duration) -> Report {
        self.inner.flush(timeout)
    }

    fn shutdown(&self, timeout: Duration) -> Report {
        self.inner.shutdown(timeout)
    }
}

#[cfg(test)]
mod tests {
    use genspan::{AgentInvocation, Counts, ErrorType, Inference, Provider, Telemetry, Usage};
    use genspan_otlp::{OtlpSink, SinkOptions};

    use super::*;

    #[test]
    fn calls_are_summed_and_spans_kept() {
        let tally = Tally::default();
        let sink = Arc::new(OtlpSink::start(Vec::new(), SinkOptions::default()).unwrap());
        let telemetry = Telemetry::builder(Arc::new(Counted::new(sink, tally.clone())))
            .inline()
            .build();
        let agent = telemetry.start(AgentInvocation::new("a"));
        let mut call = telemetry.start(Inference::chat(Provider::OPENAI, "m"));
        let counts = Counts {
            input: Some(10),
            output: Some(2),
            cache_read: Some(4),
            ..Counts::default()
        };
        call.usage = Usage::inclusive(counts).0;
        call.response.finish_reasons = vec!["stop".to_owned()];
        call.finish();
        telemetry
            .start(Inference::chat(Provider::OPENAI, "m"))
            .fail(ErrorType::RateLimited);
        agent.finish();
        let seen = tally.seen();
        let shown: Vec<_> = seen
            .spans
            .iter()
            .map(|span| (span.name.as_str(), span.error.as_deref()))
            .collect();
        assert_eq!(
            shown,
            [
                ("chat m", None),
                ("chat m", Some("rate_limited")),
                ("invoke_agent a", None)
            ]
        );
        assert_eq!((seen.calls, seen.failed, seen.unsampled), (2, 1, 0));
        assert_eq!(
            seen.tokens,
            Tokens {
                input: Some(10),
                cached: Some(4),
                output: Some(2)
            }
        );
        assert_eq!(seen.spans[0].finish_reasons, ["stop"]);
        // The other one was turned away, which costs nothing.
        assert_eq!(seen.spending.to_string(), "1 unpriced");
    }

    #[test]
    fn what_an_agent_states_counts_where_its_calls_have_no_price() {
        let tally = Tally::default();
        let sink = Arc::new(OtlpSink::start(Vec::new(), SinkOptions::default()).unwrap());
        let telemetry = Telemetry::builder(Arc::new(Counted::new(sink, tally.clone())))
            .inline()
            .build();
        let mut agent = telemetry.start(AgentInvocation::new("a"));
        let scope = agent.scope();
        let call = || scope.run(|| telemetry.start(Inference::chat(Provider::OPENAI, "m")));
        call().finish();
        let late = call();
        assert_eq!(tally.seen().spending.to_string(), "1 unpriced");
        agent.cost = genspan::Cost::stated_in_usd(0.25);
        agent.finish();
        late.finish();
        let seen = tally.seen();
        assert_eq!(seen.spending.to_string(), "$0.25 as agents state");
        assert_eq!((seen.calls, seen.spending.calls), (2, 2));
    }
}
