//! A recorder that keeps all in memory, and an executor that never waits.

use std::{
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll, Waker},
    time::Duration,
};

use genspan::{
    Capture, Conventions, ErrorType, Place, Rendering, Scope, Telemetry, semconv::attribute,
};
use testkit::{CaptureSink, CapturedSpan, ManualClock};

pub(crate) struct Rig {
    pub(crate) sink: Arc<CaptureSink>,
    pub(crate) telemetry: Telemetry,
}

impl Rig {
    /// Records content on spans.
    pub(crate) fn with_content() -> Self {
        Self::of(CaptureSink::new(
            Rendering::new(Conventions::V1_41).with_capture(Capture::at(Place::Span)),
        ))
    }

    /// Records no content.
    pub(crate) fn without_content() -> Self {
        Self::of(CaptureSink::new(Rendering::new(Conventions::V1_41)))
    }

    pub(crate) fn of(sink: Arc<CaptureSink>) -> Self {
        let clock = ManualClock::default().stepping(Duration::from_millis(1));
        let telemetry = Telemetry::builder(Arc::clone(&sink) as _)
            .with_clock(Arc::new(clock))
            .inline()
            .build();
        Self { sink, telemetry }
    }

    pub(crate) fn scope(&self) -> Scope {
        self.telemetry.scope()
    }

    /// Runs a future within the recorder's scope.
    pub(crate) fn run<F: Future>(&self, work: F) -> F::Output {
        drive(self.scope().within(work))
    }

    pub(crate) fn spans(&self) -> Vec<CapturedSpan> {
        let report = self.telemetry.flush(Duration::from_secs(10));
        assert!(report.is_complete(), "{report}");
        self.sink.spans()
    }

    pub(crate) fn tree(&self) -> String {
        testkit::tree(&self.spans())
    }

    /// Gives the only span.
    pub(crate) fn span(&self) -> CapturedSpan {
        let mut spans = self.spans();
        assert_eq!(spans.len(), 1, "one span: {spans:?}");
        spans.remove(0)
    }

    /// Gives the class of the error of the only span.
    pub(crate) fn error_type(&self) -> Option<String> {
        let span = self.span();
        let class = span.signals.get(attribute::ERROR_TYPE);
        assert_eq!(span.signals.is_error, class.is_some());
        class.map(|class| class.as_str().unwrap().to_owned())
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.error_type().as_deref() == Some(ErrorType::Cancelled.as_str())
    }
}

/// Polls a future until it is ready.
pub(crate) fn drive<F: Future>(work: F) -> F::Output {
    let mut work = pin!(work);
    for _ in 0..1_000 {
        if let Poll::Ready(output) = poll(work.as_mut()) {
            return output;
        }
    }
    panic!("the future is never ready");
}

pub(crate) fn poll<F: Future>(work: Pin<&mut F>) -> Poll<F::Output> {
    work.poll(&mut Context::from_waker(Waker::noop()))
}

/// Lets others run once.
pub(crate) async fn pause() {
    let mut has_paused = false;
    std::future::poll_fn(|_| {
        if std::mem::replace(&mut has_paused, true) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
}
