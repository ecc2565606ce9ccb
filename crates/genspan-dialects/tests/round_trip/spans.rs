//! Traffic as spans.

use genspan::{Capture, Conventions, Place, Record, Rendering, Timestamp, signals};
use genspan_dialects::{Attributes, Kind, Span, Status};
use genspan_wire::{End, Exchange, RequestHead};

use testkit::recordings::{Corpus, Recorded};

fn rendering(conventions: Conventions) -> Rendering {
    Rendering::new(conventions)
        .with_capture(Capture::at(Place::Span))
        .with_full_tool_definitions()
}

/// Gives a span for each recorded exchange, with what was said on it; none where there are no recordings.
pub(crate) fn recorded(conventions: Conventions) -> Vec<(String, Span)> {
    let rendering = rendering(conventions);
    let Some(corpus) = Corpus::read() else {
        return Vec::new();
    };
    let list: Vec<(String, Span)> = (0..)
        .zip(corpus.all())
        .filter_map(|(index, recorded)| {
            let name = format!("exchange {index}, {}", recorded.url);
            Some((name, span(recorded, &rendering)?))
        })
        .collect();
    assert!(list.len() > 2_700, "only {} spans", list.len());
    list
}

/// Gives a span for each answer that the decoders are tested with, to each of its interface's requests.
pub(crate) fn of_fixtures(conventions: Conventions) -> Vec<(String, Span)> {
    const INTERFACES: [(&str, &str, &str); 3] = [
        ("anthropic_messages", "api.anthropic.com", "/v1/messages"),
        ("openai_chat", "api.openai.com", "/v1/chat/completions"),
        ("openai_responses", "api.openai.com", "/v1/responses"),
    ];
    let rendering = rendering(conventions);
    let mut list = Vec::new();
    for (folder, host, path) in INTERFACES {
        let folder = format!(
            "{}/../genspan-wire/tests/fixtures/{folder}",
            env!("CARGO_MANIFEST_DIR")
        );
        let files = std::fs::read_dir(folder).unwrap();
        let mut files: Vec<_> = files.map(|file| file.unwrap().path()).collect();
        files.sort();
        let (requests, answers): (Vec<_>, Vec<_>) = files
            .iter()
            .partition(|file| file.to_string_lossy().ends_with("request.json"));
        for (request, answer) in requests
            .iter()
            .flat_map(|request| answers.iter().map(move |answer| (request, answer)))
        {
            let is_stream = answer.extension().is_some_and(|ending| ending == "sse");
            let recorded = Recorded {
                method: "POST".to_owned(),
                url: format!("https://{host}{path}"),
                request: std::fs::read(request).unwrap(),
                status: 200,
                content_type: Some(
                    if is_stream {
                        "text/event-stream"
                    } else {
                        "application/json"
                    }
                    .to_owned(),
                ),
                response: std::fs::read(answer).unwrap(),
            };
            let name = format!("{} to {}", answer.display(), request.display());
            list.push((name, span(&recorded, &rendering).unwrap()));
        }
    }
    assert!(list.len() > 40, "only {} spans", list.len());
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
            genspan::SpanKind::Server => Kind::Server,
        },
        attributes: Attributes::new(facts.collect()),
        events: signals.span_events,
        status: if signals.is_error {
            Status::Error(signals.status_message)
        } else {
            Status::Unset
        },
        started: Some(Timestamp::default()),
        ended: None,
        is_root: true,
        scope: "genspan".to_owned(),
    }
}
