//! A message's bytes as an export.
//!
//! Both readers bound how deep a message nests, so that none overflows the stack: 100 messages within each other in
//! protobuf, 128 levels in JSON, which leave room for values some 30 levels deep.

use opentelemetry_proto::tonic::collector::{
    logs::v1::ExportLogsServiceRequest, metrics::v1::ExportMetricsServiceRequest,
    trace::v1::ExportTraceServiceRequest,
};
use prost::Message;
use prost::bytes::Bytes;

use super::json;
use super::signal::Signal;
use crate::backend::Export;
use crate::refused::Refused;

/// Names how messages are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    Protobuf,
    Json,
}

/// Reads an export.
pub(super) fn export(signal: Signal, encoding: Encoding, bytes: Bytes) -> Result<Export, Refused> {
    Ok(match signal {
        Signal::Traces => {
            Export::Traces(read::<ExportTraceServiceRequest>(signal, encoding, bytes)?)
        }
        Signal::Logs => Export::Logs(read::<ExportLogsServiceRequest>(signal, encoding, bytes)?),
        Signal::Metrics => Export::Metrics(read::<ExportMetricsServiceRequest>(
            signal, encoding, bytes,
        )?),
    })
}

fn read<M: Message + Default>(
    signal: Signal,
    encoding: Encoding,
    bytes: Bytes,
) -> Result<M, Refused> {
    let unreadable = |form: &str, why: String| {
        let what = signal.http_path().trim_start_matches("/v1/");
        Refused::malformed(format!(
            "the body is no OTLP {what} request in {form}: {why}"
        ))
    };
    let (bytes, form) = match encoding {
        Encoding::Protobuf => (bytes, "protobuf"),
        Encoding::Json => {
            let protobuf = json::to_protobuf(signal, &bytes);
            let protobuf = protobuf.map_err(|error| unreadable("JSON", error.to_string()))?;
            (Bytes::from(protobuf), "JSON")
        }
    };
    M::decode(bytes).map_err(|error| unreadable(form, error.to_string()))
}
