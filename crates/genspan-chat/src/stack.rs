//! All layers in their one order.

use genspan::{AgentInvocation, Provider, Server, Telemetry};
use tower_layer::Layer;

use crate::{
    AgentLayer, AgentService, ChatClient, ChatLayer, ChatService, Classifier, Instructions,
    NoTools, ToolLayer, ToolLoop, ToolService, Toolset, Turns,
};

/// Is a client and its tools in the one right order: agent, tool loop, then chat and tools side by side.
pub type Stacked<S, T = NoTools> = AgentService<ToolLoop<ChatService<S>, ToolService<T>>>;

/// Begins to stack all layers on a chat client.
///
/// ```
/// use genspan::{Provider, Telemetry};
/// use genspan_chat::{ChatRequest, ChatResponse, Tools, chat_fn, stack};
/// use tower_service::Service;
///
/// # async fn of(telemetry: &Telemetry, tools: Tools) -> Result<(), std::io::Error> {
/// let client = chat_fn(|_| async { Ok::<_, std::io::Error>(ChatResponse::text("Hello")) });
/// let mut agent = stack(client)
///     .with_telemetry(telemetry, Provider::OPENAI)
///     .with_tools(tools)
///     .with_agent("travel")
///     .build();
/// let run = agent.call(ChatRequest::new("gpt-4o-mini").with_user("Hi")).await?;
/// # Ok(())
/// # }
/// ```
pub fn stack<S: ChatClient>(client: S) -> Stack<S> {
    Stack {
        client,
        tools: NoTools,
        telemetry: Telemetry::disabled(),
        provider: Provider::OPENAI,
        server: None,
        agent: None,
        instructions: Instructions::default(),
        max_rounds: ToolLoop::<S, NoTools>::DEFAULT_MAX_ROUNDS,
        has_turns: false,
        classifier: Classifier::default(),
    }
}

/// Gathers what a [`Stacked`] is made of.
#[derive(Clone, Debug)]
#[must_use]
pub struct Stack<S, T = NoTools> {
    client: S,
    tools: T,
    telemetry: Telemetry,
    provider: Provider,
    server: Option<Server>,
    agent: Option<AgentInvocation>,
    instructions: Instructions,
    max_rounds: usize,
    has_turns: bool,
    classifier: Classifier,
}

impl<S: ChatClient, T: Toolset> Stack<S, T> {
    /// Records what is done, with a model of the given provider; without this word nothing is recorded.
    pub fn with_telemetry(mut self, telemetry: &Telemetry, provider: Provider) -> Self {
        self.telemetry = telemetry.clone();
        self.provider = provider;
        self
    }

    /// States where the provider answers.
    pub fn with_server(mut self, server: Server) -> Self {
        self.server = Some(server);
        self
    }

    /// Gives the model tools.
    pub fn with_tools<U: Toolset>(self, tools: U) -> Stack<S, U> {
        Stack {
            client: self.client,
            tools,
            telemetry: self.telemetry,
            provider: self.provider,
            server: self.server,
            agent: self.agent,
            instructions: self.instructions,
            max_rounds: self.max_rounds,
            has_turns: self.has_turns,
            classifier: self.classifier,
        }
    }

    /// Names the agent.
    pub fn with_agent(self, name: impl Into<String>) -> Self {
        self.with_agent_of(AgentInvocation::new(name))
    }

    /// Describes the agent in full.
    pub fn with_agent_of(mut self, agent: AgentInvocation) -> Self {
        self.agent = Some(agent);
        self
    }

    /// Says what the model is told with every call, where a request does not say it.
    pub fn with_instructions(mut self, instructions: impl Into<Instructions>) -> Self {
        self.instructions = instructions.into();
        self
    }

    /// Bounds the calls to the model in one run.
    pub const fn with_max_rounds(mut self, rounds: usize) -> Self {
        self.max_rounds = rounds;
        self
    }

    /// Records each turn as a span between the agent and its calls and tools; see [`Turns`].
    pub const fn with_turns(mut self) -> Self {
        self.has_turns = true;
        self
    }

    /// Decides by other rules how calls to the model and runs failed.
    pub fn with_classifier(mut self, classifier: Classifier) -> Self {
        self.classifier = classifier;
        self
    }

    /// Puts it together.
    #[must_use]
    pub fn build(self) -> Stacked<S, T> {
        let mut chat = ChatLayer::new(&self.telemetry, self.provider);
        chat = chat.with_classifier(self.classifier.clone());
        if let Some(server) = self.server {
            chat = chat.with_server(server);
        }
        let mut tools = ToolLayer::new(&self.telemetry);
        let mut turns = Turns::new(&self.telemetry).with_classifier(self.classifier.clone());
        let agent = self.agent.map(|mut agent| {
            if let Some(name) = &agent.name {
                tools = tools.clone().with_agent_name(name.as_str());
                turns = turns.clone().with_agent_name(name.as_str());
            }
            agent.content.system_instructions = self.instructions.parts();
            agent.content.tools = self.tools.definitions();
            agent
        });
        let agent = match agent {
            Some(agent) => AgentLayer::of(&self.telemetry, agent),
            None => AgentLayer::unnamed(&self.telemetry),
        };
        let mut tool_loop = ToolLoop::new(chat.layer(self.client), tools.layer(self.tools))
            .with_max_rounds(self.max_rounds)
            .with_instructions(self.instructions);
        if self.has_turns {
            tool_loop = tool_loop.with_turns(turns);
        }
        agent.with_classifier(self.classifier).layer(tool_loop)
    }
}
