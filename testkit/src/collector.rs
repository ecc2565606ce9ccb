//! A collector that answers as a test wants, over HTTP and gRPC.
//!
//! It hands on what came as bytes, so that a test reads it with whatever it holds right.

#![allow(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "where a test's collector cannot work the test must fail"
)]

use std::{
    convert::Infallible,
    io,
    net::SocketAddr,
    sync::{Arc, mpsc},
    thread,
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderMap, Request as HttpRequest, Response, StatusCode};
use http_body_util::{BodyExt, Full, combinators::BoxBody};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
};
use tokio::{net::TcpSocket, sync::oneshot};

/// Says what the collector answers to a request.
#[derive(Debug)]
pub enum Reply {
    /// Taken; with this body.
    Taken(Vec<u8>),
    /// This status with these headers.
    Status(u16, Vec<(&'static str, String)>),
    /// The connection breaks.
    Broken,
    /// Nothing, until the other side of the channel is dropped; then taken.
    Held(oneshot::Receiver<()>),
}

/// Holds a request as it came.
#[derive(Debug)]
pub struct Seen {
    /// The path of its address.
    pub path: String,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body, framed where it came over gRPC.
    pub body: Vec<u8>,
    /// Whether the answer was [`Reply::Taken`].
    pub was_taken: bool,
}

impl Seen {
    /// Gives the message, out of its frame where it came over gRPC.
    #[must_use]
    pub fn message(&self) -> &[u8] {
        let is_grpc = self
            .headers
            .get("content-type")
            .is_some_and(|kind| kind == "application/grpc");
        let frame = if is_grpc { 5 } else { 0 };
        self.body.get(frame..).unwrap_or_default()
    }

    /// Tells whether the request is of this signal, `traces`, `logs` or `metrics`.
    #[must_use]
    pub fn is_of(&self, signal: &str) -> bool {
        let word = signal.trim_end_matches('s');
        self.path.to_lowercase().contains(word)
    }
}

/// Keeps an address on loopback that nobody listens on yet.
#[derive(Debug)]
pub struct Reserved {
    socket: TcpSocket,
    /// The address.
    pub address: SocketAddr,
}

impl Default for Reserved {
    fn default() -> Self {
        Self::new()
    }
}

impl Reserved {
    /// Takes a free port.
    #[must_use]
    pub fn new() -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let address = socket.local_addr().unwrap();
        Self { socket, address }
    }
}

/// Serves on a thread of its own until it is dropped.
#[derive(Debug)]
pub struct Collector {
    /// Where it listens.
    pub address: SocketAddr,
    seen: mpsc::Receiver<Seen>,
    _stop: oneshot::Sender<()>,
}

impl Collector {
    /// Takes everything.
    #[must_use]
    pub fn taking() -> Self {
        Self::new(|_, _| Reply::Taken(Vec::new()))
    }

    /// Answers the requests in the order in which they come.
    pub fn new(respond: impl FnMut(usize, &Seen) -> Reply + Send + 'static) -> Self {
        Self::on(Reserved::new(), respond)
    }

    /// Does so at an address that was reserved before.
    pub fn on(
        reserved: Reserved,
        respond: impl FnMut(usize, &Seen) -> Reply + Send + 'static,
    ) -> Self {
        let address = reserved.address;
        let (sender, seen) = mpsc::channel();
        let (stop, stopped) = oneshot::channel();
        let (ready, is_ready) = mpsc::channel();
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                let listener = reserved.socket.listen(16).unwrap();
                ready.send(()).unwrap();
                let desk = Arc::new(tokio::sync::Mutex::new(Desk {
                    respond: Box::new(respond),
                    seen: sender,
                    number: 0,
                }));
                let serving = async {
                    loop {
                        let (stream, _) = listener.accept().await.unwrap();
                        let desk = Arc::clone(&desk);
                        tokio::spawn(async move {
                            let service =
                                service_fn(move |request| answer(Arc::clone(&desk), request));
                            let server = auto::Builder::new(TokioExecutor::new());
                            drop(server.serve_connection(TokioIo::new(stream), service).await);
                        });
                    }
                };
                tokio::select! {
                    () = serving => {}
                    _ = stopped => {}
                }
            });
        });
        is_ready.recv().unwrap();
        Self {
            address,
            seen,
            _stop: stop,
        }
    }

    /// Waits for the next request.
    #[must_use]
    pub fn wait(&self) -> Seen {
        self.seen.recv_timeout(Duration::from_secs(20)).unwrap()
    }

    /// Gives all requests that came and were not looked at yet.
    #[must_use]
    pub fn rest(&self) -> Vec<Seen> {
        self.seen.try_iter().collect()
    }
}

type Respond = Box<dyn FnMut(usize, &Seen) -> Reply + Send>;

struct Desk {
    respond: Respond,
    seen: mpsc::Sender<Seen>,
    number: usize,
}

type Answer = Response<BoxBody<Bytes, Infallible>>;

async fn answer(
    desk: Arc<tokio::sync::Mutex<Desk>>,
    request: HttpRequest<Incoming>,
) -> io::Result<Answer> {
    let (head, body) = request.into_parts();
    let body = body
        .collect()
        .await
        .map_err(io::Error::other)?
        .to_bytes()
        .to_vec();
    let mut seen = Seen {
        path: head.uri.path().to_owned(),
        headers: head.headers,
        body,
        was_taken: false,
    };
    let is_grpc = seen.path.ends_with("/Export");
    let (reply, sender) = {
        let mut desk = desk.lock().await;
        let number = desk.number;
        desk.number += 1;
        ((desk.respond)(number, &seen), desk.seen.clone())
    };
    seen.was_taken = matches!(reply, Reply::Taken(_));
    drop(sender.send(seen));
    match reply {
        Reply::Taken(body) if is_grpc => Ok(framed(&body)),
        Reply::Taken(body) => Ok(whole(StatusCode::OK, body)),
        Reply::Status(status, headers) => {
            let mut answer = whole(StatusCode::from_u16(status).unwrap(), Vec::new());
            for (name, value) in headers {
                answer.headers_mut().insert(name, value.parse().unwrap());
            }
            Ok(answer)
        }
        Reply::Broken => Err(io::ErrorKind::ConnectionReset.into()),
        Reply::Held(release) => {
            drop(release.await);
            Ok(whole(StatusCode::OK, Vec::new()))
        }
    }
}

fn whole(status: StatusCode, body: Vec<u8>) -> Answer {
    Response::builder()
        .status(status)
        .body(Full::from(body).boxed())
        .unwrap()
}

fn framed(message: &[u8]) -> Answer {
    let mut body = vec![0];
    body.extend_from_slice(&u32::try_from(message.len()).unwrap().to_be_bytes());
    body.extend_from_slice(message);
    let mut trailers = HeaderMap::new();
    trailers.insert("grpc-status", "0".parse().unwrap());
    let body = Full::from(body)
        .with_trailers(async { Some(Ok(trailers)) })
        .boxed();
    Response::builder()
        .header("content-type", "application/grpc")
        .body(body)
        .unwrap()
}
