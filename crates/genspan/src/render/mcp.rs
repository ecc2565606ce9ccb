//! The name and attributes of an MCP message's span.

use super::{attributes::Attributes, start::StartFacts};
use crate::{
    McpConnection, McpOperation, McpSide, McpTarget, Rendering, semconv::attribute as key,
};

/// Stands in for what is told only where it is another.
const USUAL_JSONRPC: &str = "2.0";

/// Gives the name of a message's span; a resource has no part in it, for there are too many.
pub(super) fn span_name(record: &McpOperation, rendering: &Rendering) -> String {
    let redactor = rendering.redactor();
    let method = redactor.redact(&record.method);
    match &record.target {
        Some(McpTarget::Tool(target) | McpTarget::Prompt(target)) if !target.is_empty() => {
            format!("{method} {}", redactor.redact(target))
        }
        _ => method.into_owned(),
    }
}

/// Writes what a sampler may want to see.
pub(super) fn write_start(record: &McpOperation, attributes: &mut StartFacts<'_>) {
    attributes.text(key::MCP_METHOD_NAME, &record.method);
    match &record.target {
        Some(McpTarget::Tool(name)) => attributes.text(key::GEN_AI_TOOL_NAME, name),
        Some(McpTarget::Prompt(name)) => attributes.text(key::GEN_AI_PROMPT_NAME, name),
        Some(McpTarget::Resource(uri)) => attributes.text(key::MCP_RESOURCE_URI, uri),
        None => {}
    }
}

/// Writes what is known of a message but its content.
pub(super) fn write(record: &McpOperation, attributes: &mut Attributes<'_>) {
    let (address, port) = match record.side {
        McpSide::Client => (key::SERVER_ADDRESS, key::SERVER_PORT),
        McpSide::Server => (key::CLIENT_ADDRESS, key::CLIENT_PORT),
    };
    if let Some(peer) = &record.connection.peer {
        attributes.text(address, &peer.address);
        attributes.int_if(port, peer.port.map(i64::from));
    }
    write_message(record, attributes);
}

/// Writes what the span of a tool's run tells of the request by which it ran.
pub(super) fn write_on_tool(record: &McpOperation, attributes: &mut Attributes<'_>) {
    attributes.text(key::MCP_METHOD_NAME, &record.method);
    attributes.server(record.connection.peer.as_ref());
    write_message(record, attributes);
}

fn write_message(record: &McpOperation, attributes: &mut Attributes<'_>) {
    attributes.text_if(key::JSONRPC_REQUEST_ID, record.request_id.as_deref());
    if let Some(code) = record.error_code {
        attributes.text(key::RPC_RESPONSE_STATUS_CODE, &code.to_string());
    }
    let McpConnection {
        protocol_version,
        session_id,
        transport,
        network_protocol,
        network_protocol_version,
        jsonrpc_version,
        peer: _,
        server_name,
    } = &record.connection;
    attributes.text_if(key::MCP_PROTOCOL_VERSION, protocol_version.as_deref());
    attributes.text_if(key::MCP_SESSION_ID, session_id.as_deref());
    if let Some(transport) = transport {
        attributes.word(key::NETWORK_TRANSPORT, transport.as_str());
    }
    attributes.text_if(key::NETWORK_PROTOCOL_NAME, network_protocol.as_deref());
    let version = network_protocol_version.as_deref();
    attributes.text_if(key::NETWORK_PROTOCOL_VERSION, version);
    attributes.text_if(
        key::JSONRPC_PROTOCOL_VERSION,
        unusual(jsonrpc_version.as_deref()),
    );
    attributes.text_if(key::GENSPAN_MCP_SERVER_NAME, server_name.as_deref());
}

/// Gives the version of JSON-RPC where it is to be told.
pub(super) fn unusual(jsonrpc: Option<&str>) -> Option<&str> {
    jsonrpc.filter(|version| *version != USUAL_JSONRPC)
}
