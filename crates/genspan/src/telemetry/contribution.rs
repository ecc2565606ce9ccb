//! What instrumentation further in knows of an operation.

use crate::{ErrorType, Failure, Outcome, Record, SpanEvent, Timestamp};

/// Holds what was contributed to one operation: its failed attempts, and its answer.
#[derive(Debug, Default)]
pub(crate) struct Contributions {
    /// The failed attempts before the last contribution, as far as they are kept.
    failed: Vec<(Failure, Timestamp)>,
    failed_count: u32,
    last: Option<Box<(Record, Outcome, Timestamp)>>,
}

impl Contributions {
    /// Bounds the attempts that are kept of one operation; later ones are counted.
    const MAX_FAILED: usize = 128;

    pub(super) fn add(&mut self, record: Record, outcome: Outcome, at: Timestamp) {
        if let Some(earlier) = self.last.take() {
            self.note(&earlier.1, earlier.2);
        }
        self.last = Some(Box::new((record, outcome, at)));
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

    pub(crate) fn weight(&self) -> usize {
        self.last.as_ref().map_or(0, |last| last.0.weight())
    }

    pub(crate) fn drop_content(&mut self) {
        if let Some(last) = &mut self.last {
            last.0.drop_content();
        }
    }

    /// Gives the last word that was said, with the attempts before it.
    pub(super) fn into_last(mut self) -> Option<(Record, Outcome, Timestamp)> {
        let (mut record, outcome, at) = *self.last.take()?;
        self.tell_attempts(&mut record, &outcome, at);
        Some((record, outcome, at))
    }

    /// Tells the owner's record what it does not state itself, and the owner's failure what it is.
    pub(crate) fn fill(mut self, record: &mut Record, outcome: &mut Outcome) {
        let Some(last) = self.last.take() else { return };
        let (contributed, how, at) = *last;
        record.fill(contributed);
        self.tell_attempts(record, &how, at);
        if let (Outcome::Failed(stated), Outcome::Failed(seen)) = (outcome, how) {
            stated.refine(seen);
        }
    }

    /// Tells a record of its attempts, of which the last one went so.
    fn tell_attempts(mut self, record: &mut Record, how: &Outcome, at: Timestamp) {
        let attempts = self.failed_count.saturating_add(1);
        if self.failed_count > 0 {
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
