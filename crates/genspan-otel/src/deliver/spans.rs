//! Spans as they end.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use genspan_otlp::{Item, Signal};
use opentelemetry::{Context, Value, trace::Span as _};
use opentelemetry_proto::tonic::trace::v1::Span as Message;
use opentelemetry_sdk::{
    error::OTelSdkResult,
    trace::{Span, SpanData, SpanProcessor},
};

use super::{DISCARDED, Delivery, tidy};

/// Turns each span that is sampled into OTLP as it ends.
#[derive(Debug)]
pub(crate) struct Spans {
    delivery: Arc<Delivery>,
    lanes: Vec<usize>,
}

impl Spans {
    pub(crate) fn new(delivery: Arc<Delivery>) -> Self {
        Self {
            lanes: delivery.lanes(Signal::Traces),
            delivery,
        }
    }
}

impl SpanProcessor for Spans {
    fn on_start(&self, span: &mut Span, _context: &Context) {
        if span.span_context().is_sampled() {
            self.delivery.open_spans.fetch_add(1, Ordering::AcqRel);
        }
    }

    fn on_end(&self, span: SpanData) {
        if !span.span_context.is_sampled() {
            return;
        }
        self.delivery.open_spans.fetch_sub(1, Ordering::AcqRel);
        if self.lanes.is_empty() || is_discarded(&span) {
            return;
        }
        let origin = self.delivery.origins.of(&span.instrumentation_scope, None);
        let mut message = Message::from(span);
        tidy::span(&mut message);
        self.delivery
            .send(&self.lanes, Item::Span(Box::new(message)), &origin);
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.delivery.flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.delivery.provider_ended(timeout)
    }
}

fn is_discarded(span: &SpanData) -> bool {
    let mark = span
        .attributes
        .iter()
        .rev()
        .find(|attribute| attribute.key.as_str() == DISCARDED);
    mark.is_some_and(|mark| mark.value == Value::Bool(true))
}
