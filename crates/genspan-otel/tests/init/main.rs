//! Setting telemetry up, and what arrives then.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod arrivals;
mod destinations;
mod dialects;
mod end;
mod outage;
mod program;
mod providers;
mod settings;
mod size;

use std::{collections::HashMap, time::Duration};

use genspan_otel::Builder;
use testkit::collector::Collector;

/// Longer than any test runs: nothing here waits for real time to pass.
pub(crate) const LONG: Duration = Duration::from_secs(3600);

/// Sets up from these variables and no others, and leaves the globals to others.
pub(crate) fn from(variables: &[(&str, &str)]) -> Builder {
    let variables: HashMap<String, String> = variables
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    genspan_otel::builder()
        .without_globals()
        .with_environment(move |name| variables.get(name).cloned())
}

/// Sends to this collector, over HTTP.
pub(crate) fn to(collector: &Collector) -> Builder {
    from(&[]).with_destination(format!("http://{}", collector.address))
}
