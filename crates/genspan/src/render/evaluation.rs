//! The event of a judgement.

use super::{Attributes, content::Redacted};
use crate::{
    Conventions, Evaluation, Event, Rendering, Severity, Timestamp,
    semconv::{attribute as key, event},
};

/// Renders a judgement; `None` where the version does not know it.
pub(crate) fn evaluation(
    evaluation: &Evaluation,
    at: Timestamp,
    rendering: &Rendering,
) -> Option<Event> {
    if rendering.conventions() < Conventions::V1_41 {
        return None;
    }
    let mut attributes = Attributes::new(rendering.redactor());
    attributes.text(key::GEN_AI_EVALUATION_NAME, &evaluation.name);
    attributes.text_if(
        key::GEN_AI_EVALUATION_SCORE_LABEL,
        evaluation.label.as_deref(),
    );
    attributes.text_if(key::GEN_AI_RESPONSE_ID, evaluation.response_id.as_deref());
    if let Some(error_type) = &evaluation.error_type {
        attributes.text(key::ERROR_TYPE, error_type.as_str());
    }
    if let Some(explanation) = &evaluation.explanation
        && rendering.capture().is_on()
    {
        attributes.content(
            key::GEN_AI_EVALUATION_EXPLANATION,
            Redacted::text(explanation, rendering),
        );
    }
    attributes.double_if(key::GEN_AI_EVALUATION_SCORE_VALUE, evaluation.score);
    Some(Event {
        name: event::GEN_AI_EVALUATION_RESULT.into(),
        at,
        severity: Severity::Info,
        attributes: attributes.into_list(),
        body: None,
    })
}
