//! What is sent: good requests of each signal, and faulty ones.

use std::io::Write;

use opentelemetry_proto::tonic::collector::{
    logs::v1::ExportLogsServiceRequest, metrics::v1::ExportMetricsServiceRequest,
    trace::v1::ExportTraceServiceRequest,
};
use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
use opentelemetry_proto::tonic::metrics::v1::{
    Gauge, Metric, NumberDataPoint, ResourceMetrics, ScopeMetrics, metric::Data,
    number_data_point::Value,
};
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;

use crate::traces;

/// A signal, its path over HTTP and its method over gRPC.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Signal {
    pub(crate) path: &'static str,
    pub(crate) method: &'static str,
    pub(crate) protobuf: fn() -> Vec<u8>,
    pub(crate) json: &'static str,
}

pub(crate) const SIGNALS: [Signal; 3] = [
    Signal {
        path: "/v1/traces",
        method: "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
        protobuf: traces,
        json: r#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"b7ad6b7169203331","name":"chat"}]}]}]}"#,
    },
    Signal {
        path: "/v1/logs",
        method: "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
        protobuf: logs,
        json: r#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"timeUnixNano":"7","eventName":"chat"}]}]}]}"#,
    },
    Signal {
        path: "/v1/metrics",
        method: "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
        protobuf: metrics,
        json: r#"{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"chat","gauge":{"dataPoints":[{"timeUnixNano":"7","asInt":"1"}]}}]}]}]}"#,
    },
];

pub(crate) fn span(name: &str) -> ExportTraceServiceRequest {
    let span = Span {
        trace_id: 0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c_u128
            .to_be_bytes()
            .to_vec(),
        span_id: 0xb7ad_6b71_6920_3331_u64.to_be_bytes().to_vec(),
        name: name.to_owned(),
        ..Span::default()
    };
    traces::of(span)
}

pub(crate) fn traces() -> Vec<u8> {
    span("chat").encode_to_vec()
}

fn logs() -> Vec<u8> {
    let record = LogRecord {
        time_unix_nano: 7,
        event_name: "chat".to_owned(),
        ..LogRecord::default()
    };
    let scope_logs = vec![ScopeLogs {
        log_records: vec![record],
        ..ScopeLogs::default()
    }];
    ExportLogsServiceRequest {
        resource_logs: vec![ResourceLogs {
            scope_logs,
            ..ResourceLogs::default()
        }],
    }
    .encode_to_vec()
}

fn metrics() -> Vec<u8> {
    let point = NumberDataPoint {
        time_unix_nano: 7,
        value: Some(Value::AsInt(1)),
        ..NumberDataPoint::default()
    };
    let metric = Metric {
        name: "chat".to_owned(),
        data: Some(Data::Gauge(Gauge {
            data_points: vec![point],
        })),
        ..Metric::default()
    };
    let scope_metrics = vec![ScopeMetrics {
        metrics: vec![metric],
        ..ScopeMetrics::default()
    }];
    ExportMetricsServiceRequest {
        resource_metrics: vec![ResourceMetrics {
            scope_metrics,
            ..ResourceMetrics::default()
        }],
    }
    .encode_to_vec()
}

pub(crate) fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(plain).unwrap();
    encoder.finish().unwrap()
}

/// Little that becomes more than may be.
pub(crate) struct Bombs {
    pub(crate) gzip: Vec<u8>,
    pub(crate) zstd: Vec<u8>,
}

impl Bombs {
    pub(crate) fn new() -> Self {
        let zeros = vec![0; 66 << 20];
        let bombs = Self {
            gzip: gzip(&zeros),
            zstd: zstd::encode_all(zeros.as_slice(), 1).unwrap(),
        };
        assert!(bombs.gzip.len() < 400_000 && bombs.zstd.len() < 100_000);
        bombs
    }
}

/// A schema's URL that is no text; its field is numbered alike in every signal's request.
pub(crate) fn no_utf8_protobuf() -> Vec<u8> {
    field(1, &field(3, b"\xff\xfe"))
}

/// Wraps bytes in a field of a protobuf message.
fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    let mut field = vec![number << 3 | 2];
    prost::encoding::encode_varint(bytes.len() as u64, &mut field);
    field.extend_from_slice(bytes);
    field
}

/// A resource's attribute whose value is an array in an array and so on; the first three fields of every signal's request
/// are numbered alike.
pub(crate) fn deep_protobuf(depth: usize) -> Vec<u8> {
    let mut value = Vec::new();
    for _ in 0..depth {
        value = field(5, &field(1, &value)); // AnyValue.array_value.values
    }
    let attribute = [field(1, b"k"), field(2, &value)].concat();
    field(1, &field(1, &field(1, &attribute)))
}

pub(crate) fn deep_json(signal: Signal, depth: usize) -> Vec<u8> {
    let key = signal.json.split('"').nth(1).unwrap();
    let mut json = format!(r#"{{"{key}":[{{"resource":{{"attributes":[{{"key":"k","value":"#);
    json.push_str(&r#"{"arrayValue":{"values":["#.repeat(depth));
    json.push_str(&"]}}".repeat(depth));
    json.push_str("}]}}]}");
    json.into_bytes()
}
