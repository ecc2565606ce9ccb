#![doc = include_str!("../README.md")]

mod client;
#[cfg(feature = "streamable-http-server")]
mod handler;
#[cfg(feature = "streamable-http-server")]
mod http;
mod service;
mod transport;

use std::{error::Error, sync::Arc};

use genspan::{Carrier, McpConnection, McpSide, NetworkTransport, Server, Telemetry, mcp::Channel};
use rmcp::{
    RoleClient, RoleServer, Service, ServiceExt,
    model::RequestParamsMeta,
    service::{ClientInitializeError, RunningService, ServerInitializeError},
    transport::{IntoTransport, Transport},
};

pub use self::{
    client::Client,
    service::Served,
    transport::{Role, Traced},
};
#[cfg(feature = "streamable-http-server")]
pub use self::{handler::Handled, http::Sessions};

/// Makes clients and servers of rmcp that record what passes between them.
#[derive(Clone, Debug)]
pub struct Recorder {
    telemetry: Telemetry,
    facts: Option<McpConnection>,
    baggage: Arc<[String]>,
}

impl Recorder {
    /// Records to this recorder.
    #[must_use]
    pub fn new(telemetry: &Telemetry) -> Self {
        Self {
            telemetry: telemetry.clone(),
            facts: None,
            baggage: Arc::default(),
        }
    }

    /// Says at which address the server answers, such as `https://mcp.example.com/mcp`.
    #[must_use]
    pub fn at(self, url: &str) -> Self {
        self.over(McpConnection {
            peer: Server::of_url(url),
            ..McpConnection::over_http()
        })
    }

    /// Says what messages pass through, where the type of the transport does not.
    ///
    /// Streamable HTTP, child processes, standard input and output and in-memory pipes are known.
    #[must_use]
    pub fn over(mut self, connection: McpConnection) -> Self {
        self.facts = Some(connection);
        self
    }

    /// Lets these facts of a scope go with messages as baggage, and become facts where they arrive: attributes by their
    /// keys, and `gen_ai.conversation.id`. Without it none do.
    #[must_use]
    pub fn with_baggage(mut self, keys: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.baggage = keys.into_iter().map(Into::into).collect();
        self
    }

    /// Serves a client: `handler` answers what the server asks, and may be `()`.
    ///
    /// # Errors
    ///
    /// Returns what rmcp's `serve` does.
    pub async fn client<S: Service<RoleClient>, E: Error + Send + Sync + 'static, A: 'static>(
        &self,
        handler: S,
        transport: impl IntoTransport<RoleClient, E, A>,
    ) -> Result<Client<S>, ClientInitializeError> {
        let (transport, recorder) = (self.traced(transport), self.clone());
        let running = self.served(handler).serve(transport).await?;
        Ok(Client { running, recorder })
    }

    /// Serves a server over one connection.
    ///
    /// # Errors
    ///
    /// Returns what rmcp's `serve` does.
    pub async fn server<S: Service<RoleServer>, E: Error + Send + Sync + 'static, A: 'static>(
        &self,
        handler: S,
        transport: impl IntoTransport<RoleServer, E, A>,
    ) -> Result<RunningService<RoleServer, Served<S>>, ServerInitializeError> {
        let transport = self.traced(transport);
        self.served(handler).serve(transport).await
    }

    /// Records what a handler is asked and told.
    pub fn served<S>(&self, inner: S) -> Served<S> {
        let recorder = self.clone();
        Served { inner, recorder }
    }

    /// Records what a handler is asked and told by a server over streamable HTTP.
    #[cfg(feature = "streamable-http-server")]
    pub fn handled<H: rmcp::ServerHandler>(&self, inner: H) -> Handled<H> {
        let recorder = self.clone();
        Handled { inner, recorder }
    }

    /// Records what a server over streamable HTTP sends in its sessions, and measures them.
    #[cfg(feature = "streamable-http-server")]
    pub fn sessions<M>(&self, inner: M) -> Sessions<M> {
        let recorder = self.clone();
        Sessions { inner, recorder }
    }

    /// Records what is sent through a transport, and measures its session.
    pub fn traced<R: Role, T: IntoTransport<R, E, A>, E: Error + Send + Sync + 'static, A>(
        &self,
        transport: T,
    ) -> Traced<impl Transport<R, Error = E> + use<R, T, E, A>> {
        let facts = self.facts.clone();
        let facts = facts.unwrap_or_else(|| known(std::any::type_name::<T>()));
        let side = if R::IS_CLIENT {
            McpSide::Client
        } else {
            McpSide::Server
        };
        Traced {
            channel: self.session(facts, side),
            inner: transport.into_transport(),
        }
    }

    /// Says in a request's parameters where it comes from: the scope in which this is called.
    ///
    /// It is for requests that are sent through a bare [`Peer`](rmcp::Peer); those of [`Client`] are stamped.
    #[must_use]
    pub fn stamped<P: RequestParamsMeta>(&self, mut params: P) -> P {
        let allowed: Vec<&str> = self.baggage.iter().map(String::as_str).collect();
        if let Some(carrier) = Carrier::of_scope(&self.telemetry.scope(), &allowed) {
            let meta = params.meta_or_default();
            let own = Carrier::from_fields(|name| meta.get(name)?.as_str());
            let carrier = carrier.beside(&own.baggage);
            transport::inject(carrier.into_fields(), meta);
        }
        params
    }

    fn wants_content(&self) -> bool {
        self.telemetry.wants_content(true)
    }

    fn channel(&self, facts: McpConnection) -> Channel {
        let channel = Channel::new(&self.telemetry, facts).with_timeouts(transport::is_timeout);
        channel.with_baggage(Arc::clone(&self.baggage))
    }

    /// Begins a connection that rmcp serves in a task of its own, within a span of its own round all the work.
    fn session(&self, facts: McpConnection, side: McpSide) -> Channel {
        self.channel(facts).with_own_task().with_session(side)
    }
}

/// Tells what messages pass through by the name of a transport's type; nothing where that does not say it.
fn known(type_name: &str) -> McpConnection {
    let is = |words: &[&str]| words.iter().any(|word| type_name.contains(word));
    if is(&["StreamableHttp"]) {
        McpConnection::over_http()
    } else if is(&["ChildProcess", "Stdin", "Stdout", "Stdio", "DuplexStream"]) {
        McpConnection::over(NetworkTransport::Pipe)
    } else if is(&["UnixStream"]) {
        McpConnection::over(NetworkTransport::Unix)
    } else if is(&["TcpStream"]) {
        McpConnection::over(NetworkTransport::Tcp)
    } else {
        McpConnection::default()
    }
}
