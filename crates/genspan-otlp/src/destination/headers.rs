//! Headers whose values are nobody's business.

use std::fmt;

use http::{HeaderName, HeaderValue};

/// Holds headers for a collector; their values, which are often keys, are never shown.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Headers(Vec<(HeaderName, HeaderValue)>);

/// Says which header cannot be sent; it never holds the value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    /// The name holds characters that no header name may hold.
    #[error("`{0}` is no name of a header")]
    Name(String),
    /// The value holds characters that no header may hold.
    #[error("the value of header `{0}` holds characters that cannot be sent")]
    Value(String),
}

impl Headers {
    /// Adds a header.
    ///
    /// # Errors
    ///
    /// Returns which part, name or value, cannot be sent.
    pub fn push(&mut self, name: &str, value: &str) -> Result<(), HeaderError> {
        let header = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| HeaderError::Name(name.to_owned()))?;
        let mut value =
            HeaderValue::from_str(value).map_err(|_| HeaderError::Value(name.to_owned()))?;
        value.set_sensitive(true);
        self.0.push((header, value));
        Ok(())
    }

    /// Tells whether there is a header of this name.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.0
            .iter()
            .any(|(known, _)| known.as_str().eq_ignore_ascii_case(name))
    }

    /// Gives all headers in the order in which they were added.
    pub fn iter(&self) -> impl Iterator<Item = (&HeaderName, &HeaderValue)> {
        self.0.iter().map(|(name, value)| (name, value))
    }
}

impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map()
            .entries(self.0.iter().map(|(name, _)| (name.as_str(), "…")))
            .finish()
    }
}
