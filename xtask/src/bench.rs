//! `cargo xtask bench`: builds the bench and runs it.

use std::{path::Path, process::Command};

/// Measures what is named, or everything; the arguments are the bench's own.
pub(crate) fn run(root: &Path, arguments: &[&str]) -> Result<String, String> {
    let package = ["--release", "--package", "genspan-bench"];
    // Allocations are counted by a second program, which the first one starts.
    cargo(root, &[&["build", "--bins"], &package[..]].concat())?;
    let mut names = arguments.iter().filter(|name| !name.starts_with("--"));
    if arguments.iter().all(|argument| argument.starts_with("--"))
        || names.any(|name| *name == "store")
    {
        // Its size is measured, and how soon it starts.
        cargo(root, &["build", "--release", "--package", "genspan-cli"])?;
    }
    cargo(root, &[&["run"], &package[..], &["--"], arguments].concat())?;
    Ok(String::new())
}

fn cargo(root: &Path, arguments: &[&str]) -> Result<(), String> {
    let status = Command::new(env!("CARGO"))
        .args(arguments)
        .current_dir(root)
        .status()
        .map_err(|error| format!("cannot start cargo: {error}"))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("cargo {} failed", arguments.join(" ")))
    }
}
