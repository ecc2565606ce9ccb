//! What is measured without a span of its own.

use std::sync::Arc;

use super::{
    Cell, Open, Shared, StartOptions, Telemetry,
    worker::{Job, Worker},
};
use crate::{Handle, Outcome, Outline, Record, Timestamp, render};

/// Holds an operation that is told by the span of another and measured by itself.
#[derive(Debug)]
pub(super) struct Apart {
    pub(super) record: Record,
    pub(super) outcome: Outcome,
    pub(super) started: Timestamp,
    pub(super) ended: Timestamp,
}

impl Shared {
    /// Gives what stands for a span where there is none.
    pub(super) fn beside_spans(&self, options: &StartOptions) -> Handle {
        let around = self.sink.current();
        Handle {
            context: around.clone().unwrap_or_default(),
            parent: around,
            is_recording: false,
            started: options.at.unwrap_or_else(|| self.clock.now()),
            links: Vec::new(),
            state: None,
        }
    }

    /// Opens a contribution to an operation whose place was claimed.
    pub(super) fn contribution(
        self: &Arc<Self>,
        telemetry: Telemetry,
        outer: &Arc<Cell>,
        outline: Outline,
        options: &StartOptions,
    ) -> Open {
        let is_apart = outline.is_measured_apart();
        let began = is_apart.then(|| options.at.unwrap_or_else(|| self.clock.now()));
        let cell = Arc::new(Cell::contribution(outer, outline, options.told, began));
        if !is_apart {
            return Open::contributor(telemetry, cell);
        }
        outer.note_request(&cell);
        // A shutdown has to know of it, for it owes a measurement.
        if !self.registry.insert(&cell) {
            return Open::nothing(telemetry);
        }
        // The owner may have spoken since the place was claimed.
        self.end_request_of(outer);
        Open::contributor(telemetry, cell)
    }

    /// Hands what is to be measured by itself to the worker.
    pub(super) fn measure(self: &Arc<Self>, apart: Apart) {
        let shared = Arc::clone(self);
        let job = Job::Event(Box::new(move || {
            let span = render::Span {
                started: apart.started,
                ended: apart.ended,
                outcome: &apart.outcome,
            };
            shared.measured(&apart.record, &span);
        }));
        self.count_loss(self.worker.submit(Worker::RECORD_WEIGHT, job));
    }

    /// Measures an operation that has no span.
    pub(super) fn measured(&self, record: &Record, span: &render::Span<'_>) {
        let renderings = self.sink.renderings().iter();
        let measured = renderings.map(|rendering| render::measured(record, span, rendering));
        self.sink.measure(measured.collect());
    }
}
