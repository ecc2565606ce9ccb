//! Vendors by name: where they listen and what they ask for is what their own SDKs' variables say.

mod braintrust;
mod langfuse;
mod sentry;

use std::{fmt, time::Duration};

use genspan_dialects::Dialect;
use http::Uri;

pub(super) use self::braintrust::check_parent;
use super::{Destination, Endpoint, Headers, HttpEndpoint, address};
use crate::{Encoding, EnvironmentError, Signal};

/// Names a vendor that is reached by the variables which its own SDKs read.
///
/// | word | variables | what it gets |
/// |---|---|---|
/// | `braintrust` | `BRAINTRUST_API_KEY`; `BRAINTRUST_PARENT`, or `BRAINTRUST_DEFAULT_PROJECT_ID`, or `BRAINTRUST_DEFAULT_PROJECT_NAME`; perhaps `BRAINTRUST_API_URL` (`https://api.braintrust.dev`), `BRAINTRUST_TRACES_PATH` (`/otel/v1/traces`), `BRAINTRUST_LOGS_PATH` (`/otel/v1/logs`), `BRAINTRUST_REQUEST_TIMEOUT` (30 seconds), `BRAINTRUST_ENVIRONMENT_TYPE`, `BRAINTRUST_ENVIRONMENT_NAME` (what the place itself says) | spans, log records |
/// | `langfuse` | `LANGFUSE_PUBLIC_KEY`, `LANGFUSE_SECRET_KEY`; perhaps `LANGFUSE_BASE_URL`, earlier `LANGFUSE_HOST` (`https://cloud.langfuse.com`) | spans |
/// | `sentry` | `SENTRY_DSN` | spans, log records |
///
/// Files with keys beside a program, such as `.env.braintrust`, are not looked for: whoever owns a directory that a
/// program is started in would then decide which account its prompts go to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Vendor {
    /// Braintrust, which drops spans that name no project or experiment.
    Braintrust,
    /// Langfuse.
    Langfuse,
    /// Sentry.
    Sentry,
}

impl Vendor {
    /// Lists all of them.
    pub const ALL: &[Self] = &[Self::Braintrust, Self::Langfuse, Self::Sentry];

    /// Names the vendor as destinations do.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Braintrust => "braintrust",
            Self::Langfuse => "langfuse",
            Self::Sentry => "sentry",
        }
    }

    /// Gives the language that the vendor's pages read, where it is spoken here: it has the same name.
    #[must_use]
    pub fn dialect(self) -> Option<Dialect> {
        self.as_str().parse().ok()
    }

    /// Tells whether the vendor takes items of this signal.
    #[must_use]
    pub const fn takes(self, signal: Signal) -> bool {
        match (self, signal) {
            (_, Signal::Traces) | (Self::Braintrust | Self::Sentry, Signal::Logs) => true,
            (Self::Langfuse, Signal::Logs) | (_, Signal::Metrics) => false,
        }
    }

    /// Finds a vendor by the word that names it.
    pub(super) fn named(word: &str) -> Option<Self> {
        let mut all = Self::ALL.iter().copied();
        all.find(|vendor| vendor.as_str() == word)
    }
}

impl fmt::Display for Vendor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Holds what is said of a vendor before its variables are read.
#[derive(Clone, Debug, PartialEq)]
pub struct VendorEndpoint {
    /// Who it is.
    pub vendor: Vendor,
    /// How requests are written.
    pub encoding: Encoding,
    /// Sent with each request; one stands before the vendor's own of the same name.
    pub headers: Headers,
    /// How long one request may take; what the variables say, or the vendor's own SDKs, where it is `None`.
    pub timeout: Option<Duration>,
}

impl VendorEndpoint {
    /// Leaves everything to the vendor's variables.
    #[must_use]
    pub fn new(vendor: Vendor) -> Self {
        Self {
            vendor,
            encoding: Encoding::default(),
            headers: Headers::default(),
            timeout: None,
        }
    }
}

impl Destination {
    /// Reads what the destination leaves to variables: a vendor's address and keys, and Braintrust's parent.
    ///
    /// Nothing here reads the environment: `read` gives a variable's value, as `genspan::config::variable` does. What
    /// was said behind the destination stands before the variables. A destination that leaves nothing to them stays
    /// as it is.
    ///
    /// ```
    /// use genspan_otlp::Destination;
    ///
    /// let destination: Destination = "braintrust;parent=project_name:travel".parse()?;
    /// let read = |name: &str| (name == "BRAINTRUST_API_KEY").then(|| "k3y".to_owned());
    /// assert_eq!(destination.resolve(read)?.to_string(), "https://api.braintrust.dev/otel");
    ///
    /// let destination: Destination = "braintrust".parse()?;
    /// let error = destination.resolve(read).unwrap_err();
    /// assert_eq!(error.variable, "BRAINTRUST_PARENT");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns the first variable that is missing or cannot be followed, and what would do; it never holds a key.
    pub fn resolve(
        mut self,
        read: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, EnvironmentError> {
        let variables = Variables(&read);
        if self.parent.is_none() && self.has_parent() {
            self.parent = braintrust::parent(&variables)?;
        }
        if self.environment.is_none() && self.has_parent() {
            self.environment = braintrust::environment(&variables);
        }
        if let Endpoint::Vendor(stated) = self.endpoint {
            let (address, timeout) = match stated.vendor {
                Vendor::Braintrust => {
                    braintrust::address(&variables, &stated, self.parent.as_deref())?
                }
                Vendor::Langfuse => langfuse::address(&variables, &stated)?,
                Vendor::Sentry => sentry::address(&variables, &stated)?,
            };
            self.endpoint = Endpoint::Http(HttpEndpoint {
                traces: Some(address.traces),
                logs: address.logs,
                metrics: None,
                encoding: stated.encoding,
                headers: address.headers,
                timeout: stated.timeout.unwrap_or(timeout),
            });
        }
        Ok(self)
    }

    /// Tells whether a parent means anything there.
    pub(super) fn has_parent(&self) -> bool {
        let is_vendor =
            matches!(&self.endpoint, Endpoint::Vendor(one) if one.vendor == Vendor::Braintrust);
        is_vendor || self.dialect == Some(Dialect::Braintrust)
    }
}

/// Holds how a vendor is reached.
struct Address {
    traces: Uri,
    logs: Option<Uri>,
    headers: Headers,
}

/// Reads a vendor's variables.
struct Variables<'a>(&'a dyn Fn(&str) -> Option<String>);

impl Variables<'_> {
    /// Gives a variable's value; an empty one is none.
    fn get(&self, name: &str) -> Option<String> {
        let value = (self.0)(name)?;
        let trimmed = value.trim();
        (!trimmed.is_empty()).then(|| trimmed.to_owned())
    }

    /// Gives a variable's value, or says why there has to be one.
    fn need(&self, name: &str, why: &str) -> Result<String, EnvironmentError> {
        self.get(name).ok_or_else(|| error(name, why))
    }
}

fn error(variable: &str, why: impl Into<String>) -> EnvironmentError {
    EnvironmentError {
        variable: variable.to_owned(),
        why: why.into(),
    }
}

/// Joins a base and a path; an error names the variable that the base is from.
fn join(variable: &str, base: &str, path: &str) -> Result<Uri, EnvironmentError> {
    let text = format!(
        "{}/{}",
        base.trim_end_matches('/'),
        path.trim_start_matches('/')
    );
    address(&text, &text).map_err(|why| error(variable, why.to_string()))
}

/// Adds a header unless it was stated; an error names the variable that its value is from.
fn add(
    headers: &mut Headers,
    name: &str,
    value: &str,
    variable: &str,
) -> Result<(), EnvironmentError> {
    if headers.has(name) {
        return Ok(());
    }
    headers
        .push(name, value)
        .map_err(|why| error(variable, why.to_string()))
}

#[cfg(test)]
mod tests;
