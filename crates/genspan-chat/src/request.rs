//! What a model is asked, whoever runs it.

use genspan::{
    Content, Inference, InferenceKind, Message, Outline, Part, Provider, Request, Role, Server,
    ToolDefinition,
};

use crate::Instructions;

/// Holds a request for an answer in a conversation, in the conventions' own message shape.
///
/// ```
/// use genspan_chat::ChatRequest;
///
/// let mut request = ChatRequest::new("gpt-4o-mini")
///     .with_instructions("Be brief.")
///     .with_user("How far is the Moon?");
/// request.settings.temperature = Some(0.2);
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChatRequest {
    /// The model and its settings; whether the answer is streamed is the client's matter and not looked at.
    pub settings: Request,
    /// What the model is told apart from the conversation.
    pub system_instructions: Vec<Part>,
    /// The conversation so far.
    pub messages: Vec<Message>,
    /// The tools that the model may ask for.
    pub tools: Vec<ToolDefinition>,
    /// The conversation's id, where the application has one.
    pub conversation_id: Option<String>,
    /// Whether a layer round the one that looks records it as an agent's already.
    pub(crate) is_recorded_as_agent: bool,
}

impl ChatRequest {
    /// Asks the named model; nothing is said yet.
    #[must_use]
    pub fn new(model: impl Into<String>) -> Self {
        Self {
            settings: Request {
                model: Some(model.into()),
                ..Request::default()
            },
            ..Self::default()
        }
    }

    /// Says what the model is told apart from the conversation.
    #[must_use]
    pub fn with_instructions(mut self, instructions: impl Into<Instructions>) -> Self {
        self.system_instructions = instructions.into().parts();
        self
    }

    /// Adds a message of the user's.
    #[must_use]
    pub fn with_user(self, text: impl Into<String>) -> Self {
        self.with_message(Message::text(Role::User, text))
    }

    /// Adds a message.
    #[must_use]
    pub fn with_message(mut self, message: Message) -> Self {
        self.messages.push(message);
        self
    }

    /// Adds a tool that the model may ask for.
    #[must_use]
    pub fn with_tool(mut self, definition: ToolDefinition) -> Self {
        self.tools.push(definition);
        self
    }

    /// Says of which conversation it is.
    #[must_use]
    pub fn with_conversation_id(mut self, id: impl Into<String>) -> Self {
        self.conversation_id = Some(id.into());
        self
    }

    /// Gives the content of a record, for where content is wanted.
    pub(crate) fn content(&self) -> Content {
        Content {
            system_instructions: self.system_instructions.clone(),
            input: self.messages.clone(),
            output: Vec::new(),
            tools: self.tools.clone(),
        }
    }

    /// Begins the record of the call, without content.
    pub(crate) fn inference(&self, provider: &Provider, server: Option<&Server>) -> Inference {
        let mut record = Inference::new(InferenceKind::Chat, provider.clone());
        record.server = server.cloned();
        record.request.clone_from(&self.settings);
        // A layer says so when the answer turns out to be a stream.
        record.request.stream = false;
        record
            .common
            .conversation_id
            .clone_from(&self.conversation_id);
        record
    }
}

/// Is implemented by requests that are one operation, so that layers can tell whether it is under way already.
pub trait Asks {
    /// Says which operation it is, as far as that tells it from others.
    fn outline(&self) -> Outline;
}

impl Asks for ChatRequest {
    fn outline(&self) -> Outline {
        // Within a call to a model, a call to a model is the same one; whose model it is does not tell.
        Outline::inference(InferenceKind::Chat, Provider::OPENAI, None, None)
    }
}
