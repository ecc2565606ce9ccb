//! From the parts of an entry to what was asked and answered.

use std::path::Path;

use genspan::{Diagnostic, Record, StreamTiming, Timestamp};
use genspan_wire::{Decoded, End, Exchange};
use serde::de::IgnoredAny;

use super::{
    body::{About, Body, BodyError},
    ending,
    entry::{Entry, Response},
    messages::Events,
};

/// Says how much of an answer the file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Held {
    Whole,
    Part,
    Nothing,
    /// It is there and cannot be read.
    Unreadable,
}

/// Holds what an entry has of both bodies.
#[derive(Debug)]
pub(super) struct Bodies<'a> {
    pub(super) request: Result<Body<'a>, BodyError>,
    pub(super) response: Result<Body<'a>, BodyError>,
    pub(super) events: Events,
}

/// Holds when an exchange began and when it was over.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub(super) started: Timestamp,
    pub(super) ended: Timestamp,
}

impl<'a> Bodies<'a> {
    /// Takes the bodies out of an entry.
    pub(super) fn of(entry: &Entry<'a>, folder: &Path, is_cut: bool, span: Span) -> Self {
        let about = About {
            folder,
            packing: &[],
            content_type: None,
            is_cut,
        };
        let request = entry.request.body().map_or(Ok(Body::Absent), |body| {
            let packing = &entry.request.packing();
            body.bytes(About { packing, ..about })
        });
        let of_response = |response: &Response<'a>| {
            let (packing, content_type) = (&response.packing(), response.content_type());
            let body = response.body().map_or(Ok(Body::Absent), |body| {
                body.bytes(About {
                    packing,
                    content_type: content_type.as_deref(),
                    ..about
                })
            });
            // No provider answers well with nothing; but many recorders write nothing where they have nothing.
            let is_silent = matches!(&body, Ok(body) if body.bytes().is_empty());
            if is_silent && !response.is_empty() {
                Ok(Body::Absent)
            } else {
                body
            }
        };
        let response = entry
            .response
            .as_ref()
            .map_or(Ok(Body::Absent), of_response);
        Self {
            request,
            response,
            events: Events::of(&entry.messages(), span.started, span.ended),
        }
    }

    /// Gives what of both bodies was read.
    pub(super) fn bytes(&self) -> [&[u8]; 2] {
        [&self.request, &self.response].map(|body| body.as_ref().map_or(&[][..], Body::bytes))
    }
}

/// Reads an exchange.
pub(super) fn decode(
    exchange: Exchange,
    entry: &Entry<'_>,
    bodies: &Bodies<'_>,
    span: Span,
) -> (Decoded, Held) {
    let mut exchange = exchange;
    ask(&mut exchange, entry, &bodies.request);
    let error = entry.error();
    let Some((status, response)) = entry.status().zip(entry.response.as_ref()) else {
        let end = ending::end(error.as_deref(), false);
        return (timeless(exchange.finish(end)), Held::Whole);
    };
    let end = ending::end(error.as_deref(), true);
    exchange.response_head(status, response.content_type().as_deref());
    for (name, value) in response.counts() {
        exchange.response_header(name, &value);
    }
    let events = &bodies.events;
    let held = match &bodies.response {
        Ok(Body::Present { bytes, is_part }) if *is_part && !is_document(bytes) => {
            exchange.response(bytes, span.ended);
            if exchange.is_terminal() {
                Held::Whole
            } else {
                exchange.response_skipped();
                Held::Part
            }
        }
        Ok(Body::Present { bytes, .. }) => {
            let timing = timing(&exchange, events, end);
            exchange.response_all(bytes, span.ended);
            let decoded = timeless(exchange.finish(end));
            return (timed(decoded, timing), Held::Whole);
        }
        Ok(Body::Absent) if !events.list.is_empty() => {
            for event in &events.list {
                exchange.response(&event.bytes, event.at);
            }
            let decoded = exchange.finish(end);
            let decoded = if events.is_timed {
                decoded
            } else {
                timeless(decoded)
            };
            return (decoded, Held::Whole);
        }
        // An error's status says what there is to know.
        Ok(Body::Absent) if status >= 400 => Held::Whole,
        Ok(Body::Absent) => {
            exchange.response_skipped();
            Held::Nothing
        }
        Err(error) => {
            exchange.note(match error {
                BodyError::Packed => Diagnostic::EncodingUnreadable,
                _ => Diagnostic::ResponseUnreadable,
            });
            exchange.response_skipped();
            Held::Unreadable
        }
    };
    (timeless(exchange.finish(end)), held)
}

fn ask(exchange: &mut Exchange, entry: &Entry<'_>, body: &Result<Body<'_>, BodyError>) {
    match body {
        Ok(Body::Present { bytes, is_part }) if *is_part && !is_document(bytes) => {
            exchange.request(bytes);
            exchange.request_skipped();
        }
        Ok(Body::Present { bytes, .. }) => exchange.request_all(bytes),
        Ok(Body::Absent) if entry.request.method().eq_ignore_ascii_case("GET") => {}
        Ok(Body::Absent) => exchange.request_skipped(),
        Err(_) => {
            exchange.note(Diagnostic::RequestUnreadable);
            exchange.request_skipped();
        }
    }
    exchange.request_end();
}

fn is_document(bytes: &[u8]) -> bool {
    serde_json::from_slice::<IgnoredAny>(bytes).is_ok()
}

/// Gives when the parts of an answer came, with what they say; `None` where the file tells of no part when it came.
///
/// That a recorder tells when the first byte of a response came is no help: its head comes long before its first part.
fn timing(waiting: &Exchange, events: &Events, end: End) -> Option<Decoded> {
    if !events.is_timed {
        return None;
    }
    let mut exchange = waiting.clone();
    for event in &events.list {
        exchange.response(&event.bytes, event.at);
    }
    Some(exchange.finish(end))
}

/// Adds the times of parts, if these parts are the answer.
fn timed(mut decoded: Decoded, timing: Option<Decoded>) -> Decoded {
    let Some(mut other) = timing else {
        return decoded;
    };
    let Record::Inference(other_record) = &mut other.record else {
        return decoded;
    };
    let timing = std::mem::take(&mut other_record.timing);
    if other.record == decoded.record
        && let Record::Inference(record) = &mut decoded.record
    {
        record.timing = timing;
    }
    decoded
}

fn timeless(mut decoded: Decoded) -> Decoded {
    if let Record::Inference(inference) = &mut decoded.record {
        inference.timing = StreamTiming::default();
    }
    decoded
}
