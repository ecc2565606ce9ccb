//! What a caller asks of a model.

/// Holds the settings of a request; what the request does not state stays `None`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Request {
    /// The model's name as it was asked for.
    pub model: Option<String>,
    /// Whether the answer was to be streamed.
    pub stream: bool,
    /// The bound on output tokens.
    pub max_tokens: Option<u64>,
    /// The sampling temperature.
    pub temperature: Option<f64>,
    /// The nucleus sampling bound.
    pub top_p: Option<f64>,
    /// How many of the likeliest tokens are considered; never OpenAI's `top_logprobs`.
    pub top_k: Option<f64>,
    /// The frequency penalty.
    pub frequency_penalty: Option<f64>,
    /// The presence penalty.
    pub presence_penalty: Option<f64>,
    /// Texts that end the answer.
    pub stop_sequences: Vec<String>,
    /// The seed for repeatable answers.
    pub seed: Option<i64>,
    /// How many answers were asked for.
    pub choice_count: Option<u64>,
    /// The kind of output that was asked for.
    pub output_type: Option<OutputType>,
    /// The provider's word for how much to reason, as it was sent.
    pub reasoning_level: Option<String>,
    /// The earlier response that this request goes on from.
    pub previous_response_id: Option<String>,
}

/// Names a kind of output that a request may ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutputType {
    /// Plain text.
    Text,
    /// JSON, with a schema or without.
    Json,
    /// A picture.
    Image,
    /// Speech.
    Speech,
}
