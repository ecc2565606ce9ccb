//! Two views of one operation made one.

use super::{Common, Content, Embeddings, Inference, Record, Request, Response, ToolExecution};
use crate::{Usage, Value};

impl Record {
    /// Tells whether `other`, begun within this one, is the same call as seen from further in.
    pub(super) fn is_same_operation(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Inference(_), Self::Inference(_))
            | (Self::Embeddings(_), Self::Embeddings(_)) => true,
            // A tool may well call itself; only the provider's id of the call tells.
            (Self::ToolExecution(own), Self::ToolExecution(other)) => {
                own.call_id.is_some() && own.call_id == other.call_id
            }
            _ => false,
        }
    }

    /// Takes from another view of the same operation what this one does not state.
    pub(crate) fn fill(&mut self, other: Self) {
        match (self, other) {
            (Self::Inference(own), Self::Inference(other)) => own.fill(*other),
            (Self::Embeddings(own), Self::Embeddings(other)) => own.fill(*other),
            (Self::ToolExecution(own), Self::ToolExecution(other)) => own.fill(*other),
            _ => {}
        }
    }
}

/// Takes `other` where there is nothing.
fn option<T>(own: &mut Option<T>, other: Option<T>) {
    if own.is_none() {
        *own = other;
    }
}

/// Takes `other` where the list is empty.
fn list<T>(own: &mut Vec<T>, other: Vec<T>) {
    if own.is_empty() {
        *own = other;
    }
}

fn value(own: &mut Value, other: Value) {
    if *own == Value::default() {
        *own = other;
    }
}

fn usage(own: &mut Usage, other: Usage) {
    if *own == Usage::default() {
        *own = other;
    }
}

impl Inference {
    fn fill(&mut self, other: Self) {
        option(&mut self.server, other.server);
        self.request.fill(other.request);
        self.response.fill(other.response);
        usage(&mut self.usage, other.usage);
        option(&mut self.cost, other.cost);
        self.content.fill(other.content);
        if self.timing.first_chunk().is_none() {
            self.timing = other.timing;
        }
        self.attempts = self.attempts.max(other.attempts);
        self.common.fill(other.common);
    }
}

impl Request {
    fn fill(&mut self, other: Self) {
        option(&mut self.model, other.model);
        self.stream |= other.stream;
        option(&mut self.max_tokens, other.max_tokens);
        option(&mut self.temperature, other.temperature);
        option(&mut self.top_p, other.top_p);
        option(&mut self.top_k, other.top_k);
        option(&mut self.frequency_penalty, other.frequency_penalty);
        option(&mut self.presence_penalty, other.presence_penalty);
        list(&mut self.stop_sequences, other.stop_sequences);
        option(&mut self.seed, other.seed);
        option(&mut self.choice_count, other.choice_count);
        option(&mut self.output_type, other.output_type);
        option(&mut self.reasoning_level, other.reasoning_level);
        option(&mut self.previous_response_id, other.previous_response_id);
    }
}

impl Response {
    fn fill(&mut self, other: Self) {
        option(&mut self.id, other.id);
        option(&mut self.model, other.model);
        list(&mut self.finish_reasons, other.finish_reasons);
        option(&mut self.api_type, other.api_type);
        option(
            &mut self.requested_service_tier,
            other.requested_service_tier,
        );
        option(&mut self.service_tier, other.service_tier);
        option(&mut self.system_fingerprint, other.system_fingerprint);
        self.is_compacted |= other.is_compacted;
        option(&mut self.guardrail_id, other.guardrail_id);
    }
}

impl Embeddings {
    fn fill(&mut self, other: Self) {
        option(&mut self.server, other.server);
        option(&mut self.model, other.model);
        option(&mut self.response_model, other.response_model);
        option(&mut self.dimension_count, other.dimension_count);
        list(&mut self.encoding_formats, other.encoding_formats);
        usage(&mut self.usage, other.usage);
        option(&mut self.cost, other.cost);
        self.common.fill(other.common);
    }
}

impl ToolExecution {
    fn fill(&mut self, other: Self) {
        option(&mut self.tool_type, other.tool_type);
        option(&mut self.description, other.description);
        option(&mut self.agent_name, other.agent_name);
        value(&mut self.arguments, other.arguments);
        value(&mut self.result, other.result);
        self.common.fill(other.common);
    }
}

impl Content {
    fn fill(&mut self, other: Self) {
        list(&mut self.system_instructions, other.system_instructions);
        list(&mut self.input, other.input);
        list(&mut self.output, other.output);
        list(&mut self.tools, other.tools);
    }
}

impl Common {
    fn fill(&mut self, other: Self) {
        option(&mut self.conversation_id, other.conversation_id);
        for (key, value) in other.attributes {
            if self.attributes.iter().all(|(known, _)| *known != key) {
                self.attributes.push((key, value));
            }
        }
        self.events.extend(other.events);
        self.links.extend(other.links);
        self.diagnostics.extend(other.diagnostics);
    }
}
