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
/// Nothing that the other side makes up becomes a label: a method that the conventions do not know, or what a server
/// turned away with its name, is `_OTHER`; a resource's URI and a prompt's arguments are never labels.
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
        let is_made_up = record.is_others_fault();
        labels.text(key, Some(if is_made_up { error_type::OTHER } else { name }));
    }
    if let Some(code) = record.error_code {
        labels.text(key::RPC_RESPONSE_STATUS_CODE, Some(&code.to_string()));
    }
    let metric = match record.side {
        McpSide::Client => Metric::McpClientOperationDuration,
        McpSide::Server => Metric::McpServerOperationDuration,
    };
    travelled(&mut labels, &record.connection, record.side, true);
    duration(context, metric, labels.finish())
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
