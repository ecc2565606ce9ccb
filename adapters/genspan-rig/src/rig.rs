//! What records rig: its HTTP clients, models and agents.

use std::sync::{Arc, Mutex, OnceLock};

use genspan_http::Recorder;
use rig_agent::{
    Agent, AgentBuilder,
    agent::{AgentHook, NoToolConfig, WithBuilderTools, WithToolServerHandle},
    tool::{RegisteredTool, ToolSet},
};
use rig_core::{
    DynModel, Model,
    http_client::HttpClientExt,
    operation::Completion,
    serve::{ErasedHandler, adapters::ModelAdapter},
    wire::{Encoded, Wire, WireFrame},
};

use crate::{Recorded, hook::Hook, run::Shared};

/// rig's label of the model that an agent is built with.
pub(crate) const MODEL_LABEL: &str = "default";

/// Records what rig does; it is a value, and its clones are one and the same.
///
/// Before the telemetry is flushed or shut down, [settle](Recorder::settle) its [recorder](Self::recorder) where failed calls
/// may wait for a retry.
#[derive(Clone, Debug)]
pub struct Rig {
    recorder: Recorder,
}

impl Rig {
    /// Records with a [`Telemetry`](genspan::Telemetry), or with a [`Recorder`] of the application's own.
    #[must_use]
    pub fn new(recorder: impl Into<Recorder>) -> Self {
        let recorder = recorder.into();
        Self { recorder }
    }

    /// Gives what reads the wire.
    #[must_use]
    pub const fn recorder(&self) -> &Recorder {
        &self.recorder
    }

    /// Wraps an HTTP client, so that all calls that are made with it are recorded: a provider takes it by `with_http`.
    ///
    /// A call that an agent makes whose model is given to [`agent`](Self::agent) is recorded once.
    pub fn http<H>(&self, client: H) -> Recorded<H> {
        Recorded {
            inner: client,
            recorder: self.recorder.clone(),
        }
    }

    /// Wraps a model's HTTP client; for models that are used without an agent, by an extractor, or for embeddings.
    #[must_use]
    pub fn model<W, H>(&self, model: Model<W, H>) -> Model<W, Recorded<H>> {
        Model::new(model.wire, self.http(model.transport))
    }

    /// Builds an agent over a model and records its runs, their turns and tools, and what goes over the wire.
    ///
    /// `build` sets the agent up and is not to build it: `rig.agent(model, |agent| agent.name("travel"))`.
    pub fn agent<W, H, B>(&self, model: Model<W, H>, build: impl FnOnce(AgentBuilder) -> B) -> Agent
    where
        W: Wire<Op = Completion, Payload = Encoded, Frame = WireFrame>,
        H: HttpClientExt + Clone + 'static,
        B: Buildable,
    {
        self.build(self.model(model).erase(), false, build)
    }

    /// Builds an agent over a model that may not speak HTTP, and records its runs, their turns and tools.
    ///
    /// A call to the model is recorded by what rig says of it, and by what is read from the wire where the model's client is
    /// [recorded](Self::http).
    pub fn agent_over<B: Buildable>(
        &self,
        model: impl Into<DynModel<Completion>>,
        build: impl FnOnce(AgentBuilder) -> B,
    ) -> Agent {
        self.build(model.into(), true, build)
    }

    fn build<B: Buildable>(
        &self,
        model: DynModel<Completion>,
        shows: bool,
        build: impl FnOnce(AgentBuilder) -> B,
    ) -> Agent {
        let shared = Arc::new(Shared {
            telemetry: self.recorder.telemetry().clone(),
            provider: genspan_dialects::provider(model.name()),
            model: model.id().map(str::to_owned),
            description: OnceLock::new(),
            shows,
            dispatches: Mutex::default(),
        });
        // The model that an agent is built with cannot be wrapped, but another can be registered in its place.
        let served = ModelAdapter::new(MODEL_LABEL, model.clone());
        let served = shared.serve(ErasedHandler::new(served));
        let builder =
            AgentBuilder::named_model(MODEL_LABEL, model).model_route_handler(MODEL_LABEL, served);
        let agent = build(builder).build_with(Hook(Arc::clone(&shared)));
        if let Some(description) = agent.description() {
            // Nobody else sets it.
            let _ = shared.description.set(description.to_owned());
        }
        serve_tools(&agent, &shared);
        agent
    }
}

/// Has the agent's own tools run within their spans.
fn serve_tools(agent: &Agent, shared: &Arc<Shared>) {
    let tools = agent.tool_server_handle();
    // A registry that others share serves dispatches of other agents too, whose ids mean other calls.
    if tools.owner() != agent.owner() {
        return;
    }
    let mut served = ToolSet::default();
    for (_, tool) in tools.toolset().iter() {
        let handler = shared.serve(tool.handler().clone());
        // A tool's handler says that it is one, so this does not fail.
        if let Ok(tool_in_place) = RegisteredTool::from_handler(handler) {
            served.add_registered_tool(tool_in_place.with_key(tool.key().clone()));
        }
    }
    // Each takes the place of the one by its name, which is offered as it was: always, or where it is retrieved.
    let mut in_place = ToolSet::default();
    in_place.add_retrievable_tools(served);
    tools.add_tools(in_place);
}

/// Stands for rig's builders of agents, whatever tools they have.
pub trait Buildable {
    /// Builds the agent with a hook behind those that it has.
    fn build_with(self, hook: impl AgentHook + 'static) -> Agent;
}

macro_rules! buildable {
    ($($tools:ty),+) => {
        $(impl Buildable for AgentBuilder<$tools> {
            fn build_with(self, hook: impl AgentHook + 'static) -> Agent {
                self.add_hook(hook).build()
            }
        })+
    };
}

buildable!(NoToolConfig, WithBuilderTools, WithToolServerHandle);
