//! MCP messages and sessions, measured.

use super::{LabelList, duration, word};
use crate::{
    Conventions, McpConnection, McpOperation, McpSession, McpSide, McpTarget, Measurement,
    operation::View,
    render::{Context, NO_OPERATION, mcp::unusual, operation_name},
    semconv::{
        Metric, attribute as key,
        spec::{self, AttributeType},
        value::error_type,
    },
};

/// Measures a message.
///
/// What others may make up is bounded before it becomes a label. A method that the conventions do not know is `_OTHER`, and
/// so is the name of a tool or prompt in a request that was turned away for what it asks, on either side: it may be a model's
/// invention. A resource's URI is never a label. Of error codes see [`code_word`]. A server that answers for a tool that
/// it does not have as if that had failed (`isError`) has its name among the labels.
pub(super) fn message(record: &McpOperation, context: &Context<'_>) -> Measurement {
    let mut labels = LabelList::new(context);
    let method = if is_known(&record.method, context.version) {
        &record.method
    } else {
        error_type::OTHER
    };
    labels.text(key::MCP_METHOD_NAME, Some(method));
    let operation = operation_name(View::of(context.record));
    if operation != NO_OPERATION {
        labels.push(key::GEN_AI_OPERATION_NAME, word(operation));
    }
    let named = match &record.target {
        Some(McpTarget::Tool(name)) => Some((key::GEN_AI_TOOL_NAME, name)),
        Some(McpTarget::Prompt(name)) => Some((key::GEN_AI_PROMPT_NAME, name)),
        Some(McpTarget::Resource(_)) | None => None,
    };
    if let Some((key, name)) = named {
        let is_made_up = record.is_refused();
        labels.text(key, Some(if is_made_up { error_type::OTHER } else { name }));
    }
    if let Some(code) = record.error_code {
        labels.push(key::RPC_RESPONSE_STATUS_CODE, word(code_word(code)));
    }
    let metric = match record.side {
        McpSide::Client => Metric::McpClientOperationDuration,
        McpSide::Server => Metric::McpServerOperationDuration,
    };
    travelled(&mut labels, &record.connection, record.side, true);
    error(&mut labels, record, context);
    duration(context, metric, labels.finish())
}

/// Names the error of what ended by such an answer; others name themselves.
pub(super) fn error(labels: &mut LabelList<'_>, record: &McpOperation, context: &Context<'_>) {
    let said = context.span.outcome.error_type();
    let is_its_code = |code: &i64| said.is_some_and(|it| it.as_str() == code.to_string());
    if let Some(code) = record.error_code.filter(is_its_code) {
        labels.push(key::ERROR_TYPE, word(code_word(code)));
    }
}

/// Names the error that a message was answered with, in few words.
///
/// The codes that JSON-RPC and the protocol define are named by themselves. Of the range that JSON-RPC leaves to servers,
/// -32099 to -32000, all others are `-32000`; what lies elsewhere is `_OTHER`.
const fn code_word(code: i64) -> &'static str {
    match code {
        -32700 => "-32700",
        -32600 => "-32600",
        -32601 => "-32601",
        -32602 => "-32602",
        -32603 => "-32603",
        -32002 => "-32002",
        -32042 => "-32042",
        -32099..=-32000 => "-32000",
        _ => error_type::OTHER,
    }
}

/// Measures a session.
pub(super) fn session(record: &McpSession, context: &Context<'_>) -> Measurement {
    let mut labels = LabelList::new(context);
    let metric = match record.side {
        McpSide::Client => Metric::McpClientSessionDuration,
        McpSide::Server => Metric::McpServerSessionDuration,
    };
    let has_network = context.version < Conventions::Main;
    travelled(&mut labels, &record.connection, record.side, has_network);
    duration(context, metric, labels.finish())
}

/// Adds what messages pass through; a client's address, seen from the server, is of no use there.
fn travelled<'a>(
    labels: &mut LabelList<'a>,
    connection: &'a McpConnection,
    side: McpSide,
    has_network: bool,
) {
    labels.text(
        key::MCP_PROTOCOL_VERSION,
        connection.protocol_version.as_deref(),
    );
    labels.text(
        key::NETWORK_PROTOCOL_NAME,
        connection.network_protocol.as_deref(),
    );
    if has_network {
        let version = connection.network_protocol_version.as_deref();
        labels.text(key::NETWORK_PROTOCOL_VERSION, version);
        if let Some(transport) = connection.transport {
            labels.push(key::NETWORK_TRANSPORT, word(transport.as_str()));
        }
    }
    let jsonrpc = connection.jsonrpc_version.as_deref();
    labels.text(key::JSONRPC_PROTOCOL_VERSION, unusual(jsonrpc));
    if side == McpSide::Client {
        labels.server = connection.peer.as_ref();
    }
}

/// Tells whether a method is one of the conventions' own.
fn is_known(method: &str, version: Conventions) -> bool {
    let spec = spec::attribute(version, key::MCP_METHOD_NAME);
    spec.is_some_and(|spec| match spec.kind {
        AttributeType::Enum(known) => known.contains(&method),
        _ => false,
    })
}
