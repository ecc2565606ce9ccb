//! What the fuzzers begin with and what they found holds, and so does what comes of it by small changes.
//!
//! The targets are in `fuzz/`; here they run without a fuzzer, with each build.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "tests"
)]

#[path = "../fuzz/checks/formats.rs"]
mod formats;
#[path = "../fuzz/checks/framing.rs"]
mod framing;
#[path = "../fuzz/checks/json.rs"]
mod json;
#[path = "../fuzz/checks/pieces.rs"]
mod pieces;

use std::{fs, path::Path};

/// So often is each seed changed.
const CHANGES: usize = 400;

/// Replays what lies in the folders of a target.
fn replay(target: &str, check: fn(&[u8])) {
    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz");
    let mut inputs = Vec::new();
    for kind in ["seeds", "found"] {
        let Ok(folder) = fs::read_dir(fuzz.join(kind).join(target)) else {
            continue;
        };
        let mut paths: Vec<_> = folder.map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        inputs.extend(
            paths
                .into_iter()
                .map(|path| (path.display().to_string(), fs::read(&path).unwrap())),
        );
    }
    assert!(
        inputs.len() >= 5,
        "only {} inputs of {target}",
        inputs.len()
    );
    let mut seeded = Seeded(0x2545_f491_4f6c_dd1d);
    for (name, input) in &inputs {
        // A panic names its input by the last line that was printed.
        println!("{name}");
        check(input);
        for _ in 0..CHANGES {
            let (other, behind) = (&inputs[seeded.below(inputs.len())].1, input);
            let changed = seeded.changed(behind, other);
            check(&changed);
        }
    }
}

#[test]
fn framing_holds() {
    replay("framing", framing::check);
}

#[test]
fn json_holds() {
    replay("json", json::check);
}

#[test]
fn formats_hold() {
    replay("formats", formats::check);
}

/// A small generator of numbers that are the same each time.
struct Seeded(u64);

impl Seeded {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap() % bound.max(1)
    }

    /// Changes an input in a few places, also by parts of another.
    fn changed(&mut self, input: &[u8], other: &[u8]) -> Vec<u8> {
        let mut bytes = input.to_vec();
        for _ in 0..=self.below(4) {
            let at = self.below(bytes.len());
            match self.below(6) {
                0 if !bytes.is_empty() => bytes[at] = u8::try_from(self.below(256)).unwrap(),
                1 if !bytes.is_empty() => drop(bytes.remove(at)),
                2 => bytes.insert(at, b"{}[]\",:\n\\0e-"[self.below(12)]),
                3 => bytes.truncate(at.max(1)),
                4 => {
                    let from = self.below(other.len());
                    let to = (from + self.below(64)).min(other.len());
                    let end = (at + self.below(64)).min(bytes.len());
                    drop(bytes.splice(at..end, other[from..to].iter().copied()));
                }
                _ if !bytes.is_empty() => bytes[at] ^= 1 << self.below(8),
                _ => {}
            }
        }
        bytes
    }
}
