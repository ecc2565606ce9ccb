//! Recording what the engine concludes.

use std::{
    borrow::Cow,
    collections::HashMap,
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use genspan::{
    AgentInvocation, AgentSite, Content, ErrorType, Failure, Identity, Open, Outcome, Parent,
    Provider, Record, SpanId, StartOptions, Telemetry, TimeBounds, Timestamp, ToolExecution,
    ToolType, Value,
};

use crate::{
    Account, Act, AgentBegin, AgentEnd, Call, EndedCall, Engine, Limits, Session, ToolResult,
    ToolRun,
};

/// Records calls to models under the agents that they tell of; its clones are one and the same.
///
/// Calls that have a parent, or are recorded further out, stay where they are: who made them knows better. So does every
/// call where the sink cannot [move](genspan::Sink::can_move) spans. Before the telemetry is flushed or shut down
/// [`end_all`](Self::end_all) is to be called: what is kept back is recorded then.
#[derive(Clone)]
pub struct Agents {
    shared: Arc<Shared>,
}

struct Shared {
    telemetry: Telemetry,
    account: Option<Arc<dyn Account>>,
    next: AtomicU64,
    /// When something is to be done, so that a look costs no lock.
    due: AtomicU64,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    engine: Engine,
    /// Agents under way, by their spans.
    agents: HashMap<SpanId, Open>,
    /// Calls that have ended and wait, by their spans.
    waiting: HashMap<SpanId, Waiting>,
}

/// Holds a call that has ended.
#[derive(Debug)]
struct Waiting {
    open: Open,
    record: Record,
    outcome: Outcome,
    at: Timestamp,
}

/// Says who makes a call.
#[derive(Clone, Debug, Default)]
pub struct Caller {
    /// The process, or set of connections; nothing is concluded across them.
    pub client: u64,
    /// What the call's headers say of the agent.
    pub session: Option<Session>,
}

/// Stands for a call under way, for which others may have to wait; it is over when this is dropped.
pub struct UnderWay {
    agents: Agents,
    caller: Caller,
    number: u64,
    at: Timestamp,
}

impl Agents {
    /// Records into the given telemetry.
    #[must_use]
    pub fn new(telemetry: Telemetry, limits: Limits) -> Self {
        Self::build(telemetry, limits, None)
    }

    /// Records into the given telemetry, as far as the account does not know better.
    #[must_use]
    pub fn with_account(telemetry: Telemetry, limits: Limits, account: Arc<dyn Account>) -> Self {
        Self::build(telemetry, limits, Some(account))
    }

    fn build(telemetry: Telemetry, limits: Limits, account: Option<Arc<dyn Account>>) -> Self {
        Self {
            shared: Arc::new(Shared {
                telemetry,
                account,
                next: AtomicU64::new(0),
                due: AtomicU64::new(u64::MAX),
                state: Mutex::new(State {
                    engine: Engine::new(limits),
                    agents: HashMap::new(),
                    waiting: HashMap::new(),
                }),
            }),
        }
    }

    /// Tells whether a call is one that may be put under an agent, so that its content is to be read.
    #[must_use]
    pub fn concerns(&self, caller: &Caller, open: &Open) -> bool {
        !open.is_contribution() && (self.account_of(caller).is_some() || self.can_place(open))
    }

    fn can_place(&self, open: &Open) -> bool {
        open.is_root() && !open.is_contribution() && self.shared.telemetry.can_move()
    }

    /// Gives the account that is about a caller's calls.
    fn account_of(&self, caller: &Caller) -> Option<&dyn Account> {
        let account = self.shared.account.as_deref()?;
        let telemetry = &self.shared.telemetry;
        (telemetry.can_move() && account.is_of(caller)).then_some(account)
    }

    /// Tells that a call has begun.
    #[must_use]
    pub fn begun(&self, caller: Caller, at: Timestamp) -> UnderWay {
        let number = self.shared.next.fetch_add(1, Ordering::Relaxed);
        match self.account_of(&caller) {
            Some(account) => account.begun(number, at),
            None => self.lock().engine.begun(caller.client, number, at),
        }
        UnderWay {
            agents: self.clone(),
            caller,
            number,
            at,
        }
    }

    /// Ends a call's span, now or when it is known where it stands.
    ///
    /// The record is to hold what was said even where content may not be recorded: it is looked at here and taken out
    /// before the span ends.
    pub fn close(
        &self,
        caller: &Caller,
        open: Open,
        record: Record,
        outcome: Outcome,
        at: Timestamp,
    ) {
        let weight = record.weight() + EndedCall::RECORD_WEIGHT;
        match (record, self.account_of(caller)) {
            (Record::Inference(record), Some(account)) if !open.is_contribution() => {
                let caller = caller.clone();
                let rest = account.ended(EndedCall {
                    caller,
                    open,
                    record,
                    outcome,
                    at,
                    weight,
                });
                self.conclude_all(rest);
            }
            (record, _) => self.conclude(caller, open, record, outcome, at),
        }
    }

    fn conclude_all(&self, calls: Vec<EndedCall>) {
        for call in calls {
            let record = Record::Inference(call.record);
            self.conclude(&call.caller, call.open, record, call.outcome, call.at);
        }
    }

    fn conclude(
        &self,
        caller: &Caller,
        open: Open,
        mut record: Record,
        outcome: Outcome,
        at: Timestamp,
    ) {
        let keeps_content = open.wants_content();
        if !self.can_place(&open) {
            drop_unwanted(&mut record, keeps_content);
            return open.close_at(record, outcome, at);
        }
        let Record::Inference(inference) = &record else {
            drop_unwanted(&mut record, keeps_content);
            return open.close_at(record, outcome, at);
        };
        let mut state = self.lock();
        let context = open.context().clone();
        let acts = state.engine.finished(&Call {
            client: caller.client,
            session: caller.session.as_ref(),
            context: &context,
            started: open.started(),
            ended: at,
            record: inference,
            is_answered: !matches!(outcome, Outcome::Failed(_)),
            keeps_content,
            weight: if keeps_content { record.weight() } else { 0 } + EndedCall::RECORD_WEIGHT,
        });
        drop_unwanted(&mut record, keeps_content);
        let waiting = Waiting {
            open,
            record,
            outcome,
            at,
        };
        if let Some(other) = state.waiting.insert(context.span_id, waiting) {
            other.end();
        }
        self.act(&mut state, acts);
    }

    /// Records what waited long enough by now.
    pub fn tick(&self, now: Timestamp) {
        let mut state = self.lock();
        let acts = state.engine.expire(now);
        self.act(&mut state, acts);
    }

    /// Records what waits, and ends all agents.
    pub fn end_all(&self) {
        if let Some(account) = &self.shared.account {
            self.conclude_all(account.settle());
        }
        let mut state = self.lock();
        let acts = state.engine.end_all();
        self.act(&mut state, acts);
    }

    /// Tells whether there is something to do by [`tick`](Self::tick).
    ///
    /// The time is asked for only where something waits at all.
    pub fn is_due(&self, now: impl FnOnce() -> Timestamp) -> bool {
        let due = self.shared.due.load(Ordering::Relaxed);
        due != u64::MAX && due <= now().unix_nanos()
    }

    fn act(&self, state: &mut State, acts: Vec<Act>) {
        state.act(&self.shared.telemetry, acts);
        let due = state
            .engine
            .next_due()
            .map_or(u64::MAX, Timestamp::unix_nanos);
        self.shared.due.store(due, Ordering::Relaxed);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A panic in a sink leaves what it was about unrecorded, and all else as it was.
        self.shared
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl UnderWay {
    /// Says who makes the call.
    #[must_use]
    pub const fn caller(&self) -> &Caller {
        &self.caller
    }

    /// Tells whether an account knows which attempts make a call.
    #[must_use]
    pub fn is_told(&self) -> bool {
        self.agents.account_of(&self.caller).is_some()
    }

    /// Ends the call's span; see [`Agents::close`].
    pub fn close(self, open: Open, record: Record, outcome: Outcome, at: Timestamp) {
        self.agents.close(&self.caller, open, record, outcome, at);
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        // Whom it began with may have been decided otherwise since.
        if let Some(account) = &self.agents.shared.account {
            account.over(self.number);
        }
        let mut state = self.agents.lock();
        state.engine.over(self.caller.client, self.number, self.at);
    }
}

pub(crate) fn drop_unwanted(record: &mut Record, is_wanted: bool) {
    if is_wanted {
        return;
    }
    match record {
        Record::Inference(record) => record.content = Content::default(),
        Record::ResponseFetch(record) => record.content = Content::default(),
        _ => {}
    }
}

impl Waiting {
    fn end(self) {
        self.open.close_at(self.record, self.outcome, self.at);
    }
}

impl State {
    fn act(&mut self, telemetry: &Telemetry, acts: Vec<Act>) {
        for act in acts {
            match act {
                Act::Begin(begin) => self.begin(telemetry, begin),
                Act::Place { call, within } => {
                    let Some(waiting) = self.waiting.remove(&call) else {
                        continue;
                    };
                    if let Some(agent) = within.and_then(|agent| self.agents.get(&agent)) {
                        // Where it cannot be moved it stays a root: nothing is lost.
                        let _is_moved = waiting.open.move_into(&agent.scope());
                    }
                    waiting.end();
                }
                Act::Tool(run) => {
                    if let Some(agent) = self.agents.get(&run.agent) {
                        record_tool(telemetry, agent, *run);
                    }
                }
                Act::End(end) => {
                    if let Some(agent) = self.agents.remove(&end.agent) {
                        end_agent(agent, *end);
                    }
                }
            }
        }
    }

    fn begin(&mut self, telemetry: &Telemetry, begin: AgentBegin) {
        let AgentBegin {
            context,
            parent,
            started,
            links,
            name,
            provider,
        } = begin;
        let record = agent(name, provider);
        let options = StartOptions {
            parent: parent.map_or(Parent::Root, Parent::Span),
            at: Some(started),
            identity: Some(Identity {
                trace_id: context.trace_id,
                span_id: context.span_id,
            }),
            links,
            ..StartOptions::default()
        };
        let open = telemetry.open(Record::AgentInvocation(Box::new(record)), options);
        self.agents.insert(context.span_id, open);
    }
}

fn agent(name: Option<Cow<'static, str>>, provider: Provider) -> AgentInvocation {
    let provider = Some(provider);
    let mut record = AgentInvocation::at(AgentSite::InProcess { provider });
    record.name = name.map(Cow::into_owned);
    record.common.inferred = Some(TimeBounds::Inner);
    record
}

fn end_agent(open: Open, end: AgentEnd) {
    let mut record = agent(end.name, end.provider);
    record.request.model = end.model;
    record.common.conversation_id = end.conversation_id;
    let record = Record::AgentInvocation(Box::new(record));
    open.close_at(record, Outcome::Completed, end.at);
}

fn record_tool(telemetry: &Telemetry, agent: &Open, run: ToolRun) {
    let ToolRun {
        asked_by,
        context,
        started,
        ended,
        call_id,
        name,
        arguments,
        result,
        ..
    } = run;
    let mut record = ToolExecution::new(name);
    record.call_id = call_id;
    record.tool_type = Some(ToolType::Function);
    record.common.inferred = Some(TimeBounds::Outer);
    let options = StartOptions {
        parent: Parent::Current,
        at: Some(started),
        identity: Some(Identity {
            trace_id: context.trace_id,
            span_id: context.span_id,
        }),
        links: vec![asked_by],
        ..StartOptions::default()
    };
    let outline = Record::ToolExecution(Box::new(record.clone()));
    let open = agent.scope().run(|| telemetry.open(outline, options));
    record.arguments = arguments;
    let outcome = match result {
        ToolResult::Returned(result) => {
            record.result = result;
            Outcome::Completed
        }
        ToolResult::Failed(said) => {
            let failure = Failure::new(ErrorType::ToolError);
            Outcome::Failed(match said {
                Value::Null => failure,
                Value::String(text) => failure.with_message(text),
                other => failure.with_message(other.to_json()),
            })
        }
        ToolResult::Unknown => Outcome::Cancelled,
    };
    open.close_at(Record::ToolExecution(Box::new(record)), outcome, ended);
}

impl fmt::Debug for Agents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Agents").finish_non_exhaustive()
    }
}

impl fmt::Debug for UnderWay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnderWay")
            .field("caller", &self.caller)
            .finish_non_exhaustive()
    }
}
