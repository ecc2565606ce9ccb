//! The attributes of a tool's span.

use super::{attributes::Attributes, start::StartFacts};
use crate::{Conventions, ToolExecution, semconv::attribute as key};

/// Writes what a sampler should see.
pub(super) fn write_start(
    record: &ToolExecution,
    version: Conventions,
    attributes: &mut StartFacts<'_>,
) {
    attributes.text(key::GEN_AI_TOOL_NAME, &record.name);
    attributes.text_if(
        key::GEN_AI_TOOL_TYPE,
        record.tool_type.as_ref().map(crate::ToolType::as_str),
    );
    if version >= Conventions::Main {
        attributes.text_if(key::GEN_AI_AGENT_NAME, record.agent_name.as_deref());
    }
}

/// Writes what is known of a tool's run but its content.
pub(super) fn write(record: &ToolExecution, attributes: &mut Attributes<'_>) {
    attributes.text_if(key::GEN_AI_TOOL_CALL_ID, record.call_id.as_deref());
    attributes.text_if(key::GEN_AI_TOOL_DESCRIPTION, record.description.as_deref());
}
