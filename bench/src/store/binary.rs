//! How soon the program is there, and how large it is.

use std::{
    path::PathBuf,
    process::{Command, Stdio},
};

use super::write::{folder, number};
use crate::{
    child::Child,
    harness::{Options, timed},
    report::{Budget, Cell, Sample, Table, Unit},
};

const STARTS: Budget = Budget::AtMost(100e6);
const SIZE: Budget = Budget::AtMost(30.0 * 1024.0 * 1024.0);

pub(crate) fn run(options: Options) -> Result<Vec<Table>, String> {
    let mut cells = Vec::new();
    let mut notes = Vec::new();
    match binary() {
        Some(path) => {
            let size = std::fs::metadata(&path).map_err(|error| error.to_string())?;
            let mut starts = Vec::new();
            for _ in 0..options.rounds(60) {
                let (took, status) = timed(|| {
                    let mut command = Command::new(&path);
                    command.arg("--version").stdout(Stdio::null()).status()
                });
                let status = status.map_err(|error| error.to_string())?;
                if !status.success() {
                    return Err(format!("{} --version: {status}", path.display()));
                }
                starts.push(took.as_secs_f64() * 1e9);
            }
            cells.push(Cell::new("genspan: size", Unit::Bytes, number(size.len())).within(SIZE));
            cells.push(
                Cell::new("genspan: starts, says its version, ends", Unit::Nanoseconds, Sample::of(starts))
                    .within(STARTS),
            );
        }
        None => notes.push(
            "The binary itself was not there: `cargo build --release` makes it, and `cargo xtask size` holds its size.".to_owned(),
        ),
    }
    let empty = folder("starts")?;
    cells.push(
        Cell::new(
            "receiver: listens, nothing kept yet",
            Unit::Nanoseconds,
            listening(&empty.file(), options.rounds(60))?,
        )
        .within(STARTS),
    );
    Ok(vec![Table {
        name: "store-binary",
        title: "The program",
        peer: "",
        cells,
        notes,
    }])
}

/// Measures how long a receiver of the store in a file needs until it listens; its process is this program again.
pub(super) fn listening(file: &std::path::Path, rounds: usize) -> Result<Sample, String> {
    let mut starts = Vec::new();
    for _ in 0..rounds {
        let file = file.display().to_string();
        let (took, child) = timed(|| Child::start("store-serve", &[file]));
        drop(child.map_err(|error| error.to_string())?);
        starts.push(took.as_secs_f64() * 1e9);
    }
    Ok(Sample::of(starts))
}

/// Finds the binary beside this program.
fn binary() -> Option<PathBuf> {
    let path = std::env::current_exe().ok()?.with_file_name("genspan");
    path.is_file().then_some(path)
}
