//! A provider that costs as little as can be: prepared bytes over HTTP/1.1.

pub(crate) mod answer;
mod streamed;

use std::{convert::Infallible, io, net::SocketAddr, sync::Arc};

use bytes::Bytes;
use http::{Request, Response, header};
use http_body_util::{BodyExt, Either, Full};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};

use self::{answer::Wanted, streamed::Streamed};
use crate::child;

/// Serves as the child process `mock` until the parent is gone.
pub(crate) fn serve(_: &[String]) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?;
    let listener = runtime.block_on(TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))))?;
    let addr = listener.local_addr()?;
    runtime.spawn(accept(listener));
    child::attend(addr, String::new)
}

async fn accept(listener: TcpListener) {
    let prepared = Arc::new(Prepared {
        small: Bytes::from(answer::whole(1024)),
        large: Bytes::from(answer::whole(16 * 1024)),
    });
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(connection(stream, Arc::clone(&prepared)));
    }
}

struct Prepared {
    small: Bytes,
    large: Bytes,
}

async fn connection(stream: TcpStream, prepared: Arc<Prepared>) {
    // Where it fails, chunks come later, not otherwise.
    stream.set_nodelay(true).ok();
    let service = service_fn(move |request| answered(request, Arc::clone(&prepared)));
    // A client that leaves is no trouble of the provider's.
    drop(
        http1::Builder::new()
            .serve_connection(TokioIo::new(stream), service)
            .await,
    );
}

async fn answered(
    request: Request<Incoming>,
    prepared: Arc<Prepared>,
) -> Result<Response<Either<Full<Bytes>, Streamed>>, Infallible> {
    let wanted = request
        .headers()
        .get(answer::HEADER)
        .and_then(|value| value.to_str().ok())
        .and_then(Wanted::parse)
        .unwrap_or(Wanted::Whole { bytes: 1024 });
    let mut body = request.into_body();
    while let Some(Ok(_)) = body.frame().await {}
    let (kind, body) = match wanted {
        Wanted::Whole { bytes } => {
            let prepared = if bytes <= 1024 {
                &prepared.small
            } else {
                &prepared.large
            };
            (
                "application/json",
                Either::Left(Full::new(prepared.clone())),
            )
        }
        Wanted::Stream { chunks, gap } => (
            "text/event-stream",
            Either::Right(Streamed::new(chunks, gap)),
        ),
    };
    let mut response = Response::new(body);
    let kind = header::HeaderValue::from_static(kind);
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    Ok(response)
}
