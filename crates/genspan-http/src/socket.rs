//! WebSockets at which models are asked: one span for each question and its answer.
//!
//! The traffic's side copies bytes with their times into a bounded queue; messages are found, decompressed and decoded on the telemetry's
//! worker. Where the queue has no room the connection is given up: after a gap nothing can be told of compressed frames.

mod conversation;
mod direction;

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;
use genspan::Timestamp;
use http::{HeaderMap, header, request::Parts};

pub(crate) use self::conversation::Conversation;
use crate::{End, recorder::Shared};

/// What happened on the connection.
#[derive(Debug)]
enum Event {
    FromClient(Bytes, Timestamp),
    FromProvider(Bytes, Timestamp),
    /// Bytes were passed over.
    Lost,
    End(End, Timestamp),
}

/// Feeds what is read of one WebSocket; its drop is the connection's end.
pub(crate) struct Socket {
    intake: Arc<Intake>,
    /// How the connection ends, from what is known by now.
    end: End,
    has_end: bool,
}

struct Intake {
    shared: Arc<Shared>,
    queue: Mutex<Queue>,
    /// Locked for as long as decoding takes, by the worker.
    conversation: Mutex<Conversation>,
}

#[derive(Default)]
struct Queue {
    events: VecDeque<Event>,
    bytes: usize,
    is_scheduled: bool,
    /// Nothing more is taken.
    is_lost: bool,
}

impl Intake {
    /// What a chunk weighs beside its bytes.
    const OVERHEAD: usize = 64;
    /// Bounds what waits to be decoded.
    const MAX_WAITING: usize = 8 * 1024 * 1024;
}

impl Socket {
    pub(crate) fn new(shared: Arc<Shared>, conversation: Conversation) -> Self {
        let intake = Intake {
            shared,
            queue: Mutex::default(),
            conversation: Mutex::new(conversation),
        };
        Self {
            intake: Arc::new(intake),
            end: End::Broken,
            has_end: false,
        }
    }

    /// Tells that a side closed the connection; the first one ended it.
    pub(crate) fn closed(&mut self, end: End) {
        if !std::mem::replace(&mut self.has_end, true) {
            self.end = end;
        }
    }

    /// Takes bytes that the client sent.
    pub(crate) fn client_sent(&self, bytes: &[u8]) {
        let at = self.intake.shared.telemetry.now();
        self.push(bytes.len(), || {
            Event::FromClient(Bytes::copy_from_slice(bytes), at)
        });
    }

    /// Takes bytes that the provider sent.
    pub(crate) fn provider_sent(&self, bytes: &[u8]) {
        let at = self.intake.shared.telemetry.now();
        self.push(bytes.len(), || {
            Event::FromProvider(Bytes::copy_from_slice(bytes), at)
        });
    }

    fn push(&self, bytes: usize, event: impl FnOnce() -> Event) {
        let weight = bytes + Intake::OVERHEAD;
        let mut queue = self.intake.queue();
        if queue.is_lost {
            return;
        }
        let fits = queue.bytes == 0 || queue.bytes + weight <= Intake::MAX_WAITING;
        if fits && self.intake.shared.take_room(weight) {
            queue.bytes += weight;
            queue.events.push_back(event());
        } else {
            self.intake.shared.count_skipped(bytes);
            queue.is_lost = true;
            queue.events.push_back(Event::Lost);
        }
        drop(queue);
        self.schedule();
    }

    /// Calls the worker; one that has no time is called again with the next bytes, which then find all as it was left.
    fn schedule(&self) {
        let waiting = {
            let mut queue = self.intake.queue();
            if std::mem::replace(&mut queue.is_scheduled, true) {
                return;
            }
            queue.bytes
        };
        let intake = Arc::clone(&self.intake);
        let work = move || intake.decode();
        if self.intake.shared.telemetry.submit(waiting, work).is_err() {
            self.intake.queue().is_scheduled = false;
        }
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        let at = self.intake.shared.telemetry.now();
        self.intake
            .queue()
            .events
            .push_back(Event::End(self.end, at));
        self.schedule();
    }
}

impl Intake {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn decode(&self) {
        let mut conversation = self
            .conversation
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        loop {
            let (events, bytes) = {
                let mut queue = self.queue();
                if queue.events.is_empty() {
                    queue.is_scheduled = false;
                    return;
                }
                (
                    std::mem::take(&mut queue.events),
                    std::mem::take(&mut queue.bytes),
                )
            };
            self.shared.give_room(bytes);
            for event in events {
                conversation.apply(event);
            }
        }
    }
}

impl Drop for Intake {
    fn drop(&mut self) {
        let waiting = self.queue().bytes;
        self.shared.give_room(waiting);
    }
}

/// Says how the sides of a WebSocket compress their messages, as the answer to the request for it agrees.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Compression {
    is_agreed: bool,
    client_forgets: bool,
    provider_forgets: bool,
}

impl Compression {
    pub(crate) fn of(answer: &HeaderMap) -> Self {
        let mut compression = Self::default();
        let values = answer.get_all(header::SEC_WEBSOCKET_EXTENSIONS).iter();
        let agreed = values
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','));
        for extension in agreed {
            let mut words = extension.split(';').map(str::trim);
            if words.next() == Some("permessage-deflate") {
                compression.is_agreed = true;
                for word in words {
                    compression.client_forgets |= word == "client_no_context_takeover";
                    compression.provider_forgets |= word == "server_no_context_takeover";
                }
            }
        }
        compression
    }
}

/// Tells whether a request asks for a WebSocket.
pub(crate) fn is_asked_for(request: &Parts) -> bool {
    let upgrade = request.headers.get(header::UPGRADE);
    upgrade.is_some_and(|to| to.as_bytes().eq_ignore_ascii_case(b"websocket"))
}

impl std::fmt::Debug for Socket {
    /// Tells how much waits, and never what.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Socket")
            .field("waiting_bytes", &self.intake.queue().bytes)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn the_answer_says_what_was_agreed() {
        let of = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.append(
                header::SEC_WEBSOCKET_EXTENSIONS,
                HeaderValue::from_static(value),
            );
            let found = Compression::of(&headers);
            (
                found.is_agreed,
                found.client_forgets,
                found.provider_forgets,
            )
        };
        assert_eq!(of("x-other"), (false, false, false));
        assert_eq!(of("x, permessage-deflate"), (true, false, false));
        assert_eq!(
            of("permessage-deflate; server_no_context_takeover; client_max_window_bits=12"),
            (true, false, true)
        );
        assert_eq!(Compression::of(&HeaderMap::new()), Compression::default());
    }
}
