//! A recorder, one connection of it, and the messages that pass.

use std::{io, sync::Arc, time::Duration};

use genspan::{
    Conventions, McpConnection, NetworkTransport, Rendering, Telemetry, Value,
    mcp::{Channel, Message, Sent},
    semconv::attribute as key,
};
use testkit::{CaptureSink, CapturedSpan, ManualClock};

pub(super) const LONG: Duration = Duration::from_secs(10);
pub(super) const SENT: Result<(), io::Error> = Ok(());

pub(super) struct Rig {
    pub(super) sink: Arc<CaptureSink>,
    pub(super) telemetry: Telemetry,
    pub(super) channel: Channel,
}

impl Rig {
    pub(super) fn new() -> Self {
        let sink = CaptureSink::new(Rendering::new(Conventions::V1_41));
        let telemetry = Telemetry::builder(Arc::clone(&sink) as _)
            .with_clock(Arc::new(ManualClock::default()))
            .build();
        let connection = McpConnection::over(NetworkTransport::Pipe);
        Self {
            channel: Channel::new(&telemetry, connection)
                .with_timeouts(|reason| reason == "too long"),
            sink,
            telemetry,
        }
    }

    /// Gives the spans that have ended so far.
    pub(super) fn spans(&self) -> Vec<CapturedSpan> {
        assert!(self.telemetry.flush(LONG).is_complete());
        self.sink.spans()
    }

    /// Draws the spans in the order in which they ended, with their parents and how they ended.
    pub(super) fn drawn(&self) -> String {
        let spans = self.spans();
        let name = |span: &CapturedSpan| format!("{} {:?}", span.signals.name, span.signals.kind);
        let lines = spans.iter().map(|span| {
            let parent = span.parent.as_ref().map(|parent| {
                let mut all = spans.iter();
                let found = all.find(|it| it.context.span_id == parent.span_id);
                found.map_or_else(|| "elsewhere".to_owned(), name)
            });
            let parent = parent.as_deref().unwrap_or("-");
            let error = span.signals.get(key::ERROR_TYPE).map(Value::to_json);
            format!(
                "{} < {parent} {}\n",
                name(span),
                error.as_deref().unwrap_or("ok")
            )
        });
        lines.collect()
    }
}

pub(super) fn read(json: &str) -> Message {
    Message::of(&Value::from_json(json).unwrap(), true)
}

pub(super) fn request(id: u32, method: &str) -> Message {
    read(&format!(r#"{{"id":{id},"method":"{method}"}}"#))
}

pub(super) fn answer(id: u32) -> Message {
    read(&format!(r#"{{"id":{id},"result":{{}}}}"#))
}

pub(super) fn cancelled(id: u32, reason: &str) -> Message {
    let params = format!(r#"{{"requestId":{id},"reason":"{reason}"}}"#);
    read(&format!(
        r#"{{"method":"notifications/cancelled","params":{params}}}"#
    ))
}

/// Gives a message that says that it comes from where another was sent.
pub(super) fn from(sent: &Sent, message: Message) -> Message {
    let fields = sent.fields();
    let fields = fields.map(|(name, value)| (name.to_owned(), Value::from(value)));
    message.with_meta(&Value::Map(fields.collect()))
}

/// Asks for the run of a tool.
pub(super) fn call(id: u32, tool: &str) -> Message {
    read(&format!(
        r#"{{"id":{id},"method":"tools/call","params":{{"name":"{tool}"}}}}"#
    ))
}
