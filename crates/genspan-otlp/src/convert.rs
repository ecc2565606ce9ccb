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

/// Says in W3C's trace flags whether a trace is sampled.
fn flags(context: &genspan::SpanContext) -> u32 {
    u32::from(context.sampled)
}
