//! `OTEL_TRACES_SAMPLER` and its argument.

use opentelemetry_sdk::trace::{Sampler, ShouldSample};

use super::environment::{Environment, Notes};

const SAMPLER: &str = "OTEL_TRACES_SAMPLER";
const ARGUMENT: &str = "OTEL_TRACES_SAMPLER_ARG";

/// Reads the sampler; one that is not known is passed over, as OpenTelemetry has it.
pub(super) fn from_environment(
    environment: &Environment,
    notes: &mut Notes,
) -> Box<dyn ShouldSample> {
    let within_parent = |root: Sampler| Box::new(Sampler::ParentBased(Box::new(root)));
    let default = within_parent(Sampler::AlwaysOn);
    let Some(name) = environment.get(SAMPLER) else {
        return default;
    };
    match name.to_ascii_lowercase().as_str() {
        "always_on" => Box::new(Sampler::AlwaysOn),
        "always_off" => Box::new(Sampler::AlwaysOff),
        "traceidratio" => Box::new(ratio(environment, notes)),
        "parentbased_always_on" => default,
        "parentbased_always_off" => within_parent(Sampler::AlwaysOff),
        "parentbased_traceidratio" => within_parent(ratio(environment, notes)),
        _ => {
            notes.add(
                SAMPLER,
                format_args!(
                    "`{name}` is unknown and passed over; write `always_on`, `always_off`, \
                     `traceidratio` or one of them with `parentbased_` before it"
                ),
            );
            default
        }
    }
}

fn ratio(environment: &Environment, notes: &mut Notes) -> Sampler {
    let text = environment.get(ARGUMENT);
    let stated = text.as_deref().map(str::parse::<f64>);
    match stated {
        None => Sampler::TraceIdRatioBased(1.0),
        Some(Ok(ratio)) if (0.0..=1.0).contains(&ratio) => Sampler::TraceIdRatioBased(ratio),
        Some(_) => {
            notes.add(
                ARGUMENT,
                format_args!(
                    "`{}` is no number from 0 to 1 and passed over; every trace is sampled",
                    text.unwrap_or_default()
                ),
            );
            Sampler::TraceIdRatioBased(1.0)
        }
    }
}
