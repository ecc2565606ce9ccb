//! The event that holds an inference's details.

use super::{Attributes, ContentWriter, Context};
use crate::{Attribute, Conventions, Event, Place, Record, Severity, semconv::event};

/// Writes the details event, where content is to stand on events.
pub(super) fn write(
    context: &Context<'_>,
    sampled: &[Attribute],
    attributes: &Attributes<'_>,
    content: &mut ContentWriter<'_>,
) -> Option<Event> {
    let is_wanted = matches!(
        context.rendering.capture().place(),
        Place::Event | Place::Both
    );
    let is_inference = matches!(context.record, Record::Inference(_));
    if !is_wanted || !is_inference || context.version < Conventions::V1_41 {
        return None;
    }
    let mut list = sampled.to_vec();
    list.extend_from_slice(attributes.as_list());
    list.extend(content.event_attributes(context));
    Some(Event {
        name: event::GEN_AI_CLIENT_INFERENCE_OPERATION_DETAILS.into(),
        at: context.span.ended,
        severity: Severity::Debug,
        attributes: list,
        body: None,
    })
}
