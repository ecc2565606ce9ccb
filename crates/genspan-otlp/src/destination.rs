//! Where telemetry goes, and how it wants it.

mod headers;
mod parse;
mod store;
mod vendor;

use std::{fmt, path::PathBuf, time::Duration};

use genspan::{Capture, Conventions, Rendering};
use genspan_dialects::{Dialect, Settings, braintrust::Environment};
use http::Uri;
use sha2::{Digest, Sha256};

pub(crate) use self::parse::{address, grpc_endpoint, signal_address};
pub use self::{
    headers::{HeaderError, Headers},
    parse::DestinationError,
    store::{Keeper, KeeperError, StoreEndpoint},
    vendor::{Vendor, VendorEndpoint},
};
use crate::{Encoding, Signal};

/// Names one place that telemetry is delivered to, with the shape it wants.
///
/// Written as `URL[;conventions=…][;content=…][;dialect=…][;parent=…][;header=NAME:VALUE][;timeout=10s][;encoding=…][;temporality=…]`,
/// where the URL is `stdout`, `store[:PATH]`, `file:PATH`, `http://…`, `https://…`, `grpc://…`, `grpcs://…` or a [`Vendor`]'s
/// name, which is [resolved](Self::resolve) before telemetry can go there.
///
/// ```
/// use genspan_otlp::{Destination, Endpoint};
///
/// let destination: Destination = "file:spans.jsonl;content=span".parse().unwrap();
/// assert_eq!(destination.endpoint, Endpoint::File("spans.jsonl".into()));
/// assert!(destination.content.is_some_and(|capture| capture.is_on()));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Destination {
    /// The place itself.
    pub endpoint: Endpoint,
    /// The version of the conventions it wants; that of the program where it is `None`.
    pub conventions: Option<Conventions>,
    /// The content it may have; what the program says where it is `None`.
    pub content: Option<Capture>,
    /// The vendor's language that its spans are in; that of the conventions where it is `None`.
    pub dialect: Option<Dialect>,
    /// Where Braintrust files its spans, but for those that name a `braintrust.parent` themselves: `project_id:…`,
    /// `project_name:…` or `experiment_id:…`.
    pub parent: Option<String>,
    /// What the program runs in, for Braintrust.
    pub environment: Option<Environment>,
    /// How its metrics count.
    pub temporality: Temporality,
}

impl Destination {
    /// Goes to the given place, as the program says; a vendor gets its own language.
    #[must_use]
    pub fn new(endpoint: Endpoint) -> Self {
        let dialect = match &endpoint {
            Endpoint::Vendor(one) => one.vendor.dialect(),
            _ => None,
        };
        Self {
            endpoint,
            conventions: None,
            content: None,
            dialect,
            parent: None,
            environment: None,
            temporality: Temporality::default(),
        }
    }

    /// Gives the rendering that the destination asks for; what it leaves open is as given.
    #[must_use]
    pub fn rendering(&self, conventions: Conventions, content: Capture) -> Rendering {
        Rendering::new(self.conventions.unwrap_or(conventions))
            .with_capture(self.content.unwrap_or(content))
    }

    /// Tells whether the destination takes items of this signal at all.
    #[must_use]
    pub fn takes(&self, signal: Signal) -> bool {
        match &self.endpoint {
            Endpoint::Stdout | Endpoint::File(_) => true,
            Endpoint::Http(http) => http.of(signal).is_some(),
            Endpoint::Grpc(grpc) => grpc.signals.contains(&signal),
            // What it shows is counted from spans.
            Endpoint::Store(_) => signal != Signal::Metrics,
            Endpoint::Vendor(one) => one.vendor.takes(signal),
        }
    }

    /// Tells whether it takes whole requests of this signal: a store keeps what other programs measured, too.
    pub(crate) fn takes_requests(&self, signal: Signal) -> bool {
        matches!(self.endpoint, Endpoint::Store(_)) || self.takes(signal)
    }

    /// Gives what dialects are told for this destination: what it says itself, and else what is given.
    #[must_use]
    pub fn dialect_settings(&self, given: &Settings) -> Settings {
        let mut settings = given.clone();
        if self.parent.is_some() {
            settings.braintrust_parent.clone_from(&self.parent);
        }
        if self.environment.is_some() {
            settings
                .braintrust_environment
                .clone_from(&self.environment);
        }
        settings
    }

    /// Names the directory of this destination's spool.
    ///
    /// Headers are part of it, so that what waits under one account is never sent under another.
    pub(crate) fn spool_name(&self) -> Option<String> {
        let none = Headers::default();
        let (addresses, headers) = match &self.endpoint {
            Endpoint::Store(store) => ([store.to_string(), String::new(), String::new()], &none),
            Endpoint::Stdout | Endpoint::File(_) | Endpoint::Vendor(_) => return None,
            Endpoint::Http(http) => (
                Signal::ALL.map(|signal| http.of(signal).map(Uri::to_string).unwrap_or_default()),
                &http.headers,
            ),
            Endpoint::Grpc(grpc) => (
                [
                    format!("grpc {}", grpc.origin),
                    String::new(),
                    String::new(),
                ],
                &grpc.headers,
            ),
        };
        let mut hash = Sha256::new();
        for address in &addresses {
            hash.update(address);
            hash.update([0]);
        }
        for (name, value) in headers.iter() {
            hash.update(name.as_str());
            hash.update([0]);
            hash.update(value.as_bytes());
            hash.update([0]);
        }
        Some(
            hash.finalize()
                .iter()
                .take(12)
                .map(|byte| format!("{byte:02x}"))
                .collect(),
        )
    }
}

/// Holds the place that a [`Destination`] names.
#[derive(Clone, Debug, PartialEq)]
pub enum Endpoint {
    /// Standard output, as JSON lines.
    Stdout,
    /// A file, as JSON lines.
    File(PathBuf),
    /// A collector that speaks OTLP over HTTP.
    Http(HttpEndpoint),
    /// A collector that speaks OTLP over gRPC.
    Grpc(GrpcEndpoint),
    /// A store that the program itself writes.
    Store(StoreEndpoint),
    /// A vendor whose variables were not read yet; see [`Destination::resolve`].
    Vendor(VendorEndpoint),
}

/// Holds how a collector is reached over HTTP.
#[derive(Clone, Debug, PartialEq)]
pub struct HttpEndpoint {
    /// Where spans go; nowhere if `None`.
    pub traces: Option<Uri>,
    /// Where log records go; nowhere if `None`.
    pub logs: Option<Uri>,
    /// Where metrics go; nowhere if `None`.
    pub metrics: Option<Uri>,
    /// How requests are written.
    pub encoding: Encoding,
    /// Sent with each request.
    pub headers: Headers,
    /// How long one request may take.
    pub timeout: Duration,
}

impl HttpEndpoint {
    /// Gives the address for one signal.
    #[must_use]
    pub const fn of(&self, signal: Signal) -> Option<&Uri> {
        match signal {
            Signal::Traces => self.traces.as_ref(),
            Signal::Logs => self.logs.as_ref(),
            Signal::Metrics => self.metrics.as_ref(),
        }
    }

    pub(crate) fn of_mut(&mut self, signal: Signal) -> &mut Option<Uri> {
        match signal {
            Signal::Traces => &mut self.traces,
            Signal::Logs => &mut self.logs,
            Signal::Metrics => &mut self.metrics,
        }
    }
}

/// Holds how a collector is reached over gRPC.
#[derive(Clone, Debug, PartialEq)]
pub struct GrpcEndpoint {
    /// Scheme (`http` or `https`), host and port.
    pub origin: Uri,
    /// The signals that go there.
    pub signals: Vec<Signal>,
    /// Sent with each request.
    pub headers: Headers,
    /// How long one request may take.
    pub timeout: Duration,
}

/// Bounds one request where nothing else is said.
pub(crate) const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);

/// Says what the numbers of a metric count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Temporality {
    /// Everything since the program started, which Prometheus and its kin ask for.
    #[default]
    Cumulative,
    /// What came since the last export.
    Delta,
}

impl fmt::Display for Destination {
    /// Writes the address as far as it is no secret: without query and headers.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.endpoint {
            Endpoint::Stdout => f.write_str("stdout"),
            Endpoint::File(path) => write!(f, "file:{}", path.display()),
            Endpoint::Http(http) => {
                let (signal, uri) = Signal::ALL
                    .into_iter()
                    .find_map(|signal| Some((signal, http.of(signal)?)))
                    .map_or((Signal::Traces, None), |(signal, uri)| (signal, Some(uri)));
                let Some(uri) = uri else {
                    return f.write_str("nowhere");
                };
                let path = uri
                    .path()
                    .strip_suffix(&format!("/v1/{}", signal.as_str()))
                    .unwrap_or(uri.path());
                write_origin(f, uri, uri.scheme_str().unwrap_or("http"))?;
                f.write_str(path.trim_end_matches('/'))
            }
            Endpoint::Grpc(grpc) => {
                let is_plain = grpc.origin.scheme_str() == Some("http");
                write_origin(f, &grpc.origin, if is_plain { "grpc" } else { "grpcs" })
            }
            Endpoint::Store(store) => store.fmt(f),
            Endpoint::Vendor(one) => one.vendor.fmt(f),
        }
    }
}

fn write_origin(f: &mut fmt::Formatter<'_>, uri: &Uri, scheme: &str) -> fmt::Result {
    write!(f, "{scheme}://{}", uri.host().unwrap_or_default())?;
    uri.port_u16().map_or(Ok(()), |port| write!(f, ":{port}"))
}

#[cfg(test)]
mod tests;
