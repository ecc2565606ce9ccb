//! Exchanges with Bedrock, and what they gave.

use std::{
    fmt::{Debug, Write},
    fs,
    path::Path,
};

use genspan::{Inference, Outcome, Record, StreamTiming, Timestamp};
use genspan_wire::{
    Decoded, End, Exchange, RequestHead,
    framing::event_stream::{EventStreamParser, Found, Kind},
};
use testkit::event_stream::message;

pub(crate) const EVENTS: &str = "application/vnd.amazon.eventstream";
pub(crate) const DOCUMENT: &str = "application/json";

pub(crate) fn fixture(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    fs::read(folder.join(name)).unwrap()
}

pub(crate) fn exchange(path: &str) -> Exchange {
    let head = RequestHead {
        method: "POST",
        host: "bedrock-runtime.eu-west-1.amazonaws.com",
        port: None,
        path,
    };
    Exchange::detect(&head).unwrap()
}

/// Reads an answer in pieces of the given size.
pub(crate) fn answered(
    mut exchange: Exchange,
    content_type: &str,
    body: &[u8],
    piece: usize,
    end: End,
) -> Decoded {
    exchange.response_head(200, Some(content_type));
    for (nth, piece) in (1..).zip(body.chunks(piece)) {
        exchange.response(piece, Timestamp::from_unix_nanos(nth));
    }
    exchange.finish(end)
}

pub(crate) fn inference(decoded: &Decoded) -> Inference {
    match &decoded.record {
        Record::Inference(inference) => (**inference).clone(),
        other => panic!("not an inference: {other:?}"),
    }
}

/// The same without the times of chunks, and without that it was a stream.
pub(crate) fn untimed(decoded: &Decoded) -> (Inference, Outcome) {
    let mut record = inference(decoded);
    record.timing = StreamTiming::default();
    record.request.stream = false;
    (record, decoded.outcome.clone())
}

/// Holds every way of splitting a stream in two, and single bytes, against the stream at once.
pub(crate) fn assert_same_in_pieces(waiting: &Exchange, body: &[u8], name: &str) {
    let all = untimed(&answered(
        waiting.clone(),
        EVENTS,
        body,
        usize::MAX,
        End::Complete,
    ));
    let bytewise = answered(waiting.clone(), EVENTS, body, 1, End::Complete);
    assert_eq!(untimed(&bytewise), all, "{name}");
    for at in 0..body.len() {
        let mut exchange = waiting.clone();
        exchange.response_head(200, Some(EVENTS));
        let (start, rest) = body.split_at(at);
        exchange.response(start, Timestamp::default());
        exchange.response_all(rest, Timestamp::default());
        let split = exchange.finish(End::Complete);
        assert_eq!(untimed(&split), all, "{name} split at {at}");
    }
}

/// Shows what an answer gave, one fact a line.
pub(crate) fn shown(decoded: &Decoded) -> String {
    fn line(out: &mut String, name: &str, fact: &dyn Debug) {
        writeln!(out, "{name}: {fact:?}").unwrap();
    }
    let record = inference(decoded);
    let response = &record.response;
    let mut out = String::new();
    line(&mut out, "outcome", &decoded.outcome);
    line(&mut out, "id, model", &(&response.id, &response.model));
    line(&mut out, "finish reasons", &response.finish_reasons);
    line(&mut out, "tier", &response.service_tier);
    line(&mut out, "usage", &record.usage);
    line(&mut out, "diagnostics", &record.common.diagnostics);
    for message in &record.content.output {
        let said = (message.role.as_str(), &message.finish_reason);
        line(&mut out, "message", &said);
        for part in &message.parts {
            line(&mut out, "  part", part);
        }
    }
    out
}

/// Shows what a request asked, one fact a line.
pub(crate) fn shown_request(decoded: &Decoded) -> String {
    let record = inference(decoded);
    let mut out = format!("{:?} {:#?}\n", record.kind, record.request);
    let response = &record.response;
    let beside = (&response.guardrail_id, &response.requested_service_tier);
    writeln!(out, "guardrail, tier: {beside:?}").unwrap();
    for part in &record.content.system_instructions {
        writeln!(out, "system: {part:?}").unwrap();
    }
    for message in &record.content.input {
        writeln!(out, "{}", message.role.as_str()).unwrap();
        for part in &message.parts {
            writeln!(out, "  {part:?}").unwrap();
        }
    }
    for tool in &record.content.tools {
        writeln!(out, "tool: {tool:?}").unwrap();
    }
    out
}

/// Damages the documents in a stream under checksums that are right, and holds pieces against the whole.
pub(crate) fn assert_survives_damage(waiting: &Exchange, body: &[u8], name: &str, rounds: usize) {
    let mut messages: Vec<(String, Vec<u8>)> = Vec::new();
    EventStreamParser::new().push(body, &mut |found| {
        if let Found::Message(message) = found
            && let Kind::Event(event) = message.kind()
        {
            messages.push((event.to_owned(), message.payload.to_vec()));
        }
    });
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut below = |bound: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state >> 11).unwrap() % bound.max(1)
    };
    for _ in 0..rounds {
        let mut damaged = messages.clone();
        for _ in 0..=below(3) {
            let nth = below(damaged.len());
            let (_, payload) = &mut damaged[nth];
            let at = below(payload.len());
            match below(4) {
                0 => payload.truncate(at),
                1 => payload.insert(at, b"{}[]\",:0n\\"[below(10)]),
                2 => drop(payload.splice(at..(at + below(9)).min(payload.len()), *b"null")),
                _ => damaged.swap(nth, 0),
            }
        }
        let bytes: Vec<u8> = damaged
            .iter()
            .flat_map(|(event, payload)| message(&[(":event-type", event)], payload))
            .collect();
        let all = answered(waiting.clone(), EVENTS, &bytes, usize::MAX, End::Complete);
        let pieces = answered(waiting.clone(), EVENTS, &bytes, 11, End::Complete);
        assert_eq!(untimed(&pieces), untimed(&all), "{name}");
        assert!(all.record.common().diagnostics.len() < 16);
    }
}
