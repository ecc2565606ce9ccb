//! A proxy that runs beside the program it belongs to.

use std::future::Future;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

use genspan::Scope;
use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

use super::dial::Roots;
use super::scopes::Urls;
use super::under_way::UnderWay;
use crate::Recorder;

use super::{Detour, Proxy, ProxyBuilder, Route, ScopedUrl, UnusableUpstream};

impl ProxyBuilder {
    /// Listens on a free port of this machine and serves on the tokio runtime it is called in.
    ///
    /// # Errors
    ///
    /// Those of [`bind`](Self::bind), and where there is no runtime.
    pub async fn spawn(self) -> io::Result<RunningProxy> {
        let runtime = Handle::try_current().map_err(io::Error::other)?;
        let (serving, running) = prepare(self.bind(anywhere()).await?);
        runtime.spawn(serving);
        Ok(running)
    }

    /// Listens on a free port of this machine and serves on a thread of its own, with or without a runtime
    /// around.
    ///
    /// # Errors
    ///
    /// Those of [`bind`](Self::bind), and where the system gives no thread.
    pub fn spawn_thread(self) -> io::Result<RunningProxy> {
        self.spawn_thread_by(async |builder| builder.bind(anywhere()).await)
    }

    /// Listens and serves as [`spawn_thread`](Self::spawn_thread) does, and leads to every origin that is asked for.
    ///
    /// # Errors
    ///
    /// Those of [`bind`](Self::bind), and where the system gives no thread.
    pub fn detour(self) -> io::Result<Detour> {
        let telemetry = self.recorder.telemetry().clone();
        let bind = async |builder: Self| builder.bind_with(anywhere(), Roots::Wanted).await;
        Ok(Detour::new(Some(self.spawn_thread_by(bind)?), telemetry))
    }

    fn spawn_thread_by(
        self,
        bind: impl AsyncFnOnce(Self) -> io::Result<Proxy> + Send + 'static,
    ) -> io::Result<RunningProxy> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let (tell, told) = mpsc::sync_channel(1);
        let serve = move || {
            runtime.block_on(async {
                match bind(self).await {
                    Ok(proxy) => {
                        let (serving, running) = prepare(proxy);
                        // Where nobody takes it, it is dropped and ends the proxy.
                        drop(tell.send(Ok(running)));
                        serving.await;
                    }
                    Err(error) => drop(tell.send(Err(error))),
                }
            });
            // A name that is still being looked up must not hold up the end.
            runtime.shutdown_background();
        };
        let thread = thread::Builder::new().name("genspan-proxy".to_owned());
        thread.spawn(serve)?;
        told.recv().map_err(io::Error::other)?
    }
}

fn anywhere() -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, 0))
}

/// Gives the work of a proxy, and the handle to it.
fn prepare(proxy: Proxy) -> (impl Future<Output = ()> + Send, RunningProxy) {
    let (stop, stopped) = oneshot::channel::<Duration>();
    let (tell, told) = oneshot::channel();
    let (tell_blocking, told_blocking) = mpsc::sync_channel(1);
    let urls = proxy.urls.clone();
    let recorder = proxy.shared.recorder.clone();
    let under_way = Arc::clone(&proxy.shared.under_way);
    let serving = async move {
        // A handle that is gone leaves no time.
        let until = async { stopped.await.unwrap_or_default() };
        let is_drained = proxy.serve(until).await;
        // Nobody need wait for it.
        let _ = tell.send(is_drained);
        let _ = tell_blocking.send(is_drained);
    };
    let running = RunningProxy {
        urls,
        recorder,
        under_way,
        stop,
        told,
        told_blocking: Mutex::new(told_blocking),
    };
    (serving, running)
}

/// Stands for a proxy that serves; dropped, it cuts what is under way.
///
/// Before the telemetry is shut down, shut this down and [`settle`](crate::Recorder::settle) the recorder.
#[derive(Debug)]
pub struct RunningProxy {
    urls: Urls,
    recorder: Recorder,
    under_way: Arc<UnderWay>,
    stop: oneshot::Sender<Duration>,
    told: oneshot::Receiver<bool>,
    /// In a lock so that the handle can be shared.
    told_blocking: Mutex<mpsc::Receiver<bool>>,
}

impl RunningProxy {
    /// What the blocking end waits beyond the grace, for what it cuts.
    const CUT: Duration = Duration::from_secs(1);

    /// The address that is listened on.
    #[must_use]
    pub const fn local_addr(&self) -> SocketAddr {
        self.urls.addr
    }

    /// The base URL that leads a client on this machine by `route`.
    #[must_use]
    pub fn url_for(&self, route: &Route) -> String {
        self.urls.of(route)
    }

    /// A base URL by `route` whose calls happen within `scope`; see [`Proxy::url_within`].
    #[must_use = "the scope ends where it is dropped"]
    pub fn url_within(&self, route: &Route, scope: &Scope) -> ScopedUrl {
        self.urls.within(route, scope)
    }

    /// A base URL that leads where `url` does, whose calls happen within `scope`, if there is one.
    pub(super) fn detour(
        &self,
        url: &str,
        scope: Option<&Scope>,
    ) -> Result<ScopedUrl, UnusableUpstream> {
        self.urls.detour(url, scope)
    }

    /// Waits until no exchange is under way, then records all that has ended; tells whether it was done in time.
    ///
    /// The proxy sees the end of an exchange a little after its client, so that what the client has seen is recorded
    /// only then. What has ended is recorded also where something else goes on. The calling thread blocks meanwhile, for at
    /// most `timeout` each.
    #[must_use = "it tells whether something is left undone"]
    pub fn settle(&self, timeout: Duration) -> bool {
        let is_idle = self.under_way.wait(timeout);
        self.recorder.settle(timeout) && is_idle
    }

    /// How long a shutdown of the telemetry waits for exchanges whose clients have seen their end.
    const CLOSING: Duration = Duration::from_millis(100);

    /// Records what has ended in the time that a shutdown has left; what goes on then is under way, and ends as that.
    pub(super) fn close(&self, left: Duration) {
        let half = left / 2;
        let _ = self.under_way.wait(half.min(Self::CLOSING));
        let _ = self.recorder.settle(half);
    }

    /// Takes nothing new, lets begun exchanges end for as long as `grace`, then cuts the rest.
    ///
    /// Returns whether none had to be cut.
    pub async fn shutdown(self, grace: Duration) -> bool {
        let _ = self.stop.send(grace);
        self.told.await.unwrap_or(false)
    }

    /// Does as [`shutdown`](Self::shutdown) does, for callers without a runtime; it blocks.
    ///
    /// On the only thread of the runtime that serves it would wait for itself, and gives up a second after
    /// `grace`.
    #[must_use = "it tells whether something was cut"]
    pub fn shutdown_blocking(self, grace: Duration) -> bool {
        let _ = self.stop.send(grace);
        let patience = grace.saturating_add(Self::CUT);
        let told = self.told_blocking.into_inner();
        let told = told.unwrap_or_else(PoisonError::into_inner);
        told.recv_timeout(patience).unwrap_or(false)
    }
}
