//! Messages of the Model Context Protocol, and the sessions that they belong to.

use std::borrow::Cow;

use super::{Common, operation};
use crate::{
    ErrorType, Failure, Outcome, Server, Value,
    semconv::value::{mcp_method_name as method, network_transport},
};

/// Records one MCP request or notification, as the side that sent it or the side that got it sees it.
///
/// A client's `tools/call` within the run of that tool ([`ToolExecution`](crate::ToolExecution)) has no span of its
/// own: it tells the tool's span what it knows, and is measured by itself.
#[derive(Clone, Debug, PartialEq)]
pub struct McpOperation {
    /// Whether it was sent or received here.
    pub side: McpSide,
    /// The method, such as `tools/call`; it begins the span's name.
    pub method: Cow<'static, str>,
    /// What it is about; a tool or a prompt ends the span's name.
    pub target: Option<McpTarget>,
    /// The request's JSON-RPC id; a notification has none.
    pub request_id: Option<String>,
    /// The code of the JSON-RPC error that answered it; see [`answered_with_error`](Self::answered_with_error).
    pub error_code: Option<i64>,
    /// What it passed through.
    pub connection: McpConnection,
    /// The arguments of a tool or prompt, an object; content.
    pub arguments: Value,
    /// What a tool gave back; content.
    pub result: Value,
    /// Facts that every operation may have.
    pub common: Common,
}

/// Measures one MCP session; it has no span, for it may last for days.
#[derive(Clone, Debug, PartialEq)]
pub struct McpSession {
    /// Which side of the session this is.
    pub side: McpSide,
    /// What its messages pass through.
    pub connection: McpConnection,
    /// Facts that every operation may have.
    pub common: Common,
}

/// Tells the two ends of an MCP message or session apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum McpSide {
    /// Sent the message, be it the server that asks its client; of a session, the one that opened it.
    Client,
    /// Got it.
    Server,
}

/// Names what an MCP message is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum McpTarget {
    /// A tool, by its name.
    Tool(String),
    /// A prompt, by its name.
    Prompt(String),
    /// A resource, by its URI.
    Resource(String),
}

/// Says what MCP messages pass through; it is the same for all messages of a session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct McpConnection {
    /// The version of MCP that both sides agreed on, such as `2025-06-18`.
    pub protocol_version: Option<String>,
    /// The session's id, where the transport has one.
    pub session_id: Option<String>,
    /// How bytes travel.
    pub transport: Option<NetworkTransport>,
    /// The protocol over it, such as `http`; none for a pipe.
    pub network_protocol: Option<Cow<'static, str>>,
    /// That protocol's version, such as `2`.
    pub network_protocol_version: Option<String>,
    /// The version of JSON-RPC; told only where it is not `2.0`.
    pub jsonrpc_version: Option<String>,
    /// The other side's address: the server's as the client sees it, and the client's as the server does.
    pub peer: Option<Server>,
    /// The name that the server gives itself; for spans and never for metrics.
    pub server_name: Option<String>,
}

/// Names how bytes travel, as `network.transport` does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NetworkTransport {
    /// Standard input and output, or another pipe.
    Pipe,
    /// TCP.
    Tcp,
    /// QUIC.
    Quic,
    /// UDP.
    Udp,
    /// A Unix domain socket.
    Unix,
}

impl NetworkTransport {
    /// Gives the conventions' word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pipe => network_transport::PIPE,
            Self::Tcp => network_transport::TCP,
            Self::Quic => network_transport::QUIC,
            Self::Udp => network_transport::UDP,
            Self::Unix => network_transport::UNIX,
        }
    }
}

impl McpTarget {
    /// Gives the name or URI.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Tool(name) | Self::Prompt(name) | Self::Resource(name) => name,
        }
    }
}

impl McpConnection {
    /// Begins the description of a connection that travels so.
    #[must_use]
    pub fn over(transport: NetworkTransport) -> Self {
        Self {
            transport: Some(transport),
            ..Self::default()
        }
    }

    /// Begins the description of streamable HTTP.
    #[must_use]
    pub fn over_http() -> Self {
        Self {
            network_protocol: Some("http".into()),
            ..Self::over(NetworkTransport::Tcp)
        }
    }

    /// Notes what the HTTP request says through which a message came, by HTTP's version, such as `1.1`, and its headers.
    ///
    /// `header` finds one by its name in small letters. The version of MCP that a message states itself stays.
    pub fn tell_http<'a>(
        &mut self,
        version: Option<&str>,
        header: impl Fn(&'static str) -> Option<&'a str>,
    ) {
        let found = |name| header(name).map(str::to_owned);
        let Self {
            transport,
            network_protocol,
            ..
        } = Self::over_http();
        (self.transport, self.network_protocol) = (transport, network_protocol);
        self.network_protocol_version = version.map(str::to_owned);
        self.session_id = found("mcp-session-id").or_else(|| self.session_id.take());
        let stated = self.protocol_version.take();
        self.protocol_version = stated.or_else(|| found("mcp-protocol-version"));
    }
}

impl McpOperation {
    /// Begins the record of a message.
    #[must_use]
    pub fn new(side: McpSide, method: impl Into<Cow<'static, str>>) -> Self {
        Self {
            side,
            method: method.into(),
            target: None,
            request_id: None,
            error_code: None,
            connection: McpConnection::default(),
            arguments: Value::Null,
            result: Value::Null,
            common: Common::default(),
        }
    }

    /// Says what the message is about.
    #[must_use]
    pub fn with_target(mut self, target: McpTarget) -> Self {
        self.target = Some(target);
        self
    }

    /// Notes the JSON-RPC error that answered the message, and gives how the operation ended so.
    ///
    /// To the side that sent it every error is a failure. The side that got it has failed only where the fault is its
    /// own: a message that nobody could understand (-32700, -32600), an unknown method (-32601), wrong parameters
    /// (-32602) and an unknown resource (-32002) are the other side's.
    pub fn answered_with_error(&mut self, code: i64, message: impl Into<String>) -> Outcome {
        self.error_code = Some(code);
        if self.is_others_fault() {
            return Outcome::Completed;
        }
        let error_type = ErrorType::Other(code.to_string().into());
        Outcome::Failed(Failure::new(error_type).with_message(message))
    }

    /// Tells whether it was turned away here for what the other side did wrong.
    pub(crate) fn is_others_fault(&self) -> bool {
        self.side == McpSide::Server && self.is_refused()
    }

    /// Tells whether it was turned away for what was asked, so that nobody says that there is what it names.
    pub(crate) const fn is_refused(&self) -> bool {
        matches!(
            self.error_code,
            Some(-32700 | -32600 | -32601 | -32602 | -32002)
        )
    }

    /// Tells whether it asks for the run of a tool.
    #[must_use]
    pub fn is_tool_call(&self) -> bool {
        self.method == method::TOOLS_CALL
    }

    /// Tells whether it asks, from here, for the run of the tool of this name.
    ///
    /// Agents that have tools of several servers call them `mcp__{server}__{tool}`.
    pub(crate) fn calls_tool(&self, name: &str) -> bool {
        let (McpSide::Client, Some(McpTarget::Tool(own))) = (self.side, &self.target) else {
            return false;
        };
        let of_server = || name.strip_prefix("mcp__")?.strip_suffix(own.as_str());
        self.is_tool_call()
            && (name == own || of_server().is_some_and(|server| server.ends_with("__")))
    }

    /// Gives the same without what was said.
    pub(crate) fn without_content(&self) -> Self {
        Self {
            side: self.side,
            method: self.method.clone(),
            target: self.target.clone(),
            request_id: self.request_id.clone(),
            error_code: self.error_code,
            connection: self.connection.clone(),
            ..Self::new(self.side, "")
        }
    }
}

impl McpSession {
    /// Begins the measure of a session.
    #[must_use]
    pub fn new(side: McpSide, connection: McpConnection) -> Self {
        Self {
            side,
            connection,
            common: Common::default(),
        }
    }
}

operation!(McpOperation, Mcp, McpOperation::without_content);
operation!(McpSession, McpSession, Clone::clone);
