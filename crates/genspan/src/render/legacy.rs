//! The message events of v1.36, which later versions replaced by attributes.

use super::{
    Context,
    content::{ContentWriter, Redacted, Shape},
};
use crate::{
    Attribute, Content, Conventions, Event, FinishReason, Message, Part, Record, Role, Severity,
    Timestamp, Value,
    semconv::{attribute as key, event},
};

/// Holds the message events of an operation.
#[derive(Default)]
pub(super) struct Told {
    /// What was said to the model, for the span: it was there from the start.
    pub(super) said_to: Vec<Event>,
    /// What the model answered, for the span.
    pub(super) said_by: Vec<Event>,
    /// Both, as log records.
    pub(super) logs: Vec<Event>,
}

/// Writes what was said as events: on the span where content stands on spans, as log records where it stands on events.
pub(super) fn messages(
    context: &Context<'_>,
    sampled: &[Attribute],
    content: &mut ContentWriter<'_>,
) -> Told {
    if context.version >= Conventions::V1_41 {
        return Told::default();
    }
    let capture = context.rendering.capture();
    let system = sampled.iter().find(|fact| fact.key == key::GEN_AI_SYSTEM);
    let mut teller = Teller {
        context,
        content,
        system,
    };
    let mut told = Told::default();
    if capture.inputs_on_span() {
        told.said_to = teller.said_to(Shape::Blocks);
    }
    if capture.outputs_on_span() {
        told.said_by = teller.said_by(Shape::Blocks);
    }
    if capture.inputs_on_event() {
        told.logs = teller.said_to(Shape::Body);
    }
    if capture.outputs_on_event() {
        told.logs.extend(teller.said_by(Shape::Body));
    }
    told
}

/// Tells messages one by one.
struct Teller<'a, 'w> {
    context: &'a Context<'a>,
    content: &'a mut ContentWriter<'w>,
    /// The provider, which every message event names.
    system: Option<&'a Attribute>,
}

/// Holds an event's members before they become attributes or a body.
type Members = Vec<(&'static str, Value)>;

impl Teller<'_, '_> {
    fn said_to(&mut self, shape: Shape) -> Vec<Event> {
        let record = self.context.record;
        let mut events = Vec::new();
        let instructions = match record {
            Record::AgentCreation(record) => &record.system_instructions,
            _ => content_of(record).map_or(&NOTHING.system_instructions, |content| {
                &content.system_instructions
            }),
        };
        if !instructions.is_empty() {
            let members = self.said(instructions, shape);
            events.push(self.event(
                event::GEN_AI_SYSTEM_MESSAGE,
                self.context.span.started,
                members,
                shape,
            ));
        }
        for message in content_of(record).map_or(&[][..], |content| &content.input) {
            self.message(message, shape, &mut events);
        }
        if let (Record::ToolExecution(tool), Shape::Blocks) = (record, shape) {
            let mut members: Members = vec![("role", Value::from("tool"))];
            push(
                &mut members,
                "content",
                self.content.message_value(&tool.arguments, shape),
            );
            push(&mut members, "id", self.text(tool.call_id.as_deref()));
            events.push(self.event(
                event::GEN_AI_TOOL_MESSAGE,
                self.context.span.started,
                members,
                shape,
            ));
        }
        events
    }

    fn said_by(&mut self, shape: Shape) -> Vec<Event> {
        let record = self.context.record;
        let ended = self.context.span.ended;
        let mut events = Vec::new();
        for (index, message) in
            (0_u64..).zip(content_of(record).map_or(&[][..], |content| &content.output))
        {
            let mut members: Members = vec![("index", Value::from(index))];
            if let Some(reason) = &message.finish_reason {
                members.push(("finish_reason", Value::from(word(reason))));
            }
            let calls = match shape {
                Shape::Blocks => None,
                Shape::Body => self.content.message_calls(&message.parts),
            };
            let said = self.content.message_content(&message.parts, shape);
            push(
                &mut members,
                "message",
                match shape {
                    Shape::Blocks => said,
                    Shape::Body => said.map(|said| said.under("content")),
                },
            );
            push(&mut members, "tool_calls", calls);
            events.push(self.event(event::GEN_AI_CHOICE, ended, members, shape));
        }
        if let (Record::ToolExecution(tool), Shape::Blocks) = (record, shape)
            && let Some(result) = self.content.result_blocks(&tool.result)
        {
            let mut members: Members = vec![("message", result.into_value())];
            push(&mut members, "id", self.text(tool.call_id.as_deref()));
            events.push(self.event(event::GEN_AI_CHOICE, ended, members, shape));
        }
        events
    }

    /// Tells a message of the conversation; one that answers tool calls is the tools', whoever sent it.
    fn message(&mut self, message: &Message, shape: Shape, events: &mut Vec<Event>) {
        let started = self.context.span.started;
        let answers: Vec<_> = message
            .parts
            .iter()
            .filter_map(|part| match part {
                Part::ToolCallResponse(answer) => Some(answer),
                _ => None,
            })
            .collect();
        if shape == Shape::Body && !answers.is_empty() {
            for answer in answers {
                let mut members = Members::new();
                push(
                    &mut members,
                    "content",
                    self.content.message_value(&answer.response, shape),
                );
                push(&mut members, "id", self.text(answer.id.as_deref()));
                events.push(self.event(event::GEN_AI_TOOL_MESSAGE, started, members, shape));
            }
            let is_answer = |part: &&Part| matches!(part, Part::ToolCallResponse(_));
            let others = message.parts.iter().filter(|part| !is_answer(part));
            let others: Vec<Part> = others.cloned().collect();
            if !others.is_empty() {
                let rest = Message::new(message.role.clone(), others);
                self.message(&rest, shape, events);
            }
            return;
        }
        let (name, usual) = match &message.role {
            _ if !answers.is_empty() => (event::GEN_AI_TOOL_MESSAGE, "tool"),
            Role::System => (event::GEN_AI_SYSTEM_MESSAGE, "system"),
            Role::Other(role) if role == "developer" => (event::GEN_AI_SYSTEM_MESSAGE, "system"),
            Role::Assistant => (event::GEN_AI_ASSISTANT_MESSAGE, "assistant"),
            Role::Other(role) if role == "model" => (event::GEN_AI_ASSISTANT_MESSAGE, "assistant"),
            Role::Tool => (event::GEN_AI_TOOL_MESSAGE, "tool"),
            Role::User | Role::Other(_) => (event::GEN_AI_USER_MESSAGE, "user"),
        };
        let mut members = self.said(&message.parts, shape);
        let role = message.role.as_str();
        if role != usual && answers.is_empty() {
            push(&mut members, "role", self.text(Some(role)));
        }
        if let [answer, ..] = answers.as_slice() {
            push(&mut members, "id", self.text(answer.id.as_deref()));
        }
        events.push(self.event(name, started, members, shape));
    }

    fn said(&mut self, parts: &[Part], shape: Shape) -> Members {
        let mut members = Members::new();
        push(
            &mut members,
            "content",
            self.content.message_content(parts, shape),
        );
        if shape == Shape::Body {
            push(
                &mut members,
                "tool_calls",
                self.content.message_calls(parts),
            );
        }
        members
    }

    /// Takes a text that is no content, such as an id.
    fn text(&self, text: Option<&str>) -> Option<Redacted> {
        text.map(|text| Redacted::text(text, self.context.rendering))
    }

    fn event(&self, name: &'static str, at: Timestamp, members: Members, shape: Shape) -> Event {
        let mut attributes: Vec<Attribute> = self.system.cloned().into_iter().collect();
        let body = match shape {
            Shape::Blocks => {
                attributes.extend(members.into_iter().map(|(name, value)| Attribute {
                    key: name.into(),
                    value,
                }));
                None
            }
            Shape::Body => Some(Value::Map(
                members
                    .into_iter()
                    .map(|(name, value)| (name.to_owned(), value))
                    .collect(),
            )),
        };
        Event {
            name: name.into(),
            at,
            severity: Severity::Info,
            attributes,
            body,
        }
    }
}

/// Stands for the content of what has none.
static NOTHING: Content = Content {
    system_instructions: Vec::new(),
    input: Vec::new(),
    output: Vec::new(),
    tools: Vec::new(),
};

/// Gives what was said in an operation that v1.36 knows.
fn content_of(record: &Record) -> Option<&Content> {
    match record {
        Record::Inference(record) => Some(&record.content),
        Record::AgentInvocation(record) => Some(&record.content),
        _ => None,
    }
}

fn push(members: &mut Members, name: &'static str, value: Option<Redacted>) {
    if let Some(value) = value {
        members.push((name, value.into_value()));
    }
}

/// Gives v1.36's word for a reason to stop.
fn word(reason: &FinishReason) -> &str {
    match reason {
        FinishReason::ToolCall => "tool_calls",
        other => other.as_str(),
    }
}
