//! Repository tasks: `cargo xtask semconv [--check]`, `cargo xtask size [--update]` and `cargo xtask bench`.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a task's report is its output"
)]

mod bench;
mod semconv;
mod size;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

const USAGE: &str = "usage: cargo xtask <task>

  semconv [--check]   writes the code and tables made from semconv/*.toml; --check only tells which are stale
  size [--update]     checks the sizes of source files and of target/release/genspan; --update records the latter
  bench [NAMES…] [--quick] [--spans=NUMBER] [--update]
                      measures all or what is named beside hand-written peers; --update records it in docs/PERFORMANCE.md";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let root = root();
    let result = match arguments.as_slice() {
        ["semconv"] => semconv::run(&root, semconv::Mode::Write),
        ["semconv", "--check"] => semconv::run(&root, semconv::Mode::Check),
        ["size"] => size::run(&root, size::Mode::Check),
        ["size", "--update"] => size::run(&root, size::Mode::Update),
        ["bench", arguments @ ..] => bench::run(&root, arguments),
        _ => Err(format!("unknown task {:?}\n\n{USAGE}", arguments.join(" "))),
    };
    match result {
        Ok(report) => {
            print!("{report}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The workspace's root, which is above this package.
fn root() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().unwrap_or(package).to_owned()
}
