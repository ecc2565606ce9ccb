//! Joins the attempts of one logical call into one span.
//!
//! A client library that repeats a failed call makes several exchanges of it. An exchange that failed in
//! a way that clients repeat is therefore *held*: decoded, its span open, for a bounded time. The next
//! exchange that is recognised as its retry takes the span over, and its own span, opened when it
//! began, is forgotten. So the span begins with the first attempt, ends with the last, whose outcome is
//! the call's, and has one event for each attempt that failed. Where no retry comes the held attempt is
//! recorded as it was, with its own end; and so it is, at once, where the agent whose own call it is has ended.
//!
//! # What makes a retry
//!
//! | the later exchange | joins an attempt that |
//! |---|---|
//! | has an `idempotency-key` or `x-client-request-id` | asked the same host and path under the same id |
//! | has `x-stainless-retry-count` above 0 | was the same request of the same client, with a lower count |
//! | has `x-stainless-retry-count: 0` | – (it begins a call) |
//! | has neither | was the same request of the same client, without a count, and had failed before this one began |
//!
//! Counts of Claude Code, which begin anew with each attempt, are none; neither is an id that names the whole conversation as well.
//!
//! The same request means: equal method, host, path and body bytes, in one trace where there is one. The body is known on the worker, when
//! it is through, so that is when an exchange joins; where the earlier attempt had not ended by then, it
//! joins at its own end.
//!
//! # What is not joined here
//!
//! An exchange that contributes to an operation further out ([`genspan::Open::is_contribution`]) ends at
//! once: that operation gathers its attempts. With a sink that cannot forget a span
//! ([`genspan::Sink::can_discard`]) each attempt is a span of its own.

mod call;
mod digest;
mod held;
mod key;
mod kin;

use std::{
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use genspan::Timestamp;
use held::{Held, Holding};
use kin::Kin;

pub use self::key::ClientId;
pub(crate) use self::{
    call::{Attempt, Call},
    digest::Digest,
    key::Key,
    kin::Begun,
};

/// Holds the failed attempts that wait for their retries.
#[derive(Debug)]
pub(crate) struct Attempts {
    holding: Mutex<Holding>,
    under_way: Kin,
    window: Duration,
    max_held: usize,
    /// When the first of them is to be given up, so that a look costs no lock.
    next_deadline: AtomicU64,
}

impl Attempts {
    /// Bounds the content of held records, in bytes.
    const MAX_WEIGHT: usize = 16 * 1024 * 1024;
    /// What a client is given beyond the time that the provider asked it to wait.
    const SLACK: Duration = Duration::from_secs(10);
    /// Bounds the time that the provider may ask for.
    const MAX_RETRY_AFTER: Duration = Duration::from_secs(300);

    pub(crate) fn new(window: Duration, max_held: usize) -> Self {
        Self {
            holding: Mutex::new(Holding::new()),
            under_way: Kin::default(),
            window,
            max_held,
            next_deadline: AtomicU64::new(u64::MAX),
        }
    }

    /// Notes that an exchange has begun, which may be a retry of one that is held or will be; it is over for this once what
    /// comes back is dropped.
    pub(crate) fn begin(&self, key: &Key) -> Begun {
        self.under_way.begin(key)
    }

    /// Lets a call take over the held attempt that it repeats, if there is one.
    pub(crate) fn join(&self, call: &mut Call, key: &Key, digest: Option<u64>) {
        if call.has_joined() || !call.can_join() {
            return;
        }
        let found = {
            let mut holding = self.lock();
            let found = holding.claim(key, digest, call.started());
            self.note_deadline(&holding);
            found
        };
        if let Some(Held {
            call: earlier,
            attempt,
            ..
        }) = found
        {
            call.take_over(earlier, &attempt);
        }
    }

    /// Keeps a failed attempt until its retry comes or its time is over; one that cannot be joined is
    /// recorded at once.
    pub(crate) fn hold(
        &self,
        call: Call,
        attempt: Attempt,
        key: Key,
        digest: Option<u64>,
        retry_after: Option<Duration>,
    ) {
        if !call.can_join() {
            call.close(attempt);
            return;
        }
        let asked = retry_after
            .map(|asked| asked.min(Self::MAX_RETRY_AFTER) + Self::SLACK)
            .unwrap_or_default();
        let deadline = attempt.at.plus(self.window.max(asked));
        let held = Held {
            weight: attempt.record.weight(),
            call,
            attempt,
            key,
            digest,
            deadline,
        };
        let outdone = {
            let mut holding = self.lock();
            holding.push(held);
            // An agent that ends from here on lets it go itself.
            let ended = holding.take_ended(&self.under_way);
            if !ended.is_empty() {
                self.note_deadline(&holding);
                drop(holding);
                return close(ended);
            }
            let outdone = holding.shrink(self.max_held, Self::MAX_WEIGHT);
            self.note_deadline(&holding);
            outdone
        };
        close(outdone);
    }

    /// Tells whether there is something to [`expire`](Self::expire).
    ///
    /// The time is asked for only where something is held at all.
    pub(crate) fn is_due(&self, now: impl FnOnce() -> Timestamp) -> bool {
        let deadline = self.next_deadline.load(Ordering::Relaxed);
        deadline != u64::MAX && deadline <= now().unix_nanos()
    }

    /// Records the attempts whose time is over.
    pub(crate) fn expire(&self, now: Timestamp) {
        let expired = {
            let mut holding = self.lock();
            let expired = holding.expire(now);
            self.note_deadline(&holding);
            expired
        };
        close(expired);
    }

    /// Records the attempts that nobody will repeat: the agents whose own they are have ended, and nothing is under way that
    /// may be a retry.
    pub(crate) fn let_go(&self) {
        if self.next_deadline.load(Ordering::Relaxed) == u64::MAX {
            return;
        }
        let ended = {
            let mut holding = self.lock();
            let ended = holding.take_ended(&self.under_way);
            self.note_deadline(&holding);
            ended
        };
        close(ended);
    }

    /// Records all attempts that wait.
    pub(crate) fn close_all(&self) {
        let all = {
            let mut holding = self.lock();
            let all = holding.take_all();
            self.note_deadline(&holding);
            all
        };
        close(all);
    }

    fn note_deadline(&self, holding: &Holding) {
        let next = holding
            .next_deadline()
            .map_or(u64::MAX, Timestamp::unix_nanos);
        self.next_deadline.store(next, Ordering::Relaxed);
    }

    fn lock(&self) -> MutexGuard<'_, Holding> {
        // Nothing that can panic runs under the lock.
        self.holding.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Closes outside the lock, since a sink's code runs.
fn close(held: Vec<Held>) {
    for Held { call, attempt, .. } in held {
        call.close(attempt);
    }
}
