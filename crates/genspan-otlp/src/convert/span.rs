//! Spans.

use genspan::{Attribute, Event, Handle, Link, SpanContext, SpanKind, Timestamp};
use genspan_dialects::{Attributes, Dialect, Kind, Settings};
use opentelemetry_proto::tonic::trace::v1::{Span, Status, span, status::StatusCode};

use super::{attributes, flags, value::key_value};

/// Holds what a span shows beside its ids and times.
pub(crate) struct Content {
    pub(crate) name: String,
    pub(crate) kind: SpanKind,
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) events: Vec<Event>,
    /// Links that the span did not start with.
    pub(crate) links: Vec<Link>,
    pub(crate) is_error: bool,
    pub(crate) status_message: String,
}

impl Content {
    /// Says the same in a vendor's language.
    pub(crate) fn in_dialect(
        self,
        dialect: Dialect,
        settings: &Settings,
        handle: &Handle,
        ended: Timestamp,
    ) -> Self {
        let Self {
            name,
            kind,
            attributes,
            events,
            links,
            is_error,
            status_message,
        } = self;
        let mut span = genspan_dialects::Span {
            name,
            kind: match kind {
                SpanKind::Internal => Kind::Internal,
                SpanKind::Client => Kind::Client,
                SpanKind::Server => Kind::Server,
            },
            attributes: Attributes::new(attributes),
            events,
            status: if is_error {
                genspan_dialects::Status::Error(status_message)
            } else {
                genspan_dialects::Status::Unset
            },
            started: Some(handle.started),
            ended: Some(ended),
            is_root: handle.parent.is_none(),
            scope: "genspan".to_owned(),
        };
        dialect.write(&mut span, settings);
        let (is_error, status_message) = match span.status {
            genspan_dialects::Status::Error(message) => (true, message),
            genspan_dialects::Status::Unset | genspan_dialects::Status::Ok => {
                (false, String::new())
            }
        };
        Self {
            name: span.name,
            kind,
            attributes: span.attributes.into_list(),
            events: span.events,
            links,
            is_error,
            status_message,
        }
    }
}

pub(crate) fn span(handle: &Handle, ended: Timestamp, content: Content) -> Span {
    let context = &handle.context;
    let kind = match content.kind {
        SpanKind::Internal => span::SpanKind::Internal,
        SpanKind::Client => span::SpanKind::Client,
        SpanKind::Server => span::SpanKind::Server,
    };
    Span {
        trace_id: context.trace_id.0.to_vec(),
        span_id: context.span_id.0.to_vec(),
        trace_state: context.trace_state.clone(),
        parent_span_id: handle
            .parent
            .as_ref()
            .map(|parent| parent.span_id.0.to_vec())
            .unwrap_or_default(),
        flags: flags(context),
        name: content.name,
        kind: kind.into(),
        start_time_unix_nano: handle.started.unix_nanos(),
        end_time_unix_nano: ended.max(handle.started).unix_nanos(),
        attributes: attributes(content.attributes),
        events: content.events.into_iter().map(event).collect(),
        links: links(&handle.links, content.links),
        status: content.is_error.then(|| Status {
            message: content.status_message,
            code: StatusCode::Error.into(),
        }),
        ..Span::default()
    }
}

/// Gives the links that the span started with, then those that it turned out to have.
fn links(at_start: &[SpanContext], later: Vec<Link>) -> Vec<span::Link> {
    let later = later.into_iter().map(|found| span::Link {
        attributes: found
            .attributes
            .into_iter()
            .map(|(key, value)| key_value(key, value))
            .collect(),
        ..link(&found.to)
    });
    at_start.iter().map(link).chain(later).collect()
}

fn link(context: &SpanContext) -> span::Link {
    span::Link {
        trace_id: context.trace_id.0.to_vec(),
        span_id: context.span_id.0.to_vec(),
        trace_state: context.trace_state.clone(),
        flags: flags(context),
        ..span::Link::default()
    }
}

fn event(event: Event) -> span::Event {
    span::Event {
        time_unix_nano: event.at.unix_nanos(),
        name: event.name.into_owned(),
        attributes: attributes(event.attributes),
        dropped_attributes_count: 0,
    }
}
