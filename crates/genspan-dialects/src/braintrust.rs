//! Braintrust: what its pages show stands beside the conventions' keys, in `braintrust.*`.
//!
//! A span needs `braintrust.parent`, or it is dropped there: the span's own, as a scope of the application gives it,
//! goes before the setting. Messages are in OpenAI's shape, the instructions first, because that is what the
//! Input and Output panels know how to show. A tool's arguments and result stand in the same two places, and the tools
//! that a call offers are part of its metadata.
//!
//! Nothing of the conventions is taken away but one thing: the tokens of agents and workflows, which are the sum of their
//! calls' and would be counted twice. They are lost on the way back as well. Of spans with `braintrust.*` alone,
//! as older SDKs send them, a part of a message that is neither text, reasoning, tool call nor tool answer comes back
//! as it stands; `braintrust.parent` stays.

mod metadata;
mod origin;
mod read;
mod write;

use genspan::semconv::attribute as key;

pub use self::{origin::Environment, read::read, write::write};

const PARENT: &str = "braintrust.parent";
const INPUT: &str = "braintrust.input_json";
const OUTPUT: &str = "braintrust.output_json";
const SPAN_ATTRIBUTES: &str = "braintrust.span_attributes";
const METADATA: &str = "braintrust.metadata";
const CONTEXT: &str = "braintrust.context_json";
const METRICS: &str = "braintrust.metrics.";
const TIME_TO_FIRST_TOKEN: &str = "braintrust.metrics.time_to_first_token";
const TOKENS: &str = "braintrust.metrics.tokens";
const DURATION: &str = "braintrust.metrics.duration";

/// Counts of tokens that are parts of a span's own; of the two keys for the writing of caches a span has one.
const COUNTS: [(&str, &str); 6] = [
    (
        key::GEN_AI_USAGE_INPUT_TOKENS,
        "braintrust.metrics.prompt_tokens",
    ),
    (
        key::GEN_AI_USAGE_OUTPUT_TOKENS,
        "braintrust.metrics.completion_tokens",
    ),
    (
        key::GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS,
        "braintrust.metrics.prompt_cached_tokens",
    ),
    (
        key::GEN_AI_USAGE_CACHE_CREATION_INPUT_TOKENS,
        "braintrust.metrics.prompt_cache_creation_tokens",
    ),
    (
        key::GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS,
        "braintrust.metrics.prompt_cache_creation_tokens",
    ),
    (
        key::GEN_AI_USAGE_REASONING_OUTPUT_TOKENS,
        "braintrust.metrics.completion_reasoning_tokens",
    ),
];
