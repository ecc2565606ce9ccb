//! Exchanges of responses, and what they gave in words.

use std::fmt::{Debug, Write};

use genspan::{Inference, Message, Outcome, Part, Record, StreamTiming, Timestamp};
use genspan_wire::{Decoded, End, Exchange, RequestHead};

pub(crate) const EVENTS: &str = "text/event-stream; charset=utf-8";
pub(crate) const DOCUMENT: &str = "application/json";

pub(crate) fn fixture(name: &str) -> String {
    let folder = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/fixtures/openai_responses"
    );
    std::fs::read_to_string(format!("{folder}/{name}")).unwrap()
}

pub(crate) fn exchange_at(method: &str, path: &str) -> Option<Exchange> {
    Exchange::detect(&RequestHead {
        method,
        host: "api.openai.com",
        port: None,
        path,
    })
}

pub(crate) fn exchange() -> Exchange {
    exchange_at("POST", "/v1/responses").unwrap()
}

pub(crate) fn answered(
    mut exchange: Exchange,
    status: u16,
    content_type: &str,
    body: &[u8],
    piece: usize,
    end: End,
) -> Decoded {
    exchange.response_head(status, Some(content_type));
    for (nth, piece) in body.chunks(piece).enumerate() {
        exchange.response(piece, Timestamp::from_unix_nanos(nth as u64));
    }
    exchange.finish(end)
}

pub(crate) fn decode_as(
    status: u16,
    content_type: &str,
    body: &[u8],
    piece: usize,
    end: End,
) -> Decoded {
    answered(exchange(), status, content_type, body, piece, end)
}

pub(crate) fn whole(body: &str) -> Decoded {
    decode_as(200, DOCUMENT, body.as_bytes(), usize::MAX, End::Complete)
}

pub(crate) fn streamed(body: &str) -> Decoded {
    decode_as(200, EVENTS, body.as_bytes(), usize::MAX, End::Complete)
}

pub(crate) fn inference(decoded: Decoded) -> Inference {
    match decoded.record {
        Record::Inference(inference) => *inference,
        other => panic!("not an inference: {other:?}"),
    }
}

/// The same without the times of chunks.
pub(crate) fn untimed(decoded: &Decoded) -> (Inference, Outcome) {
    let mut record = inference(decoded.clone());
    record.timing = StreamTiming::default();
    (record, decoded.outcome.clone())
}

pub(crate) fn text_of(record: &Inference) -> String {
    let output = record.content.output.iter();
    let parts = output.flat_map(|message| &message.parts);
    parts
        .filter_map(|part| match part {
            Part::Text(text) => Some(text.as_str()),
            _ => None,
        })
        .collect()
}

fn line(out: &mut String, name: &str, fact: &dyn Debug) {
    writeln!(out, "{name}: {fact:?}").unwrap();
}

pub(crate) fn show_messages(out: &mut String, messages: &[Message]) {
    for message in messages {
        let head = (message.role.as_str(), &message.finish_reason);
        line(out, "message", &head);
        for part in &message.parts {
            line(out, "  part", part);
        }
    }
}

/// Shows what an answer gave, one fact a line.
pub(crate) fn shown(decoded: &Decoded) -> String {
    let record = inference(decoded.clone());
    let (response, usage) = (&record.response, &record.usage);
    let mut out = String::new();
    line(&mut out, "outcome", &decoded.outcome);
    line(&mut out, "id, model", &(&response.id, &response.model));
    line(&mut out, "conversation", &record.common.conversation_id);
    line(&mut out, "service tier", &response.service_tier);
    line(&mut out, "finish reasons", &response.finish_reasons);
    line(&mut out, "compacted", &response.is_compacted);
    line(&mut out, "input, output", &(usage.input(), usage.output()));
    let parts = (usage.cache_read(), usage.reasoning());
    line(&mut out, "cache read, reasoning", &parts);
    line(&mut out, "cost", &record.cost);
    line(&mut out, "diagnostics", &record.common.diagnostics);
    show_messages(&mut out, &record.content.output);
    out
}
