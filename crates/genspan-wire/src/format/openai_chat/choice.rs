//! One of the answers a model gave.

use genspan::{Message, Role};

use super::message::Said;
use crate::format::Progress;

/// Gathers one choice, whole or from its pieces.
#[derive(Clone, Debug, Default)]
pub(super) struct Choice {
    pub(super) said: Said,
    /// In the provider's own words.
    pub(super) finish_reason: Option<String>,
}

impl Choice {
    pub(super) fn into_message(self, progress: &Progress) -> Message {
        let role = self
            .said
            .role
            .as_deref()
            .map_or(Role::Assistant, Role::from);
        let mut message = Message::new(role, self.said.into_parts());
        message.finish_reason = progress.reason(self.finish_reason.as_deref());
        message
    }
}
