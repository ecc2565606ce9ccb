//! From genspan's plain data to OTLP messages.

mod log;
mod metric;
mod span;
mod value;

pub(crate) use self::{
    log::log_record,
    metric::{histogram_point, label_attributes, number_point},
    span::{Content, span},
    value::{attributes, text},
};

use genspan::Conventions;

/// Names the schema that a version's names follow.
pub(crate) const fn schema_url(conventions: Conventions) -> &'static str {
    match conventions {
        Conventions::V1_36 => "https://opentelemetry.io/schemas/1.36.0",
        Conventions::V1_41 => "https://opentelemetry.io/schemas/1.41.0",
        Conventions::Main => "https://opentelemetry.io/schemas/gen-ai-dev/1.42.0-dev",
    }
}

/// Says in W3C's trace flags whether a trace is sampled.
fn flags(context: &genspan::SpanContext) -> u32 {
    u32::from(context.sampled)
}
