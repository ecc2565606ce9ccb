//! Sub-agents and tools of a run, as they come and go.

use genspan::{AgentInvocation, Message, Outcome, Part, Role, SpanContext, Value};
use genspan_wire::anthropic;

use super::Run;
use crate::{
    agent::Agent,
    book::{Book, Early},
    fields::Fields,
    moment::Moment,
    tool::{Asked, Tool},
};

impl Run {
    /// Gives the agent that a message is of: the main one, or the sub-agent that a call of a tool started.
    pub(super) fn agent(
        &mut self,
        parent: Option<&str>,
        line: &Value,
        now: Moment,
        book: &mut Book,
    ) -> &mut Agent {
        let Some(parent) = parent else {
            return &mut self.main;
        };
        if !self.subs.iter().any(|(id, _)| id == parent) {
            self.begin_sub(parent, line.owned_id("subagent_type"), now, book);
        }
        let sub = self.subs.iter_mut().find(|(id, _)| id == parent);
        match sub {
            Some((_, agent)) => agent,
            None => &mut self.main,
        }
    }

    /// Begins a sub-agent under the tool that starts it, or under the main agent where that is not known.
    pub(super) fn begin_sub(
        &mut self,
        id: &str,
        name: Option<String>,
        now: Moment,
        book: &mut Book,
    ) {
        if self.subs.iter().any(|(known, _)| known == id) {
            return;
        }
        if self.subs.len() >= Self::MAX_OPEN
            && let Some((oldest, _)) = self.subs.first()
        {
            let oldest = oldest.clone();
            self.end_sub(&oldest, Outcome::Cancelled, now, book);
        }
        let agent = match book.agents.get(id).cloned() {
            Some(span) => Agent::ended(span, now, book),
            None => self.new_sub(id, name, now, book),
        };
        self.subs.push((id.to_owned(), agent));
    }

    fn new_sub(&self, id: &str, name: Option<String>, now: Moment, book: &mut Book) -> Agent {
        let tool = self.tools.iter().find(|tool| tool.id == id);
        let mut record = AgentInvocation::at(genspan::AgentSite::InProcess {
            provider: Some(book.options.provider.clone()),
        });
        record.name = name.or_else(|| tool.and_then(|tool| tool.sub_agent.clone()));
        record.common.conversation_id = self.main.record.common.conversation_id.clone();
        let scope = tool.map_or_else(|| self.main.scope().clone(), Tool::scope);
        let agent = Agent::begin(record, now, &scope, Some(id), book);
        book.tally.sub_agents += 1;
        if let Some(span) = agent.context() {
            book.agents.insert(id, span.clone());
        }
        agent
    }

    /// Begins a tool that an answer asks for, unless it is known already.
    pub(super) fn begin_tool(
        &mut self,
        block: &Value,
        parent: Option<&str>,
        by: Option<SpanContext>,
        now: Moment,
        book: &mut Book,
    ) {
        let Some(id) = block.id("id") else { return };
        if !book.tools.insert(id, ()) {
            return;
        }
        if self.tools.len() >= Self::MAX_OPEN {
            let oldest = self.tools.remove(0);
            self.end_tool(oldest, Outcome::Cancelled, now, book);
        }
        let sub = parent.and_then(|parent| self.subs.iter().find(|(id, _)| id == parent));
        let agent = sub.map_or(&self.main, |(_, agent)| agent);
        let asked = Asked {
            id,
            block,
            agent: sub.map(|(id, _)| id.as_str()),
            agent_name: agent.record.name.clone(),
            conversation: self.main.record.common.conversation_id.clone(),
            by,
            now,
            wants_content: agent.wants_input(book),
        };
        let tool = Tool::begin(asked, agent.scope(), book);
        self.tools.push(tool);
        if let Some(early) = book.early.take(id) {
            self.answer(id, &early.into_result(), None, now, book);
        }
    }

    /// Ends the tool that a result is of.
    pub(super) fn answer(
        &mut self,
        id: &str,
        block: &Value,
        told: Option<&Value>,
        now: Moment,
        book: &mut Book,
    ) {
        if !self.tools.iter().any(|tool| tool.id == id) {
            if !book.tools.contains(id) {
                let is_error = block.flag("is_error").unwrap_or_default();
                book.early.insert(id, Early { is_error });
            }
            // The sub-agent is known all the same.
            self.end_sub(id, Outcome::Completed, now, book);
            return;
        }
        let is_error = block.flag("is_error").unwrap_or_default();
        let is_launched = told.and_then(|told| told.text("status")) == Some("async_launched");
        if !is_launched {
            self.answer_sub(id, is_error, told, now, book);
        }
        let Some(at) = self.tools.iter().position(|tool| tool.id == id) else {
            return;
        };
        let mut tool = self.tools.remove(at);
        let wants_content = self.main.wants_input(book);
        if wants_content && let Some(content) = block.member("content") {
            tool.result(content.clone());
        }
        if !is_error {
            tool.end(Outcome::Completed, now);
            return;
        }
        let message = block.member("content").map(text_of);
        if self.failed.len() >= Self::MAX_FAILED {
            let oldest = self.failed.remove(0);
            let is_denied = self.denied.contains(&oldest.tool.id);
            oldest.end(is_denied);
        }
        self.failed.push(tool.failed(now, message));
    }

    /// Ends the tools of an agent that have no result although the agent went on: it did not reach us.
    pub(super) fn settle_tools(&mut self, parent: Option<&str>, now: Moment, book: &mut Book) {
        let is_own = |tool: &Tool| tool.agent.as_deref() == parent;
        while let Some(at) = self.tools.iter().position(is_own) {
            let tool = self.tools.remove(at);
            let sub = tool.id.clone();
            self.end_sub(&sub, Outcome::Completed, now, book);
            tool.end(Outcome::Completed, Moment::derived(now.at));
        }
    }

    /// Ends the sub-agent whose report is the result of a tool.
    fn answer_sub(
        &mut self,
        id: &str,
        is_error: bool,
        told: Option<&Value>,
        now: Moment,
        book: &mut Book,
    ) {
        let Some(tool) = self.tools.iter().find(|tool| tool.id == id) else {
            return;
        };
        let is_known = self.subs.iter().any(|(known, _)| known == id);
        if !is_known && (is_error || !tool.is_delegation()) {
            return;
        }
        if !is_known {
            let (started, name) = (
                tool.started,
                told.and_then(|told| told.owned_id("agentType")),
            );
            self.begin_sub(id, name, started, book);
        }
        let Some((_, sub)) = self.subs.iter_mut().find(|(known, _)| known == id) else {
            return;
        };
        if let Some(told) = told {
            report(sub, told, book);
        }
        let outcome = if is_error {
            Outcome::Failed(genspan::ErrorType::Other("agent_error".into()).into())
        } else {
            Outcome::Completed
        };
        self.end_sub(id, outcome, now, book);
    }

    /// Notes that a tool was not let run.
    pub(super) fn deny(&mut self, id: &str) {
        if self.denied.len() < Self::MAX_DENIED && !self.denied.iter().any(|known| known == id) {
            self.denied.push(id.to_owned());
        }
    }
}

/// Takes what a sub-agent's report says of its run.
fn report(sub: &mut Agent, told: &Value, book: &Book) {
    let tools = told.count("totalToolUseCount");
    if let Some(model) = told.owned_id("resolvedModel")
        && sub.record.request.model.is_none()
    {
        sub.record.request.model = Some(model);
    }
    // Its own calls are told better by their messages, where there are any.
    if sub.calls() == 0 && sub.chat().is_none() {
        sub.record.tool_calls = sub.record.tool_calls.or(tools);
        // The report states the tokens of the last call; that is all of them where no tool asked for another.
        if tools == Some(0)
            && let Some(usage) = told.member("usage")
        {
            let mut tokens = anthropic::Tokens::default();
            tokens.read(usage);
            sub.record.usage = tokens.usage().0;
        }
    }
    if sub.wants_output(book)
        && sub.record.content.output.is_empty()
        && let Some(content) = told.member("content")
    {
        let parts = anthropic::parts(content.clone());
        if !parts.is_empty() {
            sub.record.content.output = vec![Message::new(Role::Assistant, parts)];
        }
    }
}

/// Gives the text of a result, for the message of an error.
fn text_of(content: &Value) -> String {
    let texts = anthropic::parts(content.clone());
    let texts: Vec<String> = texts
        .into_iter()
        .filter_map(|part| match part {
            Part::Text(text) => Some(text),
            _ => None,
        })
        .collect();
    texts.join("\n")
}
