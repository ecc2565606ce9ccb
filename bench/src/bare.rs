//! The peer of a call's own path: a bare span of OpenTelemetry with the same start attributes.

use std::{hint::black_box, time::Duration};

use opentelemetry::{
    Key, KeyValue,
    trace::{Span as _, SpanKind, Tracer as _, TracerProvider as _},
};
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};

use crate::{
    fixtures::MODEL,
    harness::{Entrant, repeated},
    sdk::{Behind, tracers},
};

/// Starts and ends spans as a program would that is instrumented by hand.
pub(crate) struct Bare {
    provider: SdkTracerProvider,
    tracer: SdkTracer,
}

/// Says what a span starts with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Facts {
    /// Of a call that the program makes: operation, provider, model.
    Call,
    /// Of a call that is seen as HTTP: operation, provider, server.
    Exchange,
    None,
    /// Sixteen, half of them texts that are made for the span.
    Sixteen,
}

/// What the sixteen are called; constants, as instrumentation has them.
const KEYS: [&str; 16] = [
    "a.00", "a.01", "a.02", "a.03", "a.04", "a.05", "a.06", "a.07", "a.08", "a.09", "a.10", "a.11",
    "a.12", "a.13", "a.14", "a.15",
];

impl Bare {
    pub(crate) fn new(behind: Behind) -> Self {
        let provider = tracers(behind);
        let tracer = provider.tracer("bench");
        Self { provider, tracer }
    }

    pub(crate) fn span(&self, facts: Facts) {
        let name = match facts {
            Facts::Call => format!("chat {}", black_box(MODEL)),
            Facts::Exchange | Facts::None | Facts::Sixteen => "chat".to_owned(),
        };
        let builder = self
            .tracer
            .span_builder(name)
            .with_kind(SpanKind::Client)
            .with_attributes(attributes(facts));
        builder.start(&self.tracer).end();
    }

    /// Does rounds; what has gathered in the batch is let go outside the measured time.
    pub(crate) fn entrant(&self, facts: Facts) -> Entrant<'_> {
        Box::new(move |times| -> Duration {
            let took = repeated(times, || self.span(facts));
            let _ = self.provider.force_flush();
            took
        })
    }
}

fn attributes(facts: Facts) -> Vec<KeyValue> {
    match facts {
        Facts::Call => vec![
            KeyValue::new("gen_ai.operation.name", "chat"),
            KeyValue::new("gen_ai.provider.name", "openai"),
            KeyValue::new("gen_ai.request.model", black_box(MODEL).to_owned()),
        ],
        Facts::Exchange => vec![
            KeyValue::new("gen_ai.operation.name", "chat"),
            KeyValue::new("gen_ai.provider.name", "openai"),
            KeyValue::new("server.address", black_box("api.openai.com").to_owned()),
            KeyValue::new("server.port", 443),
        ],
        Facts::None => Vec::new(),
        Facts::Sixteen => sixteen(),
    }
}

fn sixteen() -> Vec<KeyValue> {
    let keys = KEYS.iter().zip(0_i64..);
    keys.map(|(key, number)| {
        let key = Key::from_static_str(key);
        if number % 2 == 0 {
            KeyValue::new(key, black_box("chatcmpl-0123456789abcdef").to_owned())
        } else {
            KeyValue::new(key, number)
        }
    })
    .collect()
}
