//! The standard `OTEL_*` variables.
//!
//! Nothing here reads the environment: the caller hands in a function that does.

use std::time::Duration;

use http::Uri;
use opentelemetry_proto::tonic::resource::v1::Resource;

use crate::{
    Destination, DestinationError, Encoding, Endpoint, GrpcEndpoint, HeaderError, Headers,
    HttpEndpoint, Signal, Temporality,
    convert::text,
    destination::{DEFAULT_TIMEOUT, address, grpc_endpoint, signal_address},
    percent,
};

/// Says which variable holds something that cannot be followed; it never holds the values of headers.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{variable}: {why}")]
pub struct EnvironmentError {
    /// The variable's name.
    pub variable: String,
    /// What is wrong and what would do.
    pub why: String,
}

/// Reads the destinations that the `OTEL_EXPORTER_OTLP_*` variables name; none where they name no endpoint.
///
/// A variable of one signal stands before the general one. `OTEL_SDK_DISABLED` and
/// `OTEL_{TRACES,LOGS,METRICS}_EXPORTER=none` are followed; compression is not used, which every receiver accepts.
///
/// # Errors
///
/// Returns the first variable that cannot be followed.
pub fn from_environment(
    read: impl Fn(&str) -> Option<String>,
) -> Result<Vec<Destination>, EnvironmentError> {
    let variables = Variables {
        read: &|name| read(name).filter(|value| !value.trim().is_empty()),
    };
    if (variables.read)("OTEL_SDK_DISABLED")
        .is_some_and(|value| value.trim().eq_ignore_ascii_case("true"))
    {
        return Ok(Vec::new());
    }
    let temporality = variables.temporality()?;
    let mut destinations: Vec<Destination> = Vec::new();
    for signal in Signal::ALL {
        let Some(endpoint) = variables.endpoint(signal)? else {
            continue;
        };
        if !destinations
            .iter_mut()
            .any(|known| join(&mut known.endpoint, &endpoint, signal))
        {
            destinations.push(Destination {
                temporality,
                ..Destination::new(endpoint)
            });
        }
    }
    Ok(destinations)
}

/// Reads the resource that `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES` describe.
///
/// `default_service` names the service where they do not.
///
/// # Errors
///
/// Returns an error where the attributes are not `key=value,key=value`; then none of them may be used.
pub fn resource_from_environment(
    read: impl Fn(&str) -> Option<String>,
    default_service: &str,
) -> Result<Resource, EnvironmentError> {
    const VARIABLE: &str = "OTEL_RESOURCE_ATTRIBUTES";
    let stated = read(VARIABLE).unwrap_or_default();
    let pairs = percent::pairs(&stated).ok_or_else(|| {
        error(
            VARIABLE,
            "write `key=value,key=value`, with `,` and `=` inside values as %2C and %3D",
        )
    })?;
    let mut attributes: Vec<(String, String)> = Vec::new();
    for (key, value) in pairs {
        attributes.retain(|(known, _)| *known != key);
        attributes.push((key, value));
    }
    let named = read("OTEL_SERVICE_NAME").filter(|name| !name.trim().is_empty());
    let has_name = attributes.iter().any(|(key, _)| key == SERVICE_NAME);
    if let Some(name) = named.or_else(|| (!has_name).then(|| default_service.to_owned())) {
        attributes.retain(|(key, _)| key != SERVICE_NAME);
        attributes.insert(0, (SERVICE_NAME.to_owned(), name));
    }
    let attributes = attributes
        .into_iter()
        .map(|(key, value)| text(&key, value))
        .collect();
    Ok(Resource {
        attributes,
        ..Resource::default()
    })
}

const SERVICE_NAME: &str = genspan::semconv::attribute::SERVICE_NAME;

fn error(variable: &str, why: impl Into<String>) -> EnvironmentError {
    EnvironmentError {
        variable: variable.to_owned(),
        why: why.into(),
    }
}

/// Adds a signal to a destination that is reached in the same way.
fn join(known: &mut Endpoint, new: &Endpoint, signal: Signal) -> bool {
    match (known, new) {
        (Endpoint::Http(known), Endpoint::Http(new)) => {
            let is_same = (known.encoding, known.timeout) == (new.encoding, new.timeout)
                && known.headers == new.headers;
            if is_same {
                (*known.of_mut(signal)).clone_from(&new.of(signal).cloned());
            }
            is_same
        }
        (Endpoint::Grpc(known), Endpoint::Grpc(new)) => {
            let is_same = (&known.origin, known.timeout) == (&new.origin, new.timeout)
                && known.headers == new.headers;
            if is_same {
                known.signals.push(signal);
            }
            is_same
        }
        _ => false,
    }
}

struct Variables<'a> {
    read: &'a dyn Fn(&str) -> Option<String>,
}

impl Variables<'_> {
    /// Finds the variable of a signal, else the general one, with the name it was found under.
    fn find(&self, signal: Signal, what: &str) -> Option<(String, String)> {
        let upper = signal.as_str().to_ascii_uppercase();
        [
            format!("OTEL_EXPORTER_OTLP_{upper}_{what}"),
            format!("OTEL_EXPORTER_OTLP_{what}"),
        ]
        .into_iter()
        .find_map(|name| Some(((self.read)(&name)?.trim().to_owned(), name)))
        .map(|(value, name)| (name, value))
    }

    fn endpoint(&self, signal: Signal) -> Result<Option<Endpoint>, EnvironmentError> {
        let exporter = (self.read)(&format!(
            "OTEL_{}_EXPORTER",
            signal.as_str().to_ascii_uppercase()
        ));
        if exporter.is_some_and(|list| !list.split(',').any(|name| name.trim() == "otlp")) {
            return Ok(None);
        }
        let Some((variable, text)) = self.find(signal, "ENDPOINT") else {
            return Ok(None);
        };
        if let Some((variable, _)) = self.find(signal, "CERTIFICATE") {
            return Err(error(
                &variable,
                "is not supported; name the certificates with SSL_CERT_FILE",
            ));
        }
        let is_general = variable == "OTEL_EXPORTER_OTLP_ENDPOINT";
        let wrong = |why: DestinationError| error(&variable, why.to_string());
        let headers = self.headers(signal)?;
        let timeout = self.timeout(signal)?;
        let Some(encoding) = self.protocol(signal)? else {
            let has_scheme = text.contains("://");
            let text = if has_scheme {
                text
            } else {
                format!("{}://{text}", self.grpc_scheme(signal))
            };
            let origin = address(&text, &text).map_err(wrong)?;
            let grpc = grpc_endpoint(&origin).map_err(wrong)?;
            return Ok(Some(Endpoint::Grpc(GrpcEndpoint {
                signals: vec![signal],
                headers,
                timeout,
                ..grpc
            })));
        };
        let base = address(&text, &text).map_err(wrong)?;
        let uri: Uri = if is_general {
            signal_address(&base, signal).map_err(wrong)?
        } else {
            base
        };
        let mut http = HttpEndpoint {
            traces: None,
            logs: None,
            metrics: None,
            encoding,
            headers,
            timeout,
        };
        *http.of_mut(signal) = Some(uri);
        Ok(Some(Endpoint::Http(http)))
    }

    /// Gives the encoding over HTTP, `None` for gRPC.
    fn protocol(&self, signal: Signal) -> Result<Option<Encoding>, EnvironmentError> {
        let Some((variable, protocol)) = self.find(signal, "PROTOCOL") else {
            return Ok(Some(Encoding::Protobuf));
        };
        match protocol.as_str() {
            "grpc" => Ok(None),
            "http/protobuf" => Ok(Some(Encoding::Protobuf)),
            "http/json" => Ok(Some(Encoding::Json)),
            _ => Err(error(
                &variable,
                format!("`{protocol}` is unknown; write `http/protobuf`, `http/json` or `grpc`"),
            )),
        }
    }

    fn grpc_scheme(&self, signal: Signal) -> &'static str {
        let is_insecure = self
            .find(signal, "INSECURE")
            .is_some_and(|(_, value)| value.eq_ignore_ascii_case("true"));
        if is_insecure { "http" } else { "https" }
    }

    fn headers(&self, signal: Signal) -> Result<Headers, EnvironmentError> {
        let mut headers = Headers::default();
        if let Some((variable, text)) = self.find(signal, "HEADERS") {
            let pairs = percent::pairs(&text).ok_or_else(|| {
                error(
                    &variable,
                    "write `name=value,name=value`, with `,` inside values as %2C",
                )
            })?;
            for (name, value) in pairs {
                headers
                    .push(&name, &value)
                    .map_err(|why: HeaderError| error(&variable, why.to_string()))?;
            }
        }
        Ok(headers)
    }

    fn timeout(&self, signal: Signal) -> Result<Duration, EnvironmentError> {
        let Some((variable, text)) = self.find(signal, "TIMEOUT") else {
            return Ok(DEFAULT_TIMEOUT);
        };
        let milliseconds: u64 = text
            .parse()
            .ok()
            .filter(|milliseconds| *milliseconds > 0)
            .ok_or_else(|| {
                error(
                    &variable,
                    format!("`{text}` is no number of milliseconds above 0"),
                )
            })?;
        Ok(Duration::from_millis(milliseconds))
    }

    fn temporality(&self) -> Result<Temporality, EnvironmentError> {
        const VARIABLE: &str = "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE";
        let Some(preference) = (self.read)(VARIABLE) else {
            return Ok(Temporality::default());
        };
        match preference.trim().to_ascii_lowercase().as_str() {
            "cumulative" => Ok(Temporality::Cumulative),
            "delta" | "lowmemory" => Ok(Temporality::Delta),
            _ => Err(error(
                VARIABLE,
                format!("`{preference}` is unknown; write `cumulative`, `delta` or `lowmemory`"),
            )),
        }
    }
}

#[cfg(test)]
mod tests;
