//! The attributes of calls to a service that are no inference.

use super::{attributes::Attributes, cost, request};
use crate::{
    Conventions, Embeddings, MemoryOperation, ResponseFetch, ResponseStatus, Retrieval,
    semconv::{
        attribute as key,
        value::{openai_api_type, provider_name, response_status},
    },
};

/// Writes what is known of a call for embeddings.
pub(super) fn write_embeddings(
    record: &Embeddings,
    version: Conventions,
    attributes: &mut Attributes<'_>,
) {
    if version >= Conventions::V1_41 {
        let count = record.dimension_count;
        attributes.count_if(key::GEN_AI_EMBEDDINGS_DIMENSION_COUNT, count);
    }
    attributes.texts(
        key::GEN_AI_REQUEST_ENCODING_FORMATS,
        record.encoding_formats.iter().map(String::as_str),
    );
    attributes.text_if(key::GEN_AI_RESPONSE_MODEL, record.response_model.as_deref());
    attributes.count_if(key::GEN_AI_USAGE_INPUT_TOKENS, record.usage.input());
    attributes.flag(key::GENSPAN_USAGE_ESTIMATED, record.usage.is_estimated());
    cost::write(record.cost.as_ref(), attributes);
}

/// Writes what is known of a search but its content.
pub(super) fn write_retrieval(
    record: &Retrieval,
    version: Conventions,
    attributes: &mut Attributes<'_>,
) {
    attributes.text_if(key::GEN_AI_DATA_SOURCE_ID, record.data_source_id.as_deref());
    if let Some(provider) = &record.provider {
        attributes.provider(version, provider);
    }
    attributes.text_if(key::GEN_AI_REQUEST_MODEL, record.model.as_deref());
    attributes.server(record.server.as_ref());
    if version >= Conventions::Main {
        attributes.count_if(key::GEN_AI_RETRIEVAL_TOP_K, record.top_k);
    } else {
        #[allow(
            clippy::cast_precision_loss,
            reason = "this version states the count as a double"
        )]
        attributes.double_if(
            key::GEN_AI_REQUEST_TOP_K,
            record.top_k.map(|top_k| top_k as f64),
        );
    }
}

/// Writes what is known of work on a memory store but its content.
pub(super) fn write_memory(record: &MemoryOperation, attributes: &mut Attributes<'_>) {
    if let Some(provider) = &record.provider {
        attributes.provider(Conventions::Main, provider);
    }
    attributes.text_if(key::GEN_AI_MEMORY_STORE_ID, record.store_id.as_deref());
    attributes.text_if(key::GEN_AI_MEMORY_RECORD_ID, record.record_id.as_deref());
    attributes.count_if(key::GEN_AI_MEMORY_RECORD_COUNT, record.record_count);
    attributes.server(record.server.as_ref());
}

/// Writes what is known of the reading of a stored response but its content.
pub(super) fn write_fetch(record: &ResponseFetch, attributes: &mut Attributes<'_>) {
    attributes.text(key::GEN_AI_RESPONSE_ID, &record.response_id);
    attributes.text_if(
        key::GEN_AI_REQUEST_STREAM_CURSOR,
        record.stream_cursor.as_deref(),
    );
    request::write_finish_reasons(&record.finish_reasons, attributes);
    attributes.text_if(key::GEN_AI_RESPONSE_MODEL, record.response_model.as_deref());
    if let Some(status) = record.status {
        let word = match status {
            ResponseStatus::Queued => response_status::QUEUED,
            ResponseStatus::InProgress => response_status::IN_PROGRESS,
            ResponseStatus::Completed => response_status::COMPLETED,
            ResponseStatus::Incomplete => response_status::INCOMPLETE,
            ResponseStatus::Failed => response_status::FAILED,
            ResponseStatus::Cancelled => response_status::CANCELLED,
        };
        attributes.word(key::GEN_AI_RESPONSE_STATUS, word);
    }
    if record.provider.as_str() == provider_name::OPENAI {
        attributes.word(key::OPENAI_API_TYPE, openai_api_type::RESPONSES);
        let tier = record.service_tier.as_deref();
        attributes.text_if(key::OPENAI_RESPONSE_SERVICE_TIER, tier);
    }
}
