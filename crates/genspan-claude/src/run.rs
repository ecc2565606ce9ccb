//! One run of the main agent, with its tools and sub-agents.

mod parts;
mod result;
mod told;

use genspan::{AgentInvocation, Failure, Outcome, Scope};

use crate::{
    agent::Agent,
    book::Book,
    moment::Moment,
    tool::{Failed, Tool},
};

/// Holds a run from its first message to its result.
#[derive(Debug)]
pub(crate) struct Run {
    main: Agent,
    /// Sub-agents by the call of the tool that started them, in the order in which they began.
    subs: Vec<(String, Agent)>,
    tools: Vec<Tool>,
    /// Tools that failed and may turn out to have been denied.
    failed: Vec<Failed>,
    denied: Vec<String>,
    /// The last error that was told.
    error: Option<Failure>,
    /// The conversation's id, as the CLI names it.
    pub(crate) session_id: Option<String>,
}

impl Run {
    /// Bounds what is open at once; beyond it the oldest ends as cancelled.
    const MAX_OPEN: usize = 128;
    const MAX_FAILED: usize = 64;
    const MAX_DENIED: usize = 256;

    pub(crate) fn begin(
        record: AgentInvocation,
        started: Moment,
        scope: &Scope,
        book: &mut Book,
    ) -> Self {
        let session_id = record.common.conversation_id.clone();
        let main = Agent::begin(record, started, scope, None, book);
        book.tally.runs += 1;
        Self {
            main,
            subs: Vec::new(),
            tools: Vec::new(),
            failed: Vec::new(),
            denied: Vec::new(),
            error: None,
            session_id,
        }
    }

    pub(crate) const fn main(&mut self) -> &mut Agent {
        &mut self.main
    }

    /// Gives the scope of an agent that runs, by the call of the tool that started it.
    pub(crate) fn scope_of(&self, parent: Option<&str>) -> Option<&Scope> {
        match parent {
            None => Some(self.main.scope()),
            Some(parent) => {
                let sub = self.subs.iter().find(|(id, _)| id == parent);
                sub.map(|(_, agent)| agent.scope())
            }
        }
    }

    /// Tells whether anything is still to be answered.
    pub(crate) fn is_waiting(&self) -> bool {
        !self.tools.is_empty()
    }

    /// Gives the last error that was told.
    pub(crate) const fn error(&self) -> Option<&Failure> {
        self.error.as_ref()
    }

    /// Ends all that is under way, and the main agent last.
    pub(crate) fn end(mut self, outcome: Outcome, now: Moment, book: &mut Book) {
        let rest = match &outcome {
            Outcome::Completed => Outcome::Cancelled,
            other => other.clone(),
        };
        self.main.close_chat(&rest, book);
        while let Some(tool) = self.tools.pop() {
            self.end_tool(tool, Outcome::Cancelled, now, book);
        }
        while let Some((_, sub)) = self.subs.pop() {
            // What worked in the background, is done as far as anyone can tell.
            let is_done = outcome == Outcome::Completed;
            let outcome = if is_done {
                Outcome::Completed
            } else {
                Outcome::Cancelled
            };
            sub.end(outcome, now, book);
        }
        self.settle_failed();
        if outcome == Outcome::Completed {
            self.main.conclude();
        }
        self.main.end(outcome, now, book);
    }

    /// Ends a tool, and before it the sub-agent that works for it.
    fn end_tool(&mut self, tool: Tool, outcome: Outcome, now: Moment, book: &mut Book) {
        self.end_sub(&tool.id, Outcome::Cancelled, now, book);
        tool.end(outcome, now);
    }

    /// Ends a sub-agent, and before it the tools that it runs.
    fn end_sub(&mut self, id: &str, outcome: Outcome, now: Moment, book: &mut Book) {
        let Some(at) = self.subs.iter().position(|(known, _)| known == id) else {
            return;
        };
        let (_, mut sub) = self.subs.remove(at);
        sub.close_chat(&outcome, book);
        while let Some(at) = self
            .tools
            .iter()
            .position(|tool| tool.agent.as_deref() == Some(id))
        {
            let tool = self.tools.remove(at);
            self.end_tool(tool, Outcome::Cancelled, now, book);
        }
        sub.end(outcome, now, book);
    }

    /// Ends the tools that failed, now that nothing more will be said of them.
    fn settle_failed(&mut self) {
        for failed in std::mem::take(&mut self.failed) {
            let is_denied = self.denied.contains(&failed.tool.id);
            failed.end(is_denied);
        }
    }
}
