//! The recording proxies that a call may be led through.

use std::{
    fmt,
    net::{IpAddr, SocketAddr, UdpSocket},
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicUsize, Ordering},
    },
};

use genspan::{Provider, Scope, Server, Telemetry};
use genspan_wire::RequestHead;
use http::{Method, Uri};

use crate::target::Target;

/// Says where a proxy leads what it is asked.
pub(crate) trait Leads: fmt::Debug + Send + Sync {
    /// Gives where a path leads, query included; `None` where it leads nowhere.
    fn lead(&self, path: &str) -> Option<Led>;
}

/// Holds what is known of a request that is led through a proxy of this program.
#[derive(Debug)]
pub(crate) struct Led {
    /// What the provider is asked.
    pub(crate) uri: Uri,
    /// Who that is, where it was said.
    pub(crate) provider: Option<Provider>,
    /// What calls by this URL happen within.
    pub(crate) scope: Option<Scope>,
}

impl Led {
    pub(crate) fn target<'a>(&'a self, method: &'a Method) -> Target<'a> {
        Target::of_uri(method.as_str(), &self.uri)
    }

    pub(crate) fn head<'a>(&'a self, method: &'a str) -> RequestHead<'a> {
        Target::of_uri(method, &self.uri).head()
    }

    pub(crate) const fn scope(&self) -> Option<&Scope> {
        self.scope.as_ref()
    }
}

/// Knows the proxies that this program runs with one telemetry.
///
/// A call that is led through one is told that it is recorded already: its marker goes to where it is taken off.
#[derive(Debug, Default)]
pub(crate) struct Proxies {
    all: RwLock<Vec<One>>,
    /// How many there are, so that a look costs no lock.
    count: AtomicUsize,
}

/// One of them: where it listens, and where it leads.
type One = (SocketAddr, Arc<dyn Leads>);

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
    pub(crate) fn add(self: Arc<Self>, address: SocketAddr, leads: Arc<dyn Leads>) -> Known {
        self.change(|all| {
            all.push((address, leads));
            None
        });
        Known {
            proxies: self,
            address,
        }
    }

    /// Tells whether a request goes to one of them.
    pub(crate) fn are_asked(&self, head: &RequestHead<'_>) -> bool {
        self.asked(head).is_some()
    }

    /// Gives where one of them leads a request.
    pub(crate) fn lead(&self, head: &RequestHead<'_>) -> Option<Led> {
        self.asked(head)?.lead(head.path)
    }

    fn asked(&self, head: &RequestHead<'_>) -> Option<Arc<dyn Leads>> {
        if self.count.load(Ordering::Acquire) == 0 {
            return None;
        }
        let all = self.all.read().unwrap_or_else(PoisonError::into_inner);
        let mut all = all.iter();
        let (_, leads) = all.find(|(address, _)| is_at(*address, head))?;
        Some(Arc::clone(leads))
    }

    /// Changes what is known; what goes is dropped outside of the lock.
    fn change(&self, change: impl FnOnce(&mut Vec<One>) -> Option<One>) {
        let mut all = self.all.write().unwrap_or_else(PoisonError::into_inner);
        let gone = change(&mut all);
        self.count.store(all.len(), Ordering::Release);
        drop(all);
        drop(gone);
    }
}

impl Drop for Known {
    fn drop(&mut self) {
        self.proxies.change(|all| {
            let mut known = all.iter();
            let at = known.position(|(address, _)| *address == self.address);
            at.map(|at| all.swap_remove(at))
        });
    }
}

/// Tells whether a request goes to a proxy that listens on this address.
fn is_at(address: SocketAddr, head: &RequestHead<'_>) -> bool {
    if head.port != Some(address.port()) {
        return false;
    }
    let own = address.ip();
    let host = without_brackets(head.host);
    match host.parse::<IpAddr>() {
        Ok(asked) => asked == own || (own.is_unspecified() && is_of_this_machine(asked)),
        Err(_) => {
            let is_here = own.is_loopback() || own.is_unspecified();
            is_here && host.eq_ignore_ascii_case("localhost")
        }
    }
}

/// Tells whether an address is one of this machine's; only those can be bound.
fn is_of_this_machine(address: IpAddr) -> bool {
    address.is_loopback() || UdpSocket::bind((address, 0)).is_ok()
}

/// Gives an address as it stands outside of a URI.
fn without_brackets(host: &str) -> &str {
    let inner = host.strip_prefix('[');
    inner.and_then(|it| it.strip_suffix(']')).unwrap_or(host)
}

/// Tells whether a request goes to one of the servers.
pub(crate) fn is_one_of(servers: &[Server], head: &RequestHead<'_>) -> bool {
    let is_it = |server: &Server| {
        without_brackets(&server.address).eq_ignore_ascii_case(without_brackets(head.host))
            && (server.port.is_none() || server.port == head.port)
    };
    servers.iter().any(is_it)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Nowhere;

    impl Leads for Nowhere {
        fn lead(&self, _path: &str) -> Option<Led> {
            None
        }
    }

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
        let add = |address: &str| {
            let leads = Arc::new(Nowhere);
            Arc::clone(&proxies).add(address.parse().unwrap(), leads)
        };
        let (known, everywhere) = (add("127.0.0.1:8080"), add("[::]:9090"));
        for (host, port, expected) in [
            ("127.0.0.1", 8080, true),
            ("localhost", 8080, true),
            ("127.0.0.1", 8081, false),
            ("127.0.0.2", 8080, false),
            ("api.openai.com", 8080, false),
            ("[::1]", 9090, true),
            ("127.0.0.1", 9090, true),
            ("192.0.2.1", 9090, false),
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
            Server::new("::1", Some(4000)),
            Server::new("[::2]", None),
        ];
        assert!(is_one_of(&servers, &head("[::1]", 4000)));
        assert!(is_one_of(&servers, &head("[::2]", 80)));
        assert!(!is_one_of(&servers, &head("[::3]", 4000)));
        assert!(is_one_of(&servers, &head("PROXY.internal", 443)));
        assert!(is_one_of(&servers, &head("127.0.0.1", 4000)));
        assert!(!is_one_of(&servers, &head("127.0.0.1", 4001)));
    }
}
