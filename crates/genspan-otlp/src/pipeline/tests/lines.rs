//! To files.

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
