//! Instrumentation scopes, one for each version of the conventions.

use genspan::Conventions;
use opentelemetry::InstrumentationScope;

/// Holds something for each version: an operation that the chosen version does not know is rendered
/// by another one, and the scope says which.
pub(super) struct PerVersion<T> {
    v1_36: T,
    v1_41: T,
    main: T,
}

impl<T> PerVersion<T> {
    pub(super) fn new(make: impl Fn(Conventions) -> T) -> Self {
        Self {
            v1_36: make(Conventions::V1_36),
            v1_41: make(Conventions::V1_41),
            main: make(Conventions::Main),
        }
    }

    pub(super) const fn get(&self, version: Conventions) -> &T {
        match version {
            Conventions::V1_36 => &self.v1_36,
            Conventions::V1_41 => &self.v1_41,
            Conventions::Main => &self.main,
        }
    }
}

/// Names genspan as what made the telemetry, and the schema that its names follow.
pub(super) fn scope(version: Conventions) -> InstrumentationScope {
    InstrumentationScope::builder("genspan")
        .with_version(env!("CARGO_PKG_VERSION"))
        .with_schema_url(version.schema_url())
        .build()
}
