//! The attributes of agents' and workflows' spans.

use super::{attributes::Attributes, cost, request, start::StartFacts, usage};
use crate::{
    AgentCreation, AgentInvocation, AgentSite, Conventions, WorkflowInvocation,
    semconv::attribute as key,
};

/// Writes what a sampler should see of an agent's creation.
pub(super) fn write_creation_start(
    record: &AgentCreation,
    version: Conventions,
    attributes: &mut StartFacts<'_>,
) {
    attributes.provider(version, &record.provider);
    attributes.text_if(key::GEN_AI_AGENT_NAME, record.name.as_deref());
    attributes.text_if(key::GEN_AI_REQUEST_MODEL, record.model.as_deref());
    attributes.server(record.server.as_ref());
}

/// Writes what is known of an agent's creation but its content.
pub(super) fn write_creation(record: &AgentCreation, attributes: &mut Attributes<'_>) {
    attributes.text_if(key::GEN_AI_AGENT_DESCRIPTION, record.description.as_deref());
    attributes.text_if(key::GEN_AI_AGENT_ID, record.id.as_deref());
    attributes.text_if(key::GEN_AI_AGENT_VERSION, record.version.as_deref());
}

/// Writes what a sampler should see of an agent's run.
pub(super) fn write_invocation_start(
    record: &AgentInvocation,
    version: Conventions,
    attributes: &mut StartFacts<'_>,
) {
    attributes.text_if(key::GEN_AI_AGENT_NAME, record.name.as_deref());
    attributes.text_if(key::GEN_AI_REQUEST_MODEL, record.request.model.as_deref());
    match &record.site {
        AgentSite::InProcess { provider } => {
            if let Some(provider) = provider.as_ref().filter(|_| version < Conventions::Main) {
                attributes.provider(version, provider);
            }
        }
        AgentSite::Remote { provider, server } => {
            attributes.provider(version, provider);
            attributes.server(server.as_ref());
        }
    }
}

/// Writes what is known of an agent's run but its content.
pub(super) fn write_invocation(
    record: &AgentInvocation,
    version: Conventions,
    attributes: &mut Attributes<'_>,
) {
    let is_remote = matches!(record.site, AgentSite::Remote { .. });
    request::write(&record.request, version, attributes);
    attributes.text_if(key::GEN_AI_AGENT_DESCRIPTION, record.description.as_deref());
    if is_remote || version < Conventions::Main {
        attributes.text_if(key::GEN_AI_AGENT_ID, record.id.as_deref());
        attributes.text_if(key::GEN_AI_AGENT_VERSION, record.version.as_deref());
        usage::write_cache(&record.usage, version, attributes);
    }
    if is_remote && version >= Conventions::Main {
        usage::write_modalities(&record.usage, attributes);
    }
    attributes.text_if(key::GEN_AI_DATA_SOURCE_ID, record.data_source_id.as_deref());
    request::write_finish_reasons(&record.finish_reasons, attributes);
    usage::write_totals(&record.usage, attributes);
    cost::write(record.cost.as_ref(), attributes);
    let unpriced = record.unpriced_calls.filter(|calls| *calls > 0);
    attributes.count_if(key::GENSPAN_COST_UNPRICED_CALLS, unpriced);
}

/// Writes what is known of a workflow's run but its content.
pub(super) fn write_workflow(record: &WorkflowInvocation, attributes: &mut Attributes<'_>) {
    attributes.text_if(key::GEN_AI_WORKFLOW_NAME, record.name.as_deref());
}
