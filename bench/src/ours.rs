//! genspan as it is measured: with a sink, and nothing behind it.

use std::{sync::Arc, time::Duration};

use genspan::{Capture, Conventions, Place, QueueLimits, Rendering, Sink, Telemetry};
use genspan_http::{Recorder, RecorderOptions};
use genspan_otel::OtelSink;
use genspan_otlp::{OtlpSink, Route, SinkOptions};
use opentelemetry_sdk::{metrics::SdkMeterProvider, trace::SdkTracerProvider};

use crate::sdk::{Behind, meters, tracers};

/// More than a round hands over, so that all is done that is measured.
const LIMIT: usize = 1024 * 1024 * 1024;

/// Holds one way to set genspan up.
pub(crate) struct Ours {
    pub(crate) telemetry: Telemetry,
    pub(crate) recorder: Recorder,
    providers: Option<(SdkTracerProvider, SdkMeterProvider)>,
}

/// Says where the work is done that is not the caller's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    OnWorker,
    AtOnce,
}

/// Renders the default conventions, with content on spans or without.
pub(crate) fn rendering(has_content: bool) -> Rendering {
    let place = if has_content {
        Place::Span
    } else {
        Place::None
    };
    Rendering::new(Conventions::default()).with_capture(Capture::at(place))
}

impl Ours {
    /// Records through OpenTelemetry's SDK.
    pub(crate) fn otel(behind: Behind, has_content: bool, work: Work) -> Self {
        let (tracers, meters) = (tracers(behind), meters());
        let sink = OtelSink::builder(rendering(has_content))
            .with_tracer_provider(&tracers)
            .with_meter_provider(&meters)
            .build();
        Self {
            providers: Some((tracers, meters)),
            ..Self::with_sink(Arc::new(sink), work)
        }
    }

    /// Records through genspan's own OTLP, into a file that keeps nothing.
    pub(crate) fn otlp(has_content: bool) -> Result<Self, String> {
        let destination = "file:/dev/null".parse();
        let route = Route {
            destination: destination.map_err(|error| format!("{error}"))?,
            rendering: rendering(has_content),
        };
        let sink = OtlpSink::start(vec![route], SinkOptions::default());
        let sink = sink.map_err(|error| error.to_string())?;
        Ok(Self::with_sink(Arc::new(sink), Work::OnWorker))
    }

    pub(crate) fn disabled() -> Self {
        Self::of(Telemetry::disabled())
    }

    fn with_sink(sink: Arc<dyn Sink>, work: Work) -> Self {
        let builder = Telemetry::builder(sink).with_queue(QueueLimits {
            bytes: LIMIT,
            items: 65_536,
        });
        Self::of(match work {
            Work::OnWorker => builder.build(),
            Work::AtOnce => builder.inline().build(),
        })
    }

    fn of(telemetry: Telemetry) -> Self {
        let options = RecorderOptions {
            max_waiting_bytes: LIMIT,
            ..RecorderOptions::default()
        };
        let recorder = Recorder::new(telemetry.clone(), options);
        Self {
            telemetry,
            recorder,
            providers: None,
        }
    }

    /// Waits until nothing waits any more.
    pub(crate) fn drain(&self) {
        let limit = Duration::from_secs(20);
        let _ = self.recorder.settle(limit);
        let _ = self.telemetry.flush(limit);
        if let Some((tracers, _)) = &self.providers {
            let _ = tracers.force_flush();
        }
    }

    /// Fails where something was lost: then less was done than was measured.
    pub(crate) fn check(&self) -> Result<(), String> {
        let report = self.telemetry.flush(Duration::from_secs(20));
        let skipped = self.recorder.skipped_bytes();
        if report.is_complete() && skipped == 0 {
            Ok(())
        } else {
            Err(format!(
                "a queue was full: {report}, {skipped} bytes skipped"
            ))
        }
    }
}
