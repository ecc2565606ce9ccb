//! The names of OpenTelemetry's GenAI conventions, in each version that genspan speaks.
//!
//! Everything here comes from one table, `semconv/*.toml` in the repository: [`attribute`] keys,
//! their known [`value`]s, [`event`] names, [`Metric`]s with unit and buckets, the [`keys`] of each
//! version, and in [`spec`] what each span, metric and event is expected to carry.
//!
//! ```
//! use genspan::semconv::{Conventions, Metric, attribute, spec, value};
//!
//! let span = spec::span_for(Conventions::V1_41, value::operation_name::CHAT, "client");
//! let model = span.and_then(|span| span.attribute(attribute::GEN_AI_REQUEST_MODEL));
//! assert!(model.is_some_and(|model| model.sampling_relevant));
//! assert_eq!(Metric::ClientTokenUsage.unit(), "{token}");
//! ```

pub mod attribute;
mod conventions;
pub mod event;
pub mod keys;
mod metric;
pub mod spec;
pub mod value;

pub use conventions::{Conventions, UnknownConventions, Versions};
pub use metric::Metric;

/// Tells how a metric's values are gathered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Instrument {
    /// Values are spread over buckets.
    Histogram,
    /// Values are summed and never fall.
    Counter,
}

/// Tells what kind of number a metric's values are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ValueType {
    /// Whole numbers.
    Int,
    /// Floating point numbers.
    Double,
}

impl Metric {
    /// Finds the metric that is sent under a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|metric| metric.name() == name)
    }
}
