//! The worker's side of an exchange.

use genspan::{Diagnostic, ErrorType, Failure, Open, Outcome, Timestamp};
use genspan_wire::{Decoded, End, Exchange};
use http::HeaderMap;

use super::{
    Event,
    head::{self, Head},
};
use crate::{
    attempts::{Attempt, Attempts, Call, Digest, Key},
    encoding::BodyDecoder,
};

/// Decodes one exchange as its events come, and ends its span.
#[derive(Debug)]
pub(super) struct Decoding {
    /// `None` once the exchange has ended.
    under_way: Option<UnderWay>,
}

#[derive(Debug)]
struct UnderWay {
    exchange: Exchange,
    call: Call,
    key: Key,
    /// `None` once a part of the request was passed over: what was not seen cannot be compared.
    digest: Option<Digest>,
    request: BodyDecoder,
    response: BodyDecoder,
    head: Option<Head>,
    diagnostics: Vec<Diagnostic>,
}

impl Decoding {
    pub(super) fn new(exchange: Exchange, open: Open, key: Key, headers: &HeaderMap) -> Self {
        let under_way = UnderWay {
            exchange,
            call: Call::new(open),
            key,
            digest: Some(Digest::default()),
            request: BodyDecoder::new(&head::encodings(headers)),
            response: BodyDecoder::default(),
            head: None,
            diagnostics: Vec::new(),
        };
        Self {
            under_way: Some(under_way),
        }
    }

    pub(super) fn apply(&mut self, event: Event, attempts: &Attempts) {
        if let Event::End(end, at) = event {
            if let Some(under_way) = self.under_way.take() {
                under_way.finish(end, at, attempts);
            }
        } else if let Some(under_way) = &mut self.under_way {
            under_way.apply(event, attempts);
        }
    }
}

impl UnderWay {
    fn apply(&mut self, event: Event, attempts: &Attempts) {
        match event {
            Event::Request(bytes) => {
                if let Some(digest) = &mut self.digest {
                    digest.update(&bytes);
                }
                let exchange = &mut self.exchange;
                if let Err(oddity) = self
                    .request
                    .push(&bytes, &mut |plain| exchange.request(plain))
                {
                    self.exchange.request_skipped();
                    self.note(oddity);
                }
            }
            Event::RequestSkipped => {
                self.digest = None;
                self.request.skip();
                self.exchange.request_skipped();
                self.note(Diagnostic::BytesSkipped);
            }
            Event::RequestEnd => {
                self.exchange.request_end();
                self.join(attempts);
            }
            Event::Head(head) => {
                self.exchange
                    .response_head(head.status, head.content_type());
                self.response = BodyDecoder::new(&head.encodings);
                self.head = Some(*head);
            }
            Event::Response(bytes, at) => {
                let exchange = &mut self.exchange;
                if let Err(oddity) = self
                    .response
                    .push(&bytes, &mut |plain| exchange.response(plain, at))
                {
                    self.exchange.response_skipped();
                    self.note(oddity);
                }
            }
            Event::ResponseSkipped => {
                self.response.skip();
                self.exchange.response_skipped();
                self.note(Diagnostic::BytesSkipped);
            }
            // The owner takes it, since it consumes the exchange.
            Event::End(..) => {}
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
            ..
        } = self.exchange.finish(end);
        let diagnostics = &mut record.common_mut().diagnostics;
        for oddity in self.diagnostics {
            if !diagnostics.contains(&oddity) {
                diagnostics.push(oddity);
            }
        }
        let outcome = match (outcome, status) {
            // The status has decided, whether or not the client read the error's text.
            (Outcome::Cancelled, Some(status @ 400..)) => Outcome::Failed(
                Failure::new(ErrorType::from_http_status(status)).with_status(status),
            ),
            (outcome, _) => outcome,
        };
        let is_retryable = is_retryable && outcome != Outcome::Completed;
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
