//! Whether traffic is of a format whose path other programs have for purposes of their own.
//!
//! That a format is spoken is decided by method and path, before any byte of a body; `/api/chat` and `/v1/chat` are
//! names that many web applications give to routes of their own. What was asked and answered there tells them apart,
//! and what is told apart is not recorded.

use genspan::Diagnostic;

use super::Progress;
use crate::{detect::Endpoint, json::Json};

/// Gathers what speaks for and against the format.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Likeness {
    /// The host leaves no doubt.
    is_known: bool,
    /// Whether the request has what every request of the format has; `None` where none was read.
    asks: Option<bool>,
    /// Whether a document of the answer has what the answers of the format have; `None` where none was read.
    answers: Option<bool>,
}

impl Likeness {
    /// Begins with what the address says.
    pub(crate) fn of(endpoint: &Endpoint) -> Self {
        Self {
            is_known: endpoint.is_host_known(),
            asks: None,
            answers: None,
        }
    }

    /// Leaves no doubt where the server listens at a port that nobody else is likely to have.
    pub(crate) fn or_at_port(mut self, endpoint: &Endpoint, port: u16) -> Self {
        let server = endpoint.server.as_ref();
        self.is_known |= server.is_some_and(|server| server.port == Some(port));
        self
    }

    /// Notes whether the request is like one of the format.
    pub(crate) const fn request(&mut self, is_like: bool) {
        self.asks = Some(is_like);
    }

    /// Notes whether a document of the answer is one of the format: `is_sure` says so beyond doubt, and for all of the
    /// answer; else it may be one if it has any of the `members` or reports an error, and this tells whether it may.
    pub(crate) fn answer(&mut self, document: &Json<'_>, is_sure: bool, members: &[&str]) -> bool {
        let mut stated = document.members().iter();
        let may_be = is_sure
            || document.is_empty()
            || stated.any(|(name, _)| name == "error" || members.contains(&name.as_ref()));
        if is_sure {
            self.answers = Some(true);
        } else if !may_be {
            self.answers.get_or_insert(false);
        }
        may_be
    }

    /// Tells where the exchange is another program's.
    pub(crate) fn conclude(self, progress: &mut Progress) {
        let speaks_against = self.asks == Some(false) || self.answers == Some(false);
        if !self.is_known && speaks_against && self.answers != Some(true) {
            progress.asks_no_model = true;
            progress.note(Diagnostic::RequestUnreadable);
        }
    }
}
