//! The layer that records calls to a model.

use genspan::{Provider, Server, Telemetry};
use tower_layer::Layer;

use crate::{ChatClient, ChatService, Classifier};

/// Puts a [`ChatService`] round a chat client: one span for each call to a model.
///
/// | the call | its span |
/// |---|---|
/// | gives a whole answer | ends with it |
/// | gives a stream | ends with the stream, whichever way that ends, with what came until then |
/// | gives an error, or its stream does | fails, by the error's type or a [`Classifier`] |
/// | is dropped, or panics | is cancelled; a stream that had said why it ended is complete |
/// | is made within a call to a model that is recorded further out | is that one's: what it does not state is added |
///
/// A call happens within what is current where `call` is called.
///
/// ```
/// use std::io;
///
/// use genspan::{Provider, Telemetry};
/// use genspan_chat::{ChatLayer, ChatResponse, chat_fn};
/// use tower_layer::Layer;
///
/// # fn of(telemetry: &Telemetry) {
/// let client = chat_fn(|_| async { Ok::<_, io::Error>(ChatResponse::text("Hello")) });
/// let client = ChatLayer::new(telemetry, Provider::OPENAI).layer(client);
/// # }
/// ```
///
/// Round a tool loop there would be one span for many calls. It does not compile:
///
/// ```compile_fail,E0277
/// # use genspan::{Provider, Telemetry};
/// # use genspan_chat::{ChatLayer, ChatResponse, NoTools, ToolLoop, chat_fn};
/// # use tower_layer::Layer;
/// # fn of(telemetry: &Telemetry) {
/// let client = chat_fn(|_| async { Ok::<_, std::io::Error>(ChatResponse::text("Hello")) });
/// let tool_loop = ToolLoop::new(client, NoTools);
/// // error: `Run` is not the answer of one call to a model
/// //  note: put the chat layer round the client and the loop round both
/// let wrong = ChatLayer::new(telemetry, Provider::OPENAI).layer(tool_loop);
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct ChatLayer {
    pub(super) telemetry: Telemetry,
    pub(super) provider: Provider,
    pub(super) server: Option<Server>,
    pub(super) classifier: Classifier,
}

impl ChatLayer {
    /// Records calls to models of the given provider.
    #[must_use]
    pub fn new(telemetry: &Telemetry, provider: Provider) -> Self {
        Self {
            telemetry: telemetry.clone(),
            provider,
            server: None,
            classifier: Classifier::default(),
        }
    }

    /// States where the provider answers.
    #[must_use]
    pub fn with_server(mut self, server: Server) -> Self {
        self.server = Some(server);
        self
    }

    /// Decides by other rules how calls failed.
    #[must_use]
    pub fn with_classifier(mut self, classifier: Classifier) -> Self {
        self.classifier = classifier;
        self
    }
}

impl<S: ChatClient> Layer<S> for ChatLayer {
    type Service = ChatService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        ChatService::new(inner, self.clone())
    }
}
