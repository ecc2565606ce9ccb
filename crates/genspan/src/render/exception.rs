//! The event of an error that ended a call.

use super::{Attributes, ContentWriter, Context};
use crate::{
    AgentSite, Conventions, Event, Outcome, Record, Severity,
    semconv::{attribute as key, event},
};

/// Writes the exception event of a call to a service that failed; a caller who lost interest is no exception.
pub(super) fn write(context: &Context<'_>, content: &ContentWriter<'_>) -> Option<Event> {
    let Outcome::Failed(failure) = context.span.outcome else {
        return None;
    };
    if context.version < Conventions::V1_41 || !is_client(context.record) {
        return None;
    }
    let mut attributes = Attributes::new(context.rendering.redactor());
    let type_name = failure
        .exception_type
        .unwrap_or_else(|| failure.error_type.as_str());
    attributes.text(key::EXCEPTION_TYPE, type_name);
    let message = content.status_message(context.span.outcome);
    if !message.is_empty() {
        attributes.text(key::EXCEPTION_MESSAGE, &message);
    }
    Some(Event {
        name: event::GEN_AI_CLIENT_OPERATION_EXCEPTION.into(),
        at: context.span.ended,
        severity: Severity::Warn,
        attributes: attributes.into_list(),
        body: None,
    })
}

/// Tells whether the operation is a call to a service.
const fn is_client(record: &Record) -> bool {
    match record {
        Record::ToolExecution(_)
        | Record::WorkflowInvocation(_)
        | Record::Plan(_)
        | Record::Step(_)
        | Record::Mcp(_)
        | Record::McpSession(_)
        | Record::Turn(_) => false,
        Record::AgentInvocation(record) => matches!(record.site, AgentSite::Remote { .. }),
        _ => true,
    }
}
