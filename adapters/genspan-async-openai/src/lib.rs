//! Records the calls that [`async_openai`] makes.
//!
//! ```no_run
//! use async_openai::config::OpenAIConfig;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let guard = genspan_otel::init()?;
//! let client = genspan_async_openai::client(OpenAIConfig::new(), guard.telemetry());
//! // client.chat(), client.responses(), client.embeddings() as ever
//! # drop(client);
//! # Ok(())
//! # }
//! ```
//!
//! The client is [`async_openai::Client`] itself, with the HTTP client and the retries that it has by default, and gets the
//! same bytes, headers and errors. What goes over the wire is read by [`genspan_http`] beside it, so every
//! type of its interfaces, [`byot`](https://docs.rs/async-openai) included, and every provider that speaks
//! this protocol gives the same spans.
//!
//! # What comes out
//!
//! | the program | the span |
//! |---|---|
//! | asks `chat()` or `responses()` a question, whole or streamed | `chat` with the model; `text_completion` of `completions()` |
//! | asks for `embeddings()` | `embeddings` with the model |
//! | reads a stored response | `fetch_response` |
//! | asks for images, speech, files, models and the like | none |
//! | is refused and asks again, which the client does three times by itself | the one call's, with a `genspan.attempt` event for each failure |
//! | drops the future, or the stream before its end | failed as `cancelled` |
//! | fails for good | failed, by the provider's code or the status |
//!
//! The client reads a stream on a task of its own, as fast as it comes: a stream that a program drops late may have been
//! read to its end, and is completed then.
//!
//! Each is a child of what is current where the call is awaited. Within a span for the very same call, such as an
//! agent framework's, it is not a second one: that one learns what it does not state. See
//! [`genspan_http`](genspan_http#within-what-it-happens).
//!
//! # An own HTTP client, own layers
//!
//! [`client_over`] takes a `reqwest::Client`; [`service`] takes layers, too, for
//! [`with_http_service`](async_openai::Client::with_http_service):
//!
//! ```no_run
//! use std::time::Duration;
//!
//! use async_openai::{
//!     Client, config::OpenAIConfig,
//!     middleware::{ReqwestService, retry::OpenAIRetryLayer},
//! };
//! use tower::ServiceBuilder;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let guard = genspan_otel::init()?;
//! let layers = ServiceBuilder::new()
//!     .timeout(Duration::from_secs(30))
//!     .layer(OpenAIRetryLayer::new(5));
//! let http = ReqwestService::default();
//! let client = Client::with_config(OpenAIConfig::new())
//!     .with_http_service(genspan_async_openai::service(layers, http, guard.telemetry()));
//! # drop(client);
//! # Ok(())
//! # }
//! ```

mod attempt;
mod call;
mod error;
mod handed_over;

use async_openai::{
    Client,
    config::Config,
    middleware::{HttpRequestFactory, ReqwestService, retry::OpenAIRetryLayer},
};
use genspan_http::Recorder;
use tower::{Layer, Service};

pub use self::{attempt::AttemptService, call::CallService};

/// Makes a client that records what it asks, otherwise as [`Client::with_config`] does.
///
/// `recorder` is a [`genspan::Telemetry`] or a [`Recorder`]. Where that records nothing, the client is a plain one.
pub fn client<C: Config>(config: C, recorder: impl Into<Recorder>) -> Client<C> {
    client_over(reqwest_0_13::Client::new(), config, recorder)
}

/// Makes a client that records what it asks with the given HTTP client, otherwise as [`Client::build`] does.
pub fn client_over<C: Config>(
    http: reqwest_0_13::Client,
    config: C,
    recorder: impl Into<Recorder>,
) -> Client<C> {
    let recorder = recorder.into();
    let client = Client::build(http.clone(), config);
    if !recorder.is_enabled() {
        return client;
    }
    let retries = OpenAIRetryLayer::default();
    client.with_http_service(service(retries, ReqwestService::new(http), recorder))
}

/// Puts `layers` round `transport` and records what goes through: each call once, and each attempt by its traffic.
///
/// It is for [`Client::with_http_service`]. What repeats failed calls has to be among the layers, as
/// [`OpenAIRetryLayer`] is in [`client`]; without it nothing does. A `tower::ServiceBuilder` is a layer.
pub fn service<L, S>(
    layers: L,
    transport: S,
    recorder: impl Into<Recorder>,
) -> CallService<L::Service>
where
    L: Layer<AttemptService<S>>,
    S: Service<HttpRequestFactory, Error: 'static>,
{
    let recorder = recorder.into();
    let attempts = AttemptService::new(transport, recorder.clone());
    CallService::new(layers.layer(attempts), recorder)
}

/// Takes the service that is ready, and leaves one that is yet to be.
fn take_ready<S: Clone>(service: &mut S) -> S {
    let other = service.clone();
    std::mem::replace(service, other)
}
