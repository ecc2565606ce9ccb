//! A recorder, and what it recorded as a short tree.

use std::{fmt::Write, sync::Arc, time::Duration};

use genspan::{
    Capture, Conventions, Label, Place, Rendering, Telemetry, Value, semconv::attribute as key,
};
use genspan_check::{Checker, Options, SpanView};
use testkit::{CaptureSink, CapturedSpan, ManualClock};

pub(super) const LONG: Duration = Duration::from_secs(10);

pub(super) struct Rig {
    pub(super) sink: Arc<CaptureSink>,
    pub(super) telemetry: Telemetry,
}

impl Rig {
    pub(super) fn new() -> Self {
        Self::of(Rendering::new(Conventions::V1_41))
    }

    pub(super) fn with_content() -> Self {
        Self::of(Rendering::new(Conventions::Main).with_capture(Capture::at(Place::Span)))
    }

    fn of(rendering: Rendering) -> Self {
        let sink = CaptureSink::new(rendering);
        let telemetry = Telemetry::builder(Arc::clone(&sink) as _)
            .with_clock(Arc::new(ManualClock::default()))
            .build();
        Self { sink, telemetry }
    }

    /// Ends the recording and draws the spans, siblings by name, with how each ended.
    pub(super) fn shape(&self) -> String {
        drop(self.telemetry.shutdown(LONG));
        let spans = self.sink.spans();
        check(&spans);
        let is_root = |span: &&CapturedSpan| {
            span.parent
                .as_ref()
                .is_none_or(|parent| spans.iter().all(|it| it.context.span_id != parent.span_id))
        };
        let mut lines: Vec<String> = spans
            .iter()
            .filter(is_root)
            .map(|root| drawn(root, &spans, 0))
            .collect();
        lines.sort();
        lines.concat()
    }

    /// Gives the only span of this name and kind.
    pub(super) fn span(&self, name: &str, kind: genspan::SpanKind) -> CapturedSpan {
        let mut spans = self.sink.spans();
        spans.retain(|span| span.signals.name == name && span.signals.kind == kind);
        assert_eq!(spans.len(), 1, "{name}");
        spans.remove(0)
    }

    /// Counts the points of each MCP metric by the method, or by nothing.
    pub(super) fn points(&self) -> String {
        let mut lines: Vec<String> = self
            .sink
            .measurements()
            .iter()
            .filter(|point| point.metric.name().starts_with("mcp."))
            .map(|point| {
                let label = |key| match point.labels.get(key) {
                    Some(Label::Text(text)) => format!(" {text}"),
                    _ => String::new(),
                };
                let labels = [
                    key::MCP_METHOD_NAME,
                    key::GEN_AI_TOOL_NAME,
                    key::NETWORK_TRANSPORT,
                    key::MCP_PROTOCOL_VERSION,
                    key::ERROR_TYPE,
                ];
                let labels: String = labels.into_iter().map(label).collect();
                format!("{}{labels}\n", point.metric.name())
            })
            .collect();
        lines.sort();
        lines.concat()
    }

    /// Gives all that was recorded as text.
    pub(super) fn everything(&self) -> String {
        let spans = testkit::tree(&self.sink.spans());
        format!(
            "{spans}{:?}{:?}",
            self.sink.measurements(),
            self.sink.events()
        )
    }
}

/// Methods of a version of the protocol that the conventions do not know yet.
const LATER: [&str; 3] = [
    "server/discover",
    "subscriptions/listen",
    "notifications/subscriptions/acknowledged",
];

/// Finds nothing against the conventions in the spans of messages; the others are the tests' own, with names alone.
fn check(spans: &[CapturedSpan]) {
    let checker = Checker::new(Options::default());
    let is_message = |span: &&CapturedSpan| span.signals.get(key::MCP_METHOD_NAME).is_some();
    for span in spans.iter().filter(is_message) {
        let times = (span.started, span.ended);
        let parent = span.parent.as_ref();
        let view = SpanView::rendered(&span.context, parent, times, &span.signals);
        let mut findings = checker.check_span(&view);
        let is_later = LATER.contains(&&*span.signals.name);
        findings.retain(|it| !(is_later && it.rule == "unknown-value"));
        assert!(findings.is_empty(), "{}: {findings:#?}", span.signals.name);
    }
}

fn drawn(span: &CapturedSpan, all: &[CapturedSpan], depth: usize) -> String {
    let signals = &span.signals;
    let error = signals.get(key::ERROR_TYPE).and_then(Value::as_str);
    let mut text = format!(
        "{}{} [{:?}]",
        "  ".repeat(depth),
        signals.name,
        signals.kind
    );
    if let Some(error) = error {
        write!(text, " {error}").unwrap();
    }
    text.push('\n');
    let is_child = |other: &&CapturedSpan| {
        let parent = other.parent.as_ref();
        parent.is_some_and(|parent| parent.span_id == span.context.span_id)
    };
    let mut children: Vec<String> = all
        .iter()
        .filter(is_child)
        .map(|child| drawn(child, all, depth + 1))
        .collect();
    children.sort();
    text + &children.concat()
}
