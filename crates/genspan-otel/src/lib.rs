//! To be written.

mod context;
mod deliver;
mod init;
mod sink;

pub use context::current;
pub use init::{
    Builder, Guard, InitError, NoProvider, builder, from_globals, from_globals_with_logs, init,
    with_providers,
};
pub use sink::{ApplicationProviders, OtelSink, OtelSinkBuilder, Providers};
