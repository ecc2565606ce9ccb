//! One run of an agent: what rig tells of it, as the recorder is told.

use std::{
    collections::HashMap,
    mem,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak},
};

use genspan::{
    AgentInvocation, AgentRun, AgentSite, ErrorType, Failure, Inference, InferenceKind, Outcome,
    Provider, Scope, Telemetry, ToolExecution, ToolType, Value,
};
use rig_agent::agent::{OutcomeEvent, SettledOutcome};
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

/// Holds a run, with its dispatches by their ids.
pub(crate) struct Run {
    shared: Arc<Shared>,
    pub(crate) told: AgentRun<EffectId>,
    is_described: bool,
    /// Whether the model that was selected is served within the spans of its calls.
    pub(crate) is_served: bool,
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
            told: AgentRun::start(&shared.telemetry, agent),
            shared: Arc::clone(shared),
            is_described: false,
            is_served: true,
        }
    }

    /// Begins a call, whose first says what the agent is; gives whether it is recorded.
    pub(crate) fn chat(&mut self, id: EffectId, request: &CompletionRequest, stream: bool) -> bool {
        if !mem::replace(&mut self.is_described, true)
            && let Some(agent) = self.told.agent()
        {
            facts::settings(&mut agent.request, request);
            if agent.wants_content() {
                let asked = facts::content(request);
                agent.content.system_instructions = asked.system_instructions;
                agent.content.tools = asked.tools;
            }
        }
        // A model that is served elsewhere, and may be read from the wire there, is not to be doubled.
        if !self.shared.shows && !self.is_served {
            return false;
        }
        let provider = self.shared.provider.clone();
        let mut call = Inference::new(InferenceKind::of_chat(&provider), provider);
        let model = request.model.as_ref().or(self.shared.model.as_ref());
        call.request.model = model.cloned();
        call.request.stream = stream;
        self.told.start_inference(id, call);
        true
    }

    /// Begins the run of a tool.
    pub(crate) fn tool(&mut self, id: EffectId, name: &str, call: Option<&CallId>) {
        let mut tool = ToolExecution::new(name);
        tool.tool_type = Some(ToolType::Function);
        tool.call_id = call.and_then(facts::id);
        self.told.start_tool(id, tool);
    }

    /// Takes over what is served at last, and gives the scope for it.
    pub(crate) fn serve(&mut self, id: EffectId, kind: &EffectKind) -> Option<Scope> {
        if let EffectKind::Completion { request, .. } = kind
            && let Some(call) = self.told.inference(&id)
        {
            facts::asked(call, request, self.shared.shows);
        }
        self.told.scope(&id)
    }

    /// Notes how the serving of an operation ended.
    pub(crate) fn served(
        &mut self,
        id: EffectId,
        response: Option<&CompletionResponse>,
        outcome: Outcome,
    ) {
        if let (Some(response), Some(call)) = (response, self.told.inference(&id)) {
            facts::answered(call, response, self.shared.shows);
        }
        self.told.note_outcome(&id, outcome);
    }

    /// Ends what the hooks have seen the result of.
    pub(crate) fn resolve(&mut self, event: &OutcomeEvent<'_>) {
        let (id, outcome) = (event.id, facts::ended(event.outcome));
        let EffectKind::ToolCall { name, args } = event.kind else {
            // A call that is still under way was served by a handler of somebody else's.
            self.serve(id, event.kind);
            return self.served(id, event.completion(), outcome);
        };
        if self.told.tool(&id).is_none() {
            // Another hook turned it away before this one saw it go.
            self.tool(id, name, event.call_id);
        }
        if let Some(tool) = self.told.tool(&id).filter(|tool| tool.wants_content()) {
            tool.arguments = Value::from_json_or_text(args);
            if let Some(result) = event.tool_result() {
                tool.result = Value::from_json_or_text(&result.output().render());
            }
        }
        self.told.end_as(&id, outcome);
    }

    /// Ends the run.
    pub(crate) fn settle(&mut self, outcome: SettledOutcome<'_>) {
        match outcome {
            SettledOutcome::Response(response) => {
                if let Some(agent) = self.told.agent().filter(|agent| agent.wants_content()) {
                    agent.content.output = facts::answer(&response.content);
                }
                self.told.finish();
            }
            SettledOutcome::Error(text) => {
                let failure = Failure::new(ErrorType::Unknown);
                self.told.fail(failure.with_message(text));
            }
        }
    }
}
