//! What serves an agent's dispatches, within the spans of what is dispatched.

use std::{
    future::ready,
    sync::{Arc, Mutex, Weak},
};

use futures_util::{Stream, StreamExt, stream::once};
use genspan::{ErrorType, Outcome};
use rig_core::{
    effect::{EffectId, EffectKind, HandlerDescriptor, Outcome as Answer, family},
    error::ErrorReport,
    serve::{Dispatch, ErasedHandler, Reply, Serve},
    streaming::{Relayed, StreamEvents},
};

use crate::{
    facts,
    run::{Run, Shared, lock},
};

/// Hands dispatches on to the handler that serves them, each within the span that its hook began.
pub(crate) struct Served {
    inner: ErasedHandler,
    shared: Arc<Shared>,
}

impl Shared {
    /// Has what a handler serves happen within its span.
    pub(crate) fn serve(self: &Arc<Self>, inner: ErasedHandler) -> Served {
        let shared = Arc::clone(self);
        Served { inner, shared }
    }
}

impl Serve for Served {
    type Family = family::Dynamic;

    fn descriptor(&self) -> HandlerDescriptor {
        self.inner.descriptor()
    }

    async fn serve(&self, kind: EffectKind, dispatch: Dispatch) -> Reply {
        let id = dispatch.id();
        let run = lock(&self.shared.dispatches).remove(&id);
        let serving = Serving(run.unwrap_or_default(), id);
        let Some(scope) = serving.tell(|run| run.serve(id, &kind)).flatten() else {
            return self.inner.handle(kind, dispatch).await;
        };
        match scope.within(self.inner.handle(kind, dispatch)).await {
            Reply::Outcome(outcome) => {
                let response = match &outcome {
                    Ok(Answer::Completion(response)) => Some(response),
                    _ => None,
                };
                let ended = facts::ended(&outcome);
                serving.tell(|run| run.served(id, response, ended));
                Reply::Outcome(outcome)
            }
            Reply::Stream(reply) => Reply::Stream(Box::pin(scope.within(serving.watched(reply)))),
        }
    }
}

/// Tells a run of what becomes of a dispatch; dropped before its end, that it was cancelled.
struct Serving(Weak<Mutex<Run>>, EffectId);

impl Serving {
    fn tell<T>(&self, tell: impl FnOnce(&mut Run) -> T) -> Option<T> {
        let run = self.0.upgrade()?;
        let told = tell(&mut lock(&run));
        Some(told)
    }

    fn watched(self, reply: StreamEvents) -> impl Stream<Item = Result<Relayed, ErrorReport>> {
        let items = reply.map(Some).chain(once(ready(None)));
        items.filter_map(move |item| {
            self.tell(|run| match &item {
                Some(Ok(Relayed::Origin(_))) => {}
                Some(Ok(Relayed::Item(_))) => run.told.note_chunk(&self.1),
                Some(Ok(Relayed::Done(response))) => {
                    run.served(self.1, Some(response), Outcome::Completed);
                }
                Some(Err(report)) => {
                    run.served(self.1, None, Outcome::Failed(facts::failure(report)));
                }
                None => run.served(self.1, None, Outcome::Failed(ErrorType::Truncated.into())),
            });
            ready(item)
        })
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.tell(|run| run.served(self.1, None, Outcome::Cancelled));
    }
}
