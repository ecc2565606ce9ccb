//! What the documents say of files is true.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::{fs, path::Path};

/// Gives the words of a document that look like files of this repository.
fn files(text: &str) -> Vec<&str> {
    let words = text.split(|c: char| c.is_whitespace() || "`()[],;".contains(c));
    words
        .map(|word| word.trim_end_matches(['.', ':']))
        .filter(|word| {
            ["crates/", "xtask/", "testkit/", "semconv/", ".ci/"]
                .iter()
                .any(|top| word.starts_with(top))
        })
        .filter(|word| !word.contains(['*', '{', '<']))
        .collect()
}

#[test]
fn every_file_that_is_named_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut count = 0;
    for name in ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"] {
        let text = fs::read_to_string(root.join(name)).unwrap();
        for file in files(&text) {
            assert!(
                root.join(file).exists(),
                "{name} speaks of {file}, which is not there"
            );
            count += 1;
        }
    }
    assert!(count > 20, "the documents name only {count} files");
}
