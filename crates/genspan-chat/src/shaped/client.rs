//! A client in a provider's shape.

use std::{fmt, ops::Deref};

use futures_core::Stream;
use genspan::{Provider, Server, Telemetry};
use serde::Serialize;

use super::{Shape, ShapedStream, call::Call, shape::json};
use crate::{Classifier, recording::Within};

/// Records the calls of a client whose requests and answers have a provider's shape.
///
/// The client stays what it is, and all of it can be reached; what is sent through [`call`](Self::call) or
/// [`stream`](Self::stream) is recorded, read by the same decoders as traffic on the wire.
///
/// ```
/// use genspan::Telemetry;
/// use genspan_chat::ShapedClient;
/// use serde_json::{Value, json};
///
/// # struct Client;
/// # impl Client { async fn create(&self, _: &Value) -> std::io::Result<Value> { Ok(Value::Null) } }
/// # async fn of(telemetry: &Telemetry, client: Client) -> std::io::Result<()> {
/// let client = ShapedClient::openai(telemetry, client);
/// let request = json!({"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "Hi"}]});
/// let answer = client.call(&request, |client| client.create(&request)).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct ShapedClient<C> {
    inner: C,
    shape: Shape,
    telemetry: Telemetry,
    provider: Option<Provider>,
    server: Option<Server>,
    classifier: Classifier,
}

impl<C> ShapedClient<C> {
    /// Records a client of the given shape.
    #[must_use]
    pub fn new(telemetry: &Telemetry, shape: Shape, client: C) -> Self {
        Self {
            inner: client,
            shape,
            telemetry: telemetry.clone(),
            provider: None,
            server: None,
            classifier: Classifier::default(),
        }
    }

    /// Records a client of OpenAI's chat completions.
    #[must_use]
    pub fn openai(telemetry: &Telemetry, client: C) -> Self {
        Self::new(telemetry, Shape::OpenAiChat, client)
    }

    /// Records a client of Anthropic's messages.
    #[must_use]
    pub fn anthropic(telemetry: &Telemetry, client: C) -> Self {
        Self::new(telemetry, Shape::AnthropicMessages, client)
    }

    /// Names the provider, where it is not the one whose shape it is.
    #[must_use]
    pub fn with_provider(mut self, provider: Provider) -> Self {
        self.provider = Some(provider);
        self
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

    /// Gives the client inside.
    #[must_use]
    pub const fn inner(&self) -> &C {
        &self.inner
    }

    /// Gives the client back.
    #[must_use]
    pub fn into_inner(self) -> C {
        self.inner
    }

    /// Makes a call whose answer comes as a whole; `send` does what the program would do without a recorder.
    ///
    /// # Errors
    ///
    /// Returns the client's own error.
    pub async fn call<'c, Q, F, A, E>(
        &'c self,
        request: &Q,
        send: impl FnOnce(&'c C) -> F,
    ) -> Result<A, E>
    where
        Q: Serialize + ?Sized,
        F: Future<Output = Result<A, E>>,
        A: Serialize,
        E: fmt::Display + 'static,
    {
        let call = self.start(request, false);
        let scope = call.as_ref().and_then(Call::scope);
        let result = Within::begin(scope.as_ref(), || send(&self.inner)).await;
        if let Some(mut call) = call {
            match &result {
                Ok(answer) => call.answered(answer),
                Err(error) => call.fail(self.classifier.classify(error)),
            }
        }
        result
    }

    /// Makes a call whose answer comes in pieces; `send` does what the program would do without a recorder.
    ///
    /// The span ends when the stream does, in whatever way.
    ///
    /// # Errors
    ///
    /// Returns the client's own error.
    pub async fn stream<'c, Q, F, S, T, E, X>(
        &'c self,
        request: &Q,
        send: impl FnOnce(&'c C) -> F,
    ) -> Result<ShapedStream<S>, E>
    where
        Q: Serialize + ?Sized,
        F: Future<Output = Result<S, E>>,
        S: Stream<Item = Result<T, X>>,
        T: Serialize,
        X: fmt::Display + 'static,
        E: fmt::Display + 'static,
    {
        let mut call = self.start(request, true);
        let scope = call.as_ref().and_then(Call::scope);
        let result = Within::begin(scope.as_ref(), || send(&self.inner)).await;
        if let (Err(error), Some(call)) = (&result, &mut call) {
            call.fail(self.classifier.classify(error));
        }
        let stream = result?;
        Ok(ShapedStream::new(stream, call, self.classifier.clone()))
    }

    fn start<Q: Serialize + ?Sized>(&self, request: &Q, is_stream: bool) -> Option<Call> {
        if !self.telemetry.is_enabled() {
            return None;
        }
        let mut exchange = self.shape.exchange()?;
        if let Some(provider) = &self.provider {
            exchange = exchange.with_provider(provider.clone());
        }
        if !self.telemetry.wants_content(true) {
            exchange = exchange.without_content();
        }
        exchange.request_all(&json(request));
        Call::start(&self.telemetry, exchange, self.server.as_ref(), is_stream)
    }
}

impl<C> Deref for ShapedClient<C> {
    type Target = C;

    fn deref(&self) -> &C {
        &self.inner
    }
}
