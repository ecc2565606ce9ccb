//! The examples of a crate, run by its tests as a user would run them.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// Holds what an example printed, and where it left its telemetry.
#[derive(Clone, Debug)]
pub struct Ran {
    /// What it printed, without what differs from run to run.
    pub printed: String,
    /// The file that its first argument named.
    pub file: PathBuf,
}

/// Runs the example of this name, of the crate whose test calls; its first argument names a file in `folder`.
///
/// Give `env!("CARGO_TARGET_TMPDIR")` as the folder. Cargo builds examples before tests, but not where it is asked for
/// one test alone: then the example may be missing, this says so and gives `None`, unless `required`.
///
/// # Panics
///
/// When the example fails or complains, or is missing though it is required.
#[must_use]
#[allow(
    clippy::expect_used,
    clippy::print_stderr,
    reason = "it is part of tests"
)]
pub fn run(name: &str, folder: &str, required: bool) -> Option<Ran> {
    let test = std::env::current_exe().expect("a test has a path");
    let built = test.ancestors().nth(2).expect("tests stand below deps");
    let program = built.join("examples").join(name);
    if !program.exists() {
        assert!(!required, "{} is not built", program.display());
        eprintln!("skipped: {} is not built", program.display());
        return None;
    }
    let file = Path::new(folder).join(format!("{name}.jsonl"));
    fs::write(&file, "").expect("cargo's folder for tests can be written");
    let ran = Command::new(&program)
        .arg(&file)
        .env_clear()
        .stdin(Stdio::null())
        .output()
        .expect("what is built can be run");
    let complaints = String::from_utf8_lossy(&ran.stderr);
    assert!(
        ran.status.success() && complaints.is_empty(),
        "{name}: {complaints}"
    );
    Some(Ran {
        printed: stable(&String::from_utf8_lossy(&ran.stdout)),
        file,
    })
}

/// Puts placeholders for times and ids, and single spaces between columns.
fn stable(printed: &str) -> String {
    let lines = printed.lines().map(|line| {
        let name = line.find(char::is_alphanumeric).unwrap_or(0);
        let (branches, rest) = line.split_at_checked(name).unwrap_or((line, ""));
        let words: Vec<&str> = rest.split_whitespace().map(stable_word).collect();
        let branches = if branches.trim().is_empty() {
            ""
        } else {
            branches
        };
        format!("{branches}{}\n", words.join(" "))
    });
    lines.collect()
}

fn stable_word(word: &str) -> &str {
    let digits = word.trim_start_matches('+');
    let unit = digits.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    let is_of = |separator: char, lengths: &[usize]| {
        let parts: Vec<&str> = word.split(separator).collect();
        let is_number = |part: &&str| part.bytes().all(|byte| byte.is_ascii_digit());
        parts
            .iter()
            .map(|part| part.len())
            .eq(lengths.iter().copied())
            && parts.iter().all(is_number)
    };
    if digits.len() > unit.len() && ["ns", "us", "ms", "s"].contains(&unit) {
        "{time}"
    } else if word.len() == 32 && word.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        "{id}"
    } else if is_of('-', &[4, 2, 2]) {
        "{date}"
    } else if is_of(':', &[2, 2, 2]) {
        "{hour}"
    } else {
        word
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_has_a_placeholder() {
        let printed = "trace 8f1dfe5c741f2ed792d5de2d9d3da1ad  2026-11-21 07:28:15 UTC\n├─ chat m   +580us  31ms 1.5ms 60 15\n";
        let expected = "trace {id} {date} {hour} UTC\n├─ chat m {time} {time} {time} 60 15\n";
        assert_eq!(stable(printed), expected);
    }
}
