//! Measuring an operation in another way than the conventions do.

use std::time::Duration;

use super::{Context, Span, measure, operation_name};
use crate::{Amount, AnyMetric, Label, Labels, Measurement, Record, operation::View};

/// Measures an operation that ended, in place of the conventions; see [`Rendering::with_measure`].
///
/// [`Rendering::with_measure`]: crate::Rendering::with_measure
pub type Measure = fn(&Measuring<'_>) -> Vec<Measurement>;

/// Holds an operation that is to be measured, and makes its measurements.
#[derive(Clone, Copy)]
pub struct Measuring<'a>(&'a Context<'a>);

/// Measures an operation as its rendering asks for.
pub(super) fn measurements(context: &Context<'_>) -> Vec<Measurement> {
    match context.rendering.measure() {
        Some(measure) => measure(&Measuring(context)),
        None => measure::measurements(context),
    }
}

impl<'a> Measuring<'a> {
    /// Gives what happened.
    #[must_use]
    pub const fn record(&self) -> &'a Record {
        self.0.record
    }

    /// Gives when and how it ran.
    #[must_use]
    pub const fn span(&self) -> &'a Span<'a> {
        self.0.span
    }

    /// Gives how long it took.
    #[must_use]
    pub fn took(&self) -> Duration {
        self.span().ended.since(self.span().started)
    }

    /// Gives the conventions' word for the operation, as `gen_ai.operation.name` holds it.
    #[must_use]
    pub fn operation(&self) -> &'static str {
        operation_name(View::of(self.0.record))
    }

    /// Measures the operation as the conventions do.
    #[must_use]
    pub fn usual(&self) -> Vec<Measurement> {
        measure::measurements(self.0)
    }

    /// Makes a measurement; texts of labels lose recognised secrets, and a label that the instrument is not known for
    /// is left out.
    pub fn measurement(
        &self,
        metric: impl Into<AnyMetric>,
        amount: Amount,
        labels: impl IntoIterator<Item = (&'static str, Label)>,
    ) -> Measurement {
        let metric = metric.into();
        let redactor = self.0.rendering.redactor();
        let labels = labels
            .into_iter()
            .filter(|(key, _)| metric.has_label(key))
            .map(|(key, label)| match label {
                Label::Text(text) => (key, Label::Text(redactor.redact(&text).into_owned().into())),
                number @ Label::Number(_) => (key, number),
            });
        Measurement {
            metric,
            amount,
            labels: Labels::new(labels.collect()),
        }
    }
}

impl std::fmt::Debug for Measuring<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Measuring")
            .field("operation", &self.operation())
            .finish_non_exhaustive()
    }
}
