//! genai: the fields of its `tracing` spans, where lists are JSON texts.
//!
//! Lists that are JSON texts are read whoever wrote them, since fields of `tracing` hold no lists.
//! What it tells as spans of no length is for readers of traces to join; a span at a time, they stay as they are.

use genspan::semconv::attribute as key;

use crate::{Span, tracing_fields};

const LISTS: [&str; 3] = [
    key::GEN_AI_RESPONSE_FINISH_REASONS,
    key::GEN_AI_REQUEST_STOP_SEQUENCES,
    key::GEN_AI_REQUEST_ENCODING_FORMATS,
];

/// Says in the conventions' language what genai says; `false` where it did not make the span.
pub fn read(span: &mut Span) -> bool {
    let attributes = &span.attributes;
    let has_json_list = LISTS.iter().any(|key| {
        attributes
            .text(key)
            .is_some_and(|text| text.starts_with('['))
    });
    if !tracing_fields::is_of(attributes, "genai") && !has_json_list {
        return false;
    }
    tracing_fields::read(span, &[]);
    true
}
