//! Connections to providers.

use std::error::Error as StdError;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, Uri, header};
use http_body::Body;
use hyper::body::Incoming;
use hyper_rustls::{ConfigBuilderExt, HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::{Builder, Client, Error as CallError};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::{ClientConfig, RootCertStore};
use thiserror::Error;
use tower_service::Service;

use super::outbound::{Connector, OutboundProxies};
use super::relay::Breakage;
use super::{MAX_HEADER_BYTES, MAX_HEADERS};
use crate::{Classifier, End};

/// How long name, connection and TLS may take together.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long an unused connection is kept; the provider's own limit ends most earlier.
const IDLE: Duration = Duration::from_secs(90);

/// How often a silent connection shows that it is still there.
const KEEP_ALIVE: Duration = Duration::from_secs(60);

/// How the provider is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Manner {
    /// HTTP/2 where the provider chooses it, HTTP/1.1 otherwise.
    Negotiated,
    /// HTTP/1.1 on a connection of its own, which alone can be upgraded.
    Http1,
    /// HTTP/1.1, where the host may be another than that of the address.
    Signed,
    /// HTTP/2 without asking.
    PriorKnowledge,
}

/// The ways to connect, shared by all clients.
#[derive(Clone, Debug)]
pub(super) struct Dial {
    negotiated: Timed<HttpsConnector<Connector>>,
    http1: Timed<HttpsConnector<Connector>>,
    connector: Connector,
}

/// Whether the system's certificates are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Roots {
    /// Nobody is spoken to over TLS.
    None,
    /// Without them nothing goes.
    Needed,
    /// They may be needed later; without them only what needs them fails.
    Wanted,
}

impl Dial {
    /// Takes the system's certificates where `tls` has none of its own and they are asked for.
    pub(super) fn new(
        tls: Option<ClientConfig>,
        roots: Roots,
        proxies: OutboundProxies,
    ) -> io::Result<Self> {
        let config = match tls {
            Some(config) => config,
            None => default_tls(roots)?,
        };
        let mut http = HttpConnector::new();
        http.enforce_http(false);
        http.set_nodelay(true);
        // Models think for minutes, and what lies between forgets connections that are silent.
        http.set_keepalive(Some(KEEP_ALIVE));
        http.set_keepalive_interval(Some(KEEP_ALIVE));
        let builder = || {
            HttpsConnectorBuilder::new()
                .with_tls_config(config.clone())
                .https_or_http()
        };
        let connector = Connector::new(http, proxies.matcher());
        let negotiated = builder().enable_all_versions();
        // It is spoken to in ways that no proxy passes on: upgrades, hosts that were signed, and HTTP/2 without TLS.
        let http1 = builder().enable_http1();
        Ok(Self {
            negotiated: Timed(negotiated.wrap_connector(connector.clone())),
            http1: Timed(http1.wrap_connector(connector.clone().tunnelling())),
            connector,
        })
    }
}

fn default_tls(roots: Roots) -> io::Result<ClientConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = || {
        ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)
    };
    let bare = || Ok(builder()?.with_root_certificates(RootCertStore::empty()));
    let rooted = match roots {
        Roots::None => bare(),
        Roots::Needed => builder()?.with_native_roots(),
        Roots::Wanted => builder()?.with_native_roots().or_else(|_| bare()),
    };
    Ok(rooted?.with_no_client_auth())
}

/// Calls providers over connections that serve one connection of a client only.
///
/// So the proxy adds no sharing of its own: no client waits for another's streams on one HTTP/2 connection or meets a connection that another's
/// silence has let go stale, and what a client closes is closed at the provider.
#[derive(Debug)]
pub(super) struct Direct<B> {
    dial: Dial,
    negotiated: Pool<B>,
    http1: Pool<B>,
    prior_knowledge: Pool<B>,
}

type Pool<B> = Client<Timed<HttpsConnector<Connector>>, B>;

impl<B: Body<Data = Bytes> + Send> Direct<B> {
    pub(super) fn new(dial: Dial) -> Self {
        let negotiated = builder().build(dial.negotiated.clone());
        let http1 = builder().build(dial.http1.clone());
        let prior_knowledge = builder().http2_only(true).build(dial.http1.clone());
        Self {
            dial,
            negotiated,
            http1,
            prior_knowledge,
        }
    }
}

/// A request is sent again only where it never began to be sent, on a connection that was closed meanwhile.
fn builder() -> Builder {
    let mut builder = Client::builder(TokioExecutor::new());
    builder
        .retry_canceled_requests(true)
        .timer(TokioTimer::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(IDLE)
        .http1_preserve_header_case(true)
        .http1_max_headers(MAX_HEADERS)
        .http2_max_header_list_size(MAX_HEADER_BYTES);
    builder
}

impl<B> Clone for Direct<B> {
    fn clone(&self) -> Self {
        Self {
            dial: self.dial.clone(),
            negotiated: self.negotiated.clone(),
            http1: self.http1.clone(),
            prior_knowledge: self.prior_knowledge.clone(),
        }
    }
}

impl<B> Service<Request<B>> for Direct<B>
where
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Into<Box<dyn StdError + Send + Sync>>,
{
    type Response = Response<Incoming>;
    type Error = Lost;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Lost>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Lost>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let is_client_gone = request.extensions_mut().remove::<Breakage>();
        let calling = match request.extensions().get::<Manner>() {
            Some(Manner::PriorKnowledge) => self.prior_knowledge.request(request),
            Some(Manner::Signed) => self.http1.request(request),
            Some(Manner::Http1) => builder().build(self.dial.http1.clone()).request(request),
            Some(Manner::Negotiated) | None => {
                if let Some(authorization) = self.dial.connector.authorization(request.uri()) {
                    let headers = request.headers_mut();
                    headers.insert(header::PROXY_AUTHORIZATION, authorization);
                }
                self.negotiated.request(request)
            }
        };
        Box::pin(async move {
            calling.await.map_err(|error| match is_client_gone {
                Some(breakage) if breakage.has_happened() => Lost::Client(error),
                _ => Lost::Provider(error),
            })
        })
    }
}

/// Why a call has no response, by who broke it off.
#[derive(Debug, Error)]
pub(super) enum Lost {
    /// The client did not send its request to the end.
    #[error("the client broke off")]
    Client(#[source] CallError),
    /// The client did not send a request to the end that was to be changed on its way.
    #[error("the client broke off")]
    Gone(#[source] Box<dyn StdError + Send + Sync>),
    /// The provider could not be reached, broke off or broke the protocol.
    #[error("the provider broke off")]
    Provider(#[source] CallError),
}

impl Lost {
    /// How the call ended, for its record.
    pub(super) fn end(&self) -> End {
        match self {
            Self::Client(_) | Self::Gone(_) => End::Cancelled,
            Self::Provider(error) => Classifier::default().classify(error),
        }
    }
}

/// Bounds the time that a connection takes to be made.
#[derive(Clone, Debug)]
pub(super) struct Timed<C>(C);

impl<C> Service<Uri> for Timed<C>
where
    C: Service<Uri>,
    C::Future: Send + 'static,
    C::Response: 'static,
    C::Error: Into<Box<dyn StdError + Send + Sync>> + 'static,
{
    type Response = C::Response;
    type Error = Box<dyn StdError + Send + Sync>;
    type Future = Pin<Box<dyn Future<Output = Result<C::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.0.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let connecting = self.0.call(uri);
        Box::pin(async move {
            match tokio::time::timeout(PATIENCE, connecting).await {
                Ok(connected) => connected.map_err(Into::into),
                Err(_) => Err(io::Error::new(
                    io::ErrorKind::TimedOut,
                    format!("no connection within {} s", PATIENCE.as_secs()),
                )
                .into()),
            }
        })
    }
}
