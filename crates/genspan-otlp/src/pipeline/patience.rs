//! How long a worker may still try once the pipeline is being shut down.

use std::{future::pending, sync::Arc, time::Duration};

use tokio::sync::watch;

use crate::{Sleep, Timer};

/// Runs out some time after the shutdown was asked for, once and for all attempts together.
pub(super) struct Patience {
    stop: watch::Receiver<Option<Duration>>,
    timer: Arc<dyn Timer>,
    last: Option<Sleep>,
    is_over: bool,
}

impl Patience {
    pub(super) fn new(stop: watch::Receiver<Option<Duration>>, timer: Arc<dyn Timer>) -> Self {
        Self {
            stop,
            timer,
            last: None,
            is_over: false,
        }
    }

    pub(super) fn is_over(&self) -> bool {
        self.is_over || *self.stop.borrow() == Some(Duration::ZERO)
    }

    /// Waits until there is no time left; this never comes without a shutdown.
    pub(super) async fn over(&mut self) {
        while !self.is_over() {
            if let Some(last) = &mut self.last {
                last.as_mut().await;
                self.is_over = true;
            } else {
                let left = *self.stop.borrow_and_update();
                match left {
                    Some(left) => self.last = Some(self.timer.sleep(left)),
                    None => {
                        if self.stop.changed().await.is_err() {
                            pending::<()>().await;
                        }
                    }
                }
            }
        }
    }
}
