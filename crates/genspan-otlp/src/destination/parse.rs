//! Reads destinations as users write them.

use std::{convert::Infallible, str::FromStr, time::Duration};

use http::{Uri, uri::PathAndQuery};

use super::{
    DEFAULT_TIMEOUT, Destination, Endpoint, GrpcEndpoint, HeaderError, Headers, HttpEndpoint,
    StoreEndpoint, Temporality, Vendor, VendorEndpoint, vendor::check_parent,
};
use crate::{Encoding, Signal, percent};

/// Says why a text is no destination, and what would do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DestinationError {
    /// The text begins like no destination.
    #[error(
        "`{0}` is no destination; write `store`, `stdout`, `file:PATH`, `http://HOST:PORT`, `https://HOST`, \
         `grpc://HOST:PORT`, `grpcs://HOST:PORT`, `braintrust`, `langfuse` or `sentry`"
    )]
    Unknown(String),
    /// `file:` without a path.
    #[error("`file:` needs a path, as in `file:spans.jsonl`")]
    NoPath,
    /// `store:` without a path.
    #[error("`store:` needs a path, as in `store:spans.db`; `store` alone is the usual one")]
    NoStorePath,
    /// The address is not one.
    #[error("`{0}` is no address: {1}")]
    Address(String, String),
    /// The address holds a user name or password.
    #[error("an address must not hold credentials; write `;header=Authorization:…` behind it")]
    Credentials,
    /// A part behind a `;` is not `name=value`.
    #[error("`{0}` is no option; behind `;` stands `name=value`, with one of {KNOWN}")]
    NoOption(String),
    /// The option has a name that means nothing.
    #[error("there is no option `{0}`; known are {KNOWN}")]
    UnknownOption(String),
    /// The option means nothing for this kind of destination.
    #[error("option `{0}` has no meaning for {1}")]
    Misplaced(&'static str, &'static str),
    /// The option has a value that means nothing.
    #[error("`{option}={value}`: {why}")]
    Value {
        /// The option's name.
        option: &'static str,
        /// What was written.
        value: String,
        /// What is wrong with it and what would do.
        why: String,
    },
    /// A header cannot be sent.
    #[error("`header=…`: {0}")]
    Header(#[from] HeaderError),
}

const KNOWN: &str = "`conventions`, `content`, `dialect`, `parent`, `header`, `timeout`, `encoding` and `temporality`";

impl FromStr for Destination {
    type Err = DestinationError;

    fn from_str(text: &str) -> Result<Self, DestinationError> {
        let mut parts = text.split(';');
        let endpoint = endpoint(parts.next().unwrap_or_default().trim())?;
        let mut destination = Self::new(endpoint);
        for part in parts.map(str::trim).filter(|part| !part.is_empty()) {
            let (name, value) = part
                .split_once('=')
                .ok_or_else(|| DestinationError::NoOption(part.to_owned()))?;
            option(&mut destination, name.trim(), value.trim())?;
        }
        if destination.parent.is_some() && !destination.has_parent() {
            return Err(DestinationError::Misplaced(
                "parent",
                "a destination without `dialect=braintrust`",
            ));
        }
        Ok(destination)
    }
}

fn endpoint(text: &str) -> Result<Endpoint, DestinationError> {
    if text == "stdout" {
        return Ok(Endpoint::Stdout);
    }
    if text == "store" {
        return Ok(Endpoint::Store(StoreEndpoint::new(None)));
    }
    if let Some(vendor) = Vendor::named(text) {
        return Ok(Endpoint::Vendor(VendorEndpoint::new(vendor)));
    }
    let unknown = || DestinationError::Unknown(text.to_owned());
    let (scheme, rest) = text.split_once(':').ok_or_else(unknown)?;
    match scheme {
        "store" if rest.is_empty() => Err(DestinationError::NoStorePath),
        "store" => Ok(Endpoint::Store(StoreEndpoint::new(Some(rest.into())))),
        "file" if rest.is_empty() => Err(DestinationError::NoPath),
        "file" => Ok(Endpoint::File(
            rest.strip_prefix("//")
                .filter(|path| path.starts_with('/'))
                .unwrap_or(rest)
                .into(),
        )),
        "http" | "https" => http_endpoint(&address(text, text)?).map(Endpoint::Http),
        "grpc" => grpc_endpoint(&address(text, &format!("http:{rest}"))?).map(Endpoint::Grpc),
        "grpcs" => grpc_endpoint(&address(text, &format!("https:{rest}"))?).map(Endpoint::Grpc),
        _ => Err(unknown()),
    }
}

/// Reads an address that names a host and no credentials.
pub(crate) fn address(shown: &str, text: &str) -> Result<Uri, DestinationError> {
    if text.contains('@') {
        return Err(DestinationError::Credentials);
    }
    // A query may hold a key, and errors end up in logs.
    let shown = shown.split_once('?').map_or(shown, |(before, _)| before);
    let wrong = |why: &str| Err(DestinationError::Address(shown.to_owned(), why.to_owned()));
    let uri: Uri = match text.parse::<Uri>() {
        Ok(uri) => uri,
        Err(error) => return wrong(&error.to_string()),
    };
    let host = uri.host().unwrap_or_default();
    let port = uri
        .authority()
        .and_then(|authority| authority.as_str().strip_prefix(host))
        .unwrap_or_default();
    match uri.scheme_str() {
        Some("http" | "https") if host.is_empty() => wrong("it names no host"),
        Some("http" | "https") if !port.is_empty() && uri.port_u16().is_none() => {
            wrong("its port is no number")
        }
        Some("http" | "https") => Ok(uri),
        _ => wrong("it does not begin with `http://` or `https://`"),
    }
}

/// Takes a base address; one that was pasted with the path of a signal loses it.
fn http_endpoint(base: &Uri) -> Result<HttpEndpoint, DestinationError> {
    let mut endpoint = HttpEndpoint {
        traces: None,
        logs: None,
        metrics: None,
        encoding: Encoding::default(),
        headers: Headers::default(),
        timeout: DEFAULT_TIMEOUT,
    };
    for signal in Signal::ALL {
        *endpoint.of_mut(signal) = Some(signal_address(base, signal)?);
    }
    Ok(endpoint)
}

/// Appends a signal's path to a base address.
pub(crate) fn signal_address(base: &Uri, signal: Signal) -> Result<Uri, DestinationError> {
    let path = base.path();
    let path = Signal::ALL
        .iter()
        .find_map(|signal| {
            path.trim_end_matches('/')
                .strip_suffix(&format!("/v1/{}", signal.as_str()))
        })
        .unwrap_or(path)
        .trim_end_matches('/');
    let query = base
        .query()
        .map(|query| format!("?{query}"))
        .unwrap_or_default();
    let full = format!("{path}/v1/{}{query}", signal.as_str());
    let wrong =
        |error: &dyn std::error::Error| DestinationError::Address(full.clone(), error.to_string());
    let mut parts = base.clone().into_parts();
    parts.path_and_query =
        Some(PathAndQuery::try_from(full.as_str()).map_err(|error| wrong(&error))?);
    Uri::from_parts(parts).map_err(|error| wrong(&error))
}

/// Takes the origin of an address; without a port it is OTLP's own.
pub(crate) fn grpc_endpoint(address: &Uri) -> Result<GrpcEndpoint, DestinationError> {
    let scheme = address.scheme_str().unwrap_or("http");
    let host = address.host().unwrap_or_default();
    let port = address.port_u16().unwrap_or(4317);
    let origin = format!("{scheme}://{host}:{port}");
    Ok(GrpcEndpoint {
        origin: self::address(&origin, &origin)?,
        signals: Signal::ALL.to_vec(),
        headers: Headers::default(),
        timeout: DEFAULT_TIMEOUT,
    })
}

fn option(destination: &mut Destination, name: &str, value: &str) -> Result<(), DestinationError> {
    let wrong = |option, why: String| DestinationError::Value {
        option,
        value: value.to_owned(),
        why,
    };
    match name {
        "conventions" => {
            destination.conventions = Some(
                value
                    .parse()
                    .map_err(|error| wrong("conventions", format!("{error}")))?,
            );
        }
        "content" => {
            destination.content = Some(
                value
                    .parse()
                    .map_err(|error| wrong("content", format!("{error}")))?,
            );
        }
        "dialect" => {
            destination.dialect = Some(
                value
                    .parse()
                    .map_err(|error| wrong("dialect", format!("{error}")))?,
            );
        }
        "parent" => {
            check_parent(value).map_err(|why| wrong("parent", why))?;
            destination.parent = Some(value.to_owned());
        }
        "header" => {
            let (name, value) = value.split_once(':').ok_or_else(|| {
                DestinationError::NoOption("header=… without `NAME:VALUE`".to_owned())
            })?;
            let value =
                percent::decode(value.trim()).ok_or_else(|| HeaderError::Value(name.to_owned()))?;
            headers(destination)?.push(name.trim(), &value)?;
        }
        "timeout" => {
            let timeout = duration(value).ok_or_else(|| {
                wrong(
                    "timeout",
                    "write seconds or milliseconds, as in `10s` or `500ms`".to_owned(),
                )
            })?;
            set_timeout(destination, timeout)?;
        }
        "encoding" => {
            let encoding = match value {
                "protobuf" => Encoding::Protobuf,
                "json" => Encoding::Json,
                _ => {
                    return Err(wrong(
                        "encoding",
                        "known are `protobuf` and `json`".to_owned(),
                    ));
                }
            };
            match &mut destination.endpoint {
                Endpoint::Http(http) => http.encoding = encoding,
                Endpoint::Vendor(one) => one.encoding = encoding,
                other => return Err(DestinationError::Misplaced("encoding", kind(other))),
            }
        }
        "temporality" => {
            destination.temporality = match value {
                "cumulative" => Temporality::Cumulative,
                "delta" => Temporality::Delta,
                _ => {
                    return Err(wrong(
                        "temporality",
                        "known are `cumulative` and `delta`".to_owned(),
                    ));
                }
            };
        }
        _ => return Err(DestinationError::UnknownOption(name.to_owned())),
    }
    Ok(())
}

fn headers(destination: &mut Destination) -> Result<&mut Headers, DestinationError> {
    match &mut destination.endpoint {
        Endpoint::Http(http) => Ok(&mut http.headers),
        Endpoint::Grpc(grpc) => Ok(&mut grpc.headers),
        Endpoint::Vendor(one) => Ok(&mut one.headers),
        other @ (Endpoint::Stdout | Endpoint::File(_) | Endpoint::Store(_)) => {
            Err(DestinationError::Misplaced("header", kind(other)))
        }
    }
}

fn set_timeout(destination: &mut Destination, timeout: Duration) -> Result<(), DestinationError> {
    match &mut destination.endpoint {
        Endpoint::Http(http) => http.timeout = timeout,
        Endpoint::Grpc(grpc) => grpc.timeout = timeout,
        Endpoint::Vendor(one) => one.timeout = Some(timeout),
        other @ (Endpoint::Stdout | Endpoint::File(_) | Endpoint::Store(_)) => {
            return Err(DestinationError::Misplaced("timeout", kind(other)));
        }
    }
    Ok(())
}

const fn kind(endpoint: &Endpoint) -> &'static str {
    match endpoint {
        Endpoint::Stdout => "standard output",
        Endpoint::File(_) => "a file",
        Endpoint::Http(_) => "OTLP over HTTP",
        Endpoint::Grpc(_) => "OTLP over gRPC",
        Endpoint::Store(_) => "a store",
        Endpoint::Vendor(_) => "a vendor",
    }
}

/// Reads `10s`, `500ms`, or a bare number of seconds.
fn duration(text: &str) -> Option<Duration> {
    let milliseconds = match (text.strip_suffix("ms"), text.strip_suffix('s')) {
        (Some(number), _) => number.trim().parse::<u64>().ok()?,
        (None, Some(number)) => number.trim().parse::<u64>().ok()?.checked_mul(1000)?,
        (None, None) => text.parse::<u64>().ok()?.checked_mul(1000)?,
    };
    (milliseconds > 0).then(|| Duration::from_millis(milliseconds))
}

impl TryFrom<&str> for Destination {
    type Error = DestinationError;

    fn try_from(text: &str) -> Result<Self, DestinationError> {
        text.parse()
    }
}

impl TryFrom<String> for Destination {
    type Error = DestinationError;

    fn try_from(text: String) -> Result<Self, DestinationError> {
        text.parse()
    }
}

impl From<Infallible> for DestinationError {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}
