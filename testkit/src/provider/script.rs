//! What a provider is told to answer.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

/// Requests and connections that are recorded unless the script says otherwise.
const KEPT: usize = 65_536;

/// The answers of a [`Provider`](super::Provider), in the order of its requests.
///
/// Without more, a request past the last answer gets status 500 with a text that says so.
#[derive(Clone, Debug)]
#[must_use]
pub struct Script {
    pub(super) answers: VecDeque<Answer>,
    pub(super) rest: Rest,
    pub(super) title_case: bool,
    pub(super) sockets: Sockets,
    kept: usize,
}

/// How requests for a WebSocket are met where scenarios decide.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sockets {
    /// Accepted, with compressed messages where the client offers them.
    #[default]
    Compressed,
    /// Accepted, without compression.
    Plain,
    /// Refused with this status.
    Refused(u16),
}

/// What comes after the last scripted answer.
#[derive(Clone, Debug)]
pub(super) enum Rest {
    Exhausted,
    Scenarios,
    Repeat(Answer),
}

impl Default for Script {
    fn default() -> Self {
        Self {
            answers: VecDeque::new(),
            rest: Rest::Exhausted,
            title_case: false,
            sockets: Sockets::default(),
            kept: KEPT,
        }
    }
}

impl Script {
    /// Starts a script without answers.
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets the client choose by [scenario](super#scenarios), for all requests.
    pub fn scenarios() -> Self {
        Self::new().then_scenarios()
    }

    /// Adds the answer to the next request.
    pub fn answer(mut self, answer: Answer) -> Self {
        self.answers.push_back(answer);
        self
    }

    /// Answers all requests after the scripted ones by [scenario](super#scenarios).
    pub fn then_scenarios(mut self) -> Self {
        self.rest = Rest::Scenarios;
        self
    }

    /// Gives all requests after the scripted ones the same answer.
    pub fn then_always(mut self, answer: Answer) -> Self {
        self.rest = Rest::Repeat(answer);
        self
    }

    /// Writes header names as `Title-Case` on HTTP/1.1, where they are lower case otherwise.
    pub fn title_case_headers(mut self) -> Self {
        self.title_case = true;
        self
    }

    /// Says how requests for a WebSocket are met where scenarios decide.
    pub fn sockets(mut self, sockets: Sockets) -> Self {
        self.sockets = sockets;
        self
    }

    /// Records the first `requests` requests and connections only, for a provider that runs for long.
    pub fn keep(mut self, requests: usize) -> Self {
        self.kept = requests;
        self
    }

    pub(super) fn kept(&self) -> usize {
        self.kept
    }

    /// The next scripted answer, or `None` where a scenario decides.
    pub(super) fn take(&mut self) -> Option<Answer> {
        if let Some(answer) = self.answers.pop_front() {
            return Some(answer);
        }
        match &self.rest {
            Rest::Exhausted => Some(Answer::whole(
                500,
                &[("content-type", "text/plain")],
                "the script has no more answers",
            )),
            Rest::Scenarios => None,
            Rest::Repeat(answer) => Some(answer.clone()),
        }
    }
}

/// One step of an answer's body.
#[derive(Clone, Debug)]
pub enum Step {
    /// Sends these bytes; steps that follow each other without [`Step::Flush`] may leave in one chunk.
    Bytes(Bytes),
    /// Waits until all that came before is with the operating system.
    Flush,
    /// Flushes, then waits until the test releases the gate of this name.
    Gate(String),
    /// Flushes, then waits this long.
    Pause(Duration),
    /// Flushes, then closes the connection (HTTP/1.1) or resets the stream (HTTP/2); later steps are lost.
    Cut,
    /// Ends the body with trailers; on HTTP/1.1 the answer needs a `trailer` header that names them, and the request `te: trailers`.
    Trailers(HeaderMap),
}

impl Step {
    /// Sends text or bytes.
    #[must_use]
    pub fn bytes(bytes: impl Into<Bytes>) -> Self {
        Self::Bytes(bytes.into())
    }

    /// Waits for the release of a gate.
    #[must_use]
    pub fn gate(name: &str) -> Self {
        Self::Gate(name.to_owned())
    }

    /// Ends the body with these trailers; names or values that HTTP forbids are left out.
    #[must_use]
    pub fn trailers(trailers: &[(&str, &str)]) -> Self {
        Self::Trailers(header_map(trailers))
    }
}

/// One answer of a [`Script`].
#[derive(Clone, Debug)]
#[must_use]
pub struct Answer {
    pub(super) kind: Kind,
    pub(super) gate: Option<String>,
}

#[derive(Clone, Debug)]
pub(super) enum Kind {
    Reply {
        status: StatusCode,
        headers: HeaderMap,
        steps: Vec<Step>,
        whole: bool,
    },
    Echo,
    Upgrade,
    /// A WebSocket whose messages scenarios answer.
    Socket {
        deflates: bool,
    },
    Close {
        read_body: bool,
    },
}

impl Answer {
    /// Sends a body of known length. A name may be repeated; names or values that HTTP forbids are left out, an impossible status becomes 500.
    pub fn whole(status: u16, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Self {
        Self::reply(status, headers, vec![Step::Bytes(body.into())], true)
    }

    /// Sends status 200 and `text/event-stream`, then the steps, in chunks.
    pub fn stream(steps: Vec<Step>) -> Self {
        Self::streamed(
            200,
            &[("content-type", "text/event-stream; charset=utf-8")],
            steps,
        )
    }

    /// Sends status and headers, then the steps, in chunks unless the headers have a `content-length`.
    pub fn streamed(status: u16, headers: &[(&str, &str)], steps: Vec<Step>) -> Self {
        Self::reply(status, headers, steps, false)
    }

    /// Reads the request, then sends nothing until the gate is released, then answers 200 without a body.
    pub fn hang_before_headers(gate: &str) -> Self {
        Self::whole(200, &[], "").after(gate)
    }

    /// Reads the request, then closes the connection (HTTP/1.1) or resets the stream (HTTP/2).
    pub fn close() -> Self {
        Self {
            kind: Kind::Close { read_body: true },
            gate: None,
        }
    }

    /// Closes amid the request: after its head and, where it has a body, the first piece of it.
    pub fn close_mid_request() -> Self {
        Self {
            kind: Kind::Close { read_body: false },
            gate: None,
        }
    }

    /// Sends the request back: its body and `content-type` as they are, each header as `echo-NAME`, and `echo-method`, `echo-path`.
    pub fn echo() -> Self {
        Self {
            kind: Kind::Echo,
            gate: None,
        }
    }

    /// Switches protocols (status 101, HTTP/1.1 only) and sends every byte back until the peer closes its side.
    pub fn upgrade() -> Self {
        Self {
            kind: Kind::Upgrade,
            gate: None,
        }
    }

    /// Accepts a WebSocket, with or without compressed messages.
    pub(super) fn socket(deflates: bool) -> Self {
        Self {
            kind: Kind::Socket { deflates },
            gate: None,
        }
    }

    /// Holds all of the answer, its status too, until the gate is released.
    pub fn after(mut self, gate: &str) -> Self {
        self.gate = Some(gate.to_owned());
        self
    }

    fn reply(status: u16, headers: &[(&str, &str)], steps: Vec<Step>, whole: bool) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self {
            kind: Kind::Reply {
                status,
                headers: header_map(headers),
                steps,
                whole,
            },
            gate: None,
        }
    }
}

fn header_map(list: &[(&str, &str)]) -> HeaderMap {
    let mut map = HeaderMap::new();
    for (name, value) in list {
        if let (Ok(name), Ok(value)) = (
            HeaderName::from_bytes(name.as_bytes()),
            HeaderValue::from_bytes(value.as_bytes()),
        ) {
            map.append(name, value);
        }
    }
    map
}
