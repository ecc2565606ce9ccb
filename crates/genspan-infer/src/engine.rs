//! The engine: told of calls, it says what the tree is.

mod ending;
mod finding;
mod index;
mod making;
mod node;
mod tools;

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use genspan::{Inference, SpanContext, Timestamp};

use self::{
    index::{Entry, Index, Key},
    node::{Held, Node, Number, Stage},
    tools::{Asking, Budget},
};
use crate::{
    Act, Limits, Session,
    transcript::{Mark, Transcript},
};

/// Holds a call to a model that has ended.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// The process, or set of connections, that made it; nothing is concluded across them.
    pub client: u64,
    /// What its headers say of the agent.
    pub session: Option<&'a Session>,
    /// Its span, which has no parent.
    pub context: &'a SpanContext,
    /// When the request began.
    pub started: Timestamp,
    /// When the answer was complete.
    pub ended: Timestamp,
    /// What was asked and answered, with its content.
    pub record: &'a Inference,
    /// Whether the model has answered, at least in part.
    pub is_answered: bool,
    /// Whether arguments and results of tools may be kept, to be recorded.
    pub keeps_content: bool,
    /// What the call weighs if it is kept back, in bytes.
    pub weight: usize,
}

/// Concludes agents, their tools and sub-agents from calls to models.
///
/// It is a function of what it is told: it reads no clock and does nothing itself. Each call that it is
/// [told of](Self::finished) is [placed](Act::Place) exactly once, at once or later; each agent that begins ends; each
/// tool runs once. What it remembers is bounded by its [`Limits`].
#[derive(Debug)]
pub struct Engine {
    limits: Limits,
    nodes: BTreeMap<Number, Node>,
    index: Index,
    /// When something is to be done about which conversation.
    schedule: BTreeSet<(Timestamp, Number)>,
    /// The conversations of which calls are kept back.
    held: BTreeSet<Number>,
    held_calls: usize,
    held_bytes: usize,
    /// The conversations with tools that wait for their results, by client.
    waiting: BTreeSet<(u64, Number)>,
    budget: Budget,
    /// Calls that have begun: client, time and number.
    under_way: BTreeSet<(u64, Timestamp, u64)>,
    latest: Timestamp,
    next: Number,
    acts: Vec<Act>,
}

/// Bounds the points of one history that are noted.
const MAX_MARKS: usize = 64;

impl Engine {
    /// Begins without a memory.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self {
            budget: Budget {
                left: limits.content_bytes,
            },
            limits,
            nodes: BTreeMap::new(),
            index: Index::default(),
            schedule: BTreeSet::new(),
            held: BTreeSet::new(),
            held_calls: 0,
            held_bytes: 0,
            waiting: BTreeSet::new(),
            under_way: BTreeSet::new(),
            latest: Timestamp::default(),
            next: 0,
            acts: Vec::new(),
        }
    }

    /// Tells that a call has begun; `number` is one that no other call under way has.
    ///
    /// What waits for a next call waits for this one. To be told of each call also when it is [`over`](Self::over).
    pub fn begun(&mut self, client: u64, number: u64, at: Timestamp) {
        if self.under_way.len() < self.limits.conversations.saturating_mul(16) {
            self.under_way.insert((client, at, number));
        }
    }

    /// Tells that a call that had [`begun`](Self::begun) is over, in whatever way.
    pub fn over(&mut self, client: u64, number: u64, at: Timestamp) {
        self.under_way.remove(&(client, at, number));
    }

    /// Takes a call that has ended; says what is to be recorded by now.
    pub fn finished(&mut self, call: &Call<'_>) -> Vec<Act> {
        self.latest = self.latest.max(call.ended);
        let base = self.base(call);
        let transcript = Transcript::of(call.record, base);
        let number = match self.find(call, &transcript) {
            Some(number) => {
                self.join(number, call);
                number
            }
            None => self.begin(call, &transcript),
        };
        self.learn(number, call, &transcript);
        self.take_results(number, call, &transcript);
        self.update(number);
        self.shrink();
        self.expire(self.latest)
    }

    /// Adds a call to a conversation, which by that is an agent's.
    fn join(&mut self, number: Number, call: &Call<'_>) {
        if let Some(node) = self.nodes.get_mut(&number) {
            if node.stage != Stage::Made {
                node.started = node.started.min(call.started);
            }
            node.note(call);
        }
        if self.is_undecided(number) {
            self.keep_back(number, call);
        } else {
            self.make(number);
            self.place(number, call);
        }
    }

    /// Keeps a call back until it is known where it belongs.
    fn keep_back(&mut self, number: Number, call: &Call<'_>) {
        if let Some(node) = self.nodes.get_mut(&number) {
            node.stage = Stage::Held;
            node.held
                .push(Held::Call(call.context.span_id, call.weight));
            self.held.insert(number);
            self.held_calls += 1;
            self.held_bytes += call.weight;
        }
    }

    fn place(&mut self, number: Number, call: &Call<'_>) {
        let within = self.nodes.get(&number).map(|node| node.context.span_id);
        self.acts.push(Act::Place {
            call: call.context.span_id,
            within,
        });
    }

    /// Begins a conversation; gives its number.
    fn begin(&mut self, call: &Call<'_>, transcript: &Transcript<'_>) -> Number {
        let number = self.next;
        self.next += 1;
        let mut node = Node::new(call);
        node.note(call);
        let kinship = self.kin_of(call, transcript);
        let is_agent = call.session.is_some() || kinship.under.is_some();
        node.perhaps_under = kinship.perhaps;
        if let Some(under) = kinship.under {
            node.put_under(under);
        }
        // What failed is no beginning of anything; but nobody waits for what is over anyway, and so it keeps its order.
        let is_over_anyway = self.limits.hold == Duration::MAX;
        let is_kept_back = call.is_answered || is_agent || is_over_anyway;
        if let Some(under) = &node.under
            && let Some(parent) = self.nodes.get_mut(&under.node)
        {
            parent.children.push(number);
        }
        self.nodes.insert(number, node);
        if is_kept_back {
            self.keep_back(number, call);
        }
        if is_agent {
            self.make(number);
        } else if !is_kept_back {
            self.acts.push(Act::Place {
                call: call.context.span_id,
                within: None,
            });
        }
        number
    }

    /// Remembers by what later calls, and earlier ones that come late, are recognised.
    fn learn(&mut self, number: Number, call: &Call<'_>, transcript: &Transcript<'_>) {
        let is_collision = self.is_collision(call, transcript);
        let Some(node) = self.nodes.get_mut(&number) else {
            return;
        };
        node.asked = (transcript.asked, transcript.instructions);
        let limit = self.limits.marks;
        let index = &mut self.index;
        let mut note = |key, chain| {
            let entry = Entry {
                node: number,
                chain,
            };
            index.insert(entry, node, key, limit);
        };
        let skipped = transcript.marks.len().saturating_sub(MAX_MARKS);
        for mark in transcript.marks.iter().skip(skipped) {
            if let Mark::Answered(chain) = *mark {
                note(Key::Passed(chain), chain);
            }
        }
        let asked = transcript.asked;
        if asked != transcript.base {
            note(Key::Asked(asked, transcript.instructions), asked);
        }
        for answered in &transcript.answered {
            note(Key::Answered(*answered), *answered);
        }
        for wanted in &transcript.wanted {
            if let Some(signature) = wanted.name.signature {
                note(Key::Tool(signature), asked);
            }
        }
        let record = call.record;
        if let Some(before) = &record.request.previous_response_id {
            note(Key::Awaited(before), asked);
        }
        if let Some(id) = &record.response.id {
            if is_collision {
                note(Key::Collided(id), asked);
            }
            note(Key::Response(id), transcript.end());
        }
        // These last: what is found by them must not be forgotten for the others.
        if let Some(id) = &record.common.conversation_id {
            note(Key::Conversation(id), asked);
        }
        if let Some(session) = call.session {
            note(session.key(), asked);
        }
    }

    /// Ends the tools whose results a call tells, and notes those that its answer asks for.
    fn take_results(&mut self, number: Number, call: &Call<'_>, transcript: &Transcript<'_>) {
        let Some(node) = self.nodes.get_mut(&number) else {
            return;
        };
        let mut asking = Asking {
            call: call.context,
            since: call.started,
            at: call.started,
            keeps_content: call.keeps_content,
            limit: self.limits.open_calls,
        };
        let mut resolved = Vec::new();
        let budget = &mut self.budget;
        for told in &transcript.results {
            resolved.extend(node.tools.told(told, asking, budget));
        }
        asking.at = call.ended;
        let mut outdone = Vec::new();
        for (nth, wanted) in transcript.wanted.iter().enumerate() {
            let (known, over) = node.tools.wanted(nth, wanted, asking, budget);
            resolved.extend(known);
            outdone.extend(over);
        }
        for one in resolved {
            self.ran(number, one);
        }
        for one in outdone {
            if let Some(mut node) = self.nodes.remove(&number) {
                self.ran_unknown(&mut node, one);
                self.nodes.insert(number, node);
            }
        }
    }

    /// Brings what is kept about a conversation elsewhere up to date.
    fn update(&mut self, number: Number) {
        let mut at = Some(number);
        let mut last = Timestamp::default();
        // A sub-agent at work keeps those that it works for; their number is bounded, should they ever be each other's.
        for _ in 0..self.limits.conversations {
            let Some((current, node)) = at.and_then(|at| Some((at, self.nodes.get_mut(&at)?)))
            else {
                break;
            };
            node.last = node.last.max(last);
            last = node.last;
            let due = node.deadline(&self.limits);
            let before = std::mem::replace(&mut node.due, due);
            self.schedule.remove(&(before, current));
            self.schedule.insert((due, current));
            if node.tools.is_waiting() {
                self.waiting.insert((node.client, current));
            } else {
                self.waiting.remove(&(node.client, current));
            }
            at = node.under.as_ref().map(|under| under.node);
        }
    }
}

impl Session {
    fn key(&self) -> Key<'_> {
        Key::Session(&self.id, self.agent.as_deref().unwrap_or_default())
    }
}
