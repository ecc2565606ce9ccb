//! To files.

use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    resource::v1::Resource,
    trace::v1::{ResourceSpans, ScopeSpans},
};

use super::*;

fn lines(path: &PathBuf) -> Vec<String> {
    fs::read_to_string(path)
        .unwrap()
        .lines()
        .map(str::to_owned)
        .collect()
}

#[test]
fn a_file_gets_one_request_a_line_and_is_appended_to() {
    let path = fresh("file");
    for name in ["a", "b"] {
        let (options, mut waits) = options();
        let pipeline = start(&format!("file:{}", path.display()), options);
        pipeline.send(0, span(name));
        waits.fire(Duration::from_millis(200));
        let report = pipeline.shutdown(LONG);
        assert!(report.is_complete(), "{report}");
    }
    insta::assert_snapshot!(lines(&path).join("\n"), @r#"
    {"resourceSpans":[{"resource":{},"scopeSpans":[{"scope":{},"spans":[{"name":"a"}]}]}]}
    {"resourceSpans":[{"resource":{},"scopeSpans":[{"scope":{},"spans":[{"name":"b"}]}]}]}
    "#);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }
    fs::remove_file(path).unwrap();
}

#[test]
fn without_batching_by_time_the_same_items_give_the_same_bytes() {
    let bytes = |test| {
        let path = fresh(test);
        let options = PipelineOptions {
            batching: Batching::OnFlush,
            when_full: WhenFull::Wait,
            queue_items: 3,
            request_bytes: 5_000,
            ..options().0
        };
        let pipeline = start(&format!("file:{}", path.display()), options);
        for number in 0..200 {
            assert!(pipeline.send(0, span_of(&number.to_string(), number * 10)));
        }
        let report = pipeline.shutdown(LONG);
        assert_eq!(report.destinations[0].delivered.spans, 200);
        let bytes = fs::read(&path).unwrap();
        fs::remove_file(path).unwrap();
        bytes
    };
    let first = bytes("same-1");
    assert!(first.iter().filter(|byte| **byte == b'\n').count() > 30);
    assert!(first == bytes("same-2"));
}

/// Builds a request of a resource and a scope of its own.
fn request_of(service: &str, names: &[&str]) -> Request {
    let spans = names.iter().map(|name| Span {
        name: (*name).to_owned(),
        ..Span::default()
    });
    let value = Some(AnyValue {
        value: Some(Value::StringValue(service.to_owned())),
    });
    let attribute = KeyValue {
        key: "service.name".to_owned(),
        value,
        key_strindex: 0,
    };
    Request::Traces(ExportTraceServiceRequest {
        resource_spans: vec![ResourceSpans {
            resource: Some(Resource {
                attributes: vec![attribute],
                ..Resource::default()
            }),
            scope_spans: vec![ScopeSpans {
                spans: spans.collect(),
                ..ScopeSpans::default()
            }],
            schema_url: "s".to_owned(),
        }],
    })
}

#[test]
fn whole_requests_keep_what_stands_round_their_items() {
    let path = fresh("whole");
    let pipeline = start(&format!("file:{}", path.display()), options().0);
    assert!(pipeline.send_request(0, request_of("one", &["a", "b"])));
    assert!(pipeline.send_request(0, request_of("two", &["c"])));
    assert!(!pipeline.send_request(1, request_of("two", &["c"])));
    let report = pipeline.shutdown(LONG);
    assert_eq!(report.destinations[0].delivered.spans, 3);
    assert!(!pipeline.send_request(0, request_of("late", &["d"])));
    assert_eq!(lost(&pipeline.report()), [(Signal::Traces, "closed", 1)]);
    insta::assert_snapshot!(lines(&path).join("\n"), @r#"
    {"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"one"}}]},"scopeSpans":[{"spans":[{"name":"a"},{"name":"b"}]}],"schemaUrl":"s"}]}
    {"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"two"}}]},"scopeSpans":[{"spans":[{"name":"c"}]}],"schemaUrl":"s"}]}
    "#);
    fs::remove_file(path).unwrap();
}

#[test]
fn who_waits_for_room_gets_it_also_for_what_is_larger_than_all_of_it() {
    let sent = |when_full| {
        let path = fresh(&format!("large-{when_full:?}"));
        let options = PipelineOptions {
            when_full,
            queue_bytes: 100,
            ..options().0
        };
        let pipeline = start(&format!("file:{}", path.display()), options);
        for name in ["a", "b", "c"] {
            pipeline.send(0, span_of(name, 500));
        }
        let report = pipeline.shutdown(LONG);
        fs::remove_file(path).unwrap();
        (report.destinations[0].delivered.spans, lost(&report))
    };
    assert_eq!(sent(WhenFull::Wait), (3, Vec::new()));
    let lost = vec![(Signal::Traces, "queue_full", 3)];
    assert_eq!(sent(WhenFull::Drop), (0, lost));
}

#[test]
fn a_pipeline_that_is_dropped_delivers_first() {
    let path = fresh("dropped");
    let pipeline = start(&format!("file:{}", path.display()), options().0);
    pipeline.send(0, span("a"));
    drop(pipeline);
    assert_eq!(lines(&path).len(), 1);
    fs::remove_file(path).unwrap();
}

#[test]
fn a_file_that_cannot_be_opened_is_told_at_the_start() {
    let lane = Lane::new("file:/nowhere/at/all".parse().unwrap());
    let error = Pipeline::start(vec![lane], options().0).unwrap_err();
    insta::assert_snapshot!(error, @"file:/nowhere/at/all: No such file or directory (os error 2)");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_costs_items_and_is_told() {
    let pipeline = start("file:/dev/full", options().0);
    pipeline.send(0, span("a"));
    let report = pipeline.shutdown(LONG);
    insta::assert_snapshot!(report, @"file:/dev/full: nothing delivered; 1 span lost because they could not be written (No space left on device (os error 28))");
}

#[cfg(target_os = "linux")]
#[test]
fn one_destination_does_not_disturb_another() {
    let path = fresh("beside");
    let lanes = [
        "file:/dev/full".to_owned(),
        format!("file:{}", path.display()),
    ];
    let lanes = lanes
        .iter()
        .map(|text| Lane::new(text.parse().unwrap()))
        .collect();
    let pipeline = Pipeline::start(lanes, options().0).unwrap();
    for lane in [0, 1] {
        pipeline.send(lane, span("a"));
    }
    assert!(!pipeline.send(2, span("a")));
    let report = pipeline.shutdown(LONG);
    assert!(report.destinations[1].is_complete(), "{report}");
    assert_eq!(lines(&path).len(), 1);
    fs::remove_file(path).unwrap();
}
