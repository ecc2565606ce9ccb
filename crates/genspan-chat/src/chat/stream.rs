//! A streamed answer, watched to its end.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll, ready},
};

use futures_core::Stream;
use genspan::{Active, FinishReason, Inference, Operation, Outcome, Telemetry};
use pin_project_lite::pin_project;

use super::service::note;
use crate::{
    ChatResponse, ChatStream, ChatUpdate, Classifier, Gathered,
    recording::{Answer, Within},
};

pin_project! {
    /// Passes the pieces of an answer on as they are and ends the call's span when the answer ends.
    #[must_use = "streams do nothing unless polled"]
    pub struct RecordedUpdates<S> {
        // Stands before the call, so that what runs within has ended when the call ends.
        #[pin]
        updates: Within<S>,
        call: Option<Call>,
        classifier: Classifier,
    }
}

/// Ends a call exactly once, at the latest when it is dropped, with what came until then.
struct Call {
    /// `None` once it has ended.
    active: Option<Active<Inference>>,
    gathered: Gathered,
    telemetry: Telemetry,
}

impl Call {
    fn new(mut active: Active<Inference>) -> Self {
        active.will_stream();
        let gathered = if active.wants_content() {
            Gathered::default()
        } else {
            Gathered::without_content()
        };
        Self {
            telemetry: active.scope().telemetry().clone(),
            active: Some(active),
            gathered,
        }
    }

    fn push(&mut self, update: &ChatUpdate) {
        if let Some(active) = &mut self.active {
            active.note_chunk(self.telemetry.now());
            self.gathered.push(update);
        }
    }

    /// Ends it; left by its caller it is complete if it said why it ended.
    fn end(&mut self, outcome: Outcome) {
        let Some(mut active) = self.active.take() else {
            return;
        };
        let gathered = std::mem::take(&mut self.gathered).into_response();
        let is_through = !gathered.details.finish_reasons.is_empty();
        let outcome = match outcome {
            Outcome::Cancelled if is_through => Outcome::Completed,
            outcome => outcome,
        };
        let ChatResponse {
            mut output,
            details,
            usage,
            ..
        } = gathered;
        if outcome != Outcome::Completed {
            for message in &mut output {
                message.finish_reason.get_or_insert(FinishReason::Error);
            }
        }
        let content = active.wants_content().then_some(output);
        note(&mut active, details, usage, content);
        active.end_as(outcome);
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        self.end(Outcome::Cancelled);
    }
}

impl<S> Answer<Inference> for ChatStream<S> {
    type Recorded = ChatStream<RecordedUpdates<S>>;

    fn recorded(
        self,
        active: Option<Active<Inference>>,
        classifier: &Classifier,
    ) -> Self::Recorded {
        let scope = active.as_ref().map(Active::scope);
        let span = active.as_ref().map(|active| active.context().clone());
        let span = span.or_else(|| self.span().cloned());
        let inner = self.into_inner();
        let updates = RecordedUpdates {
            updates: Within::begin(scope.as_ref(), || inner),
            call: active.map(Call::new),
            classifier: classifier.clone(),
        };
        ChatStream::with_span(updates, span)
    }
}

impl<S, E> Stream for RecordedUpdates<S>
where
    S: Stream<Item = Result<ChatUpdate, E>>,
    E: fmt::Display + 'static,
{
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<S::Item>> {
        let this = self.project();
        let item = ready!(this.updates.poll_next(cx));
        if let Some(call) = this.call {
            match &item {
                Some(Ok(update)) => call.push(update),
                Some(Err(error)) => call.end(Outcome::Failed(this.classifier.classify(error))),
                None => call.end(Outcome::Completed),
            }
        }
        Poll::Ready(item)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.updates.size_hint()
    }
}

impl<S> fmt::Debug for RecordedUpdates<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecordedUpdates")
            .field("is_recorded", &self.call.is_some())
            .finish_non_exhaustive()
    }
}
