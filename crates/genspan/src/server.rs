//! Where a provider answers.

/// Names the server an operation talks to, as the caller sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// Host name or address without the port.
    pub address: String,
    /// The port, where it is known.
    pub port: Option<u16>,
}

impl Server {
    /// Names a server by host and port.
    #[must_use]
    pub fn new(address: impl Into<String>, port: Option<u16>) -> Self {
        Self {
            address: address.into(),
            port,
        }
    }
}
