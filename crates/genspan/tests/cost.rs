//! What calls cost: asked of a price list when they end, stated, summed up for agents.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::{
    sync::{Arc, Mutex},
    thread::{self, ThreadId},
    time::Duration,
};

use genspan::{
    Billable, Conventions, Cost, CostParts, CostSource, Counts, Embeddings, ErrorType, Failure,
    Inference, Money, PriceList, Provider, Rendering, Signals, Telemetry, Usage, Value,
    semconv::attribute as key,
};
use testkit::CaptureSink;

/// Asks a tenth of a dollar for each token, of models that it knows.
#[derive(Debug, Default)]
struct Tenths {
    asked: Mutex<Vec<(String, ThreadId)>>,
}

impl PriceList for Tenths {
    fn price(&self, call: &Billable<'_>) -> Option<Cost> {
        let model = call.request_model?;
        let asked = (model.to_owned(), thread::current().id());
        self.asked.lock().unwrap().push(asked);
        let tenth: Money = "0.1".parse().unwrap();
        let input = tenth.times(call.usage.input()?);
        let output = call.usage.output().map(|count| tenth.times(count));
        (model != "unknown").then(|| Cost {
            amount: input.plus(output.unwrap_or_default()),
            currency: "USD".into(),
            source: CostSource::PriceTable("tenths 2026-01-01".into()),
            parts: CostParts {
                input: Some(input),
                output,
                ..CostParts::default()
            },
        })
    }
}

struct Recorder {
    sink: Arc<CaptureSink>,
    prices: Arc<Tenths>,
    telemetry: Telemetry,
}

impl Recorder {
    fn new() -> Self {
        let sink = CaptureSink::new(Rendering::new(Conventions::V1_41));
        let prices = Arc::<Tenths>::default();
        let telemetry = Telemetry::builder(Arc::clone(&sink) as _)
            .with_prices(Arc::clone(&prices) as _)
            .build();
        Self {
            sink,
            prices,
            telemetry,
        }
    }

    fn spans(&self) -> Vec<Signals> {
        assert!(
            self.telemetry
                .shutdown(Duration::from_secs(10))
                .is_complete()
        );
        let spans = self.sink.spans().into_iter();
        spans.map(|span| span.signals).collect()
    }

    fn call(&self, model: &str, tokens: u64) {
        let mut call = self.telemetry.start(chat(model, tokens));
        call.response.finish_reasons = vec!["stop".to_owned()];
        call.finish();
    }
}

fn chat(model: &str, tokens: u64) -> Inference {
    let mut call = Inference::chat(Provider::OPENAI, model);
    call.usage = Usage::inclusive(Counts {
        input: Some(tokens),
        output: Some(0),
        ..Counts::default()
    })
    .0;
    call
}

/// Gives what a span says of cost, without what all of them share.
fn costs(signals: &Signals) -> Vec<String> {
    let of_cost = |name: &str| name.starts_with("genspan.cost.");
    let attributes = signals.attributes.iter();
    attributes
        .filter(|attribute| of_cost(&attribute.key))
        .map(|attribute| {
            let name = attribute.key.trim_start_matches("genspan.cost.");
            format!("{name}={}", attribute.value.to_json())
        })
        .collect()
}

#[test]
fn the_worker_asks_what_a_call_costs() {
    let recorder = Recorder::new();
    recorder.call("known", 3);
    let spans = recorder.spans();
    assert_eq!(
        costs(&spans[0]),
        [
            "total=0.3",
            "input=0.3",
            "output=0.0",
            r#"currency="USD""#,
            r#"source="tenths 2026-01-01""#
        ]
    );
    let asked = recorder.prices.asked.lock().unwrap();
    assert_ne!(asked[0].1, thread::current().id());
}

#[test]
fn what_the_provider_states_counts_and_is_not_asked_for() {
    let recorder = Recorder::new();
    let mut call = recorder.telemetry.start(chat("known", 3));
    call.cost = Cost::stated_in_usd(0.00014025);
    call.finish();
    let spans = recorder.spans();
    assert_eq!(
        costs(&spans[0]),
        [
            "total=0.00014025",
            r#"currency="USD""#,
            r#"source="provider""#
        ]
    );
    assert!(recorder.prices.asked.lock().unwrap().is_empty());
}

#[test]
fn what_is_not_known_is_not_zero() {
    let recorder = Recorder::new();
    recorder.call("unknown", 3);
    let no_usage = Inference::chat(Provider::OPENAI, "known");
    recorder.telemetry.start(no_usage).finish();
    for span in recorder.spans() {
        assert_eq!(costs(&span), [""; 0]);
    }
    let asked = recorder.prices.asked.lock().unwrap();
    assert_eq!(asked.len(), 1, "without tokens there is nothing to ask");
}

#[test]
fn embeddings_are_paid_by_their_input() {
    let recorder = Recorder::new();
    let mut call = Embeddings::new(Provider::OPENAI, "known");
    call.usage = Usage::inclusive(Counts {
        input: Some(7),
        ..Counts::default()
    })
    .0;
    recorder.telemetry.start(call).finish();
    assert_eq!(costs(&recorder.spans()[0])[..2], ["total=0.7", "input=0.7"]);
}

#[test]
fn an_agent_costs_what_its_own_calls_do_exactly() {
    let recorder = Recorder::new();
    let agent = recorder.telemetry.invoke_agent("a");
    agent.scope().run(|| {
        for _ in 0..3 {
            recorder.call("known", 1);
        }
        let inner = recorder.telemetry.invoke_agent("b");
        inner.scope().run(|| recorder.call("known", 100));
        inner.finish();
    });
    agent.finish();
    let spans = recorder.spans();
    let agent = spans.last().unwrap();
    // Three times 0.1 is 0.30000000000000004 where floating point numbers are added.
    assert_eq!(
        costs(agent),
        [
            "total=0.3",
            "input=0.3",
            "output=0.0",
            r#"currency="USD""#,
            r#"source="calls""#
        ]
    );
}

#[test]
fn a_sum_that_lacks_calls_says_so() {
    let recorder = Recorder::new();
    let agent = recorder.telemetry.invoke_agent("a");
    agent.scope().run(|| {
        recorder.call("known", 1);
        recorder.call("unknown", 1);
        drop(recorder.telemetry.start(chat("unknown", 1))); // cancelled, and paid all the same
        let refused = recorder.telemetry.start(chat("unknown", 1));
        refused.fail(Failure::new(ErrorType::Unknown).with_status(429));
        let mut euros = recorder.telemetry.start(chat("known", 1));
        euros.cost = Cost::stated_in_usd(1.0).map(|cost| Cost {
            currency: "EUR".into(),
            ..cost
        });
        euros.finish();
    });
    agent.finish();
    let spans = recorder.spans();
    let agent = spans.last().unwrap();
    let told = costs(agent);
    assert_eq!(told[0], "total=0.1");
    // Unknown, cancelled, and in a currency of its own; what was turned away costs nothing.
    assert_eq!(
        agent.get(key::GENSPAN_COST_UNPRICED_CALLS),
        Some(&Value::Int(3)),
        "{told:?}"
    );
}

#[test]
fn an_agent_without_a_priced_call_has_no_cost() {
    let recorder = Recorder::new();
    let agent = recorder.telemetry.invoke_agent("a");
    agent.scope().run(|| recorder.call("unknown", 1));
    agent.finish();
    assert_eq!(costs(recorder.spans().last().unwrap()), [""; 0]);
}

#[test]
fn estimates_stay_estimates_in_an_agents_sum() {
    let recorder = Recorder::new();
    let agent = recorder.telemetry.invoke_agent("a");
    agent.scope().run(|| {
        recorder.call("known", 1);
        let mut call = recorder.telemetry.start(chat("known", 2));
        call.usage = call.usage.into_estimated();
        call.finish();
    });
    agent.finish();
    let spans = recorder.spans();
    let flags: Vec<_> = spans
        .iter()
        .map(|span| span.get(key::GENSPAN_USAGE_ESTIMATED).is_some())
        .collect();
    assert_eq!(flags, [false, true, true]);
    assert_eq!(costs(&spans[2])[0], "total=0.3");
}

#[test]
fn what_is_known_further_in_prices_the_call() {
    let recorder = Recorder::new();
    let outer = recorder
        .telemetry
        .start(Inference::chat(Provider::OPENAI, "known"));
    outer.scope().run(|| {
        let mut inner = recorder.telemetry.start(chat("known", 3));
        inner.cost = Cost::stated_in_usd(0.25);
        inner.finish();
    });
    outer.finish();
    let spans = recorder.spans();
    assert_eq!(spans.len(), 1);
    assert_eq!(costs(&spans[0])[0], "total=0.25");
}
