//! A sink that keeps everything in memory, with counted ids.

use std::{
    any::Any,
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread::{self, ThreadId},
    time::Duration,
};

use genspan::{
    Ended, Handle, Measurement, Parent, Rendering, Report, Signals, Sink, SpanContext, SpanId,
    Start, Timestamp, TraceId,
};

/// Keeps spans and measurements in memory.
///
/// Trace ids count up from 1, span ids likewise, so that snapshots are the same each time.
#[derive(Debug)]
pub struct CaptureSink {
    renderings: Vec<Rendering>,
    is_sampled: bool,
    state: Mutex<State>,
    current: Arc<Current>,
}

type Current = Mutex<HashMap<ThreadId, Vec<SpanContext>>>;

#[derive(Debug, Default)]
struct State {
    next: u64,
    starts: Vec<Start>,
    spans: Vec<CapturedSpan>,
    measurements: Vec<Measurement>,
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
            current: Arc::default(),
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
            current: Arc::default(),
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

    fn start(&self, start: &Start) -> Handle {
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
            state: None,
        }
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

    fn current(&self) -> Option<SpanContext> {
        lock(&self.current)
            .get(&thread::current().id())?
            .last()
            .cloned()
    }

    fn attach(&self, context: &SpanContext) -> Box<dyn Any> {
        lock(&self.current)
            .entry(thread::current().id())
            .or_default()
            .push(context.clone());
        Box::new(Attached(Arc::clone(&self.current)))
    }

    fn flush(&self, _timeout: Duration) -> Report {
        Report::default()
    }

    fn shutdown(&self, _timeout: Duration) -> Report {
        lock(&self.state).is_shut_down = true;
        Report::default()
    }
}

/// Takes the current span of its thread back when dropped.
struct Attached(Arc<Current>);

impl Drop for Attached {
    fn drop(&mut self) {
        if let Some(stack) = lock(&self.0).get_mut(&thread::current().id()) {
            stack.pop();
        }
    }
}
