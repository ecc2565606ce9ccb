//! Two views of one operation made one.

use super::{
    AgentInvocation, AgentSite, Common, Content, Embeddings, Inference, McpOperation, Record,
    Request, Response, ResponseFetch, ToolExecution,
};
use crate::{Provider, Usage, Value};

impl Record {
    /// Tells whether `other`, begun within this one, is the same call as seen from further in.
    pub(super) fn is_same_operation(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Inference(_), Self::Inference(_))
            | (Self::Embeddings(_), Self::Embeddings(_)) => true,
            (Self::ResponseFetch(own), Self::ResponseFetch(other)) => {
                own.response_id == other.response_id
            }
            // A tool may well call itself; only the provider's id of the call tells.
            (Self::ToolExecution(own), Self::ToolExecution(other)) => {
                own.call_id.is_some() && own.call_id == other.call_id
            }
            (Self::ToolExecution(own), Self::Mcp(other)) => other.calls_tool(&own.name),
            _ => false,
        }
    }

    /// Takes from another view of the same operation what this one does not state.
    pub(crate) fn fill(&mut self, other: Self) {
        match (self, other) {
            (Self::Inference(own), Self::Inference(other)) => own.fill(*other),
            (Self::Embeddings(own), Self::Embeddings(other)) => own.fill(*other),
            (Self::ResponseFetch(own), Self::ResponseFetch(other)) => own.fill(*other),
            (Self::ToolExecution(own), Self::ToolExecution(other)) => own.fill(*other),
            (Self::ToolExecution(own), Self::Mcp(other)) => own.fill_with_request(*other),
            (Self::AgentInvocation(own), Self::AgentInvocation(other)) => own.fill(*other),
            _ => {}
        }
    }

    /// Takes all that another view of the same operation states, and keeps the rest.
    ///
    /// What the span began with stays: its name, whom it speaks to and what for.
    pub(crate) fn yield_to(&mut self, mut other: Self) {
        match (&*self, &mut other) {
            (Self::Inference(own), Self::Inference(other)) => {
                other.kind = own.kind;
                if !own.provider.as_str().is_empty() {
                    other.provider.clone_from(&own.provider);
                }
                keep(&mut other.server, &own.server);
                keep(&mut other.request.model, &own.request.model);
            }
            (Self::Embeddings(own), Self::Embeddings(other)) => {
                if !own.provider.as_str().is_empty() {
                    other.provider.clone_from(&own.provider);
                }
                keep(&mut other.server, &own.server);
                keep(&mut other.model, &own.model);
            }
            (Self::ToolExecution(own), Self::ToolExecution(other)) => {
                keep(&mut other.call_id, &own.call_id);
                if !own.name.is_empty() {
                    other.name.clone_from(&own.name);
                }
            }
            (Self::AgentInvocation(own), Self::AgentInvocation(other)) => {
                keep(&mut other.name, &own.name);
                keep(&mut other.request.model, &own.request.model);
            }
            _ => return,
        }
        let told = std::mem::replace(self, other);
        self.fill(told);
    }
}

/// Keeps what is stated.
fn keep<T: Clone>(other: &mut Option<T>, own: &Option<T>) {
    if own.is_some() {
        other.clone_from(own);
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

/// Takes `other` where it is not known who it is.
fn provider(own: &mut Provider, other: Provider) {
    if own.as_str().is_empty() {
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
        provider(&mut self.provider, other.provider);
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
        provider(&mut self.provider, other.provider);
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

impl ResponseFetch {
    fn fill(&mut self, other: Self) {
        option(&mut self.server, other.server);
        option(&mut self.stream_cursor, other.stream_cursor);
        option(&mut self.response_model, other.response_model);
        option(&mut self.status, other.status);
        option(&mut self.service_tier, other.service_tier);
        list(&mut self.finish_reasons, other.finish_reasons);
        self.content.fill(other.content);
        self.common.fill(other.common);
    }
}

impl ToolExecution {
    fn fill(&mut self, other: Self) {
        if self.name.is_empty() {
            self.name = other.name;
        }
        option(&mut self.call_id, other.call_id);
        option(&mut self.tool_type, other.tool_type);
        option(&mut self.description, other.description);
        option(&mut self.agent_name, other.agent_name);
        value(&mut self.arguments, other.arguments);
        value(&mut self.result, other.result);
        option(&mut self.mcp, other.mcp);
        self.common.fill(other.common);
    }

    /// Takes what is known of the request that ran the tool; what was said is told once.
    fn fill_with_request(&mut self, request: McpOperation) {
        option(&mut self.mcp, Some(Box::new(request.without_content())));
        value(&mut self.arguments, request.arguments);
        value(&mut self.result, request.result);
        self.common.fill(request.common);
    }
}

impl AgentInvocation {
    fn fill(&mut self, other: Self) {
        if let (
            AgentSite::InProcess { provider },
            AgentSite::InProcess {
                provider: other, ..
            },
        ) = (&mut self.site, other.site)
        {
            option(provider, other);
        }
        option(&mut self.name, other.name);
        option(&mut self.id, other.id);
        option(&mut self.description, other.description);
        option(&mut self.version, other.version);
        option(&mut self.data_source_id, other.data_source_id);
        self.request.fill(other.request);
        list(&mut self.finish_reasons, other.finish_reasons);
        usage(&mut self.usage, other.usage);
        option(&mut self.cost, other.cost);
        option(&mut self.unpriced_calls, other.unpriced_calls);
        option(&mut self.inference_calls, other.inference_calls);
        option(&mut self.tool_calls, other.tool_calls);
        self.content.fill(other.content);
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
