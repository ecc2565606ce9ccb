//! A timer that goes off when the test says so.

use std::{
    sync::{Arc, Mutex, mpsc},
    time::Duration,
};

use tokio::sync::oneshot;

use crate::{Sleep, Timer};

type Wait = (Duration, oneshot::Sender<()>);

#[derive(Clone, Debug)]
pub(super) struct ManualTimer(Arc<Mutex<mpsc::Sender<Wait>>>);

/// Holds the waits that were begun.
pub(super) struct Waits {
    begun: mpsc::Receiver<Wait>,
    held: Vec<Wait>,
}

impl ManualTimer {
    pub(super) fn new() -> (Self, Waits) {
        let (sender, begun) = mpsc::channel();
        (
            Self(Arc::new(Mutex::new(sender))),
            Waits {
                begun,
                held: Vec::new(),
            },
        )
    }
}

impl Timer for ManualTimer {
    fn sleep(&self, duration: Duration) -> Sleep {
        let (sender, elapsed) = oneshot::channel();
        drop(self.0.lock().unwrap().send((duration, sender)));
        Box::pin(async move {
            if elapsed.await.is_err() {
                std::future::pending::<()>().await;
            }
        })
    }
}

impl Waits {
    /// Ends the oldest wait of this length that somebody still waits for; begins to wait for one itself.
    pub(super) fn fire(&mut self, duration: Duration) {
        loop {
            if let Some(at) = self
                .held
                .iter()
                .position(|(held, wait)| *held == duration && !wait.is_closed())
            {
                let (_, wait) = self.held.remove(at);
                // It may end by itself between the look and this.
                if wait.send(()).is_ok() {
                    return;
                }
                continue;
            }
            let wait = self.begun.recv_timeout(Duration::from_secs(20));
            self.held.push(
                wait.unwrap_or_else(|_| panic!("nobody waits {duration:?}; {:?}", self.lengths())),
            );
        }
    }

    fn lengths(&self) -> Vec<Duration> {
        self.held.iter().map(|(duration, _)| *duration).collect()
    }
}
