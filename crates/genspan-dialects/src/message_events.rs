//! What was said, where it is told in events on the span: one for each message as in v1.36, or one for each field.

use genspan::{
    Event, Value,
    semconv::{attribute as key, event, value::operation_name as operation},
};

use crate::{
    Attributes, Span, blocks,
    conversation::{self, Message, Part},
    typed,
};

/// Takes the events that tell messages out of a span, and states the messages in the conventions' keys; what stands
/// there already counts more.
pub(crate) fn gather(span: &mut Span) {
    let (telling, others): (Vec<Event>, Vec<Event>) = std::mem::take(&mut span.events)
        .into_iter()
        .partition(tells);
    span.events = others;
    let mut told = Told::default();
    for event in telling {
        if event.name == event::GEN_AI_CLIENT_INFERENCE_OPERATION_DETAILS {
            for attribute in event.attributes {
                span.attributes
                    .set_if_free(attribute.key, Some(attribute.value));
            }
        } else {
            told.add(event);
        }
    }
    let attributes = &mut span.attributes;
    told.state(attributes);
    if attributes.text(key::GEN_AI_OPERATION_NAME) == Some(operation::EXECUTE_TOOL) {
        tool(attributes);
    }
}

/// Tells whether an event says what was said.
fn tells(event: &Event) -> bool {
    let is_details = event.name == event::GEN_AI_CLIENT_INFERENCE_OPERATION_DETAILS;
    is_details || event.name == event::GEN_AI_CHOICE || role(&event.name).is_some()
}

/// Gives whose message a message event tells.
fn role(event_name: &str) -> Option<&str> {
    let rest = event_name.strip_suffix(".message")?;
    let role = rest.strip_prefix(event::GEN_AI_USER_MESSAGE.trim_end_matches("user.message"))?;
    matches!(role, "system" | "user" | "assistant" | "tool").then_some(role)
}

#[derive(Default)]
struct Told {
    instructions: Vec<Part>,
    input: Vec<Message>,
    output: Vec<Message>,
    reasons: Vec<Value>,
}

impl Told {
    fn add(&mut self, event: Event) {
        let name = event.name.into_owned();
        let members = Attributes::new(event.attributes);
        let parts = |member: &str| members.get(member).map(parts).unwrap_or_default();
        let Some(role) = role(&name) else {
            let reason = members.text("finish_reason");
            self.reasons.extend(reason.map(Value::from));
            let role = members.text("role").unwrap_or("assistant");
            let said = Message::new(role, parts("message"));
            self.output.push(said.with_reason(reason));
            // An agent's cycle tells the answers of its tools beside the call.
            let answers = parts("tool.result");
            if !answers.is_empty() {
                self.output.push(Message::new("tool", answers));
            }
            return;
        };
        let parts = parts("content");
        match members.text("role").unwrap_or(role) {
            "system" => self.instructions.extend(parts),
            "tool" => {
                let id = members.text("id");
                let answers = parts.into_iter().map(|part| answer(part, id));
                self.input.push(Message::new("tool", answers.collect()));
            }
            role => self.input.push(Message::new(role, parts)),
        }
    }

    fn state(self, attributes: &mut Attributes) {
        let instructions = self.instructions.into_iter().map(Part::into_value);
        let instructions: Vec<Value> = instructions.collect();
        for (key, list) in [
            (key::GEN_AI_SYSTEM_INSTRUCTIONS, instructions),
            (key::GEN_AI_RESPONSE_FINISH_REASONS, self.reasons),
        ] {
            if !list.is_empty() {
                attributes.set_if_free(key, Some(Value::Array(list)));
            }
        }
        for (key, messages) in [
            (key::GEN_AI_INPUT_MESSAGES, self.input),
            (key::GEN_AI_OUTPUT_MESSAGES, self.output),
        ] {
            if !messages.is_empty() {
                attributes.set_if_free(key, Some(conversation::value(messages)));
            }
        }
    }
}

/// Reads blocks, their JSON, or a text that is what was said.
fn parts(content: &Value) -> Vec<Part> {
    match content {
        Value::String(text) => match typed::structured(text) {
            Some(Value::Array(items)) => items.iter().map(blocks::part).collect(),
            _ => vec![Part::Text(text.clone())],
        },
        Value::Array(items) => items.iter().map(blocks::part).collect(),
        other => vec![blocks::part(other)],
    }
}

/// Makes an answer of a plain text that is told as a tool's.
fn answer(part: Part, id: Option<&str>) -> Part {
    match part {
        Part::Text(text) => Part::ToolCallResponse {
            id: id.map(str::to_owned),
            response: Value::String(text),
        },
        other => other,
    }
}

/// States what a tool was given and gave back, which events tell as messages.
fn tool(attributes: &mut Attributes) {
    for (from, to) in [
        (key::GEN_AI_INPUT_MESSAGES, key::GEN_AI_TOOL_CALL_ARGUMENTS),
        (key::GEN_AI_OUTPUT_MESSAGES, key::GEN_AI_TOOL_CALL_RESULT),
    ] {
        let parts = attributes
            .structured(from)
            .and_then(|said| conversation::messages(&said))
            .map(|said| said.into_iter().flat_map(|message| message.parts));
        let values: Vec<Value> = parts.into_iter().flatten().map(value).collect();
        match <[Value; 1]>::try_from(values) {
            Ok([one]) => {
                attributes.take(from);
                attributes.set_if_free(to, Some(one));
            }
            Err(several) if !several.is_empty() => {
                attributes.take(from);
                attributes.set_if_free(to, Some(Value::Array(several)));
            }
            Err(_) => {}
        }
    }
}

/// Gives what a part of a tool's message holds.
fn value(part: Part) -> Value {
    match part {
        Part::ToolCall { arguments, .. } => arguments,
        // v1.36's event has the arguments alone, as JSON.
        Part::ToolCallResponse { response, .. } => match response {
            Value::String(text) => Value::from_json_or_text(&text),
            other => blocks::unwrapped(&other),
        },
        Part::Text(text) | Part::Reasoning(text) => Value::String(text),
        Part::Other(other) => {
            let kind = other.get("type").and_then(Value::as_str);
            let json = other.get("content").filter(|_| kind == Some("json"));
            json.cloned().unwrap_or(other)
        }
    }
}
