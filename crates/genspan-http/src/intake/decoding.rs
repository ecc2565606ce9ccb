//! The worker's side of an exchange.

use bytes::Bytes;
use genspan::{Diagnostic, Failure, Open, Outcome, Timestamp};
use genspan_infer::{Agents, Caller};
use genspan_wire::{Decoded, End, Endpoint, Exchange};
use http::HeaderValue;

use super::{Event, head::Head};
use crate::{
    attempts::{Attempt, Attempts, Begun, Call, Digest, Key},
    encoding::BodyDecoder,
};

/// Decodes one exchange as its events come, and ends its span.
#[derive(Debug)]
pub(super) struct Decoding {
    /// `None` once there was something to decode.
    announced: Option<Announced>,
    /// `None` before that, and once the exchange has ended.
    under_way: Option<Box<UnderWay>>,
}

/// Holds what an exchange begins with; what decodes it is made on the worker.
#[derive(Debug)]
pub(super) struct Announced {
    pub(super) endpoint: Endpoint,
    pub(super) open: Open,
    pub(super) key: Key,
    /// Says that this may be a retry; `None` where it can be none.
    pub(super) begun: Option<Begun>,
    pub(super) encodings: Vec<HeaderValue>,
    pub(super) estimates_usage: bool,
    pub(super) agents: Option<(Agents, Caller)>,
}

#[derive(Debug)]
struct UnderWay {
    exchange: Exchange,
    call: Call,
    key: Key,
    begun: Option<Begun>,
    /// `None` once a part of the request was passed over: what was not seen cannot be compared.
    digest: Option<Digest>,
    request: BodyDecoder,
    response: BodyDecoder,
    /// The first piece of the request, until it is known whether it is all: then it is read without a copy.
    held_request: Option<Bytes>,
    has_request: bool,
    /// The latest piece of the response, for the same reason.
    held_response: Option<(Bytes, Timestamp)>,
    head: Option<Head>,
    diagnostics: Vec<Diagnostic>,
}

impl Decoding {
    pub(super) const fn new(announced: Announced) -> Self {
        Self {
            announced: Some(announced),
            under_way: None,
        }
    }

    pub(super) fn apply(&mut self, event: Event, attempts: &Attempts) {
        if let Some(announced) = self.announced.take() {
            self.under_way = Some(Box::new(UnderWay::begin(announced)));
        }
        if let Event::End(end, at) = event {
            if let Some(under_way) = self.under_way.take() {
                under_way.finish(end, at, attempts);
                // It may have been what kept others from being let go.
                attempts.let_go();
            }
        } else if let Some(under_way) = &mut self.under_way {
            under_way.apply(event, attempts);
        }
    }
}

impl UnderWay {
    fn begin(announced: Announced) -> Self {
        let Announced {
            endpoint,
            open,
            key,
            begun,
            encodings,
            estimates_usage,
            agents,
        } = announced;
        let (call, exchange) = Call::begin(open, agents, Exchange::at(endpoint), estimates_usage);
        Self {
            exchange,
            call,
            key,
            begun,
            digest: Some(Digest::default()),
            request: BodyDecoder::new(&encodings),
            response: BodyDecoder::default(),
            held_request: None,
            has_request: false,
            held_response: None,
            head: None,
            diagnostics: Vec::new(),
        }
    }

    fn apply(&mut self, event: Event, attempts: &Attempts) {
        match event {
            Event::Request(bytes) => {
                if let Some(digest) = &mut self.digest {
                    digest.update(&bytes);
                }
                let may_be_all = !self.has_request && self.request.is_plain();
                self.has_request = true;
                if may_be_all {
                    self.held_request = Some(bytes);
                } else {
                    self.read_held_request();
                    self.read_request(&bytes);
                }
            }
            Event::RequestSkipped => {
                self.digest = None;
                self.read_held_request();
                self.has_request = true;
                self.request.skip();
                self.exchange.request_skipped();
                self.note(Diagnostic::BytesSkipped);
            }
            Event::RequestEnd => {
                match self.held_request.take() {
                    Some(all) => self.exchange.request_all(&all),
                    None => self.exchange.request_end(),
                }
                self.join(attempts);
            }
            Event::Head(head) => {
                self.exchange
                    .response_head(head.status, head.content_type());
                for (name, value) in head.counts() {
                    self.exchange.response_header(name, value);
                }
                self.response = BodyDecoder::new(&head.encodings);
                self.head = Some(*head);
            }
            Event::Response(bytes, at) => self.take_response(bytes, at),
            Event::Responses(chunks) => {
                for (bytes, at) in chunks.into_pieces() {
                    self.take_response(bytes, at);
                }
            }
            Event::ResponseSkipped => {
                self.read_held_response();
                self.response.skip();
                self.exchange.response_skipped();
                self.note(Diagnostic::BytesSkipped);
            }
            // The owner takes it, since it consumes the exchange.
            Event::End(..) => {}
        }
    }

    fn read_held_request(&mut self) {
        if let Some(bytes) = self.held_request.take() {
            self.read_request(&bytes);
        }
    }

    fn read_request(&mut self, bytes: &[u8]) {
        let exchange = &mut self.exchange;
        let read = self
            .request
            .push(bytes, &mut |plain| exchange.request(plain));
        if let Err(oddity) = read {
            self.exchange.request_skipped();
            self.note(oddity);
        }
    }

    fn take_response(&mut self, bytes: Bytes, at: Timestamp) {
        self.read_held_response();
        if self.response.is_plain() {
            self.held_response = Some((bytes, at));
        } else {
            self.read_response(&bytes, at);
        }
    }

    fn read_held_response(&mut self) {
        if let Some((bytes, at)) = self.held_response.take() {
            self.read_response(&bytes, at);
        }
    }

    fn read_response(&mut self, bytes: &[u8], at: Timestamp) {
        let exchange = &mut self.exchange;
        let read = self
            .response
            .push(bytes, &mut |plain| exchange.response(plain, at));
        if let Err(oddity) = read {
            self.exchange.response_skipped();
            self.note(oddity);
        }
    }

    /// Takes over the call of which this exchange is a further attempt, if there is one.
    fn join(&mut self, attempts: &Attempts) {
        attempts.join(
            &mut self.call,
            &self.key,
            self.digest.as_ref().map(Digest::value),
        );
    }

    fn finish(mut self, end: End, at: Timestamp, attempts: &Attempts) {
        // The earlier attempt may have ended only after this one's request: its client need not have
        // read it to the end.
        self.join(attempts);
        drop(self.begun.take());
        self.read_held_request();
        if let Some((bytes, at)) = self.held_response.take() {
            self.exchange.response_all(&bytes, at);
        }
        if end == End::Complete
            && let Err(oddity) = self.response.finish()
        {
            self.note(oddity);
        }
        let is_retryable = self.is_retryable(end);
        let status = self.head.as_ref().map(|head| head.status);
        let Decoded {
            mut record,
            outcome,
            asks_no_model,
            ..
        } = self.exchange.finish(end);
        if asks_no_model && self.call.can_discard() {
            return self.call.discard();
        }
        let diagnostics = &mut record.common_mut().diagnostics;
        for oddity in self.diagnostics {
            if !diagnostics.contains(&oddity) {
                diagnostics.push(oddity);
            }
        }
        let outcome = match (outcome, status) {
            // The status has decided, whether or not the client read the error's text.
            (Outcome::Cancelled, Some(status @ 400..)) => {
                Outcome::Failed(Failure::of_status(status))
            }
            (outcome, _) => outcome,
        };
        let is_retryable = is_retryable && outcome != Outcome::Completed && !self.call.is_told();
        let attempt = Attempt {
            record,
            outcome,
            at,
            status,
        };
        if is_retryable {
            let retry_after = self.head.as_ref().and_then(Head::retry_after);
            attempts.hold(
                self.call,
                attempt,
                self.key,
                self.digest.as_ref().map(Digest::value),
                retry_after,
            );
        } else {
            self.call.close(attempt);
        }
    }

    fn is_retryable(&self, end: End) -> bool {
        match &self.head {
            Some(head) => head.is_retryable(),
            None => match end {
                End::Unreachable | End::LostBeforeHeaders | End::Timeout => true,
                // A client that numbers its attempts gives one up when its own time-out passes.
                End::Cancelled => self.key.is_numbered(),
                End::Complete | End::Broken => false,
            },
        }
    }

    fn note(&mut self, oddity: Diagnostic) {
        if !self.diagnostics.contains(&oddity) {
            self.diagnostics.push(oddity);
        }
    }
}
