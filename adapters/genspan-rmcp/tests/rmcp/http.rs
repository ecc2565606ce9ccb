//! A client and a server over streamable HTTP on the loopback.

use std::sync::Arc;

use genspan::{SpanKind, semconv::attribute as key};
use genspan_rmcp::Recorder;
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto::Builder,
    service::TowerToHyperService,
};
use rmcp::{
    model::{CallToolRequestParams, ProtocolVersion, SubscriptionFilter},
    service::{ClientLifecycleMode, serve_client_with_lifecycle},
    transport::{
        StreamableHttpClientTransport, StreamableHttpServerConfig, StreamableHttpService,
        streamable_http_server::session::local::LocalSessionManager,
    },
};
use tokio::{net::TcpListener, task::JoinHandle};

use super::{
    clerk::{Clerk, Rooted},
    rig::Rig,
};

/// Serves the clerk, with sessions for clients that want them unless the configuration is against it, at the address that
/// is given.
async fn served(rig: &Rig, config: StreamableHttpServerConfig) -> (String, JoinHandle<()>) {
    let recorder = Recorder::new(&rig.telemetry);
    let sessions = Arc::new(recorder.sessions(LocalSessionManager::default()));
    let handler = move || Ok(recorder.handled(Clerk::default()));
    let service = StreamableHttpService::new(handler, sessions, config);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let service = TowerToHyperService::new(service.clone());
            tokio::spawn(async move {
                let builder = Builder::new(TokioExecutor::new());
                let io = TokioIo::new(stream);
                drop(builder.serve_connection(io, service).await);
            });
        }
    });
    (format!("http://{address}/"), serving)
}

#[tokio::test]
async fn streamable_http_is_one_tree_too() {
    let rig = Rig::new();
    let (url, serving) = served(&rig, StreamableHttpServerConfig::default()).await;
    let recorder = Recorder::new(&rig.telemetry).at(&url);
    let transport = StreamableHttpClientTransport::from_uri(url.clone());
    let client = recorder.client(Rooted, transport).await.unwrap();
    let agent = rig.telemetry.invoke_agent("visitor");
    let work = async {
        for name in ["say", "fail", "look", "ask", "sample", "elicit"] {
            let params = CallToolRequestParams::new(name);
            client.call_tool(params).await.unwrap();
        }
    };
    agent.scope().within(work).await;
    agent.finish();
    client.cancel().await.unwrap();
    serving.abort();
    let shape = rig.shape();
    insta::assert_snapshot!("http", shape);
    let sent = rig.span("tools/call say", SpanKind::Client).signals;
    let port = url.trim_end_matches('/').rsplit(':').next().unwrap();
    assert_eq!(sent.get(key::SERVER_PORT).unwrap().to_json(), port);
    let got = rig.span("tools/call say", SpanKind::Server).signals;
    for (key, value) in [
        (key::NETWORK_TRANSPORT, "tcp"),
        (key::NETWORK_PROTOCOL_NAME, "http"),
        (key::NETWORK_PROTOCOL_VERSION, "1.1"),
    ] {
        assert_eq!(got.get(key).unwrap().as_str(), Some(value));
    }
    assert!(got.get(key::MCP_SESSION_ID).is_some());
    let points = rig.points();
    assert_eq!(points.matches("client.session.duration").count(), 1);
}

#[tokio::test]
async fn a_server_without_sessions_is_in_the_tree_as_well() {
    let rig = Rig::new();
    let config = StreamableHttpServerConfig::default().with_legacy_session_mode(false);
    let (url, serving) = served(&rig, config).await;
    let recorder = Recorder::new(&rig.telemetry).at(&url);
    let transport = StreamableHttpClientTransport::from_uri(url.clone());
    let client = recorder.client(Rooted, transport).await.unwrap();
    let agent = rig.telemetry.invoke_agent("visitor");
    let work = async {
        for name in ["say", "fail", "look"] {
            let params = CallToolRequestParams::new(name);
            client.call_tool(params).await.unwrap();
        }
        let refused = CallToolRequestParams::new("refuse");
        client.call_tool(refused).await.unwrap_err();
    };
    agent.scope().within(work).await;
    agent.finish();
    client.cancel().await.unwrap();
    serving.abort();
    insta::assert_snapshot!("http_without_sessions", rig.shape());
    let got = rig.span("tools/call say", SpanKind::Server).signals;
    for (key, value) in [
        (key::NETWORK_PROTOCOL_VERSION, "1.1"),
        (key::MCP_PROTOCOL_VERSION, "2025-11-25"),
    ] {
        assert_eq!(got.get(key).unwrap().as_str(), Some(value));
    }
    assert!(got.get(key::MCP_SESSION_ID).is_none());
    let points = rig.points();
    assert_eq!(points.matches("client.session.duration").count(), 1);
    assert_eq!(points.matches("server.session.duration").count(), 0);
}

#[tokio::test]
async fn a_client_of_a_later_version_listens_without_a_session() {
    let rig = Rig::new();
    let (url, serving) = served(&rig, StreamableHttpServerConfig::default()).await;
    let recorder = Recorder::new(&rig.telemetry).at(&url);
    let transport = StreamableHttpClientTransport::from_uri(url);
    let lifecycle = ClientLifecycleMode::Discover {
        preferred_versions: vec![ProtocolVersion::V_2026_07_28],
    };
    let transport = recorder.traced(transport);
    let client = serve_client_with_lifecycle(recorder.served(Rooted), transport, lifecycle);
    let client = client.await.unwrap();
    let news = SubscriptionFilter::builder().tools_list_changed().build();
    let mut listening = client.listen(news).await.unwrap();
    while listening.next().await.unwrap().is_some() {}
    client.cancel().await.unwrap();
    serving.abort();
    insta::assert_snapshot!("listening_over_http", rig.shape());
}
