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
    /// Names the server of an address such as `https://api.openai.com/v1`; `None` where it has no host.
    ///
    /// A port that the address does not state is that of its scheme.
    #[must_use]
    pub fn of_url(url: &str) -> Option<Self> {
        let (scheme, rest) = url.split_once("://")?;
        let authority = rest.split(['/', '?', '#']).next()?;
        let host_and_port = authority.rsplit('@').next()?;
        let (host, port) = match host_and_port.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, Some(port.parse().ok()?)),
            _ => (host_and_port, None),
        };
        let known = match scheme.to_ascii_lowercase().as_str() {
            "https" | "wss" => Some(443),
            "http" | "ws" => Some(80),
            _ => None,
        };
        let host = host.trim_start_matches('[').trim_end_matches(']');
        (!host.is_empty()).then(|| Self::new(host, port.or(known)))
    }

    /// Names a server by host and port.
    #[must_use]
    pub fn new(address: impl Into<String>, port: Option<u16>) -> Self {
        Self {
            address: address.into(),
            port,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_name_their_server() {
        let of = |url| Server::of_url(url).map(|server| (server.address, server.port));
        let server = |address: &str, port| Some((address.to_owned(), port));
        assert_eq!(
            of("https://api.openai.com/v1"),
            server("api.openai.com", Some(443))
        );
        assert_eq!(
            of("http://user:key@host:8080?x=1"),
            server("host", Some(8080))
        );
        assert_eq!(of("http://[::1]:11434/api"), server("::1", Some(11434)));
        assert_eq!(of("http://[::1]/"), server("::1", Some(80)));
        assert_eq!(of("unix://socket"), server("socket", None));
        for wrong in ["api.openai.com", "http://", "http://host:port/"] {
            assert_eq!(of(wrong), None, "{wrong}");
        }
    }
}
