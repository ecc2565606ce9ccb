//! Why telemetry could not be set up.

use genspan_otlp::{DestinationError, EnvironmentError, StartError};

/// Says why telemetry could not be set up, and what would do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InitError {
    /// A destination that the program names is none.
    #[error("`with_destination`: {0}")]
    Destination(#[from] DestinationError),
    /// A variable says where telemetry goes, in a way that cannot be followed.
    #[error("the environment variable {0}")]
    Environment(#[from] EnvironmentError),
    /// Destinations want different conventions or content, and providers give all of them the same.
    #[error(
        "{first} and {second} want different conventions or content, but all destinations of one \
         program's providers get the same: write the same `conventions` and `content` behind both, or \
         behind neither and `with_conventions` and `with_capture` instead"
    )]
    Renderings {
        /// One destination, without secrets.
        first: String,
        /// Another one.
        second: String,
    },
    /// `with_rendering` and a destination want different conventions.
    #[error(
        "`with_rendering` renders {rendering}, but {destination} wants {wanted}: leave \
         `conventions=…` away behind it, or render {wanted}"
    )]
    Conventions {
        /// What `with_rendering` says.
        rendering: String,
        /// The destination, without secrets.
        destination: String,
        /// What it wants.
        wanted: String,
    },
    /// The program has a global tracer provider already.
    #[error(
        "this program has a global tracer provider already, which `init` would replace: record through \
         it with `genspan_otel::from_globals()`, or leave it alone with `builder().without_globals()`"
    )]
    GlobalsTaken,
    /// The way to a destination cannot be prepared.
    #[error("telemetry cannot be delivered: {0}")]
    Start(#[from] StartError),
}
