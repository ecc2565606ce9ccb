//! A store within the program itself.

use std::{error::Error, fmt, path::PathBuf, sync::Arc};

use crate::{HttpEndpoint, Request};

/// Names a store on this machine that the program itself writes, through a [`Keeper`].
#[derive(Clone, Debug)]
pub struct StoreEndpoint {
    /// The store's file; the program's own choice where it is `None`.
    pub path: Option<PathBuf>,
    keeper: Option<Arc<dyn Keeper>>,
}

impl StoreEndpoint {
    /// Names a store; telemetry can go there once there is [a keeper](Self::with_keeper).
    #[must_use]
    pub const fn new(path: Option<PathBuf>) -> Self {
        Self { path, keeper: None }
    }

    /// Has telemetry kept by `keeper`.
    #[must_use]
    pub fn with_keeper(mut self, keeper: Arc<dyn Keeper>) -> Self {
        self.keeper = Some(keeper);
        self
    }

    pub(crate) const fn keeper(&self) -> Option<&Arc<dyn Keeper>> {
        self.keeper.as_ref()
    }
}

impl PartialEq for StoreEndpoint {
    fn eq(&self, other: &Self) -> bool {
        let is_same = match (&self.keeper, &other.keeper) {
            (Some(one), Some(other)) => Arc::ptr_eq(one, other),
            (None, None) => true,
            _ => false,
        };
        is_same && self.path == other.path
    }
}

impl fmt::Display for StoreEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.path {
            Some(path) => write!(f, "store:{}", path.display()),
            None => f.write_str("store"),
        }
    }
}

/// Says why something was not kept.
pub type KeeperError = Box<dyn Error + Send + Sync>;

/// Keeps telemetry within the program, such as in a database.
///
/// [`keep`](Self::keep) and [`rest`](Self::rest) are called one at a time, on threads that they may block.
pub trait Keeper: fmt::Debug + Send + Sync {
    /// Finds the server that has the same store, which is handed the request in the keeper's place; asked before each.
    ///
    /// Where the server does not take it, the keeper is to keep it after all.
    fn server(&self) -> Option<HttpEndpoint> {
        None
    }

    /// Keeps a request, and returns once it is safe; gives how many of its items can never be kept.
    ///
    /// # Errors
    ///
    /// Where nothing of it was kept; it then waits in the spool, and is tried again.
    fn keep(&self, request: &Request) -> Result<u64, KeeperError>;

    /// Finishes what is left to do and lets go of the store; called at each flush, and at the end.
    ///
    /// # Errors
    ///
    /// Where something is left undone; what was kept is safe all the same.
    fn rest(&self) -> Result<(), KeeperError> {
        Ok(())
    }
}
