//! Real provider traffic, recorded by others, against what an independent reading of it says.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use crate::place::Place;

/// Holds how many exchanges of a part of the corpus are wholly right, of how many that something is known of.
///
/// The goal is all of them; a new format raises the first number and has to say so here.
struct Right {
    part: &'static str,
    wholly: u32,
    of: u32,
}

const RECORDED_A: Right = Right {
    part: "a",
    wholly: 2625,
    of: 2625,
};
const RECORDED_B: Right = Right {
    part: "b",
    wholly: 123,
    of: 123,
};

#[test]
fn recorded_a_is_wholly_right() {
    check(&RECORDED_A);
}

#[test]
fn recorded_b_is_wholly_right() {
    check(&RECORDED_B);
}

/// Whatever the version, what is written follows it.
#[test]
fn every_version_of_the_conventions_is_followed() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/wire-corpus");
    if !corpus.is_dir() {
        assert_ne!(
            std::env::var("GENSPAN_REQUIRE").as_deref(),
            Ok("all"),
            "the corpus is required"
        );
        eprintln!("passed over: {} is missing", corpus.display());
        return;
    }
    let place = Place::new("corpus-versions");
    for (part, calls) in [("a", 2596), ("b", 175)] {
        let files = hars(&corpus.join(format!("recorded-{part}")));
        for version in ["v1.36", "v1.41", "main"] {
            let written = format!("{part}-{version}.jsonl");
            let to = format!("file:{written}");
            let mut args = vec!["import", "har", "--content=span", "--tool-definitions"];
            args.extend(["--conventions", version, "--to", &to]);
            args.extend(files.iter().map(|path| path.to_str().unwrap()));
            let ran = place.run(&args);
            assert_eq!(ran.code, 0, "{}", ran.stderr);
            let checked = place.run(&["check", "--conventions", version, &written]);
            let found: String = checked.stdout.chars().take(4_000).collect();
            assert_eq!(checked.code, 0, "{part}, {version}:\n{found}");
            // The agents behind the calls are spans too.
            let (_, sum) = found.split_once("0 violations in ").unwrap();
            let (spans, _) = sum.split_once(' ').unwrap();
            assert!(spans.parse::<u32>().unwrap() > calls, "{part}: {found}");
        }
    }
}

fn check(right: &Right) {
    let part = right.part;
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
    assert!(ran.stderr.ends_with(" 0 unreadable\n"), "{}", ran.stderr);

    let judged = Command::new("python3")
        .arg(corpus.join("compare.py"))
        .arg(corpus.join(format!("expected-{part}.jsonl")))
        .args([place.path("spans.jsonl").to_str().unwrap(), "--show", "5"])
        .output()
        .unwrap();
    let judged = String::from_utf8(judged.stdout).unwrap();
    let expected = format!("exchanges wholly right: {}/{} ", right.wholly, right.of);
    let is_sum = |line: &&str| line.starts_with("exchanges wholly right: ");
    let sum = judged.lines().find(is_sum).unwrap_or_default();
    assert!(sum.starts_with(&expected), "expected {expected}\n{judged}");

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
