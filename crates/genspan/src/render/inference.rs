//! The attributes of an inference span.

use std::time::Duration;

use super::{Context, attributes::Attributes, cost, request, usage};
use crate::{
    ApiType, Conventions, ErrorType, Inference, StreamTiming, semconv::attribute as key,
    semconv::value::openai_api_type,
};

/// Writes what is known of a call but its content.
pub(super) fn write(record: &Inference, context: &Context<'_>, attributes: &mut Attributes<'_>) {
    let version = context.version;
    request::write(&record.request, version, attributes);
    request::write_inference(&record.request, version, attributes);
    request::write_finish_reasons(&record.response.finish_reasons, attributes);
    attributes.text_if(key::GEN_AI_RESPONSE_ID, record.response.id.as_deref());
    attributes.text_if(key::GEN_AI_RESPONSE_MODEL, record.response.model.as_deref());
    if record.request.stream && version >= Conventions::V1_41 {
        let first = record.timing.first_chunk();
        let wait = first.map(|first| first.since(context.span.started).as_secs_f64());
        attributes.double_if(key::GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK, wait);
    }
    if context.rendering.has_chunk_gaps() {
        write_chunks(&record.timing, attributes);
    }
    usage::write(&record.usage, version, attributes);
    cost::write(record.cost.as_ref(), attributes);
    write_provider(record, version, attributes);
    if version >= Conventions::Main {
        attributes.flag(
            key::GEN_AI_CONVERSATION_COMPACTED,
            record.response.is_compacted,
        );
    }
    attributes.count_if(
        key::GENSPAN_ATTEMPTS,
        (record.attempts > 1).then(|| record.attempts.into()),
    );
    let is_truncated = context.span.outcome.error_type() == Some(&ErrorType::Truncated);
    attributes.flag(
        key::GENSPAN_STREAM_TRUNCATED,
        is_truncated && record.request.stream,
    );
}

/// Writes how many chunks came, and the times between them.
fn write_chunks(timing: &StreamTiming, attributes: &mut Attributes<'_>) {
    let gaps = timing.gaps();
    let chunks = Some(timing.chunks()).filter(|chunks| *chunks > 0);
    attributes.count_if(key::GENSPAN_STREAM_CHUNKS, chunks);
    let micros = |gap: &Duration| u64::try_from(gap.as_micros()).unwrap_or(u64::MAX);
    let run = gaps.len().div_ceil(StreamTiming::SHOWN_GAPS).max(1);
    let longest = gaps
        .chunks(run)
        .map(|run| run.iter().max().map_or(0, micros));
    attributes.counts(key::GENSPAN_STREAM_CHUNK_GAPS, longest.collect());
}

/// Writes what belongs to one provider's conventions.
fn write_provider(record: &Inference, version: Conventions, attributes: &mut Attributes<'_>) {
    let response = &record.response;
    attributes.text_if(
        key::AWS_BEDROCK_GUARDRAIL_ID,
        response.guardrail_id.as_deref(),
    );
    if record.provider.as_str() != crate::semconv::value::provider_name::OPENAI {
        return;
    }
    let requested = response
        .requested_service_tier
        .as_deref()
        .filter(|tier| *tier != "auto");
    if version < Conventions::V1_41 {
        attributes.text_if(key::GEN_AI_OPENAI_REQUEST_SERVICE_TIER, requested);
        attributes.text_if(
            key::GEN_AI_OPENAI_RESPONSE_SERVICE_TIER,
            response.service_tier.as_deref(),
        );
        attributes.text_if(
            key::GEN_AI_OPENAI_RESPONSE_SYSTEM_FINGERPRINT,
            response.system_fingerprint.as_deref(),
        );
        return;
    }
    if let Some(api_type) = response.api_type {
        let word = match api_type {
            ApiType::ChatCompletions => openai_api_type::CHAT_COMPLETIONS,
            ApiType::Responses => openai_api_type::RESPONSES,
        };
        attributes.word(key::OPENAI_API_TYPE, word);
    }
    attributes.text_if(key::OPENAI_REQUEST_SERVICE_TIER, requested);
    attributes.text_if(
        key::OPENAI_RESPONSE_SERVICE_TIER,
        response.service_tier.as_deref(),
    );
    attributes.text_if(
        key::OPENAI_RESPONSE_SYSTEM_FINGERPRINT,
        response.system_fingerprint.as_deref(),
    );
}
