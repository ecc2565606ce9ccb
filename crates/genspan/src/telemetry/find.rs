//! Finding an operation that is under way, for those who are called outside of its scope.

use std::sync::Arc;

use super::{Cell, Telemetry, open::scope_of};
use crate::{Outline, Scope, SpanContext};

impl Telemetry {
    /// Gives the scope of the operation under way here that has this span, such as one whose `traceparent` came back.
    ///
    /// `None` where it has ended, or another recorder or process began it: [`scope_under`](Self::scope_under) is for
    /// such.
    #[must_use]
    pub fn scope_of(&self, span: &SpanContext) -> Option<Scope> {
        self.found(|cell| cell.outer().is_none() && cell.has_span(span))
    }

    /// Gives the scope of the one operation under way that is this very one, as seen from further out.
    ///
    /// It is for instrumentation that is called in a task of its own, where the caller's scope is not known. What is
    /// the same is decided as in [`start`](Self::start). `None` where there is none, or more than one.
    #[must_use]
    pub fn scope_of_same(&self, outline: &Outline) -> Option<Scope> {
        self.found(|cell| cell.is_open_to(outline))
    }

    fn found(&self, is_it: impl Fn(&Cell) -> bool) -> Option<Scope> {
        let found: Arc<Cell> = self.shared.as_ref()?.registry.only(is_it)?;
        Some(scope_of(self, Some(&found)))
    }
}
