//! Requests to a store of the program's own, or to the server that has it.

use std::{io, sync::Arc, time::Duration};

use tokio::task::{JoinHandle, spawn_blocking};

use super::{Outcome, chain, http::HttpExporter};
use crate::{HttpEndpoint, Keeper, StoreEndpoint, destination::KeeperError, request::Request};

/// A store that others hold is waited for by itself; this is for a disk that does not answer.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Hands requests to a keeper, on threads that it may block.
#[derive(Debug)]
pub(crate) struct StoreExporter {
    keeper: Arc<dyn Keeper>,
    /// The server that was found last, and the way to it.
    server: Option<(HttpEndpoint, HttpExporter)>,
    /// What nobody waited for to its end.
    running: Option<JoinHandle<Result<u64, KeeperError>>>,
}

impl StoreExporter {
    pub(super) fn new(endpoint: &StoreEndpoint) -> io::Result<Self> {
        let keeper = endpoint.keeper().ok_or_else(|| {
            io::Error::other("it has no keeper; call `StoreEndpoint::with_keeper` before")
        })?;
        Ok(Self {
            keeper: Arc::clone(keeper),
            server: None,
            running: None,
        })
    }

    pub(super) const fn timeout(&self) -> Duration {
        TIMEOUT
    }

    pub(super) async fn export(&mut self, request: &Request) -> Outcome {
        if let Some(outcome) = self.hand_over(request).await {
            return outcome;
        }
        let (keeper, request) = (Arc::clone(&self.keeper), request.clone());
        match self.run(move || keeper.keep(&request)).await {
            Ok(rejected) => Outcome::Delivered { rejected },
            Err(error) => Outcome::Away {
                after: None,
                why: chain(&*error),
            },
        }
    }

    /// Has the keeper let go of the store.
    pub(super) async fn rest(&mut self) -> io::Result<()> {
        let keeper = Arc::clone(&self.keeper);
        let rested = self.run(move || keeper.rest().map(|()| 0)).await;
        rested.map(drop).map_err(io::Error::other)
    }

    /// Gives the request to the server that has the store; `None` where there is none, or it did not take it.
    async fn hand_over(&mut self, request: &Request) -> Option<Outcome> {
        let endpoint = self.keeper.server()?;
        if self
            .server
            .as_ref()
            .is_none_or(|(known, _)| *known != endpoint)
        {
            let exporter = HttpExporter::new(&endpoint).ok()?;
            self.server = Some((endpoint, exporter));
        }
        let (_, exporter) = self.server.as_ref()?;
        let answer = tokio::time::timeout(exporter.timeout(), exporter.export(request));
        match answer.await {
            Ok(delivered @ Outcome::Delivered { .. }) => Some(delivered),
            _ => None,
        }
    }

    /// Runs something that may block; what was left running before ends first, so that only one does at a time.
    async fn run(
        &mut self,
        work: impl FnOnce() -> Result<u64, KeeperError> + Send + 'static,
    ) -> Result<u64, KeeperError> {
        if let Some(running) = &mut self.running {
            // Nobody asks any more; its request was kept for another try.
            drop(running.await);
        }
        let running = self.running.insert(spawn_blocking(work));
        let done = running.await;
        self.running = None;
        done.unwrap_or_else(|panic| Err(panic.into()))
    }
}
