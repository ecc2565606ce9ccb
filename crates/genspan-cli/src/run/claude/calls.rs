//! Calls that were seen and wait until the stream tells of them.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use genspan::{Outcome, Part, Timestamp};
use genspan_claude::{Exact, ExactCall};
use genspan_infer::EndedCall;

/// Holds the calls; its clones are one and the same.
#[derive(Clone, Debug, Default)]
pub(super) struct Calls(Arc<Mutex<Waiting>>);

#[derive(Debug, Default)]
pub(super) struct Waiting {
    /// Calls of which no line has told, oldest first.
    untold: VecDeque<EndedCall>,
    /// Calls of which lines are telling.
    told: Vec<EndedCall>,
    weight: usize,
    /// When the stream told that the main agent repeats its call, of the call under way.
    retries: Vec<Timestamp>,
    /// Calls that were told and not seen by then.
    unseen: VecDeque<String>,
}

impl Waiting {
    /// Bounds the calls that wait, and the bytes of what they say.
    pub(super) const MAX: usize = 256;
    pub(super) const MAX_WEIGHT: usize = 32 * 1024 * 1024;
    /// Bounds the attempts of one call, and the calls that may still be seen.
    pub(super) const MAX_RETRIES: usize = 64;
    pub(super) const MAX_UNSEEN: usize = 1024;

    pub(super) fn push(&mut self, call: EndedCall) {
        self.weight += call.weight;
        self.untold.push_back(call);
    }

    /// Takes out the oldest call where there are too many.
    pub(super) fn outdone(&mut self) -> Option<EndedCall> {
        let is_full = self.untold.len() > Self::MAX || self.weight > Self::MAX_WEIGHT;
        let call = is_full.then(|| self.untold.pop_front()).flatten()?;
        self.weight -= call.weight;
        Some(call)
    }

    fn remove(&mut self, is_it: impl Fn(&EndedCall) -> bool) -> Option<EndedCall> {
        let at = self.untold.iter().position(is_it)?;
        let call = self.untold.remove(at)?;
        self.weight -= call.weight;
        Some(call)
    }

    /// Takes out the calls that are to be recorded by themselves.
    ///
    /// Attempts that failed stay while one is being repeated: it is not known yet what becomes of it.
    pub(super) fn drain(&mut self, is_it: impl Fn(&EndedCall) -> bool) -> Vec<EndedCall> {
        let is_retrying = !self.retries.is_empty();
        let all = std::mem::take(&mut self.untold).into_iter();
        let (out, rest): (Vec<_>, Vec<_>) =
            all.partition(|call| is_it(call) && !(is_retrying && is_failed(call)));
        self.untold = rest.into();
        self.weight -= out.iter().map(|call| call.weight).sum::<usize>();
        out
    }

    /// Takes out all calls, those of which lines began to tell as well.
    pub(super) fn drain_all(&mut self) -> Vec<EndedCall> {
        self.retries.clear();
        self.weight = 0;
        let told = std::mem::take(&mut self.told);
        told.into_iter().chain(self.untold.drain(..)).collect()
    }

    /// Notes that the main agent repeats its call.
    pub(super) fn retry(&mut self, told: Timestamp) {
        if self.retries.len() < Self::MAX_RETRIES {
            self.retries.push(told);
        }
    }

    /// Forgets the attempts that a call repeats, of which the stream tells as events; gives when the first was sent.
    fn first_attempt(&mut self, call: &EndedCall) -> Timestamp {
        let mut first = call.open.started();
        for told in std::mem::take(&mut self.retries) {
            let earlier = self.remove(|it| is_failed(it) && it.at <= told && is_same(it, call));
            if let Some(earlier) = earlier {
                first = first.min(earlier.open.started());
                earlier.discard();
            }
        }
        first
    }

    fn began(&mut self, id: &str) -> Option<Timestamp> {
        let Some(call) = self.remove(|call| call.response_id() == Some(id)) else {
            if self.unseen.len() >= Self::MAX_UNSEEN {
                self.unseen.pop_front();
            }
            self.unseen.push_back(id.to_owned());
            return None;
        };
        let started = if is_main(&call) {
            self.first_attempt(&call)
        } else {
            call.open.started()
        };
        self.told.push(call);
        Some(started)
    }

    /// Tells whether a call is one that was told when it was not seen yet; then it was this one.
    pub(super) fn was_told(&mut self, id: &str) -> bool {
        let at = self.unseen.iter().position(|known| known == id);
        at.is_some_and(|at| self.unseen.remove(at).is_some())
    }

    fn take(&mut self, id: &str) -> Option<EndedCall> {
        let told = |call: &EndedCall| call.response_id() == Some(id);
        if let Some(at) = self.told.iter().position(told) {
            return Some(self.told.swap_remove(at));
        }
        let late = self.remove(told)?;
        self.was_told(id);
        Some(late)
    }

    /// Tells when the result of a tool was first sent to the model, as far as that was seen.
    pub(super) fn sent(&self, tool: &str) -> Option<Timestamp> {
        let is_result = |part: &Part| match part {
            Part::ToolCallResponse(result) => result.id.as_deref() == Some(tool),
            _ => false,
        };
        let calls = self.untold.iter().chain(&self.told);
        let holds = calls.filter(|call| {
            let input = call.record.content.input.iter();
            input.rev().flat_map(|it| &it.parts).any(is_result)
        });
        holds.map(|call| call.open.started()).min()
    }

    /// Counts what waits: calls, and ids of calls that may still be seen.
    #[cfg(test)]
    pub(super) fn held(&self) -> (usize, usize) {
        let calls = self.untold.len() + self.told.len() + self.retries.len();
        (calls, self.unseen.len())
    }

    fn take_given_up(&mut self) -> Option<(Timestamp, EndedCall)> {
        let last = self.untold.iter().rposition(is_failed)?;
        let call = self.untold.remove(last)?;
        self.weight -= call.weight;
        Some((self.first_attempt(&call), call))
    }
}

impl Calls {
    pub(super) fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Exact for Calls {
    fn began(&mut self, message_id: &str) -> Option<Timestamp> {
        self.lock().began(message_id)
    }

    fn take(&mut self, message_id: &str) -> Option<ExactCall> {
        let call = self.lock().take(message_id)?;
        Some(exact(call))
    }

    fn take_given_up(&mut self) -> Option<(Timestamp, ExactCall)> {
        let (began, call) = self.lock().take_given_up()?;
        Some((began, exact(call)))
    }
}

fn exact(call: EndedCall) -> ExactCall {
    let (record, outcome, ended) = call.into_parts();
    ExactCall {
        record,
        outcome,
        ended,
    }
}

/// Gives the agent within the session that made a call; `None` for the main one.
pub(super) fn agent_of(call: &EndedCall) -> Option<&str> {
    call.caller.session.as_ref()?.agent()
}

fn is_main(call: &EndedCall) -> bool {
    agent_of(call).is_none()
}

/// Tells whether two calls ask the same.
fn is_same(one: &EndedCall, other: &EndedCall) -> bool {
    let (one, other) = (&one.record.content, &other.record.content);
    one.input == other.input && one.tools == other.tools
}

/// Tells whether the main agent has no answer of this call.
fn is_failed(call: &EndedCall) -> bool {
    is_main(call) && matches!(call.outcome, Outcome::Failed(_))
}
