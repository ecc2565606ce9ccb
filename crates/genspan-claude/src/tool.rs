//! One run of a tool, from its request to its result.

use genspan::{Failure, Open, Outcome, Scope, SpanContext, ToolExecution, Value};

use crate::{
    book::Book,
    fields::Fields,
    moment::{Moment, mark},
};

/// Holds a tool that runs.
#[derive(Debug)]
pub(crate) struct Tool {
    pub(crate) id: String,
    /// The call of a tool whose sub-agent runs this one; `None` for the main agent.
    pub(crate) agent: Option<String>,
    open: Open,
    record: ToolExecution,
    pub(crate) started: Moment,
    /// The kind of sub-agent that it starts, where its arguments say so.
    pub(crate) sub_agent: Option<String>,
}

/// Holds a tool that has failed, until it is known whether it was denied.
#[derive(Debug)]
pub(crate) struct Failed {
    pub(crate) tool: Tool,
    at: Moment,
    message: Option<String>,
}

/// What is known when a tool is asked for.
pub(crate) struct Asked<'a> {
    pub(crate) id: &'a str,
    pub(crate) block: &'a Value,
    pub(crate) agent: Option<&'a str>,
    pub(crate) agent_name: Option<String>,
    pub(crate) conversation: Option<String>,
    pub(crate) by: Option<SpanContext>,
    pub(crate) now: Moment,
    pub(crate) wants_content: bool,
}

impl Tool {
    pub(crate) fn begin(asked: Asked<'_>, scope: &Scope, book: &mut Book) -> Self {
        let name = asked.block.id("name").unwrap_or("unknown");
        let mut record = ToolExecution::new(name);
        record.tool_type = Some(book.options.tool_type(name));
        record.call_id = Some(asked.id.to_owned());
        record.agent_name = asked.agent_name;
        record.common.conversation_id = asked.conversation;
        let mut options = book.start(asked.now.at, "tool", Some(asked.id));
        options.links.extend(asked.by);
        let outline = genspan::Record::ToolExecution(Box::new(record.clone()));
        let open = book.open(scope, outline, options);
        book.tally.tools += 1;
        let input = asked.block.member("input");
        if asked.wants_content {
            record.arguments = input.cloned().unwrap_or_default();
        }
        Self {
            id: asked.id.to_owned(),
            agent: asked.agent.map(str::to_owned),
            open,
            sub_agent: is_delegation(name)
                .then(|| input.and_then(|input| input.owned_id("subagent_type")))
                .flatten(),
            record,
            started: asked.now,
        }
    }

    /// Tells whether the tool hands a task to a sub-agent.
    pub(crate) fn is_delegation(&self) -> bool {
        is_delegation(&self.record.name)
    }

    pub(crate) fn scope(&self) -> Scope {
        self.open.scope()
    }

    pub(crate) fn result(&mut self, result: Value) {
        self.record.result = result;
    }

    /// Holds it back as failed.
    pub(crate) const fn failed(self, at: Moment, message: Option<String>) -> Failed {
        Failed {
            tool: self,
            at,
            message,
        }
    }

    pub(crate) fn end(mut self, outcome: Outcome, now: Moment) {
        mark(
            &mut self.record.common,
            self.started.is_derived,
            now.is_derived,
        );
        let at = now.max(self.started).at;
        let record = genspan::Record::ToolExecution(Box::new(self.record));
        self.open.close_at(record, outcome, at);
    }
}

impl Failed {
    /// Ends it: as denied, where the user or a rule did not let it run.
    pub(crate) fn end(self, is_denied: bool) {
        let error_type = if is_denied {
            crate::failure::denied()
        } else {
            genspan::ErrorType::ToolError
        };
        let failure = Failure {
            message: self.message,
            ..Failure::new(error_type)
        };
        self.tool.end(Outcome::Failed(failure), self.at);
    }
}

/// Names the tools that start sub-agents: `Agent` now, `Task` in earlier versions.
fn is_delegation(name: &str) -> bool {
    matches!(name, "Agent" | "Task")
}
