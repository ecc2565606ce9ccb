//! What the telemetry is about.

use genspan::semconv::attribute::SERVICE_NAME;
use genspan_otlp::resource_from_environment;
use opentelemetry::KeyValue;
use opentelemetry_proto::tonic::{common::v1::any_value::Value, resource::v1::Resource as Message};
use opentelemetry_sdk::{Resource, resource::TelemetryResourceDetector};

use super::environment::{Environment, Notes};

/// Describes the program: its code stands before the environment.
pub(super) fn resource(
    service_name: Option<String>,
    attributes: Vec<KeyValue>,
    environment: &Environment,
    notes: &mut Notes,
) -> Resource {
    let stated = resource_from_environment(|name| environment.get(name), &default_name());
    let stated = stated.or_else(|error| {
        notes.0.push(format!("{error}; all of it is passed over"));
        let without = |name: &str| {
            (name != "OTEL_RESOURCE_ATTRIBUTES")
                .then(|| environment.get(name))
                .flatten()
        };
        resource_from_environment(without, &default_name())
    });
    let stated = stated.unwrap_or_default().attributes;
    let stated = stated.into_iter().filter_map(|attribute| {
        match attribute.value.and_then(|value| value.value) {
            Some(Value::StringValue(text)) => Some(KeyValue::new(attribute.key, text)),
            _ => None,
        }
    });
    let name = service_name.map(|name| KeyValue::new(SERVICE_NAME, name));
    Resource::builder_empty()
        .with_detector(Box::new(TelemetryResourceDetector))
        .with_attributes(stated)
        .with_attributes(attributes)
        .with_attributes(name)
        .build()
}

/// Names a service that nobody named, as OpenTelemetry has it.
fn default_name() -> String {
    let program = std::env::current_exe().ok();
    let program = program
        .as_deref()
        .and_then(|path| path.file_name())
        .and_then(|name| name.to_str());
    program.map_or_else(
        || "unknown_service".to_owned(),
        |program| format!("unknown_service:{program}"),
    )
}

/// Writes a resource as OTLP, in an order that is always the same.
pub(super) fn message(resource: &Resource) -> Message {
    let mut message = Message::from(resource);
    message
        .attributes
        .sort_unstable_by(|a, b| a.key.cmp(&b.key));
    message
}
