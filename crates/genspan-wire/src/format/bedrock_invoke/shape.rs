//! Which of the makers' shapes a body has.

use genspan::InferenceKind;

use super::{command_r::CommandR, completion::Completion};
use crate::{
    detect::Endpoint,
    format::{
        Operation, Reader, anthropic_messages::Messages, bedrock_converse::Converse,
        openai_chat::Chat,
    },
    json::Json,
};

/// Names the shapes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// Anthropic's messages.
    Messages,
    /// Amazon's Nova, which speaks as Converse does.
    Nova,
    /// OpenAI's chat completions, as Mistral, AI21, OpenAI, DeepSeek, Qwen and others have it.
    OpenAi,
    /// Cohere's chat.
    CommandR,
    /// A prompt that is gone on with, in the words of any maker.
    Completion,
}

/// What a model is asked for, as its name tells; `None` where that is neither said nor vectors.
pub(super) fn operation(model: &str) -> Option<Operation> {
    let has = |parts: &[&str]| parts.iter().any(|part| model.contains(part));
    if has(&["embed"]) {
        return Some(Operation::Embeddings);
    }
    if has(&[
        "rerank",
        "stability.",
        "image-generator",
        "nova-canvas",
        "nova-reel",
    ]) {
        return None;
    }
    Some(Operation::Inference(Shape::of_model(model).kind()))
}

impl Shape {
    /// Chooses by the model's name alone, which an ARN may not tell.
    fn of_model(model: &str) -> Self {
        let has = |parts: &[&str]| parts.iter().any(|part| model.contains(part));
        if has(&["anthropic."]) {
            Self::Messages
        } else if has(&["amazon.nova"]) {
            Self::Nova
        } else if has(&["cohere.command-r"]) {
            Self::CommandR
        } else if has(&[
            "titan-text",
            "titan-tg1",
            "meta.llama",
            "mistral.mistral-7b",
            "mistral.mixtral",
            "cohere.command-text",
            "cohere.command-light",
            "ai21.j2",
            "deepseek.r1",
        ]) {
            Self::Completion
        } else {
            Self::OpenAi
        }
    }

    /// Chooses by what a request states.
    pub(super) fn of_request(model: &str, request: &Json<'_>) -> Self {
        let has = |name: &str| request.get(name).is_some();
        // What was passed over stands as `null`, and counts as well.
        let names = |name: &str| request.members().iter().any(|(key, _)| key == name);
        if has("anthropic_version") {
            Self::Messages
        } else if has("schemaVersion") || has("inferenceConfig") {
            Self::Nova
        } else if names("prompt") || names("inputText") {
            Self::Completion
        } else if names("message") {
            Self::CommandR
        } else if names("messages") {
            match Self::of_model(model) {
                named @ (Self::Messages | Self::Nova) => named,
                _ => Self::OpenAi,
            }
        } else {
            Self::of_model(model)
        }
    }

    /// Chooses by what an answer, or the first document of one, states.
    pub(super) fn of_answer(model: &str, answer: &Json<'_>) -> Self {
        let has = |name: &str| answer.get(name).is_some();
        let choice = answer
            .get("choices")
            .and_then(|choices| choices.items().first());
        if has("type") {
            Self::Messages
        } else if has("output") || has("messageStart") || has("contentBlockDelta") {
            Self::Nova
        } else if has("event_type") || has("generation_id") {
            Self::CommandR
        } else if has("generation")
            || has("generations")
            || has("outputText")
            || has("outputs")
            || has("results")
            || has("completion")
            || has("completions")
            || has("is_finished")
            || choice.is_some_and(|choice| choice.get("text").is_some())
        {
            Self::Completion
        } else {
            Self::of_model(model)
        }
    }

    pub(super) const fn kind(self) -> InferenceKind {
        match self {
            Self::Completion => InferenceKind::TextCompletion,
            Self::Messages | Self::Nova | Self::OpenAi | Self::CommandR => InferenceKind::Chat,
        }
    }

    pub(super) fn reader(self, endpoint: &Endpoint) -> Reader {
        match self {
            Self::Messages => Box::new(Messages::new(endpoint)),
            Self::Nova => Box::new(Converse::of_nova(endpoint)),
            Self::OpenAi => Box::new(Chat::new(endpoint)),
            Self::CommandR => Box::new(CommandR::new(endpoint)),
            Self::Completion => Box::new(Completion::new(endpoint)),
        }
    }
}
