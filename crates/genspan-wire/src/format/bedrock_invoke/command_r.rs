//! Cohere's chat as Command R speaks it: one message beside the history, one text with the calls of tools beside it.

use genspan::{
    Counts, Diagnostic, Generic, Inference, Message, Part, Record, Role, Timestamp,
    ToolCallRequest, ToolCallResponse, ToolDefinition, Usage, Value,
};

use crate::{
    bounded::BoundedText,
    detect::Endpoint,
    format::{
        Decode, Progress, Reader,
        anthropic_messages::members::{bounded_arguments, bounded_text, bounded_value},
        failure,
        keep::Keep,
    },
    json::Json,
};

/// Reads one exchange.
#[derive(Clone, Debug)]
pub(super) struct CommandR {
    record: Inference,
    text: BoundedText,
    calls: Vec<Part>,
    /// What stands beside the text, the last of each.
    beside: Vec<(&'static str, Value)>,
    finish_reason: Option<String>,
    counts: Counts,
    keep: Keep,
}

impl CommandR {
    pub(super) fn new(endpoint: &Endpoint) -> Self {
        Self {
            record: endpoint.inference(),
            text: BoundedText::new(),
            calls: Vec::new(),
            beside: Vec::new(),
            finish_reason: None,
            counts: Counts::default(),
            keep: Keep::default(),
        }
    }

    /// Reads what a whole answer and the events of a stream have in common.
    fn beside(&mut self, stated: &mut Json<'_>) {
        let id = stated.string("response_id");
        let id = id.or_else(|| stated.string("generation_id"));
        if self.record.response.id.is_none() {
            self.record.response.id = id;
        }
        self.finish_reason = stated.string("finish_reason").or(self.finish_reason.take());
        let units = stated
            .get("meta")
            .and_then(|meta| meta.get("billed_units").or_else(|| meta.get("tokens")));
        let count = |name| units.and_then(|units| units.get(name)?.as_u64());
        self.counts.update(Counts {
            input: count("input_tokens"),
            output: count("output_tokens"),
            ..Counts::default()
        });
        if let Some(calls) = stated.take("tool_calls") {
            self.calls = calls.into_items().into_iter().map(call).collect();
        }
        for name in ["citations", "documents", "search_queries"] {
            let items = stated.take_items(name);
            if !items.is_empty() {
                let items = items.into_iter().map(Json::into_value).collect();
                self.beside.retain(|(seen, _)| *seen != name);
                self.beside.push((name, bounded_value(Value::Array(items))));
            }
        }
    }

    fn append(&mut self, stated: &mut Json<'_>) {
        if let Some(Json::Text(text)) = stated.take("text") {
            self.keep.push(&mut self.text, text);
        }
    }
}

impl Decode for CommandR {
    fn boxed(&self) -> Reader {
        Box::new(self.clone())
    }

    fn request(&mut self, request: Json<'_>) {
        settings(&request, &mut self.record);
        content(request, &mut self.record);
    }

    fn whole(&mut self, mut answer: Json<'_>, progress: &mut Progress) {
        match failure::reported(&answer) {
            Some(failure) => progress.fail(failure),
            None if answer.get("text").is_none() && answer.get("tool_calls").is_none() => {
                progress.note(Diagnostic::ResponseUnreadable);
            }
            None => {}
        }
        self.beside(&mut answer);
        self.append(&mut answer);
    }

    fn chunk(&mut self, mut chunk: Json<'_>, at: Timestamp, progress: &mut Progress) {
        if let Some(failure) = failure::reported(&chunk) {
            progress.fail(failure);
            return;
        }
        self.record.timing.chunk(at);
        self.beside(&mut chunk);
        if chunk.text("event_type") == Some("stream-end") {
            // It says all of the answer again.
            if let Some(mut response) = chunk.take("response") {
                self.beside(&mut response);
                if self.text.is_empty() {
                    self.append(&mut response);
                }
            }
        } else {
            self.append(&mut chunk);
        }
    }

    fn finish(self: Box<Self>, progress: &mut Progress) -> Record {
        let mut record = self.record;
        let (usage, diagnostics) = Usage::inclusive(self.counts);
        record.usage = usage;
        for diagnostic in diagnostics {
            progress.note(diagnostic);
        }
        if self.keep.has_refused() {
            progress.note(Diagnostic::BodyTooLong);
        }
        progress.finished = self.finish_reason.is_some();
        let mut parts = Vec::new();
        if !self.text.is_empty() {
            parts.push(Part::Text(self.text.into_string()));
        }
        parts.extend(self.calls);
        parts.extend(self.beside.into_iter().map(|(name, stated)| {
            Part::Generic(Generic {
                kind: name.to_owned(),
                members: vec![(name.to_owned(), stated)],
            })
        }));
        if !parts.is_empty() || self.finish_reason.is_some() {
            let mut message = Message::new(Role::Assistant, parts);
            message.finish_reason = progress.reason(self.finish_reason.as_deref());
            record.content.output.push(message);
        }
        record.response.finish_reasons = self.finish_reason.into_iter().collect();
        record.into()
    }
}

/// Reads a call, which has no id.
fn call(mut call: Json<'_>) -> Part {
    let arguments = call.take("parameters").map(Json::into_value);
    Part::ToolCallRequest(ToolCallRequest {
        id: call.string("id"),
        name: call.string("name").unwrap_or_default(),
        arguments: arguments.map(bounded_arguments).unwrap_or_default(),
    })
}

fn settings(body: &Json<'_>, record: &mut Inference) {
    let number = |name: &str| body.get(name).and_then(Json::as_f64);
    let request = &mut record.request;
    request.max_tokens = body.get("max_tokens").and_then(Json::as_u64);
    request.temperature = number("temperature");
    request.top_p = number("p");
    request.top_k = number("k");
    request.frequency_penalty = number("frequency_penalty");
    request.presence_penalty = number("presence_penalty");
    request.seed = body.get("seed").and_then(Json::as_i64);
    let stops = body.get("stop_sequences");
    let stops = stops.map(Json::items).unwrap_or_default();
    request.stop_sequences = stops
        .iter()
        .filter_map(|stop| stop.as_str().map(str::to_owned))
        .collect();
}

fn content(mut body: Json<'_>, record: &mut Inference) {
    let content = &mut record.content;
    if let Some(Json::Text(preamble)) = body.take("preamble") {
        let preamble = bounded_text(preamble.into_owned());
        content.system_instructions.push(Part::Text(preamble));
    }
    for mut turn in body.take_items("chat_history") {
        let role = Role::from(match turn.text("role").unwrap_or_default() {
            "USER" => "user",
            "CHATBOT" => "assistant",
            "SYSTEM" => "system",
            "TOOL" => "tool",
            other => other,
        });
        let mut parts = text(turn.take("message"));
        parts.extend(turn.take_items("tool_calls").into_iter().map(call));
        parts.extend(turn.take_items("tool_results").into_iter().map(result));
        content.input.push(Message::new(role, parts));
    }
    let results = body.take_items("tool_results").into_iter().map(result);
    let results: Vec<_> = results.collect();
    if !results.is_empty() {
        content.input.push(Message::new(Role::Tool, results));
    }
    let said = text(body.take("message"));
    if !said.is_empty() {
        content.input.push(Message::new(Role::User, said));
    }
    let documents = body.take_items("documents").into_iter();
    let documents: Vec<_> = documents.map(Json::into_value).map(bounded_value).collect();
    if let (Some(last), false) = (content.input.last_mut(), documents.is_empty()) {
        last.parts.push(Part::Generic(Generic {
            kind: "documents".to_owned(),
            members: vec![("documents".to_owned(), Value::Array(documents))],
        }));
    }
    let tools = body.take_items("tools").into_iter();
    content.tools = tools
        .filter(|tool| !tool.members().is_empty())
        .map(|mut tool| ToolDefinition {
            kind: "function".to_owned(),
            name: tool.string("name").unwrap_or_else(|| "function".to_owned()),
            description: tool.string("description"),
            parameters: tool.take("parameter_definitions").map(Json::into_value),
        })
        .collect();
}

fn text(stated: Option<Json<'_>>) -> Vec<Part> {
    match stated {
        Some(Json::Text(text)) if !text.is_empty() => {
            vec![Part::Text(bounded_text(text.into_owned()))]
        }
        _ => Vec::new(),
    }
}

/// The result of a tool names the call by all of it, which stays with it.
fn result(stated: Json<'_>) -> Part {
    Part::ToolCallResponse(ToolCallResponse {
        id: None,
        response: bounded_value(stated.into_value()),
    })
}
