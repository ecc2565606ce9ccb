//! Finding the conversation that a call belongs to, and what a new one belongs to.

use super::{
    Call, Engine,
    index::Key,
    node::{Number, Stage, Under},
};
use crate::{
    Session, print,
    task::FirstWords,
    transcript::{Mark, Transcript},
};

/// Says what a new conversation belongs to.
#[derive(Debug, Default)]
pub(super) struct Kinship {
    pub(super) under: Option<Under>,
    /// The agent that it may belong to; time will tell.
    pub(super) perhaps: Option<Number>,
}

/// Bounds the agents of one client among which the one is looked for that a new one works for.
const MAX_KIN: usize = 64;

impl Engine {
    /// Gives what was said before a request that does not repeat it.
    pub(super) fn base(&self, call: &Call<'_>) -> u64 {
        self.goes_on_from(call).map_or(0, |before| {
            let known = self.index.get(call.client, Key::Response(before));
            known.map_or_else(|| print::of(("after", before)), |entry| entry.chain)
        })
    }

    /// Gives the id of the answer that a call goes on from, if it is one answer's.
    fn goes_on_from<'c>(&self, call: &Call<'c>) -> Option<&'c str> {
        let before = call.record.request.previous_response_id.as_deref();
        before.filter(|before| self.number(call, Key::Collided(before)).is_none())
    }

    /// Tells whether another answer has the same id.
    pub(super) fn is_collision(&self, call: &Call<'_>, transcript: &Transcript<'_>) -> bool {
        let id = call.record.response.id.as_deref();
        id.is_some_and(|id| {
            let known = self.index.get(call.client, Key::Response(id));
            known.is_some_and(|known| known.chain != transcript.end())
        })
    }

    /// Finds the conversation of a call among those of its client.
    pub(super) fn find(&self, call: &Call<'_>, transcript: &Transcript<'_>) -> Option<Number> {
        let number = match call.session {
            Some(session) => self.number(call, session.key()),
            None => self
                .by_ids(call)
                .or_else(|| self.by_history(call, transcript))
                .or_else(|| self.by_tools(call, transcript))
                .or_else(|| self.by_later_calls(call, transcript)),
        }?;
        let node = self.nodes.get(&number)?;
        (node.calls < self.limits.calls).then_some(number)
    }

    fn number(&self, call: &Call<'_>, key: Key<'_>) -> Option<Number> {
        self.index.get(call.client, key).map(|entry| entry.node)
    }

    fn by_ids(&self, call: &Call<'_>) -> Option<Number> {
        let conversation = call.record.common.conversation_id.as_deref();
        let before = self.goes_on_from(call);
        let keys = [
            conversation.map(Key::Conversation),
            before.map(Key::Response),
            before.map(Key::Awaited),
        ];
        let mut keys = keys.into_iter().flatten();
        keys.find_map(|key| self.number(call, key))
    }

    /// Finds the call that this one goes on from, whose question and answer it repeats; else one whose question it does.
    fn by_history(&self, call: &Call<'_>, transcript: &Transcript<'_>) -> Option<Number> {
        let answered = transcript.marks.iter().rev().find_map(|mark| match *mark {
            Mark::Answered(chain) => self.number(call, Key::Answered(chain)),
            Mark::Asked(_) => None,
        });
        answered.or_else(|| {
            let marks = transcript.marks.iter().rev();
            marks.into_iter().find_map(|mark| match *mark {
                Mark::Asked(chain) => self.number(call, Key::Asked(chain, transcript.instructions)),
                Mark::Answered(_) => None,
            })
        })
    }

    /// Finds the call that asked for a tool whose result this one tells, where its history was cut or rewritten.
    fn by_tools(&self, call: &Call<'_>, transcript: &Transcript<'_>) -> Option<Number> {
        let mut names = transcript.results.iter().rev().filter_map(|it| it.call);
        names.find_map(|name| self.number(call, Key::Tool(name.signature?)))
    }

    /// Finds a call that goes on from this one, and came before.
    fn by_later_calls(&self, call: &Call<'_>, transcript: &Transcript<'_>) -> Option<Number> {
        let id = call.record.response.id.as_deref();
        let id = id.filter(|_| !self.is_collision(call, transcript));
        let awaited = id.and_then(|id| self.number(call, Key::Awaited(id)));
        awaited.or_else(|| {
            let mut answered = transcript.answered.iter();
            answered.find_map(|chain| self.number(call, Key::Passed(*chain)))
        })
    }

    /// Finds what a call that begins a conversation belongs to.
    pub(super) fn kin_of(&mut self, call: &Call<'_>, transcript: &Transcript<'_>) -> Kinship {
        if call.session.is_some_and(|session| session.agent.is_none()) {
            return Kinship::default();
        }
        if let Some(under) = self.by_task(call, transcript) {
            return Kinship {
                under: Some(under),
                perhaps: None,
            };
        }
        match call.session {
            Some(session) => Kinship {
                under: self.by_session(call, session),
                perhaps: None,
            },
            None => Kinship {
                under: None,
                perhaps: self.by_time(call),
            },
        }
    }

    /// Finds the running tool that was given to do what this call asks for.
    ///
    /// One that asks the very same as who asked for the tool only repeats it.
    fn by_task(&mut self, call: &Call<'_>, transcript: &Transcript<'_>) -> Option<Under> {
        let asked = FirstWords::of(&call.record.content.input);
        let itself = (transcript.asked, transcript.instructions);
        let running = self.running(call).take(MAX_KIN);
        let likely = running.filter_map(|number| {
            let node = self.nodes.get(&number).filter(|it| it.asked != itself)?;
            let (likeness, span) = node.tools.best(&asked, call.started)?;
            Some((likeness, number, span))
        });
        let (_, number, span) =
            likely.reduce(|best, next| if next.0 > best.0 { next } else { best })?;
        self.make(number);
        let node = self.nodes.get_mut(&number)?;
        // Only whoever says that it is Claude Code means by its arguments what they mean there.
        let kind = node.tools.note_child(span);
        let name = kind.filter(|_| call.session.is_some());
        let mut parent = node.context.clone();
        parent.span_id = span;
        Some(Under {
            node: number,
            parent,
            name,
        })
    }

    fn by_session(&mut self, call: &Call<'_>, session: &Session) -> Option<Under> {
        let of = |agent: &str| self.number(call, Key::Session(&session.id, agent));
        let parent = session.parent.as_deref().and_then(of);
        let number = parent.or_else(|| of(""))?;
        self.make(number);
        let node = self.nodes.get(&number)?;
        Some(Under {
            node: number,
            parent: node.context.clone(),
            name: None,
        })
    }

    /// Finds the agent that runs a tool while this call is made, where all of the client is one program.
    fn by_time(&self, call: &Call<'_>) -> Option<Number> {
        if !self.limits.one_program {
            return None;
        }
        self.running(call).next()
    }

    /// Gives the client's agents that ran tools when this call began, the latest first.
    fn running(&self, call: &Call<'_>) -> impl Iterator<Item = Number> {
        let range = (call.client, Number::MIN)..=(call.client, Number::MAX);
        let started = call.started;
        self.waiting
            .range(range)
            .rev()
            .map(|(_, number)| *number)
            .filter(move |number| {
                let node = self.nodes.get(number);
                node.is_some_and(|node| node.tools.is_running(started))
            })
    }

    /// Tells whether a conversation waits for what becomes of the tool in whose time it began.
    pub(super) fn is_undecided(&self, number: Number) -> bool {
        let waits = self.nodes.get(&number).and_then(|node| {
            let agent = self.nodes.get(&node.perhaps_under?)?;
            Some(node.stage == Stage::Held && agent.tools.is_running(node.started))
        });
        waits.unwrap_or_default()
    }
}
