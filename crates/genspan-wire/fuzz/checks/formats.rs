//! Any bytes give a record in each format, the same one however they are split, with numbers that can be true.
//!
//! The first bytes choose: the endpoint, the label of the response, its status and the end of the traffic, the split.
//! Then come the request and, behind a line of three dashes, the response; without such a line all is response.

use genspan::{Content, Record, StreamTiming, Timestamp};
use genspan_wire::{Decoded, End, Exchange, RequestHead};

use super::pieces::pieces;

/// Methods, hosts and paths of endpoints. New ones come at the end, since seeds count from the start; one that is in no
/// format that is known is passed over.
const ENDPOINTS: [(&str, &str, &str); 31] = [
    ("POST", "api.openai.com", "/v1/chat/completions"),
    ("POST", "api.anthropic.com", "/v1/messages"),
    ("POST", "api.openai.com", "/v1/responses"),
    ("GET", "api.openai.com", "/v1/responses/resp_1?stream=true"),
    ("POST", "api.openai.com", "/v1/completions"),
    ("POST", "api.openai.com", "/v1/embeddings"),
    (
        "POST",
        "generativelanguage.googleapis.com",
        "/v1beta/models/gemini-2.5-flash:generateContent",
    ),
    (
        "POST",
        "generativelanguage.googleapis.com",
        "/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse",
    ),
    (
        "POST",
        "generativelanguage.googleapis.com",
        "/v1beta/models/gemini-2.5-flash:streamGenerateContent",
    ),
    (
        "POST",
        "generativelanguage.googleapis.com",
        "/v1beta/models/gemini-embedding-001:embedContent",
    ),
    (
        "POST",
        "generativelanguage.googleapis.com",
        "/v1beta/models/gemini-embedding-001:batchEmbedContents",
    ),
    (
        "POST",
        "generativelanguage.googleapis.com",
        "/v1beta/interactions",
    ),
    (
        "GET",
        "generativelanguage.googleapis.com",
        "/v1beta/interactions/i1",
    ),
    (
        "POST",
        "eu-aiplatform.googleapis.com",
        "/v1/projects/p/locations/eu/publishers/google/models/gemini-2.5-pro:streamGenerateContent",
    ),
    (
        "POST",
        "eu-aiplatform.googleapis.com",
        "/v1/projects/p/locations/eu/publishers/anthropic/models/claude-sonnet-4-5:streamRawPredict",
    ),
    (
        "POST",
        "bedrock-runtime.eu-west-1.amazonaws.com",
        "/model/amazon.nova-lite-v1:0/converse",
    ),
    (
        "POST",
        "bedrock-runtime.eu-west-1.amazonaws.com",
        "/model/amazon.nova-lite-v1:0/converse-stream",
    ),
    (
        "POST",
        "bedrock-runtime.eu-west-1.amazonaws.com",
        "/model/anthropic.claude-sonnet-4-5/invoke",
    ),
    (
        "POST",
        "bedrock-runtime.eu-west-1.amazonaws.com",
        "/model/anthropic.claude-sonnet-4-5/invoke-with-response-stream",
    ),
    (
        "POST",
        "bedrock-runtime.eu-west-1.amazonaws.com",
        "/model/amazon.nova-lite-v1:0/invoke-with-response-stream",
    ),
    (
        "POST",
        "bedrock-runtime.eu-west-1.amazonaws.com",
        "/model/amazon.titan-text-express-v1/invoke",
    ),
    (
        "POST",
        "bedrock-runtime.eu-west-1.amazonaws.com",
        "/model/meta.llama3-8b-instruct-v1:0/invoke-with-response-stream",
    ),
    (
        "POST",
        "bedrock-runtime.eu-west-1.amazonaws.com",
        "/model/mistral.mistral-7b-instruct-v0:2/invoke",
    ),
    (
        "POST",
        "bedrock-runtime.eu-west-1.amazonaws.com",
        "/model/cohere.command-r-v1:0/invoke-with-response-stream",
    ),
    (
        "POST",
        "bedrock-runtime.eu-west-1.amazonaws.com",
        "/model/cohere.embed-english-v3/invoke",
    ),
    ("POST", "localhost", "/api/chat"),
    ("POST", "localhost", "/api/generate"),
    ("POST", "localhost", "/api/embed"),
    ("POST", "api.cohere.com", "/v2/chat"),
    ("POST", "api.cohere.com", "/v1/chat"),
    ("POST", "api.cohere.com", "/v2/embed"),
];
const LABELS: [Option<&str>; 5] = [
    Some("text/event-stream"),
    Some("application/x-ndjson"),
    Some("application/json"),
    Some("application/vnd.amazon.eventstream"),
    None,
];
const STATUSES: [u16; 4] = [200, 200, 200, 429];
const ENDS: [End; 4] = [End::Complete, End::Complete, End::Broken, End::Cancelled];
const REQUEST: &[u8] = br#"{"model":"m","stream":true}"#;
const DASHES: &[u8] = b"\n---\n";

/// Holds one exchange to read.
pub(crate) struct Asked<'a> {
    pub(crate) waiting: Exchange,
    /// The same, which passes over content.
    blind: Exchange,
    pub(crate) response: &'a [u8],
    end: End,
    seed: u8,
}

pub(crate) fn check(data: &[u8]) {
    let Some(asked) = asked(data) else { return };
    let one = asked.read(|exchange| exchange.response(asked.response, at()));
    let split = asked.read(|exchange| {
        for piece in pieces(asked.response, asked.seed) {
            exchange.response(piece, at());
        }
    });
    assert_eq!(split, one, "in pieces");
    let all = asked.read(|exchange| exchange.response_all(asked.response, at()));
    assert_eq!(all, one, "all at once");
    let lossy = asked.read(|exchange| {
        for piece in pieces(asked.response, asked.seed) {
            exchange.response(piece, at());
            exchange.response_skipped();
        }
    });
    for decoded in [&one, &lossy] {
        let diagnostics = &decoded.record.common().diagnostics;
        assert!(diagnostics.len() < 64, "{} diagnostics", diagnostics.len());
        honest(&decoded.record);
    }
    without_content(&asked, one);
}

/// Reads an input up to where the response would come; `None` where it asks for nothing that is known.
pub(crate) fn asked(data: &[u8]) -> Option<Asked<'_>> {
    let [endpoint, label, ways, seed, bodies @ ..] = data else {
        return None;
    };
    let (method, host, path) = ENDPOINTS[usize::from(*endpoint) % ENDPOINTS.len()];
    let mut waiting = Exchange::detect(&RequestHead {
        method,
        host,
        port: None,
        path,
    })?;
    let dashes = bodies.windows(DASHES.len()).position(|part| part == DASHES);
    let (request, response) = dashes.map_or((REQUEST, bodies), |at| {
        (&bodies[..at], &bodies[at + DASHES.len()..])
    });
    let (mut split, mut blind) = (waiting.clone(), waiting.clone().without_content());
    waiting.request_all(request);
    blind.request_all(request);
    for piece in pieces(request, *seed) {
        split.request(piece);
    }
    split.request_end();
    let label = LABELS[usize::from(*label) % LABELS.len()];
    let status = STATUSES[usize::from(ways & 3)];
    for exchange in [&mut waiting, &mut split, &mut blind] {
        exchange.response_head(status, label);
    }
    assert_eq!(
        split.finish(End::Complete),
        waiting.clone().finish(End::Complete),
        "a request in pieces"
    );
    Some(Asked {
        waiting,
        blind,
        response,
        end: ENDS[usize::from(ways >> 2 & 3)],
        seed: *seed,
    })
}

impl Asked<'_> {
    fn read(&self, feed: impl FnOnce(&mut Exchange)) -> Decoded {
        finished(self.waiting.clone(), self.end, feed)
    }
}

fn finished(mut exchange: Exchange, end: End, feed: impl FnOnce(&mut Exchange)) -> Decoded {
    feed(&mut exchange);
    let mut decoded = exchange.finish(end);
    // A split may put two chunks in one push, which is another time for each and nothing else.
    if let Record::Inference(record) = &mut decoded.record {
        record.timing = StreamTiming::default();
    }
    decoded
}

fn at() -> Timestamp {
    Timestamp::from_unix_nanos(1)
}

/// Holds parts of counts against their wholes.
fn honest(record: &Record) {
    let usage = match record {
        Record::Inference(record) => &record.usage,
        Record::Embeddings(record) => &record.usage,
        _ => return,
    };
    let is_part = |part: Option<u64>, whole: Option<u64>| match (part, whole) {
        (Some(part), Some(whole)) => part <= whole,
        _ => true,
    };
    assert!(is_part(usage.cache_read(), usage.input()), "{usage:?}");
    assert!(is_part(usage.cache_write(), usage.input()), "{usage:?}");
    assert!(is_part(usage.reasoning(), usage.output()), "{usage:?}");
}

/// Holds the record that is made without content against the one with it.
fn without_content(asked: &Asked<'_>, mut with: Decoded) {
    let without = finished(asked.blind.clone(), asked.end, |exchange| {
        exchange.response(asked.response, at());
    });
    match &mut with.record {
        Record::Inference(record) => record.content = Content::default(),
        Record::ResponseFetch(record) => record.content = Content::default(),
        _ => {}
    }
    assert_eq!(without, with, "without content");
}
