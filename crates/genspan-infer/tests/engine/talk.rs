//! Calls as a program makes them, in few words.

use genspan::{
    Inference, Message, Part, Provider, Role, SpanContext, SpanId, Timestamp, ToolCallRequest,
    ToolCallResponse, ToolDefinition, TraceId, Value,
};
use genspan_infer::{Act, Call, Engine, Limits, Session};

/// One call that has ended.
#[derive(Clone, Debug)]
pub(crate) struct Ended {
    pub(crate) client: u64,
    pub(crate) session: Option<Session>,
    pub(crate) span: u64,
    pub(crate) seconds: (u64, u64),
    pub(crate) record: Inference,
    pub(crate) is_answered: bool,
}

pub(crate) fn user(text: &str) -> Message {
    Message::text(Role::User, text)
}

pub(crate) fn assistant(text: &str) -> Message {
    Message::text(Role::Assistant, text)
}

/// What a model says that asks for tools: id, name, arguments.
pub(crate) fn wants(calls: &[(&str, &str, &str)]) -> Message {
    let part = |(id, name, arguments): &(&str, &str, &str)| {
        Part::ToolCallRequest(ToolCallRequest {
            id: (!id.is_empty()).then(|| (*id).to_owned()),
            name: (*name).to_owned(),
            arguments: Value::from_json(arguments).unwrap(),
        })
    };
    Message::new(Role::Assistant, calls.iter().map(part).collect())
}

/// What a program says that ran tools: id, result.
pub(crate) fn results(results: &[(&str, &str)]) -> Message {
    let part = |(id, result): &(&str, &str)| {
        Part::ToolCallResponse(ToolCallResponse {
            id: (!id.is_empty()).then(|| (*id).to_owned()),
            response: Value::from_json_or_text(result),
        })
    };
    Message::new(Role::Tool, results.iter().map(part).collect())
}

/// A call whose span has this number, from second to second.
pub(crate) fn ended(span: u64, seconds: (u64, u64), input: &[Message], output: Message) -> Ended {
    let mut record = Inference::chat(Provider::OPENAI, "m");
    record.content.input = input.to_vec();
    record.content.output = vec![output];
    Ended {
        client: 1,
        session: None,
        span,
        seconds,
        record,
        is_answered: true,
    }
}

impl Ended {
    pub(crate) fn of_client(mut self, client: u64) -> Self {
        self.client = client;
        self
    }

    pub(crate) fn failed(mut self) -> Self {
        self.record.content.output.clear();
        self.is_answered = false;
        self
    }

    pub(crate) fn in_session(mut self, id: &'static str, agent: &'static str) -> Self {
        self.session = Session::from_headers(|name| match name {
            "x-claude-code-session-id" => Some(id),
            "x-claude-code-agent-id" => Some(agent),
            _ => None,
        });
        self
    }

    pub(crate) fn answered_as(mut self, id: &str, before: Option<&str>) -> Self {
        self.record.response.id = Some(id.to_owned());
        self.record.request.previous_response_id = before.map(str::to_owned);
        self
    }

    pub(crate) fn offering(mut self, tools: usize) -> Self {
        let tool = ToolDefinition {
            kind: "function".to_owned(),
            name: "t".to_owned(),
            description: None,
            parameters: None,
        };
        self.record.content.tools = vec![tool; tools];
        self
    }

    fn context(&self) -> SpanContext {
        SpanContext {
            trace_id: TraceId(u128::from(self.span).to_be_bytes()),
            span_id: SpanId(self.span.to_be_bytes()),
            sampled: true,
            trace_state: String::new(),
        }
    }
}

pub(crate) fn at(second: u64) -> Timestamp {
    Timestamp::from_unix_nanos((1_000 + second) * 1_000_000_000)
}

/// An engine, and what it said so far.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) engine: Engine,
    pub(crate) acts: Vec<Act>,
}

impl Told {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            engine: Engine::new(limits),
            acts: Vec::new(),
        }
    }

    pub(crate) fn tell(&mut self, ended: &Ended) {
        let acts = self.engine.finished(&Call {
            client: ended.client,
            session: ended.session.as_ref(),
            context: &ended.context(),
            started: at(ended.seconds.0),
            ended: at(ended.seconds.1),
            record: &ended.record,
            is_answered: ended.is_answered,
            keeps_content: true,
            weight: 1024,
        });
        self.acts.extend(acts);
    }

    pub(crate) fn wait_until(&mut self, second: u64) {
        let acts = self.engine.expire(at(second));
        self.acts.extend(acts);
    }

    pub(crate) fn end(&mut self) {
        let acts = self.engine.end_all();
        self.acts.extend(acts);
    }

    /// Tells all of them, and the end.
    pub(crate) fn all(limits: Limits, calls: &[Ended]) -> Self {
        let mut told = Self::new(limits);
        calls.iter().for_each(|call| told.tell(call));
        told.end();
        told
    }

    /// Draws what was said, agents and calls by name.
    pub(crate) fn drawn(&self) -> String {
        crate::draw::tree(&self.acts)
    }
}
