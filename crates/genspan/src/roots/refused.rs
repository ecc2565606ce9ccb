//! A run that could not be kept.

use std::fmt;

use super::LiveRoots;
use crate::{Active, AgentInvocation};

/// Gives a run back that could not be kept, because its key is live or has ended.
///
/// Left to itself the run ends as discarded and is not counted.
#[derive(thiserror::Error)]
#[error("a run `{key}` is live, or has ended not long ago")]
pub struct StashError {
    key: String,
    root: Option<Active<AgentInvocation>>,
    roots: LiveRoots,
}

impl StashError {
    pub(super) fn refused(
        key: String,
        root: Active<AgentInvocation>,
        roots: &LiveRoots,
    ) -> Box<Self> {
        Box::new(Self {
            key,
            root: Some(root),
            roots: roots.clone(),
        })
    }

    /// Gives the key.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Gives the run, to be ended by the caller.
    pub fn into_root(mut self: Box<Self>) -> Active<AgentInvocation> {
        match self.root.take() {
            Some(root) => root,
            None => unreachable!("giving the run back consumes the error"),
        }
    }
}

impl Drop for StashError {
    fn drop(&mut self) {
        if let Some(root) = self.root.take() {
            self.roots.0.end_uncounted(root);
        }
    }
}

impl fmt::Debug for StashError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StashError")
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}
