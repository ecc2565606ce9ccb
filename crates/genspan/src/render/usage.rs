//! The tokens of an operation, as attributes.

use super::attributes::Attributes;
use crate::{ByModality, Conventions, Usage, semconv::attribute as key};

/// Writes the tokens of a call, reasoning among them.
pub(super) fn write(usage: &Usage, version: Conventions, attributes: &mut Attributes<'_>) {
    write_totals(usage, attributes);
    write_cache(usage, version, attributes);
    if version >= Conventions::V1_41 {
        attributes.count_if(key::GEN_AI_USAGE_REASONING_OUTPUT_TOKENS, usage.reasoning());
    }
    if version >= Conventions::Main {
        write_modalities(usage, attributes);
    }
}

/// Writes the tokens of input and output, and whether they are our estimate.
pub(super) fn write_totals(usage: &Usage, attributes: &mut Attributes<'_>) {
    attributes.count_if(key::GEN_AI_USAGE_INPUT_TOKENS, usage.input());
    attributes.count_if(key::GEN_AI_USAGE_OUTPUT_TOKENS, usage.output());
    attributes.flag(key::GENSPAN_USAGE_ESTIMATED, usage.is_estimated());
}

/// Writes the parts of the input that met a cache; the legacy version has no keys for them.
pub(super) fn write_cache(usage: &Usage, version: Conventions, attributes: &mut Attributes<'_>) {
    if version < Conventions::V1_41 {
        return;
    }
    attributes.count_if(
        key::GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS,
        usage.cache_read(),
    );
    let written = if version >= Conventions::Main {
        key::GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS
    } else {
        key::GEN_AI_USAGE_CACHE_CREATION_INPUT_TOKENS
    };
    attributes.count_if(written, usage.cache_write());
    // No version has a place for it, and it decides on the price; providers that have it state it with every call.
    attributes.count_if(
        key::GENSPAN_USAGE_CACHE_WRITE_LONG_INPUT_TOKENS,
        usage.cache_write_long().filter(|count| *count > 0),
    );
}

/// The keys of one count by what the tokens are: text, image, audio, and video, which the conventions do not know.
type Keys = [&'static str; 4];

const INPUT: Keys = [
    key::GEN_AI_USAGE_TEXT_INPUT_TOKENS,
    key::GEN_AI_USAGE_IMAGE_INPUT_TOKENS,
    key::GEN_AI_USAGE_AUDIO_INPUT_TOKENS,
    key::GENSPAN_USAGE_VIDEO_INPUT_TOKENS,
];
const CACHE_READ: Keys = [
    key::GEN_AI_USAGE_TEXT_CACHE_READ_INPUT_TOKENS,
    key::GEN_AI_USAGE_IMAGE_CACHE_READ_INPUT_TOKENS,
    key::GEN_AI_USAGE_AUDIO_CACHE_READ_INPUT_TOKENS,
    key::GENSPAN_USAGE_VIDEO_CACHE_READ_INPUT_TOKENS,
];
const OUTPUT: Keys = [
    key::GEN_AI_USAGE_TEXT_OUTPUT_TOKENS,
    key::GEN_AI_USAGE_IMAGE_OUTPUT_TOKENS,
    key::GEN_AI_USAGE_AUDIO_OUTPUT_TOKENS,
    key::GENSPAN_USAGE_VIDEO_OUTPUT_TOKENS,
];

/// Writes what the tokens are.
pub(super) fn write_modalities(usage: &Usage, attributes: &mut Attributes<'_>) {
    for (keys, by) in [
        (INPUT, usage.input_by()),
        (CACHE_READ, usage.cache_read_by()),
        (OUTPUT, usage.output_by()),
    ] {
        let ByModality {
            text,
            audio,
            image,
            video,
        } = by;
        for (key, count) in keys.into_iter().zip([text, image, audio, video]) {
            attributes.count_if(key, count);
        }
    }
}
