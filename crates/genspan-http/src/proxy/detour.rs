//! A proxy beside the program, which leads wherever its clients would go.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use genspan::{Registered, Scope, Telemetry};

use super::{Proxy, RunningProxy, ScopedUrl, UnusableUpstream};
use crate::{Recorder, RecorderOptions};

/// Records clients that take nothing but a base URL, wherever they go: it gives a URL on this machine for each of theirs.
///
/// ```no_run
/// # struct Client; impl Client { fn new(_: &str) -> Self { Self } async fn ask(&self, _: &str) {} }
/// # async fn example(telemetry: genspan::Telemetry) -> Result<(), Box<dyn std::error::Error>> {
/// use genspan_http::proxy::Detour;
///
/// let agent = telemetry.invoke_agent("travel");
/// let url = Detour::shared(&telemetry)?.url_within("https://api.anthropic.com/v1", &agent.scope())?;
/// Client::new(url.as_ref()).ask("…").await; // the agent's child
/// agent.finish();
/// # Ok(())
/// # }
/// ```
///
/// It serves on a thread of its own. A telemetry that records nothing needs none: then URLs stay as they are.
#[derive(Debug)]
pub struct Detour {
    /// `None` where nothing is recorded.
    proxy: Option<Arc<RunningProxy>>,
    telemetry: Telemetry,
    _at_shutdown: Option<Registered>,
}

/// Holds the detour of one telemetry.
#[derive(Debug, Default)]
struct Shared(Mutex<Option<Arc<Detour>>>);

impl Detour {
    /// Gives the detour that all clients of a telemetry share; it is started when it is first asked for.
    ///
    /// It serves until the process ends, so that no client finds it gone, and keeps the telemetry as long. Calls by a
    /// URL without a scope are children of the span that their `traceparent` names, if they have one.
    ///
    /// # Errors
    ///
    /// When no port of this machine can be listened on, or the system gives no thread. Without the system's
    /// certificates it starts all the same, and calls over TLS fail.
    pub fn shared(telemetry: &Telemetry) -> io::Result<Arc<Self>> {
        let shared = telemetry.belonging(Shared::default);
        let mut held = shared.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(detour) = &*held {
            return Ok(Arc::clone(detour));
        }
        let detour = Arc::new(Self::start(telemetry)?);
        *held = Some(Arc::clone(&detour));
        Ok(detour)
    }

    /// Starts one of the caller's own, which serves until it is dropped; that cuts what is under way.
    ///
    /// The proxies of the network, other certificates and all else that a proxy can have are set up with
    /// [`Proxy::builder`], whose [`detour`](super::ProxyBuilder::detour) starts it.
    ///
    /// # Errors
    ///
    /// Those of [`shared`](Self::shared).
    pub fn start(telemetry: &Telemetry) -> io::Result<Self> {
        if !telemetry.is_enabled() {
            return Ok(Self::new(None, telemetry.clone()));
        }
        let options = RecorderOptions {
            trusts_trace_headers: true,
            ..RecorderOptions::default()
        };
        Proxy::builder(Recorder::new(telemetry.clone(), options)).detour()
    }

    pub(super) fn new(proxy: Option<RunningProxy>, telemetry: Telemetry) -> Self {
        let proxy = proxy.map(Arc::new);
        let at_shutdown = proxy.as_ref().map(|proxy| {
            let held = Arc::downgrade(proxy);
            telemetry.before_shutdown(move |left| {
                if let Some(proxy) = held.upgrade() {
                    proxy.close(left);
                }
            })
        });
        Self {
            proxy,
            telemetry,
            _at_shutdown: at_shutdown,
        }
    }

    /// Gives a URL that leads where `url` does, whose calls happen within what is current on this thread.
    ///
    /// Write `url` as the client would have it, with or without a slash at its end; it may be a base URL or the whole
    /// address of one request. Where the scope is that of an inference under way, that one learns what is seen of the
    /// call. The scope ends where the [`ScopedUrl`] is dropped: keep it as long as the client is used. Of more than 16,384
    /// origins the longest unused is led to no more, and its calls get 404 until a URL is asked for anew.
    ///
    /// # Errors
    ///
    /// When `url` is none of `http` or `https`, or holds a user name; and where the system gives no random number.
    pub fn url(&self, url: &str) -> Result<ScopedUrl, UnusableUpstream> {
        self.lead(url, self.current().as_ref())
    }

    /// Gives a URL as [`url`](Self::url) does, whose calls happen within `scope`.
    ///
    /// # Errors
    ///
    /// Those of [`url`](Self::url).
    pub fn url_within(&self, url: &str, scope: &Scope) -> Result<ScopedUrl, UnusableUpstream> {
        self.lead(url, Some(scope))
    }

    /// Gives a URL as [`url`](Self::url) does, for the next request alone: the scope ends where that one has come.
    ///
    /// That is for clients that ask before each request where it is to go.
    ///
    /// # Errors
    ///
    /// Those of [`url`](Self::url).
    pub fn url_once(&self, url: &str) -> Result<String, UnusableUpstream> {
        let url = self.lead(url, self.current().as_ref())?;
        Ok(url.once())
    }

    fn lead(&self, url: &str, scope: Option<&Scope>) -> Result<ScopedUrl, UnusableUpstream> {
        match &self.proxy {
            Some(proxy) => proxy.detour(url, scope),
            None => ScopedUrl::leading_there(url),
        }
    }

    /// What is current here, if anything is; outside of it, a call's own trace headers count.
    fn current(&self) -> Option<Scope> {
        let scope = self.telemetry.scope();
        let is_within = scope.context().is_some() || Scope::current().is_some();
        is_within.then_some(scope)
    }

    /// Waits until no call is under way, then records all that has ended; tells whether it was done in time.
    ///
    /// A client may see the end of its answer a little before the proxy does. A shutdown of the telemetry waits for
    /// that by itself, for 100 ms of its time; a flush does not. What has ended is recorded also where another call goes on.
    /// The calling thread blocks meanwhile, for at most `timeout` each.
    #[must_use = "it tells whether something is left undone"]
    pub fn settle(&self, timeout: Duration) -> bool {
        self.proxy
            .as_ref()
            .is_none_or(|proxy| proxy.settle(timeout))
    }
}
