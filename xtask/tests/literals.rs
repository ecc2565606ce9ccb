//! No key of the conventions is typed by hand.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::path::{Path, PathBuf};

#[test]
fn convention_keys_come_from_the_generated_table() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut files = Vec::new();
    for krate in std::fs::read_dir(root.join("crates")).unwrap() {
        collect(&krate.unwrap().path().join("src"), &mut files);
    }
    assert!(
        files.len() > 10,
        "found {} files only; did the crates move?",
        files.len()
    );
    let table = root.join("crates/genspan/src/semconv/attribute.rs");
    let table = std::fs::read_to_string(table).unwrap();
    let mut found = Vec::new();
    for path in files {
        let text = std::fs::read_to_string(&path).unwrap();
        // Vendors have keys of their own under the conventions' namespace.
        let speaks_others = path.starts_with(root.join("crates/genspan-dialects"));
        for (index, line) in product_code(&text).enumerate() {
            let is_typed = if speaks_others {
                keys(line).any(|key| table.contains(&format!("\"{key}\"")))
            } else {
                line.contains("\"gen_ai.")
            };
            if is_typed {
                found.push(format!(
                    "{}:{}: {}",
                    path.strip_prefix(root).unwrap().display(),
                    index + 1,
                    line.trim()
                ));
            }
        }
    }
    assert!(
        found.is_empty(),
        "use genspan::semconv's constants instead of:\n{}",
        found.join("\n")
    );
}

/// Keys that a line of code holds in full.
fn keys(line: &str) -> impl Iterator<Item = &str> {
    let texts = line.split('"').skip(1).step_by(2);
    texts.filter(|text| text.starts_with("gen_ai."))
}

/// Lines before the unit tests, comments blanked.
fn product_code(text: &str) -> impl Iterator<Item = &str> {
    let lines = text
        .lines()
        .take_while(|line| line.trim() != "#[cfg(test)]");
    lines.map(|line| {
        if line.trim_start().starts_with("//") {
            ""
        } else {
            line
        }
    })
}

/// Rust files under a folder, without those that must spell keys: the table itself, dialects and tests.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    const EXEMPT: [&str; 5] = ["semconv", "semconv.rs", "dialects", "tests", "tests.rs"];
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for path in entries.map(|entry| entry.unwrap().path()) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if EXEMPT.contains(&name.as_str()) {
            continue;
        }
        if path.is_dir() {
            collect(&path, files);
        } else if name.ends_with(".rs") {
            files.push(path);
        }
    }
}

#[test]
fn the_search_sees_code_and_passes_over_comments_and_tests() {
    let text = "// \"gen_ai.a\"\nlet key = \"gen_ai.b\";\n#[cfg(test)]\nlet key = \"gen_ai.c\";\n";
    let lines: Vec<&str> = product_code(text).collect();
    assert_eq!(lines, ["", "let key = \"gen_ai.b\";"]);
}

#[test]
fn keys_in_a_line_are_found() {
    let line = r#"("gen_ai.a", key::B, "c", "gen_ai.d")"#;
    assert_eq!(keys(line).collect::<Vec<_>>(), ["gen_ai.a", "gen_ai.d"]);
}
