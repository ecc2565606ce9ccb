//! A call in a provider's shape, from its request to its end.

use genspan::{
    Active, Common, Content, Failure, Inference, Outcome, Record, Scope, Server, Telemetry,
};
use genspan_wire::{Decoded, End, Exchange};
use serde::Serialize;

use super::shape::json;

/// Ends a call exactly once, at the latest when it is dropped, with what was read until then.
#[derive(Debug)]
pub(super) struct Call {
    telemetry: Telemetry,
    is_stream: bool,
    /// `None` once it has ended.
    under_way: Option<(Active<Inference>, Exchange)>,
}

impl Call {
    /// Starts the call that a request, which has been read, asks for.
    pub(super) fn start(
        telemetry: &Telemetry,
        mut exchange: Exchange,
        server: Option<&Server>,
        is_stream: bool,
    ) -> Option<Self> {
        // What the request says is there when the span starts, for samplers to see.
        let Record::Inference(mut record) = exchange.clone().finish(End::Cancelled).record else {
            return None;
        };
        record.server = server.cloned();
        record.common = Common::default();
        record.content = Content::default();
        record.request.stream = is_stream;
        if is_stream {
            exchange.response_head(200, Some("text/event-stream"));
        } else {
            exchange.response_head(200, Some("application/json"));
        }
        Some(Self {
            telemetry: telemetry.clone(),
            is_stream,
            under_way: Some((telemetry.start(*record), exchange)),
        })
    }

    /// Gives the scope in which the client works.
    pub(super) fn scope(&self) -> Option<Scope> {
        self.under_way.as_ref().map(|(active, _)| active.scope())
    }

    /// Reads a whole answer, and ends with it.
    pub(super) fn answered<A: Serialize + ?Sized>(&mut self, answer: &A) {
        if let Some((_, exchange)) = &mut self.under_way {
            exchange.response_all(&json(answer), self.telemetry.now());
        }
        self.end(End::Complete, None);
    }

    /// Reads the next piece of an answer.
    pub(super) fn piece<T: Serialize + ?Sized>(&mut self, piece: &T) {
        if let Some((_, exchange)) = &mut self.under_way {
            let now = self.telemetry.now();
            for bytes in [b"data: ".as_slice(), &json(piece), b"\n\n"] {
                exchange.response(bytes, now);
            }
        }
    }

    /// Ends at the end of a stream.
    pub(super) fn complete(&mut self) {
        self.end(End::Complete, None);
    }

    /// Ends with the client's own error.
    pub(super) fn fail(&mut self, failure: Failure) {
        self.end(End::Broken, Some(failure));
    }

    fn end(&mut self, end: End, failure: Option<Failure>) {
        let Some((mut active, exchange)) = self.under_way.take() else {
            return;
        };
        let Decoded {
            record, outcome, ..
        } = exchange.finish(end);
        if let Record::Inference(mut read) = record {
            read.server.clone_from(&active.server);
            read.request.stream = self.is_stream;
            *active = *read;
        }
        active.end_as(failure.map_or(outcome, Outcome::Failed));
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        self.end(End::Cancelled, None);
    }
}
