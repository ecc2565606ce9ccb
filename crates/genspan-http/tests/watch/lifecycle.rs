//! One end, always.

use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use genspan_http::WatchedBody;
use http_body::Body;
use http_body_util::BodyExt;
use tower_service::Service;

use crate::{
    mock::{Mock, Piece, Reply, Script},
    rig::{CHUNKS, LIMIT, Rig, STREAM, ask, error_type, text},
};

fn streamed(script: Script) -> Mock {
    Mock::new([Reply::answer(200, &STREAM, script)])
}

fn next(body: &mut WatchedBody<Script>) -> Option<Result<Bytes, io::Error>> {
    match pin!(body).poll_frame(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(frame) => frame.map(|frame| frame.map(|frame| frame.into_data().unwrap())),
        Poll::Pending => panic!("pending"),
    }
}

/// Both ways of working: at once, and on the worker's thread.
fn both(check: impl Fn(Rig)) {
    for is_inline in [true, false] {
        check(Rig::with(
            genspan_http::RecorderOptions::default(),
            is_inline,
        ));
    }
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap()
        .block_on(future)
}

#[test]
fn read_to_the_end_is_completed() {
    both(|rig| {
        block_on(rig.whole(&streamed(Script::chunks(CHUNKS)), ask()));
        let span = rig.span();
        assert_eq!(error_type(&span), None);
        assert_eq!(text(&span, "gen_ai.response.model"), "\"gpt-4o-1\"");
    });
}

#[test]
fn known_end_after_the_last_frame_is_completed() {
    both(|rig| {
        let mut body = block_on(rig.call(&streamed(Script::chunks(CHUNKS).sized()), ask()))
            .unwrap()
            .into_body();
        for _ in CHUNKS {
            next(&mut body).unwrap().unwrap();
        }
        assert!(body.is_end_stream());
        assert_eq!(error_type(&rig.span()), None);
        drop(body);
        rig.span();
    });
}

#[test]
fn empty_body_ends_with_its_head() {
    both(|rig| {
        let response = block_on(rig.call(&streamed(Script::default().sized()), ask())).unwrap();
        rig.span();
        drop(response);
        rig.span();
    });
}

#[test]
fn service_errors_are_failures() {
    for (kind, word) in [
        (io::ErrorKind::ConnectionRefused, "connectivity"),
        (io::ErrorKind::ConnectionReset, "connection_lost"),
        (io::ErrorKind::TimedOut, "timeout"),
    ] {
        both(|rig| {
            let error = block_on(rig.call(&Mock::new([Reply::Fail(kind)]), ask())).unwrap_err();
            assert_eq!(error.kind(), kind);
            assert_eq!(error_type(&rig.span()).as_deref(), Some(word));
        });
    }
}

#[test]
fn dropped_before_the_response_is_cancelled() {
    both(|rig| {
        drop(rig.client(&Mock::new([Reply::Hang])).call(ask()));
        assert_eq!(error_type(&rig.span()).as_deref(), Some("cancelled"));
    });
    both(|rig| {
        let mut client = rig.client(&Mock::new([Reply::Hang]));
        {
            let mut future = pin!(client.call(ask()));
            assert!(
                future
                    .as_mut()
                    .poll(&mut Context::from_waker(Waker::noop()))
                    .is_pending()
            );
        }
        assert_eq!(error_type(&rig.span()).as_deref(), Some("cancelled"));
    });
}

#[test]
fn dropped_amid_the_stream_is_cancelled() {
    both(|rig| {
        let mut body = block_on(rig.call(
            &streamed(Script::chunks(&CHUNKS[..1]).then(Piece::Hang)),
            ask(),
        ))
        .unwrap()
        .into_body();
        next(&mut body).unwrap().unwrap();
        assert!(rig.ended().is_empty());
        drop(body);
        let span = rig.span();
        assert_eq!(error_type(&span).as_deref(), Some("cancelled"));
        assert!(text(&span, "gen_ai.output.messages").contains("Hello"));
    });
}

#[test]
fn dropped_after_the_terminal_chunk_is_completed() {
    both(|rig| {
        let mut body =
            block_on(rig.call(&streamed(Script::chunks(CHUNKS).then(Piece::Hang)), ask()))
                .unwrap()
                .into_body();
        for _ in CHUNKS {
            next(&mut body).unwrap().unwrap();
        }
        drop(body);
        assert_eq!(error_type(&rig.span()), None);
    });
}

#[test]
fn body_error_is_a_lost_connection() {
    both(|rig| {
        let script = Script::chunks(&CHUNKS[..1]).then(Piece::Error);
        let mut body = block_on(rig.call(&streamed(script), ask()))
            .unwrap()
            .into_body();
        next(&mut body).unwrap().unwrap();
        assert_eq!(next(&mut body).unwrap().unwrap_err().to_string(), "cut");
        drop(body);
        assert_eq!(error_type(&rig.span()).as_deref(), Some("connection_lost"));
    });
}

#[test]
fn body_that_runs_out_of_time_is_a_timeout() {
    both(|rig| {
        let script = Script::chunks(&CHUNKS[..1]).then(Piece::TimedOut);
        let mut body = block_on(rig.call(&streamed(script), ask()))
            .unwrap()
            .into_body();
        next(&mut body).unwrap().unwrap();
        assert!(next(&mut body).unwrap().is_err());
        drop(body);
        assert_eq!(error_type(&rig.span()).as_deref(), Some("timeout"));
    });
}

#[test]
fn stream_that_ends_early_is_truncated() {
    both(|rig| {
        block_on(rig.whole(&streamed(Script::chunks(&CHUNKS[..1])), ask()));
        assert_eq!(error_type(&rig.span()).as_deref(), Some("truncated"));
    });
}

#[test]
fn panic_of_the_caller_is_cancelled() {
    both(|rig| {
        let script = Script::chunks(&CHUNKS[..1]).then(Piece::Hang);
        let mut body = block_on(rig.call(&streamed(script), ask()))
            .unwrap()
            .into_body();
        let panicked = catch_unwind(AssertUnwindSafe(move || {
            next(&mut body).unwrap().unwrap();
            std::panic::resume_unwind(Box::new("the caller's own trouble"));
        }));
        assert!(panicked.is_err());
        assert_eq!(error_type(&rig.span()).as_deref(), Some("cancelled"));
    });
}

#[test]
fn shutdown_ends_what_is_under_way() {
    both(|rig| {
        let script = Script::chunks(CHUNKS);
        let mut body = block_on(rig.call(&streamed(script), ask()))
            .unwrap()
            .into_body();
        next(&mut body).unwrap().unwrap();
        assert!(rig.recorder.settle(LIMIT));
        let _ = rig.telemetry.shutdown(LIMIT);
        let spans = rig.sink.spans();
        assert_eq!(spans.len(), 1);
        assert_eq!(error_type(&spans[0]).as_deref(), Some("cancelled"));
        // The traffic does not notice, and nothing ends twice.
        assert_eq!(
            block_on(body.collect()).unwrap().to_bytes(),
            CHUNKS[1..].concat()
        );
        assert!(rig.recorder.settle(LIMIT));
        assert_eq!(rig.sink.spans().len(), 1);
    });
}

#[test]
fn each_end_is_one_duration_point() {
    both(|rig| {
        block_on(rig.whole(&streamed(Script::chunks(CHUNKS)), ask()));
        rig.span();
        let durations = rig
            .sink
            .measurements()
            .iter()
            .filter(|it| it.metric.name() == "gen_ai.client.operation.duration")
            .count();
        assert_eq!(durations, 1);
    });
}

/// For transports whose answer is no body: what is noted by hand gives what a body gives.
#[test]
fn pieces_that_are_noted_are_those_of_a_body() {
    both(|rig| {
        let (parts, body) = ask().into_parts();
        let head = http::Response::builder().header("content-type", "text/event-stream");
        let (head, ()) = head.body(()).unwrap().into_parts();
        let watch = rig.recorder.watch(&parts).unwrap();
        watch.request_whole(block_on(body.collect()).unwrap().to_bytes());
        watch.response_head(&head);
        for chunk in CHUNKS {
            watch.response_chunk(&Bytes::from_static(chunk.as_bytes()));
        }
        watch.end(genspan_http::End::Complete);
        block_on(rig.whole(&streamed(Script::chunks(CHUNKS)), ask()));
        let spans = rig.settled();
        let facts = |nth: usize| {
            let all = spans[nth].signals.attributes.iter();
            let is_time = |key: &str| key.contains("time_");
            all.filter(|it| !is_time(it.key.as_ref()))
                .map(|it| format!("{} {}", it.key, it.value.to_json()))
                .collect::<Vec<_>>()
        };
        assert_eq!(spans.len(), 2);
        assert_eq!(facts(0), facts(1));
    });
}
