//! How it ends.

use std::thread;

use tokio::sync::oneshot;

use super::{
    collector::{Collector, Reply, Reserved},
    *,
};

const BUDGET: Duration = Duration::from_secs(77);

#[test]
fn a_destination_that_hangs_does_not_hold_up_the_end() {
    let (release, released) = oneshot::channel();
    let mut held = Some(released);
    let collector = Collector::new(move |_, _| held.take().map_or(Reply::Broken, Reply::Held));
    let spool = fresh("hangs");
    let (options, mut waits) = options();
    let options = PipelineOptions {
        spool: Some(spool.clone()),
        ..options
    };
    let pipeline = start(&format!("http://{}", collector.address), options);
    pipeline.send(0, span("a"));
    waits.fire(BATCH);
    drop(collector.wait());
    pipeline.send(0, span("b"));
    let report = thread::scope(|scope| {
        let ending = scope.spawn(|| pipeline.shutdown(BUDGET));
        waits.fire(BUDGET);
        ending.join().unwrap()
    });
    assert_eq!(report.destinations[0].spooled.spans, 2, "{report}");
    assert!(report.destinations[0].lost.is_empty() && report.destinations[0].pending.is_empty());
    drop(release);
    fs::remove_dir_all(spool).unwrap();
}

#[test]
fn without_a_spool_on_disk_what_is_left_is_lost_and_told() {
    let reserved = Reserved::new();
    let pipeline = start(&format!("http://{}", reserved.address), options().0);
    pipeline.send(0, span("a"));
    let report = pipeline.shutdown(LONG);
    assert_eq!(lost(&report), [(Signal::Traces, "unreachable", 1)]);
    assert_eq!(report.to_string().lines().count(), 1);
}

#[test]
fn no_time_at_all_still_keeps_what_there_is() {
    let collector = Collector::new(|_, _| Reply::Taken(Vec::new()));
    let spool = fresh("no-time");
    let options = PipelineOptions {
        spool: Some(spool.clone()),
        ..options().0
    };
    let pipeline = start(&format!("http://{}", collector.address), options);
    pipeline.send(0, span("a"));
    let report = pipeline.shutdown(Duration::ZERO);
    assert_eq!(report.destinations[0].spooled.spans, 1, "{report}");
    assert!(collector.rest().is_empty());
    fs::remove_dir_all(spool).unwrap();
}

#[test]
fn after_the_end_items_are_counted_and_a_second_end_does_nothing() {
    let path = fresh("after-end");
    let pipeline = start(&format!("file:{}", path.display()), options().0);
    let first = pipeline.shutdown(LONG);
    assert!(!pipeline.send(0, span("late")));
    assert!(first.is_complete());
    assert_eq!(
        lost(&pipeline.shutdown(LONG)),
        [(Signal::Traces, "closed", 1)]
    );
    assert_eq!(lost(&pipeline.flush(LONG)), [(Signal::Traces, "closed", 1)]);
    fs::remove_file(path).unwrap();
}

#[test]
fn the_thread_works_within_what_was_set_up_for_it_until_it_ends() {
    /// Tells where it was made and where it was dropped.
    struct Told(mpsc::Sender<String>);

    impl Drop for Told {
        fn drop(&mut self) {
            self.0
                .send(format!("left {:?}", thread::current().name()))
                .unwrap();
        }
    }

    let (told, tells) = mpsc::channel();
    let path = fresh("within");
    let options = PipelineOptions {
        surroundings: Surroundings::new(move || {
            let name = format!("entered {:?}", thread::current().name());
            told.send(name).unwrap();
            Told(told.clone())
        }),
        ..options().0
    };
    let pipeline = start(&format!("file:{}", path.display()), options);
    assert_eq!(tells.recv().unwrap(), r#"entered Some("genspan-otlp")"#);
    assert!(tells.try_recv().is_err());
    assert!(pipeline.shutdown(LONG).is_complete());
    assert_eq!(tells.recv().unwrap(), r#"left Some("genspan-otlp")"#);
    fs::remove_file(path).unwrap();
}
