//! A client that listens to what its server tells.

use genspan::{SpanKind, semconv::attribute as key};
use genspan_rmcp::Recorder;
use rmcp::{
    RoleServer, Service, ServiceExt,
    model::{ProtocolVersion, SubscriptionFilter},
    service::{ClientLifecycleMode, serve_client_with_lifecycle},
};

use super::{
    clerk::{Clerk, Rooted},
    rig::Rig,
};

/// Listens until the server has told what there is.
async fn listen(rig: &Rig, server: impl Service<RoleServer>) -> String {
    let (near, far) = tokio::io::duplex(1 << 16);
    let recorder = Recorder::new(&rig.telemetry);
    let lifecycle = ClientLifecycleMode::Discover {
        preferred_versions: vec![ProtocolVersion::V_2026_07_28],
    };
    let handler = recorder.served(Rooted);
    let client = serve_client_with_lifecycle(handler, recorder.traced(near), lifecycle);
    let server = server.serve(recorder.traced(far));
    let work = async {
        let client = client.await.unwrap();
        let news = SubscriptionFilter::builder().tools_list_changed().build();
        let mut listening = client.listen(news).await.unwrap();
        while listening.next().await.unwrap().is_some() {}
        client.cancel().await.unwrap();
    };
    let (server, ()) = tokio::join!(server, work);
    server.unwrap().waiting().await.unwrap();
    rig.shape()
}

#[tokio::test]
async fn what_is_told_stands_within_the_request_to_listen() {
    let rig = Rig::new();
    let service = Recorder::new(&rig.telemetry).served(Clerk::default());
    insta::assert_snapshot!("listen", listen(&rig, service).await);
    for kind in [SpanKind::Client, SpanKind::Server] {
        let span = rig.span("subscriptions/listen", kind).signals;
        let version = span.get(key::MCP_PROTOCOL_VERSION).unwrap();
        assert_eq!(version.as_str(), Some("2026-07-28"), "{kind:?}");
    }
}

#[tokio::test]
async fn a_handler_that_is_listened_to_is_a_span_too() {
    let rig = Rig::new();
    let handler = Recorder::new(&rig.telemetry).handled(Clerk::default());
    insta::assert_snapshot!("listen_to_handler", listen(&rig, handler).await);
}
