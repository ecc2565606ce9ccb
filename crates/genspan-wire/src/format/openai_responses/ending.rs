//! How far an answer is, and why it ended.

use genspan::{FinishReason, ResponseFetch, ResponseStatus};

use crate::json::Json;

/// Holds what an answer says of its own state.
#[derive(Clone, Debug, Default)]
pub(super) struct Ending {
    status: Option<ResponseStatus>,
    /// Why it is incomplete, in the provider's words.
    reason: Option<String>,
}

impl Ending {
    /// Reads the state that an answer states; the event that it came in may state it too, and knows best.
    pub(super) fn read(&mut self, answer: &Json<'_>, event: Option<&str>) {
        let stated = answer.text("status").and_then(status);
        let told = event.and_then(|event| match event {
            "created" => Some(ResponseStatus::InProgress),
            event => status(event),
        });
        self.status = match told {
            // What was only just begun may be queued or under way.
            Some(told) if is_begun(told) => {
                stated.filter(|stated| is_begun(*stated)).or(Some(told))
            }
            told => told.or(stated).or(self.status),
        };
        let details = answer.get("incomplete_details");
        if let Some(reason) = details.and_then(|details| details.string("reason")) {
            self.reason = Some(reason);
        }
    }

    pub(super) const fn status(&self) -> Option<ResponseStatus> {
        self.status
    }

    /// Tells whether nothing more is to come.
    pub(super) fn is_final(&self) -> bool {
        self.status.is_some_and(|status| !is_begun(status))
    }

    /// Tells whether the model ended its answer, be it complete or not.
    pub(super) const fn is_answered(&self) -> bool {
        matches!(
            self.status,
            Some(ResponseStatus::Completed | ResponseStatus::Incomplete)
        )
    }

    /// Says why the answer ended, in the provider's words where it has some.
    pub(super) fn reason(&self, asks_for_tool: bool) -> Option<&str> {
        match self.status? {
            ResponseStatus::Completed if asks_for_tool => Some("tool_call"),
            ResponseStatus::Completed => Some("stop"),
            ResponseStatus::Incomplete => Some(self.reason.as_deref().unwrap_or("incomplete")),
            ResponseStatus::Failed | ResponseStatus::Cancelled => Some("error"),
            ResponseStatus::Queued | ResponseStatus::InProgress => None,
        }
    }

    /// Says in the record of a stored answer's reading how far that answer is; the conventions want their own words
    /// there.
    pub(super) fn describe(&self, fetch: &mut ResponseFetch, reason: Option<&str>) {
        fetch.status = self.status;
        let word = |reason| FinishReason::from_provider(reason).as_str().to_owned();
        fetch.finish_reasons.extend(reason.map(word));
    }
}

fn status(word: &str) -> Option<ResponseStatus> {
    Some(match word {
        "queued" => ResponseStatus::Queued,
        "in_progress" => ResponseStatus::InProgress,
        "completed" => ResponseStatus::Completed,
        "incomplete" => ResponseStatus::Incomplete,
        "failed" => ResponseStatus::Failed,
        "cancelled" => ResponseStatus::Cancelled,
        _ => return None,
    })
}

const fn is_begun(status: ResponseStatus) -> bool {
    matches!(status, ResponseStatus::Queued | ResponseStatus::InProgress)
}
