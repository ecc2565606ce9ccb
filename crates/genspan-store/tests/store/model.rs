//! Any order, any split, any repetition gives the same store.

use std::collections::BTreeMap;

use genspan_store::{Filter, Forget, Page, Store};
use opentelemetry_proto::tonic::trace::v1::Span;
use proptest::prelude::*;

use crate::build::*;

/// Holds what a store should hold: of each span, the one that ended last, and then the one that says more.
#[derive(Default)]
struct Reference(BTreeMap<(Vec<u8>, Vec<u8>), Span>);

impl Reference {
    fn take(&mut self, span: &Span) {
        let key = (span.trace_id.clone(), span.span_id.clone());
        let known = self.0.entry(key).or_insert_with(|| span.clone());
        let told = |span: &Span| (span.end_time_unix_nano, span.attributes.len());
        if told(span) > told(known) {
            *known = span.clone();
        }
    }

    fn forget(&mut self, trace: u64) {
        self.0
            .retain(|(id, _), _| *id != trace_id(trace).0.to_vec());
    }
}

#[derive(Clone, Debug)]
enum Step {
    Send(Vec<Span>),
    Forget(u64),
    Settle,
}

fn any_span() -> impl Strategy<Value = Span> {
    let kinds = prop_oneof![
        (0..4_u64).prop_map(|words| chat(
            0,
            0,
            vec![
                message("user", &format!("word{words}")),
                message("user", &"long ".repeat(200))
            ],
            "x"
        )),
        Just(agent(0, 0, "planner").with_count("gen_ai.usage.input_tokens", 7)),
        (0..2_u64).prop_map(|call| tool(0, 0, "search", &format!("call_{call}"))),
        Just(span(0, 0, "step")),
    ];
    let ids = (
        0..3_u64,
        0..6_u64,
        prop::option::of(0..6_u64),
        1..4_u64,
        0..3_i64,
    );
    (kinds, ids).prop_map(|(mut span, (trace, number, parent, length, extra))| {
        span.trace_id = trace_id(trace).0.to_vec();
        span.span_id = span_id(number).0.to_vec();
        span.start_time_unix_nano = NOW + number * 10;
        span.end_time_unix_nano = NOW + number * 10 + length;
        for at in 0..extra {
            span = span.with_count(&format!("extra.{at}x"), at);
        }
        match parent {
            Some(parent) => span.under(parent),
            None => span,
        }
    })
}

fn any_steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        6 => prop::collection::vec(any_span(), 1..5).prop_map(Step::Send),
        1 => (0..3_u64).prop_map(Step::Forget),
        1 => Just(Step::Settle),
    ];
    prop::collection::vec(step, 1..12)
}

/// Reads everything that a store shows.
fn shown(store: &Store) -> serde_json::Value {
    store.settle().unwrap();
    let list = store.traces(&Filter::default(), Page::default()).unwrap();
    let mut traces: Vec<_> = list
        .traces
        .iter()
        .map(|trace| {
            let id = genspan::TraceId::from_hex(&trace.trace_id).unwrap();
            serde_json::to_value(store.trace(&id).unwrap()).unwrap()
        })
        .collect();
    traces.sort_by_key(ToString::to_string);
    let found: Vec<Vec<String>> = (0..4)
        .map(|word| {
            let filter = Filter {
                text: Some(format!("word{word} ")),
                ..Filter::default()
            };
            let mut found: Vec<String> = store
                .traces(&filter, Page::default())
                .unwrap()
                .traces
                .into_iter()
                .map(|trace| trace.trace_id)
                .collect();
            found.sort();
            found
        })
        .collect();
    let statistics = store.statistics(&Filter::default(), 0).unwrap();
    serde_json::json!({"traces": traces, "found": found, "statistics": statistics, "facets": store.facets().unwrap()})
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_store_is_what_a_plain_map_is(steps in any_steps(), order in any::<u64>()) {
        let store = open("model");
        let mut reference = Reference::default();
        for step in &steps {
            match step {
                Step::Send(spans) => {
                    store.ingest_traces(&request(spans.clone())).unwrap();
                    spans.iter().for_each(|span| reference.take(span));
                }
                Step::Forget(trace) => {
                    store.forget(&Forget::Trace(trace_id(*trace))).unwrap();
                    reference.forget(*trace);
                }
                Step::Settle => store.settle().unwrap(),
            }
        }
        let mut kept = BTreeMap::new();
        for trace in 0..3 {
            if let Some(exported) = store.export(&trace_id(trace)).unwrap() {
                let scopes = exported.traces.resource_spans.into_iter().flat_map(|resource| resource.scope_spans);
                for span in scopes.flat_map(|scope| scope.spans) {
                    kept.insert((span.trace_id.clone(), span.span_id.clone()), span);
                }
            }
        }
        // Spans that tell equally much are told apart by what they are, which the reference does not know.
        let told = |spans: &BTreeMap<_, Span>| -> Vec<_> {
            spans.iter().map(|(key, span): (&(Vec<u8>, Vec<u8>), &Span)| (key.clone(), span.end_time_unix_nano, span.attributes.len())).collect()
        };
        prop_assert_eq!(told(&kept), told(&reference.0));
        // The same spans in another order, each by itself and some twice, give the same.
        let again = open("model-again");
        let mut sent: Vec<Span> = kept.values().cloned().collect();
        let length = sent.len().max(1);
        sent.rotate_left(order as usize % length);
        sent.extend(sent.first().cloned());
        for span in sent {
            again.ingest_traces(&request(vec![span])).unwrap();
        }
        prop_assert_eq!(shown(&again), shown(&store));
    }
}
