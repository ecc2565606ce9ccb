//! Spans as they end.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use genspan_dialects::{Dialect, Settings};
use genspan_otlp::{Item, Signal};
use opentelemetry::{Context, Value, trace::Span as _};
use opentelemetry_proto::tonic::trace::v1::Span as Message;
use opentelemetry_sdk::{
    error::OTelSdkResult,
    trace::{Span, SpanData, SpanProcessor},
};

use super::{DISCARDED, Delivery, tidy};
use crate::context::build_on;
use crate::dialect::{speak, tell};

/// What Braintrust files spans by; it has to hold from a span's start.
const PARENT: &str = "braintrust.parent";

/// Turns each span that is sampled into OTLP as it ends.
#[derive(Debug)]
pub(crate) struct Spans {
    delivery: Arc<Delivery>,
    /// Those who want the conventions' language.
    lanes: Vec<usize>,
    /// Those who want another one.
    speaking: Vec<(usize, Dialect, Settings)>,
}

impl Spans {
    /// Hands spans to all who want them; `settings` is what dialects are told where destinations do not say it.
    pub(crate) fn new(delivery: Arc<Delivery>, settings: &Settings) -> Self {
        let wanting = delivery.lanes(Signal::Traces);
        let (mut lanes, mut speaking) = (Vec::new(), Vec::new());
        for (lane, destination) in delivery.pipeline.destinations().enumerate() {
            match destination.dialect {
                _ if !wanting.contains(&lane) => {}
                None => lanes.push(lane),
                Some(dialect) => {
                    speaking.push((lane, dialect, destination.dialect_settings(settings)));
                }
            }
        }
        Self {
            delivery,
            lanes,
            speaking,
        }
    }
}

impl SpanProcessor for Spans {
    fn on_start(&self, span: &mut Span, context: &Context) {
        build_on(context);
        let is_filed =
            |(_, dialect, _): &(usize, Dialect, Settings)| *dialect == Dialect::Braintrust;
        if self.speaking.iter().any(is_filed) {
            tell(span, context, PARENT);
        }
        if span.span_context().is_sampled() {
            self.delivery.open_spans.fetch_add(1, Ordering::AcqRel);
        }
    }

    fn on_end(&self, span: SpanData) {
        if !span.span_context.is_sampled() {
            return;
        }
        self.delivery.open_spans.fetch_sub(1, Ordering::AcqRel);
        if self.lanes.is_empty() && self.speaking.is_empty() || is_discarded(&span) {
            return;
        }
        let origin = self.delivery.origins.of(&span.instrumentation_scope, None);
        let send = |lanes: &[usize], span: SpanData| {
            let mut message = Message::from(span);
            tidy::span(&mut message);
            self.delivery
                .send(lanes, Item::Span(Box::new(message)), &origin);
        };
        for (lane, dialect, settings) in &self.speaking {
            let mut spoken = span.clone();
            speak(&mut spoken, *dialect, settings);
            send(&[*lane], spoken);
        }
        if !self.lanes.is_empty() {
            send(&self.lanes, span);
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.delivery.flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.delivery.provider_ended(timeout)
    }
}

/// Tells whether a span is marked as none.
pub(crate) fn is_discarded(span: &SpanData) -> bool {
    let mark = span
        .attributes
        .iter()
        .rev()
        .find(|attribute| attribute.key.as_str() == DISCARDED);
    mark.is_some_and(|mark| mark.value == Value::Bool(true))
}
