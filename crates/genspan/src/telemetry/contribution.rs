//! What instrumentation further in knows of an operation.

use crate::{ErrorType, Failure, Outcome, Record, SpanEvent, Timestamp};

/// Holds what was contributed to one operation: its failed attempts, and its answer.
#[derive(Debug, Default)]
pub(crate) struct Contributions {
    /// The failed attempts before the last contribution, as far as they are kept.
    failed: Vec<(Failure, Timestamp)>,
    failed_count: u32,
    last: Option<Box<Said>>,
}

/// Holds one word on how an operation went.
#[derive(Debug)]
pub(crate) struct Said {
    pub(super) record: Record,
    pub(super) outcome: Outcome,
    pub(super) at: Timestamp,
    /// Whether it is second-hand.
    pub(super) is_told: bool,
}

impl Contributions {
    /// Bounds the attempts that are kept of one operation; later ones are counted.
    const MAX_FAILED: usize = 128;

    pub(super) fn add(&mut self, said: Said) {
        if let Some(earlier) = self.last.take() {
            self.note(&earlier.outcome, earlier.at);
        }
        self.last = Some(Box::new(said));
    }

    /// Tells whether nothing of it is known first-hand.
    pub(super) fn is_told(&self) -> bool {
        self.last.as_ref().is_none_or(|last| last.is_told)
    }

    fn note(&mut self, outcome: &Outcome, at: Timestamp) {
        let failure = match outcome {
            Outcome::Completed => return,
            Outcome::Failed(failure) => failure.clone(),
            Outcome::Cancelled => Failure::new(ErrorType::Cancelled),
        };
        self.failed_count = self.failed_count.saturating_add(1);
        if self.failed.len() < Self::MAX_FAILED {
            self.failed.push((failure, at));
        }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.last.is_none()
    }

    /// Gives how the last of them ended.
    pub(super) fn outcome(&self) -> Option<&Outcome> {
        self.last.as_deref().map(|last| &last.outcome)
    }

    pub(crate) fn weight(&self) -> usize {
        self.last.as_ref().map_or(0, |last| last.record.weight())
    }

    pub(crate) fn drop_content(&mut self) {
        if let Some(last) = &mut self.last {
            last.record.drop_content();
        }
    }

    /// Gives the last word that was said, with the attempts before it.
    pub(super) fn into_last(mut self) -> Option<Said> {
        let mut said = *self.last.take()?;
        self.tell_attempts(&mut said.record, (&said.outcome, said.at), true);
        Some(said)
    }

    /// Tells the owner's record what it does not state itself, and the owner's failure what it is.
    ///
    /// An owner who only heard of the operation gives precedence to what was seen.
    pub(crate) fn fill(mut self, record: &mut Record, outcome: &mut Outcome, is_owner_told: bool) {
        let Some(last) = self.last.take() else { return };
        let Said {
            record: contributed,
            outcome: how,
            at,
            is_told,
        } = *last;
        if is_owner_told && !is_told {
            record.yield_to(contributed);
            if let (Outcome::Completed, Outcome::Failed(_)) = (&outcome, &how) {
                *outcome = how.clone();
            }
        } else {
            record.fill(contributed);
        }
        if let (Outcome::Failed(stated), Outcome::Failed(seen)) = (&mut *outcome, &how) {
            stated.refine(seen.clone());
        }
        // It may have failed before the call ended in another way, such as by a time-out while its client waited.
        let is_the_end =
            !matches!(how, Outcome::Failed(_)) || outcome.error_type() == how.error_type();
        self.tell_attempts(record, (&how, at), is_the_end);
    }

    /// Tells a record of its attempts, of which the last one went so, and whether the call ended by that one.
    fn tell_attempts(
        mut self,
        record: &mut Record,
        (how, at): (&Outcome, Timestamp),
        is_the_end: bool,
    ) {
        let attempts = self.failed_count.saturating_add(1);
        if self.failed_count > 0 || !is_the_end {
            self.note(how, at);
        }
        if let Record::Inference(inference) = record {
            inference.attempts = inference.attempts.max(attempts);
        }
        let events = (1..).zip(&self.failed).map(|(number, (failure, at))| {
            SpanEvent::attempt(number, failure.status, &failure.error_type, *at)
        });
        let common = record.common_mut();
        common.events.extend(events);
        common.events.sort_by_key(|event| event.at);
    }
}
