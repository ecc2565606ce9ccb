//! One entry of a HAR file, as far as it is looked at.

use std::{borrow::Cow, time::Duration};

use genspan::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::body::{BodyError, RecordedBody};

/// Holds what tells whether an entry asks a model; most entries of a browser do not.
#[derive(Debug, Deserialize)]
#[serde(expecting = "an entry, which is an object with a request")]
pub(super) struct Asked<'a> {
    #[serde(borrow)]
    pub(super) request: AskedRequest<'a>,
}

#[derive(Debug, Deserialize)]
#[serde(expecting = "a request, which is an object with a method and a URL")]
pub(super) struct AskedRequest<'a> {
    #[serde(borrow)]
    pub(super) method: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) url: Cow<'a, str>,
}

/// Holds an entry that asks a model.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Entry {
    started_date_time: String,
    /// Milliseconds.
    #[serde(default)]
    time: Option<f64>,
    #[serde(default)]
    timings: Option<Timings>,
    pub(super) request: RecordedRequest,
    #[serde(default)]
    pub(super) response: Option<RecordedResponse>,
}

/// Holds milliseconds; -1 where a phase does not apply. TLS is part of `connect`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, expecting = "timings, which are an object")]
struct Timings {
    blocked: Option<f64>,
    dns: Option<f64>,
    connect: Option<f64>,
    send: Option<f64>,
    wait: Option<f64>,
    receive: Option<f64>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", expecting = "a request, which is an object")]
pub(super) struct RecordedRequest {
    #[serde(default)]
    pub(super) post_data: Option<RecordedBody>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, expecting = "a response, which is an object")]
pub(super) struct RecordedResponse {
    /// 0 or -1 where none came.
    status: Option<i64>,
    headers: Vec<Header>,
    pub(super) content: Option<RecordedBody>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, expecting = "a header, which is an object")]
struct Header {
    name: String,
    value: String,
}

/// Says why an entry could not be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum EntryError {
    /// It has not the members that HAR asks for.
    #[error("{0}")]
    Shape(String),
    #[error("`startedDateTime` is {0:?}, which is no moment with a time zone since 1970")]
    Start(String),
    #[error("the {0}'s body: {1}")]
    Body(&'static str, BodyError),
}

/// Reads what stands in an entry.
pub(super) fn parse<'a, T: Deserialize<'a>>(entry: &'a RawValue) -> Result<T, EntryError> {
    serde_json::from_str(entry.get()).map_err(|error| {
        let told = told(&error);
        // Where in the entry it is helps nobody: people see the file.
        EntryError::Shape(
            told.split(" at line ")
                .next()
                .unwrap_or_default()
                .to_owned(),
        )
    })
}

/// Tells what is wrong with JSON without quoting it, since what is quoted may be content.
pub(super) fn told(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(", expected ")
        .map_or(text.clone(), |(_, expected)| format!("expected {expected}"))
}

/// Cuts a text that is quoted, since anything may stand in a file.
fn excerpt(text: &str) -> String {
    text.chars().take(40).collect()
}

impl Entry {
    /// Gives when the exchange began.
    pub(super) fn started(&self) -> Result<Timestamp, EntryError> {
        let text = self.started_date_time.trim();
        let moment = text.parse::<jiff::Timestamp>().ok();
        let nanos = moment.and_then(|moment| u64::try_from(moment.as_nanosecond()).ok());
        nanos
            .map(Timestamp::from_unix_nanos)
            .ok_or_else(|| EntryError::Start(excerpt(text)))
    }

    /// Gives how long the exchange took: as stated, else the sum of its phases.
    pub(super) fn duration(&self) -> Duration {
        let stated = self.time.filter(|time| *time >= 0.0);
        let milliseconds =
            stated.unwrap_or_else(|| self.timings.as_ref().map_or(0.0, Timings::sum));
        Duration::try_from_secs_f64(milliseconds / 1_000.0).unwrap_or_default()
    }

    /// Gives the response's status; `None` where no response came.
    pub(super) fn status(&self) -> Option<u16> {
        let status = self.response.as_ref()?.status?;
        u16::try_from(status).ok().filter(|status| *status > 0)
    }
}

impl Timings {
    fn sum(&self) -> f64 {
        let phases = [
            self.blocked,
            self.dns,
            self.connect,
            self.send,
            self.wait,
            self.receive,
        ];
        phases
            .into_iter()
            .flatten()
            .filter(|time| *time > 0.0)
            .sum()
    }
}

impl RecordedResponse {
    /// Gives the type of the body: as the header states it, else as the recorder does.
    pub(super) fn content_type(&self) -> Option<&str> {
        let is_type = |header: &&Header| header.name.eq_ignore_ascii_case("content-type");
        let stated = self
            .headers
            .iter()
            .find(is_type)
            .map(|header| header.value.as_str());
        let recorded = || {
            self.content
                .as_ref()
                .and_then(|content| content.mime_type.as_deref())
        };
        stated.or_else(recorded).filter(|text| !text.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(json: &str) -> Entry {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn moments_keep_their_nanoseconds() {
        let started = |text: &str| {
            let entry = entry(&format!(r#"{{"startedDateTime":"{text}","request":{{}}}}"#));
            entry
                .started()
                .map(Timestamp::unix_nanos)
                .map_err(|error| error.to_string())
        };
        assert_eq!(
            started("2026-01-01T02:22:30.000Z"),
            Ok(1_767_234_150_000_000_000)
        );
        assert_eq!(
            started("2026-01-01T03:22:30.123456789+01:00"),
            Ok(1_767_234_150_123_456_789)
        );
        assert!(started("2026-01-01T02:22:30").is_err());
        assert!(started("1969-12-31T23:59:59Z").is_err());
        insta::assert_snapshot!(started("yesterday").unwrap_err(), @r#"`startedDateTime` is "yesterday", which is no moment with a time zone since 1970"#);
    }

    #[test]
    fn what_is_wrong_is_told_without_quoting_it() {
        let wrong = |json: &str| {
            let raw: &RawValue = serde_json::from_str(json).unwrap();
            parse::<Entry>(raw).unwrap_err().to_string()
        };
        let response = r#"{"startedDateTime":"","request":{},"response":"a, expected canary"}"#;
        assert_eq!(wrong(response), "expected a response, which is an object");
        assert_eq!(
            wrong(r#"{"startedDateTime":"canary"}"#),
            "missing field `request`"
        );
        assert_eq!(
            wrong(r#"{"request":{},"startedDateTime":{}}"#),
            "expected a string"
        );
    }

    #[test]
    fn durations_are_stated_or_summed() {
        let duration = |members: &str| {
            entry(&format!(
                r#"{{"startedDateTime":"","request":{{}}{members}}}"#
            ))
            .duration()
        };
        assert_eq!(duration(r#","time":100"#), Duration::from_millis(100));
        assert_eq!(duration(r#","time":0.25"#), Duration::from_micros(250));
        assert_eq!(
            duration(r#","time":-1,"timings":{"send":1,"wait":2.5,"dns":-1,"ssl":9}"#),
            Duration::from_micros(3_500)
        );
        assert_eq!(duration(r#","time":null"#), Duration::ZERO);
        assert_eq!(duration(r#","time":1e300"#), Duration::ZERO);
    }

    #[test]
    fn a_response_may_be_missing_in_part_or_whole() {
        let status = |response: &str| {
            entry(&format!(
                r#"{{"startedDateTime":"","request":{{}},"response":{response}}}"#
            ))
            .status()
        };
        assert_eq!(
            [
                status("null"),
                status(r#"{"status":0}"#),
                status(r#"{"status":-1}"#),
                status("{}")
            ],
            [None; 4]
        );
        assert_eq!(
            status(r#"{"status":200,"headers":[{"name":"a"}]}"#),
            Some(200)
        );
    }

    #[test]
    fn the_header_tells_the_type_before_the_recorder_does() {
        let response = |headers: &str| {
            let json =
                format!(r#"{{"headers":[{headers}],"content":{{"mimeType":"text/plain"}}}}"#);
            serde_json::from_str::<RecordedResponse>(&json).unwrap()
        };
        assert_eq!(response("").content_type(), Some("text/plain"));
        let stated = response(r#"{"name":"Content-Type","value":"text/event-stream"}"#);
        assert_eq!(stated.content_type(), Some("text/event-stream"));
    }
}
