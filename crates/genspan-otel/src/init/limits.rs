//! How much one span may hold.

use opentelemetry_sdk::trace::SpanLimits;

use super::environment::{Environment, Notes};

/// Where the SDK's own default of 128 cuts long conversations, this does not; bytes bound them later.
const ENOUGH: u32 = 16_384;

/// Reads the limits of spans; those that the environment does not state are wide.
pub(super) fn from_environment(environment: &Environment, notes: &mut Notes) -> SpanLimits {
    let mut count = |names: &[&str]| {
        for name in names {
            let Some(text) = environment.get(name) else {
                continue;
            };
            match text.parse() {
                Ok(count) => return count,
                Err(_) => notes.add(name, format_args!("`{text}` is no count and passed over")),
            }
        }
        ENOUGH
    };
    const GENERAL: &str = "OTEL_ATTRIBUTE_COUNT_LIMIT";
    SpanLimits {
        max_attributes_per_span: count(&["OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", GENERAL]),
        max_events_per_span: count(&["OTEL_SPAN_EVENT_COUNT_LIMIT"]),
        max_links_per_span: count(&["OTEL_SPAN_LINK_COUNT_LIMIT"]),
        max_attributes_per_event: count(&["OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT", GENERAL]),
        max_attributes_per_link: count(&["OTEL_LINK_ATTRIBUTE_COUNT_LIMIT", GENERAL]),
    }
}
