//! OpenAI's chat completions, with what others who speak them add or leave out.

mod choice;
mod message;
pub(super) mod parts;
mod quick;
pub(super) mod request;
pub(super) mod tool_calls;
pub(super) mod usage;

use genspan::{
    ApiType, Diagnostic, Generic, Inference, InferenceKind, Part, Provider, Record, Timestamp,
    Usage, Value,
};

use self::{choice::Choice, usage::Counted};
use super::{Decode, Format, Found, Operation, Progress, Reader, failure, keep::Keep};
use crate::{
    detect::{Asked, Endpoint},
    framing::Framing,
    json::{Beginning, Json, Passing},
};

/// The choices that are kept of one answer: as many as OpenAI gives.
const MAX_CHOICES: usize = 128;

/// What stands beside the choices and belongs to the answer; each of it comes again with every chunk.
const BESIDE_CHOICES: [&str; 4] = ["citations", "search_results", "images", "related_questions"];

static FORMAT: Format = Format {
    name: "openai.chat_completions",
    flavour: Provider::OPENAI,
    operation: Operation::Inference(InferenceKind::Chat),
    stream_framing: Framing::Sse,
    reader: |endpoint| Box::new(Chat::new(endpoint)),
};

/// Knows a request for a chat completion by its path; Azure's names the model.
pub(crate) fn found(asked: &Asked<'_>) -> Option<Found> {
    asked
        .posts_to("/chat/completions")
        .then(|| Found::from(&FORMAT).with_model(asked.deployment()))
}

/// Reads one exchange in OpenAI's chat completions format.
#[derive(Clone, Debug)]
struct Chat {
    record: Inference,
    /// By index; few, so that a search from the front is the quickest.
    choices: Vec<(u64, Choice)>,
    beside: Vec<(&'static str, Value)>,
    counted: Counted,
    keep: Keep,
    passing: Passing,
    /// How the last of the common chunks began.
    beginning: Beginning<quick::Head>,
}

impl Chat {
    fn new(endpoint: &Endpoint) -> Self {
        let mut record = endpoint.inference();
        record.response.api_type = Some(ApiType::ChatCompletions);
        Self {
            record,
            choices: Vec::new(),
            beside: Vec::new(),
            counted: Counted::default(),
            keep: Keep::default(),
            passing: Passing::Nothing,
            beginning: Beginning::default(),
        }
    }

    /// Reads what a whole answer and every chunk have in common; of what comes again, the first stands for what
    /// cannot change and the last for what grows.
    fn common(&mut self, document: &Json<'_>, progress: &mut Progress) {
        if let Some(failure) = failure::reported(document) {
            progress.fail(failure);
        }
        let response = &mut self.record.response;
        first(&mut response.id, document, "id");
        first(&mut response.model, document, "model");
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
        }
        for name in BESIDE_CHOICES {
            if let Some(stated) = document
                .get(name)
                .filter(|stated| !stated.items().is_empty())
            {
                self.beside.retain(|(seen, _)| *seen != name);
                self.beside.push((name, stated.to_value()));
            }
        }
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
        let Some((choice, keep)) = self.choice(index) else {
            return;
        };
        if let Some(said) = names.iter().find_map(|name| stated.take(name)) {
            choice.said.read(said, keep);
        }
        if let Some(reason) = stated
            .text("finish_reason")
            .filter(|reason| !reason.is_empty())
        {
            choice.finish_reason = Some(reason.to_owned());
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
            let index = choice.get("index").and_then(Json::as_u64).unwrap_or(0);
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
        let (usage, diagnostics) = Usage::inclusive(counted.into_counts());
        record.usage = usage;
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
            .map(|(_, choice)| choice.into_message())
            .collect();
        if let Some(message) = record.content.output.first_mut() {
            message
                .parts
                .extend(beside.into_iter().map(|(name, stated)| {
                    Part::Generic(Generic {
                        kind: name.to_owned(),
                        members: vec![(name.to_owned(), stated)],
                    })
                }));
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
