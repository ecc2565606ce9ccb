//! What messages say of the calls and tools of a run.

use std::time::Duration;

use genspan::{Message, Outcome, Part, Role, Value};
use genspan_wire::anthropic;

use super::Run;
use crate::{blocks, book::Book, events, failure, fields::Fields, moment::Moment};

/// The model of messages that the CLI writes itself, in place of an answer.
const SYNTHETIC: &str = "<synthetic>";

impl Run {
    /// Takes a message of the model, or a piece of one.
    pub(crate) fn assistant(
        &mut self,
        line: &Value,
        parent: Option<&str>,
        now: Moment,
        book: &mut Book,
    ) {
        self.error = failure::of_message(line).or(self.error.take());
        let Some(message) = line.member("message") else {
            return;
        };
        let agent = self.agent(parent, line, now, book);
        if message.text("model") == Some(SYNTHETIC) {
            agent.close_chat(&Outcome::Cancelled, book);
            agent.give_up(now, book);
            agent.boundary(now);
            return;
        }
        let id = message.id("id");
        let is_open = agent.chat().is_some_and(|chat| chat.is_of(id));
        let is_late = !is_open && id.is_some_and(|id| book.calls.contains(id));
        if !is_open && !is_late {
            self.settle_tools(parent, now, book);
        }
        let agent = self.agent(parent, line, now, book);
        let blocks = blocks::of(message);
        let by = if is_late {
            id.and_then(|id| book.calls.get(id)).cloned()
        } else {
            let wants_output = agent.wants_output(book);
            let chat = agent.call(id, message.owned_id("model"), None, now, book);
            chat.message(message, now);
            for block in &blocks {
                let is_known = blocks::asked_tool(block).is_some_and(|id| book.tools.contains(id));
                if !is_known {
                    chat.block(block, wants_output);
                }
            }
            Some(chat.context().clone())
        };
        // What went wrong before did not end the run.
        self.error = None;
        for block in &blocks {
            if blocks::asked_tool(block).is_some() {
                self.begin_tool(block, parent, by.clone(), now, book);
            }
        }
    }

    /// Takes a piece of an answer as its provider streams it.
    pub(crate) fn stream_event(
        &mut self,
        line: &Value,
        parent: Option<&str>,
        now: Moment,
        book: &mut Book,
    ) {
        let Some(event) = line.member("event") else {
            return;
        };
        let agent = self.agent(parent, line, now, book);
        let wants_output = agent.wants_output(book);
        match event.text("type").unwrap_or_default() {
            "message_start" => {
                let Some(message) = event.member("message") else {
                    return;
                };
                let id = message.id("id");
                let is_open = agent.chat().is_some_and(|chat| chat.is_of(id));
                if !is_open && id.is_some_and(|id| book.calls.contains(id)) {
                    return;
                }
                if !is_open {
                    self.settle_tools(parent, now, book);
                }
                let agent = self.agent(parent, line, now, book);
                let wait = line.count("ttft_ms").map(Duration::from_millis);
                let chat = agent.call(id, message.owned_id("model"), wait, now, book);
                chat.message(message, now);
                chat.stream(wait, now);
            }
            "error" => {
                if let Some(chat) = agent.chat_mut() {
                    chat.fail(failure::in_stream(event), now);
                }
            }
            "ping" => {}
            _ => {
                if let Some(chat) = agent.chat_mut() {
                    chat.piece(event, now, wants_output);
                }
            }
        }
    }

    /// Takes a message to the model: results of tools, or what was said to it.
    pub(crate) fn user(
        &mut self,
        line: &Value,
        parent: Option<&str>,
        now: Moment,
        book: &mut Book,
    ) {
        let Some(message) = line.member("message") else {
            return;
        };
        let agent = self.agent(parent, line, now, book);
        agent.close_chat(&Outcome::Cancelled, book);
        agent.boundary(now);
        if agent.wants_input(book)
            && let Some(content) = message.member("content")
        {
            let parts = anthropic::parts(content.clone());
            let is_prompt = !parts
                .iter()
                .any(|part| matches!(part, Part::ToolCallResponse(_)));
            let message = Message::new(Role::User, parts);
            if is_prompt && agent.record.content.input.is_empty() && agent.calls() == 0 {
                agent.record.content.input.push(message.clone());
            }
            agent.hear(message);
        }
        let told = line
            .member("tool_use_result")
            .or_else(|| line.member("toolUseResult"));
        for block in blocks::of(message) {
            if let Some(id) = blocks::answered_tool(&block) {
                self.answer(id, &block, told, now, book);
            }
        }
    }

    /// Takes what the CLI says of itself; tells whether it is known.
    pub(crate) fn system(&mut self, line: &Value, subtype: &str, now: Moment, book: &mut Book) {
        match subtype {
            "status" if line.text("status") == Some("requesting") => self.main.requests(now),
            "api_retry" => self.main.retry(line, now),
            "compact_boundary" => {
                let told = line
                    .member("compact_metadata")
                    .or_else(|| line.member("compactMetadata"));
                let event = events::compaction(told, now);
                events::note(&mut self.main.record.common, event);
                self.main.boundary(now);
            }
            "hook_response" => {
                let event = events::hook(line, now);
                events::note(&mut self.main.record.common, event);
            }
            "permission_denied" => {
                if let Some(id) = line.id("tool_use_id") {
                    self.deny(id);
                }
            }
            "task_started" => {
                let kind = line.text("task_type").unwrap_or_default();
                if let Some(id) = line.id("tool_use_id").filter(|_| kind.ends_with("agent")) {
                    self.begin_sub(id, line.owned_id("subagent_type"), now, book);
                }
            }
            "task_notification" => {
                if let Some(id) = line.id("tool_use_id") {
                    self.task_ended(id, line, now, book);
                }
            }
            _ => {}
        }
    }

    /// Ends a sub-agent that works in the background; the others end with the result of their tool.
    fn task_ended(&mut self, id: &str, line: &Value, now: Moment, book: &mut Book) {
        if self.tools.iter().any(|tool| tool.id == id) {
            return;
        }
        let outcome = match line.text("status") {
            Some("failed") => {
                Outcome::Failed(genspan::ErrorType::Other("agent_error".into()).into())
            }
            Some("stopped" | "killed") => Outcome::Cancelled,
            _ => Outcome::Completed,
        };
        self.end_sub(id, outcome, now, book);
    }
}
