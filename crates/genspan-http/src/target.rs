//! Whom a request goes to.

use genspan::{Parent, Scope, Server, SpanContext};
use genspan_wire::RequestHead;
use http::{HeaderMap, Method, Request, Uri, header, request::Parts, uri::Scheme};

use crate::marker::{TRACEPARENT, TRACESTATE};

/// Names the host, port and path that a request asks for.
#[derive(Debug)]
pub(crate) struct Target<'a> {
    pub(crate) method: &'a str,
    pub(crate) host: &'a str,
    pub(crate) port: Option<u16>,
    pub(crate) path: &'a str,
}

impl<'a> Target<'a> {
    /// Reads the head of a request with its body.
    pub(crate) fn of_request<B>(request: &'a Request<B>) -> Self {
        Self::read(
            request.method(),
            request.uri(),
            request.headers(),
            request.extensions().get(),
        )
    }

    /// Reads a request's head; an extension [`Server`] says more than the URI, and the URI more than `host`.
    pub(crate) fn of(request: &'a Parts) -> Self {
        Self::read(
            &request.method,
            &request.uri,
            &request.headers,
            request.extensions.get(),
        )
    }

    /// Reads whom a request's URI asks, whatever is said to be behind it.
    pub(crate) fn asked(request: &'a Parts) -> Self {
        Self::read(&request.method, &request.uri, &request.headers, None)
    }

    /// Reads whom a URI asks.
    pub(crate) fn of_uri(method: &'a str, uri: &'a Uri) -> Self {
        let (host, port) = of_authority(uri).unwrap_or_default();
        Self {
            method,
            host,
            port,
            path: path(uri),
        }
    }

    fn read(
        method: &'a Method,
        uri: &'a Uri,
        headers: &'a HeaderMap,
        server: Option<&'a Server>,
    ) -> Self {
        let (host, port) = match server {
            Some(server) => (server.address.as_str(), server.port),
            None => authority(uri, headers),
        };
        Self {
            method: method.as_str(),
            host,
            port,
            path: path(uri),
        }
    }

    pub(crate) const fn head(&self) -> RequestHead<'a> {
        RequestHead {
            method: self.method,
            host: self.host,
            port: self.port,
            path: self.path,
        }
    }
}

fn path(uri: &Uri) -> &str {
    uri.path_and_query().map_or("/", |path| path.as_str())
}

fn of_authority(uri: &Uri) -> Option<(&str, Option<u16>)> {
    let authority = uri.authority()?;
    let by_scheme = match uri.scheme() {
        Some(scheme) if *scheme == Scheme::HTTPS => Some(443),
        Some(scheme) if *scheme == Scheme::HTTP => Some(80),
        _ => None,
    };
    Some((authority.host(), authority.port_u16().or(by_scheme)))
}

fn authority<'a>(uri: &'a Uri, headers: &'a HeaderMap) -> (&'a str, Option<u16>) {
    if let Some(authority) = of_authority(uri) {
        return authority;
    }
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
        .unwrap_or_default();
    match host.rsplit_once(':') {
        // The colons of a bare IPv6 address are no port.
        Some((name, port)) if !port.ends_with(']') => match port.parse() {
            Ok(port) => (name, Some(port)),
            Err(_) => (host, None),
        },
        _ => (host, None),
    }
}

/// Decides what a call happens within.
///
/// A scope that the request carries counts most, and is for the caller to enter.
pub(crate) fn parent(request: &Parts, trusts_headers: bool) -> Parent {
    if request.extensions.get::<Scope>().is_some() {
        return Parent::Current;
    }
    if let Some(context) = request.extensions.get::<SpanContext>() {
        return Parent::Span(context.clone());
    }
    if !trusts_headers {
        return Parent::Current;
    }
    trace_context(&request.headers).map_or(Parent::Root, Parent::Span)
}

fn trace_context(headers: &HeaderMap) -> Option<SpanContext> {
    let traceparent = headers.get(TRACEPARENT)?.to_str().ok()?;
    let states: Vec<&str> = headers
        .get_all(TRACESTATE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .collect();
    SpanContext::from_traceparent(traceparent, Some(&states.join(",")))
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn parts(uri: &str, host: Option<&str>) -> Parts {
        let mut request = Request::builder().uri(uri);
        if let Some(host) = host {
            request = request.header(header::HOST, host);
        }
        request.body(()).unwrap().into_parts().0
    }

    fn target(uri: &str, host: Option<&str>) -> (String, Option<u16>, String) {
        let parts = parts(uri, host);
        let target = Target::of(&parts);
        (target.host.to_owned(), target.port, target.path.to_owned())
    }

    #[test]
    fn host_and_port_come_from_uri_or_header() {
        let of = |host: &str, port, path: &str| (host.to_owned(), port, path.to_owned());
        assert_eq!(
            target("https://api.openai.com/v1/x?a=1", None),
            of("api.openai.com", Some(443), "/v1/x?a=1")
        );
        assert_eq!(
            target("http://h:81/", Some("other:1")),
            of("h", Some(81), "/")
        );
        assert_eq!(target("/v1", Some("h:8080")), of("h", Some(8080), "/v1"));
        assert_eq!(
            target("/v1", Some("[::1]:8080")),
            of("[::1]", Some(8080), "/v1")
        );
        assert_eq!(target("/v1", Some("[::1]")), of("[::1]", None, "/v1"));
        assert_eq!(target("/v1", None), of("", None, "/v1"));
    }

    #[test]
    fn an_extension_names_the_server_better() {
        let mut parts = parts("http://127.0.0.1:9/v1", None);
        parts
            .extensions
            .insert(Server::new("api.anthropic.com", Some(443)));
        assert_eq!(
            (Target::of(&parts).host, Target::of(&parts).port),
            ("api.anthropic.com", Some(443))
        );
    }

    #[test]
    fn headers_are_the_parent_only_where_trusted() {
        let mut parts = parts("/v1", None);
        assert_eq!(parent(&parts, true), Parent::Root);
        let header = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        parts.headers.insert(TRACEPARENT, header.parse().unwrap());
        assert_eq!(parent(&parts, false), Parent::Current);
        let Parent::Span(context) = parent(&parts, true) else {
            panic!("no parent")
        };
        assert_eq!(context.to_traceparent(), header);
    }
}
