//! Google's generateContent and streamGenerateContent: candidates made of parts, whole or as pieces of the same shape.

mod call;
mod candidate;
mod enums;
mod part;
mod request;

use genspan::{
    Diagnostic, FinishReason, Inference, InferenceKind, Message, Provider, Record, Role, Timestamp,
    Usage,
};

use self::{candidate::Candidate, enums::Numbering};
use super::{
    flavour, media, spelled,
    tokens::{Names, Tokens},
};
use crate::{
    detect::Endpoint,
    format::{Decode, Format, Operation, Progress, Reader, failure, keep::Keep},
    framing::Framing,
    json::{Json, Passing},
};

/// The candidates that are kept of one answer: many more than may be asked for.
const MAX_CANDIDATES: usize = 128;

const COUNTED: Names = Names {
    input: "promptTokenCount",
    output: "candidatesTokenCount",
    cached: "cachedContentTokenCount",
    tool_use: "toolUsePromptTokenCount",
    thoughts: "thoughtsTokenCount",
    input_by: "promptTokensDetails",
    output_by: "candidatesTokensDetails",
    cached_by: "cacheTokensDetails",
    tool_use_by: "toolUsePromptTokensDetails",
    count: "tokenCount",
};

static FORMAT: Format = format_of(flavour(false));
static ON_VERTEX: Format = format_of(flavour(true));

const fn format_of(flavour: Provider) -> Format {
    Format {
        name: "google.generate_content",
        flavour,
        operation: Operation::Inference(InferenceKind::GenerateContent),
        stream_framing: Framing::Array,
        reader: |endpoint| Box::new(GenerateContent::new(endpoint)),
    }
}

pub(super) fn format(is_vertex: bool) -> &'static Format {
    if is_vertex { &ON_VERTEX } else { &FORMAT }
}

/// Reads one exchange; each document of a stream is a whole answer of which only the new is stated.
#[derive(Clone, Debug)]
struct GenerateContent {
    record: Inference,
    numbering: Numbering,
    /// By index; few, so that a search from the front is the quickest.
    candidates: Vec<(u64, Candidate)>,
    tokens: Tokens,
    /// Why there is no answer at all, and what is said of that.
    refused: Option<(String, Json<'static>)>,
    keep: Keep,
    passing: Passing,
}

impl GenerateContent {
    fn new(endpoint: &Endpoint) -> Self {
        Self {
            record: endpoint.inference(),
            numbering: Numbering::of(&endpoint.format.flavour),
            candidates: Vec::new(),
            tokens: Tokens::default(),
            refused: None,
            keep: Keep::default(),
            passing: Passing::Nothing,
        }
    }

    /// Reads one document and tells whether anything of an answer is in it.
    fn read(&mut self, mut answer: Json<'_>, progress: &mut Progress) -> bool {
        // Google's own tools ask a service that wraps both the request and the answer.
        if let Some(wrapped @ Json::Object(_)) = answer.take("response") {
            answer = wrapped;
        }
        let failure = failure::reported(&answer);
        let is_failure = failure.is_some();
        if let Some(failure) = failure {
            progress.fail(failure);
        }
        let response = &mut self.record.response;
        response.id = spelled::string(&answer, "responseId").or(response.id.take());
        response.model = spelled::string(&answer, "modelVersion").or(response.model.take());
        let usage = spelled::get(&answer, "usageMetadata");
        if let Some(usage) = usage {
            self.tokens.read(usage, &COUNTED);
            let tier = enums::tier(usage);
            response.service_tier = tier.or(response.service_tier.take());
        }
        let mut is_answer = usage.is_some();
        if let Some(feedback) = spelled::take(&mut answer, "promptFeedback") {
            is_answer = true;
            self.feedback(feedback);
        }
        let candidates = spelled::take(&mut answer, "candidates");
        is_answer |= candidates.is_some();
        for (at, candidate) in (0..).zip(candidates.map_or_else(Vec::new, Json::into_items)) {
            self.candidate(at, candidate);
        }
        is_answer || is_failure
    }

    /// Reads why a prompt was not answered; ratings of one that is answered say nothing of the answer.
    fn feedback(&mut self, feedback: Json<'_>) {
        let reason = spelled::get(&feedback, "blockReason");
        if let Some(reason) = reason.and_then(|reason| self.numbering.block_reason(reason)) {
            self.refused = Some((reason, feedback.into_value().into()));
        }
    }

    /// Reads one candidate; the first of a document needs no index.
    fn candidate(&mut self, at: u64, stated: Json<'_>) {
        if stated.members().is_empty() {
            return;
        }
        let index = stated.get("index").and_then(Json::as_u64).unwrap_or(at);
        let known = self.candidates.iter().position(|(seen, _)| *seen == index);
        let at = match known {
            Some(at) => at,
            None if self.candidates.len() >= MAX_CANDIDATES => return self.keep.refuse(),
            None => {
                self.candidates.push((index, Candidate::default()));
                self.candidates.len() - 1
            }
        };
        if let Some((_, candidate)) = self.candidates.get_mut(at) {
            candidate.read(stated, self.numbering, &mut self.keep);
        }
    }

    /// Makes the messages of what was said; a candidate that says nothing, not even why it ended, gives none.
    fn output(&mut self, progress: &Progress) -> Vec<Message> {
        let candidates = std::mem::take(&mut self.candidates).into_iter();
        let mut messages: Vec<Message> = candidates
            .filter(|(_, candidate)| !candidate.is_empty())
            .map(|(_, candidate)| {
                let finish_reason = progress.reason(candidate.finish_reason.as_deref());
                let mut message = Message::new(Role::Assistant, candidate.into_parts());
                message.finish_reason = finish_reason;
                message
            })
            .collect();
        if let Some((_, feedback)) = self.refused.take() {
            let part = media::generic("promptFeedback", feedback);
            let mut message = Message::new(Role::Assistant, vec![part]);
            message.finish_reason = Some(FinishReason::ContentFilter);
            messages.push(message);
        }
        messages
    }
}

impl Decode for GenerateContent {
    fn boxed(&self) -> Reader {
        Box::new(self.clone())
    }

    fn request(&mut self, mut request: Json<'_>) {
        let model = spelled::string(&request, "model");
        if let Some(wrapped @ Json::Object(_)) = request.take("request") {
            request = wrapped;
        }
        if self.record.request.model.is_none() {
            self.record.request.model = model;
        }
        request::settings(&request, &mut self.record);
        request::content(request, &mut self.record.content);
    }

    fn whole(&mut self, answer: Json<'_>, progress: &mut Progress) {
        let is_answer = match answer {
            // What was labelled as one document may still be the array that a stream is.
            Json::List(documents) => {
                let mut is_answer = false;
                for document in documents {
                    is_answer |= self.read(document, progress);
                }
                is_answer
            }
            document => self.read(document, progress),
        };
        if !is_answer {
            progress.note(Diagnostic::ResponseUnreadable);
        }
    }

    fn passing(&self) -> Passing {
        self.passing
    }

    fn pass_over_content(&mut self) {
        self.passing = Passing::Candidates;
    }

    fn chunk(&mut self, chunk: Json<'_>, at: Timestamp, progress: &mut Progress) {
        let is_error_alone =
            failure::reported(&chunk).is_some() && spelled::get(&chunk, "candidates").is_none();
        if !is_error_alone {
            self.record.timing.chunk(at);
        }
        self.read(chunk, progress);
    }

    fn finish(mut self: Box<Self>, progress: &mut Progress) -> Record {
        let (usage, diagnostics) = Usage::inclusive(self.tokens.into_counts());
        for diagnostic in diagnostics {
            progress.note(diagnostic);
        }
        if self.keep.has_refused() {
            progress.note(Diagnostic::BodyTooLong);
        }
        self.candidates.sort_by_key(|(index, _)| *index);
        let mut reasons = self
            .candidates
            .iter()
            .map(|(_, candidate)| candidate.finish_reason.clone());
        progress.finished =
            self.refused.is_some() || (reasons.len() > 0 && reasons.all(|reason| reason.is_some()));
        let refused = self.refused.as_ref().map(|(reason, _)| reason.clone());
        let finish_reasons = self
            .candidates
            .iter()
            .filter_map(|(_, candidate)| candidate.finish_reason.clone())
            .chain(refused)
            .collect();
        let output = self.output(progress);
        let mut record = self.record;
        record.usage = usage;
        record.response.finish_reasons = finish_reasons;
        record.content.output = output;
        record.into()
    }
}
