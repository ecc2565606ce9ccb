//! One message, as far as telemetry looks at it.

use serde::Serialize;

use crate::{
    Carrier, ErrorType, Failure, McpConnection, McpOperation, McpSide, McpTarget, Outcome, Value,
    semconv::value::mcp_method_name as method,
    value::serialize::{Sieve, sifted},
};

const PROTOCOL_VERSION: &str = "io.modelcontextprotocol/protocolVersion";
const SERVER_INFO: &str = "io.modelcontextprotocol/serverInfo";
const SUBSCRIPTION: &str = "io.modelcontextprotocol/subscriptionId";

/// Holds what is to be known of one JSON-RPC message of MCP.
///
/// Members that are missing or of another type than the protocol has them cost only what they would have said.
///
/// ```
/// use genspan::{McpSide, McpTarget, Value, mcp::Message};
///
/// let json = r#"{"id":7,"method":"tools/call","params":{"name":"find_trains","arguments":{"to":"Prague"}}}"#;
/// let operation = Message::of(&Value::from_json(json).unwrap(), true).operation(McpSide::Client).unwrap();
/// assert_eq!(operation.target, Some(McpTarget::Tool("find_trains".to_owned())));
/// assert_eq!(operation.request_id.as_deref(), Some("7"));
/// assert_eq!(operation.arguments.to_json(), r#"{"to":"Prague"}"#);
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Message {
    body: Value,
    /// What its type does not hold, but stands on the wire.
    id: Option<String>,
    meta: Option<Value>,
}

/// Says what of a message is looked at.
#[derive(Clone, Copy)]
enum Look {
    Message { content: bool },
    Params { content: bool },
    Result { content: bool },
    Meta,
    All,
}

impl Sieve for Look {
    fn within(self, member: &str) -> Option<Self> {
        match (self, member) {
            (Self::All, _) => Some(Self::All),
            (Self::Message { .. }, "jsonrpc" | "id" | "method" | "error") => Some(Self::All),
            (Self::Message { content }, "params") => Some(Self::Params { content }),
            (Self::Message { content }, "result") => Some(Self::Result { content }),
            (Self::Params { .. } | Self::Result { .. }, "_meta") => Some(Self::Meta),
            (
                Self::Params { .. },
                "name" | "uri" | "ref" | "progressToken" | "requestId" | "reason",
            )
            | (Self::Params { content: true }, "arguments")
            | (Self::Result { .. }, "isError" | "protocolVersion" | "serverInfo")
            | (Self::Result { content: true }, "content" | "structuredContent")
            | (
                Self::Meta,
                "progressToken" | PROTOCOL_VERSION | SERVER_INFO | SUBSCRIPTION | "traceparent"
                | "tracestate" | "baggage",
            ) => Some(Self::All),
            _ => None,
        }
    }
}

/// A message of which only some members are at hand.
#[derive(Serialize)]
struct Parts<'a, P: ?Sized, R: ?Sized> {
    #[serde(skip_serializing_if = "Option::is_none")]
    method: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    params: Option<&'a P>,
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<&'a R>,
}

impl Message {
    /// Reads a message that serialises as JSON-RPC has it, be it a [`Value`] or a type of an MCP library.
    ///
    /// Without `with_content` arguments, results and what a tool says of its failure are passed over, and cost nothing.
    #[must_use]
    pub fn of<T: Serialize + ?Sized>(message: &T, with_content: bool) -> Self {
        let look = Look::Message {
            content: with_content,
        };
        Self::with_body(sifted(message, look).unwrap_or_default())
    }

    fn with_body(body: Value) -> Self {
        Self {
            body,
            ..Self::default()
        }
    }

    /// Reads a request or notification by its method and its `params`.
    #[must_use]
    pub fn call<P: Serialize + ?Sized>(method: &str, params: &P, with_content: bool) -> Self {
        let parts = Parts::<P, ()> {
            method: Some(method),
            params: Some(params),
            result: None,
        };
        Self::of(&parts, with_content)
    }

    /// Reads an answer by its `result`.
    #[must_use]
    pub fn result<R: Serialize + ?Sized>(result: &R, with_content: bool) -> Self {
        let parts = Parts::<(), R> {
            method: None,
            params: None,
            result: Some(result),
        };
        Self::of(&parts, with_content)
    }

    /// Makes the answer that is an error.
    #[must_use]
    pub fn error(code: i64, message: &str) -> Self {
        let error = vec![
            ("code".to_owned(), code.into()),
            ("message".to_owned(), message.into()),
        ];
        Self::with_body(Value::Map(vec![("error".to_owned(), Value::Map(error))]))
    }

    /// Says the message's id, where its type does not hold it.
    #[must_use]
    pub fn with_id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// Says what stands in `params._meta`, where the message's type does not hold it.
    #[must_use]
    pub fn with_meta<M: Serialize + ?Sized>(mut self, meta: &M) -> Self {
        self.meta = sifted(meta, Look::Meta);
        self
    }

    /// Describes the message as this side sees it; `None` where it is neither a request nor a notification.
    #[must_use]
    pub fn operation(&self, side: McpSide) -> Option<McpOperation> {
        let mut operation = McpOperation::new(side, self.text(&["method"])?.to_owned());
        operation.target = self.target(&operation.method);
        operation.request_id = self.id();
        let takes_arguments = matches!(
            operation.target,
            Some(McpTarget::Tool(_) | McpTarget::Prompt(_))
        );
        if let Some(arguments) = self
            .at(&["params", "arguments"])
            .filter(|_| takes_arguments)
        {
            operation.arguments = arguments.clone();
        }
        Some(operation)
    }

    /// Notes in an operation what this answer to it says, and gives how it ended so.
    ///
    /// A tool that says that it failed (`isError`) has failed on both sides; of errors see
    /// [`McpOperation::answered_with_error`].
    pub fn outcome_of(&self, operation: &mut McpOperation) -> Outcome {
        if let Some(error) = self.at(&["error"]) {
            let message = error.get("message").and_then(Value::as_str);
            let message = message.unwrap_or_default();
            return match error.get("code") {
                Some(Value::Int(code)) => operation.answered_with_error(*code, message),
                _ => Outcome::Failed(Failure::new(ErrorType::Unknown).with_message(message)),
            };
        }
        if !operation.is_tool_call() {
            return Outcome::Completed;
        }
        let content = self.at(&["result", "content"]);
        if self.at(&["result", "isError"]) == Some(&Value::Bool(true)) {
            let failure = Failure::new(ErrorType::ToolError);
            return Outcome::Failed(match content {
                Some(blocks) => failure.with_message(complaint(blocks)),
                None => failure,
            });
        }
        if let Some(said) = self.at(&["result", "structuredContent"]).or(content) {
            operation.result = said.clone();
        }
        Outcome::Completed
    }

    /// Notes what the message says of the connection, as a handshake's answer does, and each message of later versions.
    pub fn describe(&self, connection: &mut McpConnection) {
        let version = self.meta(PROTOCOL_VERSION).and_then(Value::as_str);
        let version = version.or_else(|| self.text(&["result", "protocolVersion"]));
        let name = self.text(&["result", "serverInfo", "name"]);
        let name = name.or_else(|| self.text(&["result", "_meta", SERVER_INFO, "name"]));
        for (known, said) in [
            (&mut connection.protocol_version, version),
            (&mut connection.server_name, name),
            (&mut connection.jsonrpc_version, self.text(&["jsonrpc"])),
        ] {
            *known = said.map(str::to_owned).or_else(|| known.take());
        }
    }

    /// Reads where the message comes from, as its `params._meta` says.
    #[must_use]
    pub fn carrier(&self) -> Carrier {
        Carrier::from_fields(|name| self.meta(name)?.as_str())
    }

    /// Gives the JSON-RPC id as a text; a number and its text are the same.
    #[must_use]
    pub fn id(&self) -> Option<String> {
        self.id.clone().or_else(|| id_of(self.at(&["id"])?))
    }

    /// Gives the request that this answers.
    pub(super) fn answers(&self) -> Option<String> {
        let is_answer = self.at(&["method"]).is_none();
        self.id().filter(|_| is_answer)
    }

    /// Gives the token under which the progress of this request is told.
    pub(super) fn token(&self) -> Option<String> {
        id_of(self.meta("progressToken")?)
    }

    /// Gives the token of the request whose progress this notification tells.
    pub(super) fn progress_of(&self) -> Option<String> {
        id_of(self.at(&["params", "progressToken"])?)
    }

    /// Gives the request that asked to be told what this notification tells.
    pub(super) fn subscription(&self) -> Option<String> {
        id_of(self.meta(SUBSCRIPTION)?)
    }

    /// Gives the request that this notification cancels, and why.
    pub(super) fn cancels(&self) -> Option<(String, &str)> {
        let is_so = self.text(&["method"]) == Some(method::NOTIFICATIONS_CANCELLED);
        let id = id_of(self.at(&["params", "requestId"])?).filter(|_| is_so)?;
        Some((id, self.text(&["params", "reason"]).unwrap_or_default()))
    }

    fn target(&self, method: &str) -> Option<McpTarget> {
        let text = |path: &[&str]| self.text(path).map(str::to_owned);
        match method {
            method::TOOLS_CALL => text(&["params", "name"]).map(McpTarget::Tool),
            method::PROMPTS_GET => text(&["params", "name"]).map(McpTarget::Prompt),
            method::COMPLETION_COMPLETE => text(&["params", "ref", "name"])
                .map(McpTarget::Prompt)
                .or_else(|| text(&["params", "ref", "uri"]).map(McpTarget::Resource)),
            _ if method.contains("resources/") => text(&["params", "uri"]).map(McpTarget::Resource),
            _ => None,
        }
    }

    fn at(&self, path: &[&str]) -> Option<&Value> {
        let mut path = path.iter();
        path.try_fold(&self.body, |value, name| value.get(name))
    }

    fn text(&self, path: &[&str]) -> Option<&str> {
        self.at(path)?.as_str()
    }

    fn meta(&self, name: &str) -> Option<&Value> {
        let meta = self.meta.as_ref();
        meta.or_else(|| self.at(&["params", "_meta"]))?.get(name)
    }
}

fn id_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Int(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Gives what a tool that failed says of it.
fn complaint(blocks: &Value) -> String {
    let Value::Array(blocks) = blocks else {
        return String::new();
    };
    let texts = blocks
        .iter()
        .filter_map(|block| block.get("text")?.as_str());
    texts.collect::<Vec<_>>().join("\n")
}
