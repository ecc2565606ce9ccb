//! How long connections may go on.

use std::convert::Infallible;
use std::future::Future;
use std::time::Duration;

use hyper::rt::Executor;
use tokio::sync::{mpsc, watch};

/// What connections are asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// Go on.
    Open,
    /// End what was begun, and take nothing new.
    Draining,
    /// End at once.
    Over,
}

/// Held by everything that goes on beside the listener.
#[derive(Clone, Debug)]
pub(super) struct Life {
    stage: watch::Receiver<Stage>,
    _alive: mpsc::Sender<Infallible>,
}

impl Life {
    /// Waits for the next stage.
    pub(super) async fn next(&mut self) -> Stage {
        match self.stage.changed().await {
            Ok(()) => *self.stage.borrow_and_update(),
            Err(_) => Stage::Over,
        }
    }

    /// Waits for the end.
    pub(super) async fn over(mut self) {
        // The proxy that is dropped has told everything there was to tell.
        self.stage
            .wait_for(|stage| *stage == Stage::Over)
            .await
            .ok();
    }
}

/// Streams of HTTP/2 are tasks beside their connection's; they too have ended when the proxy has.
impl<F> Executor<F> for Life
where
    F: Future<Output: Send> + Send + 'static,
{
    fn execute(&self, task: F) {
        let life = self.clone();
        tokio::spawn(async move {
            tokio::select! {
                _ = task => {}
                () = life.over() => {}
            }
        });
    }
}

/// Held by the listener; dropped, it ends every [`Life`].
#[derive(Debug)]
pub(super) struct Lives {
    stage: watch::Sender<Stage>,
    life: Life,
    gone: mpsc::Receiver<Infallible>,
}

impl Lives {
    pub(super) fn new() -> Self {
        let (stage, watched) = watch::channel(Stage::Open);
        let (alive, gone) = mpsc::channel(1);
        Self {
            stage,
            life: Life {
                stage: watched,
                _alive: alive,
            },
            gone,
        }
    }

    pub(super) fn life(&self) -> Life {
        self.life.clone()
    }

    /// Lets what was begun end by itself for the given time, then cuts the rest; true where there was none.
    pub(super) async fn end(self, grace: Duration) -> bool {
        let Self {
            stage,
            life,
            mut gone,
        } = self;
        drop(life);
        stage.send_replace(Stage::Draining);
        let ended = tokio::time::timeout(grace, gone.recv()).await.is_ok();
        stage.send_replace(Stage::Over);
        if !ended {
            gone.recv().await;
        }
        ended
    }
}
