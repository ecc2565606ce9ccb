//! An agent's run that a framework tells of, piece by piece.

use std::{collections::HashMap, hash::Hash};

use crate::{
    Active, AgentInvocation, Failure, Inference, Operation, Outcome, Scope, StartOptions,
    Telemetry, ToolExecution,
};

/// Records one run of an agent as a framework's hooks tell of it: the run, its calls to models and its tools.
///
/// Hooks are told of a beginning and, apart from it, of an end, and can keep no guard between the two. So what is under
/// way is kept here by the framework's own ids, each operation within the agent's span, and ends exactly once:
///
/// | | ends |
/// |---|---|
/// | a call to a model | when it is known [how the work on it ended](Self::note_outcome) |
/// | a run of a tool | when its [result is settled](Self::end_as), which hooks may change after the work |
/// | the agent | by [`finish`](Self::finish) or [`fail`](Self::fail), or dropped, as cancelled |
///
/// What is still under way then ends before the agent: a tool as the work on it did, all else as cancelled. In memory is
/// no more than what is under way.
///
/// A framework that runs its work in several tasks shares a run as `Arc<Mutex<AgentRun<_>>>`.
///
/// ```
/// use genspan::{AgentInvocation, AgentRun, Inference, Outcome, Provider, Telemetry, ToolExecution};
///
/// # fn of(telemetry: &Telemetry) {
/// let mut run = AgentRun::start(telemetry, AgentInvocation::new("travel"));
///
/// run.start_inference("step-1", Inference::chat(Provider::OPENAI, "gpt-4o-mini"));
/// let scope = run.scope(&"step-1"); // where the model is asked, so that an HTTP layer adds what it reads
/// run.note_chunk(&"step-1");
/// if let Some(call) = run.inference(&"step-1") {
///     call.response.finish_reasons = vec!["tool_calls".to_owned()];
/// }
/// run.note_outcome(&"step-1", Outcome::Completed); // the call ends
///
/// run.start_tool("step-2", ToolExecution::new("find_trains"));
/// run.note_outcome(&"step-2", Outcome::Completed); // the tool has returned …
/// if let Some(tool) = run.tool(&"step-2").filter(|tool| tool.wants_content()) {
///     tool.result = "ICE 9:04".into();
/// }
/// run.end_as(&"step-2", Outcome::Completed); // … and all hooks have seen its result
///
/// run.finish();
/// # drop(scope);
/// # }
/// ```
#[derive(Debug)]
#[must_use = "dropping it at once records a cancelled run"]
pub struct AgentRun<Id> {
    telemetry: Telemetry,
    /// `None` once the run has ended.
    agent: Option<Active<AgentInvocation>>,
    under_way: HashMap<Id, UnderWay>,
    /// Why the last call to a model failed, if none has been answered since.
    failure: Option<Failure>,
}

#[allow(
    clippy::large_enum_variant,
    reason = "few are under way at a time, and what is recorded is kept apart"
)]
#[derive(Debug)]
enum UnderWay {
    Inference(Active<Inference>),
    /// A tool, and how the work on it ended.
    Tool(Active<ToolExecution>, Option<Outcome>),
}

impl<Id: Eq + Hash> AgentRun<Id> {
    /// Starts the run within what is current.
    pub fn start(telemetry: &Telemetry, agent: AgentInvocation) -> Self {
        Self {
            agent: Some(telemetry.start(agent)),
            telemetry: telemetry.clone(),
            under_way: HashMap::new(),
            failure: None,
        }
    }

    /// Gives the agent, for what becomes known of it; `None` once the run has ended.
    pub const fn agent(&mut self) -> Option<&mut Active<AgentInvocation>> {
        self.agent.as_mut()
    }

    /// Starts a call to a model; one under way by the same id ends as cancelled.
    ///
    /// It is [told](StartOptions::told) of: what reads the wire within it knows better.
    pub fn start_inference(&mut self, id: Id, call: Inference) {
        let call = UnderWay::Inference(self.start_within(call, true));
        self.under_way.insert(id, call);
    }

    /// Starts the run of a tool, by default of this agent; one under way by the same id ends as cancelled.
    pub fn start_tool(&mut self, id: Id, mut tool: ToolExecution) {
        let agent = self.agent.as_ref();
        let of_agent = || agent.and_then(|agent| agent.name.clone());
        tool.agent_name = tool.agent_name.or_else(of_agent);
        let tool = UnderWay::Tool(self.start_within(tool, false), None);
        self.under_way.insert(id, tool);
    }

    /// Starts within the agent; what is told of after the agent's end stands where it happens.
    fn start_within<R: Operation>(&self, operation: R, told: bool) -> Active<R> {
        let options = StartOptions {
            within: self.agent.as_ref().map(Active::scope),
            told,
            ..StartOptions::default()
        };
        self.telemetry.start_with(operation, options)
    }

    /// Gives a call to a model that is under way, for what becomes known of it.
    pub fn inference(&mut self, id: &Id) -> Option<&mut Active<Inference>> {
        match self.under_way.get_mut(id)? {
            UnderWay::Inference(call) => Some(call),
            UnderWay::Tool(..) => None,
        }
    }

    /// Gives a run of a tool that is under way, for what becomes known of it.
    pub fn tool(&mut self, id: &Id) -> Option<&mut Active<ToolExecution>> {
        match self.under_way.get_mut(id)? {
            UnderWay::Tool(tool, _) => Some(tool),
            UnderWay::Inference(_) => None,
        }
    }

    /// Gives the scope in which the work on an operation is to run; `None` where it is not under way.
    #[must_use]
    pub fn scope(&self, id: &Id) -> Option<Scope> {
        Some(match self.under_way.get(id)? {
            UnderWay::Inference(call) => call.scope(),
            UnderWay::Tool(tool, _) => tool.scope(),
        })
    }

    /// Notes that a chunk of a streamed answer came now.
    pub fn note_chunk(&mut self, id: &Id) {
        if let Some(call) = self.inference(id) {
            let now = call.now();
            call.timing.chunk(now);
        }
    }

    /// Notes how the work on an operation ended, of which the first word counts.
    ///
    /// A call to a model ends with that. A tool waits for [`end_as`](Self::end_as), and keeps this for where that never
    /// comes.
    pub fn note_outcome(&mut self, id: &Id, outcome: Outcome) {
        match self.under_way.get_mut(id) {
            Some(UnderWay::Inference(_)) => self.end_as(id, outcome),
            Some(UnderWay::Tool(_, known)) => {
                known.get_or_insert(outcome);
            }
            None => {}
        }
    }

    /// Ends an operation as it turned out; nothing where it is not under way.
    pub fn end_as(&mut self, id: &Id, outcome: Outcome) {
        match self.under_way.remove(id) {
            Some(UnderWay::Inference(call)) => {
                match &outcome {
                    Outcome::Failed(failure) => self.failure = Some(failure.clone()),
                    // It made good what failed before.
                    Outcome::Completed => self.failure = None,
                    Outcome::Cancelled => {}
                }
                call.end_as(outcome);
            }
            Some(UnderWay::Tool(tool, _)) => tool.end_as(outcome),
            None => {}
        }
    }

    /// Ends the run, which came to its answer; nothing once it has ended.
    pub fn finish(&mut self) {
        self.end_run(Outcome::Completed);
    }

    /// Ends the run, which failed; nothing once it has ended.
    ///
    /// What `failure` leaves open, the failure of the last call to a model says, where none was answered since.
    pub fn fail(&mut self, failure: impl Into<Failure>) {
        let mut failure = failure.into();
        if let Some(closer) = self.failure.take() {
            failure.refine(closer);
        }
        self.end_run(Outcome::Failed(failure));
    }

    fn end_run(&mut self, outcome: Outcome) {
        self.let_go();
        if let Some(agent) = self.agent.take() {
            agent.end_as(outcome);
        }
    }
}

impl<Id> AgentRun<Id> {
    /// Ends what is under way, after which nobody asks any more.
    fn let_go(&mut self) {
        for (_, operation) in self.under_way.drain() {
            match operation {
                UnderWay::Inference(call) => call.end_as(Outcome::Cancelled),
                UnderWay::Tool(tool, known) => tool.end_as(known.unwrap_or(Outcome::Cancelled)),
            }
        }
    }
}

impl<Id> Drop for AgentRun<Id> {
    fn drop(&mut self) {
        // The agent ends after them, with the fields.
        self.let_go();
    }
}
