//! Real provider traffic, recorded by others, against what an independent reading of it says.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use crate::place::Place;

/// What must be right in every line.
const FORMATS: [&str; 3] = ["openai.chat_completions", "anthropic.messages", "none"];

#[test]
fn recorded_a_is_wholly_right() {
    check("a");
}

#[test]
fn recorded_b_is_wholly_right() {
    check("b");
}

fn check(part: &str) {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/wire-corpus");
    let python = Command::new("python3").arg("--version").output();
    if !corpus.is_dir() || python.is_err() {
        assert_ne!(
            std::env::var("GENSPAN_REQUIRE").as_deref(),
            Ok("all"),
            "the corpus and python3 are required"
        );
        eprintln!("passed over: {} or python3 is missing", corpus.display());
        return;
    }
    let place = Place::new(&format!("corpus-{part}"));
    let files = hars(&corpus.join(format!("recorded-{part}")));
    let mut args = vec![
        "import",
        "har",
        "--content",
        "span",
        "--to",
        "file:spans.jsonl",
    ];
    args.extend(files.iter().map(|path| path.to_str().unwrap()));
    let ran = place.run(&args);
    assert_eq!(ran.code, 0, "{}", ran.stderr);

    let judged = Command::new("python3")
        .arg(corpus.join("compare.py"))
        .arg(corpus.join(format!("expected-{part}.jsonl")))
        .args([place.path("spans.jsonl").to_str().unwrap(), "--show", "5"])
        .output()
        .unwrap();
    let judged = String::from_utf8(judged.stdout).unwrap();
    let mut seen = 0;
    for line in judged.lines() {
        let Some((format, counts)) = line.split_once("wholly right") else {
            continue;
        };
        if !FORMATS.contains(&format.trim()) {
            continue;
        }
        let (right, all) = counts.trim().split_once('/').unwrap();
        assert_eq!(right.trim(), all.trim(), "{judged}");
        seen += 1;
    }
    assert!(seen > 0, "{judged}");

    let checked = place.run(&["check", "spans.jsonl"]);
    assert_eq!(checked.code, 0, "{}", checked.stdout);
    let once = place.read("spans.jsonl");
    assert_eq!(place.run(&args).code, 0);
    assert!(
        once == place.read("spans.jsonl"),
        "importing again gave other bytes"
    );
}

fn hars(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "har"));
    files.sort();
    files
}
