use opentelemetry_proto::tonic::{
    collector::{
        logs::v1::ExportLogsServiceRequest, metrics::v1::ExportMetricsServiceRequest,
        trace::v1::ExportTraceServiceRequest,
    },
    common::v1::{ArrayValue, KeyValueList},
    logs::v1::ScopeLogs,
    metrics::v1::{
        Exemplar, ExponentialHistogram, ExponentialHistogramDataPoint, Gauge, Histogram,
        HistogramDataPoint, NumberDataPoint, ScopeMetrics, Sum, Summary, SummaryDataPoint,
        exemplar, exponential_histogram_data_point::Buckets, metric::Data, number_data_point,
        summary_data_point::ValueAtQuantile,
    },
    trace::v1::{
        ScopeSpans, Status,
        span::{Event, Link},
    },
};

use super::*;

fn attribute(key: &str, value: Value) -> KeyValue {
    KeyValue {
        key: key.to_owned(),
        value: Some(AnyValue { value: Some(value) }),
        key_strindex: 0,
    }
}

fn any(value: Value) -> AnyValue {
    AnyValue { value: Some(value) }
}

fn whole_span() -> Span {
    Span {
        trace_id: (0x10..0x20).collect(),
        span_id: vec![0xab; 8],
        parent_span_id: vec![0x01; 8],
        trace_state: "a=1".to_owned(),
        flags: 1,
        name: "chat \"x\"\n".to_owned(),
        kind: 3,
        start_time_unix_nano: 1_700_000_000_000_000_001,
        end_time_unix_nano: 1_700_000_000_000_000_002,
        attributes: vec![
            attribute("int", Value::IntValue(i64::MIN)),
            attribute("false", Value::BoolValue(false)),
            attribute("double", Value::DoubleValue(0.5)),
            attribute("bytes", Value::BytesValue(vec![0, 255])),
            attribute("empty", Value::StringValue(String::new())),
            KeyValue {
                key: "null".to_owned(),
                value: Some(AnyValue { value: None }),
                key_strindex: 0,
            },
            attribute(
                "list",
                Value::ArrayValue(ArrayValue {
                    values: vec![
                        any(Value::ArrayValue(ArrayValue::default())),
                        any(Value::KvlistValue(KeyValueList {
                            values: vec![attribute("k", Value::IntValue(0))],
                        })),
                    ],
                }),
            ),
        ],
        dropped_attributes_count: 1,
        events: vec![Event {
            time_unix_nano: 5,
            name: "e".to_owned(),
            ..Event::default()
        }],
        links: vec![Link {
            trace_id: vec![2; 16],
            span_id: vec![3; 8],
            ..Link::default()
        }],
        status: Some(Status {
            message: "bad".to_owned(),
            code: 2,
        }),
        ..Span::default()
    }
}

#[test]
fn a_span_is_written_as_the_protocol_says() {
    let resource = Resource {
        attributes: vec![attribute("service.name", Value::StringValue("s".into()))],
        ..Resource::default()
    };
    let scope = InstrumentationScope {
        name: "genspan".to_owned(),
        version: "1".to_owned(),
        ..Default::default()
    };
    let scope_spans = vec![ScopeSpans {
        scope: Some(scope),
        spans: vec![whole_span()],
        schema_url: "u".to_owned(),
    }];
    let resource_spans = vec![ResourceSpans {
        resource: Some(resource),
        scope_spans,
        schema_url: String::new(),
    }];
    let mut out = Vec::new();
    traces(&mut out, &resource_spans);
    let line = String::from_utf8(out).unwrap();
    insta::assert_snapshot!(line, @r#"{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"s"}}]},"scopeSpans":[{"scope":{"name":"genspan","version":"1"},"spans":[{"traceId":"101112131415161718191a1b1c1d1e1f","spanId":"abababababababab","traceState":"a=1","parentSpanId":"0101010101010101","flags":1,"name":"chat \"x\"\n","kind":3,"startTimeUnixNano":"1700000000000000001","endTimeUnixNano":"1700000000000000002","attributes":[{"key":"int","value":{"intValue":"-9223372036854775808"}},{"key":"false","value":{"boolValue":false}},{"key":"double","value":{"doubleValue":0.5}},{"key":"bytes","value":{"bytesValue":"AP8="}},{"key":"empty","value":{"stringValue":""}},{"key":"null","value":{}},{"key":"list","value":{"arrayValue":{"values":[{"arrayValue":{"values":[]}},{"kvlistValue":{"values":[{"key":"k","value":{"intValue":"0"}}]}}]}}}],"droppedAttributesCount":1,"events":[{"timeUnixNano":"5","name":"e"}],"links":[{"traceId":"02020202020202020202020202020202","spanId":"0303030303030303"}],"status":{"message":"bad","code":2}}],"schemaUrl":"u"}]}]}"#);
    let read: ExportTraceServiceRequest = serde_json::from_str(&line).unwrap();
    assert_eq!(read.resource_spans, resource_spans);
}

#[test]
fn a_log_record_is_written_as_the_protocol_says() {
    let record = LogRecord {
        time_unix_nano: 1,
        observed_time_unix_nano: 2,
        severity_number: 9,
        body: Some(any(Value::StringValue("b".to_owned()))),
        trace_id: vec![1; 16],
        span_id: vec![2; 8],
        flags: 1,
        event_name: "app.x".to_owned(),
        ..LogRecord::default()
    };
    let scope_logs = vec![ScopeLogs {
        scope: None,
        log_records: vec![record],
        schema_url: String::new(),
    }];
    let resource_logs = vec![ResourceLogs {
        resource: None,
        scope_logs,
        schema_url: String::new(),
    }];
    let mut out = Vec::new();
    logs(&mut out, &resource_logs);
    let line = String::from_utf8(out).unwrap();
    insta::assert_snapshot!(line, @r#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"timeUnixNano":"1","observedTimeUnixNano":"2","severityNumber":9,"body":{"stringValue":"b"},"flags":1,"traceId":"01010101010101010101010101010101","spanId":"0202020202020202","eventName":"app.x"}]}]}]}"#);
    let read: ExportLogsServiceRequest = serde_json::from_str(&line).unwrap();
    assert_eq!(read.resource_logs, resource_logs);
}

fn all_metrics() -> Vec<Metric> {
    let number = |value| NumberDataPoint {
        start_time_unix_nano: 1,
        time_unix_nano: 2,
        value: Some(value),
        exemplars: vec![Exemplar {
            value: Some(exemplar::Value::AsInt(0)),
            span_id: vec![1; 8],
            ..Default::default()
        }],
        ..NumberDataPoint::default()
    };
    let histogram = HistogramDataPoint {
        count: 3,
        sum: Some(0.0),
        bucket_counts: vec![1, 2],
        explicit_bounds: vec![0.01],
        min: Some(0.001),
        max: Some(2.0),
        ..HistogramDataPoint::default()
    };
    let exponential = ExponentialHistogramDataPoint {
        count: 1,
        scale: -1,
        zero_count: 1,
        positive: Some(Buckets {
            offset: -2,
            bucket_counts: vec![0],
        }),
        ..ExponentialHistogramDataPoint::default()
    };
    let summary = SummaryDataPoint {
        count: 1,
        sum: 1.0,
        quantile_values: vec![ValueAtQuantile {
            quantile: 0.5,
            value: 1.0,
        }],
        ..SummaryDataPoint::default()
    };
    [
        Data::Sum(Sum {
            data_points: vec![number(number_data_point::Value::AsInt(0))],
            aggregation_temporality: 2,
            is_monotonic: true,
        }),
        Data::Gauge(Gauge {
            data_points: vec![number(number_data_point::Value::AsDouble(1.5))],
        }),
        Data::Histogram(Histogram {
            data_points: vec![histogram],
            aggregation_temporality: 1,
        }),
        Data::ExponentialHistogram(ExponentialHistogram {
            data_points: vec![exponential],
            aggregation_temporality: 1,
        }),
        Data::Summary(Summary {
            data_points: vec![summary],
        }),
    ]
    .into_iter()
    .map(|data| Metric {
        name: "m".to_owned(),
        unit: "s".to_owned(),
        data: Some(data),
        ..Metric::default()
    })
    .collect()
}

#[test]
fn metrics_are_written_as_the_protocol_says() {
    let scope_metrics = vec![ScopeMetrics {
        scope: None,
        metrics: all_metrics(),
        schema_url: String::new(),
    }];
    let resource_metrics = vec![ResourceMetrics {
        resource: None,
        scope_metrics,
        schema_url: String::new(),
    }];
    let mut out = Vec::new();
    metrics(&mut out, &resource_metrics);
    let line = String::from_utf8(out).unwrap();
    insta::assert_snapshot!(line.replace("},{\"name\"", "},\n{\"name\""), @r#"
    {"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"m","unit":"s","sum":{"dataPoints":[{"startTimeUnixNano":"1","timeUnixNano":"2","asInt":"0","exemplars":[{"spanId":"0101010101010101","asInt":"0"}]}],"aggregationTemporality":2,"isMonotonic":true}},
    {"name":"m","unit":"s","gauge":{"dataPoints":[{"startTimeUnixNano":"1","timeUnixNano":"2","asDouble":1.5,"exemplars":[{"spanId":"0101010101010101","asInt":"0"}]}]}},
    {"name":"m","unit":"s","histogram":{"dataPoints":[{"count":"3","sum":0.0,"bucketCounts":["1","2"],"explicitBounds":[0.01],"min":0.001,"max":2.0}],"aggregationTemporality":1}},
    {"name":"m","unit":"s","exponentialHistogram":{"dataPoints":[{"count":"1","scale":-1,"zeroCount":"1","positive":{"offset":-2,"bucketCounts":["0"]}}],"aggregationTemporality":1}},
    {"name":"m","unit":"s","summary":{"dataPoints":[{"count":"1","sum":1.0,"quantileValues":[{"quantile":0.5,"value":1.0}]}]}}]}]}]}
    "#);
    let read: ExportMetricsServiceRequest = serde_json::from_str(&line).unwrap();
    assert_eq!(read.resource_metrics, resource_metrics);
}

#[test]
fn numbers_that_json_lacks_are_words() {
    let mut out = Vec::new();
    for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e300] {
        write_double(&mut out, number);
    }
    assert_eq!(
        String::from_utf8(out).unwrap(),
        r#""NaN""Infinity""-Infinity"1e+300"#
    );
}
