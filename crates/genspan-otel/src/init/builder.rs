//! What a program may say itself.

use std::{fmt, path::PathBuf, sync::Arc};

use genspan::{Capture, Conventions, PriceList, Rendering};
use genspan_dialects::Settings as DialectSettings;
use genspan_otlp::{Destination, DestinationError, PipelineOptions};
use opentelemetry::{Key, KeyValue, Value};
use opentelemetry_sdk::trace::{ShouldSample, SpanLimits};

use super::{Guard, InitError, environment::Read, settings::Settings};

/// Sets telemetry up; what is said here stands before the environment (see [`init`](crate::init)).
///
/// ```no_run
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let guard = genspan_otel::builder()
///     .with_service_name("travel")
///     .with_destination("grpc://localhost:4317")
///     .init()?;
/// let telemetry = guard.telemetry();
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is set up before `init`"]
pub struct Builder {
    pub(super) service_name: Option<String>,
    pub(super) attributes: Vec<KeyValue>,
    pub(super) destinations: Vec<Result<Destination, DestinationError>>,
    pub(super) rendering: Option<Rendering>,
    pub(super) conventions: Option<Conventions>,
    pub(super) capture: Option<Capture>,
    pub(super) has_full_tool_definitions: bool,
    pub(super) baggage: Vec<String>,
    pub(super) prices: Option<Arc<dyn PriceList>>,
    pub(super) sampler: Option<Box<dyn ShouldSample>>,
    pub(super) limits: Option<SpanLimits>,
    pub(super) dialects: Option<DialectSettings>,
    pub(super) delivery: Option<PipelineOptions>,
    pub(super) spool: Option<PathBuf>,
    pub(super) sets_globals: bool,
    pub(super) environment: Option<Read>,
}

impl Builder {
    pub(super) const fn new() -> Self {
        Self {
            service_name: None,
            attributes: Vec::new(),
            destinations: Vec::new(),
            rendering: None,
            conventions: None,
            capture: None,
            has_full_tool_definitions: false,
            baggage: Vec::new(),
            prices: None,
            sampler: None,
            limits: None,
            dialects: None,
            delivery: None,
            spool: None,
            sets_globals: true,
            environment: None,
        }
    }

    /// Names the service, as `OTEL_SERVICE_NAME` would.
    pub fn with_service_name(mut self, name: impl Into<String>) -> Self {
        self.service_name = Some(name.into());
        self
    }

    /// Describes the program further, as `OTEL_RESOURCE_ATTRIBUTES` would; the last value of a key stands.
    pub fn with_resource_attribute(mut self, key: impl Into<Key>, value: impl Into<Value>) -> Self {
        self.attributes.push(KeyValue::new(key, value));
        self
    }

    /// Sends telemetry to this place, and to others given in the same way, instead of where
    /// `OTEL_EXPORTER_OTLP_*` says.
    ///
    /// A text is read as [`Destination`] describes; [`init`](Self::init) returns what is wrong with it. A vendor's name,
    /// such as `braintrust`, takes address and keys from the [vendor's variables](genspan_otlp::Vendor). Behind a
    /// destination `;dialect=` asks for a vendor's language, in which all spans of the program then go there, those of
    /// `tracing` and of other instrumentation too.
    pub fn with_destination<D>(mut self, destination: D) -> Self
    where
        D: TryInto<Destination>,
        D::Error: Into<DestinationError>,
    {
        self.destinations
            .push(destination.try_into().map_err(Into::into));
        self
    }

    /// Decides at once all that a record becomes: version, content, bounds, redaction.
    ///
    /// [`with_conventions`](Self::with_conventions), [`with_capture`](Self::with_capture),
    /// [`with_full_tool_definitions`](Self::with_full_tool_definitions) and the environment then say nothing; content that a destination states for itself still holds.
    pub fn with_rendering(mut self, rendering: Rendering) -> Self {
        self.rendering = Some(rendering);
        self
    }

    /// Decides the version of the conventions, as `GENSPAN_CONVENTIONS` would.
    pub const fn with_conventions(mut self, conventions: Conventions) -> Self {
        self.conventions = Some(conventions);
        self
    }

    /// Decides which content is recorded, as `OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT` would.
    pub const fn with_capture(mut self, capture: Capture) -> Self {
        self.capture = Some(capture);
        self
    }

    /// Records descriptions and parameters of tools beside their names where inputs are recorded, as the word
    /// `gen_ai_tool_definitions` in `OTEL_SEMCONV_STABILITY_OPT_IN` would.
    pub const fn with_full_tool_definitions(mut self) -> Self {
        self.has_full_tool_definitions = true;
        self
    }

    /// Asks a price list what calls cost, where their providers do not say so.
    pub fn with_prices(mut self, prices: Arc<dyn PriceList>) -> Self {
        self.prices = Some(prices);
        self
    }

    /// Makes baggage under these keys facts of the operations in its context; other baggage is not recorded.
    ///
    /// See [`OtelSinkBuilder::with_baggage`](crate::OtelSinkBuilder::with_baggage).
    pub fn with_baggage(mut self, keys: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.baggage.extend(keys.into_iter().map(Into::into));
        self
    }

    /// Decides which traces are recorded, as `OTEL_TRACES_SAMPLER` would; metrics are in any case.
    pub fn with_sampler(mut self, sampler: impl ShouldSample + 'static) -> Self {
        self.sampler = Some(Box::new(sampler));
        self
    }

    /// Bounds what one span may hold, as `OTEL_SPAN_*_LIMIT` would.
    ///
    /// Unless said otherwise it is 16,384 of each kind, where the SDK's own 128 cut conversations.
    pub const fn with_span_limits(mut self, limits: SpanLimits) -> Self {
        self.limits = Some(limits);
        self
    }

    /// Tells dialects what vendors want to be told, for destinations that do not say it themselves.
    pub fn with_dialect_settings(mut self, settings: DialectSettings) -> Self {
        self.dialects = Some(settings);
        self
    }

    /// Decides how items are gathered and delivered, the interval of metrics included.
    pub fn with_delivery(mut self, delivery: PipelineOptions) -> Self {
        self.delivery = Some(delivery);
        self
    }

    /// Keeps what a destination that is away does not take in this directory, for this or a later run.
    ///
    /// Without one it is kept in memory, and lost at the end of the program.
    pub fn with_spool(mut self, directory: impl Into<PathBuf>) -> Self {
        self.spool = Some(directory.into());
        self
    }

    /// Leaves OpenTelemetry's global providers and propagator as they are.
    pub const fn without_globals(mut self) -> Self {
        self.sets_globals = false;
        self
    }

    /// Reads variables through this instead of from the process, for tests.
    pub fn with_environment(
        mut self,
        read: impl Fn(&str) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        self.environment = Some(Arc::new(read));
        self
    }

    /// Sets everything up, starts delivering, and gives the guard that ends it.
    ///
    /// # Errors
    ///
    /// Returns an error where a destination is none or cannot be prepared, where destinations want
    /// different renderings, and where there is a global tracer provider already. A collector that
    /// does not answer is no error: it may come later.
    pub fn init(self) -> Result<Guard, InitError> {
        Guard::start(Settings::resolve(self)?)
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("service_name", &self.service_name)
            .field("destinations", &self.destinations.len())
            .field("sets_globals", &self.sets_globals)
            .finish_non_exhaustive()
    }
}
