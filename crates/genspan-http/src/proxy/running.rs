//! A proxy that runs beside the program it belongs to.

use std::future::Future;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use genspan::Scope;
use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

use super::scopes::Urls;
use super::{Proxy, ProxyBuilder, Route, ScopedUrl};

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
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let (tell, told) = mpsc::sync_channel(1);
        let serve = move || {
            runtime.block_on(async {
                match self.bind(anywhere()).await {
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
        stop,
        told,
        told_blocking,
    };
    (serving, running)
}

/// Stands for a proxy that serves; dropped, it cuts what is under way.
///
/// Before the telemetry is shut down, shut this down and [`settle`](crate::Recorder::settle) the recorder.
#[derive(Debug)]
pub struct RunningProxy {
    urls: Urls,
    stop: oneshot::Sender<Duration>,
    told: oneshot::Receiver<bool>,
    told_blocking: mpsc::Receiver<bool>,
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
        self.told_blocking.recv_timeout(patience).unwrap_or(false)
    }
}
