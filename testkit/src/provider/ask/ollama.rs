//! What a request to Ollama says.

use serde_json::Value;

use super::{Format, Said, messages};
use crate::provider::plan::Turn;

/// Reads a chat, or the prompt of a completion.
pub(super) fn read(body: &Value) -> Said {
    let Some(prompt) = body["prompt"].as_str() else {
        return messages(Format::Ollama, body);
    };
    Said {
        question: Some(prompt.to_owned()),
        result: None,
        tools: Vec::new(),
        turns: vec![Turn {
            is_models: false,
            text: prompt.to_owned(),
        }],
        prompt: ["system", "prompt", "suffix"],
    }
}
