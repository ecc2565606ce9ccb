//! One run of an agent, and what it has under way.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak},
};

use genspan::{
    Active, AgentInvocation, AgentSite, ErrorType, Failure, Inference, InferenceKind, Operation,
    Outcome, Provider, Scope, StartOptions, Telemetry, ToolExecution, ToolType, Value,
};
use rig_agent::agent::{HookContext, OutcomeEvent, SettledOutcome};
use rig_core::{
    completion::{CompletionRequest, CompletionResponse},
    effect::{EffectId, EffectKind},
    message::CallId,
};

use crate::facts;

/// Holds what the runs of one agent have in common.
pub(crate) struct Shared {
    pub(crate) telemetry: Telemetry,
    pub(crate) provider: Provider,
    pub(crate) model: Option<String>,
    /// Known once the agent is built.
    pub(crate) description: OnceLock<String>,
    /// Whether what is said in a call is rig's to tell, since nobody reads the wire.
    pub(crate) shows: bool,
    /// Whose the dispatches are that wait to be served; their ids are unique on the agent's bus, and all that is known there.
    pub(crate) dispatches: Mutex<HashMap<EffectId, Weak<Mutex<Run>>>>,
}

/// Locks what nothing leaves half done.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Holds a run; dropped, it ends as cancelled, and before it what it has under way.
pub(crate) struct Run {
    shared: Arc<Shared>,
    /// `None` once it has ended.
    pub(crate) agent: Option<Active<AgentInvocation>>,
    pub(crate) under_way: HashMap<EffectId, UnderWay>,
    failure: Option<Failure>,
    is_described: bool,
    /// Whether the model that was selected is served within the spans of its calls.
    pub(crate) is_served: bool,
}

#[allow(clippy::large_enum_variant, reason = "few are under way at a time")]
pub(crate) enum UnderWay {
    /// Ends when it is answered.
    Chat(Active<Inference>),
    /// Ends when the hooks have seen its result, or at last as its serving did.
    Tool(Active<ToolExecution>, Option<Outcome>),
}

impl Run {
    pub(crate) fn begin(shared: &Arc<Shared>, name: Option<&str>) -> Self {
        let mut agent = AgentInvocation::at(AgentSite::InProcess {
            provider: Some(shared.provider.clone()),
        });
        agent.name = name.map(str::to_owned);
        agent.description = shared.description.get().cloned();
        agent.request.model.clone_from(&shared.model);
        Self {
            shared: Arc::clone(shared),
            agent: Some(shared.telemetry.start(agent)),
            under_way: HashMap::new(),
            failure: None,
            is_described: false,
            is_served: true,
        }
    }

    fn start<R: Operation>(&self, operation: R, told: bool) -> Active<R> {
        let options = StartOptions {
            within: self.agent.as_ref().map(Active::scope),
            told,
            ..StartOptions::default()
        };
        self.shared.telemetry.start_with(operation, options)
    }

    /// Begins a call, which is told rather than seen: what reads the wire knows better.
    pub(crate) fn chat(&mut self, request: &CompletionRequest, stream: bool) -> Option<UnderWay> {
        if let Some(agent) = self.agent.as_mut().filter(|_| !self.is_described) {
            self.is_described = true;
            facts::settings(&mut agent.request, request);
            if agent.wants_content() {
                let asked = facts::content(request);
                agent.content.system_instructions = asked.system_instructions;
                agent.content.tools = asked.tools;
            }
        }
        // A model that is served elsewhere, and may be read from the wire there, is not to be doubled.
        if !self.shared.shows && !self.is_served {
            return None;
        }
        let kind = if self.shared.provider.as_str().starts_with("gcp.") {
            InferenceKind::GenerateContent
        } else {
            InferenceKind::Chat
        };
        let mut call = Inference::new(kind, self.shared.provider.clone());
        let model = request.model.as_ref().or(self.shared.model.as_ref());
        call.request.model = model.cloned();
        call.request.stream = stream;
        Some(UnderWay::Chat(self.start(call, true)))
    }

    /// Begins the run of a tool.
    pub(crate) fn tool(
        &self,
        context: &HookContext,
        name: &str,
        id: Option<&CallId>,
    ) -> Active<ToolExecution> {
        let mut tool = ToolExecution::new(name);
        tool.tool_type = Some(ToolType::Function);
        tool.call_id = id.and_then(facts::id);
        tool.agent_name = context.agent_name().map(str::to_owned);
        self.start(tool, false)
    }

    /// Takes over what is served at last, and gives the scope for it.
    pub(crate) fn serve(&mut self, id: EffectId, kind: &EffectKind) -> Option<Scope> {
        Some(match (self.under_way.get_mut(&id)?, kind) {
            (UnderWay::Chat(call), EffectKind::Completion { request, .. }) => {
                facts::asked(call, request, self.shared.shows);
                call.scope()
            }
            (UnderWay::Chat(call), _) => call.scope(),
            (UnderWay::Tool(tool, _), _) => tool.scope(),
        })
    }

    /// Notes that a piece of a streamed answer came.
    pub(crate) fn heard(&mut self, id: EffectId) {
        if let Some(UnderWay::Chat(call)) = self.under_way.get_mut(&id) {
            let now = call.telemetry().now();
            call.timing.chunk(now);
        }
    }

    /// Notes how the serving of an operation ended, of which the first word counts.
    pub(crate) fn served(
        &mut self,
        id: EffectId,
        response: Option<&CompletionResponse>,
        outcome: Outcome,
    ) {
        if let Some(UnderWay::Tool(_, ended)) = self.under_way.get_mut(&id) {
            ended.get_or_insert(outcome);
        } else if let Some(UnderWay::Chat(mut call)) = self.under_way.remove(&id) {
            if let Some(response) = response {
                facts::answered(&mut call, response, self.shared.shows);
            }
            if let Outcome::Failed(failure) = &outcome {
                self.failure = Some(failure.clone());
            }
            call.end_as(outcome);
        }
    }

    /// Ends what the hooks have seen the result of.
    pub(crate) fn resolve(&mut self, context: &HookContext, event: &OutcomeEvent<'_>) {
        let outcome = facts::ended(event.outcome);
        let EffectKind::ToolCall { name, args } = event.kind else {
            // A call that is still under way was served by a handler of somebody else's.
            self.serve(event.id, event.kind);
            return self.served(event.id, event.completion(), outcome);
        };
        let mut tool = match self.under_way.remove(&event.id) {
            Some(UnderWay::Tool(tool, _)) => tool,
            // Another hook turned it away before this one saw it go.
            _ => self.tool(context, name, event.call_id),
        };
        if tool.wants_content() {
            tool.arguments = Value::from_json_or_text(args);
            if let Some(result) = event.tool_result() {
                tool.result = Value::from_json_or_text(&result.output().render());
            }
        }
        tool.end_as(outcome);
    }

    /// Ends the run, and before it what nobody asks after any more.
    pub(crate) fn settle(&mut self, outcome: SettledOutcome<'_>) {
        self.let_go();
        let Some(mut agent) = self.agent.take() else {
            return;
        };
        match outcome {
            SettledOutcome::Response(response) => {
                if agent.wants_content() {
                    agent.content.output = facts::answer(&response.content);
                }
                agent.finish();
            }
            SettledOutcome::Error(text) => {
                let known = self.failure.take();
                let failure = known.unwrap_or_else(|| ErrorType::Unknown.into());
                agent.fail(failure.with_message(text));
            }
        }
    }

    fn let_go(&mut self) {
        for (_, operation) in self.under_way.drain() {
            match operation {
                UnderWay::Chat(call) => call.end_as(Outcome::Cancelled),
                UnderWay::Tool(tool, ended) => tool.end_as(ended.unwrap_or(Outcome::Cancelled)),
            }
        }
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        self.let_go();
    }
}
