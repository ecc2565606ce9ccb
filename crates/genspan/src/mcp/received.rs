//! A message that is worked on.

use std::{future::poll_fn, pin::pin, task::Poll};

use super::{Channel, Message};
use crate::{Active, McpOperation, Scope};

/// Holds a request or notification that came, until the work on it ends.
///
/// Dropped before that, it has been cancelled. As long as it is here, what is sent on its behalf stands within it.
#[derive(Debug)]
#[must_use = "dropping it at once records a cancelled message"]
pub struct Received {
    active: Active<McpOperation>,
    scope: Scope,
    /// Is dropped after the operation has ended.
    _listed: Listed,
}

#[derive(Debug)]
struct Listed {
    channel: Channel,
    id: Option<String>,
    token: Option<String>,
}

impl Received {
    pub(super) fn new(
        channel: Channel,
        active: Active<McpOperation>,
        id: Option<String>,
        token: Option<String>,
    ) -> Self {
        let scope = active.scope();
        channel.begin(id.as_deref(), token.as_deref(), &scope);
        Self {
            active,
            scope,
            _listed: Listed { channel, id, token },
        }
    }

    /// Gives the scope in which it is worked on.
    #[must_use]
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    /// Tells whether its content reaches telemetry; where it does not, its answer need not be read with it.
    #[must_use]
    pub fn wants_content(&self) -> bool {
        self.active.wants_content()
    }

    /// Does the work in its scope, and ends it by the answer that `read` reads, which is told whether to read content.
    ///
    /// When `cancelled` is ready before the work is, it has ended there and then, whatever becomes of the work.
    pub async fn work<T>(
        self,
        work: impl Future<Output = T>,
        cancelled: impl Future<Output = ()>,
        read: impl FnOnce(&T, bool) -> Message,
    ) -> T {
        let mut work = pin!(self.scope.within(work));
        let mut cancelled = pin!(cancelled);
        let done = poll_fn(|context| {
            // Work that ends for being cancelled has been cancelled.
            if cancelled.as_mut().poll(context).is_ready() {
                return Poll::Ready(None);
            }
            work.as_mut().poll(context).map(Some)
        });
        let Some(result) = done.await else {
            drop(self);
            return work.await;
        };
        let answer = read(&result, self.wants_content());
        self.answer(&answer);
        result
    }

    /// Ends it by its answer.
    pub fn answer(mut self, answer: &Message) {
        answer.describe(&mut self.active.connection);
        let outcome = answer.outcome_of(&mut self.active);
        self.active.end_as(outcome);
    }
}

impl Drop for Listed {
    fn drop(&mut self) {
        self.channel.done(self.id.as_deref(), self.token.as_deref());
    }
}
