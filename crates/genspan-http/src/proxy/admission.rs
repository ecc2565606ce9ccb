//! Who may speak to the proxy: programs that were told its address, not pages in a browser.

use std::net::IpAddr;

use http::uri::Authority;
use http::{HeaderMap, Method, Uri, header};

use super::refusal::Refusal;

/// Keeps out browsers that were lured here, and requests that are meant for another server.
///
/// A page can make a browser speak to any address, yet it cannot make it leave out `Origin` where the page would read the answer, and to pass for
/// the page's own server it must reach us by a name: addresses cannot be rebound.
#[derive(Clone, Debug)]
pub(super) struct Admission {
    /// The address that is listened on.
    pub(super) own: IpAddr,
    /// Names by which the proxy is known beside its address.
    pub(super) hosts: Vec<String>,
    /// Pages that may speak to the proxy.
    pub(super) origins: Vec<String>,
}

impl Admission {
    pub(super) fn check(
        &self,
        method: &Method,
        uri: &Uri,
        headers: &HeaderMap,
    ) -> Result<(), Refusal> {
        if method == Method::CONNECT {
            return Err(Refusal::Tunnel);
        }
        if let Some(authority) = uri.authority()
            && !self.is_known(authority)
        {
            return Err(Refusal::Host);
        }
        for host in headers.get_all(header::HOST) {
            let known = Authority::try_from(host.as_bytes())
                .is_ok_and(|authority| self.is_known(&authority));
            if !known {
                return Err(Refusal::Host);
            }
        }
        let welcome = |origin: &[u8]| self.origins.iter().any(|it| it.as_bytes() == origin);
        if headers
            .get_all(header::ORIGIN)
            .iter()
            .any(|origin| !welcome(origin.as_bytes()))
        {
            return Err(Refusal::Origin);
        }
        Ok(())
    }

    fn is_known(&self, authority: &Authority) -> bool {
        let host = authority
            .host()
            .trim_start_matches('[')
            .trim_end_matches(']');
        if let Ok(address) = host.parse::<IpAddr>() {
            return address.is_loopback() || address == self.own || self.own.is_unspecified();
        }
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        host == "localhost"
            || host.ends_with(".localhost")
            || self.hosts.iter().any(|it| it.eq_ignore_ascii_case(&host))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(own: &str, uri: &str, headers: &[(&'static str, &str)]) -> Result<(), Refusal> {
        let admission = Admission {
            own: own.parse().unwrap(),
            hosts: vec!["genspan.internal".to_owned()],
            origins: vec!["https://app.example".to_owned()],
        };
        let headers = headers
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect();
        admission.check(&Method::POST, &uri.parse().unwrap(), &headers)
    }

    #[test]
    fn programs_are_let_in_by_every_name_of_this_machine() {
        for host in [
            "127.0.0.1:4000",
            "localhost",
            "LOCALHOST:1",
            "[::1]:4000",
            "127.9.9.9",
            "x.localhost",
            "Genspan.Internal:80",
        ] {
            assert_eq!(
                check("127.0.0.1", "/p", &[("host", host)]),
                Ok(()),
                "{host}"
            );
        }
        assert_eq!(check("127.0.0.1", "/p", &[]), Ok(()));
        assert_eq!(check("127.0.0.1", "http://127.0.0.1:4000/p", &[]), Ok(()));
        assert_eq!(
            check("10.0.0.7", "/p", &[("host", "10.0.0.7:4000")]),
            Ok(())
        );
        assert_eq!(
            check("0.0.0.0", "/p", &[("host", "192.168.1.4:4000")]),
            Ok(())
        );
    }

    #[test]
    fn names_that_could_be_rebound_are_refused() {
        for host in [
            "evil.example",
            "127.0.0.1.evil.example",
            "localhost.evil.example",
            "10.0.0.8",
            "user@",
            "",
            "a b",
        ] {
            assert_eq!(
                check("127.0.0.1", "/p", &[("host", host)]),
                Err(Refusal::Host),
                "{host}"
            );
        }
        assert_eq!(
            check("0.0.0.0", "/p", &[("host", "evil.example")]),
            Err(Refusal::Host)
        );
        assert_eq!(
            check(
                "127.0.0.1",
                "http://api.openai.com/v1",
                &[("host", "127.0.0.1")]
            ),
            Err(Refusal::Host)
        );
        assert_eq!(
            check(
                "127.0.0.1",
                "/p",
                &[("host", "127.0.0.1"), ("host", "evil.example")]
            ),
            Err(Refusal::Host)
        );
    }

    #[test]
    fn pages_are_refused_unless_they_were_named() {
        let origin = |it| check("127.0.0.1", "/p", &[("host", "127.0.0.1"), ("origin", it)]);
        assert_eq!(origin("https://app.example"), Ok(()));
        for page in [
            "null",
            "http://127.0.0.1:4000",
            "https://app.example.evil",
            "https://evil.example",
        ] {
            assert_eq!(origin(page), Err(Refusal::Origin), "{page}");
        }
    }
}
