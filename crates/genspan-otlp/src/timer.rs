//! Waiting, from one place.

use std::{fmt, pin::Pin, time::Duration};

/// Holds a wait that is under way.
pub type Sleep = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Waits; tests bring their own and decide when time passes.
pub trait Timer: fmt::Debug + Send + Sync {
    /// Begins to wait.
    fn sleep(&self, duration: Duration) -> Sleep;
}

/// Waits in real time.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemTimer;

impl Timer for SystemTimer {
    fn sleep(&self, duration: Duration) -> Sleep {
        Box::pin(tokio::time::sleep(duration))
    }
}
