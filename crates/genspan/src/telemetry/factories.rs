//! One way to start each operation, by the conventions' own words.
//!
//! What a sampler should see is a parameter, so that it is there when the span starts.

use std::borrow::Cow;

use super::Telemetry;
use crate::{
    Active, AgentCreation, AgentInvocation, Embeddings, Inference, InferenceKind, McpConnection,
    McpOperation, McpSession, McpSide, McpTarget, MemoryKind, MemoryOperation, Plan, Provider,
    ResponseFetch, Retrieval, Step, ToolExecution, Turn, WorkflowInvocation,
};

impl Telemetry {
    /// Starts a call to a model.
    pub fn inference(
        &self,
        kind: InferenceKind,
        provider: Provider,
        model: impl Into<String>,
    ) -> Active<Inference> {
        let mut inference = Inference::new(kind, provider);
        inference.request.model = Some(model.into());
        self.start(inference)
    }

    /// Starts a conversation in messages with a model.
    pub fn chat(&self, provider: Provider, model: impl Into<String>) -> Active<Inference> {
        self.inference(InferenceKind::Chat, provider, model)
    }

    /// Starts a call for embeddings.
    pub fn embeddings(&self, provider: Provider, model: impl Into<String>) -> Active<Embeddings> {
        self.start(Embeddings::new(provider, model))
    }

    /// Starts a search in a data source.
    pub fn retrieval(&self, data_source_id: impl Into<String>) -> Active<Retrieval> {
        self.start(Retrieval::new(data_source_id))
    }

    /// Starts the run of a tool.
    pub fn execute_tool(&self, name: impl Into<String>) -> Active<ToolExecution> {
        self.start(ToolExecution::new(name))
    }

    /// Starts the creation of an agent at a remote service.
    pub fn create_agent(
        &self,
        provider: Provider,
        name: impl Into<String>,
    ) -> Active<AgentCreation> {
        self.start(AgentCreation::new(provider, name))
    }

    /// Starts the run of an agent in this process.
    pub fn invoke_agent(&self, name: impl Into<String>) -> Active<AgentInvocation> {
        self.start(AgentInvocation::new(name))
    }

    /// Starts the run of a workflow.
    pub fn invoke_workflow(&self, name: impl Into<String>) -> Active<WorkflowInvocation> {
        self.start(WorkflowInvocation::new(name))
    }

    /// Starts an agent's making of a plan.
    pub fn plan(&self, agent_name: impl Into<String>) -> Active<Plan> {
        self.start(Plan {
            agent_name: Some(agent_name.into()),
            ..Plan::default()
        })
    }

    /// Starts a stretch of an agent's run that the conventions have no operation for, such as a turn.
    pub fn step(&self, name: impl Into<Cow<'static, str>>) -> Active<Step> {
        self.start(Step::new(name))
    }

    /// Starts a turn of an agent's loop, by its number from 1.
    pub fn turn(&self, number: u32) -> Active<Turn> {
        self.start(Turn::new(number))
    }

    /// Starts a piece of work on a memory store.
    pub fn memory(&self, kind: MemoryKind) -> Active<MemoryOperation> {
        self.start(MemoryOperation::new(kind))
    }

    /// Starts an MCP request or notification that is sent from here, be it a client's or a server's.
    ///
    /// A `tools/call` within the run of that tool adds to its span ([`McpOperation`]).
    ///
    /// ```
    /// use genspan::{Carrier, McpTarget, Telemetry, semconv::value::mcp_method_name};
    ///
    /// # fn of(telemetry: &Telemetry) {
    /// let tool = McpTarget::Tool("find_trains".to_owned());
    /// let mut call = telemetry.mcp_client(mcp_method_name::TOOLS_CALL, Some(tool));
    /// call.request_id = Some("7".to_owned());
    /// let meta: Vec<(&str, String)> = Carrier::of(call.context()).into_fields().collect();
    /// // … send the request with these in `params._meta`, and read its answer …
    /// call.finish();
    /// # }
    /// ```
    pub fn mcp_client(
        &self,
        method: impl Into<Cow<'static, str>>,
        target: Option<McpTarget>,
    ) -> Active<McpOperation> {
        self.start(McpOperation {
            target,
            ..McpOperation::new(McpSide::Client, method)
        })
    }

    /// Starts an MCP request or notification that was received here.
    ///
    /// Where its `params._meta` says within which span it was sent, start it in the scope of that
    /// ([`Carrier::scope`](crate::Carrier::scope)).
    pub fn mcp_server(
        &self,
        method: impl Into<Cow<'static, str>>,
        target: Option<McpTarget>,
    ) -> Active<McpOperation> {
        self.start(McpOperation {
            target,
            ..McpOperation::new(McpSide::Server, method)
        })
    }

    /// Begins to measure an MCP session; it has no span.
    ///
    /// What becomes known of the connection later, such as the version that was agreed on, is written into the record.
    pub fn mcp_session(&self, side: McpSide, connection: McpConnection) -> Active<McpSession> {
        self.start(McpSession::new(side, connection))
    }

    /// Starts the reading of a stored response.
    pub fn fetch_response(
        &self,
        provider: Provider,
        response_id: impl Into<String>,
    ) -> Active<ResponseFetch> {
        self.start(ResponseFetch::new(provider, response_id))
    }
}
