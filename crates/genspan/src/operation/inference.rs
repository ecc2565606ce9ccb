//! A model's answer to a request.

use std::time::Duration;

use super::{Common, Content, Operation, Outline, Record, Request};
use crate::{Cost, Diagnostic, Provider, Server, Timestamp, Usage};

/// Records one logical call to a model, its retries included.
///
/// ```
/// use genspan::{Inference, Provider};
///
/// let mut inference = Inference::chat(Provider::OPENAI, "gpt-4o-mini");
/// inference.request.temperature = Some(0.2);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Inference {
    /// The kind of call.
    pub kind: InferenceKind,
    /// Who runs the model.
    pub provider: Provider,
    /// Where the provider answers.
    pub server: Option<Server>,
    /// What was asked for.
    pub request: Request,
    /// What the provider says of its answer.
    pub response: Response,
    /// The tokens of the call.
    pub usage: Usage,
    /// What it costs, where the provider states it.
    pub cost: Option<Cost>,
    /// What was said.
    pub content: Content,
    /// When the parts of a streamed answer came.
    pub timing: StreamTiming,
    /// How many attempts the call took; 1 where none was repeated.
    pub attempts: u32,
    /// Facts that every operation may have.
    pub common: Common,
}

impl Inference {
    /// Begins the record of a call of the given kind.
    #[must_use]
    pub fn new(kind: InferenceKind, provider: Provider) -> Self {
        Self {
            kind,
            provider,
            server: None,
            request: Request::default(),
            response: Response::default(),
            usage: Usage::default(),
            cost: None,
            content: Content::default(),
            timing: StreamTiming::default(),
            attempts: 1,
            common: Common::default(),
        }
    }

    /// Begins the record of a chat with the given model.
    #[must_use]
    pub fn chat(provider: Provider, model: impl Into<String>) -> Self {
        let mut inference = Self::new(InferenceKind::Chat, provider);
        inference.request.model = Some(model.into());
        inference
    }

    /// States where the provider answers, for samplers to see.
    #[must_use]
    pub fn with_server(mut self, server: Server) -> Self {
        self.server = Some(server);
        self
    }

    /// States the tokens as [`Usage::inclusive`] or [`Usage::exclusive`] give them; what was odd is kept.
    pub fn set_usage(&mut self, (usage, diagnostics): (Usage, Vec<Diagnostic>)) {
        self.usage = usage;
        self.common.diagnostics.extend(diagnostics);
    }

    pub(super) fn weight(&self) -> usize {
        self.content.weight() + size_of_val(self.timing.gaps.as_slice())
    }
}

impl Operation for Inference {
    fn outline(&self) -> Outline {
        self.into()
    }

    fn into_record(self: Box<Self>) -> Record {
        Record::Inference(self)
    }

    fn common(&self) -> &Common {
        &self.common
    }

    fn will_stream(&mut self) {
        self.request.stream = true;
    }

    fn note_chunk(&mut self, at: Timestamp) {
        self.timing.chunk(at);
    }

    fn is_answered(&self) -> bool {
        !self.response.finish_reasons.is_empty()
    }
}

impl From<Inference> for Record {
    fn from(inference: Inference) -> Self {
        Self::Inference(Box::new(inference))
    }
}

/// Names the kind of an inference, as `gen_ai.operation.name` does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InferenceKind {
    /// A conversation in messages.
    Chat,
    /// The continuation of a text.
    TextCompletion,
    /// Google's multimodal generation.
    GenerateContent,
}

impl InferenceKind {
    /// Gives the kind of a conversation in messages with a provider: Google's API calls it generation.
    ///
    /// ```
    /// use genspan::{InferenceKind, Provider};
    ///
    /// assert_eq!(InferenceKind::of_chat(&Provider::OPENAI), InferenceKind::Chat);
    /// assert_eq!(InferenceKind::of_chat(&Provider::GCP_GEMINI), InferenceKind::GenerateContent);
    /// ```
    #[must_use]
    pub fn of_chat(provider: &Provider) -> Self {
        if provider.as_str().starts_with("gcp.") {
            Self::GenerateContent
        } else {
            Self::Chat
        }
    }
}

/// Holds what a provider says of its answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Response {
    /// The provider's id of the answer.
    pub id: Option<String>,
    /// The model that answered.
    pub model: Option<String>,
    /// Why each choice ended, in the provider's own words and in the order of choices.
    pub finish_reasons: Vec<String>,
    /// OpenAI's API that was called.
    pub api_type: Option<ApiType>,
    /// The service tier that was asked for; OpenAI's `auto` is no tier.
    pub requested_service_tier: Option<String>,
    /// The service tier that served the call.
    pub service_tier: Option<String>,
    /// OpenAI's mark of the back-end configuration.
    pub system_fingerprint: Option<String>,
    /// Whether the provider summarised the conversation on the way.
    pub is_compacted: bool,
    /// The Bedrock guardrail that was applied.
    pub guardrail_id: Option<String>,
}

/// Names one of OpenAI's APIs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApiType {
    /// Chat completions.
    ChatCompletions,
    /// Responses.
    Responses,
}

/// Holds when the parts of a streamed answer came.
///
/// The first chunk is the first that the provider sends of its answer; comments and pings do not count.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StreamTiming {
    first: Option<Timestamp>,
    last: Option<Timestamp>,
    chunks: u64,
    gaps: Vec<Duration>,
}

impl StreamTiming {
    /// Bounds the gaps that are kept of one stream; later ones are not recorded.
    pub const MAX_GAPS: usize = 65_536;
    /// Bounds the numbers that spans tell of them, where they do; of longer streams each is the longest of several gaps.
    pub const SHOWN_GAPS: usize = 128;

    /// Notes that a chunk of the answer came.
    pub fn chunk(&mut self, at: Timestamp) {
        if let Some(last) = self.last
            && self.gaps.len() < Self::MAX_GAPS
        {
            self.gaps.push(at.since(last));
        }
        self.first.get_or_insert(at);
        self.last = Some(at);
        self.chunks += 1;
    }

    /// Counts the chunks, also those whose gaps are not kept.
    #[must_use]
    pub const fn chunks(&self) -> u64 {
        self.chunks
    }

    /// Gives the moment of the first chunk.
    #[must_use]
    pub const fn first_chunk(&self) -> Option<Timestamp> {
        self.first
    }

    /// Gives the times between chunks, one for each chunk after the first up to [`MAX_GAPS`](Self::MAX_GAPS).
    #[must_use]
    pub fn gaps(&self) -> &[Duration] {
        &self.gaps
    }
}
