//! Spans held against the conventions, and drawn.

use std::{sync::Arc, time::Duration};

use genspan::{Capture, Conventions, Place, Rendering, Telemetry, semconv::attribute};
use genspan_rig::Rig;
use testkit::{
    CaptureSink, CapturedSpan, conventions,
    provider::{Provider, Script},
};

const LIMIT: Duration = Duration::from_secs(30);

/// A provider, and rig recorded in memory.
pub(crate) struct Scene {
    pub(crate) provider: Provider,
    pub(crate) telemetry: Telemetry,
    pub(crate) rig: Rig,
    sink: Arc<CaptureSink>,
}

impl Scene {
    pub(crate) fn new() -> Self {
        let capture = Capture::at(Place::Span);
        let sink = CaptureSink::new(Rendering::new(Conventions::V1_41).with_capture(capture));
        let telemetry = Telemetry::builder(Arc::clone(&sink) as _).build();
        Self {
            provider: Provider::start(Script::scenarios()).unwrap(),
            rig: Rig::new(&telemetry),
            telemetry,
            sink,
        }
    }

    /// Gives the spans that ended, held against the conventions.
    pub(crate) fn spans(&self) -> Vec<CapturedSpan> {
        assert!(self.rig.recorder().settle(LIMIT));
        assert!(self.telemetry.flush(LIMIT).is_complete());
        let spans = self.sink.spans();
        conventions::hold_spans(&spans);
        spans
    }

    /// Draws the spans that ended, each with what is most of interest in it; nothing may have been left open.
    pub(crate) fn drawn(&self) -> String {
        let ended = self.spans().len();
        assert!(self.telemetry.shutdown(LIMIT).is_complete());
        let spans = self.sink.spans();
        assert_eq!(spans.len(), ended, "{}", testkit::tree(&spans));
        drawn(&spans)
    }
}

/// Draws spans, children under their parents in the order in which they began.
pub(crate) fn drawn(spans: &[CapturedSpan]) -> String {
    let mut ordered: Vec<&CapturedSpan> = spans.iter().collect();
    ordered.sort_by_key(|span| (span.started, span.context.span_id));
    let mut text = String::new();
    let known = |span: &CapturedSpan| {
        let parent = span.parent.as_ref().map(|it| it.span_id);
        spans.iter().any(|it| Some(it.context.span_id) == parent)
    };
    for root in ordered.iter().filter(|span| !known(span)) {
        draw(root, &ordered, 0, &mut text);
    }
    text
}

fn draw(span: &CapturedSpan, all: &[&CapturedSpan], depth: usize, text: &mut String) {
    *text += &"  ".repeat(depth);
    *text += &span.signals.name;
    for key in [
        attribute::GEN_AI_TOOL_CALL_ARGUMENTS,
        attribute::GEN_AI_TOOL_CALL_RESULT,
        attribute::GEN_AI_RESPONSE_FINISH_REASONS,
        attribute::GEN_AI_CONVERSATION_ID,
        attribute::ERROR_TYPE,
    ] {
        if let Some(value) = value(span, key) {
            *text += &format!(" {}={value}", key.rsplit('.').next().unwrap());
        }
    }
    *text += "\n";
    for child in all {
        if child.parent.as_ref().map(|it| it.span_id) == Some(span.context.span_id) {
            draw(child, all, depth + 1, text);
        }
    }
}

/// Gives an attribute as JSON.
pub(crate) fn value(span: &CapturedSpan, key: &str) -> Option<String> {
    let mut all = span.signals.sampled.iter().chain(&span.signals.attributes);
    Some(all.find(|it| it.key == key)?.value.to_json())
}

/// Gives a whole number.
pub(crate) fn number(span: &CapturedSpan, key: &str) -> u64 {
    value(span, key).unwrap().parse().unwrap()
}
