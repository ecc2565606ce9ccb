//! The conversation that an operation is of by its own record, which its owner holds while it is under way.

use super::Cell;

impl Cell {
    /// Notes of which conversation its owner says that it is, for those who find it by its span.
    pub(in crate::telemetry) fn state_conversation(&self, id: Option<&str>) {
        let mut state = self.lock();
        if state.conversation_id.as_deref() != id {
            state.conversation_id = id.map(str::to_owned);
        }
    }

    /// Gives the conversation that it was said to be of, by its owner or by the one further out.
    pub(in crate::telemetry) fn stated_conversation(&self) -> Option<String> {
        let own = self.lock().conversation_id.clone();
        own.or_else(|| self.outer.as_ref()?.stated_conversation())
    }
}
