//! Asks a model, runs the tools that it asks for, and goes on with their results.

mod join;
mod run;
mod turns;

use std::{
    fmt,
    future::poll_fn,
    pin::Pin,
    task::{Context, Poll},
};

use genspan::{Message, Part, Role, ToolCallRequest, ToolCallResponse, ToolDefinition, ToolType};
pub use run::{Run, RunEnd, ToolCount};
use tower_service::Service;
pub use turns::Turns;

use self::{join::Join, run::Sums};
use crate::{
    ChatAnswer, ChatClient, ChatRequest, ChatResponse, Instructions, ToolCall, ToolOutput, Toolset,
    recording::Within,
};

/// Asks a model until it answers in words, and runs the tools that it asks for on the way.
///
/// The tools of one answer run side by side. What a tool says, its error's text too, goes back to the model; an error
/// of the model's client ends the run. What the model is told apart from the conversation goes with every call.
/// Streaming clients are read to the end of each answer.
///
/// Layers go within it, round the client and round the tools; only an [`AgentLayer`](crate::AgentLayer) goes round it.
///
/// ```
/// use genspan::{Provider, Telemetry};
/// use genspan_chat::{ChatLayer, ChatRequest, ChatResponse, ToolLayer, ToolLoop, Tools, chat_fn};
/// use tower_layer::Layer;
///
/// # async fn of(telemetry: &Telemetry, tools: Tools) -> Result<(), std::io::Error> {
/// let client = chat_fn(|_| async { Ok::<_, std::io::Error>(ChatResponse::text("Hello")) });
/// let client = ChatLayer::new(telemetry, Provider::OPENAI).layer(client);
/// let tools = ToolLayer::new(telemetry).layer(tools);
/// let run = ToolLoop::new(client, tools).run(ChatRequest::new("gpt-4o-mini").with_user("Hi")).await?;
/// assert_eq!(run.said(), "Hello");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct ToolLoop<S, T> {
    client: S,
    tools: T,
    max_rounds: usize,
    instructions: Instructions,
    turns: Option<Turns>,
}

impl<S, T> ToolLoop<S, T> {
    /// Bounds the calls to the model in one run, where nothing else is said.
    pub const DEFAULT_MAX_ROUNDS: usize = 40;

    /// Asks the given client, and runs the given tools.
    #[must_use]
    pub fn new(client: S, tools: T) -> Self {
        Self {
            client,
            tools,
            max_rounds: Self::DEFAULT_MAX_ROUNDS,
            instructions: Instructions::default(),
            turns: None,
        }
    }

    /// Bounds the calls to the model in one run; it makes one in any case.
    #[must_use]
    pub const fn with_max_rounds(mut self, rounds: usize) -> Self {
        self.max_rounds = rounds;
        self
    }

    /// Says what the model is told where a request does not say it.
    #[must_use]
    pub fn with_instructions(mut self, instructions: impl Into<Instructions>) -> Self {
        self.instructions = instructions.into();
        self
    }

    /// Records each turn, which is a call to the model and the tools that it asks for, as a span of its own.
    #[must_use]
    pub fn with_turns(mut self, turns: Turns) -> Self {
        self.turns = Some(turns);
        self
    }

    /// Gives the client that is asked.
    #[must_use]
    pub const fn client(&self) -> &S {
        &self.client
    }
}

impl<S, T> ToolLoop<S, T>
where
    S: ChatClient,
    S::Error: fmt::Display + 'static,
    T: Toolset,
    T::Error: fmt::Display,
{
    /// Runs until the model answers in words, or has been asked often enough.
    ///
    /// # Errors
    ///
    /// Returns the first error of the client.
    pub async fn run(mut self, mut request: ChatRequest) -> Result<Run, S::Error> {
        let own = self.tools.definitions();
        self.prepare(&mut request, &own);
        let asked = request.messages.len();
        let turns = self.turns.clone();
        let mut sums = Sums::default();
        let mut rounds = 0;
        loop {
            rounds += 1;
            let may_go_on = rounds < self.max_rounds;
            let turn = turns.as_ref().map(|turns| (turns, turns.start(rounds)));
            let scope = turn.as_ref().map(|(_, turn)| turn.scope());
            let round = self.round(&mut request, &own, may_go_on, &mut sums);
            let result = Within::begin(scope.as_ref(), || round).await;
            match (turn, &result) {
                (Some((turns, turn)), Err(error)) => turns.fail(turn, error),
                (Some((_, turn)), Ok(_)) => turn.finish(),
                (None, _) => {}
            }
            if let Some((response, end)) = result? {
                let asked = asked.min(request.messages.len());
                return Ok(Run {
                    messages: request.messages.split_off(asked),
                    response,
                    rounds,
                    end,
                    usage: sums.usage(),
                    tools: sums.tools,
                });
            }
        }
    }

    /// Asks the model once and runs the tools that it asks for; gives the answer after which there is no other round.
    async fn round(
        &mut self,
        request: &mut ChatRequest,
        own: &[ToolDefinition],
        may_go_on: bool,
        sums: &mut Sums,
    ) -> Result<Option<(ChatResponse, RunEnd)>, S::Error> {
        let response = ask(&mut self.client, request.clone()).await?;
        sums.add_answer(&response);
        request.messages.extend(response.output.first().cloned());
        let calls = calls(&response, &request.tools);
        if calls.is_empty() {
            return Ok(Some((response, RunEnd::Answered)));
        }
        if !may_go_on {
            return Ok(Some((response, RunEnd::RoundsExhausted)));
        }
        let results = run_all(&mut self.tools, own, calls, sums).await;
        request.messages.extend(results);
        Ok(None)
    }

    /// Adds to a request what the loop says beside it.
    fn prepare(&self, request: &mut ChatRequest, own: &[ToolDefinition]) {
        request.is_recorded_as_agent = false;
        if request.system_instructions.is_empty() {
            request.system_instructions = self.instructions.parts();
        }
        for definition in own {
            if request.tools.iter().all(|it| it.name != definition.name) {
                request.tools.push(definition.clone());
            }
        }
    }
}

/// Asks the model once.
async fn ask<S: ChatClient>(
    client: &mut S,
    request: ChatRequest,
) -> Result<ChatResponse, S::Error> {
    poll_fn(|cx| client.poll_ready(cx)).await?;
    client.call(request).await?.whole().await
}

/// Gives the tools that an answer asks for.
fn calls(response: &ChatResponse, offered: &[ToolDefinition]) -> Vec<ToolCall> {
    let call = |asked: &ToolCallRequest| {
        let definition = offered.iter().find(|it| it.name == asked.name);
        ToolCall {
            id: asked.id.clone(),
            name: asked.name.clone(),
            arguments: asked.arguments.clone(),
            tool_type: definition.map(|it| match it.kind.as_str() {
                "function" => ToolType::Function,
                "extension" => ToolType::Extension,
                "datastore" => ToolType::Datastore,
                other => ToolType::Other(other.to_owned()),
            }),
            description: definition.and_then(|it| it.description.clone()),
            asked_by: response.span.clone(),
        }
    };
    response.asked_tools().map(call).collect()
}

/// Runs tools side by side and gives the messages that answer their calls, in the order of the calls.
async fn run_all<T>(
    tools: &mut T,
    own: &[ToolDefinition],
    calls: Vec<ToolCall>,
    sums: &mut Sums,
) -> Vec<Message>
where
    T: Toolset,
    T::Error: fmt::Display,
{
    let mut asked = Vec::with_capacity(calls.len());
    let mut running = Join::with_capacity(calls.len());
    for call in calls {
        asked.push((call.id.clone(), call.name.clone()));
        if own.iter().all(|it| it.name != call.name) {
            running.push_done(Ok(ToolOutput::unknown(&call.name)));
            continue;
        }
        match poll_fn(|cx| tools.poll_ready(cx)).await {
            Ok(()) => running.push(tools.call(call)),
            Err(error) => running.push_done(Err(error)),
        }
    }
    let outputs = running.await;
    let answers = asked.into_iter().zip(outputs).map(|((id, name), output)| {
        sums.add_tool(&name, &output);
        let output = output.unwrap_or_else(|error| ToolOutput::failed(error.to_string()));
        let response = output.into_value();
        let part = Part::ToolCallResponse(ToolCallResponse { id, response });
        Message::new(Role::Tool, vec![part])
    });
    answers.collect()
}

impl<S, T> Service<ChatRequest> for ToolLoop<S, T>
where
    S: ChatClient<Future: Send> + Clone + Send + 'static,
    S::Response: ChatAnswer<S::Error, Whole: Send> + Send,
    S::Error: fmt::Display + Send + 'static,
    T: Toolset<Future: Send> + Clone + Send + 'static,
    T::Error: fmt::Display + Send,
{
    type Response = Run;
    type Error = S::Error;
    /// Boxed, as an agent's run is made of calls over a network; [`ToolLoop::run`] is not.
    type Future = Pin<Box<dyn Future<Output = Result<Run, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.client.poll_ready(cx)
    }

    fn call(&mut self, request: ChatRequest) -> Self::Future {
        // The client that is ready goes, its clone stays.
        let next = self.clone();
        Box::pin(std::mem::replace(self, next).run(request))
    }
}
