//! What all ports share.

use std::sync::Arc;

use tokio::sync::{Semaphore, watch};

use crate::backend::Backend;
use crate::limits::{Budget, Limits};
use crate::refused::Refused;

/// Holds what requests are answered with.
pub(crate) struct Shared {
    pub(crate) backend: Arc<dyn Backend>,
    pub(crate) limits: Limits,
    pub(crate) budget: Budget,
    /// True from when nothing new is taken.
    pub(crate) draining: watch::Receiver<bool>,
    pub(crate) watchers: Arc<Semaphore>,
    ingesting: Arc<Semaphore>,
    reading: Arc<Semaphore>,
}

impl Shared {
    pub(crate) fn new(
        backend: Arc<dyn Backend>,
        limits: Limits,
        draining: watch::Receiver<bool>,
    ) -> Self {
        Self {
            backend,
            limits,
            budget: Budget::new(limits.in_flight_bytes),
            draining,
            watchers: Arc::new(Semaphore::new(limits.watchers)),
            ingesting: Arc::new(Semaphore::new(limits.ingesting)),
            reading: Arc::new(Semaphore::new(limits.reading)),
        }
    }

    /// Does work that keeps something; it is done to its end though its client goes away.
    pub(crate) async fn ingest<T: Send + 'static>(
        &self,
        work: impl FnOnce(&dyn Backend) -> Result<T, Refused> + Send + 'static,
    ) -> Result<T, Refused> {
        self.apart(&self.ingesting, work).await
    }

    /// Does work that reads.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&dyn Backend) -> Result<T, Refused> + Send + 'static,
    ) -> Result<T, Refused> {
        self.apart(&self.reading, work).await
    }

    async fn apart<T: Send + 'static>(
        &self,
        turns: &Arc<Semaphore>,
        work: impl FnOnce(&dyn Backend) -> Result<T, Refused> + Send + 'static,
    ) -> Result<T, Refused> {
        let patience = self.limits.patience;
        let turn = tokio::time::timeout(patience, Arc::clone(turns).acquire_owned()).await;
        let Ok(Ok(turn)) = turn else {
            return Err(Refused::unavailable(
                format!("the store was busy for {patience:?}: send it again later"),
                patience,
            ));
        };
        let backend = Arc::clone(&self.backend);
        let done = tokio::task::spawn_blocking(move || {
            let result = work(&*backend);
            drop(turn);
            result
        });
        done.await.unwrap_or_else(|_| {
            Err(Refused::internal(
                "the request brought genspan to a state that it was not made for: please report it",
            ))
        })
    }
}
