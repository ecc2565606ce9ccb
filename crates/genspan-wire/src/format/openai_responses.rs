//! OpenAI's responses: answers made of items, whole or as a stream of events that build them, and the reading of
//! answers that the provider has stored.
//!
//! A stream tells everything up to three times: in pieces, as finished items, and as the whole answer in its last
//! event. Each later word takes the place of the earlier ones, so that no text is held twice for long and a stream
//! that is cut short still gives what it said. Sealed reasoning means nothing to anyone but the provider and is left
//! out.
//!
//! The format has no reasons to finish but those for an incomplete answer, which stand as the provider words them. An
//! answer that is complete ended by `stop`, or by `tool_call` where it asks the application to run a tool; one that
//! failed or was cancelled by `error`. The reading of a stored answer tells this in the conventions' words alone, is
//! no failure where the answer failed, and counts no tokens again.

mod answer;
mod content;
mod ending;
mod growing;
mod item;
mod piece;
mod quick;
mod request;

use genspan::{
    ApiType, Content, Diagnostic, Inference, InferenceKind, Message, Part, Provider, Record,
    ResponseFetch, Role, Timestamp, Usage,
};

use self::{ending::Ending, growing::Items, piece::Place};
use super::{
    Decode, Format, Found, Operation, Progress, Reader, Stored, failure,
    openai_chat::request::tool, openai_usage::Counted,
};
use crate::{
    detect::{Asked, Endpoint},
    framing::Framing,
    json::{Json, Passing},
};

static FORMAT: Format = Format {
    name: "openai.responses",
    flavour: Provider::OPENAI,
    operation: Operation::Inference(InferenceKind::Chat),
    stream_framing: Framing::Sse,
    reader: |endpoint| Box::new(Responses::new(endpoint)),
};

static FETCH: Format = Format {
    name: "openai.fetch_response",
    flavour: Provider::OPENAI,
    operation: Operation::ResponseFetch,
    stream_framing: Framing::Sse,
    reader: |endpoint| Box::new(Responses::fetching(endpoint)),
};

/// Knows a request for an answer, and for one that is stored, by its path.
pub(crate) fn found(asked: &Asked<'_>) -> Option<Found> {
    if asked.posts_to("/responses") {
        return Some(Found::from(&FORMAT).with_model(asked.deployment()));
    }
    let response_id = asked.is_get().then(|| stored_id(asked)).flatten()?;
    Some(Found {
        is_stream: asked.parameter("stream").as_deref() == Some("true"),
        stored: Some(Stored {
            response_id,
            stream_cursor: asked.parameter("starting_after"),
        }),
        ..Found::from(&FETCH)
    })
}

/// Gives the id of a stored answer. Much is called a response, so that either the id or what precedes it must look as
/// the providers' do.
fn stored_id(asked: &Asked<'_>) -> Option<String> {
    let (before, rest) = asked.path.split_once("/responses/")?;
    let is_theirs = before.is_empty() || before.ends_with("/v1") || before.ends_with("/openai");
    let is_one = !rest.contains('/') && (is_theirs || rest.starts_with("resp_"));
    is_one
        .then(|| asked.segment_behind("/responses/"))
        .flatten()
}

/// Reads one exchange in the format of OpenAI's responses.
#[derive(Clone, Debug)]
struct Responses {
    record: Inference,
    /// Begun where the answer is one that was stored.
    fetch: Option<ResponseFetch>,
    counted: Counted,
    ending: Ending,
    /// The items of a stream so far.
    items: Items,
    /// What the answer says as a whole.
    parts: Option<Vec<Part>>,
    passing: Passing,
}

impl Responses {
    fn new(endpoint: &Endpoint) -> Self {
        let mut record = endpoint.inference();
        record.response.api_type = Some(ApiType::Responses);
        Self {
            record,
            fetch: None,
            counted: Counted::default(),
            ending: Ending::default(),
            items: Items::default(),
            parts: None,
            passing: Passing::Nothing,
        }
    }

    fn fetching(endpoint: &Endpoint) -> Self {
        Self {
            fetch: Some(endpoint.response_fetch()),
            ..Self::new(endpoint)
        }
    }

    /// Reads an event that is about an item or a piece of one; gives back any other.
    fn item_event<'a>(&mut self, event: &str, mut chunk: Json<'a>) -> Option<Json<'a>> {
        match event {
            "output_item.added" => self.items.start(&mut chunk),
            "output_item.done" => self.items.finish(&mut chunk),
            "content_part.done" => self.items.finish_part(&mut chunk),
            "output_text.annotation.added" | "output_text_annotation.added" => {
                self.items.annotate(&mut chunk);
            }
            _ => {
                let (stem, verb) = event.rsplit_once('.').unwrap_or_default();
                match (Place::of(stem), verb) {
                    (Some(place), "delta") => self.items.grow(&mut chunk, place),
                    (Some(place), "done") => self.items.set(&mut chunk, place),
                    _ => return Some(chunk),
                }
            }
        }
        None
    }

    /// Makes the message of what was said; an answer that says nothing, not even why it ended, has none.
    fn output(
        &self,
        parts: Vec<Part>,
        reason: Option<&str>,
        progress: &Progress,
    ) -> Option<Message> {
        if parts.is_empty() && !self.ending.is_answered() {
            return None;
        }
        let mut message = Message::new(Role::Assistant, parts);
        message.finish_reason = progress.reason(reason);
        Some(message)
    }
}

impl Decode for Responses {
    fn boxed(&self) -> Reader {
        Box::new(self.clone())
    }

    fn request(&mut self, request: Json<'_>) {
        request::settings(&request, &mut self.record);
        request::content(request, &mut self.record.content);
    }

    fn whole(&mut self, answer: Json<'_>, progress: &mut Progress) {
        let is_answer = ["output", "status", "usage"]
            .iter()
            .any(|name| answer.get(name).is_some());
        if is_answer {
            self.answer(answer, None, progress);
            return;
        }
        match failure::reported(&answer) {
            Some(failure) => progress.fail(failure),
            None => progress.note(Diagnostic::ResponseUnreadable),
        }
        self.stated(&answer);
    }

    fn passing(&self) -> Passing {
        self.passing
    }

    fn pass_over_content(&mut self) {
        self.passing = Passing::Items;
    }

    fn quick(&mut self, chunk: &str, at: Timestamp) -> bool {
        let Some(delta) = quick::delta(chunk, self.passing == Passing::Nothing) else {
            return false;
        };
        self.items
            .piece(delta.output_index, delta.place, delta.index, delta.text);
        self.record.timing.chunk(at);
        true
    }

    fn chunk(&mut self, chunk: Json<'_>, at: Timestamp, progress: &mut Progress) {
        let kind = chunk.string("type").unwrap_or_default();
        if matches!(kind.as_str(), "keepalive" | "ping") {
            return;
        }
        if chunk.text("object") == Some("response") {
            self.record.timing.chunk(at);
            self.answer(chunk, Some(""), progress);
            progress.terminal = self.ending.is_final();
            return;
        }
        if let Some(failure) = failure::reported(&chunk) {
            progress.fail(failure);
            return;
        }
        self.record.timing.chunk(at);
        let event = kind.strip_prefix("response.").unwrap_or_default();
        if let Some(mut other) = self.item_event(event, chunk) {
            let answer = other.take("response").unwrap_or(Json::Null);
            self.answer(answer, Some(event), progress);
            progress.terminal = self.ending.is_final();
        }
    }

    fn finish(mut self: Box<Self>, progress: &mut Progress) -> Record {
        // Of an answer that was cut, how it ended is not known, whatever it said of that before.
        progress.finished = progress.terminal && self.ending.is_final();
        let (counts, cost) = std::mem::take(&mut self.counted).into_parts();
        let (usage, diagnostics) = Usage::inclusive(counts);
        self.record.cost = cost;
        let parts = match self.parts.take() {
            Some(parts) => parts,
            None => {
                if self.items.has_refused() {
                    progress.note(Diagnostic::BodyTooLong);
                }
                std::mem::take(&mut self.items).into_parts()
            }
        };
        let is_compacted = parts.iter().any(|part| matches!(part, Part::Compaction(_)));
        let asks_for_tool = parts
            .iter()
            .any(|part| matches!(part, Part::ToolCallRequest(_)));
        let reason = progress
            .finished
            .then(|| self.ending.reason(asks_for_tool))
            .flatten();
        let output = self.output(parts, reason, progress);
        let reason = reason.map(str::to_owned);
        let mut record = self.record;
        record.content.output.extend(output);
        if let Some(fetch) = self.fetch {
            return fetched(fetch, record, &self.ending, reason.as_deref());
        }
        diagnostics
            .into_iter()
            .for_each(|diagnostic| progress.note(diagnostic));
        record.usage = usage;
        record.response.is_compacted = is_compacted;
        record.response.finish_reasons.extend(reason);
        record.into()
    }
}

/// Makes the record of a stored answer's reading of what was read.
fn fetched(fetch: ResponseFetch, read: Inference, ending: &Ending, reason: Option<&str>) -> Record {
    let mut fetch = ResponseFetch {
        response_model: read.response.model,
        service_tier: read.response.service_tier,
        content: Content {
            input: Vec::new(),
            ..read.content
        },
        common: read.common,
        ..fetch
    };
    ending.describe(&mut fetch, reason);
    Record::ResponseFetch(Box::new(fetch))
}
