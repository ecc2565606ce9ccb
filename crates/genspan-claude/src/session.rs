//! Messages in, telemetry out.

use genspan::{
    AgentInvocation, AgentSite, ErrorType, Message, Outcome, Role, Scope, SpanContext, SpanEvent,
    Telemetry, ToolDefinition, Value,
};

use crate::{
    Exact, Moment, Options, Tally, book::Book, events, fields::Fields, run::Run, totals::Totals,
};

/// Makes spans of the messages of one stream, as they come.
///
/// It does no IO and reads no clock: every message comes with its moment. Runs follow one another in a stream; each is
/// an agent's span with those of its calls, tools and sub-agents, and ends with its result, at the latest when this
/// is dropped. Memory stays bounded however long the stream is.
///
/// ```
/// use genspan::{Telemetry, Timestamp, Value};
/// use genspan_claude::{End, Moment, Options, Session};
///
/// # fn of(telemetry: &Telemetry, output: &str) {
/// let mut session = Session::new(telemetry, Options::default());
/// session.begin(Some("What is in this folder?"), Moment::stated(telemetry.now()));
/// for line in output.lines() {
///     if let Ok(message) = Value::from_json(line) {
///         session.message(&message, Moment::stated(telemetry.now()));
///     }
/// }
/// session.finish(End::Cut, Moment::stated(telemetry.now()));
/// # }
/// ```
#[derive(Debug)]
pub struct Session {
    book: Book,
    /// Where it began; runs are of what was current there.
    around: Scope,
    begun: Option<Begun>,
    run: Option<Run>,
    totals: Totals,
    /// What came before the run that it is of.
    ahead: Vec<SpanEvent>,
    last: Moment,
}

/// Holds a query of which no message has come yet.
#[derive(Debug)]
struct Begun {
    at: Moment,
    prompt: Option<String>,
    model: Option<String>,
}

/// Tells how a stream of messages ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// It says of itself that it is complete, as far as a run is under way.
    Complete,
    /// It ended without a result.
    Cut,
    /// Nobody wanted more of it.
    Cancelled,
    /// It failed.
    Failed(genspan::Failure),
}

impl End {
    fn outcome(self) -> Outcome {
        match self {
            Self::Complete => Outcome::Completed,
            Self::Cut => Outcome::Failed(ErrorType::Truncated.into()),
            Self::Cancelled => Outcome::Cancelled,
            Self::Failed(failure) => Outcome::Failed(failure),
        }
    }
}

impl Session {
    /// Bounds what is kept for a run that has not begun.
    const MAX_AHEAD: usize = 32;

    /// Begins to record within what is current here.
    #[must_use]
    pub fn new(telemetry: &Telemetry, options: Options) -> Self {
        Self::build(telemetry, options, None)
    }

    /// Begins to record, with somebody at hand who sees the calls themselves.
    #[must_use]
    pub fn with_exact(telemetry: &Telemetry, options: Options, exact: Box<dyn Exact>) -> Self {
        Self::build(telemetry, options, Some(exact))
    }

    fn build(telemetry: &Telemetry, options: Options, exact: Option<Box<dyn Exact>>) -> Self {
        Self {
            book: Book::new(telemetry.clone(), options, exact),
            around: telemetry.scope(),
            begun: None,
            run: None,
            totals: Totals::default(),
            ahead: Vec::new(),
            last: Moment::default(),
        }
    }

    /// Notes that a run begins, before any message of it; a run that is under way ends as cut.
    ///
    /// No message tells the prompt.
    pub fn begin(&mut self, prompt: Option<&str>, at: Moment) {
        self.end_run(End::Cut, at);
        self.begun = Some(Begun {
            at,
            prompt: prompt.map(str::to_owned),
            model: None,
        });
        self.last = self.last.max(at);
    }

    /// Notes that a run begins whose prompt comes as a message, and the model where it is known.
    pub(crate) fn begin_with(&mut self, model: Option<String>, at: Moment) {
        self.begun = Some(Begun {
            at,
            prompt: None,
            model: model.filter(|model| !model.starts_with('<')),
        });
    }

    /// Notes when the next call's request of an agent was sent, as others know.
    pub(crate) fn requested(&mut self, parent: Option<&str>, at: Moment) {
        if let (Some(run), None) = (&mut self.run, parent) {
            run.main().requests(at);
        }
    }

    /// Counts a message that says nothing.
    pub(crate) fn pass_over(&mut self) {
        self.book.tally.messages += 1;
    }

    /// Takes a message.
    pub fn message(&mut self, message: &Value, at: Moment) {
        // Some SDKs move it into the message proper.
        let parent = message.id("parent_tool_use_id").or_else(|| {
            let message = message.member("message")?;
            message.id("parent_tool_use_id")
        });
        self.message_of(message, parent, at);
    }

    /// Takes a message of the sub-agent that a call of a tool started; `None` for the main agent.
    pub(crate) fn message_of(&mut self, line: &Value, parent: Option<&str>, at: Moment) {
        self.book.tally.messages += 1;
        self.last = self.last.max(at);
        let kind = line.text("type").unwrap_or_default();
        if kind != "stream_event"
            && let Some(id) = line.id("uuid")
            && !self.book.lines.insert(id, ())
        {
            self.book.tally.repeated += 1;
            return;
        }
        match kind {
            "assistant" => self.in_run(line, at, |run, book| run.assistant(line, parent, at, book)),
            "user" => self.in_run(line, at, |run, book| run.user(line, parent, at, book)),
            "stream_event" => {
                self.in_run(line, at, |run, book| {
                    run.stream_event(line, parent, at, book)
                });
            }
            "result" => self.result(line, at),
            "system" => self.system(line, at),
            "conversation_reset" => self.totals.reset(),
            other if is_passed_over(other) => {}
            other => self.book.tally.unknown(other),
        }
    }

    /// Tells which span a call to a model has, by the id of its answer's message, as far as that is remembered.
    #[must_use]
    pub fn span_of_call(&self, message_id: &str) -> Option<&SpanContext> {
        self.book.calls.get(message_id)
    }

    /// Notes that a call is recorded elsewhere, with the given span: messages that tell of it later make no other.
    pub fn call_recorded(&mut self, message_id: &str, span: SpanContext) {
        self.book.calls.insert(message_id, span);
    }

    /// Tells which span a sub-agent has or had, by the call of the tool that started it, as far as that is remembered.
    #[must_use]
    pub fn span_of_agent(&self, tool_use_id: &str) -> Option<&SpanContext> {
        self.book.agents.get(tool_use_id)
    }

    /// Gives the scope of an agent that runs: the main one, or the one that a call of a tool started.
    ///
    /// Calls that no message tells of, such as those of sub-agents, belong there.
    #[must_use]
    pub fn scope_of(&self, parent_tool_use_id: Option<&str>) -> Option<&Scope> {
        self.run.as_ref()?.scope_of(parent_tool_use_id)
    }

    /// Gives the conversation's id, while a run is under way.
    #[must_use]
    pub fn conversation_id(&self) -> Option<&str> {
        self.run.as_ref()?.session_id.as_deref()
    }

    /// Tells whether a run is under way.
    #[must_use]
    pub const fn is_running(&self) -> bool {
        self.run.is_some() || self.begun.is_some()
    }

    /// Gives what was met so far.
    #[must_use]
    pub const fn tally(&self) -> &Tally {
        &self.book.tally
    }

    /// Ends what is under way, and gives what was met.
    #[allow(
        clippy::must_use_candidate,
        reason = "it is called for the end; what was met is by the way"
    )]
    pub fn finish(mut self, end: End, at: Moment) -> Tally {
        self.end_run(end, at);
        std::mem::take(&mut self.book.tally)
    }

    /// Ends the run that is under way, or that was to begin; tells how it stands before that.
    pub(crate) fn end_run(&mut self, end: End, at: Moment) {
        let at = self.last.max(at);
        if self.run.is_none() && self.begun.is_some() {
            self.begin_run(&Value::Null, at);
        }
        if let Some(run) = self.run.take() {
            run.end(end.outcome(), at, &mut self.book);
        }
    }

    /// Tells how the run that is under way can end where nothing states it: well, unless something is unanswered.
    pub(crate) fn likely_end(&self) -> End {
        match &self.run {
            Some(run) if run.is_waiting() => End::Cut,
            Some(run) => match run.error() {
                Some(error) => End::Failed(error.clone()),
                None => End::Complete,
            },
            None => End::Complete,
        }
    }

    /// Hands a message to the run that it is of, which it may begin.
    fn in_run(&mut self, line: &Value, at: Moment, then: impl FnOnce(&mut Run, &mut Book)) {
        if self.run.is_none() {
            self.begin_run(line, at);
        }
        if let Some(run) = &mut self.run {
            then(run, &mut self.book);
        }
    }

    /// Opens the main agent's span, as soon as it is known as what.
    fn begin_run(&mut self, line: &Value, now: Moment) {
        let begun = self.begun.take();
        let session_id = session_id(line);
        let mut record = AgentInvocation::at(AgentSite::InProcess {
            provider: Some(self.book.options.provider.clone()),
        });
        record.name = Some(self.book.options.agent_name.clone());
        let model = line.owned_id("model");
        let known = begun.as_ref().and_then(|begun| begun.model.clone());
        record.request.model = model
            .or(known)
            .or_else(|| self.book.options.model.clone())
            .or_else(|| Some("unknown".to_owned()));
        record.version = line
            .owned_id("version")
            .or_else(|| line.owned_id("claude_code_version"));
        record.common.conversation_id = session_id.clone();
        record.common.events = std::mem::take(&mut self.ahead);
        self.book.key = [session_id.as_deref(), line.id("uuid")]
            .map(Option::unwrap_or_default)
            .join("\n");
        let started = match &begun {
            Some(begun) => begun.at,
            // The run began before its first message came.
            None => Moment::derived(now.at),
        };
        let mut run = Run::begin(record, started, &self.around, &mut self.book);
        let main = run.main();
        main.boundary(now);
        if let Some(prompt) = begun.and_then(|begun| begun.prompt)
            && main.wants_input(&self.book)
        {
            let message = Message::text(Role::User, prompt);
            main.record.content.input.push(message.clone());
            main.hear(message);
        }
        self.run = Some(run);
    }

    fn result(&mut self, line: &Value, now: Moment) {
        if self.run.is_none() {
            self.begin_run(line, now);
        }
        if let Some(run) = self.run.take() {
            run.result(line, &mut self.totals, now, &mut self.book);
        }
    }

    fn system(&mut self, line: &Value, now: Moment) {
        let subtype = line.text("subtype").unwrap_or_default();
        // Some SDKs keep all but the subtype in a member of its own.
        let line = match line.member("data") {
            Some(data @ Value::Map(_)) if line.id("session_id").is_none() => data,
            _ => line,
        };
        if subtype == "init" {
            self.init(line, now);
            return;
        }
        if !is_known_system(subtype) {
            self.book.tally.unknown(&format!("system/{subtype}"));
            return;
        }
        if let Some(run) = &mut self.run {
            run.system(line, subtype, now, &mut self.book);
        } else if subtype == "hook_response" && self.ahead.len() < Self::MAX_AHEAD {
            self.ahead.push(events::hook(line, now));
        }
    }

    fn init(&mut self, line: &Value, now: Moment) {
        let other = session_id(line);
        let is_other = self
            .run
            .as_ref()
            .is_some_and(|run| run.session_id.is_some() && run.session_id != other);
        if is_other {
            self.end_run(End::Cut, now);
        }
        if self.run.is_none() {
            self.begin_run(line, now);
        }
        let Some(run) = &mut self.run else { return };
        if run.session_id.is_none() {
            run.session_id.clone_from(&other);
        }
        let main = run.main();
        let wants_input = main.wants_input(&self.book);
        let record = &mut main.record;
        record.common.conversation_id = record.common.conversation_id.take().or(other);
        record.version = line
            .owned_id("claude_code_version")
            .or(record.version.take());
        if let Some(model) = line.owned_id("model") {
            record.request.model = Some(model);
        }
        if wants_input {
            record.content.tools = line
                .items("tools")
                .iter()
                .filter_map(Value::as_str)
                .take(1024)
                .map(definition)
                .collect();
        }
        main.boundary(now);
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if self.is_running() {
            let now = Moment::stated(self.book.telemetry.now());
            self.end_run(End::Cancelled, now);
        }
    }
}

fn definition(name: &str) -> ToolDefinition {
    ToolDefinition {
        kind: "function".to_owned(),
        name: name.to_owned(),
        description: None,
        parameters: None,
    }
}

/// Gives the session's id, as streams and transcripts spell it.
fn session_id(line: &Value) -> Option<String> {
    line.owned_id("session_id")
        .or_else(|| line.owned_id("sessionId"))
}

/// Names the types of messages that say nothing of calls, tools or agents.
fn is_passed_over(kind: &str) -> bool {
    matches!(
        kind,
        "auth_status"
            | "control_cancel_request"
            | "control_request"
            | "control_response"
            | "keep_alive"
            | "prompt_suggestion"
            | "rate_limit"
            | "rate_limit_event"
            | "streamlined_text"
            | "streamlined_tool_use_summary"
            | "subagent_token_usage"
            | "tool_progress"
            | "tool_use_summary"
    )
}

/// Names the kinds of system messages that are known.
fn is_known_system(subtype: &str) -> bool {
    matches!(
        subtype,
        "api_retry"
            | "background_tasks_changed"
            | "compact_boundary"
            | "elicitation_complete"
            | "files_persisted"
            | "hook_progress"
            | "hook_response"
            | "hook_started"
            | "informational"
            | "local_command"
            | "local_command_output"
            | "permission_denied"
            | "plugin_install"
            | "post_turn_summary"
            | "session_state_changed"
            | "status"
            | "stop_hook_summary"
            | "task_notification"
            | "task_progress"
            | "task_started"
            | "task_updated"
            | "thinking_tokens"
            | "turn_duration"
    )
}
