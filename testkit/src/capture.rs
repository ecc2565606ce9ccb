//! A sink that keeps everything in memory, with counted ids.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use genspan::{
    Ended, Event, Handle, Measured, Measurement, Parent, Rendering, Report, Signals, Sink,
    SpanContext, SpanId, Start, Timestamp, TraceId,
};

/// Keeps spans and measurements in memory.
///
/// Trace ids count up from 1, span ids likewise, so that snapshots are the same each time.
#[derive(Debug)]
pub struct CaptureSink {
    renderings: Vec<Rendering>,
    is_sampled: bool,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    next: u64,
    starts: Vec<Start>,
    spans: Vec<CapturedSpan>,
    measurements: Vec<Measurement>,
    events: Vec<(Option<SpanContext>, Event)>,
    is_shut_down: bool,
}

/// Holds a span that has ended.
#[derive(Clone, Debug)]
pub struct CapturedSpan {
    /// Where it stands.
    pub context: SpanContext,
    /// What it stands within.
    pub parent: Option<SpanContext>,
    /// When it began.
    pub started: Timestamp,
    /// When it ended.
    pub ended: Timestamp,
    /// What it became in the first rendering.
    pub signals: Signals,
    /// What it became in the other renderings.
    pub others: Vec<Signals>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl CaptureSink {
    /// Captures signals in the given rendering.
    #[must_use]
    pub fn new(rendering: Rendering) -> Arc<Self> {
        Self::with_renderings(vec![rendering])
    }

    /// Captures signals in several renderings.
    #[must_use]
    pub fn with_renderings(renderings: Vec<Rendering>) -> Arc<Self> {
        Arc::new(Self {
            renderings,
            is_sampled: true,
            state: Mutex::default(),
        })
    }

    /// Samples no span, so that only measurements are captured.
    #[must_use]
    pub fn unsampled(rendering: Rendering) -> Arc<Self> {
        let renderings = vec![rendering];
        Arc::new(Self {
            renderings,
            is_sampled: false,
            state: Mutex::default(),
        })
    }

    /// Gives the spans that have ended, in the order in which they ended.
    #[must_use]
    pub fn spans(&self) -> Vec<CapturedSpan> {
        lock(&self.state).spans.clone()
    }

    /// Gives what the sampler saw at each start.
    #[must_use]
    pub fn starts(&self) -> Vec<Start> {
        lock(&self.state).starts.clone()
    }

    /// Gives the events that have no operation of their own, each with the span it belongs to.
    #[must_use]
    pub fn events(&self) -> Vec<(Option<SpanContext>, Event)> {
        lock(&self.state).events.clone()
    }

    /// Gives all measurements, those of the first rendering.
    #[must_use]
    pub fn measurements(&self) -> Vec<Measurement> {
        lock(&self.state).measurements.clone()
    }
}

impl Sink for CaptureSink {
    fn renderings(&self) -> &[Rendering] {
        &self.renderings
    }

    fn samples(&self) -> bool {
        true
    }

    fn start(&self, start: Start) -> Handle {
        let parent = match &start.parent {
            Parent::Root => None,
            Parent::Current => self.current(),
            Parent::Span(context) => Some(context.clone()),
        };
        let mut state = lock(&self.state);
        state.next += 1;
        let number = state.next;
        state.starts.push(start.clone());
        drop(state);
        let fresh_trace = TraceId(u128::from(number).to_be_bytes());
        let trace_id = parent.as_ref().map_or_else(
            || {
                start
                    .identity
                    .map_or(fresh_trace, |identity| identity.trace_id)
            },
            |parent| parent.trace_id,
        );
        let span_id = start
            .identity
            .map_or(SpanId(number.to_be_bytes()), |identity| identity.span_id);
        Handle {
            context: SpanContext {
                trace_id,
                span_id,
                sampled: self.is_sampled,
                trace_state: String::new(),
            },
            parent,
            is_recording: self.is_sampled,
            started: start.at,
            links: start.links,
            state: None,
        }
    }

    fn can_move(&self) -> bool {
        true
    }

    fn finish(&self, handle: Handle, ended: Ended) {
        let mut signals = ended.signals.into_iter();
        let Some(first) = signals.next() else { return };
        let mut state = lock(&self.state);
        if state.is_shut_down {
            return;
        }
        state
            .measurements
            .extend(first.measurements.iter().cloned());
        if handle.is_recording {
            state.spans.push(CapturedSpan {
                context: handle.context,
                parent: handle.parent,
                started: handle.started,
                ended: ended.at,
                signals: first,
                others: signals.collect(),
            });
        }
    }

    fn event(&self, within: Option<&SpanContext>, events: Vec<Option<Event>>) {
        if let Some(event) = events.into_iter().flatten().next() {
            lock(&self.state).events.push((within.cloned(), event));
        }
    }

    fn measure(&self, measured: Vec<Measured>) {
        let mut state = lock(&self.state);
        if let Some(first) = measured.into_iter().next()
            && !state.is_shut_down
        {
            state.measurements.extend(first.measurements);
        }
    }

    fn flush(&self, _timeout: Duration) -> Report {
        Report::default()
    }

    fn shutdown(&self, _timeout: Duration) -> Report {
        lock(&self.state).is_shut_down = true;
        Report::default()
    }
}
