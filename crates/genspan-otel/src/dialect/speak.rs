//! The SDK's spans as dialects see them, and back.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use genspan::{Attribute, Event, Severity, Timestamp};
use genspan_dialects::{Attributes, Dialect, Kind, Settings, Span, Status};
use opentelemetry::{
    KeyValue,
    trace::{self, SpanId, SpanKind},
};
use opentelemetry_sdk::trace::SpanData;

use crate::sink::value::{self, flat_attributes};

/// Says in a vendor's language what a span says in whichever language it speaks.
pub(crate) fn speak(data: &mut SpanData, dialect: Dialect, settings: &Settings) {
    let mut span = view(data);
    let events = span.events.clone();
    dialect.translate(&mut span, settings);
    write(data, span, &events);
}

/// Gives a span as dialects see it.
pub(super) fn view(data: &SpanData) -> Span {
    Span {
        name: data.name.to_string(),
        kind: kind(&data.span_kind),
        attributes: Attributes::new(attributes(&data.attributes)),
        events: data.events.iter().map(event).collect(),
        status: status(&data.status),
        started: data.start_time.duration_since(UNIX_EPOCH).ok().map(moment),
        ended: data.end_time.duration_since(UNIX_EPOCH).ok().map(moment),
        is_root: data.parent_span_id == SpanId::INVALID,
        scope: data.instrumentation_scope.name().to_owned(),
    }
}

/// Puts what a dialect made of a span in its place; `events` are those that it had.
pub(super) fn write(data: &mut SpanData, span: Span, events: &[Event]) {
    if span.name != data.name {
        data.name = span.name.into();
    }
    data.span_kind = span_kind(span.kind);
    data.attributes = flat_attributes(span.attributes.into_list());
    if span.events != events {
        data.events.events = span.events.into_iter().map(span_event).collect();
    }
    data.status = match span.status {
        Status::Unset => trace::Status::Unset,
        Status::Ok => trace::Status::Ok,
        Status::Error(message) => trace::Status::error(message),
    };
}

fn attributes(list: &[KeyValue]) -> Vec<Attribute> {
    list.iter()
        .map(|one| Attribute {
            key: one.key.to_string().into(),
            value: value::read(&one.value),
        })
        .collect()
}

fn event(event: &trace::Event) -> Event {
    let at = event.timestamp.duration_since(UNIX_EPOCH);
    Event {
        name: event.name.clone(),
        at: moment(at.unwrap_or_default()),
        severity: Severity::default(),
        attributes: attributes(&event.attributes),
        body: None,
    }
}

pub(super) fn span_event(event: Event) -> trace::Event {
    let at: SystemTime = UNIX_EPOCH + Duration::from_nanos(event.at.unix_nanos());
    trace::Event::new(event.name, at, flat_attributes(event.attributes), 0)
}

fn moment(since_1970: Duration) -> Timestamp {
    Timestamp::from_unix_nanos(u64::try_from(since_1970.as_nanos()).unwrap_or(u64::MAX))
}

const fn kind(kind: &SpanKind) -> Kind {
    match kind {
        SpanKind::Internal => Kind::Internal,
        SpanKind::Client => Kind::Client,
        SpanKind::Server => Kind::Server,
        SpanKind::Producer => Kind::Producer,
        SpanKind::Consumer => Kind::Consumer,
    }
}

const fn span_kind(kind: Kind) -> SpanKind {
    match kind {
        Kind::Internal => SpanKind::Internal,
        Kind::Client => SpanKind::Client,
        Kind::Server => SpanKind::Server,
        Kind::Producer => SpanKind::Producer,
        Kind::Consumer => SpanKind::Consumer,
    }
}

fn status(status: &trace::Status) -> Status {
    match status {
        trace::Status::Unset => Status::Unset,
        trace::Status::Ok => Status::Ok,
        trace::Status::Error { description } => Status::Error(description.to_string()),
    }
}
