//! What tests need: stored messages, a sink that keeps what comes, and a short drawing of it.

use std::{
    fmt::Write,
    io::{self, BufRead, Cursor},
    sync::Arc,
};

use genspan::{
    Capture, Conventions, Identity, Parent, Place, Rendering, SpanId, Telemetry, Timestamp, TraceId,
};
use genspan_claude::{Imported, Options, Source, import};
use testkit::{CaptureSink, CapturedSpan, ManualClock, conventions};

/// A file that is only in memory.
pub(crate) struct Stored {
    pub(crate) name: &'static str,
    pub(crate) text: String,
}

/// When files ended that do not say so: 2026-11-21T00:20:00Z.
pub(crate) const ENDED: Timestamp = Timestamp::from_unix_nanos(1_795_220_400_000_000_000);

impl Source for Stored {
    fn name(&self) -> String {
        self.name.to_owned()
    }

    fn open(&self) -> io::Result<Box<dyn BufRead + '_>> {
        Ok(Box::new(Cursor::new(self.text.as_bytes())))
    }

    fn ended(&self) -> Option<Timestamp> {
        Some(ENDED)
    }
}

/// A recorder, and what it recorded.
pub(crate) struct Scene {
    pub(crate) sink: Arc<CaptureSink>,
    pub(crate) telemetry: Telemetry,
}

impl Scene {
    pub(crate) fn new() -> Self {
        Self::with(Rendering::new(Conventions::V1_41))
    }

    pub(crate) fn with_content() -> Self {
        let capture = Capture::at(Place::Span);
        Self::with(Rendering::new(Conventions::V1_41).with_capture(capture))
    }

    pub(crate) fn with(rendering: Rendering) -> Self {
        let sink = CaptureSink::new(rendering);
        let telemetry = Telemetry::builder(Arc::clone(&sink) as _)
            .with_clock(Arc::new(ManualClock::at(1_795_220_000)))
            .inline()
            .build();
        Self { sink, telemetry }
    }

    pub(crate) fn spans(&self) -> Vec<CapturedSpan> {
        self.sink.spans()
    }

    pub(crate) fn import(&self, files: &[Stored]) -> Imported {
        let sources: Vec<&dyn Source> = files.iter().map(|file| file as &dyn Source).collect();
        import(&self.telemetry, &options(), &sources)
    }
}

/// Options of an import: ids that derive from what was read.
pub(crate) fn options() -> Options {
    Options::default()
        .within(Parent::Root)
        .with_identify(Arc::new(identity))
}

fn identity(name: &str) -> Identity {
    // FNV-1a: any hash will do for a test.
    let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
    });
    Identity {
        trace_id: TraceId(u128::from(hash).to_be_bytes()),
        span_id: SpanId(hash.to_be_bytes()),
    }
}

/// Draws spans in a line each: times in milliseconds from the first, tokens, error, what is marked as derived.
pub(crate) fn sketch(spans: &[CapturedSpan]) -> String {
    let first = spans.iter().map(|span| span.started).min();
    let mut text = String::new();
    let mut roots: Vec<&CapturedSpan> = spans
        .iter()
        .filter(|span| {
            let parent = span.parent.as_ref().map(|parent| parent.span_id);
            !spans
                .iter()
                .any(|other| Some(other.context.span_id) == parent)
        })
        .collect();
    roots.sort_by_key(|span| span.started);
    for root in roots {
        line(root, spans, first.unwrap_or_default(), 0, &mut text);
    }
    text
}

fn line(
    span: &CapturedSpan,
    all: &[CapturedSpan],
    first: Timestamp,
    depth: usize,
    text: &mut String,
) {
    let millis = |at: Timestamp| at.since(first).as_millis();
    write!(
        text,
        "{}{} {}..{}",
        "  ".repeat(depth),
        span.signals.name,
        millis(span.started),
        millis(span.ended)
    )
    .unwrap();
    for (word, key) in [
        ("in", "gen_ai.usage.input_tokens"),
        ("cached", "gen_ai.usage.cache_read.input_tokens"),
        ("written", "gen_ai.usage.cache_creation.input_tokens"),
        ("out", "gen_ai.usage.output_tokens"),
        ("end", "gen_ai.response.finish_reasons"),
        ("type", "gen_ai.tool.type"),
        ("cost", "genspan.cost.total"),
        ("turns", "genspan.run.turns"),
        ("attempts", "genspan.attempts"),
        ("error", "error.type"),
        ("derived", "genspan.time.derived"),
    ] {
        if let Some(value) = attribute(span, key) {
            write!(text, " {word}={value}").unwrap();
        }
    }
    text.push('\n');
    let mut children: Vec<&CapturedSpan> = all
        .iter()
        .filter(|other| {
            other.parent.as_ref().map(|parent| parent.span_id) == Some(span.context.span_id)
        })
        .collect();
    children.sort_by_key(|child| (child.started, child.ended));
    for child in children {
        line(child, all, first, depth + 1, text);
    }
}

/// Gives an attribute as JSON.
pub(crate) fn attribute(span: &CapturedSpan, key: &str) -> Option<String> {
    let signals = &span.signals;
    let mut found = signals.sampled.iter().chain(&signals.attributes);
    let found = found.find(|attribute| attribute.key == key)?;
    Some(found.value.to_json())
}

/// Holds spans against the conventions, and each to end after it began.
pub(crate) fn check(spans: &[CapturedSpan]) {
    conventions::hold_spans(spans);
    for span in spans {
        assert!(span.ended >= span.started, "{}", span.signals.name);
    }
}
