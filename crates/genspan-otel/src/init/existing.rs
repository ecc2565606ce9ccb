//! Recording through providers that the application set up itself.

use std::sync::Arc;

use genspan::{Place, Rendering, Telemetry, config::Settings};
use opentelemetry::{
    global,
    logs::LoggerProvider,
    metrics::MeterProvider,
    trace::{Tracer, TracerProvider},
};

use super::probe;
use crate::{OtelSink, OtelSinkBuilder, instrument};

/// Names the version of the `opentelemetry` crate that this crate records through.
const VERSION: &str = "0.33";

/// Says why nothing would come of recording through OpenTelemetry's globals, and what would do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NoProvider {
    /// There is no global tracer provider in this version of `opentelemetry`.
    #[error(
        "`opentelemetry` {VERSION} has no global tracer provider, so nothing would be recorded: either \
         none was set before this call (set one, or use `genspan_otel::init`), or the one that was set \
         belongs to another version of `opentelemetry`, with which {VERSION} shares nothing; \
         `cargo tree --invert opentelemetry` shows the versions in this program and who brings them"
    )]
    Tracer,
    /// Content is to stand on events, and events need a provider of loggers.
    #[error(
        "content is to stand on events, but `opentelemetry` has no global logger provider: hand the \
         application's own over with `genspan_otel::from_globals_with_logs`, or let content stand on \
         spans (`SPAN_ONLY`)"
    )]
    Logger,
}

/// Records through the application's global providers of tracers and meters.
///
/// OpenTelemetry has no global provider of loggers, so events do not come out; use
/// [`from_globals_with_logs`] for them. The environment decides version and content
/// ([`genspan::config`]); where the program is to decide, set an [`OtelSink`] up instead.
///
/// ```no_run
/// # fn main() -> Result<(), genspan_otel::NoProvider> {
/// # let tracer_provider = opentelemetry_sdk::trace::SdkTracerProvider::builder().build();
/// opentelemetry::global::set_tracer_provider(tracer_provider);
/// let telemetry = genspan_otel::from_globals()?;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// Returns an error where there is no global tracer provider of this version of `opentelemetry`, and
/// where content is to stand on events.
pub fn from_globals() -> Result<Telemetry, NoProvider> {
    let rendering = rendering();
    if matches!(rendering.capture().place(), Place::Event | Place::Both) {
        return Err(NoProvider::Logger);
    }
    Ok(measured_globally(telemetry(globals(rendering)?)))
}

/// Records through the application's global providers of tracers and meters, and this one of loggers.
///
/// # Errors
///
/// Returns an error where there is no global tracer provider of this version of `opentelemetry`.
pub fn from_globals_with_logs<L>(loggers: &L) -> Result<Telemetry, NoProvider>
where
    L: LoggerProvider,
    L::Logger: Send + Sync + 'static,
{
    let sink = globals(rendering())?.with_logger_provider(loggers);
    Ok(measured_globally(telemetry(sink)))
}

/// Records through providers that the application owns as values.
///
/// They stay the application's to flush and to shut down, after the recorder:
///
/// ```
/// use std::time::Duration;
///
/// use genspan::Provider;
/// use opentelemetry_sdk::{
///     logs::SdkLoggerProvider, metrics::SdkMeterProvider, trace::SdkTracerProvider,
/// };
///
/// let tracers = SdkTracerProvider::builder().build();
/// let meters = SdkMeterProvider::builder().build();
/// let loggers = SdkLoggerProvider::builder().build();
/// let telemetry = genspan_otel::with_providers(&tracers, &meters, &loggers);
/// telemetry.chat(Provider::OPENAI, "gpt-4o-mini").finish();
/// assert!(telemetry.shutdown(Duration::from_secs(5)).is_complete());
/// tracers.shutdown()?;
/// # meters.shutdown()?;
/// # loggers.shutdown()?;
/// # Ok::<(), opentelemetry_sdk::error::OTelSdkError>(())
/// ```
pub fn with_providers<T, M, L>(tracers: &T, meters: &M, loggers: &L) -> Telemetry
where
    T: TracerProvider,
    T::Tracer: Send + Sync + 'static,
    <T::Tracer as Tracer>::Span: Send + Sync + 'static,
    M: MeterProvider,
    L: LoggerProvider,
    L::Logger: Send + Sync + 'static,
{
    let sink = OtelSink::builder(rendering())
        .with_tracer_provider(tracers)
        .with_meter_provider(meters)
        .with_logger_provider(loggers);
    let telemetry = telemetry(sink);
    instrument::measure_with(&telemetry, meters);
    telemetry
}

fn globals(rendering: Rendering) -> Result<OtelSinkBuilder, NoProvider> {
    if probe::is_global_tracer_noop() {
        return Err(NoProvider::Tracer);
    }
    Ok(OtelSink::builder(rendering)
        .with_tracer_provider(&global::tracer_provider())
        .with_meter_provider(&*global::meter_provider()))
}

fn measured_globally(telemetry: Telemetry) -> Telemetry {
    instrument::measure_with(&telemetry, &*global::meter_provider());
    telemetry
}

fn telemetry(sink: OtelSinkBuilder) -> Telemetry {
    Telemetry::builder(Arc::new(sink.build())).build()
}

fn rendering() -> Rendering {
    let settings = Settings::from_environment();
    let rendering = Rendering::new(settings.conventions.unwrap_or_default())
        .with_capture(settings.capture.unwrap_or_default());
    if settings.has_full_tool_definitions {
        rendering.with_full_tool_definitions()
    } else {
        rendering
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_that_is_named_is_the_one_that_is_used() {
        let lock = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.lock"));
        let package = format!("name = \"opentelemetry-proto\"\nversion = \"{VERSION}.");
        assert!(lock.contains(&package), "not {VERSION}");
    }

    #[test]
    fn errors_say_what_is_wrong_and_what_to_do() {
        insta::assert_snapshot!(NoProvider::Tracer, @"`opentelemetry` 0.33 has no global tracer provider, so nothing would be recorded: either none was set before this call (set one, or use `genspan_otel::init`), or the one that was set belongs to another version of `opentelemetry`, with which 0.33 shares nothing; `cargo tree --invert opentelemetry` shows the versions in this program and who brings them");
        insta::assert_snapshot!(NoProvider::Logger, @"content is to stand on events, but `opentelemetry` has no global logger provider: hand the application's own over with `genspan_otel::from_globals_with_logs`, or let content stand on spans (`SPAN_ONLY`)");
    }
}
