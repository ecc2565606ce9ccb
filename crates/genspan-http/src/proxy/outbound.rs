//! The way to providers where it leads through a proxy of the network's.

use std::error::Error as StdError;
use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::{HeaderValue, Uri, uri::Scheme};
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::legacy::connect::{Connected, Connection, HttpConnector};
use hyper_util::client::proxy::matcher::Matcher;
use hyper_util::rt::TokioIo;
use thiserror::Error;
use tokio::net::TcpStream;
use tower_service::Service;

type Failed = Box<dyn StdError + Send + Sync>;

/// Says through which proxies of the network providers are reached.
///
/// The values are those that `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` have by custom; this crate reads no
/// environment. Providers that are spoken to over TLS, or over HTTP/2, are reached by a tunnel (`CONNECT`);
/// for others the proxy passes requests on.
#[derive(Clone, Default)]
#[must_use]
pub struct OutboundProxies {
    encrypted: String,
    plain: String,
    exceptions: String,
}

impl OutboundProxies {
    /// Goes through this proxy to `https` providers: `http://host:port`, with `user:password@` where it asks.
    ///
    /// # Errors
    ///
    /// When the value is no address of an HTTP proxy.
    pub fn with_https(mut self, proxy: impl Into<String>) -> Result<Self, UnusableOutboundProxy> {
        self.encrypted = usable(proxy.into())?;
        Ok(self)
    }

    /// Goes through this proxy to `http` providers.
    ///
    /// # Errors
    ///
    /// When the value is no address of an HTTP proxy.
    pub fn with_http(mut self, proxy: impl Into<String>) -> Result<Self, UnusableOutboundProxy> {
        self.plain = usable(proxy.into())?;
        Ok(self)
    }

    /// Goes directly to these hosts: names, which stand for what is below them too, addresses, networks such as
    /// `10.0.0.0/8`, or `*`, separated by commas.
    pub fn with_exceptions(mut self, list: impl Into<String>) -> Self {
        self.exceptions = list.into();
        self
    }

    pub(super) fn matcher(self) -> Option<Arc<Matcher>> {
        let is_none = self.encrypted.is_empty() && self.plain.is_empty();
        let matcher = Matcher::builder()
            .https(self.encrypted)
            .http(self.plain)
            .no(self.exceptions);
        (!is_none).then(|| Arc::new(matcher.build()))
    }
}

impl fmt::Debug for OutboundProxies {
    /// Leaves the addresses out, for they may hold passwords.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OutboundProxies")
            .field("exceptions", &self.exceptions)
            .finish_non_exhaustive()
    }
}

fn usable(proxy: String) -> Result<String, UnusableOutboundProxy> {
    let uri: Uri = proxy.parse().map_err(|_| UnusableOutboundProxy)?;
    let is_http = uri.scheme().is_none_or(|scheme| *scheme == Scheme::HTTP);
    let has_host = uri.host().is_some_and(|host| !host.is_empty());
    if is_http && has_host {
        Ok(proxy)
    } else {
        Err(UnusableOutboundProxy)
    }
}

/// Tells that a proxy of the network cannot be used; its URL is not repeated, for it may hold a password.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error(
    "the outbound proxy is unusable: only HTTP proxies are known; write it as http://host:port"
)]
pub struct UnusableOutboundProxy;

/// Connects directly, or through the proxy that is meant for an address.
#[derive(Clone, Debug)]
pub(super) struct Connector {
    direct: HttpConnector,
    proxies: Option<Arc<Matcher>>,
    /// Whether every request needs a connection that is its own to the end.
    always_tunnels: bool,
}

impl Connector {
    pub(super) const fn new(direct: HttpConnector, proxies: Option<Arc<Matcher>>) -> Self {
        Self {
            direct,
            proxies,
            always_tunnels: false,
        }
    }

    /// Tunnels to `http` addresses too, for what no proxy passes on.
    pub(super) fn tunnelling(mut self) -> Self {
        self.always_tunnels = true;
        self
    }

    /// What the proxy wants to see on a request that it passes on.
    pub(super) fn authorization(&self, target: &Uri) -> Option<HeaderValue> {
        let is_passed_on = !self.always_tunnels && target.scheme() == Some(&Scheme::HTTP);
        let proxy = self.proxies.as_ref().filter(|_| is_passed_on)?;
        proxy.intercept(target)?.basic_auth().cloned()
    }
}

impl Service<Uri> for Connector {
    type Response = Way;
    type Error = Failed;
    type Future = Pin<Box<dyn Future<Output = Result<Way, Failed>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Failed>> {
        self.direct.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, target: Uri) -> Self::Future {
        let proxy = self.proxies.as_ref();
        let Some(proxy) = proxy.and_then(|proxies| proxies.intercept(&target)) else {
            return way(self.direct.call(target), false);
        };
        if !self.always_tunnels && target.scheme() == Some(&Scheme::HTTP) {
            return way(self.direct.call(proxy.uri().clone()), true);
        }
        let mut tunnel = Tunnel::new(proxy.uri().clone(), self.direct.clone());
        if let Some(authorization) = proxy.basic_auth() {
            tunnel = tunnel.with_auth(authorization.clone());
        }
        // Its port is 443 where the address names none.
        way(tunnel.call(with_port(target)), false)
    }
}

fn with_port(target: Uri) -> Uri {
    if target.port().is_some() || target.scheme() != Some(&Scheme::HTTP) {
        return target;
    }
    let mut parts = target.clone().into_parts();
    let authority = format!("{}:80", target.host().unwrap_or_default());
    parts.authority = authority.parse().ok();
    Uri::from_parts(parts).unwrap_or(target)
}

fn way<E: Into<Failed>>(
    connecting: impl Future<Output = Result<TokioIo<TcpStream>, E>> + Send + 'static,
    is_passed_on: bool,
) -> Pin<Box<dyn Future<Output = Result<Way, Failed>> + Send>> {
    Box::pin(async move {
        let stream = connecting.await.map_err(Into::into)?;
        Ok(Way {
            stream,
            is_passed_on,
        })
    })
}

/// A connection to a provider, or to a proxy that passes requests on.
#[derive(Debug)]
pub(super) struct Way {
    stream: TokioIo<TcpStream>,
    is_passed_on: bool,
}

impl Connection for Way {
    /// A proxy that passes requests on is told the whole address with each.
    fn connected(&self) -> Connected {
        self.stream.inner().connected().proxy(self.is_passed_on)
    }
}

impl Read for Way {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl Write for Way {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_http_proxies_are_taken() {
        let of = |value: &str| OutboundProxies::default().with_https(value).is_ok();
        for value in ["http://corp:3128", "corp:3128", "http://u:p@corp"] {
            assert!(of(value), "{value}");
        }
        for value in ["", "socks5://corp", "https://corp", "http://", "a b"] {
            assert!(!of(value), "{value}");
        }
        let debug = format!(
            "{:?}",
            OutboundProxies::default().with_http("http://u:secret@p")
        );
        assert!(!debug.contains("secret"), "{debug}");
    }

    #[test]
    fn a_plain_address_is_tunnelled_to_its_own_port() {
        let of = |uri: &'static str| with_port(Uri::from_static(uri)).to_string();
        assert_eq!(of("http://h/"), "http://h:80/");
        assert_eq!(of("http://[::1]/"), "http://[::1]:80/");
        assert_eq!(of("http://h:81/"), "http://h:81/");
        assert_eq!(of("https://h/"), "https://h/");
    }
}
