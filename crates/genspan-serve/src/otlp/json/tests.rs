use opentelemetry_proto::tonic::collector::{
    logs::v1::ExportLogsServiceRequest, metrics::v1::ExportMetricsServiceRequest,
    trace::v1::ExportTraceServiceRequest,
};
use prost::Message as _;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::*;

const POINT: &str = r#""startTimeUnixNano":"1","timeUnixNano":"2","flags":1,"attributes":[{"key":"k","value":{"stringValue":"v"}}],"exemplars":[{"filteredAttributes":[],"timeUnixNano":"3","spanId":"b7ad6b7169203331","traceId":"0af7651916cd43dd8448eb211c80319c","asDouble":1.5}]"#;

fn traces() -> String {
    r#"{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"s"}}],"droppedAttributesCount":1,"entityRefs":[{"schemaUrl":"u","type":"t","idKeys":["a","b"],"descriptionKeys":["c"]}]},"schemaUrl":"u","scopeSpans":[{"scope":{"name":"n","version":"v","attributes":[{"key":"a","value":{"boolValue":false}}],"droppedAttributesCount":2},"schemaUrl":"w","spans":[{"traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"b7ad6b7169203331","traceState":"a=b","parentSpanId":"00f067aa0ba902b7","name":"chat","kind":3,"startTimeUnixNano":"1790000000000000001","endTimeUnixNano":"1790000000000000002","attributes":[{"key":"i","value":{"intValue":"-7"}},{"key":"d","value":{"doubleValue":-0.25}},{"key":"l","value":{"arrayValue":{"values":[{"stringValue":""},{"intValue":"0"},{}]}}},{"key":"m","value":{"kvlistValue":{"values":[{"key":"x","value":{"bytesValue":"AQL/"}}]}}}],"droppedAttributesCount":3,"events":[{"timeUnixNano":"5","name":"e","attributes":[],"droppedAttributesCount":4}],"droppedEventsCount":5,"links":[{"traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"b7ad6b7169203331","traceState":"","attributes":[],"droppedAttributesCount":6,"flags":7}],"droppedLinksCount":8,"status":{"message":"bad","code":2},"flags":257}]}]}]}"#.to_owned()
}

fn logs() -> String {
    r#"{"resourceLogs":[{"resource":{"attributes":[]},"scopeLogs":[{"scope":{"name":"n"},"logRecords":[{"timeUnixNano":"1","observedTimeUnixNano":"2","severityNumber":9,"severityText":"INFO","body":{"stringValue":"b"},"attributes":[{"key":"k","value":{"intValue":"1"}}],"droppedAttributesCount":1,"flags":1,"traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"b7ad6b7169203331","eventName":"e"}],"schemaUrl":"u"}],"schemaUrl":"u"}]}"#.to_owned()
}

fn metrics() -> String {
    format!(
        r#"{{"resourceMetrics":[{{"scopeMetrics":[{{"metrics":[
        {{"name":"g","description":"d","unit":"u","metadata":[],"gauge":{{"dataPoints":[{{{POINT},"asInt":"-3"}}]}}}},
        {{"name":"s","sum":{{"aggregationTemporality":2,"isMonotonic":true,"dataPoints":[{{{POINT},"asDouble":0.5}}]}}}},
        {{"name":"h","histogram":{{"aggregationTemporality":1,"dataPoints":[{{{POINT},"count":"4","sum":9.5,"bucketCounts":["1","3"],"explicitBounds":[1.5],"min":1,"max":2}}]}}}},
        {{"name":"e","exponentialHistogram":{{"aggregationTemporality":1,"dataPoints":[{{{POINT},"count":"4","sum":9.5,"scale":-3,"zeroCount":"1","zeroThreshold":0.5,"positive":{{"offset":-2,"bucketCounts":["1","2"]}},"negative":{{"offset":3,"bucketCounts":["0"]}},"min":1,"max":2}}]}}}},
        {{"name":"q","summary":{{"dataPoints":[{{"startTimeUnixNano":"1","timeUnixNano":"2","flags":1,"attributes":[],"count":"4","sum":9.5,"quantileValues":[{{"quantile":0.5,"value":2}}]}}]}}}}
        ]}}]}}]}}"#
    )
}

/// What is read here is what the crate of the messages reads, and writes.
fn same<M>(signal: Signal, json: &str)
where
    M: prost::Message + Default + DeserializeOwned + Serialize + PartialEq + fmt::Debug,
{
    let want: M = serde_json::from_str(json).unwrap();
    let read =
        |json: &str| M::decode(to_protobuf(signal, json.as_bytes()).unwrap().as_slice()).unwrap();
    assert_eq!(read(json), want);
    assert_eq!(read(&serde_json::to_string(&want).unwrap()), want);
    assert!(want.encoded_len() > 80);
}

#[test]
fn every_field_of_every_signal_is_read() {
    same::<ExportTraceServiceRequest>(Signal::Traces, &traces());
    same::<ExportLogsServiceRequest>(Signal::Logs, &logs());
    same::<ExportMetricsServiceRequest>(Signal::Metrics, &metrics());
}

#[test]
fn every_cut_is_an_error_and_no_panic() {
    for (signal, json) in [
        (Signal::Traces, traces()),
        (Signal::Logs, logs()),
        (Signal::Metrics, metrics()),
    ] {
        for cut in 0..json.len() {
            assert!(
                to_protobuf(signal, &json.as_bytes()[..cut]).is_err(),
                "{cut}"
            );
        }
    }
}

fn span(members: &str) -> Result<ExportTraceServiceRequest, String> {
    let json = format!(r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{{{members}}}]}}]}}]}}"#);
    let protobuf =
        to_protobuf(Signal::Traces, json.as_bytes()).map_err(|error| error.to_string())?;
    Ok(ExportTraceServiceRequest::decode(protobuf.as_slice()).unwrap())
}

/// The same, said otherwise.
#[test]
fn values_are_read_in_every_form_that_senders_write() {
    let value = |value: &str| format!(r#""attributes":[{{"key":"k","value":{value}}}]"#);
    for (given, plain) in [
        (r#""novel":{"a":[1]},"name":"n""#.to_owned(), r#""name":"n""#.to_owned()),
        (r#""attributes":null,"name":null,"startTimeUnixNano":null,"parentSpanId":null,"status":null"#.to_owned(), String::new()),
        (r#""startTimeUnixNano":7"#.to_owned(), r#""startTimeUnixNano":"7""#.to_owned()),
        (r#""start_time_unix_nano":"7""#.to_owned(), r#""startTimeUnixNano":"7""#.to_owned()),
        (r#""kind":"SPAN_KIND_CLIENT""#.to_owned(), r#""kind":3"#.to_owned()),
        (r#""traceId":"0AF7651916CD43DD8448EB211C80319C""#.to_owned(), r#""traceId":"0af7651916cd43dd8448eb211c80319c""#.to_owned()),
        (r#""flags":"257""#.to_owned(), r#""flags":257"#.to_owned()),
        (value(r#"{"stringValue":"v","novel":[1]}"#), value(r#"{"stringValue":"v"}"#)),
        (value(r#"{"intValue":7}"#), value(r#"{"intValue":"7"}"#)),
        (value(r#"{"intValue":7.0}"#), value(r#"{"intValue":"7"}"#)),
        (value(r#"{"doubleValue":7}"#), value(r#"{"doubleValue":7.0}"#)),
        (value(r#"{"doubleValue":"1.5"}"#), value(r#"{"doubleValue":1.5}"#)),
        (value(r#"{"arrayValue":{}}"#), value(r#"{"arrayValue":{"values":[]}}"#)),
        (value(r#"{"arrayValue":{"values":[null]}}"#), value(r#"{"arrayValue":{"values":[{}]}}"#)),
        (value(r#"{"bytesValue":"-_8"}"#), value(r#"{"bytesValue":"+/8="}"#)),
    ] {
        assert_eq!(span(&given), span(&plain), "{given}");
        assert!(span(&given).is_ok(), "{given}");
    }
    let read = format!("{:?}", span(&value(r#"{"doubleValue":"NaN"}"#)));
    assert!(read.contains("DoubleValue(NaN)"), "{read}");
}

#[test]
fn what_cannot_be_is_named() {
    let told: Vec<String> = [
        r#""name":7"#,
        r#""traceId":"xyz""#,
        r#""traceId":"abc""#,
        r#""startTimeUnixNano":-1"#,
        r#""startTimeUnixNano":"soon""#,
        r#""kind":"CLIENT""#,
        r#""attributes":{}"#,
        r#""attributes":[7]"#,
        r#""status":[]"#,
        r#""attributes":[{"key":"k","value":"v"}]"#,
        r#""attributes":[{"key":"k","value":{"intValue":1.5}}]"#,
        r#""attributes":[{"key":"k","value":{"boolValue":"true"}}]"#,
        r#""attributes":[{"key":"k","value":{"bytesValue":"%"}}]"#,
    ]
    .map(|members| {
        span(members)
            .unwrap_err()
            .split(" at line")
            .next()
            .unwrap()
            .to_owned()
    })
    .into();
    insta::assert_snapshot!(told.join("\n"), @r#"
invalid type: integer `7`, expected a text as name
invalid type: string "xyz", expected hexadecimal digits as trace_id
invalid type: string "abc", expected hexadecimal digits as trace_id
invalid type: integer `-1`, expected an integer of at least 0 as start_time_unix_nano
invalid type: string "soon", expected an integer of at least 0 as start_time_unix_nano
invalid type: string "CLIENT", expected the number of an enum's value as kind
invalid type: map, expected a list as attributes
invalid type: integer `7`, expected an object as attributes
invalid type: sequence, expected an object as status
invalid type: string "v", expected an object as value
invalid type: floating point `1.5`, expected an integer as int_value
invalid type: string "true", expected true or false as bool_value
invalid type: string "%", expected base64 as bytes_value
"#);
}
