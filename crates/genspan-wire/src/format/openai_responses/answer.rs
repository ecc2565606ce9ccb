//! What an answer says of itself and as a whole.

use genspan::{ErrorType, Failure, ResponseStatus};

use super::{
    Responses, content,
    growing::Items,
    item::{self, Runner},
    request,
};
use crate::{
    format::{Progress, failure},
    json::Json,
};

impl Responses {
    /// Reads an answer as far as it is, which the named event of a stream is about.
    pub(super) fn answer(
        &mut self,
        mut answer: Json<'_>,
        event: Option<&str>,
        progress: &mut Progress,
    ) {
        self.stated(&answer);
        self.ending.read(&answer, event);
        if self.fetch.is_some() {
            self.asked(&mut answer);
        } else {
            self.fail(&answer, progress);
        }
        if event.is_some() && !self.ending.is_final() {
            return;
        }
        // A document that was cut may have been cut among the items; what follows them shows that it was not.
        let is_listed = answer
            .members()
            .last()
            .is_some_and(|(name, _)| name != "output");
        let output = answer.take_items("output");
        if !output.is_empty() && (is_listed || output.len() > self.items.done()) {
            let mut parts = Vec::new();
            // Some put the reasoning where the others repeat how much of it was asked for.
            if let Some(Json::Text(text)) = answer.take("reasoning") {
                content::push_reasoning(text, &mut parts);
            }
            for item in output {
                item::push(item, Runner::Provider, &mut parts);
            }
            self.parts = Some(parts);
            self.items = Items::default();
        }
    }

    /// Reads what an answer says of itself; its last word counts.
    pub(super) fn stated(&mut self, answer: &Json<'_>) {
        let response = &mut self.record.response;
        for (slot, name) in [
            (&mut response.id, "id"),
            (&mut response.model, "model"),
            (&mut response.service_tier, "service_tier"),
            (&mut response.system_fingerprint, "system_fingerprint"),
        ] {
            // The tier `auto` is what was asked for, until one is found.
            let is_said =
                |text: &&str| !text.is_empty() && (name, *text) != ("service_tier", "auto");
            if let Some(stated) = answer.text(name).filter(is_said) {
                *slot = Some(stated.to_owned());
            }
        }
        if let Some(usage) = answer.get("usage").filter(|usage| !usage.is_empty()) {
            self.counted.read(usage);
        }
        let conversation = request::conversation(answer);
        let known = &mut self.record.common.conversation_id;
        *known = known.take().or(conversation);
    }

    /// Reads what a stored answer repeats of its request.
    fn asked(&mut self, answer: &mut Json<'_>) {
        let content = &mut self.record.content;
        if let Some(instructions) = answer.take("instructions") {
            content.system_instructions = request::instructions(instructions);
        }
        let tools = answer.take_items("tools");
        if !tools.is_empty() {
            content.tools = request::tools(tools);
        }
    }

    /// Notes that the answer failed, if it did.
    fn fail(&self, answer: &Json<'_>, progress: &mut Progress) {
        if let Some(failure) = failure::reported(answer) {
            progress.fail(failure);
        }
        match self.ending.status() {
            Some(ResponseStatus::Failed) => progress.fail(Failure::new(ErrorType::ServerError)),
            Some(ResponseStatus::Cancelled) => progress.fail(Failure::new(ErrorType::Cancelled)),
            _ => {}
        }
    }
}
