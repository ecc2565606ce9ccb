//! The peer: hyper on both sides and nothing in between.

use std::{io, net::SocketAddr};

use http::{HeaderValue, Request, Response, Uri, header, uri::Authority};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    client::legacy::{Client, Error, connect::HttpConnector},
    rt::{TokioExecutor, TokioIo, TokioTimer},
};
use tokio::net::{TcpListener, TcpStream};

use crate::child;

type Provider = Client<HttpConnector, Incoming>;

/// Serves as the child process `bare-proxy` before the provider at `arguments[0]`.
pub(crate) fn serve(arguments: &[String]) -> io::Result<()> {
    let provider = arguments.first().and_then(|it| it.parse().ok());
    let provider: Authority = provider.ok_or_else(|| io::Error::other("which provider?"))?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let listener = runtime.block_on(TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))))?;
    let addr = listener.local_addr()?;
    runtime.spawn(accept(listener, provider));
    child::attend(addr, String::new)
}

async fn accept(listener: TcpListener, authority: Authority) {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    let provider = Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .build(connector);
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(connection(stream, authority.clone(), provider.clone()));
    }
}

async fn connection(stream: TcpStream, authority: Authority, provider: Provider) {
    // Where it fails, chunks come later, not otherwise.
    stream.set_nodelay(true).ok();
    let service = service_fn(move |request| pass(request, authority.clone(), provider.clone()));
    // What breaks off is seen by the client.
    drop(
        http1::Builder::new()
            .auto_date_header(false)
            .timer(TokioTimer::new())
            .header_read_timeout(None)
            .serve_connection(TokioIo::new(stream), service)
            .await,
    );
}

async fn pass(
    mut request: Request<Incoming>,
    authority: Authority,
    provider: Provider,
) -> Result<Response<Incoming>, Error> {
    let mut target = std::mem::take(request.uri_mut()).into_parts();
    target.scheme = Some(http::uri::Scheme::HTTP);
    if let Ok(host) = HeaderValue::from_str(authority.as_str()) {
        request.headers_mut().insert(header::HOST, host);
    }
    target.authority = Some(authority);
    *request.uri_mut() = Uri::from_parts(target).unwrap_or_default();
    provider.request(request).await
}
