//! Finding an operation that is under way, for those who are called outside of its scope.

use super::{Telemetry, open::scope_of};
use crate::{Outline, Scope, SpanContext};

impl Telemetry {
    /// Gives the scope of the operation under way here that has this span, such as one whose `traceparent` came back.
    ///
    /// `None` where it has ended, or another recorder or process began it: [`scope_under`](Self::scope_under) is for
    /// such.
    #[must_use]
    pub fn scope_of(&self, span: &SpanContext) -> Option<Scope> {
        let found = self.shared.as_ref()?.registry.of_span(span)?;
        Some(scope_of(self, Some(&found)))
    }

    /// Gives the scope of the one run of a tool under way that is this very operation, as seen from further out.
    ///
    /// It is for instrumentation that is called in a task of its own, where the caller's scope is not known, such as
    /// that of a request of MCP. What is the same is decided as in [`start`](Self::start). `None` where there is
    /// none, where it has what is recorded further in already, or where more than one may be meant, be their places
    /// free or not. Among more than 1,024 runs of tools nothing is searched.
    #[must_use]
    pub fn scope_of_same(&self, outline: &Outline) -> Option<Scope> {
        let tools = self.shared.as_ref()?.registry.tools();
        let mut same = tools.iter().filter(|cell| cell.is_same(outline));
        let only = same.next().filter(|_| same.next().is_none())?;
        only.is_open_to(outline).then(|| scope_of(self, Some(only)))
    }
}
