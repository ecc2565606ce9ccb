//! What is kept: found again, taken out, forgotten.

use std::fs;

use serde_json::Value;

use crate::{
    har::{answer, answered, chat, file, question},
    place::Place,
};

/// Asks with a word of its own.
fn asking(second: u32, word: &str) -> Value {
    let mut entry = answered(second, 200, "application/json", &answer("Hello"));
    entry["request"]["postData"]["text"] = question(word).into();
    entry
}

/// A store of three traces, one of which holds the word.
fn kept(name: &str, word: &str) -> Place {
    let place = Place::new(name);
    place.write("a.har", &file(&[chat(1), asking(2, word), chat(3)]));
    let ran = place.run(&["import", "har", "a.har", "--quiet"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    place
}

fn json(lines: &str) -> Vec<Value> {
    let lines = lines.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// Tells whether any file of the home holds these bytes.
fn is_anywhere(place: &Place, word: &str) -> bool {
    let home = fs::read_dir(place.path("home")).unwrap();
    let files = home.map(|entry| entry.unwrap().path());
    files.filter(|path| path.is_file()).any(|path| {
        let bytes = fs::read(path).unwrap();
        bytes
            .windows(word.len())
            .any(|window| window == word.as_bytes())
    })
}

#[test]
fn spans_are_found_by_what_was_said_and_by_figures() {
    let place = kept("store-query", "Where is Lisbon?");
    let ran = place.run(&["query", "--text", "lisbon"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    insta::assert_snapshot!(ran.stdout, @"
                           at  time in out       cost  end
    trace b005caa8688d9c2ad25f867da5f5f7d0  2026-01-01 00:00:02 UTC
    chat gpt-4o-mini 00:00:02 120ms 12   3 $0.0000036  stop
      Where is Lisbon?
    ");
    for (filter, found) in [
        (&["--text", "Lisbon"][..], 1),
        (&["--model", "gpt-4o-mini-2024-07-18"], 3),
        (&["--provider", "openai", "--operation", "chat"], 3),
        (&["--provider", "anthropic"], 0),
        (&["--min-tokens", "15"], 3),
        (&["--min-tokens", "16"], 0),
        (&["--min-duration", "120ms"], 3),
        (&["--min-duration", "121ms"], 0),
        (&["--min-cost", "0.0000036"], 3),
        (&["--min-cost", "1"], 0),
        (&["--error"], 0),
        (&["--status", "ok"], 3),
        (&["--since", "2026-01-01T00:00:02"], 2),
        (&["--until", "2026-01-01T00:00:02"], 1),
        (&["--limit", "2"], 2),
    ] {
        let ran = place.run(&[&["query", "--json"], filter].concat());
        assert_eq!(ran.code, 0, "{filter:?}: {}", ran.stderr);
        let spans = json(&ran.stdout);
        assert_eq!(spans.len(), found, "{filter:?}: {}", ran.stdout);
        for span in spans {
            let digits = |key: &str| span[key].as_str().unwrap().len();
            assert_eq!((digits("traceId"), digits("spanId")), (32, 16));
        }
        let is_told = ran.stderr.contains("there are more");
        assert_eq!(is_told, filter[0] == "--limit", "{}", ran.stderr);
    }
}

#[test]
fn a_trace_is_shown_by_its_id() {
    let place = kept("store-show", "Where is Lisbon?");
    let found = json(&place.run(&["query", "--text", "Lisbon", "--json"]).stdout);
    let id = found[0]["traceId"].as_str().unwrap();
    let ran = place.run(&["show", id]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stdout.contains(id), "{}", ran.stdout);
    assert_eq!(place.run(&["show", &id.to_uppercase()]).stdout, ran.stdout);
    let unknown = place.run(&["show", "0af7651916cd43dd8448eb211c80319c"]);
    assert_eq!((unknown.code, unknown.stdout.as_str()), (2, ""));
    insta::assert_snapshot!(unknown.stderr, @"genspan: the store has no trace 0af7651916cd43dd8448eb211c80319c; `genspan query` lists those it has");
}

#[test]
fn what_is_exported_is_what_was_recorded() {
    let place = kept("store-export", "Where is Lisbon?");
    let ran = place.run(&["export", "--all", "--output", "all.jsonl"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    let checked = place.run(&["check", "all.jsonl"]);
    assert_eq!(checked.code, 0, "{}", checked.stdout);
    let of_file = place.run(&["show", "all.jsonl"]).stdout;
    assert_eq!(of_file, place.run(&["show", "-n", "3"]).stdout);
    // The same as a file would have got, and taken in again the same once more.
    place.run(&[
        "import",
        "har",
        "a.har",
        "-q",
        "--to",
        "file:own.jsonl;content=span",
    ]);
    assert_eq!(of_file, place.run(&["show", "own.jsonl"]).stdout);
    let one = place.run(&["export", "--text", "lisbon"]);
    assert!(one.stdout.contains("Where is Lisbon?"), "{}", one.stdout);
    assert_eq!(crate::har::spans(&one.stdout).len(), 1);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(place.path("all.jsonl")).unwrap().permissions();
        assert_eq!(mode.mode() & 0o777, 0o600);
    }
}

#[test]
fn a_page_holds_what_was_said_and_nothing_that_acts() {
    let place = kept("store-html", "<script>alert('Lisbon')</script><img src=x>");
    let found = json(&place.run(&["query", "--text", "Lisbon", "--json"]).stdout);
    let id = found[0]["traceId"].as_str().unwrap();
    let ran = place.run(&["export", id, "--html"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let page = &ran.stdout;
    for words in [
        "&lt;script&gt;alert(&#39;Lisbon&#39;)&lt;/script&gt;&lt;img src=x&gt;",
        "<h1 dir=\"auto\">chat gpt-4o-mini</h1>",
        "12 in · 3 out · $0.0000036",
        "<h2>assistant</h2>",
        "Hello",
        id,
        "default-src 'none'",
    ] {
        assert!(page.contains(words), "{words} is missing from {page}");
    }
    for words in ["<script", "<img", "http:", "https:", "src=\"", "href"] {
        let shown = page.matches(words).count();
        assert_eq!(shown, 0, "{words} is in {page}");
    }
    let filtered = place.run(&["export", "--html", "--error"]);
    assert_eq!(filtered.code, 2);
    assert!(
        filtered.stderr.contains("genspan query"),
        "{}",
        filtered.stderr
    );
}

#[test]
fn what_is_forgotten_is_in_no_byte() {
    let place = kept("store-forget", "zq9canaryx7");
    assert!(is_anywhere(&place, "zq9canaryx7"), "it was there before");
    let found = json(
        &place
            .run(&["query", "--text", "zq9canaryx7", "--json"])
            .stdout,
    );
    let id = found[0]["traceId"].as_str().unwrap();
    let unasked = place.run(&["forget", id]);
    assert_eq!(unasked.code, 2);
    assert!(unasked.stderr.contains("`--yes`"), "{}", unasked.stderr);

    let ran = place.run(&["forget", id, "--yes"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    assert_eq!(ran.stdout, "forgot 1 trace, 1 span, 0 log records\n");
    assert!(!is_anywhere(&place, "zq9canaryx7"));
    assert_eq!(json(&place.run(&["query", "--json"]).stdout).len(), 2);
    let again = place.run(&["forget", id, "--yes"]);
    assert_eq!(again.code, 1);
    assert!(again.stderr.contains(id), "{}", again.stderr);

    let before = place.run(&["forget", "--before", "2026-01-01T00:00:03", "--yes"]);
    assert_eq!(before.stdout, "forgot 1 trace, 1 span, 0 log records\n");
    let all = place.run(&["forget", "--all", "--yes"]);
    assert_eq!(all.stdout, "forgot 1 trace, 1 span, 0 log records\n");
    let shown = place.run(&["show"]);
    assert_eq!((shown.code, shown.stdout.as_str()), (0, "no spans\n"));
}

#[test]
fn several_traces_are_forgotten_at_once_and_unknown_ones_told() {
    let place = kept("store-forget-several", "Hi");
    let found = json(&place.run(&["query", "--json"]).stdout);
    let ids: Vec<_> = found
        .iter()
        .map(|span| span["traceId"].as_str().unwrap())
        .collect();
    let unknown = "0af7651916cd43dd8448eb211c80319c";
    let ran = place.run(&["forget", ids[0], unknown, ids[2], "--yes"]);
    assert_eq!(ran.code, 1);
    assert_eq!(ran.stdout, "forgot 2 traces, 2 spans, 0 log records\n");
    assert!(
        ran.stderr.contains(unknown) && ran.stderr.lines().count() == 1,
        "{}",
        ran.stderr
    );
    let left = json(&place.run(&["query", "--json"]).stdout);
    assert_eq!(left.len(), 1);
    assert_eq!(left[0]["traceId"], ids[1]);
}

#[test]
fn a_store_that_cannot_be_read_says_why() {
    let place = kept("store-newer", "Hi");
    let path = place.path("home/store.db");
    let mut bytes = fs::read(&path).unwrap();
    // Where SQLite keeps the number of the schema's version.
    bytes[60..64].copy_from_slice(&99_u32.to_be_bytes());
    fs::write(&path, bytes).unwrap();
    for command in [
        &["show"][..],
        &["query"],
        &["export"],
        &["forget", "--all", "-y"],
    ] {
        let ran = place.run(command);
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{command:?}");
        assert!(
            ran.stderr.contains("has version 99") && ran.stderr.contains("--store"),
            "{command:?}: {}",
            ran.stderr
        );
    }
    fs::write(
        &path,
        "no store at all, but longer than a page's header would be",
    )
    .unwrap();
    let ran = place.run(&["show"]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.stderr.contains("is damaged or no store"),
        "{}",
        ran.stderr
    );
}

#[test]
fn another_file_can_be_the_store() {
    let place = Place::new("store-elsewhere");
    place.write("a.har", &file(&[chat(1)]));
    let elsewhere = ["--store", "deep/other.db"];
    let ran = place.run(&[&["import", "har", "a.har", "-q"], &elsewhere[..]].concat());
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(!place.path("home/store.db").exists());
    let shown = place.run(&[&["show"], &elsewhere[..]].concat());
    assert!(shown.stdout.contains("chat gpt-4o-mini"), "{shown:?}");
    let named = place.run(&["import", "har", "a.har", "-q", "--to", "store:named.db"]);
    assert_eq!(named.code, 0, "{}", named.stderr);
    assert_eq!(
        place.run(&["show", "--store", "named.db"]).stdout,
        shown.stdout
    );
}
