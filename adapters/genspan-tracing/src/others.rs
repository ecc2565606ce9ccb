//! What is left for `tracing-opentelemetry`.

use genspan_dialects::tracing_fields::is_operation;
use tracing_core::{Interest, Metadata, Subscriber};
use tracing_subscriber::{
    layer::{Context, Filter},
    registry::LookupSpan,
};

/// Lets through what the layer of this crate makes no operation of.
///
/// ```
/// use tracing_subscriber::{Layer as _, layer::SubscriberExt};
///
/// # fn of(telemetry: &genspan::Telemetry) {
/// let subscriber = tracing_subscriber::registry()
///     .with(genspan_tracing::layer(telemetry))
///     .with(tracing_opentelemetry::layer().with_filter(genspan_tracing::others()));
/// # drop(subscriber);
/// # }
/// ```
#[must_use]
pub const fn others() -> Others {
    Others(())
}

/// Filters a layer of its own: operations, and events in them, do not reach it.
///
/// Without the events, an error that is told in an operation would be one of the plain span around it.
#[derive(Clone, Copy, Debug)]
pub struct Others(());

/// Tells whether a span stands for an operation.
pub(crate) fn stands_for_operation(metadata: &Metadata<'_>) -> bool {
    let fields = metadata.fields();
    is_operation(metadata.name(), |name| fields.field(name).is_some())
}

impl<S> Filter<S> for Others
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    fn enabled(&self, metadata: &Metadata<'_>, context: &Context<'_, S>) -> bool {
        if metadata.is_span() {
            return !stands_for_operation(metadata);
        }
        // By its metadata: the filtered span itself is hidden here.
        let current = context.current_span();
        let metadata = current.metadata();
        metadata.is_none_or(|metadata| !stands_for_operation(metadata))
    }

    fn callsite_enabled(&self, metadata: &'static Metadata<'static>) -> Interest {
        if !metadata.is_span() {
            Interest::sometimes()
        } else if stands_for_operation(metadata) {
            Interest::never()
        } else {
            Interest::always()
        }
    }
}
