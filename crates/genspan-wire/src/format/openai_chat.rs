//! OpenAI's chat completions, with what others who speak them add or leave out.

mod beside;
mod choice;
mod message;
pub(super) mod parts;
mod quick;
pub(super) mod request;
mod server_tools;
pub(super) mod tool_calls;

use genspan::{ApiType, Diagnostic, Inference, InferenceKind, Provider, Record, Timestamp, Usage};

use self::{beside::Beside, choice::Choice};
use super::{
    Decode, Format, Found, Operation, Progress, Reader, failure, keep::Keep, openai_usage::Counted,
};
use crate::{
    detect::{Asked, Endpoint},
    framing::Framing,
    json::{Beginning, Json, Passing},
};

/// The choices that are kept of one answer: as many as OpenAI gives.
const MAX_CHOICES: usize = 128;

static FORMAT: Format = Format {
    name: "openai.chat_completions",
    flavour: Provider::OPENAI,
    operation: Operation::Inference(InferenceKind::Chat),
    stream_framing: Framing::Sse,
    reader: |endpoint| {
        let mut chat = Chat::new(endpoint);
        chat.record.response.api_type = Some(ApiType::ChatCompletions);
        Box::new(chat)
    },
};

/// The same as Vertex AI serves Mistral's models, which names the model in the path.
pub(crate) static ON_VERTEX: Format = Format {
    name: "openai.chat_completions",
    flavour: Provider::GCP_VERTEX_AI,
    operation: Operation::Inference(InferenceKind::Chat),
    stream_framing: Framing::Sse,
    reader: |endpoint| {
        let mut chat = Chat::new(endpoint);
        chat.record.response.api_type = Some(ApiType::ChatCompletions);
        Box::new(chat)
    },
};

/// Knows a request for a chat completion by its path; Azure's and watsonx's deployments name the model.
///
/// Mistral's agents are asked in the same shape, and so is watsonx at paths of its own.
pub(crate) fn found(asked: &Asked<'_>) -> Option<Found> {
    let is_watsonx = |end| asked.path.contains("/ml/v1/") && asked.posts_to(end);
    let is_watsonx_stream = is_watsonx("/text/chat_stream");
    let is_chat = asked.posts_to("/chat/completions")
        || asked.posts_to("/agents/completions")
        || is_watsonx("/text/chat")
        || is_watsonx_stream;
    is_chat.then(|| Found {
        is_stream: is_watsonx_stream,
        ..Found::from(&FORMAT).with_model(asked.deployment())
    })
}

/// Reads one exchange in OpenAI's chat completions format, or another that answers in choices.
#[derive(Clone, Debug)]
pub(crate) struct Chat {
    record: Inference,
    /// By index; few, so that a search from the front is the quickest.
    choices: Vec<(u64, Choice)>,
    beside: Beside,
    counted: Counted,
    keep: Keep,
    passing: Passing,
    /// How the last of the common chunks began.
    beginning: Beginning<quick::Head>,
}

impl Chat {
    pub(crate) fn new(endpoint: &Endpoint) -> Self {
        Self {
            record: endpoint.inference(),
            choices: Vec::new(),
            beside: Beside::default(),
            counted: Counted::default(),
            keep: Keep::default(),
            passing: Passing::Nothing,
            beginning: Beginning::default(),
        }
    }

    /// Shows where what a request says goes.
    pub(super) fn request_parts(&mut self) -> (&mut Inference, &mut Keep) {
        (&mut self.record, &mut self.keep)
    }

    /// Reads what a whole answer and every chunk have in common; of what comes again, the first stands for what
    /// cannot change and the last for what grows.
    fn common(&mut self, document: &Json<'_>, progress: &mut Progress) {
        let failure = failure::reported(document)
            .or_else(|| failure::reported(document.get("x_groq")?))
            .or_else(|| failure::of_status_beside(document));
        if let Some(failure) = failure {
            progress.fail(failure);
        }
        let response = &mut self.record.response;
        first(&mut response.id, document, "id");
        first(&mut response.model, document, "model");
        first(&mut response.model, document, "model_id");
        first(
            &mut response.system_fingerprint,
            document,
            "system_fingerprint",
        );
        if let Some(tier) = stated(document, "service_tier") {
            response.service_tier = Some(tier.to_owned());
        }
        let usage = document.get("usage").filter(|usage| !usage.is_empty());
        if let Some(usage) = usage.or_else(|| document.get("x_groq")?.get("usage")) {
            self.counted.read(usage);
            first(&mut response.service_tier, usage, "service_tier");
        }
        self.counted.read_beside(document);
        self.beside.read(document, &mut self.keep);
    }

    fn choice(&mut self, index: u64) -> Option<(&mut Choice, &mut Keep)> {
        let at = match self.choices.iter().position(|(seen, _)| *seen == index) {
            Some(at) => at,
            None if self.choices.len() >= MAX_CHOICES => {
                self.keep.refuse();
                return None;
            }
            None => {
                self.choices.push((index, Choice::default()));
                self.choices.len() - 1
            }
        };
        self.choices
            .get_mut(at)
            .map(|(_, choice)| (choice, &mut self.keep))
    }

    /// Tells whether a choice whose index is missing may be another than the first.
    fn may_be_several(&self) -> bool {
        let is_of_prompts = self.record.kind == InferenceKind::TextCompletion;
        self.choices.len() > 1
            || self.record.request.choice_count > Some(1)
            || is_of_prompts && self.record.content.input.len() != 1
    }

    /// Reads one choice: `names` says where it holds what was said, the likelier first.
    fn read_choice(
        &mut self,
        index: u64,
        mut stated: Json<'_>,
        names: [&str; 2],
        progress: &mut Progress,
    ) {
        if stated.members().is_empty() {
            return;
        }
        if let Some(failure) = failure::reported(&stated) {
            progress.fail(failure);
        }
        // Moonshot's streams state it here.
        if let Some(usage) = stated.get("usage").filter(|usage| !usage.is_empty()) {
            self.counted.read(usage);
        }
        let Some((choice, keep)) = self.choice(index) else {
            return;
        };
        if let Some(reason) = stated
            .text("finish_reason")
            .filter(|reason| !reason.is_empty())
        {
            choice.finish_reason = Some(reason.to_owned());
        }
        match names.iter().find_map(|name| stated.take(name)) {
            Some(said) => choice.said.read(said, keep),
            None => choice.said.read_text(stated, keep),
        }
    }
}

impl Decode for Chat {
    fn boxed(&self) -> Reader {
        Box::new(self.clone())
    }

    fn request(&mut self, request: Json<'_>) {
        request::settings(&request, &mut self.record);
        request::content(request, &mut self.record.content, &mut self.keep);
    }

    fn whole(&mut self, mut answer: Json<'_>, progress: &mut Progress) {
        self.common(&answer, progress);
        for (index, choice) in (0..).zip(answer.take_items("choices")) {
            self.read_choice(index, choice, ["message", "delta"], progress);
        }
    }

    fn passing(&self) -> Passing {
        self.passing
    }

    fn pass_over_content(&mut self) {
        self.passing = Passing::Choices;
    }

    fn quick(&mut self, chunk: &str, at: Timestamp) -> bool {
        let is_said_wanted = self.passing == Passing::Nothing;
        let Some(chunk) = quick::chunk(chunk, is_said_wanted, &mut self.beginning) else {
            return false;
        };
        let response = &mut self.record.response;
        for (slot, text) in [
            (&mut response.id, &chunk.id),
            (&mut response.model, &chunk.model),
            (&mut response.system_fingerprint, &chunk.system_fingerprint),
        ] {
            if slot.is_none() {
                *slot = quick::stated(text).map(str::to_owned);
            }
        }
        if let Some(tier) = quick::stated(&chunk.service_tier) {
            response.service_tier = Some(tier.to_owned());
        }
        self.record.timing.chunk(at);
        if let Some((choice, keep)) = self.choice(chunk.head.index.unwrap_or(0)) {
            if let Some(reason) = quick::stated(&chunk.finish_reason) {
                choice.finish_reason = Some(reason.to_owned());
            }
            choice.said.read_quick(chunk, keep);
        }
        true
    }

    fn chunk(&mut self, mut chunk: Json<'_>, at: Timestamp, progress: &mut Progress) {
        self.beginning.forget();
        self.common(&chunk, progress);
        let choices = chunk.take("choices");
        if choices.is_some() || failure::reported(&chunk).is_none() {
            self.record.timing.chunk(at);
        }
        for choice in choices.map_or_else(Vec::new, Json::into_items) {
            let index = choice.get("index").and_then(Json::as_u64);
            if index.is_none() && progress.is_part && self.may_be_several() {
                continue;
            }
            let index = index.unwrap_or(0);
            // Some send beside the delta all that was said so far, as `message`.
            self.read_choice(index, choice, ["delta", "message"], progress);
        }
    }

    fn finish(self: Box<Self>, progress: &mut Progress) -> Record {
        let Self {
            mut record,
            mut choices,
            beside,
            counted,
            keep,
            ..
        } = *self;
        let (counts, cost) = counted.into_parts();
        let (usage, diagnostics) = Usage::inclusive(counts);
        (record.usage, record.cost) = (usage, cost);
        diagnostics
            .into_iter()
            .for_each(|diagnostic| progress.note(diagnostic));
        if keep.has_refused() {
            progress.note(Diagnostic::BodyTooLong);
        }
        choices.sort_by_key(|(index, _)| *index);
        progress.finished = !choices.is_empty()
            && choices
                .iter()
                .all(|(_, choice)| choice.finish_reason.is_some());
        record.response.finish_reasons = choices
            .iter()
            .filter_map(|(_, choice)| choice.finish_reason.clone())
            .collect();
        record.content.output = choices
            .into_iter()
            .map(|(_, choice)| choice.into_message(progress))
            .collect();
        if let Some(message) = record.content.output.first_mut() {
            message.parts.extend(beside.into_parts());
        }
        record.into()
    }
}

fn stated<'j>(document: &'j Json<'_>, name: &str) -> Option<&'j str> {
    document.text(name).filter(|text| !text.is_empty())
}

fn first(slot: &mut Option<String>, document: &Json<'_>, name: &str) {
    if slot.is_none() {
        *slot = stated(document, name).map(str::to_owned);
    }
}
