//! One entry of a HAR file, as far as it is looked at.

use std::{
    borrow::Cow,
    hash::{DefaultHasher, Hash, Hasher},
    time::Duration,
};

use genspan_infer::{Caller, Session};
use genspan_wire::COUNT_HEADERS;
use serde::Deserialize;

use super::{
    body::RecordedBody,
    loose::{self, Member},
    messages::Message,
    moment::{self, Moment},
};

/// Holds an entry; what is wrong with one of its members costs that member, unless nothing is left without it.
#[derive(Debug, Deserialize)]
#[serde(
    rename_all = "camelCase",
    expecting = "an entry, which is an object with a request"
)]
pub(super) struct Entry<'a> {
    /// The page that made the request; only browsers tell.
    #[serde(borrow, default)]
    pageref: Member<'a>,
    #[serde(borrow, default)]
    started_date_time: Member<'a>,
    /// Milliseconds.
    #[serde(borrow, default)]
    time: Member<'a>,
    #[serde(borrow, default)]
    timings: Member<'a>,
    #[serde(borrow)]
    pub(super) request: Request<'a>,
    #[serde(borrow, default)]
    pub(super) response: Option<Response<'a>>,
    #[serde(rename = "_error", borrow, default)]
    error: Member<'a>,
    /// Chrome tells of event streams when each event came.
    #[serde(rename = "_eventSourceMessages", borrow, default)]
    messages: Member<'a>,
}

/// Holds a request as far as it tells whether a model is asked, and what.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", expecting = "a request, which is an object")]
pub(super) struct Request<'a> {
    #[serde(borrow, default)]
    method: Member<'a>,
    #[serde(borrow, default)]
    url: Member<'a>,
    #[serde(borrow, default)]
    headers: Member<'a>,
    #[serde(borrow, default)]
    post_data: Member<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, expecting = "a response, which is an object")]
pub(super) struct Response<'a> {
    /// 0 or -1 where none came.
    #[serde(borrow)]
    status: Member<'a>,
    #[serde(borrow)]
    headers: Member<'a>,
    #[serde(borrow)]
    content: Member<'a>,
    /// Chrome's and mitmproxy's word for why it failed.
    #[serde(rename = "_error", borrow)]
    error: Member<'a>,
    /// Playwright's.
    #[serde(rename = "_failureText", borrow)]
    failure_text: Member<'a>,
}

/// Holds milliseconds; -1 where a phase does not apply. TLS is part of `connect`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Timings<'a> {
    #[serde(borrow)]
    blocked: Member<'a>,
    #[serde(borrow)]
    dns: Member<'a>,
    #[serde(borrow)]
    connect: Member<'a>,
    #[serde(borrow)]
    send: Member<'a>,
    #[serde(borrow)]
    wait: Member<'a>,
    #[serde(borrow)]
    receive: Member<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Header<'a> {
    #[serde(borrow)]
    name: Member<'a>,
    #[serde(borrow)]
    value: Member<'a>,
}

/// Says why an entry could not be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum EntryError {
    /// It has not the members that HAR asks for.
    #[error("{0}")]
    Shape(String),
    #[error("expected an entry, which is an object with a request")]
    Odd,
    #[error("it goes wrong amid its members")]
    Broken,
    #[error("it has more than 128 MiB")]
    TooLarge,
    #[error("its request names no URL")]
    Url,
    #[error("it does not say when it began: there is no `startedDateTime`")]
    Unstarted,
    #[error("`startedDateTime` is {0:?}, which is no moment since 1970")]
    Start(String),
}

/// Reads what stands in an entry, or in its request.
pub(super) fn parse<'a, T: Deserialize<'a>>(json: &'a str) -> Result<T, EntryError> {
    serde_json::from_str(json).map_err(|error| {
        let told = told(&error);
        // Where in the entry it is helps nobody: people see the file.
        let told = told.split(" at line ").next().unwrap_or_default();
        EntryError::Shape(told.to_owned())
    })
}

/// Tells what is wrong with JSON without quoting it, since what is quoted may be content.
fn told(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(", expected ")
        .map_or(text.clone(), |(_, expected)| format!("expected {expected}"))
}

/// Cuts a text that is quoted, since anything may stand in a file.
fn excerpt(text: &str) -> String {
    text.chars().take(40).collect()
}

impl<'a> Entry<'a> {
    /// Gives when the exchange began.
    pub(super) fn started(&self) -> Result<Moment, EntryError> {
        let stated = self.started_date_time.ok_or(EntryError::Unstarted)?;
        moment::read(Some(stated))
            .ok_or_else(|| EntryError::Start(excerpt(stated.get().trim_matches('"'))))
    }

    /// Gives how long the exchange took: as stated, else the sum of its phases; `None` where neither is told.
    pub(super) fn duration(&self) -> Option<Duration> {
        let stated = loose::number(self.time).filter(|time| *time >= 0.0);
        let summed = || loose::object::<Timings<'_>>(self.timings)?.sum();
        let milliseconds = stated.or_else(summed)?;
        Duration::try_from_secs_f64(milliseconds / 1_000.0).ok()
    }

    /// Says who made the request: each page of a file is a program, and so is what belongs to none.
    pub(super) fn caller(&self) -> Caller {
        let mut hasher = DefaultHasher::new();
        loose::word(self.pageref).hash(&mut hasher);
        let headers = self.request.headers;
        let stated = Session::HEADERS.map(|name| (name, header(headers, name)));
        Caller {
            client: hasher.finish(),
            session: Session::from_headers(|name| {
                let found = stated.iter().find(|(known, _)| *known == name);
                found.and_then(|(_, value)| value.as_deref())
            }),
        }
    }

    /// Gives the response's status; `None` where no response came.
    pub(super) fn status(&self) -> Option<u16> {
        let status = loose::number(self.response.as_ref()?.status)?;
        (100.0..1_000.0).contains(&status).then_some(status as u16)
    }

    /// Tells whether the exchange led to another one, which has an entry of its own.
    pub(super) fn is_redirect(&self) -> bool {
        self.status()
            .is_some_and(|status| (300..400).contains(&status))
    }

    /// Gives the recorder's words for why the exchange went wrong.
    pub(super) fn error(&self) -> Option<Cow<'a, str>> {
        let of_response = |response: &Response<'a>| {
            loose::word(response.error).or_else(|| loose::word(response.failure_text))
        };
        let response = self.response.as_ref().and_then(of_response);
        response.or_else(|| loose::word(self.error))
    }

    /// Gives the events of a stream, as far as they were recorded one by one.
    pub(super) fn messages(&self) -> Vec<Message<'a>> {
        loose::list(self.messages).collect()
    }
}

impl Timings<'_> {
    fn sum(&self) -> Option<f64> {
        let phases = [
            self.blocked,
            self.dns,
            self.connect,
            self.send,
            self.wait,
            self.receive,
        ];
        let known = phases.into_iter().filter_map(loose::number);
        known
            .filter(|time| *time >= 0.0)
            .reduce(|sum, time| sum + time)
    }
}

impl<'a> Request<'a> {
    /// Gives the method; what sends something is a `POST` where none is stated.
    pub(super) fn method(&self) -> Cow<'a, str> {
        let stated = loose::word(self.method).or_else(|| header(self.headers, ":method"));
        stated.unwrap_or(Cow::Borrowed(if self.post_data.is_some() {
            "POST"
        } else {
            "GET"
        }))
    }

    /// Gives the URL; that of a recorder that wrote a path alone names the host of the headers.
    pub(super) fn url(&self) -> Option<Cow<'a, str>> {
        let stated = loose::word(self.url).or_else(|| header(self.headers, ":path"))?;
        if !stated.starts_with('/') {
            return Some(stated);
        }
        let host = header(self.headers, ":authority").or_else(|| header(self.headers, "host"));
        let scheme = header(self.headers, ":scheme").unwrap_or(Cow::Borrowed("https"));
        Some(host.map_or(stated.clone(), |host| {
            Cow::Owned(format!("{scheme}://{host}{stated}"))
        }))
    }

    pub(super) fn body(&self) -> Option<RecordedBody<'a>> {
        loose::object(self.post_data)
    }

    /// Gives how the body was compressed, first things first.
    pub(super) fn packing(&self) -> Vec<String> {
        packing(self.headers)
    }
}

impl<'a> Response<'a> {
    pub(super) fn body(&self) -> Option<RecordedBody<'a>> {
        loose::object(self.content)
    }

    /// Gives the type of the body: as the header states it, else as the recorder does.
    pub(super) fn content_type(&self) -> Option<Cow<'a, str>> {
        header(self.headers, "content-type").or_else(|| self.body()?.mime_type())
    }

    /// Gives the headers that count tokens.
    pub(super) fn counts(&self) -> impl Iterator<Item = (&'static str, Cow<'a, str>)> {
        let headers = self.headers;
        let stated = COUNT_HEADERS.iter();
        stated.filter_map(move |name| Some((*name, header(headers, name)?)))
    }

    /// Tells whether the header says that there is no body.
    pub(super) fn is_empty(&self) -> bool {
        header(self.headers, "content-length").is_some_and(|length| length.trim() == "0")
    }

    /// Gives how the body was compressed, first things first.
    pub(super) fn packing(&self) -> Vec<String> {
        packing(self.headers)
    }
}

fn header<'a>(headers: Member<'a>, name: &str) -> Option<Cow<'a, str>> {
    values(headers, name).next()
}

fn values<'a>(headers: Member<'a>, name: &str) -> impl Iterator<Item = Cow<'a, str>> {
    let named = loose::list::<Header<'a>>(headers).filter(move |header| {
        loose::word(header.name).is_some_and(|stated| stated.trim().eq_ignore_ascii_case(name))
    });
    named.filter_map(|header| loose::word(header.value))
}

fn packing(headers: Member<'_>) -> Vec<String> {
    let values: Vec<Cow<'_, str>> = values(headers, "content-encoding").collect();
    let names = values.iter().flat_map(|value| value.split([',', '\n']));
    names
        .map(|name| name.trim().to_ascii_lowercase())
        .filter(|name| !name.is_empty())
        .collect()
}

/// Reads an entry's text, with marks in place of what is no UTF-8.
pub(super) fn utf8(json: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(json)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(members: &str) -> String {
        format!(r#"{{"startedDateTime":"","request":{{}}{members}}}"#)
    }

    #[test]
    fn what_is_wrong_is_told_without_quoting_it() {
        let wrong = |json: &str| parse::<Entry<'_>>(json).unwrap_err().to_string();
        assert_eq!(
            wrong(r#"{"request":{},"response":"a, expected canary"}"#),
            "expected a response, which is an object"
        );
        assert_eq!(
            wrong(r#"{"startedDateTime":"canary"}"#),
            "missing field `request`"
        );
        assert_eq!(
            wrong(r#"{"request":"canary"}"#),
            "expected a request, which is an object"
        );
    }

    #[test]
    fn durations_are_stated_or_summed() {
        let duration = |members: &str| parse::<Entry<'_>>(&entry(members)).unwrap().duration();
        assert_eq!(duration(r#","time":100"#), Some(Duration::from_millis(100)));
        assert_eq!(
            duration(r#","time":"0.25""#),
            Some(Duration::from_micros(250))
        );
        assert_eq!(
            duration(r#","time":-1,"timings":{"send":1,"wait":2.5,"dns":-1,"ssl":9}"#),
            Some(Duration::from_micros(3_500))
        );
        for nothing in [
            "",
            r#","time":null"#,
            r#","time":-1,"timings":[]"#,
            r#","time":1e300"#,
        ] {
            assert_eq!(duration(nothing), None, "{nothing}");
        }
    }

    #[test]
    fn a_response_may_be_missing_in_part_or_whole() {
        let status = |response: &str| {
            parse::<Entry<'_>>(&entry(&format!(r#","response":{response}"#)))
                .unwrap()
                .status()
        };
        for none in [
            "null",
            "{}",
            r#"{"status":0}"#,
            r#"{"status":-1}"#,
            r#"{"status":"ok"}"#,
        ] {
            assert_eq!(status(none), None, "{none}");
        }
        assert_eq!(
            status(r#"{"status":200,"headers":[{"name":"a"},5,null]}"#),
            Some(200)
        );
        assert_eq!(status(r#"{"status":"429","headers":{}}"#), Some(429));
    }

    #[test]
    fn the_header_tells_the_type_before_the_recorder_does() {
        let content_type = |headers: &str| {
            let json =
                format!(r#"{{"headers":[{headers}],"content":{{"mimeType":"text/plain"}}}}"#);
            let response: Response<'_> = serde_json::from_str(&json).unwrap();
            response.content_type().map(Cow::into_owned)
        };
        assert_eq!(content_type("").as_deref(), Some("text/plain"));
        let header = r#"{"name":"CONTENT-Type","value":"text/event-stream"}"#;
        assert_eq!(content_type(header).as_deref(), Some("text/event-stream"));
    }

    #[test]
    fn paths_get_their_host_from_the_headers() {
        let url = |json: &str| {
            parse::<Request<'_>>(json)
                .unwrap()
                .url()
                .map(Cow::into_owned)
        };
        let full = Some("https://h:8443/v1/messages".to_owned());
        assert_eq!(url(r#"{"url":"https://h:8443/v1/messages"}"#), full);
        assert_eq!(
            url(r#"{"url":"/v1/messages","headers":[{"name":"Host","value":"h:8443"}]}"#),
            full
        );
        assert_eq!(
            url(
                r#"{"headers":[{"name":":path","value":"/v1/messages"},{"name":":authority","value":"h:8443"}]}"#
            ),
            full
        );
        assert_eq!(url(r#"{"url":null}"#), None);
    }

    #[test]
    fn compression_is_told_in_one_header_or_more() {
        let json = r#"{"headers":[{"name":"Content-Encoding","value":"br, GZIP"},{"name":"content-encoding","value":"zstd"}]}"#;
        let response: Response<'_> = serde_json::from_str(json).unwrap();
        assert_eq!(response.packing(), ["br", "gzip", "zstd"]);
    }
}
