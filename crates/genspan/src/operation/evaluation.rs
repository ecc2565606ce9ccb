//! How an answer was judged.

use crate::{ErrorType, Parent};

/// Holds the judgement of an answer, for the event `gen_ai.evaluation.result`.
///
/// ```
/// use genspan::{Evaluation, Telemetry};
///
/// # fn of(telemetry: &Telemetry, call: &genspan::SpanContext) {
/// telemetry.evaluated(
///     Evaluation::new("relevance").with_score(0.92).with_label("relevant").of_span(call.clone()),
/// );
/// # }
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    /// What was judged, such as `relevance`.
    pub name: String,
    /// The score, in the evaluator's own measure.
    pub score: Option<f64>,
    /// The score in a word.
    pub label: Option<String>,
    /// The evaluator's reasons; it may quote the answer, so it is treated as content.
    pub explanation: Option<String>,
    /// The judged response, where its span is not at hand.
    pub response_id: Option<String>,
    /// Why no judgement was made.
    pub error_type: Option<ErrorType>,
    /// The span of the judged operation; the current one unless told otherwise.
    pub of: Parent,
}

impl Evaluation {
    /// Begins a judgement under the given name.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            score: None,
            label: None,
            explanation: None,
            response_id: None,
            error_type: None,
            of: Parent::Current,
        }
    }

    /// Adds the score.
    #[must_use]
    pub const fn with_score(mut self, score: f64) -> Self {
        self.score = Some(score);
        self
    }

    /// Adds the score in a word.
    #[must_use]
    pub fn with_label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// Adds the evaluator's reasons.
    #[must_use]
    pub fn with_explanation(mut self, explanation: impl Into<String>) -> Self {
        self.explanation = Some(explanation.into());
        self
    }

    /// Names the response that is judged.
    #[must_use]
    pub fn with_response_id(mut self, id: impl Into<String>) -> Self {
        self.response_id = Some(id.into());
        self
    }

    /// Names the span of the operation that is judged.
    #[must_use]
    pub fn of_span(mut self, context: crate::SpanContext) -> Self {
        self.of = Parent::Span(context);
        self
    }
}
