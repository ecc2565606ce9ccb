//! The providers behind a sink: who flushes them, and who may shut them down.

use std::{fmt, sync::mpsc, thread, time::Duration};

use genspan::Report;
use opentelemetry_sdk::{
    error::{OTelSdkError, OTelSdkResult},
    logs::SdkLoggerProvider,
    metrics::SdkMeterProvider,
    trace::SdkTracerProvider,
};

/// Delivers what the providers behind a sink hold, when the recorder is flushed or shut down.
pub trait Providers: fmt::Debug + Send + Sync {
    /// Delivers what was recorded so far, as far as `timeout` allows.
    fn flush(&self, timeout: Duration) -> Report;

    /// Delivers what was recorded so far and shuts down what is the sink's own.
    fn shutdown(&self, timeout: Duration) -> Report;
}

/// Flushes providers that belong to the application, and never shuts them down.
///
/// ```
/// use genspan::Rendering;
/// use genspan_otel::{ApplicationProviders, OtelSink};
/// use opentelemetry_sdk::trace::SdkTracerProvider;
///
/// let tracers = SdkTracerProvider::builder().build();
/// let sink = OtelSink::builder(Rendering::default())
///     .with_tracer_provider(&tracers)
///     .with_providers(ApplicationProviders::default().with_tracer_provider(tracers.clone()))
///     .build();
/// ```
#[derive(Clone, Debug, Default)]
pub struct ApplicationProviders {
    tracers: Option<SdkTracerProvider>,
    meters: Option<SdkMeterProvider>,
    loggers: Option<SdkLoggerProvider>,
}

impl ApplicationProviders {
    /// Flushes this one, too.
    #[must_use]
    pub fn with_tracer_provider(mut self, provider: SdkTracerProvider) -> Self {
        self.tracers = Some(provider);
        self
    }

    /// Flushes this one, too.
    #[must_use]
    pub fn with_meter_provider(mut self, provider: SdkMeterProvider) -> Self {
        self.meters = Some(provider);
        self
    }

    /// Flushes this one, too.
    #[must_use]
    pub fn with_logger_provider(mut self, provider: SdkLoggerProvider) -> Self {
        self.loggers = Some(provider);
        self
    }

    fn flush_all(&self) -> Report {
        let flushed = [
            (
                "tracer",
                self.tracers.as_ref().map(SdkTracerProvider::force_flush),
            ),
            (
                "meter",
                self.meters.as_ref().map(SdkMeterProvider::force_flush),
            ),
            (
                "logger",
                self.loggers.as_ref().map(SdkLoggerProvider::force_flush),
            ),
        ];
        let notes = flushed
            .into_iter()
            .filter_map(|(which, result)| note(which, result?));
        Report {
            notes: notes.collect(),
            ..Report::default()
        }
    }
}

fn note(which: &str, result: OTelSdkResult) -> Option<String> {
    match result.err()? {
        OTelSdkError::AlreadyShutdown => Some(format!(
            "the {which} provider was shut down before the recorder: what ended after that is lost"
        )),
        error => Some(format!("the {which} provider could not deliver: {error}")),
    }
}

impl Providers for ApplicationProviders {
    fn flush(&self, timeout: Duration) -> Report {
        let (done, result) = mpsc::channel();
        let providers = self.clone();
        // The SDK's flush takes no timeout.
        let spawned = thread::Builder::new()
            .name("genspan-flush".to_owned())
            .spawn(move || drop(done.send(providers.flush_all())));
        let report = spawned.ok().and_then(|_| result.recv_timeout(timeout).ok());
        report.unwrap_or_else(|| Report {
            notes: vec![format!("the providers were not flushed within {timeout:?}")],
            ..Report::default()
        })
    }

    fn shutdown(&self, timeout: Duration) -> Report {
        self.flush(timeout)
    }
}
