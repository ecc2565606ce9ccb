//! MCP requests, for which the crate has spans and a metric of its own.

use genspan::{
    Amount, McpOperation, McpSide, Measurement, Measuring, OwnMetric,
    semconv::{
        Instrument, Metric, ValueType, attribute as key,
        value::{mcp_method_name as method, operation_name as operation},
    },
};

use super::measure::{text, word};
use crate::{Kind, Span};

const SERVER: &str = "mcp.server.name";
const METHOD: &str = "mcp.method";
const ERROR: &str = "mcp_error";
const TOOL_ERROR: &str = "tool_error";

/// Lists the requests that the crate has spans for.
const METHODS: [&str; 7] = [
    method::INITIALIZE,
    method::TOOLS_LIST,
    method::TOOLS_CALL,
    method::RESOURCES_LIST,
    method::RESOURCES_READ,
    method::PROMPTS_LIST,
    method::PROMPTS_GET,
];

static REQUESTS: OwnMetric = OwnMetric {
    name: "agent_sdk.mcp.requests.duration",
    unit: "s",
    brief: "Measures how long an MCP request took.",
    instrument: Instrument::Histogram,
    value_type: ValueType::Double,
    buckets: Metric::ClientOperationDuration.buckets(),
    labels: &[METHOD, SERVER, key::ERROR_TYPE],
};

fn known(method: &str) -> Option<&'static str> {
    METHODS.into_iter().find(|known| *known == method)
}

/// Measures a request as the crate does; what it does not measure is as in the conventions.
pub(super) fn measure(request: &McpOperation, of: &Measuring<'_>) -> Vec<Measurement> {
    let (McpSide::Client, Some(method)) = (request.side, known(&request.method)) else {
        return of.usual();
    };
    let mut labels = vec![(METHOD, word(method))];
    let server = request.connection.server_name.as_deref();
    labels.extend(server.map(|name| (SERVER, text(name))));
    let error = of.span().outcome.error_type().map(|error| {
        if error.as_str() == TOOL_ERROR {
            TOOL_ERROR
        } else {
            ERROR
        }
    });
    labels.extend(error.map(|error| (key::ERROR_TYPE, word(error))));
    vec![of.measurement(&REQUESTS, Amount::Time(of.took()), labels)]
}

/// Names a request's span as the crate does; `false` where it is none.
pub(super) fn write(span: &mut Span) -> bool {
    if span.kind != Kind::Client {
        return false;
    }
    let attributes = &mut span.attributes;
    let Some(method) = attributes.text(key::MCP_METHOD_NAME) else {
        return false;
    };
    if let Some(method) = known(method) {
        span.name = format!("mcp.{method}");
    }
    let server = attributes.get(key::GENSPAN_MCP_SERVER_NAME).cloned();
    attributes.set_if_free(SERVER, server);
    // The code says which error it was; what ended without one is told by its own word.
    let error = attributes.text(key::ERROR_TYPE);
    if error.is_some() && error == attributes.text(key::RPC_RESPONSE_STATUS_CODE) {
        attributes.set(key::ERROR_TYPE, ERROR);
    }
    true
}

/// Reads a request's span; `false` where it is none.
pub(super) fn read(span: &mut Span) -> bool {
    let Some(method) = span.name.strip_prefix("mcp.").and_then(known) else {
        return false;
    };
    let attributes = &mut span.attributes;
    if span.kind != Kind::Client
        || !(attributes.has(SERVER) || attributes.has(key::MCP_METHOD_NAME))
    {
        return false;
    }
    attributes.set_if_free(key::MCP_METHOD_NAME, Some(method));
    let server = attributes.take(SERVER);
    attributes.set_if_free(key::GENSPAN_MCP_SERVER_NAME, server);
    if method == method::TOOLS_CALL {
        attributes.set_if_free(key::GEN_AI_OPERATION_NAME, Some(operation::EXECUTE_TOOL));
    }
    if attributes.text(key::ERROR_TYPE) == Some(ERROR)
        && let Some(code) = attributes.get(key::RPC_RESPONSE_STATUS_CODE).cloned()
    {
        attributes.set(key::ERROR_TYPE, code);
    }
    let target = attributes
        .text(key::GEN_AI_TOOL_NAME)
        .or_else(|| attributes.text(key::GEN_AI_PROMPT_NAME));
    span.name = match target {
        Some(target) => format!("{method} {target}"),
        None => method.to_owned(),
    };
    true
}
