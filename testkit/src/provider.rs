//! A deterministic model provider on loopback, for tests and for the offline demo.
//!
//! It answers OpenAI chat completions and Responses (over WebSockets, too), Anthropic messages, Gemini's generateContent, Ollama's chats, completions and embeddings, and Bedrock's Converse and InvokeModel (with Anthropic's bodies), over HTTP/1.1 and HTTP/2 with prior knowledge (h2c), in one of two ways:
//!
//! - by [`Script`]: a test lists [`Answer`]s, which are replayed in the order of the requests. [`Step::Gate`] holds an answer until
//!   [`Provider::release`], so pacing needs no sleep.
//! - by [scenario](Script::scenarios): the client chooses, so that a program in another process can ask for what it wants to see.
//!
//! ```
//! # fn main() -> std::io::Result<()> {
//! use testkit::provider::{Answer, Provider, Script};
//!
//! let provider = Provider::start(Script::new().answer(Answer::whole(200, &[("content-type", "text/plain")], "hello")))?;
//! assert!(provider.url().starts_with("http://127.0.0.1:"));
//! assert!(provider.requests().is_empty());
//! # Ok(())
//! # }
//! ```
//!
//! # Scenarios
//!
//! The name is taken from the header `x-scripted: NAME`, else from `scripted:NAME` inside the request's `model`, else from `scripted:NAME`
//! inside the last message of the user. `NAME:NUMBER` sets the scenario's number. Ids and token counts are computed from the request without
//! `stream` and `stream_options`, so the whole and the streamed answer to one question carry the same content, ids and usage.
//!
//! | name | what the client sees | number (default) |
//! |---|---|---|
//! | `text` | the default: a text which quotes the question, or the tool's result if that came last | |
//! | `tools` | a call of the first offered tool, arguments made from its schema; after a tool's result, text | |
//! | `parallel-tools` | two calls, of the first two tools or twice of the only one | |
//! | `reasoning` | reasoning before the text: `reasoning_content`, a signed thinking block, or `thinking` | |
//! | `refusal` | a refusal: the `refusal` field, or stop reason `refusal`; with Ollama a text alone | |
//! | `error-400`, `error-401`, `error-429`, `error-500`, `error-529` | that status; 401 repeats the API key it was given | |
//! | `retry-429`, `retry-529` | that status, then the text; the round starts again after each success | failures (1) |
//! | `error-midstream` | an error event in the stream; status 500 if not streamed | chunks before it (3) |
//! | `cut-midstream` | the connection closed amid the body; a whole answer at its half | chunks before it (3) |
//! | `cut-before-headers` | the connection closed instead of an answer | |
//! | `cut-before-last` | the connection closed before the last chunk, or the last byte of a whole answer | |
//! | `hang` | nothing, until the gate `hang` is released | |
//! | `one-byte` | the text, one byte a chunk | |
//! | `huge` | a long text | MiB (4, at most 64) |
//! | `slow` | the text with a pause before each chunk | milliseconds (5) |
//! | `pings` | `ping` events, comment lines, or with Ollama empty lines, between the chunks | |
//! | `no-done` | a stream without `[DONE]`, `message_stop`, or Ollama's line that is `done` | |
//! | `no-usage` | an answer without usage; the stream helper of the `anthropic` package cannot read it | |
//!
//! A prompt can also hold the answers of a whole conversation, for programs that run an agent: between `<plan>` and `</plan>` a JSON list of steps,
//! each a text or an object with `say`, `think`, `call` (a list of `[name, arguments]`), `status`, `fail` (once) or `cut` (after so many events).
//!
//! Every status that the official clients retry comes with `retry-after-ms: 1`, so that their default retries take no time.
//! Bedrock lets in a bearer token, and signatures (SigV4, over HTTP/1.1) that [`TEST_CREDENTIALS`](crate::sigv4::TEST_CREDENTIALS) made of the
//! request as it came, `Host` included; others get status 403. `retry` scenarios it answers as `text`.
//! `GET /v1/responses` becomes a WebSocket, as [`Script::sockets`] says; each question over it is recorded as a request of its own. Its statuses
//! are `error` messages, and `one-byte` is answered as `text`.
//! `GET /scripted/requests` lists the recorded requests as JSON, for clients in another process.

mod anthropic;
mod ask;
mod bedrock;
mod body;
mod gemini;
mod log;
mod ollama;
mod openai;
mod pace;
mod plan;
mod reply;
mod responses;
mod route;
mod scenario;
mod schema;
mod script;
mod serve;
mod socket;
mod tap;

use std::future::Future;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::thread::JoinHandle;
use std::time::Duration;

use bytes::Bytes;
use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

pub use self::log::{Ending, RecordedRequest};
use self::log::{Log, State};
pub use self::script::{Answer, Script, Sockets, Step};

/// The longest that a wait on a [`Provider`] lasts before it answers `false`.
pub const WAIT_LIMIT: Duration = Duration::from_secs(30);

/// A provider that listens on loopback, on a thread of its own, until it is dropped.
///
/// Requests and connections are numbered from 0, in the order in which the provider saw them.
#[derive(Debug)]
pub struct Provider {
    addr: SocketAddr,
    log: Log,
    runtime: Handle,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Provider {
    /// Listens on a free port of 127.0.0.1 and answers by `script`.
    ///
    /// # Errors
    ///
    /// When no port can be bound, or the thread or its runtime cannot be made.
    pub fn start(script: Script) -> io::Result<Self> {
        Self::start_on(0, script)
    }

    /// Listens on `port` of 127.0.0.1, for clients that must find the same address twice.
    ///
    /// # Errors
    ///
    /// When the port is taken, or the thread or its runtime cannot be made.
    pub fn start_on(port: u16, script: Script) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        listener.set_nonblocking(true)?;
        let addr = listener.local_addr()?;
        let log = Log::new(script.kept());
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let (stop, stopped) = oneshot::channel();
        let served = serve::Server::new(script, log.clone());
        let thread = std::thread::Builder::new()
            .name("scripted-provider".to_owned())
            .spawn(move || {
                runtime.block_on(serve::listen(listener, served, stopped));
            })?;
        Ok(Self {
            addr,
            log,
            runtime: handle,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// The address that clients connect to.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The base URL without a path, such as `http://127.0.0.1:40123`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// What was asked so far, in order of arrival; a request is listed once its body was read, before it is answered.
    #[must_use]
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.log.read(|state| state.requests.clone())
    }

    /// The bytes that came in on a connection as they were on the wire, the first MiB of them.
    #[must_use]
    pub fn received(&self, connection: usize) -> Bytes {
        self.log.read(|state| {
            state
                .connections
                .get(connection)
                .map(|it| Bytes::copy_from_slice(&it.received))
                .unwrap_or_default()
        })
    }

    /// The number of connections accepted so far, open or not.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.log.read(|state| state.connections.len())
    }

    /// Opens a gate, for good: answers that wait at it, or reach it later, go on.
    pub fn release(&self, gate: &str) {
        self.log.release(gate);
    }

    /// Waits until an answer stands at the gate; `false` if none did within [`WAIT_LIMIT`].
    pub fn reached(&self, gate: &str) -> impl Future<Output = bool> + Send + use<> {
        let gate = gate.to_owned();
        met(self.wait(move |state| state.reached.contains(&gate)))
    }

    /// Waits until `count` requests were recorded; `false` if there were fewer after [`WAIT_LIMIT`].
    pub fn asked(&self, count: usize) -> impl Future<Output = bool> + Send + use<> {
        met(self.wait(move |state| state.requests.len() >= count))
    }

    /// Waits until the peer of request `n` has gone: its connection is closed, or its stream was reset; `false` after [`WAIT_LIMIT`].
    pub fn disconnected(&self, n: usize) -> impl Future<Output = bool> + Send + use<> {
        met(self.wait(move |state| state.gone(n)))
    }

    /// Waits until the answer to request `n` ended, and tells how; `None` if it did not within [`WAIT_LIMIT`].
    pub fn ending(&self, n: usize) -> impl Future<Output = Option<Ending>> + Send + use<> {
        let log = self.log.clone();
        let ended = met(self.wait(move |state| state.ending(n).is_some()));
        async move {
            if ended.await {
                log.read(|state| state.ending(n))
            } else {
                None
            }
        }
    }

    /// Blocks until one of the waits above is over, for callers without a runtime.
    ///
    /// `None` if the provider's thread ended before. Must not be called on an async runtime's thread that others wait for.
    pub fn block_on<T: Send + 'static>(
        &self,
        wait: impl Future<Output = T> + Send + 'static,
    ) -> Option<T> {
        let (tell, told) = std::sync::mpsc::sync_channel(1);
        self.runtime
            .spawn(async move { tell.send(wait.await).ok() });
        told.recv().ok()
    }

    /// Runs the wait on the provider's own runtime, whose timer bounds it whatever runtime the caller has.
    fn wait(
        &self,
        until: impl Fn(&State) -> bool + Send + Sync + 'static,
    ) -> tokio::task::JoinHandle<bool> {
        let log = self.log.clone();
        self.runtime.spawn(async move {
            tokio::time::timeout(WAIT_LIMIT, log.until(until))
                .await
                .unwrap_or(false)
        })
    }
}

async fn met(wait: tokio::task::JoinHandle<bool>) -> bool {
    wait.await.unwrap_or(false)
}

impl Drop for Provider {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            thread.join().ok();
        }
    }
}
