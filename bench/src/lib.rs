//! Measures genspan beside hand-written peers.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program's report is its output"
)]

mod allocations;
mod bare;
mod caller;
mod child;
mod chunk;
mod fixtures;
mod harness;
mod load;
mod mock;
mod ours;
mod proxy;
mod reference;
mod report;
mod sdk;
mod server;
mod store;
mod worker;

use std::process::ExitCode;

use harness::Options;
use report::Table;

/// Counts the allocations of this thread in something.
pub type Counter = fn(&mut dyn FnMut()) -> u64;

/// Names something that is measured.
struct Benchmark {
    name: &'static str,
    about: &'static str,
    run: fn(Options) -> Result<Vec<Table>, String>,
}

/// Names what this program does as a process of its own for a benchmark.
struct Child {
    name: &'static str,
    run: fn(&[String]) -> std::io::Result<()>,
}

/// All that is measured, in the order of the document.
const BENCHMARKS: &[Benchmark] = &[
    Benchmark {
        name: "caller",
        about: "one call, on the path of the thread that makes it",
        run: caller::run,
    },
    Benchmark {
        name: "worker",
        about: "one call altogether, on one thread",
        run: worker::run,
    },
    Benchmark {
        name: "chunk",
        about: "one chunk of a stream, on the caller's path and decoded",
        run: chunk::run,
    },
    Benchmark {
        name: "allocations",
        about: "allocations of the caller's thread",
        run: allocations::run,
    },
    Benchmark {
        name: "reference",
        about: "OpenTelemetry's own pieces",
        run: reference::run,
    },
    Benchmark {
        name: "proxy",
        about: "a call through the proxy, and memory at 1,000 streams",
        run: proxy::run,
    },
    Benchmark {
        name: "server",
        about: "a service that asks a model for each request",
        run: server::run,
    },
    Benchmark {
        name: "store",
        about: "spans kept, found and opened; the binary",
        run: store::run,
    },
];

const CHILDREN: &[Child] = &[
    Child {
        name: "profile",
        run: caller::profile,
    },
    Child {
        name: "mock",
        run: mock::serve,
    },
    Child {
        name: "bare-proxy",
        run: proxy::bare::serve,
    },
    Child {
        name: "proxy",
        run: proxy::recorded::serve,
    },
    Child {
        name: "server",
        run: server::service::serve,
    },
    Child {
        name: "store-serve",
        run: store::receiver::serve,
    },
    Child {
        name: "store-profile",
        run: store::profile,
    },
    Child {
        name: "store-fill",
        run: store::read::fill_file,
    },
    Child {
        name: "store-ask",
        run: store::read::ask_file,
    },
];

/// Does what the command line asks for; `counter` is there only in the program that counts allocations.
#[must_use]
pub fn run(counter: Option<Counter>) -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let result = match (counter, arguments.split_first()) {
        (None, Some((first, rest))) if first == "child" => child(rest),
        (None, _) => measure(&arguments),
        (Some(counter), _) => allocations::count(counter),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn child(arguments: &[String]) -> Result<(), String> {
    let (name, rest) = arguments.split_first().ok_or("child of what?")?;
    let child = CHILDREN.iter().find(|child| child.name == name);
    let child = child.ok_or_else(|| format!("there is no child {name:?}"))?;
    (child.run)(rest).map_err(|error| format!("{name}: {error}"))
}

fn usage() -> String {
    let mut usage =
        "usage: cargo xtask bench [NAMES…] [--quick] [--spans=NUMBER] [--update]\n".to_owned();
    for Benchmark { name, about, .. } in BENCHMARKS {
        usage.push_str(&format!("\n  {name:<12} {about}"));
    }
    usage
}

/// Reads how many spans a store is to hold while it is read.
fn spans(argument: &str) -> Result<usize, String> {
    let number = argument.strip_prefix("--spans=").unwrap_or_default();
    match number.replace('_', "").parse() {
        Ok(spans) if spans >= 1_000 => Ok(spans),
        _ => Err(format!(
            "{argument}: expected a number from 1000 on, such as --spans=100000"
        )),
    }
}

fn measure(arguments: &[String]) -> Result<(), String> {
    let mut options = Options::default();
    let mut is_update = false;
    let mut names = Vec::new();
    for argument in arguments {
        match argument.as_str() {
            "--quick" => options.is_quick = true,
            "--update" => is_update = true,
            given if given.starts_with("--spans=") => options.spans = spans(given)?,
            name if BENCHMARKS.iter().any(|benchmark| benchmark.name == name) => names.push(name),
            other => return Err(format!("unknown argument {other:?}\n\n{}", usage())),
        }
    }
    for Benchmark { name, run, .. } in BENCHMARKS {
        if names.is_empty() || names.contains(name) {
            eprintln!("measuring {name} …");
            let tables = run(options)?;
            print!("{}", report::show(&tables, options, is_update)?);
        }
    }
    Ok(())
}
