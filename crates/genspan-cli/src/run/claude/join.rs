//! The stream's lines and the traffic's calls, each waiting for the other.

use std::{
    collections::{BTreeMap, VecDeque},
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use genspan::{Scope, SpanContext, Telemetry, Timestamp, Value};
use genspan_claude::{End, Moment, Options, Session};
use genspan_infer::{Account, Caller, EndedCall};

use super::{
    Asked,
    calls::{Calls, agent_of},
};

/// Joins the two; lines come from a thread of their own and calls from the recorder, and all work is the recorder's.
pub(in crate::run) struct Join {
    telemetry: Telemetry,
    state: Mutex<State>,
    lost: AtomicU64,
}

struct State {
    calls: Calls,
    prompt: Option<String>,
    started: Timestamp,
    /// `None` until a line was read.
    session: Option<Session>,
    /// The conversation's id, once a line has told it.
    id: Option<String>,
    /// The last run's main agent.
    main: Option<SpanContext>,
    /// Lines that wait for calls.
    lines: VecDeque<Line>,
    weight: usize,
    /// When the calls began that are under way, by their numbers.
    under_way: BTreeMap<u64, Timestamp>,
    /// Sub-agents by what their calls' headers name them, with the calls of tools that started them.
    tasks: VecDeque<(String, String)>,
    end: End,
    is_over: bool,
}

struct Line {
    message: Value,
    at: Timestamp,
    weight: usize,
}

impl Join {
    /// Begins a run whose program starts now.
    pub(in crate::run) fn new(telemetry: &Telemetry, asked: Asked) -> Arc<Self> {
        Arc::new(Self {
            telemetry: telemetry.clone(),
            state: Mutex::new(State {
                calls: Calls::default(),
                prompt: asked.prompt,
                started: telemetry.now(),
                session: None,
                id: None,
                main: None,
                lines: VecDeque::new(),
                weight: 0,
                under_way: BTreeMap::new(),
                tasks: VecDeque::new(),
                end: End::Cut,
                is_over: false,
            }),
            lost: AtomicU64::new(0),
        })
    }

    pub(in crate::run) const fn telemetry(&self) -> &Telemetry {
        &self.telemetry
    }

    /// Takes a line that came then, without waiting for anything; one for which there is no room is lost.
    pub(in crate::run) fn line(self: &Arc<Self>, line: Vec<u8>, at: Timestamp) {
        let join = Arc::clone(self);
        let weight = line.len();
        let work = move || join.read(&line, at);
        if self.telemetry.submit(weight, work).is_err() {
            self.lose_line();
        }
    }

    /// Counts a line that could not be taken.
    pub(in crate::run) fn lose_line(&self) {
        self.lost.fetch_add(1, Ordering::Relaxed);
    }

    /// Says how many lines were lost, if any were.
    pub(in crate::run) fn lost(&self) -> Option<String> {
        let lost = self.lost.load(Ordering::Relaxed);
        (lost > 0).then(|| {
            format!("{lost} lines of the program's output came too fast, or were too long, to be read; its calls are recorded all the same")
        })
    }

    /// Notes how a run ends that did not tell it.
    pub(in crate::run) fn end_as(&self, end: End) {
        self.lock().end = end;
    }

    /// Reads a line, now or when the calls that it may tell of are over.
    fn read(&self, line: &[u8], at: Timestamp) {
        let text = std::str::from_utf8(line).unwrap_or_default();
        let Ok(message @ Value::Map(_)) = Value::from_json(text) else {
            return;
        };
        if text_of(&message, "type").is_none() {
            return;
        }
        let mut state = self.lock();
        let weight = line.len();
        state.weight += weight;
        state.lines.push_back(Line {
            message,
            at,
            weight,
        });
        state.read_on(&self.telemetry, false);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Account for Join {
    fn is_of(&self, caller: &Caller) -> bool {
        let Some(session) = &caller.session else {
            return false;
        };
        let state = self.lock();
        state.id.as_deref().is_none_or(|id| id == session.id())
    }

    fn begun(&self, number: u64, at: Timestamp) {
        self.lock().under_way.insert(number, at);
    }

    fn over(&self, number: u64) {
        let mut state = self.lock();
        if state.under_way.remove(&number).is_some() {
            state.read_on(&self.telemetry, false);
        }
    }

    fn ended(&self, call: EndedCall) -> Vec<EndedCall> {
        let mut state = self.lock();
        let mut rest = Vec::new();
        if state.is_over {
            rest.extend(state.place(call, &self.telemetry));
            return rest;
        }
        state.calls.lock().push(call);
        loop {
            let outdone = state.calls.lock().outdone();
            let Some(outdone) = outdone else { break };
            rest.extend(state.place(outdone, &self.telemetry));
        }
        rest
    }

    fn settle(&self) -> Vec<EndedCall> {
        let mut state = self.lock();
        state.read_on(&self.telemetry, true);
        state.place_where(&self.telemetry, |_| true);
        if let Some(session) = state.session.take() {
            session.finish(state.end.clone(), Moment::stated(self.telemetry.now()));
        }
        state.is_over = true;
        let rest = state.calls.lock().drain_all();
        let rest = rest.into_iter();
        rest.filter_map(|call| state.place(call, &self.telemetry))
            .collect()
    }
}

impl State {
    /// Bounds the lines that wait, and their bytes.
    const MAX_LINES: usize = 16 * 1024;
    const MAX_WEIGHT: usize = 8 * 1024 * 1024;
    /// Bounds the sub-agents that are remembered.
    const MAX_TASKS: usize = 1024;

    /// Reads the lines whose calls are over; all of them, where nothing more can come.
    fn read_on(&mut self, telemetry: &Telemetry, all: bool) {
        while let Some(line) = self.lines.pop_front() {
            let is_full = self.lines.len() >= Self::MAX_LINES || self.weight > Self::MAX_WEIGHT;
            let is_early = self.under_way.values().any(|begun| *begun <= line.at);
            if is_early && !is_full && !all {
                self.lines.push_front(line);
                return;
            }
            self.weight -= line.weight;
            self.tell(telemetry, &line);
        }
    }

    /// Tells the session a line, and records before it the calls whose agents it ends.
    fn tell(&mut self, telemetry: &Telemetry, line: &Line) {
        if self.id.is_none() {
            self.id = text_of(&line.message, "session_id").map(str::to_owned);
        }
        self.prepare(telemetry, line);
        let session = self.session.get_or_insert_with(|| {
            let exact = Box::new(self.calls.clone());
            let mut session = Session::with_exact(telemetry, Options::default(), exact);
            let prompt = self.prompt.take();
            session.begin(prompt.as_deref(), Moment::stated(self.started));
            session
        });
        // A tool had ended when its result was sent to the model, whenever the line that tells of it was seen.
        let answered = answered(&line.message);
        let calls = self.calls.lock();
        let sent = answered.into_iter().filter_map(|tool| calls.sent(tool));
        let at = sent.fold(line.at, Timestamp::min);
        drop(calls);
        session.message(&line.message, Moment::stated(at));
        if let Some(scope) = session.scope_of(None) {
            self.main = scope.context().cloned();
        }
    }

    fn prepare(&mut self, telemetry: &Telemetry, line: &Line) {
        let message = &line.message;
        let text = |name| text_of(message, name);
        match (text("type"), text("subtype")) {
            (Some("result"), _) => self.place_where(telemetry, |_| true),
            (Some("system"), Some("api_retry")) => self.calls.lock().retry(line.at),
            (Some("system"), Some("task_started")) => {
                if let (Some(agent), Some(tool)) = (text("task_id"), text("tool_use_id")) {
                    self.tasks.push_back((agent.to_owned(), tool.to_owned()));
                }
                if self.tasks.len() > Self::MAX_TASKS {
                    self.tasks.pop_front();
                }
            }
            (Some("system"), Some("task_notification")) => {
                self.place_of(telemetry, &[text("tool_use_id").unwrap_or_default()]);
            }
            (Some("user"), _) => self.place_of(telemetry, &answered(message)),
            _ => {}
        }
    }

    /// Records the calls of the sub-agents that some calls of tools started.
    fn place_of(&mut self, telemetry: &Telemetry, tools: &[&str]) {
        let agents: Vec<String> = self
            .tasks
            .iter()
            .filter(|(_, tool)| tools.contains(&tool.as_str()))
            .map(|(agent, _)| agent.clone())
            .collect();
        if !agents.is_empty() {
            self.place_where(telemetry, |agent| agents.iter().any(|it| agent == Some(it)));
        }
    }

    /// Records the calls of some agents of which no line has told.
    fn place_where(&mut self, telemetry: &Telemetry, is_it: impl Fn(Option<&str>) -> bool) {
        let place = |state: &Self, call: &EndedCall| state.scope_of(telemetry, call).is_some();
        let calls = self
            .calls
            .lock()
            .drain(|call| is_it(agent_of(call)) && place(self, call));
        for call in calls {
            let _is_placed = self.place(call, telemetry).is_none();
        }
    }

    /// Records a call under its agent, unless a line has told of it; gives it back where no agent is known.
    fn place(&mut self, mut call: EndedCall, telemetry: &Telemetry) -> Option<EndedCall> {
        let Some(scope) = self.scope_of(telemetry, &call) else {
            return Some(call);
        };
        let id = call.response_id().map(str::to_owned);
        if let Some(id) = &id
            && self.calls.lock().was_told(id)
        {
            call.discard();
            return None;
        }
        let conversation = &mut call.record.common.conversation_id;
        if conversation.is_none() {
            conversation.clone_from(&self.id);
        }
        let span = call.close_within(&scope);
        if let (Some(id), Some(session)) = (id, &mut self.session) {
            session.call_recorded(&id, span);
        }
        None
    }

    /// Finds where a call belongs: its agent, else the main one, ended or not.
    fn scope_of(&self, telemetry: &Telemetry, call: &EndedCall) -> Option<Scope> {
        let session = self.session.as_ref();
        if let (Some(agent), Some(session)) = (agent_of(call), session) {
            let task = self.tasks.iter().rev().find(|(name, _)| name == agent);
            let tool = task.map(|(_, tool)| tool.as_str());
            let live = tool.and_then(|tool| session.scope_of(Some(tool)).cloned());
            let ended = || Some(telemetry.scope_under(session.span_of_agent(tool?)?.clone()));
            if let Some(scope) = live.or_else(ended) {
                return Some(scope);
            }
        }
        if let Some(scope) = session.and_then(|session| session.scope_of(None)) {
            return Some(scope.clone());
        }
        Some(telemetry.scope_under(self.main.clone()?))
    }
}

fn text_of<'m>(message: &'m Value, name: &str) -> Option<&'m str> {
    const LONGEST: usize = 256;
    message
        .get(name)?
        .as_str()
        .filter(|text| text.len() <= LONGEST)
}

/// Gives the calls of tools whose results a message holds.
fn answered(message: &Value) -> Vec<&str> {
    let content = message.get("message").and_then(|it| it.get("content"));
    let Some(Value::Array(blocks)) = content else {
        return Vec::new();
    };
    let ids = blocks.iter().map(|block| text_of(block, "tool_use_id"));
    ids.flatten().collect()
}

impl fmt::Debug for Join {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Join")
            .field("lost_lines", &self.lost)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
