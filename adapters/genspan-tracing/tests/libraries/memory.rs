//! Many spans leave nothing behind.

use std::{sync::Arc, time::Duration};

use genspan::{
    Ended, Event, Handle, Measured, Rendering, Report, Sink, SpanContext, SpanId, Start, Telemetry,
    TraceId,
};
use tracing::{field::Empty, info_span};

use crate::under;

/// Keeps nothing; each span that has begun and is not gone holds a share of `live`.
#[derive(Debug)]
struct Void {
    live: Arc<()>,
}

impl Sink for Void {
    fn renderings(&self) -> &[Rendering] {
        &[]
    }

    fn start(&self, start: Start) -> Handle {
        Handle {
            context: SpanContext {
                trace_id: TraceId([1; 16]),
                span_id: SpanId([1; 8]),
                ..SpanContext::default()
            },
            parent: None,
            is_recording: true,
            started: start.at,
            links: Vec::new(),
            state: Some(Arc::clone(&self.live) as _),
        }
    }

    fn finish(&self, _: Handle, _: Ended) {}

    fn event(&self, _: Option<&SpanContext>, _: Vec<Option<Event>>) {}

    fn measure(&self, _: Vec<Measured>) {}

    fn flush(&self, _: Duration) -> Report {
        Report::default()
    }

    fn shutdown(&self, _: Duration) -> Report {
        Report::default()
    }
}

#[test]
fn many_spans_leave_nothing_behind() {
    let live = Arc::new(());
    let sink = Arc::new(Void {
        live: Arc::clone(&live),
    });
    let telemetry = Telemetry::builder(sink).inline().build();
    under(&telemetry, || {
        for number in 0..50_000_u64 {
            let call = info_span!(
                "chat",
                gen_ai.operation.name = "chat",
                gen_ai.usage.input_tokens = Empty
            );
            // One in ten is never entered, and one in ten says nothing.
            if number % 10 != 0 {
                let _entered = call.enter();
                if number % 10 != 1 {
                    call.record("gen_ai.usage.input_tokens", number);
                }
            }
            if number % 1_000 == 0 {
                assert!(Arc::strong_count(&live) <= 4, "{number}");
            }
        }
    });
    // This one, and the sink's.
    assert_eq!(Arc::strong_count(&live), 2);
}
