//! Langfuse: what an observation is, used, cost and said, in `langfuse.*` beside the conventions' keys.
//!
//! Langfuse adds up the kinds of tokens that it is told, and prices each: so cached tokens stand apart from the input
//! and reasoning apart from the output, and no token stands in two places. Nothing of the conventions is taken away
//! but the tokens of agents and workflows, which are the sum of their calls' and would be counted twice; they are lost
//! on the way back as well. Of observations that say nothing in the conventions' keys, as Langfuse's own SDKs send
//! them, a part of a message that is neither text, reasoning, tool call nor tool answer comes back as it stands.

mod read;
mod write;

use genspan::semconv::value::operation_name as operation;

pub use self::{read::read, write::write};

const TYPE: &str = "langfuse.observation.type";
const MODEL: &str = "langfuse.observation.model.name";
const PARAMETERS: &str = "langfuse.observation.model.parameters";
const USAGE: &str = "langfuse.observation.usage_details";
const INPUT: &str = "langfuse.observation.input";
const OUTPUT: &str = "langfuse.observation.output";
const LEVEL: &str = "langfuse.observation.level";
const STATUS_MESSAGE: &str = "langfuse.observation.status_message";
const COMPLETION_START: &str = "langfuse.observation.completion_start_time";
const SESSION: &str = "langfuse.session.id";

/// Gives Langfuse's word for an operation.
fn type_of(operation_name: &str) -> &'static str {
    match operation_name {
        operation::CHAT | operation::TEXT_COMPLETION | operation::GENERATE_CONTENT => "generation",
        operation::EMBEDDINGS => "embedding",
        operation::EXECUTE_TOOL => "tool",
        operation::INVOKE_AGENT => "agent",
        operation::INVOKE_WORKFLOW => "chain",
        operation::RETRIEVAL => "retriever",
        _ => "span",
    }
}

/// Gives the operation that an observation is; one of another type may be anything.
fn operation_of(word: &str) -> Option<&'static str> {
    match word {
        "generation" => Some(operation::CHAT),
        "embedding" => Some(operation::EMBEDDINGS),
        "tool" => Some(operation::EXECUTE_TOOL),
        "agent" => Some(operation::INVOKE_AGENT),
        "retriever" => Some(operation::RETRIEVAL),
        _ => None,
    }
}
