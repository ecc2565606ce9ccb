//! Setting telemetry up in a program, in one line.

mod builder;
mod environment;
mod error;
mod existing;
mod guard;
mod limits;
mod probe;
mod propagators;
mod providers;
mod resource;
mod sampler;
mod settings;

pub use self::{
    builder::Builder,
    error::InitError,
    existing::{NoProvider, from_globals, from_globals_with_logs, with_providers},
    guard::Guard,
};

/// Sets telemetry up as the environment says, and as a collector on this machine expects where it says nothing.
///
/// Tracers, meters and loggers of the `opentelemetry` crate deliver through a pipeline of this
/// crate's own: it needs no runtime, its requests are bounded in bytes, a span that is too large is
/// cut while its neighbours stay whole, and what is lost is counted and told.
///
/// Each setting holds in this order: what the program says with [`builder`], what the environment
/// says, the default. `OTEL_SDK_DISABLED=true` stands before both.
///
/// | setting | program | environment | default |
/// |---|---|---|---|
/// | record nothing | – | `OTEL_SDK_DISABLED` | `false` |
/// | destinations | [`with_destination`](Builder::with_destination) | `OTEL_EXPORTER_OTLP_*`, `OTEL_{TRACES,LOGS,METRICS}_EXPORTER` (`otlp`, `none`) | `http://localhost:4318` |
/// | a vendor's address and keys | – | those of [`genspan_otlp::Vendor`], where the program names one | – |
/// | service | [`with_service_name`](Builder::with_service_name) | `OTEL_SERVICE_NAME`, `service.name` in `OTEL_RESOURCE_ATTRIBUTES` | `unknown_service:` and the program's name |
/// | resource | [`with_resource_attribute`](Builder::with_resource_attribute) | `OTEL_RESOURCE_ATTRIBUTES` | – |
/// | conventions | a destination's `conventions=`, [`with_conventions`](Builder::with_conventions) | `GENSPAN_CONVENTIONS`, `OTEL_SEMCONV_STABILITY_OPT_IN` | v1.41 |
/// | content | a destination's `content=`, [`with_capture`](Builder::with_capture) | `OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT` | none |
/// | tools' descriptions and parameters | [`with_full_tool_definitions`](Builder::with_full_tool_definitions) | `gen_ai_tool_definitions` in `OTEL_SEMCONV_STABILITY_OPT_IN` | names alone |
/// | prices | [`with_prices`](Builder::with_prices) | – | none |
/// | sampling | [`with_sampler`](Builder::with_sampler) | `OTEL_TRACES_SAMPLER`, `OTEL_TRACES_SAMPLER_ARG` | `parentbased_always_on` |
/// | size of a span | [`with_span_limits`](Builder::with_span_limits) | `OTEL_SPAN_{ATTRIBUTE,EVENT,LINK}_COUNT_LIMIT`, `OTEL_{EVENT,LINK}_ATTRIBUTE_COUNT_LIMIT`, `OTEL_ATTRIBUTE_COUNT_LIMIT` | 16,384 of each |
/// | interval of metrics | [`with_delivery`](Builder::with_delivery) | `OTEL_METRIC_EXPORT_INTERVAL` | 60 s |
/// | propagators | – | `OTEL_PROPAGATORS` (`tracecontext`, `baggage`, `none`) | `tracecontext,baggage` |
///
/// A variable that says where telemetry goes must be right. Any other that cannot be understood is
/// passed over, as OpenTelemetry asks, and stands in [`Guard::notes`]. `OTEL_BSP_*` and `OTEL_BLRP_*`
/// mean nothing here: requests are bounded in bytes and sent after a second.
///
/// ```no_run
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use genspan::Provider;
///
/// let guard = genspan_otel::init()?;
/// let call = guard.telemetry().chat(Provider::OPENAI, "gpt-4o-mini");
/// // … ask …
/// call.finish();
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// Returns what [`Builder::init`] returns.
pub fn init() -> Result<Guard, InitError> {
    builder().init()
}

/// Begins to set telemetry up with settings of the program's own.
pub const fn builder() -> Builder {
    Builder::new()
}
