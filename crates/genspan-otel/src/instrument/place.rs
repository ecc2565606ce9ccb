//! Where work runs: in a scope of ours, or in a context that names a run's span.

use genspan::{Active, Operation, Scope, SpanContext, Telemetry};
use opentelemetry::Context;

use crate::context::{span_of, with_current};

/// Stands in a context that names the span of a run: the scope of work under it.
#[derive(Clone)]
pub(super) struct Within {
    scope: Scope,
    /// The span that was current where the context was made.
    outside: Option<SpanContext>,
}

impl Within {
    pub(super) fn new(scope: Scope, outside: Option<SpanContext>) -> Self {
        Self { scope, outside }
    }

    /// Tells whether work in `own` runs further in than what this stands for.
    ///
    /// Sinks whose own context is not OpenTelemetry's do not change that one, so it cannot tell.
    fn is_passed_by(&self, own: &Scope) -> bool {
        match (own.context(), self.scope.context()) {
            (Some(own), Some(within)) => {
                own.trace_id == within.trace_id
                    && own.span_id != within.span_id
                    && Some(own) != self.outside.as_ref()
            }
            _ => false,
        }
    }
}

/// Gives the scope in which work runs here, `None` where nothing is recorded.
pub(super) fn scope() -> Option<Scope> {
    let held = with_current(|context: &Context| {
        let within = context.get::<Within>()?;
        let active = span_of(context)?;
        let named = within.scope.context()?;
        (active.span_id == named.span_id && active.trace_id == named.trace_id)
            .then(|| within.clone())
    });
    match (held.flatten(), crate::current()) {
        (Some(held), Some(own)) if held.is_passed_by(&own) => Some(own),
        (Some(held), _) => Some(held.scope),
        (None, own) => own,
    }
}

/// Gives the recorder that is at work here.
pub(super) fn telemetry() -> Option<Telemetry> {
    Some(scope()?.telemetry().clone())
}

/// Starts an operation here.
pub(super) fn start<R: Operation>(operation: R) -> Active<R> {
    match scope() {
        Some(scope) => scope.run(|| scope.telemetry().start(operation)),
        None => Telemetry::disabled().start(operation),
    }
}
