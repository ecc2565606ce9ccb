//! A server that runs for a test.

use std::sync::Arc;
use std::time::Duration;

use genspan_serve::{Addresses, Backend, Options, Server};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// The longest that a server may take to end what was begun.
const LIMIT: Duration = Duration::from_secs(20);

pub(crate) struct Running {
    pub(crate) at: Addresses,
    stop: oneshot::Sender<Duration>,
    running: JoinHandle<bool>,
}

/// Options for free ports.
pub(crate) fn options() -> Options {
    let mut options = Options::default();
    for address in [&mut options.grpc, &mut options.http, &mut options.ui] {
        address.set_port(0);
    }
    options
}

impl Running {
    pub(crate) async fn new(backend: Arc<dyn Backend>) -> Self {
        Self::with(backend, options()).await
    }

    pub(crate) async fn with(backend: Arc<dyn Backend>, options: Options) -> Self {
        let server = Server::bind(backend, options).await.unwrap();
        let at = server.addresses();
        let (stop, stopped) = oneshot::channel();
        let running = tokio::spawn(async move {
            let until = async { drop(stopped.await) };
            server.run(until, LIMIT).await
        });
        Self { at, stop, running }
    }

    /// Ends the server, and tells whether all that was begun had ended by itself.
    pub(crate) async fn stop(self) -> bool {
        drop(self.stop);
        self.running.await.unwrap()
    }
}
