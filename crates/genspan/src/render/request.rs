//! The settings of a request.

use super::attributes::Attributes;
use crate::{
    Conventions, OutputType, Request, semconv::attribute as key, semconv::value::output_type,
};

/// Writes what a request asks for, its model apart.
pub(super) fn write(request: &Request, version: Conventions, attributes: &mut Attributes<'_>) {
    attributes.count_if(
        key::GEN_AI_REQUEST_CHOICE_COUNT,
        request.choice_count.filter(|count| *count != 1),
    );
    attributes.int_if(key::GEN_AI_REQUEST_SEED, request.seed);
    attributes.double_if(
        key::GEN_AI_REQUEST_FREQUENCY_PENALTY,
        request.frequency_penalty,
    );
    attributes.count_if(key::GEN_AI_REQUEST_MAX_TOKENS, request.max_tokens);
    attributes.double_if(
        key::GEN_AI_REQUEST_PRESENCE_PENALTY,
        request.presence_penalty,
    );
    attributes.texts(
        key::GEN_AI_REQUEST_STOP_SEQUENCES,
        request.stop_sequences.iter().map(String::as_str),
    );
    attributes.double_if(key::GEN_AI_REQUEST_TEMPERATURE, request.temperature);
    attributes.double_if(key::GEN_AI_REQUEST_TOP_P, request.top_p);
    if let Some(output) = request.output_type {
        attributes.word(key::GEN_AI_OUTPUT_TYPE, output_word(output));
    }
    if version >= Conventions::Main {
        attributes.text_if(
            key::GEN_AI_REQUEST_PREVIOUS_RESPONSE_ID,
            request.previous_response_id.as_deref(),
        );
    }
}

/// Writes the settings that only inference has.
pub(super) fn write_inference(
    request: &Request,
    version: Conventions,
    attributes: &mut Attributes<'_>,
) {
    if version >= Conventions::Main {
        attributes.text_if(
            key::GEN_AI_REQUEST_REASONING_LEVEL,
            request.reasoning_level.as_deref(),
        );
        #[allow(
            clippy::cast_possible_truncation,
            reason = "a count of tokens; a fraction has no meaning in this version"
        )]
        attributes.int_if(
            key::GEN_AI_REQUEST_TOP_K,
            request.top_k.map(|top_k| top_k as i64),
        );
    } else {
        attributes.double_if(key::GEN_AI_REQUEST_TOP_K, request.top_k);
    }
    if version >= Conventions::V1_41 {
        attributes.flag(key::GEN_AI_REQUEST_STREAM, request.stream);
    }
}

const fn output_word(output: OutputType) -> &'static str {
    match output {
        OutputType::Text => output_type::TEXT,
        OutputType::Json => output_type::JSON,
        OutputType::Image => output_type::IMAGE,
        OutputType::Speech => output_type::SPEECH,
    }
}

/// Writes finish reasons as a list, in the provider's own words.
pub(super) fn write_finish_reasons(reasons: &[String], attributes: &mut Attributes<'_>) {
    attributes.texts(
        key::GEN_AI_RESPONSE_FINISH_REASONS,
        reasons.iter().map(String::as_str),
    );
}
