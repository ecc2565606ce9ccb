//! What comes in becomes what is written: redacted, read, cut up and compressed, on the thread of whoever sends it.

mod docs;
pub(crate) mod facts;
mod logs;
mod metrics;
mod redact;
pub(crate) mod said;
mod spans;
pub(crate) mod told;
pub(crate) mod view;

use std::sync::Arc;

use crate::{
    Ingested,
    content::{Leaf, Piece, Segment},
};

pub(crate) use docs::{Doc, docs};
pub(crate) use facts::Facts;
pub(crate) use logs::logs;
pub(crate) use metrics::metrics;
pub use redact::{redact_logs, redact_metrics, redact_traces};
pub(crate) use spans::spans;

/// Holds what one request becomes.
#[derive(Debug, Default)]
pub(crate) struct Prepared {
    pub(crate) spans: Vec<NewSpan>,
    pub(crate) logs: Vec<NewLog>,
    /// Metrics, one compressed request.
    pub(crate) metrics: Option<Vec<u8>>,
    pub(crate) ingested: Ingested,
}

/// Holds a span as it will be written.
#[derive(Debug)]
pub(crate) struct NewSpan {
    pub(crate) facts: Facts,
    pub(crate) body: Body,
    pub(crate) thread: Vec<u8>,
    pub(crate) said: Option<String>,
    /// Shared with what is still to be indexed once the span is written.
    pub(crate) docs: Arc<[Doc]>,
}

/// Holds a log record as it will be written.
#[derive(Debug)]
pub(crate) struct NewLog {
    pub(crate) trace_id: Option<[u8; 16]>,
    pub(crate) span_id: Option<[u8; 8]>,
    pub(crate) at: i64,
    /// What it is, so that one that comes twice is kept once.
    pub(crate) digest: i64,
    /// Whether it says what was said in its span.
    pub(crate) tells: bool,
    pub(crate) body: Body,
}

/// Holds a message as it came but for secrets and for what is kept apart.
#[derive(Debug)]
pub(crate) struct Body {
    pub(crate) origin: Arc<Piece>,
    pub(crate) skeleton: Vec<u8>,
    pub(crate) leaves: Vec<Leaf>,
}

impl Prepared {
    /// Estimates the bytes that this holds, for bounds on queues.
    pub(crate) fn weight(&self) -> usize {
        let bodies = self
            .spans
            .iter()
            .map(|span| {
                let docs: usize = span.docs.iter().map(|doc| doc.text.len()).sum();
                512 + docs + span.thread.len() + span.body.weight()
            })
            .chain(self.logs.iter().map(|log| 128 + log.body.weight()));
        bodies.sum::<usize>() + self.metrics.as_ref().map_or(0, Vec::len)
    }
}

impl Body {
    fn weight(&self) -> usize {
        let segments = self.leaves.iter().flat_map(|leaf| &leaf.segments);
        let kept = segments.map(|segment| match segment {
            Segment::Inline(bytes) => bytes.len(),
            Segment::Piece(piece) => 64 + piece.packed.len(),
        });
        self.skeleton.len() + kept.sum::<usize>()
    }
}

/// Names a message by what is left of it and what was taken out, however that is compressed.
pub(crate) fn digest_of(skeleton: &[u8], leaves: &[Leaf]) -> i64 {
    let mut all = Vec::with_capacity(skeleton.len() + 64 * leaves.len());
    all.extend_from_slice(skeleton);
    for leaf in leaves {
        all.extend_from_slice(&leaf.node.to_le_bytes());
        for segment in &leaf.segments {
            match segment {
                Segment::Inline(bytes) => all.extend_from_slice(bytes),
                Segment::Piece(piece) => all.extend_from_slice(&piece.hash),
            }
        }
    }
    digest(&all)
}

/// Writes a moment as SQLite's integers hold it, which they do until the year 2262.
pub(crate) fn nanos(unix_nanos: u64) -> i64 {
    i64::try_from(unix_nanos).unwrap_or(i64::MAX)
}

/// Names bytes by a number.
pub(crate) fn digest(bytes: &[u8]) -> i64 {
    let hash = crate::content::hash(bytes);
    let mut number = [0; 8];
    for (to, from) in number.iter_mut().zip(hash) {
        *to = from;
    }
    i64::from_le_bytes(number)
}
