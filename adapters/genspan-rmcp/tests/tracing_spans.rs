//! rmcp's own spans of `tracing`, which stand round all the work of a connection and say nothing of who asks.
//!
//! It is a program of its own: which spans of `tracing` are made is decided for all threads of one.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
#![allow(
    deprecated,
    reason = "servers of earlier versions of the protocol still ask their clients"
)]

#[path = "rmcp/clerk.rs"]
mod clerk;

use std::{fmt::Write, sync::Arc, time::Duration};

use genspan::{Conventions, Rendering, Telemetry};
use genspan_otel::OtelSink;
use genspan_rmcp::Recorder;
use opentelemetry::trace::TracerProvider;
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider, SpanData};
use rmcp::model::CallToolRequestParams;
use tracing_subscriber::layer::SubscriberExt;

use clerk::{Clerk, Rooted};

fn tool(name: &'static str) -> CallToolRequestParams {
    CallToolRequestParams::new(name)
}

fn drawn(span: &SpanData, all: &[SpanData], depth: usize) -> String {
    let mut text = String::new();
    let indent = "  ".repeat(depth);
    writeln!(
        text,
        "{indent}{} [{:?}] {} links",
        span.name,
        span.span_kind,
        span.links.len()
    )
    .unwrap();
    let own = span.span_context.span_id();
    let children = all.iter().filter(|child| child.parent_span_id == own);
    let mut children: Vec<_> = children.map(|child| drawn(child, all, depth + 1)).collect();
    children.sort();
    text + &children.concat()
}

#[tokio::test]
async fn rmcps_own_span_round_a_connection_is_nobodys_place() {
    let exporter = InMemorySpanExporter::default();
    let tracers = SdkTracerProvider::builder()
        .with_simple_exporter(exporter.clone())
        .build();
    let sink = OtelSink::builder(Rendering::new(Conventions::V1_41))
        .with_tracer_provider(&tracers)
        .build();
    let telemetry = Telemetry::builder(Arc::new(sink)).inline().build();
    let layer = tracing_opentelemetry::layer().with_tracer(tracers.tracer("application"));
    let subscriber = tracing_subscriber::registry().with(layer);
    let subscribed = tracing::subscriber::set_default(subscriber);

    let recorder = Recorder::new(&telemetry);
    let (near, far) = tokio::io::duplex(1 << 16);
    let opener = telemetry.invoke_agent("opener");
    let ends = async {
        let client = recorder.client(Rooted, near);
        let server = recorder.server(Clerk::default(), far);
        tokio::join!(client, server)
    };
    let (client, server) = opener.scope().within(ends).await;
    let (client, server) = (client.unwrap(), server.unwrap());
    // A framework has but the peer.
    let peer = client.clone();
    let run = telemetry.execute_tool("ask");
    peer.call_tool(tool("ask")).await.unwrap();
    run.finish();
    peer.list_tools(None).await.unwrap();
    let caller = telemetry.invoke_agent("caller");
    let call = client.call_tool(tool("look"));
    caller.scope().within(call).await.unwrap();
    caller.finish();
    opener.finish();
    client.cancel().await.unwrap();
    server.waiting().await.unwrap();
    drop(telemetry.flush(Duration::from_secs(10)));
    drop(subscribed);

    let spans = exporter.get_finished_spans().unwrap();
    let of_rmcp = |span: &&SpanData| span.name == "serve_inner";
    assert_eq!(
        spans.iter().filter(of_rmcp).count(),
        2,
        "it has a span of its own"
    );
    let is_root = |span: &&SpanData| {
        let parent = span.parent_span_id;
        spans
            .iter()
            .all(|other| other.span_context.span_id() != parent)
    };
    let roots = spans.iter().filter(is_root);
    let mut roots: Vec<_> = roots.map(|root| drawn(root, &spans, 0)).collect();
    roots.sort();
    insta::assert_snapshot!(roots.concat(), @r"
    execute_tool ask [Internal] 0 links
      tools/call ask [Server] 0 links
        notifications/progress [Client] 0 links
          notifications/progress [Server] 0 links
        roots/list [Client] 0 links
          roots/list [Server] 0 links
    invoke_agent caller [Internal] 0 links
      tools/call look [Client] 0 links
        tools/call look [Server] 0 links
          retrieval shelf [Client] 0 links
    invoke_agent opener [Internal] 0 links
      initialize [Client] 0 links
        initialize [Server] 1 links
      notifications/initialized [Client] 0 links
        notifications/initialized [Server] 0 links
      serve_inner [Internal] 0 links
      serve_inner [Internal] 0 links
      tools/list [Client] 0 links
        tools/list [Server] 0 links
    ");
}
