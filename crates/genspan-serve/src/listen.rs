//! One port: its connections, from the first to the last.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use http::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

use crate::answer::{Answer, guarded};
use crate::gate::Gate;
use crate::shared::Shared;
use crate::{otlp, web};

/// How long the listener waits when no connection can be accepted, as when the process has too many files open.
const PAUSE: Duration = Duration::from_millis(50);

/// A connection must say something in this time.
const PROMPTNESS: Duration = Duration::from_secs(20);

/// The head of each request must come in this time, from the end of the one before: longer than the minute that lies between
/// two exports of metrics, so that senders keep their connection.
const IDLE: Duration = Duration::from_secs(90);

/// How often it is looked whether the other side of an HTTP/2 connection is still there.
const PROBE: Duration = Duration::from_secs(30);

const MAX_HEADERS: usize = 100;
const MAX_HEADER_BYTES: u32 = 64 * 1024;
/// Requests at once on one HTTP/2 connection.
const MAX_STREAMS: u32 = 128;
/// Bytes of a request, and of all requests of a connection, that are on the way before they are asked for.
const STREAM_WINDOW: u32 = 1 << 20;
const CONNECTION_WINDOW: u32 = 4 << 20;

/// Names what a port is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Service {
    Otlp,
    Web,
}

/// Holds what every connection to a port needs.
pub(crate) struct Port {
    pub(crate) service: Service,
    pub(crate) gate: Gate,
    pub(crate) shared: Arc<Shared>,
}

impl Port {
    /// Accepts connections until nothing new is to be taken, and returns when all have ended.
    ///
    /// Dropped, it cuts them all.
    pub(crate) async fn serve(self, listener: TcpListener) {
        let mut draining = self.shared.draining.clone();
        let places = Arc::new(Semaphore::new(self.shared.limits.connections));
        let port = Arc::new(self);
        let mut connections = JoinSet::new();
        let accepting = async {
            loop {
                // Never closed, so it is never refused.
                let Ok(place) = Arc::clone(&places).acquire_owned().await else {
                    return;
                };
                match listener.accept().await {
                    Ok((stream, _)) => {
                        let port = Arc::clone(&port);
                        connections.spawn(async move {
                            port.connection(stream).await;
                            drop(place);
                        });
                    }
                    Err(_) => tokio::time::sleep(PAUSE).await,
                }
                while connections.try_join_next().is_some() {}
            }
        };
        tokio::select! {
            () = accepting => {}
            () = begun(&mut draining) => {}
        }
        drop(listener);
        while connections.join_next().await.is_some() {}
    }

    async fn connection(self: Arc<Self>, stream: TcpStream) {
        // Where it fails, answers come later, not otherwise.
        stream.set_nodelay(true).ok();
        let spoke = tokio::time::timeout(PROMPTNESS, stream.readable());
        let mut draining = self.shared.draining.clone();
        tokio::select! {
            spoke = spoke => if spoke.is_err() { return },
            () = begun(&mut draining) => return,
        }
        let service = service_fn(move |request| {
            let port = Arc::clone(&self);
            async move { Ok::<_, Infallible>(port.answer(request).await) }
        });
        let server = server();
        let mut serving = std::pin::pin!(server.serve_connection(TokioIo::new(stream), service));
        tokio::select! {
            // Its error is the client's doing, and the client has seen it.
            _ = serving.as_mut() => return,
            () = begun(&mut draining) => serving.as_mut().graceful_shutdown(),
        }
        serving.await.ok();
    }

    async fn answer(&self, request: Request<Incoming>) -> Answer {
        guarded(match self.service {
            Service::Otlp => otlp::answer(&self.gate, &self.shared, request).await,
            Service::Web => web::answer(&self.gate, &self.shared, request).await,
        })
    }
}

/// Waits until nothing new is to be taken.
pub(crate) async fn begun(draining: &mut watch::Receiver<bool>) {
    // Whoever could say so being gone says the same.
    draining.wait_for(|is_draining| *is_draining).await.ok();
}

fn server() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .header_read_timeout(IDLE)
        .max_headers(MAX_HEADERS)
        .timer(TokioTimer::new());
    builder
        .http2()
        .max_concurrent_streams(MAX_STREAMS)
        .max_header_list_size(MAX_HEADER_BYTES)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .keep_alive_interval(PROBE)
        .keep_alive_timeout(PROMPTNESS)
        .timer(TokioTimer::new());
    builder
}
