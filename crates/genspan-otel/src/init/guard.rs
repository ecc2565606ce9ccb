//! What ends telemetry well.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use genspan::{Report, Telemetry};
use opentelemetry::global;
use opentelemetry_sdk::{
    logs::SdkLoggerProvider, metrics::SdkMeterProvider, trace::SdkTracerProvider,
};

use super::{InitError, environment::Notes, probe, providers::OwnProviders, settings::Settings};
use crate::{OtelSink, instrument};

/// Keeps telemetry running until it is shut down or dropped.
///
/// Hold it in `main` until the end of the program: dropping it delivers what is left, for at most
/// five seconds. `std::process::exit` drops nothing; call [`shutdown`](Self::shutdown) before it.
/// All of this may be done inside a tokio runtime as well as outside of any.
///
/// ```no_run
/// use std::time::Duration;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let guard = genspan_otel::init()?;
/// // … the program …
/// let report = guard.shutdown(Duration::from_secs(5));
/// if !report.is_complete() {
///     eprintln!("telemetry: {report}");
/// }
/// # Ok(())
/// # }
/// ```
#[must_use = "dropping the guard ends telemetry"]
pub struct Guard {
    telemetry: Telemetry,
    providers: Arc<OwnProviders>,
    notes: Notes,
    is_over: AtomicBool,
}

const DROPPED: Duration = Duration::from_secs(5);

impl Guard {
    pub(super) fn start(settings: Settings) -> Result<Self, InitError> {
        let Settings {
            is_disabled,
            sets_globals,
            rendering,
            baggage,
            prices,
            propagator,
            plan,
            notes,
        } = settings;
        if sets_globals && !is_disabled && !probe::is_global_tracer_noop() {
            return Err(InitError::GlobalsTaken);
        }
        let clock = Arc::clone(&plan.delivery.clock);
        let (telemetry, providers) = if is_disabled {
            (
                Telemetry::disabled(),
                Arc::new(OwnProviders::disabled(clock)),
            )
        } else {
            let mut providers = OwnProviders::start(plan)?;
            if sets_globals {
                providers.set_globals();
            }
            let providers = Arc::new(providers);
            let sink = OtelSink::builder(rendering)
                .with_tracer_provider(&providers.tracer)
                .with_meter_provider(&providers.meter)
                .with_logger_provider(&providers.logger)
                .with_providers(Arc::clone(&providers))
                .with_baggage(baggage)
                .with_discard_filter();
            let mut telemetry = Telemetry::builder(Arc::new(sink.build())).with_clock(clock);
            if let Some(prices) = prices {
                telemetry = telemetry.with_prices(prices);
            }
            let telemetry = telemetry.build();
            instrument::measure_with(&telemetry, &providers.meter);
            (telemetry, providers)
        };
        if sets_globals {
            // Context is handed on even where the SDK is switched off.
            global::set_text_map_propagator(propagator);
        }
        Ok(Self {
            telemetry,
            providers,
            notes,
            is_over: AtomicBool::new(false),
        })
    }

    /// Gives the recorder, to be cloned and handed on.
    #[must_use]
    pub fn telemetry(&self) -> Telemetry {
        self.telemetry.clone()
    }

    /// Gives the provider of tracers, for spans of the application's own.
    #[must_use]
    pub fn tracer_provider(&self) -> &SdkTracerProvider {
        &self.providers.tracer
    }

    /// Gives the provider of meters, for metrics of the application's own.
    #[must_use]
    pub fn meter_provider(&self) -> &SdkMeterProvider {
        &self.providers.meter
    }

    /// Gives the provider of loggers, which has no global place.
    #[must_use]
    pub fn logger_provider(&self) -> &SdkLoggerProvider {
        &self.providers.logger
    }

    /// Lists settings that could not be understood and were passed over, one line each.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes.0
    }

    /// Tells what became of everything so far, for each destination.
    #[must_use]
    pub fn deliveries(&self) -> genspan_otlp::Report {
        self.providers.report()
    }

    /// Renders and delivers what was recorded so far, as far as `timeout` allows.
    ///
    /// A destination that is away is tried once; what it does not take waits. The calling thread
    /// blocks meanwhile.
    #[must_use]
    pub fn flush(&self, timeout: Duration) -> Report {
        self.telemetry.flush(timeout)
    }

    /// Ends what is still open, drains the recorder, shuts the providers down and delivers what is left.
    ///
    /// The report says what was not delivered. A second call only reports. The calling thread blocks
    /// meanwhile, also inside a runtime, which is not needed for it.
    pub fn shutdown(&self, timeout: Duration) -> Report {
        self.is_over.store(true, Ordering::Release);
        self.telemetry.shutdown(timeout)
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if !self.is_over.load(Ordering::Acquire) {
            // Nobody is left to read the report; `shutdown` gives it to those who want it.
            drop(self.shutdown(DROPPED));
        }
    }
}

impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guard")
            .field("deliveries", &self.deliveries())
            .field("notes", &self.notes())
            .finish_non_exhaustive()
    }
}
