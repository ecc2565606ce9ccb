//! What one request, and all of them together, may cost.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::refused::Refused;

/// Bounds what requests may cost; each bound has an answer that tells the sender what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The bytes of one request as sent; more is refused for good (413).
    pub request_bytes: usize,
    /// The bytes of one request after decompression; more is refused for good (413).
    pub message_bytes: usize,
    /// The bytes of all requests that are not stored yet, at most 4 GiB; more is asked to come later (429).
    pub in_flight_bytes: u32,
    /// The requests that the store works on at once.
    pub ingesting: usize,
    /// The questions that the store works on at once.
    pub reading: usize,
    /// The connections to one address; others wait to be accepted. A port on `127.0.0.1` that has a twin on `[::1]` takes as many
    /// on each.
    pub connections: usize,
    /// The pages that watch for what is new.
    pub watchers: usize,
    /// How long a request waits for the store before it is asked to come later (503).
    pub patience: Duration,
    /// How long a client may keep silent amid a request (408).
    pub silence: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            request_bytes: 20 << 20,
            message_bytes: 64 << 20,
            in_flight_bytes: 256 << 20,
            ingesting: 32,
            reading: 8,
            connections: 512,
            watchers: 64,
            patience: Duration::from_secs(5),
            silence: Duration::from_secs(20),
        }
    }
}

/// Counts the bytes of requests that are not stored yet.
#[derive(Clone, Debug)]
pub(crate) struct Budget {
    left: Arc<Semaphore>,
}

impl Budget {
    pub(crate) fn new(bytes: u32) -> Self {
        Self {
            left: Arc::new(Semaphore::new(bytes as usize)),
        }
    }

    /// Begins to count a request.
    pub(crate) fn open(&self) -> Reservation {
        Reservation {
            left: Arc::clone(&self.left),
            held: None,
        }
    }

    #[cfg(test)]
    pub(crate) fn left(&self) -> usize {
        self.left.available_permits()
    }
}

/// Holds the bytes of one request until it is dropped.
#[derive(Debug)]
pub(crate) struct Reservation {
    left: Arc<Semaphore>,
    held: Option<OwnedSemaphorePermit>,
}

impl Reservation {
    /// When to come again: what is under way is stored well within a second.
    const AFTER: Duration = Duration::from_secs(1);

    /// Counts more bytes; refuses where all requests together would be too many.
    pub(crate) fn grow(&mut self, bytes: usize) -> Result<(), Refused> {
        let more = u32::try_from(bytes)
            .ok()
            .and_then(|bytes| Arc::clone(&self.left).try_acquire_many_owned(bytes).ok())
            .ok_or_else(|| Refused::overloaded(Self::AFTER))?;
        match &mut self.held {
            Some(held) => held.merge(more),
            None => self.held = Some(more),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_request_held_is_free_again_when_it_ends() {
        let budget = Budget::new(10);
        let mut one = budget.open();
        one.grow(4).unwrap();
        one.grow(4).unwrap();
        let mut other = budget.open();
        let refused = other.grow(3).unwrap_err();
        assert_eq!(refused.status.as_u16(), 429);
        drop(one);
        other.grow(10).unwrap();
        assert_eq!(budget.left(), 0);
        drop(other);
        assert_eq!(budget.left(), 10);
    }
}
