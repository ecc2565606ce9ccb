//! A client and a server over a pipe in memory.

use std::sync::Arc;

use genspan::{SpanKind, semconv::attribute as key};
use genspan_rmcp::{Client, Recorder, Served};
use rmcp::{
    RoleServer, ServiceError,
    model::{
        CallToolRequestParams, ClientRequest, GetPromptRequestParams, ReadResourceRequestParams,
        Request,
    },
    service::{PeerRequestOptions, RunningService},
};

use super::{
    clerk::{CANARY, Clerk, Rooted},
    rig::Rig,
};

type Server = RunningService<RoleServer, Served<Clerk>>;

/// Connects a client and a server that record to one recorder.
async fn connected(rig: &Rig) -> (Client<Rooted>, Server) {
    let (near, far) = tokio::io::duplex(1 << 16);
    let recorder = Recorder::new(&rig.telemetry);
    let server = recorder.server(Clerk::default(), far);
    let client = recorder.client(Rooted, near);
    let (client, server) = tokio::join!(client, server);
    (client.unwrap(), server.unwrap())
}

async fn closed((client, server): (Client<Rooted>, Server)) {
    client.cancel().await.unwrap();
    server.waiting().await.unwrap();
}

fn tool(name: &'static str) -> CallToolRequestParams {
    let arguments = serde_json::json!({ "text": CANARY });
    let arguments = arguments.as_object().cloned().unwrap();
    CallToolRequestParams::new(name).with_arguments(arguments)
}

/// Sends everything that there is, in an agent's run.
async fn visit(rig: &Rig) {
    let ends = connected(rig).await;
    let client = &ends.0;
    let agent = rig.telemetry.invoke_agent("visitor");
    let scope = agent.scope();
    let work = async {
        client.list_tools(None).await.unwrap();
        client.call_tool(tool("say")).await.unwrap();
        client.call_tool(tool("fail")).await.unwrap();
        client.call_tool(tool("refuse")).await.unwrap_err();
        client.call_tool(tool("look")).await.unwrap();
        for name in ["ask", "sample", "elicit"] {
            client.call_tool(tool(name)).await.unwrap();
        }
        let prompt = GetPromptRequestParams::new("greet");
        client.get_prompt(prompt).await.unwrap();
        let resource = ReadResourceRequestParams::new("file:///a.txt");
        client.read_resource(resource).await.unwrap_err();
    };
    scope.within(work).await;
    agent.finish();
    closed(ends).await;
}

#[tokio::test]
async fn every_message_is_a_span_on_both_sides_and_one_tree() {
    let rig = Rig::new();
    visit(&rig).await;
    insta::assert_snapshot!("visit", rig.shape());
    insta::assert_snapshot!("visit_measured", rig.points());
}

#[tokio::test]
async fn content_is_recorded_only_where_it_is_asked_for() {
    let rig = Rig::new();
    visit(&rig).await;
    drop(rig.shape());
    assert!(!rig.everything().contains(CANARY));
    let rig = Rig::with_content();
    visit(&rig).await;
    drop(rig.shape());
    for kind in [SpanKind::Client, SpanKind::Server] {
        let span = rig.span("tools/call say", kind);
        let said = |key| span.signals.get(key).unwrap().to_json();
        let arguments = said(key::GEN_AI_TOOL_CALL_ARGUMENTS);
        assert_eq!(arguments, format!(r#"{{"text":"{CANARY}"}}"#));
        assert!(said(key::GEN_AI_TOOL_CALL_RESULT).contains(CANARY));
        let failed = rig.span("tools/call fail", kind);
        assert_eq!(failed.signals.status_message, CANARY);
        assert!(failed.signals.get(key::GEN_AI_TOOL_CALL_RESULT).is_none());
    }
}

#[tokio::test]
async fn what_is_known_of_the_connection_stands_on_its_spans() {
    let rig = Rig::new();
    closed(connected(&rig).await).await;
    drop(rig.shape());
    for kind in [SpanKind::Client, SpanKind::Server] {
        let told = rig.span("notifications/initialized", kind);
        let first = rig.span("initialize", kind);
        for key in [
            key::MCP_PROTOCOL_VERSION,
            key::NETWORK_TRANSPORT,
            key::GENSPAN_MCP_SERVER_NAME,
        ] {
            let value = told.signals.get(key);
            assert!(value.is_some(), "{key} {kind:?}");
            assert_eq!(first.signals.get(key), value, "{key} {kind:?}");
        }
        let name = told.signals.get(key::GENSPAN_MCP_SERVER_NAME).unwrap();
        assert_eq!(name.as_str(), Some("clerk"));
        assert!(first.signals.get(key::JSONRPC_REQUEST_ID).is_some());
        assert!(told.signals.get(key::JSONRPC_REQUEST_ID).is_none());
    }
}

#[tokio::test]
async fn the_run_of_a_tool_is_one_span_with_its_request() {
    let rig = Rig::new();
    let ends = connected(&rig).await;
    let run = rig.telemetry.execute_tool("look");
    let call = ends.0.call_tool(tool("look"));
    run.scope().within(call).await.unwrap();
    run.finish();
    // A framework that has but the peer says nothing of where it calls from.
    let bare = ends.0.clone();
    let run = rig.telemetry.execute_tool("say");
    bare.call_tool(tool("say")).await.unwrap();
    run.finish();
    closed(ends).await;
    let shape = rig.shape();
    assert!(!shape.contains("tools/call look [Client]"), "{shape}");
    insta::assert_snapshot!("one_span_with_its_request", shape);
    let points = rig.points();
    let measured = points
        .lines()
        .filter(|line| line.contains("client.operation") && line.contains("tools/call"));
    assert_eq!(measured.count(), 2, "{points}");
}

#[tokio::test]
async fn a_cancelled_request_is_cancelled_on_both_sides() {
    let rig = Rig::new();
    let ends = connected(&rig).await;
    let request = ClientRequest::CallToolRequest(Request::new(tool("wait")));
    let options = PeerRequestOptions::no_options();
    let handle = ends
        .0
        .send_cancellable_request(request, options)
        .await
        .unwrap();
    handle.cancel(Some("no more".to_owned())).await.unwrap();
    // The next answer comes after what was sent before it was handled.
    ends.0.call_tool(tool("say")).await.unwrap();
    closed(ends).await;
    let shape = rig.shape();
    insta::assert_snapshot!("cancelled", shape);
}

#[tokio::test]
async fn a_request_that_takes_too_long_is_a_timeout() {
    let rig = Rig::new();
    let ends = connected(&rig).await;
    let request = ClientRequest::CallToolRequest(Request::new(tool("wait")));
    let options = PeerRequestOptions::with_timeout(std::time::Duration::from_millis(1));
    let handle = ends
        .0
        .send_cancellable_request(request, options)
        .await
        .unwrap();
    let error = handle.await_response().await.unwrap_err();
    assert!(matches!(error, ServiceError::Timeout { .. }), "{error}");
    closed(ends).await;
    drop(rig.shape());
    let span = rig.span("tools/call wait", SpanKind::Client);
    let error = span.signals.get(key::ERROR_TYPE).unwrap();
    assert_eq!(error.as_str(), Some("timeout"));
}

#[test]
fn a_lost_connection_ends_everything() {
    let rig = Rig::new();
    let [here, there] = [(); 2].map(|()| {
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        builder.worker_threads(1).enable_all().build().unwrap()
    });
    let (near, far) = tokio::io::duplex(1 << 16);
    let recorder = Recorder::new(&rig.telemetry);
    let serving = recorder.clone();
    let clerk = Clerk::default();
    let waits = Arc::clone(&clerk.waits);
    there.spawn(async move { serving.server(clerk, far).await.unwrap().waiting().await });
    let gone = here.block_on(async {
        let client = recorder.client(Rooted, near).await.unwrap();
        let request = ClientRequest::CallToolRequest(Request::new(tool("wait")));
        let options = PeerRequestOptions::no_options();
        let handle = client
            .send_cancellable_request(request, options)
            .await
            .unwrap();
        waits.notified().await;
        client.call_tool(tool("say")).await.unwrap();
        // The server is gone from one moment to the next, as when its process is killed.
        let gone = std::thread::spawn(move || there.shutdown_timeout(super::rig::LONG));
        handle.await_response().await.unwrap_err();
        client.into_inner().waiting().await.unwrap();
        gone
    });
    gone.join().unwrap();
    drop(rig.telemetry.flush(super::rig::LONG));
    let before = rig.sink.spans().len();
    let shape = rig.shape();
    let after = rig.sink.spans().len();
    assert_eq!(after, before, "nothing was left to the shutdown");
    insta::assert_snapshot!("lost", shape);
    let points = rig.points();
    let sessions = points.lines().filter(|line| line.contains("session"));
    assert_eq!(sessions.count(), 2);
}
