//! `genspan check`: holds telemetry against the conventions.

use std::{
    fs::File,
    io::{self, BufReader, BufWriter, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Args;
use genspan::Conventions;
use genspan_check::{Checker, Options, Report};

use crate::{Failure, environment::Environment};

/// Checks OTLP/JSON files against the conventions: what is missing, mistyped, unknown, duplicate or unsafe
///
/// Exit status: 0 nothing is wrong; 1 there are violations; 2 a file could not be read.
#[derive(Args, Debug)]
pub(crate) struct CheckArgs {
    /// OTLP/JSON files, one request a line; `-` for standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,

    /// Holds telemetry that names no version against `v1.36`, `v1.41` or `main` [default: v1.41]
    #[arg(long, value_name = "VERSION")]
    conventions: Option<Conventions>,

    /// Allows all keys that begin so, such as `acme.`; may be repeated
    #[arg(long, value_name = "PREFIX")]
    allow: Vec<String>,

    /// Tells as well what could be better
    #[arg(long)]
    advice: bool,

    /// Prints the report as JSON
    #[arg(long)]
    json: bool,
}

impl CheckArgs {
    pub(crate) fn run(self, environment: &Environment) -> Result<ExitCode, Failure> {
        let mut checker = Checker::new(self.options(environment));
        for path in &self.files {
            read(&mut checker, path).map_err(|error| Unreadable {
                path: path.display().to_string(),
                error,
            })?;
        }
        let report = checker.finish();
        print(&report, self.json)?;
        Ok(if report.is_clean() {
            ExitCode::SUCCESS
        } else {
            ExitCode::from(1)
        })
    }

    fn options(&self, environment: &Environment) -> Options {
        let version = self
            .conventions
            .or_else(|| environment.settings().conventions)
            .unwrap_or_default();
        let options = Options::default().with_conventions(version);
        let options = self
            .allow
            .iter()
            .fold(options, |options, prefix| options.with_allowed(prefix));
        if self.advice {
            options
        } else {
            options.without_advice()
        }
    }
}

/// Says which file cannot be read, and why.
#[derive(Debug, thiserror::Error)]
#[error("{path} cannot be read")]
struct Unreadable {
    path: String,
    #[source]
    error: io::Error,
}

fn read(checker: &mut Checker, path: &Path) -> io::Result<()> {
    let name = path.display().to_string();
    if name == "-" {
        checker.read("standard input", io::stdin().lock())
    } else {
        checker.read(&name, BufReader::new(File::open(path)?))
    }
}

fn print(report: &Report, as_json: bool) -> io::Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    if as_json {
        serde_json::to_writer(&mut out, report)?;
        writeln!(out)?;
    } else {
        write!(out, "{report}")?;
    }
    out.flush()
}
