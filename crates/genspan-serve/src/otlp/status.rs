//! Messages of the protocols' own: what was kept, and why something was not.

use std::time::Duration;

use prost::Message;
use serde::Serialize;
use serde_json::Value;

use super::signal::Signal;
use crate::backend::Ingested;
use crate::refused::Refused;

/// `google.rpc.Status`, by which OTLP tells errors.
#[derive(Clone, PartialEq, Message)]
struct Status {
    #[prost(int32, tag = "1")]
    code: i32,
    #[prost(string, tag = "2")]
    message: String,
    #[prost(message, repeated, tag = "3")]
    details: Vec<Detail>,
}

/// `google.protobuf.Any`.
#[derive(Clone, PartialEq, Message)]
struct Detail {
    #[prost(string, tag = "1")]
    type_url: String,
    #[prost(bytes = "vec", tag = "2")]
    value: Vec<u8>,
}

/// `google.rpc.RetryInfo`.
#[derive(Clone, PartialEq, Message)]
struct RetryInfo {
    #[prost(message, optional, tag = "1")]
    delay: Option<Delay>,
}

/// `google.protobuf.Duration`.
#[derive(Clone, PartialEq, Message)]
struct Delay {
    #[prost(int64, tag = "1")]
    seconds: i64,
    #[prost(int32, tag = "2")]
    nanos: i32,
}

/// `Export…ServiceResponse`, which is of one shape for all signals.
#[derive(Clone, PartialEq, Message)]
struct Response {
    #[prost(message, optional, tag = "1")]
    partial: Option<Partial>,
}

/// `Export…PartialSuccess`.
#[derive(Clone, PartialEq, Message)]
struct Partial {
    #[prost(int64, tag = "1")]
    rejected: i64,
    #[prost(string, tag = "2")]
    message: String,
}

const RETRY_INFO: &str = "type.googleapis.com/google.rpc.RetryInfo";

fn retry_info(after: Duration) -> Detail {
    let delay = Delay {
        seconds: i64::try_from(after.as_secs()).unwrap_or(i64::MAX),
        nanos: i32::try_from(after.subsec_nanos()).unwrap_or(0),
    };
    Detail {
        type_url: RETRY_INFO.to_owned(),
        value: RetryInfo { delay: Some(delay) }.encode_to_vec(),
    }
}

/// Writes an error as protobuf.
pub(super) fn error(refused: &Refused) -> Vec<u8> {
    Status {
        code: refused.code as i32,
        message: refused.message.clone(),
        details: refused.retry_after.map(retry_info).into_iter().collect(),
    }
    .encode_to_vec()
}

/// The same in JSON.
#[derive(Serialize)]
struct StatusJson<'a> {
    code: i32,
    message: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    details: Vec<RetryInfoJson>,
}

#[derive(Serialize)]
struct RetryInfoJson {
    #[serde(rename = "@type")]
    kind: &'static str,
    #[serde(rename = "retryDelay")]
    delay: String,
}

/// Writes an error as JSON.
pub(super) fn error_json(refused: &Refused) -> Vec<u8> {
    let details = refused.retry_after.map(|after| RetryInfoJson {
        kind: RETRY_INFO,
        delay: format!("{}s", after.as_secs_f64()),
    });
    let status = StatusJson {
        code: refused.code as i32,
        message: &refused.message,
        details: details.into_iter().collect(),
    };
    // Texts and numbers can always be written.
    serde_json::to_vec(&status).unwrap_or_default()
}

fn is_whole(ingested: &Ingested) -> bool {
    ingested.rejected == 0 && ingested.reason.is_empty()
}

/// Writes what was kept as protobuf; nothing where everything was.
pub(super) fn response(ingested: &Ingested) -> Vec<u8> {
    let partial = (!is_whole(ingested)).then(|| Partial {
        rejected: i64::try_from(ingested.rejected).unwrap_or(i64::MAX),
        message: ingested.reason.clone(),
    });
    Response { partial }.encode_to_vec()
}

/// Writes what was kept as JSON.
pub(super) fn response_json(signal: Signal, ingested: &Ingested) -> Vec<u8> {
    if is_whole(ingested) {
        return b"{}".to_vec();
    }
    let name = signal.rejected();
    let count = ingested.rejected;
    let reason = Value::from(ingested.reason.as_str());
    format!(r#"{{"partialSuccess":{{"{name}":"{count}","errorMessage":{reason}}}}}"#).into_bytes()
}

#[cfg(test)]
mod tests {
    use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceResponse;

    use super::*;

    #[test]
    fn what_was_kept_reads_as_the_signals_own_message() {
        let ingested = Ingested {
            rejected: 3,
            reason: "no trace id".to_owned(),
        };
        let read = ExportTraceServiceResponse::decode(response(&ingested).as_slice()).unwrap();
        let partial = read.partial_success.unwrap();
        assert_eq!(
            (partial.rejected_spans, partial.error_message.as_str()),
            (3, "no trace id")
        );
        assert!(response(&Ingested::default()).is_empty());
        let json = response_json(Signal::Logs, &ingested);
        insta::assert_snapshot!(String::from_utf8(json).unwrap(), @r#"{"partialSuccess":{"rejectedLogRecords":"3","errorMessage":"no trace id"}}"#);
        assert_eq!(response_json(Signal::Logs, &Ingested::default()), b"{}");
    }

    #[test]
    fn errors_say_when_to_come_again() {
        let refused = Refused::overloaded(Duration::from_millis(1_500));
        let json = String::from_utf8(error_json(&refused)).unwrap();
        insta::assert_snapshot!(json, @r#"{"code":8,"message":"more is under way than genspan keeps in memory: send it again later","details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"1.5s"}]}"#);
        let status = Status::decode(error(&refused).as_slice()).unwrap();
        let info = RetryInfo::decode(status.details[0].value.as_slice()).unwrap();
        let delay = Delay {
            seconds: 1,
            nanos: 500_000_000,
        };
        assert_eq!((status.code, info.delay), (8, Some(delay)));
    }
}
