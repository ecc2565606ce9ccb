//! The listener and its connections.

use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::net::{TcpListener, TcpStream};

use super::exchange::{Exchanges, Shared};
use super::life::{Life, Lives, Stage};
use super::outlet::{Flow, Outlet};
use super::{MAX_HEADER_BYTES, MAX_HEADERS};
use crate::{ClientId, Recorder};

/// How long the listener waits when no connection can be accepted, as when the process has too many files open.
const PAUSE: Duration = Duration::from_millis(50);

/// How often calls are looked for whose retries never came.
const TICK: Duration = Duration::from_secs(5);

pub(super) async fn run(
    listener: TcpListener,
    shared: Arc<Shared>,
    until: impl Future<Output = Duration>,
) -> bool {
    let lives = Lives::new();
    let grace = tokio::select! {
        grace = until => grace,
        never = accept(&listener, &shared, &lives) => match never {},
        never = tick(&shared.recorder) => match never {},
    };
    drop(listener);
    lives.end(grace).await
}

/// Lets calls be recorded whose retries never came, also while no other call comes.
async fn tick(recorder: &Recorder) -> Infallible {
    let mut interval = tokio::time::interval(TICK);
    loop {
        interval.tick().await;
        recorder.tick();
    }
}

async fn accept(listener: &TcpListener, shared: &Arc<Shared>, lives: &Lives) -> Infallible {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                tokio::spawn(connection(stream, peer, Arc::clone(shared), lives.life()));
            }
            Err(_) => tokio::time::sleep(PAUSE).await,
        }
    }
}

async fn connection(stream: TcpStream, peer: SocketAddr, shared: Arc<Shared>, mut life: Life) {
    // Where it fails, chunks come later, not otherwise.
    stream.set_nodelay(true).ok();
    let flow = Arc::new(Flow::default());
    let exchanges = Arc::new(Exchanges::new(
        shared,
        client_of(peer),
        Arc::clone(&flow),
        life.clone(),
    ));
    let service = service_fn(move |request| Arc::clone(&exchanges).answer(request));
    let turns = Arc::clone(&flow);
    let server = server(life.clone());
    let mut serving =
        pin!(server.serve_connection_with_upgrades(TokioIo::new(Outlet { stream, flow }), service));
    loop {
        tokio::select! {
            // Its error is the client's doing or the provider's, and either has seen it.
            _ = poll_fn(|cx| turns.turn(cx, |cx| serving.as_mut().poll(cx))) => return,
            stage = life.next() => match stage {
                Stage::Open => {}
                Stage::Draining => serving.as_mut().graceful_shutdown(),
                Stage::Over => return,
            },
        }
    }
}

/// Retries may come over another connection, so a client is known by its address alone.
fn client_of(peer: SocketAddr) -> ClientId {
    let mut hasher = DefaultHasher::new();
    peer.ip().hash(&mut hasher);
    ClientId(hasher.finish())
}

fn server(life: Life) -> Builder<Life> {
    let mut builder = Builder::new(life).preserve_header_case(true);
    builder
        .http1()
        .auto_date_header(false)
        .header_read_timeout(None)
        .max_headers(MAX_HEADERS)
        .timer(TokioTimer::new());
    builder
        .http2()
        .auto_date_header(false)
        .max_concurrent_streams(None)
        .max_header_list_size(MAX_HEADER_BYTES)
        .timer(TokioTimer::new());
    builder
}
