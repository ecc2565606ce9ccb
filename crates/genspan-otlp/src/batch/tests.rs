use std::sync::Arc;

use opentelemetry_proto::tonic::{
    common::v1::{AnyValue, InstrumentationScope, KeyValue, any_value::Value},
    metrics::v1::{NumberDataPoint, Sum, metric::Data},
};

use super::*;
use crate::{Origin, request};

fn span(bytes: usize) -> Item {
    let value = Some(AnyValue {
        value: Some(Value::StringValue("\n".repeat(bytes))),
    });
    let attributes = vec![KeyValue {
        key: "k".to_owned(),
        value,
        key_strindex: 0,
    }];
    Item::Span(Box::new(Span {
        attributes,
        ..Span::default()
    }))
}

fn metric(points: usize) -> Item {
    let data_points = vec![
        NumberDataPoint {
            time_unix_nano: 1,
            ..NumberDataPoint::default()
        };
        points
    ];
    let data = Some(Data::Sum(Sum {
        data_points,
        ..Sum::default()
    }));
    Item::Metric(Box::new(Metric {
        name: "m".to_owned(),
        data,
        ..Metric::default()
    }))
}

fn batches(items: impl IntoIterator<Item = Item>, encoding: Encoding, limit: usize) -> Vec<Batch> {
    let mut batcher = Batcher::new(Envelope::default(), encoding, limit, true);
    let mut batches: Vec<Batch> = items
        .into_iter()
        .flat_map(|item| {
            let count = item.count();
            batcher.add(item, Under::Lane, count).full
        })
        .collect();
    batches.extend(batcher.close());
    assert!(batcher.is_empty());
    batches
}

#[test]
fn no_request_is_larger_than_its_bound_in_either_encoding() {
    for encoding in [Encoding::Protobuf, Encoding::Json] {
        let items = [10, 3_000, 1, 900, 20_000, 900, 40_000, 3_500].map(span);
        let batches = batches(items.into_iter().chain([metric(2_000)]), encoding, 4_000);
        assert!(
            batches.iter().all(|batch| batch.len(encoding) <= 4_000),
            "{encoding:?}"
        );
        let counts = |signal| -> u64 {
            batches
                .iter()
                .filter(|batch| batch.signal() == signal)
                .map(Batch::count)
                .sum()
        };
        assert_eq!(
            (counts(Signal::Traces), counts(Signal::Metrics)),
            (8, 2_000),
            "{encoding:?}"
        );
        assert!(
            batches
                .iter()
                .all(|batch| batch.count() == batch.request().count())
        );
    }
}

#[test]
fn requests_are_filled_before_they_are_closed() {
    let batches = batches((0..100).map(|_| span(100)), Encoding::Protobuf, 4_000);
    assert!(batches.len() <= 4, "{}", batches.len());
}

#[test]
fn an_item_that_cannot_be_cut_small_enough_is_counted() {
    let mut batcher = Batcher::new(Envelope::default(), Encoding::Protobuf, 400, true);
    let name = "n".repeat(1_000);
    let added = batcher.add(
        Item::Span(Box::new(Span {
            name,
            ..Span::default()
        })),
        Under::Lane,
        1,
    );
    assert_eq!(
        added.too_large,
        Counts {
            spans: 1,
            ..Counts::default()
        }
    );
    assert!(batcher.is_empty());
}

#[test]
fn files_take_items_of_any_size() {
    let mut batcher = Batcher::new(Envelope::default(), Encoding::Protobuf, 1_000, false);
    assert_eq!(batcher.add(span(5_000), Under::Lane, 1), Added::default());
    let batches = batcher.close();
    assert!(batches[0].len(Encoding::Protobuf) > 5_000);
}

#[test]
fn a_whole_request_goes_as_it_is_or_in_parts_that_fit() {
    for encoding in [Encoding::Protobuf, Encoding::Json] {
        let sizes = [500, 3_000, 9_000, 100, 100, 20_000, 700];
        let [batch] =
            <[Batch; 1]>::try_from(batches(sizes.map(span), encoding, 1_000_000)).unwrap();
        let request = batch.request().clone();
        let batcher = |cuts| Batcher::new(Envelope::default(), encoding, 4_000, cuts);
        let Added { full, too_large } = batcher(true).whole(request.clone(), 7);
        assert!(full.iter().all(|part| part.len(encoding) <= 4_000));
        let counts: Vec<_> = full.iter().map(Batch::count).collect();
        assert_eq!(counts.iter().sum::<u64>(), 7, "{counts:?}");
        assert!(full.len() > 2 && too_large.is_empty());
        let added = batcher(false).whole(request.clone(), 7);
        assert_eq!(added.full, [Batch::new(request, 7)]);
    }
    let name = "n".repeat(1_000);
    let span = Item::Span(Box::new(Span {
        name,
        ..Span::default()
    }));
    let [batch] = <[Batch; 1]>::try_from(batches([span], Encoding::Protobuf, 4_000)).unwrap();
    let batcher = Batcher::new(Envelope::default(), Encoding::Protobuf, 400, true);
    let added = batcher.whole(batch.request().clone(), 1);
    assert_eq!((added.full, added.too_large.spans), (Vec::new(), 1));
}

#[test]
fn halves_hold_all_items_and_all_counts() {
    let [batch] =
        <[Batch; 1]>::try_from(batches((0..5).map(span), Encoding::Protobuf, 4_000)).unwrap();
    let (mut first, second) = batch.clone().split().unwrap();
    assert_eq!((first.count(), second.count()), (2, 3));
    first.append(second).unwrap();
    assert_eq!(first.count(), 5);
    let Request::Traces(whole) = first.request() else {
        panic!()
    };
    let Request::Traces(before) = batch.request() else {
        panic!()
    };
    assert!(request::spans(whole).eq(request::spans(before)));
}

#[test]
fn a_single_span_is_not_halved_but_shrunk() {
    let [batch] =
        <[Batch; 1]>::try_from(batches([span(3_000)], Encoding::Protobuf, 4_000)).unwrap();
    let mut one = batch.split().unwrap_err();
    assert!(one.shrink(1_500, Encoding::Protobuf));
    assert!(one.len(Encoding::Protobuf) <= 1_500);
    assert_eq!(one.count(), 1);
}

fn origin(name: &str, schema_url: &str) -> Arc<Origin> {
    Arc::new(Origin {
        scope: InstrumentationScope {
            name: name.to_owned(),
            ..InstrumentationScope::default()
        },
        schema_url: schema_url.to_owned(),
    })
}

#[test]
fn items_of_another_origin_get_a_scope_of_their_own() {
    let envelope = Envelope {
        origin: Origin::clone(&origin("lane", "own")),
        ..Envelope::default()
    };
    let mut batcher = Batcher::new(envelope, Encoding::Protobuf, 4_000, true);
    let items = [
        Under::Lane,
        Under::Schema("other"),
        Under::Schema("own"),
        Under::Origin(origin("lib", "")),
        Under::Origin(origin("lane", "own")),
        Under::Origin(origin("lib", "other")),
        Under::Origin(origin("lib", "")),
    ];
    for under in items {
        assert_eq!(batcher.add(span(1), under, 1), Added::default());
    }
    let batches = batcher.close();
    let Request::Traces(request) = batches[0].request() else {
        panic!()
    };
    let scopes = request.resource_spans[0].scope_spans.iter();
    let scopes: Vec<_> = scopes
        .map(|one| {
            let name = one.scope.as_ref().unwrap().name.as_str();
            (name, one.schema_url.as_str(), one.spans.len())
        })
        .collect();
    assert_eq!(
        scopes,
        [
            ("lane", "own", 3),
            ("lane", "other", 1),
            ("lib", "", 2),
            ("lib", "other", 1)
        ]
    );
}

#[test]
fn scopes_count_as_much_as_what_is_in_them() {
    for encoding in [Encoding::Protobuf, Encoding::Json] {
        let mut batcher = Batcher::new(Envelope::default(), encoding, 4_000, true);
        let mut batches = Vec::new();
        for number in 0..60 {
            let under = Under::Origin(origin(&format!("{number}{}", "n".repeat(300)), ""));
            batches.extend(batcher.add(span(20), under.clone(), 1).full);
            batches.extend(batcher.add(metric(30), under, 30).full);
        }
        batches.extend(batcher.close());
        let sizes: Vec<usize> = batches.iter().map(|batch| batch.len(encoding)).collect();
        assert!(sizes.iter().all(|size| *size <= 4_000), "{sizes:?}");
        let counted: u64 = batches.iter().map(Batch::count).sum();
        assert_eq!(counted, 60 * 31);
    }
}
