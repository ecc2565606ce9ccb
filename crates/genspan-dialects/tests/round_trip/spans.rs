//! Recorded traffic as spans.

use genspan::{Capture, Conventions, Place, Record, Rendering, Timestamp, signals};
use genspan_dialects::{Attributes, Kind, Span, Status};
use genspan_wire::{End, Exchange, RequestHead};

use crate::recordings::{Corpus, Recorded};

const APIS: [&str; 2] = ["openai.chat_completions", "anthropic.messages"];

/// Gives a span for each recorded exchange, with what was said on it; none where there are no recordings.
pub(crate) fn recorded(conventions: Conventions) -> Vec<(String, Span)> {
    let rendering = Rendering::new(conventions)
        .with_capture(Capture::at(Place::Span))
        .with_full_tool_definitions();
    let Some(corpus) = Corpus::read() else {
        return Vec::new();
    };
    let mut list = Vec::new();
    for api in APIS {
        for (recorded, expected) in corpus.of(api) {
            if let Some(span) = span(recorded, &rendering) {
                list.push((format!("{} {}", expected["name"], expected["start"]), span));
            }
        }
    }
    assert!(list.len() > 1_500, "only {} spans", list.len());
    list
}

fn span(recorded: &Recorded, rendering: &Rendering) -> Option<Span> {
    let rest = recorded.url.split_once("://")?.1;
    let (authority, path) = rest.split_at(rest.find('/')?);
    let mut exchange = Exchange::detect(&RequestHead {
        method: &recorded.method,
        host: authority.split(':').next()?,
        port: None,
        path,
    })?;
    exchange.request_all(&recorded.request);
    exchange.response_head(recorded.status, recorded.content_type.as_deref());
    exchange.response_all(&recorded.response, Timestamp::default());
    let decoded = exchange.finish(End::Complete);
    Some(of(&decoded.record, &decoded.outcome, rendering))
}

fn of(record: &Record, outcome: &genspan::Outcome, rendering: &Rendering) -> Span {
    let at = genspan::Span {
        started: Timestamp::default(),
        ended: Timestamp::default(),
        outcome,
    };
    let signals = signals(record, &at, rendering);
    let facts = signals.sampled.into_iter().chain(signals.attributes);
    Span {
        name: signals.name,
        kind: match signals.kind {
            genspan::SpanKind::Internal => Kind::Internal,
            genspan::SpanKind::Client => Kind::Client,
        },
        attributes: Attributes::new(facts.collect()),
        events: signals.span_events,
        status: if signals.is_error {
            Status::Error(signals.status_message)
        } else {
            Status::Unset
        },
        started: Some(Timestamp::default()),
        is_root: true,
    }
}
