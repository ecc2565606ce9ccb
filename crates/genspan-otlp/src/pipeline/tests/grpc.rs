//! Over gRPC.

use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTracePartialSuccess, ExportTraceServiceResponse,
};
use prost::Message;

use super::{
    collector::{Collector, Read, Reply, Reserved, taken_spans},
    *,
};

fn status(code: u8, message: &str) -> Reply {
    let headers = vec![
        ("content-type", "application/grpc".to_owned()),
        ("grpc-status", code.to_string()),
        ("grpc-message", message.to_owned()),
    ];
    Reply::Status(200, headers)
}

#[test]
fn spans_arrive_with_headers_and_rejections_are_counted() {
    let partial = ExportTracePartialSuccess {
        rejected_spans: 1,
        ..Default::default()
    };
    let answer = ExportTraceServiceResponse {
        partial_success: Some(partial),
    }
    .encode_to_vec();
    let collector = Collector::new(move |_, _| Reply::Taken(answer.clone()));
    let pipeline = start(
        &format!("grpc://{};header=x-key:k3y", collector.address),
        options().0,
    );
    pipeline.send(0, span("a"));
    pipeline.send(0, span("b"));
    let report = pipeline.shutdown(LONG);
    assert_eq!(lost(&report), [(Signal::Traces, "rejected", 1)]);
    let seen = collector.wait();
    assert_eq!(
        seen.path,
        "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
    );
    assert_eq!(seen.headers["x-key"], "k3y");
    assert_eq!(seen.span_names(), ["a", "b"]);
}

#[test]
fn what_may_pass_is_tried_again_and_what_will_not_is_dropped() {
    let collector = Collector::new(|number, _| match number {
        0 => status(14, "later"),
        1 => Reply::Broken,
        3 => status(16, "k3y"),
        _ => Reply::Taken(Vec::new()),
    });
    let (options, mut waits) = options();
    let pipeline = start(&format!("grpc://{}", collector.address), options);
    pipeline.send(0, span("a"));
    waits.fire(BATCH);
    drop(collector.wait());
    waits.fire(FIRST_RETRY);
    drop(collector.wait());
    waits.fire(FIRST_RETRY * 2);
    assert_eq!(collector.wait().span_names(), ["a"]);
    pipeline.send(0, span("b"));
    let report = pipeline.shutdown(LONG);
    assert_eq!(report.destinations[0].delivered.spans, 1);
    assert_eq!(lost(&report), [(Signal::Traces, "refused", 1)]);
    assert!(!report.to_string().contains("k3y"), "{report}");
}

#[test]
fn a_message_larger_than_the_receiver_takes_is_halved() {
    let collector = Collector::new(|_, seen| {
        if seen.request().count() > 1 {
            status(8, "grpc: received message larger than max (9 vs. 4)")
        } else {
            Reply::Taken(Vec::new())
        }
    });
    let pipeline = start(&format!("grpc://{}", collector.address), options().0);
    for name in ["a", "b", "c"] {
        pipeline.send(0, span(name));
    }
    assert!(pipeline.shutdown(LONG).is_complete());
    assert_eq!(taken_spans(&collector), ["a", "b", "c"]);
}

#[test]
fn a_destination_that_comes_back_gets_everything_once() {
    let reserved = Reserved::new();
    let (options, mut waits) = options();
    let pipeline = start(&format!("grpc://{}", reserved.address), options);
    pipeline.send(0, span("a"));
    let report = pipeline.flush(LONG);
    assert_eq!(report.destinations[0].spooled.spans, 1, "{report}");
    let collector = Collector::on(reserved, |_, _| Reply::Taken(Vec::new()));
    waits.fire(FIRST_RETRY);
    assert_eq!(collector.wait().span_names(), ["a"]);
    assert!(pipeline.shutdown(LONG).is_complete());
    assert!(collector.rest().is_empty());
}
