//! A worker that has no time costs content, never traffic and never a span.

use std::{
    sync::{Arc, mpsc},
    thread,
};

use genspan::{Capture, Conventions, Place, QueueLimits, Rendering, Telemetry};
use genspan_http::{Recorder, RecorderOptions};
use testkit::{CaptureSink, ManualClock};

use crate::{
    mock::{Mock, Reply, Script},
    rig::{CHUNKS, LIMIT, Rig, STREAM, ask, diagnostics, error_type, text},
};

/// A rig whose worker is busy until the sender is dropped, and whose queue is full before if asked.
fn busy(is_full: bool) -> (Rig, mpsc::Sender<()>) {
    let sink =
        CaptureSink::new(Rendering::new(Conventions::V1_41).with_capture(Capture::at(Place::Span)));
    let clock = Arc::new(ManualClock::default());
    let telemetry = Telemetry::builder(Arc::clone(&sink) as _)
        .with_clock(Arc::clone(&clock) as _)
        .with_queue(QueueLimits {
            bytes: 1 << 20,
            items: 64,
        })
        .build();
    let (release, released) = mpsc::channel::<()>();
    telemetry
        .submit(0, move || assert!(released.recv().is_err()))
        .unwrap();
    if is_full {
        while telemetry.submit(0, || ()).is_ok() {}
    }
    let recorder = Recorder::new(telemetry.clone(), RecorderOptions::default());
    (
        Rig {
            sink,
            clock,
            telemetry,
            recorder,
        },
        release,
    )
}

fn good() -> Mock {
    Mock::new([Reply::answer(200, &STREAM, Script::chunks(CHUNKS))])
}

#[tokio::test]
async fn a_full_queue_costs_the_content_and_keeps_the_span() {
    let (rig, release) = busy(true);
    assert_eq!(rig.whole(&good(), ask()).await, CHUNKS.concat());
    assert!(rig.recorder.skipped_bytes() > 0);
    drop(release);
    let span = rig.span();
    assert!(diagnostics(&span).contains("bytes_skipped"));
    assert_ne!(error_type(&span).as_deref(), Some("cancelled"));
}

#[tokio::test]
async fn a_worker_that_catches_up_makes_up_for_what_ended_meanwhile() {
    let (rig, release) = busy(true);
    for _ in 0..3 {
        rig.whole(&good(), ask()).await;
    }
    drop(release);
    assert!(rig.telemetry.flush(LIMIT).is_complete());
    // The next exchange has room, and the worker does the overdue ones with it.
    rig.whole(&good(), ask()).await;
    assert_eq!(rig.settled().len(), 4);
}

#[tokio::test]
async fn what_waits_for_a_busy_worker_is_read_later() {
    let (rig, release) = busy(false);
    rig.whole(&good(), ask()).await;
    assert!(rig.sink.spans().is_empty());
    drop(release);
    let span = rig.span();
    assert_eq!(
        (error_type(&span), diagnostics(&span)),
        (None, String::new())
    );
    assert!(text(&span, "gen_ai.output.messages").contains("Hello"));
}

#[tokio::test]
async fn a_large_body_in_one_piece_is_read() {
    let rig = Rig::with(RecorderOptions::default(), false);
    let text_of = "x".repeat(9 << 20);
    let question =
        format!(r#"{{"model":"gpt-4o","messages":[{{"role":"user","content":"{text_of}"}}]}}"#);
    rig.whole(&good(), ask().map(|_| question.into())).await;
    assert_eq!(rig.recorder.skipped_bytes(), 0);
    assert_eq!(text(&rig.span(), "gen_ai.request.model"), "\"gpt-4o\"");
}

#[test]
fn threads_do_not_disturb_each_other() {
    for is_inline in [true, false] {
        let rig = Rig::with(RecorderOptions::default(), is_inline);
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    let runtime = tokio::runtime::Builder::new_current_thread()
                        .build()
                        .unwrap();
                    for _ in 0..25 {
                        runtime.block_on(rig.whole(&good(), ask()));
                    }
                });
            }
        });
        let spans = rig.settled();
        assert_eq!(spans.len(), 100);
        assert!(
            spans
                .iter()
                .all(|span| error_type(span).is_none() && diagnostics(span).is_empty())
        );
    }
}
