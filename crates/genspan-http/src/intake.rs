//! The way of an exchange's bytes to the telemetry's worker.
//!
//! A chunk costs its caller a reference, or a copy where small ones are to be copied, the time and one short lock:
//! it goes into the exchange's own queue. When some have gathered, and at the end of either body, the exchange is handed to the worker if
//! it is not there already; the chunks' times were taken before, so nothing is lost by waiting, and
//! few chunks pay for waking a thread. The worker decodes each exchange in order and on one thread, and
//! decoding never happens where the traffic runs.
//!
//! What waits is bounded, for the exchange and for all of them together. Bytes beyond the bounds are
//! passed over; the decoder is told in their place, in order. Heads and ends weigh nothing and always
//! get in; an end that finds the worker's queue full is made up for as soon as the worker has time.

mod chunks;
mod decoding;
mod head;

use std::{
    collections::VecDeque,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;
use chunks::Chunks;
use decoding::{Announced, Decoding};
use genspan::{Open, SpanContext, Timestamp};
use genspan_wire::{End, Endpoint};
use http::request::Parts;

pub(crate) use self::head::Head;
use crate::{attempts::Key, recorder::Shared, unread::Place};

/// Holds one thing that happened in an exchange.
pub(crate) enum Event {
    Request(Bytes),
    RequestSkipped,
    RequestEnd,
    Head(Box<Head>),
    Response(Bytes, Timestamp),
    /// Small ones in a row.
    Responses(Chunks),
    ResponseSkipped,
    End(End, Timestamp),
}

impl Event {
    /// What a chunk weighs beside its bytes.
    const OVERHEAD: usize = 64;

    const fn weight(&self) -> usize {
        self.chunks() * Self::OVERHEAD + self.bytes()
    }

    const fn bytes(&self) -> usize {
        match self {
            Self::Request(bytes) | Self::Response(bytes, _) => bytes.len(),
            Self::Responses(chunks) => chunks.len(),
            _ => 0,
        }
    }

    /// Counts the chunks of bodies in it.
    const fn chunks(&self) -> usize {
        match self {
            Self::Request(_) | Self::Response(..) => 1,
            Self::Responses(chunks) => chunks.count(),
            _ => 0,
        }
    }

    /// Gives what stands for this event where its bytes have no room.
    fn skipped(self) -> Self {
        match self {
            Self::Request(_) => Self::RequestSkipped,
            Self::Response(..) | Self::Responses(_) => Self::ResponseSkipped,
            other => other,
        }
    }

    const fn is_skip_like(&self, other: &Self) -> bool {
        matches!(
            (self, other),
            (Self::RequestSkipped, Self::RequestSkipped)
                | (Self::ResponseSkipped, Self::ResponseSkipped)
        )
    }
}

/// Feeds one exchange; its clones feed the same one.
#[derive(Clone)]
pub(crate) struct Feed(Arc<Intake>);

/// Holds one exchange: what waits for it, and how far it is decoded.
pub(crate) struct Intake {
    shared: Arc<Shared>,
    /// The operation further out that waits for what this exchange says.
    contributes_to: Option<Place>,
    /// Locked for moments only, by everyone.
    queue: Mutex<Queue>,
    /// Locked for as long as decoding takes, by whoever works.
    decoding: Mutex<Decoding>,
}

#[derive(Default)]
struct Queue {
    events: VecDeque<Event>,
    /// What waits, of both bodies.
    bytes: usize,
    /// What of it is the request's: a large question must not cost the answer.
    request_bytes: usize,
    /// How many chunks wait.
    chunks: usize,
    is_scheduled: bool,
    is_ended: bool,
}

impl Feed {
    pub(crate) fn new(
        shared: Arc<Shared>,
        endpoint: Endpoint,
        open: Open,
        key: Key,
        request: &Parts,
    ) -> Self {
        let place = |context: &SpanContext| (context.trace_id, context.span_id);
        let contributes_to = open.is_contribution().then(|| place(open.context()));
        let begun = (!open.is_contribution()).then(|| shared.attempts.begin(&key));
        let decoding = Decoding::new(Announced {
            endpoint,
            begun,
            open,
            key,
            encodings: head::encodings(&request.headers),
            estimates_usage: shared.estimates_usage(),
            agents: shared.agents(request),
        });
        Self(Arc::new(Intake {
            shared,
            contributes_to,
            queue: Mutex::new(Queue {
                events: VecDeque::with_capacity(8),
                ..Queue::default()
            }),
            decoding: Mutex::new(decoding),
        }))
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.0.shared.telemetry.now()
    }

    /// Notes what happened; after the end nothing is noted.
    pub(crate) fn push(&self, event: Event) {
        let weight = event.weight();
        let may_be_over = match &event {
            Event::End(..) => true,
            Event::Head(head) => head.is_refusal(),
            _ => false,
        };
        let waiting = self.0.enqueue(event, weight);
        if let (true, Some(place)) = (may_be_over, self.0.contributes_to) {
            self.0.shared.unread.add(place, &self.0);
        }
        if let Some(waiting) = waiting {
            Intake::schedule(&self.0, waiting);
        }
    }
}

impl Intake {
    /// Bounds the bytes of one body that wait to be decoded.
    const MAX_WAITING: usize = 8 * 1024 * 1024;

    /// Chunks that may gather before they are decoded: few, since each may keep a whole buffer in memory.
    const BATCH: usize = 16;
    /// Bytes that may gather before they are decoded.
    const BATCH_BYTES: usize = 16 * 1024;

    /// Puts an event into the queue; gives how much waits where the worker is to be called.
    fn enqueue(&self, event: Event, weight: usize) -> Option<usize> {
        let mut queue = lock(&self.queue);
        if queue.is_ended {
            return None;
        }
        queue.is_ended = matches!(event, Event::End(..));
        // With the request's end it is known whether it is a retry, and its body can be let go.
        let is_due = queue.is_ended || matches!(event, Event::RequestEnd);
        // A body that comes in one piece is let in whole: it is in memory anyhow.
        let waiting = match event {
            Event::Request(_) => queue.request_bytes,
            _ => queue.bytes - queue.request_bytes,
        };
        let fits = waiting == 0 || waiting + weight <= Self::MAX_WAITING;
        if weight == 0 {
            queue.events.push_back(event);
        } else if fits && self.shared.take_room(weight) {
            queue.bytes += weight;
            queue.request_bytes += if matches!(event, Event::Request(_)) {
                weight
            } else {
                0
            };
            queue.chunks += 1;
            if self.shared.copies_small_chunks() {
                queue.push_chunk(event);
            } else {
                queue.events.push_back(event);
            }
        } else {
            self.shared.count_skipped(weight - Event::OVERHEAD);
            queue.push_skip(event.skipped());
        }
        let is_due = is_due || queue.chunks >= Self::BATCH || queue.bytes >= Self::BATCH_BYTES;
        let is_called = is_due && !std::mem::replace(&mut queue.is_scheduled, true);
        is_called.then_some(queue.bytes)
    }

    /// Tells whether both bodies have ended, decoded or not.
    pub(crate) fn is_ended(&self) -> bool {
        lock(&self.queue).is_ended
    }

    /// Ends an exchange that nobody wants any more; one that has ended stays as it is.
    pub(crate) fn give_up(&self, now: impl FnOnce() -> Timestamp) {
        if !self.is_ended() {
            // Whoever calls this decodes it.
            let _ = self.enqueue(Event::End(End::Cancelled, now()), 0);
        }
    }

    fn schedule(this: &Arc<Self>, weight: usize) {
        let intake = Arc::clone(this);
        let work = move || {
            intake.decode();
            intake.shared.catch_up();
        };
        if this.shared.telemetry.submit(weight, work).is_err() {
            let is_ended = {
                let mut queue = lock(&this.queue);
                // An ended exchange stays scheduled: whoever makes up for it takes it from there.
                queue.is_scheduled = queue.is_ended;
                let shed = queue.shed();
                this.shared.give_room(shed.weight);
                this.shared.count_skipped(shed.bytes);
                queue.is_ended
            };
            if is_ended {
                this.shared.postpone(Arc::clone(this));
            }
        }
    }

    /// Decodes what waits, until nothing does.
    pub(crate) fn decode(&self) {
        let mut decoding = lock(&self.decoding);
        loop {
            let (events, bytes) = {
                let mut queue = lock(&self.queue);
                if queue.events.is_empty() {
                    queue.is_scheduled = false;
                    return;
                }
                queue.request_bytes = 0;
                queue.chunks = 0;
                (
                    std::mem::take(&mut queue.events),
                    std::mem::take(&mut queue.bytes),
                )
            };
            // Before the work, so that not even a panic in it keeps the room.
            self.shared.give_room(bytes);
            for event in events {
                decoding.apply(event, &self.shared.attempts);
            }
        }
    }
}

impl Drop for Intake {
    fn drop(&mut self) {
        let waiting = lock(&self.queue).bytes;
        self.shared.give_room(waiting);
    }
}

/// Counts what was passed over.
#[derive(Debug, Default)]
struct Shed {
    weight: usize,
    bytes: usize,
}

impl Queue {
    /// Keeps a chunk; small ones of the response are gathered.
    fn push_chunk(&mut self, event: Event) {
        match (event, self.events.back_mut()) {
            (Event::Response(chunk, at), Some(Event::Responses(chunks)))
                if chunk.len() <= Chunks::SMALL && chunks.has_room_for(&chunk) =>
            {
                chunks.push(&chunk, at);
            }
            (Event::Response(chunk, at), _) if chunk.len() <= Chunks::SMALL => {
                let chunks = Chunks::of(&chunk, at);
                self.events.push_back(Event::Responses(chunks));
            }
            (event, _) => self.events.push_back(event),
        }
    }

    /// Notes bytes that were passed over; a row of them needs saying once.
    fn push_skip(&mut self, skip: Event) {
        if !self
            .events
            .back()
            .is_some_and(|last| last.is_skip_like(&skip))
        {
            self.events.push_back(skip);
        }
    }

    /// Passes over all bytes that wait, and keeps the rest.
    fn shed(&mut self) -> Shed {
        self.request_bytes = 0;
        self.chunks = 0;
        let mut shed = Shed {
            weight: std::mem::take(&mut self.bytes),
            bytes: 0,
        };
        for event in std::mem::take(&mut self.events) {
            match event.weight() {
                0 => self.events.push_back(event),
                _ => {
                    shed.bytes += event.bytes();
                    self.push_skip(event.skipped());
                }
            }
        }
        shed
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panic in a sink or hook leaves the exchange usable: its next event finds it as it was.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for Feed {
    /// Tells how much waits, and never what.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Feed")
            .field("waiting_bytes", &lock(&self.0.queue).bytes)
            .finish_non_exhaustive()
    }
}
