//! The attributes of a tool's span.

use super::{attributes::Attributes, mcp, start::StartFacts};
use crate::{Conventions, ToolExecution, semconv::attribute as key};

/// Writes what a sampler should see.
pub(super) fn write_start(
    record: &ToolExecution,
    version: Conventions,
    attributes: &mut StartFacts<'_>,
) {
    // A name that was not known at the start must not stand for the one that is found later.
    let name = Some(record.name.as_str()).filter(|name| !name.is_empty());
    attributes.text_if(key::GEN_AI_TOOL_NAME, name);
    attributes.text_if(
        key::GEN_AI_TOOL_TYPE,
        record.tool_type.as_ref().map(crate::ToolType::as_str),
    );
    if version >= Conventions::Main {
        attributes.text_if(key::GEN_AI_AGENT_NAME, record.agent_name.as_deref());
    }
}

/// Writes what is known of a tool's run but its content.
pub(super) fn write(record: &ToolExecution, version: Conventions, attributes: &mut Attributes<'_>) {
    attributes.text_if(key::GEN_AI_TOOL_CALL_ID, record.call_id.as_deref());
    attributes.text_if(key::GEN_AI_TOOL_DESCRIPTION, record.description.as_deref());
    // A version that knows no MCP has no words for it, and the tool's span is of that version.
    if let Some(request) = record
        .mcp
        .as_deref()
        .filter(|_| version >= Conventions::V1_41)
    {
        mcp::write_on_tool(request, attributes);
    }
}
