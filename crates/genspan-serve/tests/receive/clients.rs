//! OpenTelemetry's own exporters, each way they can send.

use opentelemetry::trace::{Span, Tracer, TracerProvider};
use opentelemetry_otlp::{
    Compression, Protocol, SpanExporter, WithExportConfig, WithHttpConfig, WithTonicConfig,
};
use opentelemetry_sdk::trace::SdkTracerProvider;

use genspan_serve::Export;

use crate::keeper::Keeper;
use crate::running::{Running, options};

/// Records a span and gives whether it was delivered.
fn record(exporter: SpanExporter, name: &'static str) -> bool {
    let provider = SdkTracerProvider::builder()
        .with_simple_exporter(exporter)
        .build();
    provider.tracer("test").start(name).end();
    provider.force_flush().is_ok() && provider.shutdown().is_ok()
}

fn names(keeper: &Keeper) -> Vec<String> {
    let spans = keeper.kept().into_iter().flat_map(|export| match export {
        Export::Traces(request) => request.resource_spans,
        Export::Logs(_) | Export::Metrics(_) => Vec::new(),
    });
    let spans = spans
        .flat_map(|resource| resource.scope_spans)
        .flat_map(|scope| scope.spans);
    spans.map(|span| span.name).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_way_of_the_rust_sdk_arrives() {
    let keeper = Keeper::new();
    let mut options = options();
    let token = genspan_serve::Token::generate().unwrap();
    options.token = Some(token.clone());
    let running = Running::with(keeper.clone(), options).await;
    let (http, grpc) = (running.at.http, running.at.grpc);
    let bearer = format!("Bearer {}", token.reveal());
    let mut want = Vec::new();
    for (name, protocol, compression) in [
        ("protobuf", Protocol::HttpBinary, None),
        (
            "protobuf, gzip",
            Protocol::HttpBinary,
            Some(Compression::Gzip),
        ),
        (
            "protobuf, zstd",
            Protocol::HttpBinary,
            Some(Compression::Zstd),
        ),
        ("JSON", Protocol::HttpJson, None),
        ("JSON, gzip", Protocol::HttpJson, Some(Compression::Gzip)),
    ] {
        let bearer = bearer.clone();
        // The blocking client must not be made on a thread of the runtime.
        let sent = tokio::task::spawn_blocking(move || {
            let mut builder = SpanExporter::builder()
                .with_http()
                .with_protocol(protocol)
                .with_endpoint(format!("http://{http}/v1/traces"))
                .with_headers([("authorization".to_owned(), bearer)].into());
            if let Some(compression) = compression {
                builder = builder.with_compression(compression);
            }
            record(builder.build().unwrap(), name)
        });
        assert!(sent.await.unwrap(), "{name}");
        want.push(name);
    }
    for (name, compression) in [
        ("gRPC", None),
        ("gRPC, gzip", Some(Compression::Gzip)),
        ("gRPC, zstd", Some(Compression::Zstd)),
    ] {
        let mut metadata = tonic::metadata::MetadataMap::new();
        metadata.insert("authorization", bearer.parse().unwrap());
        let mut builder = SpanExporter::builder()
            .with_tonic()
            .with_endpoint(format!("http://{grpc}"))
            .with_metadata(metadata);
        if let Some(compression) = compression {
            builder = builder.with_compression(compression);
        }
        let exporter = builder.build().unwrap();
        let sent = tokio::task::spawn_blocking(move || record(exporter, name));
        assert!(sent.await.unwrap(), "{name}");
        want.push(name);
    }
    assert_eq!(names(&keeper), want);
    running.stop().await;
}
