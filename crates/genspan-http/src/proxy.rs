//! A proxy that passes requests on to providers as they are, and records them on the way.
//!
//! It answers for the providers it was given only, each below a path of its own, so that a client needs nothing but another base URL. What goes
//! through stays what it is: path, body, headers, trailers, the pace of chunks, and the ways in which either side may break off. Headers that
//! belong to one connection (RFC 9110 §7.6.1) are each connection's own, and `host` is the provider's where the request is not signed.
//!
//! ```no_run
//! # async fn example(recorder: genspan_http::Recorder) -> Result<(), Box<dyn std::error::Error>> {
//! use std::time::Duration;
//!
//! use genspan_http::proxy::{Proxy, Route};
//!
//! let route = Route::new("/k3v9/openai", "https://api.openai.com/v1".parse()?)?;
//! let proxy = Proxy::builder(recorder).with_route(route.clone()).bind("127.0.0.1:0".parse()?).await?;
//! let base_url = proxy.url_for(&route);
//! proxy.run(async { /* until the client is done with {base_url} */ }, Duration::from_secs(5)).await;
//! # drop(base_url);
//! # Ok(())
//! # }
//! ```
//!
//! # In a program
//!
//! A client that takes nothing but a base URL is led through a proxy in the same process; a [`Detour`] is one that leads
//! wherever its clients would go, in one line. A URL of its own for each piece of work makes its calls part of that work,
//! and of the span that was made for the call. With routes of one's own:
//!
//! ```no_run
//! # async fn ask(base_url: &str) {}
//! # async fn example(recorder: genspan_http::Recorder, telemetry: genspan::Telemetry) -> Result<(), Box<dyn std::error::Error>> {
//! use std::time::Duration;
//!
//! use genspan_http::proxy::{Proxy, Route};
//!
//! let route = Route::new("/openai", "https://api.openai.com/v1".parse()?)?;
//! let proxy = Proxy::builder(recorder).with_route(route.clone()).spawn().await?;
//!
//! let agent = telemetry.invoke_agent("travel");
//! let url = proxy.url_within(&route, &agent.scope());
//! ask(url.as_ref()).await; // the agent's child
//! agent.finish();
//!
//! proxy.shutdown(Duration::from_secs(5)).await;
//! # Ok(())
//! # }
//! ```
//!
//! # What it answers itself
//!
//! These answers carry `x-genspan-error`, and a JSON body that the OpenAI and Anthropic clients can read:
//!
//! | status | `x-genspan-error` | when |
//! |---|---|---|
//! | 404 | `route_not_found` | no route leads the path |
//! | 403 | `host_not_allowed` | `Host`, or an absolute URL, names neither this machine nor an allowed host |
//! | 403 | `origin_not_allowed` | a page in a browser asks that was not allowed to |
//! | 405 | `method_not_allowed` | `CONNECT` |
//! | 400 | `path_not_usable` | the path holds what no URL can hold |
//! | 400 | `signature_not_kept` | the request is signed for AWS, and what was signed would change |
//! | 502 | `upstream_unreachable` | no connection to the provider; clients retry it |
//!
//! A provider that closes the connection without an answer, or amid one, is seen as just that.
//!
//! # Signed requests
//!
//! A signature for AWS (Signature Version 4, in `authorization` or in the query) covers the path, the host and the headers that it lists, and AWS
//! checks it against what it receives. So of a signed request none of that changes: `host` stays the client's, while connection and certificate are
//! the upstream's, and HTTP/1.1 is spoken, where the two may differ. What cannot go on like that is refused with `signature_not_kept`. Above all that
//! is a path below a prefix, or below a URL of a scope: the upstream would see another path. A route with the empty prefix leads signed requests.
//!
//! A client signs for the host that it is told, which is this proxy's where it was told a base URL here. AWS computes the signature from the `host`
//! that it receives, so that one is right; but whether a service answers under a name that is not its own is up to the service. Those that are found
//! by their `host`, such as S3 and API Gateway, do not, and nobody promises it of Bedrock. A client that signs for the provider's own name, and is led
//! here by that name, depends on nothing of the kind; its `host` is then one to be [allowed](ProxyBuilder::with_allowed_host). Requests with a bearer
//! token sign nothing and are like all others.
//!
//! # Asking for usage
//!
//! OpenAI's streams, and those of the many that speak its chat completions, state their usage only where the request
//! asks. [`ProxyBuilder::with_usage_asked`] has the proxy add `stream_options.include_usage` to requests that are
//! recorded, ask for a stream and say nothing of it, and takes out of the stream what that brings: the chunk that states
//! usage without a choice, and `"usage":null` in the others. The client's bytes stay in place, and those of the answer
//! go out frame by frame.
//!
//! Left as they are: requests that state `include_usage` themselves, true or false; bodies that are compressed, longer
//! than 8 MiB, of unknown length, or not wholly understood; requests that are signed, whose headers hold a digest of the
//! body, or that expect `100-continue`; providers that state usage unasked or are known to refuse the question (Mistral,
//! OpenRouter, Perplexity; Azure before `2024-09-01`, or with data sources). A request that is answered by 400 or 422
//! with the question is sent again as the client wrote it, and where that goes well the endpoint is not asked again.
//!
//! A client can tell by this: an answer to a request with `accept-encoding` comes uncompressed; where a provider
//! compresses all the same, the chunk stays in the stream; a length that the provider states for a stream is not passed
//! on. [`genspan_wire::ask`] says what else. A layer round a client in the same program does not do this: there the
//! program can ask.
//!
//! # What it cannot pass on
//!
//! Informational responses other than 100 and 101; trailers that HTTP/1.1 is not told of by `te: trailers` and a `trailer` header; upgrades over
//! HTTP/2. An HTTP/1.1 client that closes its sending side before it has its answer is taken to be gone.

mod admission;
mod asking;
mod detour;
mod dial;
mod exchange;
mod expectation;
mod headers;
mod life;
mod outbound;
mod outlet;
mod recent;
mod refusal;
mod relay;
mod route;
mod running;
mod scopes;
mod serve;
mod signature;
mod tunnel;
mod unasked;
mod under_way;

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use genspan::Scope;
use rustls::ClientConfig;
use tokio::net::TcpListener;

use self::admission::Admission;
use self::asking::Refusals;
pub use self::detour::Detour;
use self::dial::{Dial, Lost, Roots};
use self::exchange::Shared;
pub use self::outbound::{OutboundProxies, UnusableOutboundProxy};
use self::route::Routes;
pub use self::route::{Route, UnusableRoute, UnusableUpstream, Upstream};
pub use self::running::RunningProxy;
pub use self::scopes::ScopedUrl;
use self::scopes::{Scopes, Urls};
use crate::{Classifier, RecordLayer, Recorder};

/// The headers that a message may have.
const MAX_HEADERS: usize = 1024;
/// The bytes that the headers of a message may have.
const MAX_HEADER_BYTES: u32 = 256 * 1024;

/// Sets up a [`Proxy`].
#[derive(Debug)]
#[must_use]
pub struct ProxyBuilder {
    recorder: Recorder,
    routes: Vec<Route>,
    hosts: Vec<String>,
    origins: Vec<String>,
    tls: Option<ClientConfig>,
    outbound: OutboundProxies,
    asks_for_usage: bool,
}

impl ProxyBuilder {
    /// Leads the paths below a prefix to a provider; of several that fit, the longest prefix leads.
    pub fn with_route(mut self, route: Route) -> Self {
        self.routes.push(route);
        self
    }

    /// Lets clients call this proxy by a host name that is not this machine's own, such as a container's.
    pub fn with_allowed_host(mut self, host: impl Into<String>) -> Self {
        self.hosts.push(host.into());
        self
    }

    /// Lets pages of this origin, such as `https://app.example`, call this proxy from a browser.
    pub fn with_allowed_origin(mut self, origin: impl Into<String>) -> Self {
        self.origins.push(origin.into());
        self
    }

    /// Replaces the certificates and protocols by which providers are trusted; ALPN is left to the proxy.
    ///
    /// The system's certificates otherwise, or those that `SSL_CERT_FILE` names.
    pub fn with_tls(mut self, config: ClientConfig) -> Self {
        self.tls = Some(config);
        self
    }

    /// Reaches providers through proxies of the network's; directly otherwise.
    pub fn with_outbound_proxies(mut self, proxies: OutboundProxies) -> Self {
        self.outbound = proxies;
        self
    }

    /// Asks providers for the usage of a stream where the client does not, and keeps the answer from the client.
    ///
    /// See [the module](self#asking-for-usage) for whom this concerns and what a client can tell.
    pub fn with_usage_asked(mut self, asks: bool) -> Self {
        self.asks_for_usage = asks;
        self
    }

    /// Listens on an address; port 0 takes a free one.
    ///
    /// # Errors
    ///
    /// When the address cannot be bound, or a route needs TLS and the system's certificates cannot be read.
    pub async fn bind(self, addr: SocketAddr) -> io::Result<Proxy> {
        let needs_tls = self
            .routes
            .iter()
            .any(|route| route.upstream().is_encrypted());
        let roots = if needs_tls {
            Roots::Needed
        } else {
            Roots::None
        };
        self.bind_with(addr, roots).await
    }

    async fn bind_with(self, addr: SocketAddr, roots: Roots) -> io::Result<Proxy> {
        let dial = Dial::new(self.tls, roots, self.outbound)?;
        let listener = TcpListener::bind(addr).await?;
        let addr = listener.local_addr()?;
        let admission = Admission {
            own: addr.ip(),
            hosts: self.hosts,
            origins: self.origins,
        };
        let layer =
            RecordLayer::new(self.recorder.clone()).with_classifier(Classifier::new(Lost::end));
        let scopes = Arc::<Scopes>::default();
        let routes = Arc::new(Routes::new(self.routes));
        let urls = Urls {
            addr,
            scopes: Arc::clone(&scopes),
            routes: Arc::clone(&routes),
        };
        let known = self.recorder.know_proxy(addr, Arc::new(urls.clone()));
        Ok(Proxy {
            listener,
            urls,
            shared: Arc::new(Shared {
                admission,
                routes,
                scopes,
                dial,
                recorder: self.recorder,
                _known: known,
                layer,
                under_way: Arc::default(),
                refusals: self.asks_for_usage.then(Arc::<Refusals>::default),
            }),
        })
    }
}

/// Listens for clients and passes their requests on to the providers it knows.
#[derive(Debug)]
pub struct Proxy {
    listener: TcpListener,
    urls: Urls,
    shared: Arc<Shared>,
}

impl Proxy {
    /// Begins to set up a proxy that records with `recorder`, whose options should trust the clients' trace headers.
    pub fn builder(recorder: Recorder) -> ProxyBuilder {
        ProxyBuilder {
            recorder,
            routes: Vec::new(),
            hosts: Vec::new(),
            origins: Vec::new(),
            tls: None,
            outbound: OutboundProxies::default(),
            asks_for_usage: false,
        }
    }

    /// The address that is listened on.
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        self.urls.addr
    }

    /// The base URL that leads a client on this machine by `route`.
    #[must_use]
    pub fn url_for(&self, route: &Route) -> String {
        self.urls.of(route)
    }

    /// A base URL by `route` whose calls happen within `scope`, whatever trace headers they carry.
    ///
    /// Where the scope is that of an inference under way, what the proxy sees of the call is told to that one
    /// and there is no second span; otherwise the call is a child of the scope's span, ended or not. For a
    /// span of elsewhere there is [`Telemetry::scope_under`](genspan::Telemetry::scope_under).
    #[must_use = "the scope ends where it is dropped"]
    pub fn url_within(&self, route: &Route, scope: &Scope) -> ScopedUrl {
        self.urls.within(route, scope)
    }

    /// Serves clients until `until` resolves, lets begun exchanges end for as long as `grace`, then cuts the rest.
    ///
    /// Returns whether none had to be cut; all exchanges have ended by then. Dropped, the future cuts them all.
    pub async fn run(self, until: impl Future<Output = ()>, grace: Duration) -> bool {
        self.serve(async {
            until.await;
            grace
        })
        .await
    }

    /// Serves clients until `until` tells how long begun exchanges may go on.
    async fn serve(self, until: impl Future<Output = Duration>) -> bool {
        serve::run(self.listener, self.shared, until).await
    }
}
