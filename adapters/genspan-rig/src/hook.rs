//! The hook through which rig tells of an agent's runs.

use std::sync::{Arc, Mutex};

use rig_agent::agent::{
    AgentHook, DispatchAction, DispatchEvent, HookContext, ModelSelection, ModelSelectionAction,
    OutcomeAction, OutcomeEvent, RunSettled, RunStart, RunStartAction, StepEventKind,
};
use rig_core::effect::{EffectKind, MemoryOp};

use crate::{
    facts,
    rig::MODEL_LABEL,
    run::{Run, Shared, lock},
};

/// Records the runs of one agent; it observes and changes nothing.
pub(crate) struct Hook(pub(crate) Arc<Shared>);

impl Hook {
    /// Gives the run that a hook is called in, which the hooks of the run share; it begins with the first of them.
    fn run(&self, context: &HookContext) -> Arc<Mutex<Run>> {
        let scratchpad = context.scratchpad();
        scratchpad.get().unwrap_or_else(|| {
            // Runs that are gone leave behind what was never served.
            lock(&self.0.dispatches).retain(|_, run| run.strong_count() > 0);
            let run = Arc::new(Mutex::new(Run::begin(&self.0, context.agent_name())));
            scratchpad.insert(Arc::clone(&run));
            run
        })
    }
}

impl AgentHook for Hook {
    fn name(&self) -> Option<String> {
        Some("genspan".to_owned())
    }

    async fn on_run_start(&self, context: &HookContext, event: RunStart<'_>) -> RunStartAction {
        let running = self.run(context);
        if let Some(agent) = lock(&running).told.agent().filter(|it| it.wants_content()) {
            let said: Vec<_> = event.history.iter().chain([event.prompt]).collect();
            agent.content.input = facts::messages(said);
        }
        RunStartAction::Continue
    }

    async fn on_run_settled(&self, context: &HookContext, event: RunSettled<'_>) {
        lock(&self.run(context)).settle(event.outcome);
    }

    fn on_model_select(
        &self,
        context: &HookContext,
        event: ModelSelection<'_>,
    ) -> ModelSelectionAction {
        lock(&self.run(context)).is_served = event.selected_model.as_str() == MODEL_LABEL;
        ModelSelectionAction::Continue
    }

    async fn on_dispatch(&self, context: &HookContext, event: DispatchEvent<'_>) -> DispatchAction {
        let running = self.run(context);
        let mut run = lock(&running);
        let is_recorded = match event.kind {
            EffectKind::Completion { request, stream } => run.chat(event.id, request, *stream),
            EffectKind::ToolCall { name, .. } => {
                run.tool(event.id, name, event.call_id);
                true
            }
            EffectKind::Memory {
                op: MemoryOp::Load { conversation },
            } => {
                if let Some(agent) = run.told.agent() {
                    agent.common.conversation_id = Some(conversation.to_string());
                }
                false
            }
            _ => false,
        };
        if is_recorded {
            lock(&self.0.dispatches).insert(event.id, Arc::downgrade(&running));
        }
        DispatchAction::Proceed
    }

    async fn on_outcome(&self, context: &HookContext, event: OutcomeEvent<'_>) -> OutcomeAction {
        lock(&self.run(context)).resolve(&event);
        OutcomeAction::Proceed
    }

    fn observes(&self, kind: StepEventKind) -> bool {
        matches!(
            kind,
            StepEventKind::RunStart
                | StepEventKind::RunSettled
                | StepEventKind::CompletionDispatch
                | StepEventKind::ToolDispatch
                | StepEventKind::MemoryDispatch
        )
    }
}
