//! Measures with the system's own allocator.

use std::process::ExitCode;

fn main() -> ExitCode {
    genspan_bench::run(None)
}
