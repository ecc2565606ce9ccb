//! What a provider saw: requests, connections, gates, and how its answers ended.

use std::collections::BTreeSet;

use bytes::Bytes;
use http::{HeaderMap, Method, Version};
use serde_json::{Value, json};
use tokio::sync::watch;

/// Bytes of one connection that are kept as they were on the wire.
const RECEIVED_LIMIT: usize = 1 << 20;
/// Bytes of all recorded bodies together; later requests are listed without a body.
const BODIES_LIMIT: usize = 256 << 20;

/// How the answer to a request ended, seen from the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// All of the answer was handed to the connection.
    Complete,
    /// The script closed the connection before the answer's end.
    Cut,
    /// The peer went away, or the provider was stopped, before the answer's end.
    PeerGone,
}

/// A request as the provider received it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RecordedRequest {
    /// The number of the connection it came on.
    pub connection: usize,
    /// The protocol's version.
    pub version: Version,
    /// The method.
    pub method: Method,
    /// The path with its query.
    pub path: String,
    /// Names (lower case) and values, in order of arrival, repeated names beside each other. [`Provider::received`](super::Provider::received) has the raw head.
    pub headers: Vec<(String, Bytes)>,
    /// The body with its transfer coding removed.
    pub body: Bytes,
    /// What followed the body, as `headers`.
    pub trailers: Vec<(String, Bytes)>,
}

impl RecordedRequest {
    /// The first value of a header, if it is text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self
            .headers
            .iter()
            .find(|(n, _)| n.eq_ignore_ascii_case(name))?;
        std::str::from_utf8(value).ok()
    }

    /// The body as JSON, or `Null` where it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The request for a client in another process; bytes that are no text are replaced.
    pub(super) fn describe(&self) -> Value {
        let text = |bytes: &Bytes| String::from_utf8_lossy(bytes).into_owned();
        json!({
            "connection": self.connection,
            "version": format!("{:?}", self.version),
            "method": self.method.as_str(),
            "path": self.path,
            "headers": self.headers.iter().map(|(name, value)| (name.clone(), text(value))).collect::<Vec<_>>(),
            "body": text(&self.body),
        })
    }
}

/// Names and values in order, as they stand in `map`.
pub(super) fn listed(map: &HeaderMap) -> Vec<(String, Bytes)> {
    map.iter()
        .map(|(name, value)| {
            (
                name.as_str().to_owned(),
                Bytes::copy_from_slice(value.as_bytes()),
            )
        })
        .collect()
}

#[derive(Debug)]
pub(super) struct Connection {
    pub(super) received: Vec<u8>,
    open: bool,
}

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) requests: Vec<RecordedRequest>,
    pub(super) connections: Vec<Connection>,
    pub(super) reached: BTreeSet<String>,
    released: BTreeSet<String>,
    endings: Vec<Option<Ending>>,
    body_bytes: usize,
}

impl State {
    pub(super) fn ending(&self, n: usize) -> Option<Ending> {
        self.endings.get(n).copied().flatten()
    }

    pub(super) fn gone(&self, n: usize) -> bool {
        let closed = || {
            self.requests
                .get(n)
                .and_then(|it| self.connections.get(it.connection))
                .is_some_and(|it| !it.open)
        };
        self.ending(n) == Some(Ending::PeerGone) || closed()
    }
}

/// The shared record, with a wait for any change of it.
#[derive(Clone, Debug)]
pub(super) struct Log {
    state: watch::Sender<State>,
    keep: usize,
}

impl Log {
    /// `keep`: requests that are recorded, and connections; later ones are answered only.
    pub(super) fn new(keep: usize) -> Self {
        Self {
            state: watch::Sender::default(),
            keep,
        }
    }

    pub(super) fn read<T>(&self, look: impl FnOnce(&State) -> T) -> T {
        look(&self.state.borrow())
    }

    /// Resolves when `met` holds.
    pub(super) async fn until(&self, met: impl Fn(&State) -> bool) -> bool {
        self.state
            .subscribe()
            .wait_for(|state| met(state))
            .await
            .is_ok()
    }

    pub(super) fn release(&self, gate: &str) {
        self.state.send_modify(|state| {
            state.released.insert(gate.to_owned());
        });
    }

    /// Marks the gate as reached and waits for its release.
    pub(super) async fn pass(self, gate: String) {
        self.state.send_modify(|state| {
            state.reached.insert(gate.clone());
        });
        self.until(|state| state.released.contains(&gate)).await;
    }

    pub(super) fn connected(&self) -> Option<usize> {
        self.append(
            |state| &mut state.connections,
            Connection {
                received: Vec::new(),
                open: true,
            },
        )
    }

    pub(super) fn received(&self, connection: usize, bytes: &[u8]) {
        self.state.send_if_modified(|state| {
            if let Some(it) = state.connections.get_mut(connection) {
                let room = RECEIVED_LIMIT.saturating_sub(it.received.len());
                it.received.extend(bytes.iter().take(room));
            }
            false
        });
    }

    pub(super) fn closed(&self, connection: Option<usize>) {
        self.state.send_modify(|state| {
            if let Some(it) = connection.and_then(|n| state.connections.get_mut(n)) {
                it.open = false;
            }
        });
    }

    /// Records a request and returns its number.
    pub(super) fn asked(&self, mut request: RecordedRequest) -> Option<usize> {
        let n = self.append(|state| &mut state.endings, None)?;
        self.state.send_modify(|state| {
            if state.body_bytes.saturating_add(request.body.len()) > BODIES_LIMIT {
                request.body = Bytes::new();
            }
            state.body_bytes += request.body.len();
            state.requests.push(request);
        });
        Some(n)
    }

    pub(super) fn ended(&self, request: Option<usize>, ending: Ending) {
        self.state.send_modify(|state| {
            if let Some(it) = request.and_then(|n| state.endings.get_mut(n)) {
                it.get_or_insert(ending);
            }
        });
    }

    fn append<T>(&self, list: impl FnOnce(&mut State) -> &mut Vec<T>, item: T) -> Option<usize> {
        let mut at = None;
        self.state.send_if_modified(|state| {
            let list = list(state);
            if list.len() < self.keep {
                at = Some(list.len());
                list.push(item);
            }
            false
        });
        at
    }
}
