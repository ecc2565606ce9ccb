//! The recording proxies that a call may be led through.

use std::{
    net::{IpAddr, SocketAddr},
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicUsize, Ordering},
    },
};

use genspan::{Server, Telemetry};
use genspan_wire::RequestHead;

/// Knows the proxies that this program runs with one telemetry.
///
/// A call that is led through one is told that it is recorded already: its marker goes to where it is taken off.
#[derive(Debug, Default)]
pub(crate) struct Proxies {
    addresses: RwLock<Vec<SocketAddr>>,
    /// How many there are, so that a look costs no lock.
    count: AtomicUsize,
}

/// Keeps a proxy known until it is dropped.
#[derive(Debug)]
pub(crate) struct Known {
    proxies: Arc<Proxies>,
    address: SocketAddr,
}

impl Proxies {
    pub(crate) fn of(telemetry: &Telemetry) -> Arc<Self> {
        telemetry.belonging(Self::default)
    }

    /// Makes the proxy at this address known.
    pub(crate) fn add(self: Arc<Self>, address: SocketAddr) -> Known {
        self.change(|all| all.push(address));
        Known {
            proxies: self,
            address,
        }
    }

    /// Tells whether a request goes to one of them.
    pub(crate) fn are_asked(&self, head: &RequestHead<'_>) -> bool {
        if self.count.load(Ordering::Acquire) == 0 {
            return false;
        }
        let all = self
            .addresses
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        all.iter().any(|address| is_at(*address, head))
    }

    fn change(&self, change: impl FnOnce(&mut Vec<SocketAddr>)) {
        let mut all = self
            .addresses
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        change(&mut all);
        self.count.store(all.len(), Ordering::Release);
    }
}

impl Drop for Known {
    fn drop(&mut self) {
        self.proxies.change(|all| {
            if let Some(at) = all.iter().position(|address| *address == self.address) {
                all.swap_remove(at);
            }
        });
    }
}

/// Tells whether a request goes to a proxy that listens on this address.
fn is_at(address: SocketAddr, head: &RequestHead<'_>) -> bool {
    if head.port != Some(address.port()) {
        return false;
    }
    let own = address.ip();
    let host = head.host.trim_start_matches('[').trim_end_matches(']');
    match host.parse::<IpAddr>() {
        Ok(asked) => asked == own || (own.is_unspecified() && asked.is_loopback()),
        Err(_) => {
            let is_here = own.is_loopback() || own.is_unspecified();
            is_here && host.eq_ignore_ascii_case("localhost")
        }
    }
}

/// Tells whether a request goes to one of the servers.
pub(crate) fn is_one_of(servers: &[Server], head: &RequestHead<'_>) -> bool {
    let is_it = |server: &Server| {
        server.address.eq_ignore_ascii_case(head.host)
            && (server.port.is_none() || server.port == head.port)
    };
    servers.iter().any(is_it)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(host: &str, port: u16) -> RequestHead<'_> {
        RequestHead {
            method: "POST",
            host,
            port: Some(port),
            path: "/",
        }
    }

    #[test]
    fn a_proxy_is_known_by_its_port_and_each_of_its_names_until_it_ends() {
        let proxies = Arc::<Proxies>::default();
        let known = Arc::clone(&proxies).add("127.0.0.1:8080".parse().unwrap());
        let everywhere = Arc::clone(&proxies).add("[::]:9090".parse().unwrap());
        for (host, port, expected) in [
            ("127.0.0.1", 8080, true),
            ("localhost", 8080, true),
            ("127.0.0.1", 8081, false),
            ("127.0.0.2", 8080, false),
            ("api.openai.com", 8080, false),
            ("[::1]", 9090, true),
            ("127.0.0.1", 9090, true),
            ("10.0.0.1", 9090, false),
        ] {
            assert_eq!(
                proxies.are_asked(&head(host, port)),
                expected,
                "{host}:{port}"
            );
        }
        drop((known, everywhere));
        assert!(!proxies.are_asked(&head("127.0.0.1", 8080)));
    }

    #[test]
    fn a_server_without_a_port_is_meant_with_each() {
        let servers = [
            Server::new("proxy.internal", None),
            Server::new("127.0.0.1", Some(4000)),
        ];
        assert!(is_one_of(&servers, &head("PROXY.internal", 443)));
        assert!(is_one_of(&servers, &head("127.0.0.1", 4000)));
        assert!(!is_one_of(&servers, &head("127.0.0.1", 4001)));
    }
}
