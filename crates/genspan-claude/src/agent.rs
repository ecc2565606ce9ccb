//! One agent at work: the main one or a sub-agent.

use genspan::{
    AgentInvocation, Counts, ErrorType, Failure, Message, Open, Outcome, Record, Scope,
    SpanContext, SpanEvent, Usage, Value,
};

use crate::{
    book::Book,
    chat::{Begin, Chat},
    fields::Fields,
    moment::{Moment, mark},
};

/// Holds an agent that runs.
#[derive(Debug)]
pub(crate) struct Agent {
    /// The span; `None` for one that has ended and of which late messages tell.
    open: Option<Open>,
    pub(crate) record: AgentInvocation,
    scope: Scope,
    is_start_derived: bool,
    chat: Option<Chat>,
    /// When the next request can have been sent.
    since: Moment,
    /// When the agent said that it sends one.
    requested: Option<Moment>,
    /// Attempts at the next call that failed.
    retries: Vec<SpanEvent>,
    attempts: u32,
    retried_for: Option<ErrorType>,
    input: Vec<Message>,
    input_weight: usize,
    /// What its last call answered, where nobody else states it.
    answer: Option<Message>,
    sums: Sums,
}

/// Adds up the tokens of an agent's own calls.
#[derive(Debug, Default)]
struct Sums {
    calls: u64,
    counts: Counts,
    /// Whether there is a call whose output is not known, so that no sum can be.
    lacks_output: bool,
}

impl Agent {
    /// Bounds the attempts that are told of one call, and the messages and bytes that are kept for the next.
    const MAX_RETRIES: usize = 32;
    const MAX_INPUT: usize = 256;
    const MAX_WEIGHT: usize = 4 * 1024 * 1024;

    /// Opens the agent's span.
    pub(crate) fn begin(
        record: AgentInvocation,
        started: Moment,
        scope: &Scope,
        id: Option<&str>,
        book: &mut Book,
    ) -> Self {
        let outline = Record::AgentInvocation(Box::new(record.clone()));
        let mut options = book.start(started.at, "agent", id);
        if id.is_none() && book.options.parent != genspan::Parent::Current {
            options.parent = book.options.parent.clone();
        }
        let open = book.open(scope, outline, options);
        let scope = open.scope();
        Self::new(Some(open), record, scope, started)
    }

    /// Stands for an agent whose span has ended.
    pub(crate) fn ended(span: SpanContext, now: Moment, book: &Book) -> Self {
        let scope = book.telemetry.scope_under(span);
        let record = AgentInvocation::new("");
        Self::new(None, record, scope, now)
    }

    fn new(open: Option<Open>, record: AgentInvocation, scope: Scope, started: Moment) -> Self {
        Self {
            open,
            record,
            scope,
            is_start_derived: started.is_derived,
            chat: None,
            since: started,
            requested: None,
            retries: Vec::new(),
            attempts: 1,
            retried_for: None,
            input: Vec::new(),
            input_weight: 0,
            answer: None,
            sums: Sums::default(),
        }
    }

    pub(crate) fn context(&self) -> Option<&SpanContext> {
        self.scope.context()
    }

    pub(crate) const fn scope(&self) -> &Scope {
        &self.scope
    }

    pub(crate) const fn calls(&self) -> u64 {
        self.sums.calls
    }

    /// Tells whether content is worth to be gathered at all.
    pub(crate) fn wants_content(&self, book: &Book) -> bool {
        match &self.open {
            Some(open) => open.wants_content(),
            None => book.telemetry.wants_content(true),
        }
    }

    pub(crate) fn wants_input(&self, book: &Book) -> bool {
        book.options.records_inputs && self.wants_content(book)
    }

    pub(crate) fn wants_output(&self, book: &Book) -> bool {
        book.options.records_outputs && self.wants_content(book)
    }

    pub(crate) const fn chat(&self) -> Option<&Chat> {
        self.chat.as_ref()
    }

    pub(crate) const fn chat_mut(&mut self) -> Option<&mut Chat> {
        self.chat.as_mut()
    }

    /// Notes that from now on a request can be sent.
    pub(crate) fn boundary(&mut self, now: Moment) {
        self.since = self.since.max(now);
        self.requested = None;
    }

    /// Notes that a request is sent now.
    pub(crate) fn requests(&mut self, now: Moment) {
        self.requested = Some(now);
    }

    /// Keeps a message for the next call's input.
    pub(crate) fn hear(&mut self, message: Message) {
        let weight = message.weight();
        if self.input.len() < Self::MAX_INPUT && self.input_weight + weight <= Self::MAX_WEIGHT {
            self.input_weight += weight;
            self.input.push(message);
        }
    }

    /// Notes that an attempt at the next call failed.
    pub(crate) fn retry(&mut self, told: &Value, now: Moment) {
        let status = told
            .count("error_status")
            .and_then(|status| u16::try_from(status).ok())
            .filter(|status| *status >= 400);
        let word = told.id("error").and_then(crate::failure::of_word);
        let error_type = status
            .map(ErrorType::from_http_status)
            .or(word)
            .unwrap_or(ErrorType::Unknown);
        if self.retries.len() < Self::MAX_RETRIES {
            let event = SpanEvent::attempt(self.attempts, status, &error_type, now.at);
            self.retries.push(event);
        }
        self.attempts = self.attempts.saturating_add(1);
        self.retried_for = Some(error_type);
    }

    /// Gives the call that messages with this id tell of, which is a new one unless it is the last.
    pub(crate) fn call(
        &mut self,
        id: Option<&str>,
        model: Option<String>,
        wait: Option<std::time::Duration>,
        now: Moment,
        book: &mut Book,
    ) -> &mut Chat {
        let chat = match self.chat.take() {
            Some(chat) if chat.is_of(id) => chat,
            other => {
                if let Some(chat) = other {
                    self.end_chat(chat, &Outcome::Cancelled, book);
                }
                self.begin_chat(id, model, wait, now, book)
            }
        };
        self.chat.insert(chat)
    }

    fn begin_chat(
        &mut self,
        id: Option<&str>,
        model: Option<String>,
        wait: Option<std::time::Duration>,
        now: Moment,
        book: &mut Book,
    ) -> Chat {
        let asked = self.requested.take().filter(|asked| asked.at <= now.at);
        let mut since = asked.unwrap_or(self.since);
        // The first piece came so long after its request.
        if let Some(wait) = wait {
            let at = now.at.unix_nanos().saturating_sub(nanos(wait));
            since = since.max(Moment {
                at: genspan::Timestamp::from_unix_nanos(at),
                ..now
            });
        }
        if since.at > now.at {
            since = now;
        }
        let begin = Begin {
            id,
            model: model.or_else(|| self.record.request.model.clone()),
            conversation: self.record.common.conversation_id.clone(),
            since,
            is_exact: asked.is_some() || wait.is_some(),
            now,
            input: std::mem::take(&mut self.input),
            retries: std::mem::take(&mut self.retries),
            attempts: std::mem::replace(&mut self.attempts, 1),
        };
        self.input_weight = 0;
        self.retried_for = None;
        Chat::begin(begin, &self.scope, book)
    }

    /// Ends the call that is being told.
    pub(crate) fn close_chat(&mut self, cut: &Outcome, book: &mut Book) {
        if let Some(chat) = self.chat.take() {
            self.end_chat(chat, cut, book);
        }
    }

    fn end_chat(&mut self, chat: Chat, cut: &Outcome, book: &mut Book) {
        self.since = self.since.max(chat.ended());
        self.answer = chat.answer();
        let (usage, has_output) = chat.end(cut, book);
        self.sums.add(usage, has_output);
    }

    /// Ends the call that was tried and never answered, if there is one.
    pub(crate) fn give_up(&mut self, now: Moment, book: &mut Book) {
        let Some(error_type) = self.retried_for.take() else {
            return;
        };
        let exact = book.exact.as_mut().and_then(|it| it.take_given_up());
        if let Some((began, _)) = &exact {
            self.requested = Some(Moment::stated(*began));
        }
        let mut chat = self.begin_chat(None, None, None, now, book);
        match exact {
            Some((_, exact)) => chat.know(exact),
            None => chat.fail(Failure::new(error_type), now),
        }
        self.end_chat(chat, &Outcome::Cancelled, book);
    }

    /// Takes what was said last for the agent's answer, unless that was stated.
    pub(crate) fn conclude(&mut self) {
        let output = &mut self.record.content.output;
        if output.is_empty() {
            output.extend(self.answer.take());
        }
    }

    /// Ends the agent with all that it has under way.
    pub(crate) fn end(mut self, outcome: Outcome, now: Moment, book: &mut Book) {
        self.close_chat(&outcome, book);
        self.give_up(now, book);
        let Some(open) = self.open else { return };
        // Who sees calls more closely sees some that no message tells, and the recorder adds up all.
        let adds_up = book.exact.is_some() && !self.sums.lacks_output;
        if self.record.usage == Usage::default() && self.sums.calls > 0 && !adds_up {
            self.record.usage = self.sums.usage();
        }
        mark(
            &mut self.record.common,
            self.is_start_derived,
            now.is_derived,
        );
        let at = now.at.max(open.started());
        let record = Record::AgentInvocation(Box::new(self.record));
        open.close_at(record, outcome, at);
    }
}

impl Sums {
    fn add(&mut self, usage: Usage, has_output: bool) {
        let plus = |sum: Option<u64>, one: Option<u64>| match (sum, one) {
            (Some(sum), Some(one)) => Some(sum.saturating_add(one)),
            (sum, one) => sum.or(one),
        };
        self.calls += 1;
        self.counts = self.counts.combined(usage.counts(), plus);
        self.lacks_output |= !has_output;
    }

    fn usage(&self) -> Usage {
        let mut counts = self.counts;
        if self.lacks_output {
            (counts.output, counts.reasoning) = (None, None);
        }
        Usage::inclusive(counts).0
    }
}

fn nanos(time: std::time::Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
