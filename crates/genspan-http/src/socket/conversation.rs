//! The questions and answers of one WebSocket, on the worker.

use std::sync::Arc;

use genspan::{Outcome, Scope, StartOptions, Timestamp};
use genspan_wire::{Decoded, Exchange, SocketEndpoint};
use http::request::Parts;

use super::{Compression, Event, direction::Direction};
use crate::{
    End,
    attempts::{Attempt, Call},
    recorder::Shared,
    target,
};

/// Makes a span of each question with its answer.
pub(crate) struct Conversation {
    shared: Arc<Shared>,
    endpoint: SocketEndpoint,
    /// What asked for the connection: it says what all questions happen within.
    request: Box<Parts>,
    client: Direction,
    provider: Direction,
    under_way: Option<Box<UnderWay>>,
}

struct UnderWay {
    exchange: Exchange,
    call: Call,
}

impl Conversation {
    pub(crate) fn new(shared: Arc<Shared>, endpoint: SocketEndpoint, request: Parts) -> Self {
        Self {
            shared,
            endpoint,
            request: Box::new(request),
            client: Direction::default(),
            provider: Direction::default(),
            under_way: None,
        }
    }

    /// Tells how messages are compressed, before any came.
    pub(crate) fn compressed(mut self, compression: Compression) -> Self {
        if compression.is_agreed {
            self.client = Direction::deflated(compression.client_forgets);
            self.provider = Direction::deflated(compression.provider_forgets);
        }
        self
    }

    pub(super) fn apply(&mut self, event: Event) {
        match event {
            Event::FromClient(bytes, at) => {
                let mut client = std::mem::take(&mut self.client);
                client.push(&bytes, &mut |message| self.client_says(message, at));
                let is_lost = client.is_lost();
                self.client = client;
                if is_lost {
                    self.lose();
                }
            }
            Event::FromProvider(bytes, at) => {
                let mut provider = std::mem::take(&mut self.provider);
                provider.push(&bytes, &mut |message| self.provider_says(message, at));
                let is_lost = provider.is_lost();
                self.provider = provider;
                if is_lost {
                    self.lose();
                }
            }
            Event::Lost => self.lose(),
            Event::End(end, at) => self.end(end, at),
        }
    }

    fn client_says(&mut self, message: &[u8], at: Timestamp) {
        let Some(exchange) = self.endpoint.asked(message) else {
            return;
        };
        // One answer at a time: who asks anew has no use for the other.
        self.end(End::Cancelled, at);
        let entered = self.request.extensions.get::<Scope>().map(Scope::enter);
        let open = self.shared.telemetry.open(
            self.endpoint.outline(),
            StartOptions {
                parent: target::parent(&self.request, self.shared.trusts_trace_headers()),
                at: Some(at),
                awaited: self.shared.trusts_trace_headers(),
                ..StartOptions::default()
            },
        );
        drop(entered);
        let agents = self.shared.agents(&self.request);
        let estimates = self.shared.estimates_usage();
        let (call, mut exchange) = Call::begin(open, agents, exchange, estimates);
        exchange.request_all(message);
        self.under_way = Some(Box::new(UnderWay { exchange, call }));
    }

    fn provider_says(&mut self, message: &[u8], at: Timestamp) {
        let Some(under_way) = &mut self.under_way else {
            return;
        };
        under_way.exchange.response_message(message, at);
        if under_way.exchange.is_terminal() {
            self.end(End::Complete, at);
        }
    }

    /// Tells that nothing more will be seen of an answer.
    fn lose(&mut self) {
        if let Some(under_way) = &mut self.under_way {
            under_way.exchange.response_skipped();
        }
    }

    fn end(&mut self, end: End, at: Timestamp) {
        let Some(under_way) = self.under_way.take() else {
            return;
        };
        let UnderWay { exchange, call } = *under_way;
        let Decoded {
            record,
            outcome,
            asks_no_model,
            ..
        } = exchange.finish(end);
        if asks_no_model && outcome == Outcome::Completed && call.can_discard() {
            return call.discard();
        }
        call.close(Attempt {
            record,
            outcome,
            at,
            status: None,
        });
    }
}
