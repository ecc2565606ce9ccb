//! Rules about metrics.

use genspan::semconv::{Metric, attribute as key};
use serde_json::{Value, json};

use crate::build::{Thing, advice, of_metric, text, violation, yes};

fn point() -> Thing {
    let pair = |key: &str, value: Value| json!({ "key": key, "value": value });
    let buckets: Vec<&str> = std::iter::once("3")
        .chain(std::iter::repeat_n("0", 14))
        .collect();
    Thing(json!({
        "attributes": [
            pair(key::GEN_AI_OPERATION_NAME, text("chat")),
            pair(key::GEN_AI_PROVIDER_NAME, text("openai")),
            pair(key::GEN_AI_REQUEST_MODEL, text("gpt-4o")),
            pair(key::GEN_AI_RESPONSE_MODEL, text("gpt-4o-2024-08-06")),
            pair(key::SERVER_ADDRESS, text("api.openai.com")),
            pair(key::SERVER_PORT, json!({ "intValue": 443 })),
        ],
        "count": "3", "sum": 0.02, "bucketCounts": buckets,
        "explicitBounds": Metric::ClientOperationDuration.buckets(),
    }))
}

fn duration_of(point: Thing) -> Value {
    json!({
        "name": Metric::ClientOperationDuration.name(), "unit": "s",
        "histogram": { "aggregationTemporality": 2, "dataPoints": [point.0] },
    })
}

fn dropped() -> Value {
    let pair = |key: &str, value: &str| json!({ "key": key, "value": text(value) });
    let attributes = [
        pair(key::GENSPAN_DROP_REASON, "queue_full"),
        pair(key::GENSPAN_DROP_SIGNAL, "spans"),
    ];
    json!({
        "name": Metric::GenspanDropped.name(), "unit": "{item}",
        "sum": {
            "isMonotonic": true, "aggregationTemporality": "AGGREGATION_TEMPORALITY_DELTA",
            "dataPoints": [{ "asInt": "3", "attributes": attributes }],
        },
    })
}

fn changed(mut metric: Value, pointer: &str, value: Value) -> Value {
    *metric.pointer_mut(pointer).unwrap() = value;
    metric
}

#[test]
fn right_metrics_have_no_findings() {
    let openai = point().with(key::OPENAI_RESPONSE_SERVICE_TIER, text("default"));
    let mut exponential = duration_of(point());
    let mut data = exponential
        .as_object_mut()
        .unwrap()
        .remove("histogram")
        .unwrap();
    data["dataPoints"][0]["bucketCounts"] = Value::Null;
    data["dataPoints"][0]["zeroCount"] = json!(1);
    data["dataPoints"][0]["positive"] = json!({ "offset": 1, "bucketCounts": ["2"] });
    exponential["exponentialHistogram"] = data;
    let foreign = json!({ "name": "http.requests", "unit": "1", "gauge": { "dataPoints": [{ "asInt": 1 }] } });
    for metric in [
        duration_of(point()),
        duration_of(openai),
        dropped(),
        exponential,
        foreign,
    ] {
        let shown = metric.to_string();
        assert_eq!(of_metric(metric), [""; 0], "{shown}");
    }
}

#[test]
fn each_rule_finds_what_breaks_it() {
    let made_up = [Metric::ClientOperationDuration.name(), "made_up"].join(".");
    let duration = || duration_of(point());
    let in_point = |name: &str| format!("/histogram/dataPoints/0/{name}");
    let mut gauge = duration();
    gauge["gauge"] = gauge.as_object_mut().unwrap().remove("histogram").unwrap();
    let mut bounds = Metric::ClientOperationDuration.buckets().to_vec();
    bounds[0] = 0.011;
    let table: Vec<(Value, Vec<String>)> = vec![
        (
            changed(duration(), "/name", json!(made_up)),
            vec![violation("unknown-metric", &made_up)],
        ),
        (
            changed(duration(), "/unit", json!("ms")),
            vec![violation("wrong-unit", "")],
        ),
        (gauge, vec![violation("wrong-instrument", "")]),
        (
            changed(dropped(), "/sum/isMonotonic", json!(false)),
            vec![violation("wrong-instrument", "")],
        ),
        (
            changed(duration(), &in_point("explicitBounds"), json!(bounds)),
            vec![violation("wrong-buckets", "")],
        ),
        (
            changed(duration(), &in_point("count"), json!(4)),
            vec![violation("wrong-count", "")],
        ),
        (
            changed(duration(), &in_point("bucketCounts"), json!([3])),
            vec![violation("wrong-count", "")],
        ),
        (
            duration_of(point().with(key::GEN_AI_RESPONSE_ID, text("resp-1"))),
            vec![violation("stray-label", key::GEN_AI_RESPONSE_ID)],
        ),
        (
            duration_of(point().without(key::GEN_AI_OPERATION_NAME)),
            vec![violation("missing-attribute", key::GEN_AI_OPERATION_NAME)],
        ),
        (
            duration_of(point().without(key::SERVER_PORT)),
            vec![violation("missing-attribute", key::SERVER_PORT)],
        ),
        (
            duration_of(point().with(key::SERVER_PORT, text("443"))),
            vec![violation("wrong-type", key::SERVER_PORT)],
        ),
        (
            duration_of(point().adding(key::SERVER_PORT, json!({ "intValue": 443 }))),
            vec![violation("duplicate-attribute", key::SERVER_PORT)],
        ),
        (
            duration_of(point().without(key::GEN_AI_RESPONSE_MODEL)),
            vec![advice("recommended-attribute", key::GEN_AI_RESPONSE_MODEL)],
        ),
        (
            changed(dropped(), "/sum/dataPoints/0", {
                let mut point = dropped()["sum"]["dataPoints"][0].clone();
                point.as_object_mut().unwrap().remove("asInt");
                point["asDouble"] = json!(3.0);
                point
            }),
            vec![violation("wrong-type", "")],
        ),
        (
            changed(dropped(), "/sum/dataPoints/0/attributes/0/value", yes()),
            vec![violation("wrong-type", key::GENSPAN_DROP_REASON)],
        ),
    ];
    for (metric, expected) in table {
        let shown = metric.to_string();
        assert_eq!(of_metric(metric), expected, "{shown}");
    }
}

#[test]
fn many_points_with_one_fault_are_one_finding() {
    let mut metric = duration_of(point().without(key::SERVER_PORT));
    let points = metric["histogram"]["dataPoints"].as_array_mut().unwrap();
    let one = points[0].clone();
    points.push(one);
    assert_eq!(
        of_metric(metric),
        [violation("missing-attribute", key::SERVER_PORT)]
    );
}
