//! MCP requests: as the conventions name them, and by agent-sdk's own names for who asks for those.

use genspan::{
    Conventions, ErrorType, McpConnection, McpTarget, NetworkTransport, Rendering, Server,
    semconv::{attribute as key, value::mcp_method_name as method},
};
use genspan_dialects::Dialect;
use opentelemetry::trace::SpanKind;

use super::rig::{Rig, run, tool};

fn connection() -> McpConnection {
    McpConnection {
        protocol_version: Some("2025-06-18".to_owned()),
        session_id: Some("s-7".to_owned()),
        network_protocol: Some("http".into()),
        peer: Some(Server::new("mcp.example.com", Some(443))),
        server_name: Some("files".to_owned()),
        ..McpConnection::over(NetworkTransport::Tcp)
    }
}

/// Makes the requests of a run: two that succeed, and two that fail.
fn requests(rig: &Rig) {
    rig.task(|| {
        let started = run();
        started.span.scope().run(|| {
            let tool = || Some(McpTarget::Tool("read_file".to_owned()));
            let request = |method: &'static str, target| {
                let mut request = rig.telemetry.mcp_client(method, target);
                request.connection = connection();
                request.request_id = Some("4".to_owned());
                request
            };
            request(method::TOOLS_LIST, None).finish();
            request(method::TOOLS_CALL, tool()).finish();
            request(method::TOOLS_CALL, tool()).fail(ErrorType::ToolError);
            let mut refused = request(method::INITIALIZE, None);
            let outcome = refused.answered_with_error(-32603, "no");
            refused.end_as(outcome);
        });
    });
}

/// A19: the conventions' names, with the server's address, under the run.
#[test]
fn mcp_client_spans_are_named_as_the_conventions_name_them() {
    let rig = Rig::new();
    requests(&rig);
    let list = rig.span("tools/list");
    assert_eq!(list.span_kind, SpanKind::Client);
    let spans = rig.spans();
    let run = spans
        .iter()
        .find(|span| span.name.starts_with("invoke_agent"));
    let run = run.map(|run| run.span_context.span_id());
    assert_eq!(Some(list.parent_span_id), run);
    let calls: Vec<_> = spans
        .iter()
        .filter(|span| span.name == "tools/call read_file")
        .collect();
    assert_eq!(calls.len(), 2);
    let stated = |key: &str| {
        let mut all = calls[1]
            .attributes
            .iter()
            .filter(|it| it.key.as_str() == key);
        let value = all.next().map(|it| it.value.to_string());
        assert!(all.next().is_none(), "{key} stands once");
        value
    };
    for (key, value) in [
        (key::MCP_METHOD_NAME, method::TOOLS_CALL),
        (key::GEN_AI_TOOL_NAME, "read_file"),
        (key::MCP_PROTOCOL_VERSION, "2025-06-18"),
        (key::MCP_SESSION_ID, "s-7"),
        (key::JSONRPC_REQUEST_ID, "4"),
        (key::SERVER_ADDRESS, "mcp.example.com"),
        (key::SERVER_PORT, "443"),
        (key::ERROR_TYPE, "tool_error"),
    ] {
        assert_eq!(stated(key).as_deref(), Some(value), "{key}");
    }
    assert_eq!(stated("mcp.server.name"), None);
    assert_eq!(stated("mcp.method"), None);
    insta::assert_snapshot!(rig.metrics("mcp."));
}

/// What agent-sdk's dashboards read, for a destination that asks for its language.
#[test]
fn mcp_requests_are_measured_under_its_own_name_for_who_asks() {
    let measure = Dialect::AgentSdk.measure().unwrap();
    let rig = Rig::of(Rendering::new(Conventions::V1_41).with_measure(measure));
    requests(&rig);
    insta::assert_snapshot!(rig.metrics("agent_sdk.mcp."));
    assert_eq!(rig.metrics("mcp."), "", "once, and in one language");
}

/// The run of a tool and the request that runs it are one span, and each is measured.
#[test]
fn mcp_request_that_a_tool_is_run_by_is_the_tools_span() {
    let rig = Rig::new();
    rig.task(|| {
        let span = tool();
        span.scope().run(|| {
            let target = McpTarget::Tool("get_weather".to_owned());
            let mut request = rig.telemetry.mcp_client(method::TOOLS_CALL, Some(target));
            request.connection = connection();
            request.finish();
        });
    });
    let spans = rig.spans();
    assert_eq!(spans.len(), 1);
    let mut attributes = spans[0].attributes.iter();
    assert!(attributes.any(|it| it.key.as_str() == key::MCP_METHOD_NAME));
    assert!(
        rig.metrics("mcp.client.operation.duration")
            .contains("= 1 of")
    );
}
