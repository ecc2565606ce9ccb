//! Keeps what is recorded in the local store, or hands it to the server that has it open.

use std::{
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use genspan::{Clock, SystemClock, Timestamp};
use genspan_otlp::{Destination, Endpoint, HttpEndpoint, Keeper, KeeperError, Request};
use genspan_prices::Prices;
use genspan_serve::Presence;
use genspan_store::{Error, Options, Store};

/// Writes to a store's file, which it opens when there is something to write and closes when all is written.
#[derive(Debug)]
pub(crate) struct LocalKeeper {
    path: PathBuf,
    prices: Arc<Prices>,
    clock: SystemClock,
    open: Mutex<Option<Open>>,
}

/// Holds a store that is open, and when it was last looked for what is too old or too much.
#[derive(Debug)]
struct Open {
    store: Store,
    swept: Timestamp,
}

/// A server on this machine that does not take a request in this time is left alone.
const SERVER: Duration = Duration::from_secs(5);

/// How often a store that stays open is relieved of what is too old or too much.
const SWEEP: Duration = Duration::from_secs(3_600);

impl LocalKeeper {
    pub(crate) fn new(path: PathBuf, prices: Arc<Prices>) -> Self {
        Self {
            path,
            prices,
            clock: SystemClock::new(),
            open: Mutex::new(None),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn open(&self) -> Result<Open, Error> {
        let options = Options {
            prices: Some(Arc::<Prices>::clone(&self.prices)),
            ..Options::default()
        };
        Ok(Open {
            store: Store::open(&self.path, options)?,
            swept: self.clock.now(),
        })
    }

    fn sweep(&self, open: &mut Open) -> Result<(), Error> {
        open.swept = self.clock.now();
        let now = open.swept.unix_nanos() / 1_000;
        let now = i64::try_from(now).unwrap_or(i64::MAX);
        open.store.retain(now).map(drop)
    }
}

impl Keeper for LocalKeeper {
    fn server(&self) -> Option<HttpEndpoint> {
        endpoint(&Presence::find(&self.path)?)
    }

    fn keep(&self, request: &Request) -> Result<u64, KeeperError> {
        let mut held = self.lock();
        let mut open = match held.take() {
            Some(open) => open,
            None => self.open()?,
        };
        let ingested = match request {
            Request::Traces(request) => open.store.ingest_traces(request),
            Request::Logs(request) => open.store.ingest_logs(request),
            Request::Metrics(request) => open.store.ingest_metrics(request),
        };
        // One that failed is opened anew for the next try.
        let ingested = ingested?;
        if self.clock.now().since(open.swept) >= SWEEP {
            // What fails here is tried again the next time; the request is kept in any case.
            drop(self.sweep(&mut open));
        }
        *held = Some(open);
        Ok(ingested.rejected)
    }

    fn rest(&self) -> Result<(), KeeperError> {
        let Some(mut open) = self.lock().take() else {
            return Ok(());
        };
        open.store.settle()?;
        self.sweep(&mut open)?;
        open.store.close();
        Ok(())
    }
}

/// Gives the way to a server on this machine.
fn endpoint(server: &Presence) -> Option<HttpEndpoint> {
    let address = reached(server.addresses.http);
    let destination: Destination = format!("http://{address}").parse().ok()?;
    let Endpoint::Http(mut endpoint) = destination.endpoint else {
        return None;
    };
    endpoint.timeout = SERVER;
    if let Some(token) = &server.token {
        let shown = format!("Bearer {}", token.reveal());
        endpoint.headers.push("authorization", &shown).ok()?;
    }
    Some(endpoint)
}

/// Gives the address by which a port is reached from this machine.
fn reached(address: SocketAddr) -> SocketAddr {
    let ip = match address {
        SocketAddr::V4(it) if it.ip().is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        SocketAddr::V6(it) if it.ip().is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        address => address.ip(),
    };
    SocketAddr::new(ip, address.port())
}

#[cfg(test)]
mod tests {
    use genspan_serve::{Addresses, Token};

    use super::*;

    #[test]
    fn a_server_is_reached_by_an_address_of_this_machine_and_shown_its_token() {
        let of = |port| SocketAddr::from(([0, 0, 0, 0], port));
        let server = Presence {
            process: 1,
            addresses: Addresses {
                grpc: of(1),
                http: of(2),
                ui: of(3),
            },
            token: Some(Token::new("0123456789%41bcdef").unwrap()),
        };
        let endpoint = endpoint(&server).unwrap();
        assert_eq!(
            endpoint.traces.unwrap().to_string(),
            "http://127.0.0.1:2/v1/traces"
        );
        let shown: Vec<_> = endpoint
            .headers
            .iter()
            .map(|(_, value)| value.to_str().unwrap().to_owned())
            .collect();
        assert_eq!(shown, ["Bearer 0123456789%41bcdef"]);
    }
}
