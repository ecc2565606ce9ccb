use std::sync::{Arc, Mutex};

use genspan::Telemetry;
use genspan_otel::OtelSink;
use opentelemetry::Context;
use opentelemetry_sdk::{
    error::OTelSdkResult,
    trace::{Span, SpanData, SpanProcessor},
};

use super::*;
use crate::{fixtures, ours::rendering, worker::whole};

#[derive(Clone, Debug, Default)]
struct Kept(Arc<Mutex<Vec<SpanData>>>);

impl SpanProcessor for Kept {
    fn on_start(&self, _span: &mut Span, _within: &Context) {}

    fn on_end(&self, span: SpanData) {
        self.0.lock().unwrap().push(span);
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _timeout: std::time::Duration) -> OTelSdkResult {
        Ok(())
    }
}

impl Kept {
    fn provider(&self) -> SdkTracerProvider {
        SdkTracerProvider::builder()
            .with_span_processor(self.clone())
            .build()
    }

    /// Name, keys and values of the only span, in the order of keys; JSON as it reads.
    fn span(&self) -> (String, Vec<String>) {
        let spans = self.0.lock().unwrap();
        let [span] = spans.as_slice() else {
            panic!("{} spans", spans.len())
        };
        let facts = span.attributes.iter().map(|attribute| {
            let text = attribute.value.to_string();
            let value = serde_json::from_str::<serde_json::Value>(&text);
            let value = value.map_or(text, |json| json.to_string());
            format!("{} = {value}", attribute.key)
        });
        let mut facts: Vec<_> = facts.collect();
        facts.sort();
        (span.name.to_string(), facts)
    }
}

/// Else the two are not to be compared.
#[test]
fn the_peer_records_what_genspan_records() {
    for (kilobytes, said) in [
        (1, Said::AsItIs),
        (16, Said::Unescaped),
        (256, Said::AsItIs),
        (1024, Said::AsItIs),
        (16, Said::Nothing),
    ] {
        let exchange = fixtures::openai(kilobytes);
        let (by_hand, by_us) = (Kept::default(), Kept::default());
        assert!(Peer::with(by_hand.provider()).call(&exchange, said));
        let sink = OtelSink::builder(rendering(said != Said::Nothing))
            .with_tracer_provider(&by_us.provider())
            .with_meter_provider(&meters())
            .build();
        let telemetry = Telemetry::builder(Arc::new(sink)).inline().build();
        whole(&telemetry, &exchange);
        let (by_hand, by_us) = (by_hand.span(), by_us.span());
        assert_eq!(by_hand.0, by_us.0);
        assert_eq!(
            by_hand.1.len(),
            by_us.1.len(),
            "{:?}",
            by_us
                .1
                .iter()
                .map(|fact| fact.split(" = ").next())
                .collect::<Vec<_>>()
        );
        for (by_hand, by_us) in by_hand.1.iter().zip(&by_us.1) {
            assert_eq!(by_hand, by_us, "{kilobytes} KB");
        }
    }
}
