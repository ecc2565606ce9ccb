//! Google's interactions: an answer in steps, whole or as a stream of events that build them; made anew, or one that is
//! stored and read again.

mod input;
mod step;
mod stored;

use std::collections::BTreeMap;

use genspan::{
    Diagnostic, ErrorType, Failure, Inference, InferenceKind, Message, Part, Provider, Record,
    Role, Timestamp, Usage,
};

use self::step::Step;
use super::{
    flavour, is_vertex, spelled,
    tokens::{Names, Tokens},
};
use crate::{
    detect::{Asked, Endpoint},
    format::{Decode, Format, Found, Operation, Progress, Reader, Stored, failure, keep::Keep},
    framing::Framing,
    json::{Json, Passing},
};

/// The steps that are kept of one answer; later ones are left out.
const MAX_STEPS: usize = 4096;

const COUNTED: Names = Names {
    input: "totalInputTokens",
    output: "totalOutputTokens",
    cached: "totalCachedTokens",
    tool_use: "totalToolUseTokens",
    thoughts: "totalThoughtTokens",
    input_by: "inputTokensByModality",
    output_by: "outputTokensByModality",
    cached_by: "cachedTokensByModality",
    tool_use_by: "toolUseTokensByModality",
    count: "tokens",
};

static FORMAT: Format = format_of(flavour(false));
static ON_VERTEX: Format = format_of(flavour(true));
static STORED: Format = stored_of(flavour(false));
static STORED_ON_VERTEX: Format = stored_of(flavour(true));

const fn format_of(flavour: Provider) -> Format {
    Format {
        name: "google.interactions",
        flavour,
        operation: Operation::Inference(InferenceKind::GenerateContent),
        stream_framing: Framing::Sse,
        reader: |endpoint| Box::new(Interactions::new(endpoint)),
    }
}

const fn stored_of(flavour: Provider) -> Format {
    Format {
        name: "google.interactions",
        flavour,
        operation: Operation::ResponseFetch,
        stream_framing: Framing::Sse,
        reader: |endpoint| Box::new(stored::StoredInteraction::new(endpoint)),
    }
}

/// Knows a request for an interaction, or for one that is stored, by its path; anyone may have interactions, so that
/// Google's version or location must stand before the word.
pub(super) fn found(asked: &Asked<'_>) -> Option<Found> {
    let mut segments = asked.segments_from_end();
    let last = segments.next()?;
    let id = if asked.is_get() {
        (segments.next()? == "interactions" && !last.is_empty()).then_some(Some(last))?
    } else {
        (asked.is_post() && last == "interactions").then_some(None)?
    };
    let before = segments.next()?;
    let is_version = before.starts_with("v1alpha") || before.starts_with("v1beta");
    (is_version || segments.next()? == "locations").then_some(())?;
    let Some(id) = id else {
        let format = if is_vertex(asked) {
            &ON_VERTEX
        } else {
            &FORMAT
        };
        return Some(format.into());
    };
    let format = if is_vertex(asked) {
        &STORED_ON_VERTEX
    } else {
        &STORED
    };
    Some(Found {
        is_stream: asked.parameter("stream").as_deref() == Some("true"),
        stored: Some(Stored {
            response_id: id.into_owned(),
            stream_cursor: asked
                .parameter("last_event_id")
                .filter(|cursor| !cursor.is_empty()),
        }),
        ..format.into()
    })
}

/// Gathers what an answer says, whole or event by event.
#[derive(Clone, Debug, Default)]
struct Answer {
    id: Option<String>,
    model: Option<String>,
    /// In the provider's own words.
    status: Option<String>,
    service_tier: Option<String>,
    /// By index; of a stream in the order of their indices.
    steps: BTreeMap<u64, Step>,
    tokens: Tokens,
    keep: Keep,
}

impl Answer {
    /// Reads an interaction as far as it is stated; `false` where this is none.
    fn interaction(&mut self, mut stated: Json<'_>) -> bool {
        let text = |name| spelled::string(&stated, name);
        self.id = text("id").or(self.id.take());
        self.model = text("model").or(self.model.take());
        self.status = text("status").or(self.status.take());
        self.service_tier = text("serviceTier").or(self.service_tier.take());
        if let Some(usage) = stated.get("usage") {
            self.tokens.read(usage, &COUNTED);
        }
        let is_interaction = stated.get("status").is_some() || stated.get("id").is_some();
        // The end of a stream may state again what came in pieces.
        if self.steps.is_empty() {
            let steps = ["steps", "outputs"]
                .iter()
                .map(|name| stated.take_items(name))
                .find(|steps| !steps.is_empty());
            for (index, step) in (0..).zip(steps.unwrap_or_default()) {
                self.step(index, step);
            }
        }
        is_interaction
    }

    fn step(&mut self, index: u64, stated: Json<'_>) {
        if let Some((step, keep)) = self.at(index) {
            step.begin(stated, keep);
        }
    }

    fn at(&mut self, index: u64) -> Option<(&mut Step, &mut Keep)> {
        if self.steps.len() >= MAX_STEPS && !self.steps.contains_key(&index) {
            self.keep.refuse();
            return None;
        }
        Some((self.steps.entry(index).or_default(), &mut self.keep))
    }

    /// Reads one event of a stream; those of an earlier version are named otherwise.
    fn event(&mut self, mut event: Json<'_>) {
        let index = event.get("index").and_then(Json::as_u64);
        let last = self.steps.keys().next_back().copied().unwrap_or(0);
        let kind = event.string("event_type").unwrap_or_default();
        match kind.as_str() {
            "step.start" | "content.start" => {
                let index = index.unwrap_or(self.steps.len() as u64);
                if let Some(step) = event.take("step").or_else(|| event.take("content")) {
                    self.step(index, step);
                }
            }
            "step.delta" | "content.delta" => {
                if let (Some(delta), Some((step, keep))) =
                    (event.take("delta"), self.at(index.unwrap_or(last)))
                {
                    step.grow(delta, keep);
                }
            }
            "interaction.status_update" => {
                self.status = event.string("status").or(self.status.take());
                self.id = event.string("interaction_id").or(self.id.take());
            }
            _ => {
                if let Some(interaction) = event.take("interaction") {
                    self.interaction(interaction);
                }
            }
        }
    }

    /// Gives the word for why the answer ended, where it did.
    fn end(&self) -> Option<&str> {
        let is_over = |status: &&str| !matches!(*status, "in_progress" | "queued");
        self.status.as_deref().filter(is_over)
    }

    /// Makes the message of the model's steps; an answer that says nothing, not even why it ended, has none.
    fn message(&mut self, progress: &Progress) -> Option<Message> {
        let steps = std::mem::take(&mut self.steps).into_values();
        let parts: Vec<Part> = steps
            .filter(|step| !step.is_of_user())
            .flat_map(Step::into_parts)
            .collect();
        let end = self.end();
        if parts.is_empty() && end.is_none() {
            return None;
        }
        let mut message = Message::new(Role::Assistant, parts);
        message.finish_reason = progress.reason(end);
        Some(message)
    }
}

/// Reads one exchange.
#[derive(Clone, Debug)]
struct Interactions {
    record: Inference,
    answer: Answer,
    passing: Passing,
}

impl Interactions {
    fn new(endpoint: &Endpoint) -> Self {
        Self {
            record: endpoint.inference(),
            answer: Answer::default(),
            passing: Passing::Nothing,
        }
    }
}

impl Decode for Interactions {
    fn boxed(&self) -> Reader {
        Box::new(self.clone())
    }

    fn request(&mut self, request: Json<'_>) {
        input::settings(&request, &mut self.record);
        input::content(request, &mut self.record.content, &mut self.answer.keep);
    }

    fn whole(&mut self, answer: Json<'_>, progress: &mut Progress) {
        let failure = failure::reported(&answer);
        let is_failure = failure.is_some();
        if let Some(failure) = failure {
            progress.fail(failure);
        }
        if !self.answer.interaction(answer) && !is_failure {
            progress.note(Diagnostic::ResponseUnreadable);
        }
    }

    fn passing(&self) -> Passing {
        self.passing
    }

    fn pass_over_content(&mut self) {
        self.passing = Passing::Steps;
    }

    fn chunk(&mut self, chunk: Json<'_>, at: Timestamp, progress: &mut Progress) {
        let interaction = chunk.get("interaction");
        if let Some(failure) = failure::reported(interaction.unwrap_or(&chunk)) {
            progress.fail(failure);
        }
        if chunk.text("event_type") != Some("error") {
            self.record.timing.chunk(at);
        }
        self.answer.event(chunk);
    }

    fn finish(mut self: Box<Self>, progress: &mut Progress) -> Record {
        progress.finished = self.answer.end().is_some();
        if self.answer.status.as_deref() == Some("failed") {
            progress.fail(Failure::new(ErrorType::ServerError));
        }
        let (usage, diagnostics) = Usage::inclusive(self.answer.tokens.into_counts());
        for diagnostic in diagnostics {
            progress.note(diagnostic);
        }
        if self.answer.keep.has_refused() {
            progress.note(Diagnostic::BodyTooLong);
        }
        let mut record = self.record;
        record.usage = usage;
        record
            .response
            .finish_reasons
            .extend(self.answer.end().map(str::to_owned));
        record.content.output.extend(self.answer.message(progress));
        record.response.id = self.answer.id;
        record.response.model = self.answer.model;
        record.response.service_tier = self.answer.service_tier;
        record.into()
    }
}
