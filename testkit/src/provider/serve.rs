//! The listener, its connections, and the way from one request to its answer.

use std::convert::Infallible;
use std::io;
use std::net::TcpListener;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode, header};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::net::TcpStream;
use tokio::sync::{Semaphore, oneshot};

use super::body::{Guard, Steps};
use super::log::{Ending, Log, RecordedRequest, listed};
use super::route::Router;
use super::script::{Answer, Kind, Script, Step};
use super::socket;
use super::tap::{Flow, Tap};

/// Connections that are open at the same time; more wait in the listener's queue.
const CONNECTIONS: usize = 1024;
/// The longest request body that is read.
const BODY_LIMIT: usize = 64 << 20;

/// What all connections share.
#[derive(Debug)]
pub(super) struct Server {
    script: Mutex<Script>,
    router: Router,
    log: Log,
    title_case: bool,
}

impl Server {
    pub(super) fn new(script: Script, log: Log) -> Arc<Self> {
        let title_case = script.title_case;
        let router = Router::new(log.clone(), script.sockets);
        Arc::new(Self {
            script: Mutex::new(script),
            router,
            log,
            title_case,
        })
    }

    fn answer(&self, request: &RecordedRequest) -> Answer {
        let scripted = self
            .script
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        scripted.unwrap_or_else(|| self.router.answer(request))
    }

    /// Whether the answer that is next does not wait for the request's body.
    fn closes_early(&self) -> bool {
        let script = self.script.lock().unwrap_or_else(PoisonError::into_inner);
        matches!(
            script.answers.front(),
            Some(Answer {
                kind: Kind::Close { read_body: false },
                ..
            })
        )
    }
}

/// Accepts connections until `stopped` resolves; what is still open then is dropped with the runtime.
pub(super) async fn listen(
    listener: TcpListener,
    server: Arc<Server>,
    stopped: oneshot::Receiver<()>,
) {
    tokio::select! {
        _ = stopped => {}
        _ = accept(listener, &server) => {}
    }
}

async fn accept(listener: TcpListener, server: &Arc<Server>) -> io::Result<Infallible> {
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let place = Arc::clone(&places)
            .acquire_owned()
            .await
            .map_err(io::Error::other)?;
        // A peer that is gone before it is accepted is no reason to stop listening.
        let Ok((stream, _)) = listener.accept().await else {
            continue;
        };
        stream.set_nodelay(true).ok();
        let server = Arc::clone(server);
        tokio::spawn(async move {
            serve(stream, server).await;
            drop(place);
        });
    }
}

async fn serve(stream: TcpStream, server: Arc<Server>) {
    let connection = server.log.connected();
    let flow = Arc::new(Flow::default());
    let tap = Tap {
        stream,
        log: server.log.clone(),
        connection,
        flow: Arc::clone(&flow),
    };
    let mut builder = Builder::new(TokioExecutor::new()).title_case_headers(server.title_case);
    builder
        .http1()
        .auto_date_header(false)
        .timer(TokioTimer::new());
    builder
        .http2()
        .auto_date_header(false)
        .timer(TokioTimer::new());
    let log = server.log.clone();
    let service = service_fn(move |request| {
        respond(Arc::clone(&server), Arc::clone(&flow), connection, request)
    });
    // The error is the peer's or the script's doing; how each answer ended is in the log.
    builder
        .serve_connection_with_upgrades(TokioIo::new(tap), service)
        .await
        .ok();
    log.closed(connection);
}

async fn respond(
    server: Arc<Server>,
    flow: Arc<Flow>,
    connection: Option<usize>,
    mut request: Request<Incoming>,
) -> io::Result<Response<Steps>> {
    let upgrade = hyper::upgrade::on(&mut request);
    let early = server.closes_early();
    let (request, fits) = read(connection.unwrap_or(usize::MAX), request, early).await?;
    let answer = if fits {
        server.answer(&request)
    } else {
        Answer::whole(413, &[], "the request is too large")
    };
    let number = server.log.asked(request.clone());
    let guard = Guard {
        log: server.log.clone(),
        request: number,
        ending: Ending::PeerGone,
    };
    if let Some(gate) = answer.gate {
        server.log.clone().pass(gate).await;
    }
    match answer.kind {
        Kind::Reply {
            status,
            headers,
            steps,
            whole,
        } => Ok(response(
            status,
            headers,
            Steps::new(steps, whole, flow, guard),
        )),
        Kind::Echo => {
            let steps = vec![Step::Bytes(request.body.clone())];
            Ok(response(
                StatusCode::OK,
                echoed(&request),
                Steps::new(steps, true, flow, guard),
            ))
        }
        Kind::Upgrade => {
            tokio::spawn(echo_bytes(upgrade));
            let wanted = request
                .header("upgrade")
                .and_then(|it| HeaderValue::from_str(it).ok());
            let mut headers = HeaderMap::new();
            headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
            headers.insert(
                header::UPGRADE,
                wanted.unwrap_or_else(|| HeaderValue::from_static("echo")),
            );
            Ok(response(
                StatusCode::SWITCHING_PROTOCOLS,
                headers,
                Steps::new(Vec::new(), true, flow, guard),
            ))
        }
        Kind::Socket { deflates } => {
            let headers = socket::accepted(&request, deflates);
            let log = server.log.clone();
            let talk = socket::Talk::new(log, request, deflates);
            let answer = move |message: &[u8], request: &RecordedRequest| {
                server.router.message(message, request)
            };
            tokio::spawn(talk.over(upgrade, answer));
            Ok(response(
                StatusCode::SWITCHING_PROTOCOLS,
                headers,
                Steps::new(Vec::new(), true, flow, guard),
            ))
        }
        Kind::Close { .. } => {
            let mut guard = guard;
            guard.ending = Ending::Cut;
            Err(io::Error::other("closed by the script"))
        }
    }
}

fn response(status: StatusCode, headers: HeaderMap, body: Steps) -> Response<Steps> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

/// Reads a request; `false` where its body is over the limit. With `early`, stops after the body's first piece.
async fn read(
    connection: usize,
    request: Request<Incoming>,
    early: bool,
) -> io::Result<(RecordedRequest, bool)> {
    let (head, mut incoming) = request.into_parts();
    let mut body = BytesMut::new();
    let mut trailers = Vec::new();
    let mut fits = true;
    while let Some(frame) = incoming.frame().await {
        match frame.map_err(io::Error::other)?.into_data() {
            Ok(data) if body.len() + data.len() > BODY_LIMIT => fits = false,
            Ok(data) => body.extend_from_slice(&data),
            Err(frame) => trailers = frame.trailers_ref().map(listed).unwrap_or_default(),
        }
        if early || !fits {
            break;
        }
    }
    let path = head
        .uri
        .path_and_query()
        .map_or_else(|| head.uri.to_string(), ToString::to_string);
    let headers = listed(&head.headers);
    Ok((
        RecordedRequest {
            connection,
            version: head.version,
            method: head.method,
            path,
            headers,
            body: body.freeze(),
            trailers,
        },
        fits,
    ))
}

fn echoed(request: &RecordedRequest) -> HeaderMap {
    let mut map = HeaderMap::new();
    let mut put = |name: &str, value: &[u8]| {
        if let (Ok(name), Ok(value)) = (
            HeaderName::from_bytes(name.as_bytes()),
            HeaderValue::from_bytes(value),
        ) {
            map.append(name, value);
        }
    };
    put("echo-method", request.method.as_str().as_bytes());
    put("echo-path", request.path.as_bytes());
    for (name, value) in &request.headers {
        if name == "content-type" {
            put(name, value);
        }
        put(&format!("echo-{name}"), value);
    }
    map
}

async fn echo_bytes(upgrade: hyper::upgrade::OnUpgrade) -> io::Result<()> {
    let stream = TokioIo::new(upgrade.await.map_err(io::Error::other)?);
    let (mut from, mut to) = tokio::io::split(stream);
    tokio::io::copy(&mut from, &mut to).await?;
    tokio::io::AsyncWriteExt::shutdown(&mut to).await
}

/// A body in one piece, for answers that are made here.
pub(super) fn json(status: u16, headers: &[(&str, &str)], body: &serde_json::Value) -> Answer {
    let mut all = vec![("content-type", "application/json")];
    all.extend_from_slice(headers);
    Answer::whole(status, &all, Bytes::from(body.to_string()))
}
