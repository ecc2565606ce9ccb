//! A prompt that a model goes on with, in the words of any maker: the names that they give things do not collide.

use genspan::{
    Blob, Counts, Diagnostic, Inference, Message, Modality, Part, Record, Role, Timestamp, Usage,
};

use crate::{
    bounded::BoundedText,
    detect::Endpoint,
    format::{
        Decode, Progress, Reader, anthropic_messages::members::bounded_text, failure, keep::Keep,
    },
    json::Json,
};

/// The answers that are kept.
const MAX_CHOICES: usize = 128;

/// Where the answers of one document stand, where they are several.
const LISTS: [&str; 5] = [
    "results",     // Amazon's Titan
    "outputs",     // Mistral
    "generations", // Cohere
    "completions", // AI21
    "choices",     // DeepSeek
];

/// What the text of an answer is called.
const TEXTS: [&str; 4] = [
    "text",
    "generation", // Meta
    "outputText", // Titan
    "completion", // Anthropic, before its messages
];

/// What the reason to end is called.
const REASONS: [&str; 4] = [
    "stop_reason",
    "finish_reason",
    "completionReason",
    "finishReason",
];

/// Reads one exchange.
#[derive(Clone, Debug)]
pub(super) struct Completion {
    record: Inference,
    /// By index; few, so that a search from the front is the quickest.
    choices: Vec<(u64, Choice)>,
    counts: Counts,
    keep: Keep,
}

#[derive(Clone, Debug, Default)]
struct Choice {
    text: BoundedText,
    finish_reason: Option<String>,
}

impl Completion {
    pub(super) fn new(endpoint: &Endpoint) -> Self {
        Self {
            record: endpoint.inference(),
            choices: Vec::new(),
            counts: Counts::default(),
            keep: Keep::default(),
        }
    }

    /// Reads what an answer states, or a piece of one.
    fn answer(&mut self, answer: &mut Json<'_>) {
        if self.record.response.id.is_none() {
            self.record.response.id = answer.string("id");
        }
        let mut counts = counts(answer);
        let mut is_list = false;
        for name in LISTS {
            for (position, mut choice) in (0..).zip(answer.take_items(name)) {
                is_list = true;
                // Titan counts each of its answers.
                let more = choice.get("tokenCount").and_then(Json::as_u64);
                counts.output = match (counts.output, more) {
                    (Some(sum), Some(more)) => Some(sum.saturating_add(more)),
                    (sum, more) => sum.or(more),
                };
                self.choice(position, &mut choice);
            }
        }
        if !is_list {
            self.choice(0, answer);
        }
        self.counts.update(counts);
    }

    fn choice(&mut self, position: u64, stated: &mut Json<'_>) {
        let reason = REASONS.iter().find_map(|name| {
            let reason = stated.get(name)?;
            let word = reason.as_str().or_else(|| reason.text("reason"));
            word.filter(|word| !word.is_empty()).map(str::to_owned)
        });
        let index = stated.get("index").and_then(Json::as_u64);
        let mut data = stated.take("data");
        let text = TEXTS
            .iter()
            .find_map(|name| data.as_mut().unwrap_or(stated).take(name));
        let text = match text {
            Some(Json::Text(text)) => Some(text),
            _ => None,
        };
        if reason.is_none() && text.is_none() {
            return;
        }
        let Some(choice) = self.at(index.unwrap_or(position)) else {
            return;
        };
        choice.finish_reason = reason.or(choice.finish_reason.take());
        if let Some(text) = text {
            let mut grown = std::mem::take(&mut choice.text);
            self.keep.push(&mut grown, text);
            if let Some(choice) = self.at(index.unwrap_or(position)) {
                choice.text = grown;
            }
        }
    }

    fn at(&mut self, index: u64) -> Option<&mut Choice> {
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
        self.choices.get_mut(at).map(|(_, choice)| choice)
    }
}

/// Reads the counts, which all but DeepSeek state beside the answer.
fn counts(answer: &Json<'_>) -> Counts {
    let usage = answer.get("usage");
    let count = |beside: &[&str], of_usage: &str| {
        let stated = beside.iter().find_map(|name| answer.get(name)?.as_u64());
        stated.or_else(|| usage?.get(of_usage)?.as_u64())
    };
    Counts {
        input: count(
            &["prompt_token_count", "inputTextTokenCount"],
            "prompt_tokens",
        ),
        output: count(
            &["generation_token_count", "totalOutputTextTokenCount"],
            "completion_tokens",
        ),
        ..Counts::default()
    }
}

impl Decode for Completion {
    fn boxed(&self) -> Reader {
        Box::new(self.clone())
    }

    fn request(&mut self, mut request: Json<'_>) {
        settings(&request, &mut self.record);
        let mut parts = Vec::new();
        for name in ["prompt", "inputText"] {
            if let Some(Json::Text(text)) = request.take(name) {
                parts.push(Part::Text(bounded_text(text.into_owned())));
            }
        }
        for image in request.take_items("images") {
            if let Json::Text(content) = image {
                parts.push(Part::Blob(Blob {
                    modality: Modality::Image,
                    mime_type: None,
                    content: content.into_owned(),
                }));
            }
        }
        if !parts.is_empty() {
            self.record
                .content
                .input
                .push(Message::new(Role::User, parts));
        }
    }

    fn whole(&mut self, mut answer: Json<'_>, progress: &mut Progress) {
        if let Some(failure) = failure::reported(&answer) {
            progress.fail(failure);
        }
        self.answer(&mut answer);
        if self.choices.is_empty() && progress.failure().is_none() {
            progress.note(Diagnostic::ResponseUnreadable);
        }
    }

    fn chunk(&mut self, mut chunk: Json<'_>, at: Timestamp, progress: &mut Progress) {
        if let Some(failure) = failure::reported(&chunk) {
            progress.fail(failure);
            return;
        }
        self.record.timing.chunk(at);
        self.answer(&mut chunk);
    }

    fn finish(self: Box<Self>, progress: &mut Progress) -> Record {
        let Self {
            mut record,
            mut choices,
            counts,
            keep,
        } = *self;
        let (usage, diagnostics) = Usage::inclusive(counts);
        record.usage = usage;
        for diagnostic in diagnostics {
            progress.note(diagnostic);
        }
        if keep.has_refused() {
            progress.note(Diagnostic::BodyTooLong);
        }
        choices.sort_by_key(|(index, _)| *index);
        progress.finished = !choices.is_empty()
            && choices
                .iter()
                .all(|(_, choice)| choice.finish_reason.is_some());
        for (_, choice) in choices {
            let text = (!choice.text.is_empty()).then(|| Part::Text(choice.text.into_string()));
            let mut message = Message::new(Role::Assistant, text.into_iter().collect());
            message.finish_reason = progress.reason(choice.finish_reason.as_deref());
            record.content.output.push(message);
            record.response.finish_reasons.extend(choice.finish_reason);
        }
        record.into()
    }
}

/// Reads the settings; Titan's stand apart.
fn settings(body: &Json<'_>, record: &mut Inference) {
    let config = body.get("textGenerationConfig").unwrap_or(body);
    let find = |names: &[&str]| names.iter().find_map(|name| config.get(name));
    let number = |names: &[&str]| find(names).and_then(Json::as_f64);
    let request = &mut record.request;
    request.max_tokens = find(&[
        "max_tokens",
        "max_gen_len",
        "maxTokenCount",
        "max_tokens_to_sample",
        "maxTokens",
    ])
    .and_then(Json::as_u64);
    request.temperature = number(&["temperature"]);
    request.top_p = number(&["top_p", "topP", "p"]);
    request.top_k = number(&["top_k", "topK", "k"]);
    request.seed = find(&["seed"]).and_then(Json::as_i64);
    request.choice_count = find(&["num_generations", "numResults"]).and_then(Json::as_u64);
    let stops = find(&["stop", "stop_sequences", "stopSequences"]);
    let stops = stops.map(Json::items).unwrap_or_default();
    request.stop_sequences = stops
        .iter()
        .filter_map(|stop| stop.as_str().map(str::to_owned))
        .collect();
}
