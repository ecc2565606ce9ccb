//! Over HTTP.

use std::sync::{Arc as Shared, Mutex as Lock};

use opentelemetry_proto::tonic::{
    collector::trace::v1::{ExportTracePartialSuccess, ExportTraceServiceResponse},
    logs::v1::LogRecord,
    metrics::v1::{Gauge, Metric, NumberDataPoint, metric::Data},
};
use prost::Message;
use tokio::sync::oneshot;

use super::{
    collector::{Collector, Read, Reply, Reserved, Seen, taken_spans},
    *,
};

fn taken() -> Reply {
    Reply::Taken(Vec::new())
}

fn points(count: usize) -> Item {
    let data_points = vec![NumberDataPoint::default(); count];
    let data = Some(Data::Gauge(Gauge { data_points }));
    Item::Metric(Box::new(Metric {
        name: "m".to_owned(),
        data,
        ..Metric::default()
    }))
}

#[test]
fn each_signal_goes_its_own_way_with_headers_and_encoding() {
    for (encoding, content_type) in [
        ("protobuf", "application/x-protobuf"),
        ("json", "application/json"),
    ] {
        let collector = Collector::new(|_, _| taken());
        let to = format!(
            "http://{}/base;encoding={encoding};header=x-key:k3y",
            collector.address
        );
        let pipeline = start(&to, options().0);
        pipeline.send(0, points(3));
        pipeline.send(
            0,
            Item::Log(Box::new(LogRecord {
                event_name: "e".to_owned(),
                ..LogRecord::default()
            })),
        );
        pipeline.send(0, span("a"));
        let report = pipeline.shutdown(LONG);
        assert!(report.is_complete(), "{report}");
        let delivered = report.destinations[0].delivered;
        assert_eq!(
            (
                delivered.spans,
                delivered.log_records,
                delivered.data_points
            ),
            (1, 1, 3)
        );
        let seen = collector.rest();
        let paths: Vec<&str> = seen.iter().map(|seen| seen.path.as_str()).collect();
        assert_eq!(
            paths,
            ["/base/v1/traces", "/base/v1/logs", "/base/v1/metrics"]
        );
        for one in &seen {
            assert_eq!(
                (&one.headers["content-type"], &one.headers["x-key"]),
                (&content_type.parse().unwrap(), &"k3y".parse().unwrap())
            );
        }
        if encoding == "json" {
            let body = String::from_utf8(seen[0].body.clone()).unwrap();
            assert!(body.contains(r#""spans":[{"name":"a"}]"#), "{body}");
        }
        assert!(!format!("{pipeline:?}{report:?}").contains("k3y"));
    }
}

#[test]
fn a_destination_that_comes_back_gets_everything_once_and_in_order() {
    let reserved = Reserved::new();
    let spool = fresh("comes-back");
    let (options, mut waits) = options();
    let to = format!("http://{}", reserved.address);
    let pipeline = start(
        &to,
        PipelineOptions {
            spool: Some(spool.clone()),
            ..options
        },
    );
    for name in ["a", "b", "c"] {
        pipeline.send(0, span(name));
        let report = pipeline.flush(LONG);
        assert!(report.destinations[0].pending.is_empty(), "{report}");
    }
    assert_eq!(pipeline.report().destinations[0].spooled.spans, 3);
    let collector = Collector::on(reserved, |_, _| taken());
    // The third flush was the third failure in a row.
    waits.fire(FIRST_RETRY * 4);
    assert_eq!(
        [collector.wait(), collector.wait(), collector.wait()].map(|seen| seen.span_names()),
        [["a"], ["b"], ["c"]]
    );
    pipeline.send(0, span("d"));
    let report = pipeline.shutdown(LONG);
    assert!(report.is_complete(), "{report}");
    assert_eq!(report.destinations[0].delivered.spans, 4);
    assert_eq!(taken_spans(&collector), ["d"]);
    fs::remove_dir_all(spool).unwrap();
}

#[test]
fn one_that_never_comes_back_costs_a_bounded_spool_and_one_line_and_the_next_run_delivers() {
    let reserved = Reserved::new();
    let spool = fresh("never-back");
    let to = format!("http://{}", reserved.address);
    let with_spool = |options| PipelineOptions {
        spool: Some(spool.clone()),
        spool_bytes: 2_500,
        ..options
    };
    let pipeline = start(&to, with_spool(options().0));
    for number in 0..5 {
        pipeline.send(0, span_of(&number.to_string(), 1_000));
        let _ = pipeline.flush(LONG);
    }
    let report = pipeline.shutdown(LONG);
    assert_eq!(report.destinations[0].spooled.spans, 2);
    assert_eq!(lost(&report), [(Signal::Traces, "spool_full", 3)]);
    let line = report
        .to_string()
        .replace(&reserved.address.to_string(), "HOST");
    let (before, after) = line.split_once(spool.to_str().unwrap()).unwrap();
    // A hash names the destination; the system words the connection's failure.
    let (after, failure) = after.split_at(25).1.split_once(" (").unwrap();
    insta::assert_snapshot!([before, "SPOOL", after].concat(), @"http://HOST: nothing delivered; 2 spans kept in SPOOL/0 and sent when it answers again; 3 spans lost because the spool was full");
    assert!(failure.contains("onnection refused"), "{failure}");
    let collector = Collector::on(reserved, |_, _| taken());
    let pipeline = start(&to, with_spool(options().0));
    assert_eq!(
        [collector.wait(), collector.wait()].map(|seen| seen.span_names()),
        [["0"], ["1"]]
    );
    let report = pipeline.shutdown(LONG);
    assert!(report.is_complete(), "{report}");
    assert!(taken_spans(&collector).is_empty());
    fs::remove_dir_all(spool).unwrap();
}

#[test]
fn a_connection_that_breaks_is_tried_again() {
    let collector = Collector::new(|number, _| if number == 0 { Reply::Broken } else { taken() });
    let (options, mut waits) = options();
    let pipeline = start(&format!("http://{}", collector.address), options);
    pipeline.send(0, span("a"));
    waits.fire(BATCH);
    assert!(!collector.wait().was_taken);
    waits.fire(FIRST_RETRY);
    assert!(collector.wait().was_taken);
    let report = pipeline.shutdown(LONG);
    assert!(report.is_complete(), "{report}");
    assert!(collector.rest().is_empty());
}

#[test]
fn a_time_that_the_destination_asks_for_is_kept() {
    let reply = |number, _: &Seen| match number {
        0 => Reply::Status(429, vec![("retry-after", "7".to_owned())]),
        1 => Reply::Status(503, vec![]),
        _ => taken(),
    };
    let collector = Collector::new(reply);
    let (options, mut waits) = options();
    let pipeline = start(&format!("http://{}", collector.address), options);
    pipeline.send(0, span("a"));
    waits.fire(BATCH);
    drop(collector.wait());
    waits.fire(Duration::from_secs(7));
    drop(collector.wait());
    waits.fire(FIRST_RETRY * 2);
    assert_eq!(collector.wait().span_names(), ["a"]);
    assert!(pipeline.shutdown(LONG).is_complete());
}

#[test]
fn a_request_that_is_too_large_is_halved_and_one_span_is_cut() {
    let collector = Collector::new(|_, seen| match seen.request() {
        request if request.count() > 2 || seen.body.len() > 100_000 => Reply::Status(413, vec![]),
        _ => taken(),
    });
    let pipeline = start(&format!("http://{}", collector.address), options().0);
    for name in ["a", "b", "c", "d", "e"] {
        pipeline.send(0, span_of(name, if name == "c" { 300_000 } else { 10 }));
    }
    let report = pipeline.shutdown(LONG);
    assert!(report.is_complete(), "{report}");
    let seen = collector.rest();
    let taken: Vec<String> = seen
        .iter()
        .filter(|seen| seen.was_taken)
        .flat_map(Read::span_names)
        .collect();
    assert_eq!(taken, ["a", "b", "c", "d", "e"]);
    let with_mark = seen.iter().filter(|seen| seen.was_taken);
    assert_eq!(with_mark.filter(|seen| String::from_utf8_lossy(&seen.body).contains("genspan.content.truncated")).count(), 1);
}

#[test]
fn an_item_too_large_however_small_is_given_up() {
    let collector = Collector::new(|_, _| Reply::Status(413, vec![]));
    let pipeline = start(&format!("http://{}", collector.address), options().0);
    pipeline.send(0, span_of("a", 300_000));
    let report = pipeline.shutdown(LONG);
    assert_eq!(lost(&report), [(Signal::Traces, "too_large", 1)]);
    assert!((4..10).contains(&collector.rest().len()));
}

#[test]
fn requests_stay_under_their_bound() {
    let collector = Collector::new(|_, _| taken());
    let options = PipelineOptions {
        request_bytes: 20_000,
        ..options().0
    };
    let pipeline = start(
        &format!("http://{};encoding=json", collector.address),
        options,
    );
    for number in 0..20 {
        pipeline.send(
            0,
            span_of(
                &number.to_string(),
                if number == 7 { 200_000 } else { 3_000 },
            ),
        );
    }
    let report = pipeline.shutdown(LONG);
    assert_eq!(report.destinations[0].delivered.spans, 20);
    let sizes: Vec<usize> = collector
        .rest()
        .iter()
        .map(|seen| seen.body.len())
        .collect();
    assert!(
        sizes.len() > 3 && sizes.iter().all(|size| *size <= 20_000),
        "{sizes:?}"
    );
}

#[test]
fn what_the_destination_rejects_is_counted() {
    let partial = ExportTracePartialSuccess {
        rejected_spans: 2,
        error_message: "no".to_owned(),
    };
    let answer = ExportTraceServiceResponse {
        partial_success: Some(partial),
    }
    .encode_to_vec();
    let collector = Collector::new(move |_, _| Reply::Taken(answer.clone()));
    let pipeline = start(&format!("http://{}", collector.address), options().0);
    for name in ["a", "b", "c"] {
        pipeline.send(0, span(name));
    }
    let report = pipeline.shutdown(LONG);
    assert_eq!(report.destinations[0].delivered.spans, 1);
    assert_eq!(lost(&report), [(Signal::Traces, "rejected", 2)]);
}

#[test]
fn a_refused_request_is_dropped_counted_and_told_as_a_metric() {
    let collector = Collector::new(|number, _| {
        if number == 0 {
            Reply::Status(401, vec![])
        } else {
            taken()
        }
    });
    let pipeline = start(&format!("http://{}", collector.address), options().0);
    pipeline.send(0, span("a"));
    let report = pipeline.flush(LONG);
    assert_eq!(lost(&report), [(Signal::Traces, "refused", 1)]);
    assert!(
        report.to_string().ends_with(
            ": nothing delivered; 1 span lost because they were refused (HTTP 401 Unauthorized)"
        ),
        "{report}"
    );
    pipeline.send(0, span("b"));
    let report = pipeline.shutdown(LONG);
    assert_eq!(report.destinations[0].delivered.spans, 1);
    drop(collector.wait());
    let Request::Metrics(request) = collector.rest().pop().unwrap().request() else {
        panic!()
    };
    let metric = crate::request::metrics(&request).next().unwrap();
    let mut json = Vec::new();
    crate::json::one_metric(&mut json, metric);
    insta::assert_snapshot!(String::from_utf8(json).unwrap(), @r#"{"name":"genspan.dropped","description":"Counts the telemetry that was dropped.","unit":"{item}","sum":{"dataPoints":[{"attributes":[{"key":"genspan.drop.reason","value":{"stringValue":"refused"}},{"key":"genspan.drop.signal","value":{"stringValue":"spans"}}],"startTimeUnixNano":"1700000000000000000","timeUnixNano":"1700000000000000000","asInt":"1"}],"aggregationTemporality":2,"isMonotonic":true}}"#);
}

#[test]
fn what_the_queue_has_no_room_for_is_counted_and_the_rest_goes_on() {
    let (release, released) = oneshot::channel();
    let first = Shared::new(Lock::new(Some(released)));
    let collector =
        Collector::new(move |_, _| first.lock().unwrap().take().map_or_else(taken, Reply::Held));
    let (options, mut waits) = options();
    let options = PipelineOptions {
        queue_items: 2,
        ..options
    };
    let pipeline = start(&format!("http://{}", collector.address), options);
    assert!(pipeline.send(0, span("a")));
    waits.fire(BATCH);
    // The worker waits for the answer now, and takes nothing out of the queue.
    drop(collector.wait());
    let taken: Vec<bool> = ["b", "c", "d", "e"]
        .map(|name| pipeline.send(0, span(name)))
        .into();
    assert_eq!(taken, [true, true, false, false]);
    assert_eq!(pipeline.report().destinations[0].pending.spans, 3);
    drop(release);
    let report = pipeline.shutdown(LONG);
    assert_eq!(lost(&report), [(Signal::Traces, "queue_full", 2)]);
    assert_eq!(report.destinations[0].delivered.spans, 3);
    assert_eq!(taken_spans(&collector), ["b", "c"]);
}

#[test]
fn an_answer_that_does_not_come_in_time_is_a_failure() {
    let (release, released) = oneshot::channel();
    let first = Shared::new(Lock::new(Some(released)));
    let collector =
        Collector::new(move |_, _| first.lock().unwrap().take().map_or_else(taken, Reply::Held));
    let (options, mut waits) = options();
    let pipeline = start(
        &format!("http://{};timeout=33s", collector.address),
        options,
    );
    pipeline.send(0, span("a"));
    waits.fire(BATCH);
    drop(collector.wait());
    waits.fire(Duration::from_secs(33));
    waits.fire(FIRST_RETRY);
    assert_eq!(collector.wait().span_names(), ["a"]);
    assert!(pipeline.shutdown(LONG).is_complete());
    drop(release);
}

#[test]
fn signals_that_a_destination_does_not_take_are_forgotten() {
    let collector = Collector::new(|_, _| taken());
    let mut lane = Lane::new(format!("http://{}", collector.address).parse().unwrap());
    let Endpoint::Http(http) = &mut lane.destination.endpoint else {
        panic!()
    };
    http.metrics = None;
    let pipeline = Pipeline::start(vec![lane], options().0).unwrap();
    assert!(pipeline.send(0, points(1)));
    assert!(pipeline.shutdown(LONG).is_complete());
    assert!(collector.rest().is_empty());
}

#[test]
fn an_item_s_own_scope_and_schema_go_with_it() {
    let collector = Collector::new(|_, _| taken());
    let pipeline = start(&format!("http://{}", collector.address), options().0);
    let mut origin = Origin {
        schema_url: "https://example.com/1".to_owned(),
        ..Origin::default()
    };
    origin.scope.name = "lib".to_owned();
    let origin = Shared::new(origin);
    pipeline.send_from(0, span("a"), &origin);
    pipeline.send(0, span("b"));
    pipeline.send_from(0, span("c"), &origin);
    assert!(pipeline.shutdown(LONG).is_complete());
    let Request::Traces(request) = collector.wait().request() else {
        panic!()
    };
    let scopes = request.resource_spans[0].scope_spans.iter();
    let scopes: Vec<_> = scopes
        .map(|one| {
            let names: Vec<&str> = one.spans.iter().map(|span| span.name.as_str()).collect();
            let scope = one.scope.as_ref().unwrap();
            (scope.name.as_str(), one.schema_url.as_str(), names)
        })
        .collect();
    assert_eq!(
        scopes,
        [
            ("lib", "https://example.com/1", vec!["a", "c"]),
            ("", "", vec!["b"])
        ]
    );
}
