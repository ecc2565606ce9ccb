//! Clients that are made within operations, and requests whose answers nobody waits for.

use genspan::{
    Amount, Label, Value,
    semconv::{Metric, attribute as key},
};
use genspan_rmcp::Recorder;
use rmcp::model::{
    CallToolRequestParams, ClientRequest, Request, RequestMetaObject, RequestParamsMeta,
};
use rmcp::service::PeerRequestOptions;

use super::{
    clerk::{Clerk, Rooted},
    rig::Rig,
};

fn tool(name: &'static str) -> CallToolRequestParams {
    CallToolRequestParams::new(name)
}

/// Connects to a server that records nothing.
async fn client(recorder: &Recorder, clerk: Clerk) -> genspan_rmcp::Client<Rooted> {
    let (near, far) = tokio::io::duplex(1 << 16);
    let server = async move {
        rmcp::serve_server(clerk, far)
            .await
            .unwrap()
            .waiting()
            .await
    };
    drop(tokio::spawn(server));
    recorder.client(Rooted, near).await.unwrap()
}

fn tool_calls(rig: &Rig) -> Vec<Amount> {
    let points = rig.sink.measurements();
    let points = points.iter();
    let points = points.filter(|point| point.metric == Metric::InvokeAgentToolCalls);
    points.map(|point| point.amount).collect()
}

#[tokio::test]
async fn a_client_that_is_made_in_an_agent_calls_as_the_agents_own() {
    let rig = Rig::new();
    let recorder = Recorder::new(&rig.telemetry);
    let agent = rig.telemetry.invoke_agent("visitor");
    let work = async {
        let client = client(&recorder, Clerk::default()).await;
        client.call_tool(tool("say")).await.unwrap();
        client.cancel().await.unwrap();
    };
    agent.scope().within(work).await;
    agent.finish();
    insta::assert_snapshot!(rig.shape(), @r"
    invoke_agent visitor [Internal]
      initialize [Client]
      notifications/initialized [Client]
      tools/call say [Client]
    ");
    assert_eq!(tool_calls(&rig), [Amount::Count(1)]);
}

#[tokio::test]
async fn a_client_that_is_made_in_a_tool_calls_as_that_tool() {
    let rig = Rig::new();
    let recorder = Recorder::new(&rig.telemetry);
    let agent = rig.telemetry.invoke_agent("visitor");
    let run = agent.scope().run(|| rig.telemetry.execute_tool("say"));
    let work = async {
        let client = client(&recorder, Clerk::default()).await;
        client.call_tool(tool("say")).await.unwrap();
        client.cancel().await.unwrap();
    };
    run.scope().within(work).await;
    run.finish();
    agent.finish();
    insta::assert_snapshot!(rig.shape(), @r"
    invoke_agent visitor [Internal]
      execute_tool say [Internal]
        initialize [Client]
        notifications/initialized [Client]
    ");
    assert_eq!(tool_calls(&rig), [Amount::Count(1)]);
}

#[tokio::test]
async fn a_tool_whose_request_is_left_ends_with_its_agent() {
    let rig = Rig::new();
    let clerk = Clerk::default();
    let client = client(&Recorder::new(&rig.telemetry), clerk.clone()).await;
    let agent = rig.telemetry.invoke_agent("visitor");
    let run = agent.scope().run(|| rig.telemetry.execute_tool("wait"));
    let request = ClientRequest::CallToolRequest(Request::new(tool("wait")));
    let options = PeerRequestOptions::no_options();
    let handle = client.send_cancellable_request(request, options).await;
    clerk.waits.notified().await;
    drop(handle);
    run.finish();
    agent.finish();
    assert!(rig.telemetry.flush(super::rig::LONG).is_complete());
    let names: Vec<_> = rig
        .sink
        .spans()
        .into_iter()
        .map(|span| span.signals.name)
        .collect();
    assert!(
        names.ends_with(&["execute_tool wait".into(), "invoke_agent visitor".into()]),
        "{names:?}"
    );
    let points = rig.sink.measurements();
    let call = points.iter().find(|point| {
        point.metric == Metric::McpClientOperationDuration
            && point.labels.get(key::GEN_AI_TOOL_NAME).is_some()
    });
    let error = call.unwrap().labels.get(key::ERROR_TYPE);
    assert_eq!(error, Some(&Label::Text("cancelled".into())));
    drop(client);
}

#[tokio::test]
async fn what_an_application_says_itself_of_a_request_stays() {
    let rig = Rig::new();
    let recorder = Recorder::new(&rig.telemetry).with_baggage(["user.id"]);
    let agent = rig.telemetry.invoke_agent("visitor");
    let scope = agent.scope().with_attribute("user.id", "u-7");
    let mut meta = RequestMetaObject::new();
    for (name, value) in [
        ("tracestate", "old=1"),
        ("baggage", "tenant=t-1;p=1"),
        ("own", "1"),
    ] {
        meta.insert(name.to_owned(), value.into());
    }
    let params = tool("say");
    let mut params = params;
    params.set_meta(meta);
    let stamped = scope.run(|| recorder.stamped(params));
    let said = |name: &str| {
        stamped
            .meta()
            .unwrap()
            .get(name)
            .and_then(|it| it.as_str().map(str::to_owned))
    };
    assert_eq!(said("tracestate"), None, "it was of another span");
    assert_eq!(
        said("baggage").as_deref(),
        Some("tenant=t-1;p=1,user.id=u-7")
    );
    assert_eq!(said("own").as_deref(), Some("1"));

    let (near, far) = tokio::io::duplex(1 << 16);
    let there = Rig::new();
    let serving = Recorder::new(&there.telemetry).with_baggage(["user.id", "tenant"]);
    let server = serving.server(Clerk::default(), far);
    // Facts that may not go along leave the application's baggage where it is, too.
    let silent = Recorder::new(&rig.telemetry);
    let client = silent.client(Rooted, near);
    let (client, server) = tokio::join!(client, server);
    client.as_ref().unwrap().call_tool(stamped).await.unwrap();
    client.unwrap().cancel().await.unwrap();
    server.unwrap().waiting().await.unwrap();
    drop(there.telemetry.flush(super::rig::LONG));
    let span = there.span("tools/call say", genspan::SpanKind::Server);
    assert_eq!(span.signals.get("user.id"), Some(&Value::from("u-7")));
    assert_eq!(span.signals.get("tenant"), Some(&Value::from("t-1")));
    agent.finish();
}
