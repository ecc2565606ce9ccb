//! Runs the scripted provider by itself, for clients in other processes.
//!
//! Prints `listening http://127.0.0.1:PORT` and runs until its standard input ends. `scripted-provider PORT` takes that port, and fails if it
//! is not free. The scenarios are listed in the documentation of `testkit::provider`.

use std::io::{self, Write};

use testkit::provider::{Provider, Script};

/// Requests that are recorded for `GET /scripted/requests`.
const KEPT: usize = 1000;

fn main() -> io::Result<()> {
    let port = std::env::args()
        .nth(1)
        .map_or(Ok(0), |it| it.parse().map_err(io::Error::other))?;
    let provider = Provider::start_on(port, Script::scenarios().keep(KEPT))?;
    let mut out = io::stdout();
    writeln!(out, "listening {}", provider.url())?;
    out.flush()?;
    io::copy(&mut io::stdin(), &mut io::sink())?;
    Ok(())
}
