//! Watches HTTP exchanges with providers and records them, as a tower layer or a proxy.
//!
//! A [`RecordLayer`] goes round any HTTP client that is a [`tower_service::Service`] of `http` requests. It
//! passes requests, responses, errors and trailers on as they are and keeps a reference to each chunk; what was
//! said is decoded on the telemetry's worker. [`proxy`] is an HTTP server that does the same for programs
//! that cannot be changed; a [`proxy::Detour`] is one beside the program, for clients that take nothing but a base URL.
//!
//! | feature, off by default | records |
//! |---|---|
//! | `reqwest-0_12` | requests and clients of reqwest 0.12: the module `reqwest_0_12` |
//! | `reqwest-0_13` | requests and clients of reqwest 0.13: the module `reqwest_0_13` |
//! | `reqwest-middleware` | clients of reqwest-middleware 0.5: the module `reqwest_middleware` |
//!
//! ```
//! use bytes::Bytes;
//! use genspan::Telemetry;
//! use genspan_http::{RecordLayer, RecordService, Recorder, RecorderOptions, WatchedBody};
//! use http_body_util::Full;
//! use hyper_util::client::legacy::{Client, connect::HttpConnector};
//! use hyper_util::rt::TokioExecutor;
//! use tower_layer::Layer;
//!
//! type Recorded = RecordService<Client<HttpConnector, WatchedBody<Full<Bytes>>>>;
//!
//! fn recorded(telemetry: &Telemetry) -> (Recorder, Recorded) {
//!     let recorder = Recorder::new(telemetry.clone(), RecorderOptions::default());
//!     let client = Client::builder(TokioExecutor::new()).build_http();
//!     (recorder.clone(), RecordLayer::new(recorder).layer(client))
//! }
//!
//! fn at_the_end(recorder: &Recorder, telemetry: &Telemetry) {
//!     let limit = std::time::Duration::from_secs(5);
//!     // Failed attempts wait for their retry no longer.
//!     if recorder.settle(limit) {
//!         println!("{}", telemetry.shutdown(limit));
//!     }
//! }
//! ```
//!
//! # What comes out
//!
//! | the exchange | the span | `error.type` |
//! |---|---|---|
//! | is read to its end, or left after the stream's last word | completed | – |
//! | is answered with a status of 400 or above | failed | by the provider's code or the status, such as `rate_limited` |
//! | reports an error inside its stream | failed | by the provider's code, else `stream_error` |
//! | ends without its last word | failed | `truncated` |
//! | breaks amid the response | failed | `connection_lost` |
//! | runs out of time amid the response, and its client says so | failed | `timeout` |
//! | finds nobody listening, loses its connection, runs out of time | failed | `connectivity`, `connection_lost`, `timeout`; a [`Classifier`] decides |
//! | is dropped before the response or amid it, by a panic too | failed | `cancelled` |
//! | is under way when the telemetry is shut down | failed | `cancelled` |
//! | is a retry of one that failed | the first attempt's, with a `genspan.attempt` event for each failed attempt | the last attempt's |
//! | is made within an inference that is under way | none of its own: that one's record learns what it does not state | |
//! | goes elsewhere, or is recorded already | none | |
//!
//! Names, attributes and measurements are those of [`genspan::Inference`].
//!
//! # Within what it happens
//!
//! A call's span is a child of what is current where the call is made, and the client works within the call's
//! own scope. A span that the program makes for the call itself ([`genspan::Telemetry::chat`]) is not doubled:
//! inside its scope the exchange adds the wire's facts to it, each failed attempt as an event, and its end waits
//! until the answer is read.
//!
//! ```
//! use genspan::{Provider, Telemetry};
//! # async fn send() {}
//!
//! async fn ask(telemetry: &Telemetry) {
//!     let call = telemetry.chat(Provider::OPENAI, "gpt-4o-mini");
//!     call.scope().within(send()).await; // a recorded client sends
//!     call.finish(); // one span, with the usage and content that the client saw
//! }
//! ```
//!
//! A client that repeats failed calls by itself is one span in the same way, if a [`LogicalCall`] is opened round it.
//! Retries that are made outside of any such scope are recognised afterwards, by equal requests in one trace.
//! That takes a sink that can forget a span ([`genspan::Sink::can_discard`]); with one that cannot, such as an
//! OpenTelemetry SDK that the application has set up, each attempt is a span of its own.
//!
//! # Tokens that nobody states
//!
//! A stream that breaks off has no usage, and OpenAI's have none unless the request asks. The proxy can
//! [ask](proxy#asking-for-usage) where its client does not; [`RecorderOptions::estimates_usage`] has tokens estimated
//! that remain unknown, which the span marks. Both are off unless they are wanted.
//!
//! # Content and credentials
//!
//! Bodies become content, which reaches telemetry only as far as [`genspan::Capture`] allows. No header's value
//! is ever recorded; of the few that are looked at, `idempotency-key` and its like are compared by fingerprint.
//!
//! # Limits
//!
//! 8 MiB of one body and 64 MiB of all ([`RecorderOptions::max_waiting_bytes`]) may wait to be decoded, and a
//! compressed body may become 64 MiB. What is more is passed over in our copy, counted
//! ([`Recorder::skipped_bytes`]) and said in `genspan.diagnostics`; the traffic itself never waits.

mod answer;
mod attempts;
mod body;
mod call;
mod classify;
mod encoding;
mod future;
mod intake;
mod layer;
mod marker;
mod proxies;
pub mod proxy;
mod recorder;
#[cfg(any(feature = "reqwest-0_12", feature = "reqwest-0_13"))]
mod reqwest;
#[cfg(feature = "reqwest-0_12")]
pub mod reqwest_0_12;
#[cfg(feature = "reqwest-0_13")]
pub mod reqwest_0_13;
#[cfg(feature = "reqwest-middleware")]
pub mod reqwest_middleware;
mod sending;
mod service;
mod socket;
mod stream;
mod target;
mod unread;
mod watch;

pub use answer::Answer;
pub use attempts::ClientId;
pub use body::WatchedBody;
pub use call::LogicalCall;
pub use classify::Classifier;
pub use encoding::BodyDecoder;
pub use future::RecordFuture;
pub use genspan_wire::End;
pub use layer::RecordLayer;
pub use marker::{MARKER, Recorded, set_marker, take_marker};
pub use recorder::{Recorder, RecorderOptions};
pub use sending::Sending;
pub use service::RecordService;
pub use stream::WatchedStream;
pub use watch::Watch;

/// Compiles the examples of the repository's front page.
#[cfg(all(doctest, feature = "reqwest-0_13"))]
#[doc = include_str!("../../../README.md")]
struct FrontPage;
