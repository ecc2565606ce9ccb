//! The three ports together.

use std::fmt;
use std::future::Future;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::backend::Backend;
use crate::gate::Gate;
use crate::limits::Limits;
use crate::listen::{Port, Service};
use crate::shared::Shared;
use crate::token::Token;

/// Says where a [`Server`] listens and whom it serves.
///
/// What listens on 127.0.0.1 listens on \[::1\] as well, where that is free: `localhost` is either, as the machine has it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Options {
    /// Where OTLP over gRPC is taken; port 0 takes a free one.
    pub grpc: SocketAddr,
    /// Where OTLP over HTTP is taken.
    pub http: SocketAddr,
    /// Where the pages and their API are.
    pub ui: SocketAddr,
    /// What every request must show; needed where an address is not this machine's alone.
    pub token: Option<Token>,
    /// Names by which the ports are called beside their addresses, `NAME` or `NAME:PORT`.
    pub hosts: Vec<String>,
    /// What requests may cost.
    pub limits: Limits,
}

impl Default for Options {
    /// Listens on OTLP's own ports and the one after them, for this machine alone.
    fn default() -> Self {
        let local = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        Self {
            grpc: local(4317),
            http: local(4318),
            ui: local(4319),
            token: None,
            hosts: Vec::new(),
            limits: Limits::default(),
        }
    }
}

/// Names one of the server's ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// OTLP over gRPC.
    Grpc,
    /// OTLP over HTTP.
    Http,
    /// The pages and their API.
    Ui,
}

impl fmt::Display for Door {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Grpc => "OTLP over gRPC",
            Self::Http => "OTLP over HTTP",
            Self::Ui => "the web UI",
        })
    }
}

/// Says why a server cannot listen.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// An address is taken, or is none of this machine's.
    #[error("nobody can listen on {address} for {door}")]
    Listen {
        /// What the address is for.
        door: Door,
        /// The address.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// Others than this machine can reach an address, and nothing keeps them out.
    #[error(
        "{address} for {door} can be reached from other machines: give a token that requests must show, or listen on 127.0.0.1"
    )]
    Open {
        /// What the address is for.
        door: Door,
        /// The address.
        address: SocketAddr,
    },
}

/// Tells where a server listens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Addresses {
    /// OTLP over gRPC.
    pub grpc: SocketAddr,
    /// OTLP over HTTP.
    pub http: SocketAddr,
    /// The pages and their API.
    pub ui: SocketAddr,
}

/// Receives OTLP and serves the pages that show it.
///
/// ```no_run
/// # async fn example(backend: std::sync::Arc<dyn genspan_serve::Backend>) -> Result<(), Box<dyn std::error::Error>> {
/// use std::time::Duration;
///
/// use genspan_serve::{Options, Server};
///
/// let server = Server::bind(backend, Options::default()).await?;
/// println!("http://{}", server.addresses().ui);
/// server.run(async { /* until it is told to stop */ }, Duration::from_secs(5)).await;
/// # Ok(())
/// # }
/// ```
pub struct Server {
    ports: [Listening; 3],
    addresses: Addresses,
    drain: watch::Sender<bool>,
}

/// Holds a port, and the same one on the other address that `localhost` may mean.
struct Listening {
    port: (TcpListener, Port),
    twin: Option<(TcpListener, Port)>,
}

impl Listening {
    async fn serve(self) {
        let (listener, port) = self.port;
        let twin = async {
            if let Some((listener, port)) = self.twin {
                port.serve(listener).await;
            }
        };
        tokio::join!(port.serve(listener), twin);
    }
}

/// Gives the other address that `localhost` may mean.
fn twin(address: SocketAddr) -> Option<SocketAddr> {
    (address.ip() == IpAddr::V4(Ipv4Addr::LOCALHOST))
        .then(|| SocketAddr::from((Ipv6Addr::LOCALHOST, address.port())))
}

impl Server {
    /// Listens on all ports, and serves once it is [run](Self::run).
    ///
    /// # Errors
    ///
    /// Returns the first address that cannot be listened on, or that would be open to others without a token.
    pub async fn bind(backend: Arc<dyn Backend>, options: Options) -> Result<Self, BindError> {
        let wanted = [
            (Door::Grpc, options.grpc),
            (Door::Http, options.http),
            (Door::Ui, options.ui),
        ];
        for (door, address) in wanted {
            if options.token.is_none() && !address.ip().is_loopback() {
                return Err(BindError::Open { door, address });
            }
        }
        let (drain, draining) = watch::channel(false);
        let shared = Arc::new(Shared::new(backend, options.limits, draining));
        let open = async |(door, address): (Door, SocketAddr)| {
            let failed = |source| BindError::Listen {
                door,
                address,
                source,
            };
            let listener = TcpListener::bind(address).await.map_err(failed)?;
            let own = listener.local_addr().map_err(failed)?;
            let is_web = door == Door::Ui;
            let port = |own| Port {
                service: if is_web { Service::Web } else { Service::Otlp },
                gate: Gate {
                    own,
                    hosts: options.hosts.clone(),
                    token: options.token.clone(),
                    has_pages: is_web,
                },
                shared: Arc::clone(&shared),
            };
            // Machines without IPv6 have no such address, and where somebody else has it, it is theirs.
            let twin = match twin(own) {
                Some(address) => TcpListener::bind(address)
                    .await
                    .ok()
                    .zip(Some(port(address))),
                None => None,
            };
            let port = (listener, port(own));
            Ok((own, Listening { port, twin }))
        };
        let [grpc, http, ui] = wanted;
        let (grpc, on_grpc) = open(grpc).await?;
        let (http, on_http) = open(http).await?;
        let (ui, on_ui) = open(ui).await?;
        Ok(Self {
            ports: [on_grpc, on_http, on_ui],
            addresses: Addresses { grpc, http, ui },
            drain,
        })
    }

    /// Gives the addresses that are listened on.
    #[must_use]
    pub const fn addresses(&self) -> Addresses {
        self.addresses
    }

    /// Serves until `until` resolves, then takes nothing new and lets begun requests end for as long as `grace`.
    ///
    /// Returns whether none had to be cut. What was acknowledged is kept in any case.
    pub async fn run(self, until: impl Future<Output = ()>, grace: Duration) -> bool {
        let Self { ports, drain, .. } = self;
        let [grpc, http, ui] = ports.map(Listening::serve);
        let mut serving = std::pin::pin!(async { tokio::join!(grpc, http, ui) });
        tokio::select! {
            _ = serving.as_mut() => {}
            () = until => {}
        }
        drain.send_replace(true);
        tokio::time::timeout(grace, serving).await.is_ok()
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("addresses", &self.addresses)
            .finish_non_exhaustive()
    }
}
