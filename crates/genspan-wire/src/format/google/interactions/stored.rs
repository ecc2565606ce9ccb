//! An interaction that is stored and read again, whole or as the stream that it was.

use genspan::{Diagnostic, Record, ResponseFetch, ResponseStatus, Timestamp};

use super::Answer;
use crate::{
    detect::Endpoint,
    format::{Decode, Progress, Reader, failure},
    json::{Json, Passing},
};

/// Reads one exchange. That the interaction failed is its own state and no failure of the reading.
#[derive(Clone, Debug)]
pub(super) struct StoredInteraction {
    record: ResponseFetch,
    answer: Answer,
    passing: Passing,
}

impl StoredInteraction {
    pub(super) fn new(endpoint: &Endpoint) -> Self {
        Self {
            record: endpoint.response_fetch(),
            answer: Answer::default(),
            passing: Passing::Nothing,
        }
    }
}

impl Decode for StoredInteraction {
    fn boxed(&self) -> Reader {
        Box::new(self.clone())
    }

    fn request(&mut self, _request: Json<'_>) {}

    fn whole(&mut self, answer: Json<'_>, progress: &mut Progress) {
        let failure = failure::reported(&answer);
        if self.answer.interaction(answer) {
            return;
        }
        match failure {
            Some(failure) => progress.fail(failure),
            None => progress.note(Diagnostic::ResponseUnreadable),
        }
    }

    fn passing(&self) -> Passing {
        self.passing
    }

    fn pass_over_content(&mut self) {
        self.passing = Passing::Steps;
    }

    fn chunk(&mut self, chunk: Json<'_>, _at: Timestamp, progress: &mut Progress) {
        if let Some(failure) = failure::reported(&chunk) {
            progress.fail(failure);
        }
        self.answer.event(chunk);
    }

    fn finish(mut self: Box<Self>, progress: &mut Progress) -> Record {
        progress.finished = self.answer.end().is_some();
        if self.answer.keep.has_refused() {
            progress.note(Diagnostic::BodyTooLong);
        }
        let mut record = self.record;
        record.status = self.answer.status.as_deref().and_then(status);
        record
            .finish_reasons
            .extend(self.answer.end().map(str::to_owned));
        record.content.output.extend(self.answer.message(progress));
        record.response_model = self.answer.model;
        Record::ResponseFetch(Box::new(record))
    }
}

/// Maps a state; one that waits for the results of tools has no counterpart among the conventions'.
fn status(word: &str) -> Option<ResponseStatus> {
    Some(match word {
        "queued" => ResponseStatus::Queued,
        "in_progress" => ResponseStatus::InProgress,
        "completed" => ResponseStatus::Completed,
        "incomplete" | "budget_exceeded" => ResponseStatus::Incomplete,
        "failed" => ResponseStatus::Failed,
        "cancelled" => ResponseStatus::Cancelled,
        _ => return None,
    })
}
