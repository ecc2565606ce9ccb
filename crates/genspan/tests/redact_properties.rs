//! What the redactor does to any text: twice is once, the rest stays, near misses stay cheap, recorded traffic stays
//! readable.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "tests"
)]

use std::collections::BTreeMap;
use std::path::Path;

use genspan::redact::Redactor;
use proptest::prelude::*;
use serde_json::Value;

fn redact(text: &str) -> String {
    Redactor::new().redact(text).into_owned()
}

/// Text in which secrets, near misses and separators meet in any order.
fn mixture() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        "[a-z ]{0,12}",
        "[A-Za-z0-9_-]{0,40}",
        "\\PC{0,6}",
        prop::sample::select(vec![
            "sk-",
            "sk-ant-",
            "sk-proj-",
            "AKIA",
            "ghp_",
            "eyJ",
            "Bearer ",
            "Basic ",
            "password=",
            "\"api_key\": \"",
            "token:",
            "Cookie: a=",
            "Authorization: ",
            "https://",
            "@",
            ":",
            "\\n",
            "\\\"",
            "\"",
            "****",
            "...",
            "…",
            "[redacted:jwt]",
            "[redacted:",
            "]",
            "&sig=",
            "-----BEGIN PRIVATE KEY-----",
            "-----END PRIVATE KEY-----",
        ])
        .prop_map(str::to_owned),
    ];
    prop::collection::vec(part, 0..12).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn redacting_twice_is_redacting_once(text in mixture()) {
        let redactor = Redactor::builder().with_pattern("ab", "[ab]+c?|d\\]").unwrap().build();
        let once = redactor.redact(&text).into_owned();
        prop_assert_eq!(redactor.redact(&once), once.as_str());
        let once = redact(&text);
        prop_assert_eq!(redact(&once), once);
    }

    #[test]
    fn the_text_around_is_kept(before in "[a-z .\n]{0,80}", after in "[a-z .\n]{0,80}", body in "[A-Za-z0-9]{40}") {
        let text = format!("{before} sk-proj-{body} {after}");
        prop_assert_eq!(redact(&text), format!("{before} [redacted:openai-key] {after}"));
    }

    #[test]
    fn what_is_kept_is_a_subsequence_of_the_text(text in mixture()) {
        let result = redact(&text);
        let mut rest = text.as_str();
        for kept in result.split("[redacted:").enumerate().map(|(i, part)| {
            if i == 0 { part } else { part.split_once(']').map_or(part, |(_, kept)| kept) }
        }) {
            let found = rest.find(kept);
            prop_assert!(found.is_some(), "{kept:?} is not in {rest:?}");
            rest = &rest[found.unwrap() + kept.len()..];
        }
    }
}

#[test]
fn near_misses_by_the_megabyte_stay_cheap() {
    // Each would take minutes if one hit cost as much as the text is long.
    for unit in [
        "sk-ant-",
        "sk-",
        "password:",
        "password=$",
        "token=",
        "eyJ.",
        "eyJaaaaaaaaaa-",
        "cookie: ",
        "://a",
        "Bearer ",
        "-----BEGIN PRIVATE KEY-----\"",
        "-----END PRIVATE KEY-----",
        "[redacted:jwt]",
        "\\\\\\\\",
        "sk-a****",
        "?key=",
        "password='password=\"",
        "Basic aaaa",
        "authorization: bearer ",
        "[redacted:",
    ] {
        let text = unit.repeat(400_000 / unit.len());
        let once = redact(&text);
        assert!(once.len() <= text.len() * 3, "{unit}");
    }
}

/// Every text of a recording: URLs, headers as lines, bodies.
fn texts(entry: &Value) -> Vec<String> {
    let mut texts = Vec::new();
    for side in ["request", "response"] {
        let side = &entry[side];
        let headers = side["headers"].as_array().into_iter().flatten();
        texts.extend(headers.map(|h| {
            format!(
                "{}: {}",
                h["name"].as_str().unwrap(),
                h["value"].as_str().unwrap()
            )
        }));
        let bodies = [
            &side["url"],
            &side["postData"]["text"],
            &side["content"]["text"],
        ];
        texts.extend(
            bodies
                .into_iter()
                .filter_map(Value::as_str)
                .map(str::to_owned),
        );
    }
    texts
}

/// What the rules replaced in a text, each with a little of what stands before it.
fn hits(redactor: &Redactor, text: &str) -> Vec<(String, String)> {
    let redacted = redactor.redact(text);
    let parts: Vec<&str> = redacted.split("[redacted:").collect();
    let hit = |pair: &[&str]| {
        let before: String = pair[0].chars().rev().take(40).collect();
        (
            pair[1].split(']').next().unwrap().to_owned(),
            before.chars().rev().collect(),
        )
    };
    parts.windows(2).map(hit).collect()
}

/// The recordings were scrubbed of keys when they were made. What is left to find is providers' masked echo of an
/// invalid key; ids, hashes, signatures and images are no secrets.
#[test]
fn recorded_traffic_stays_readable() {
    let corpus = Path::new(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../shared/wire-corpus"
    ));
    if !corpus.is_dir() {
        assert!(
            std::env::var("GENSPAN_REQUIRE").as_deref() != Ok("all"),
            "no recordings at {}",
            corpus.display()
        );
        println!("skipped: no recordings at {}", corpus.display());
        return;
    }
    let redactor = Redactor::new();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let (mut read, mut bytes) = (0, 0);
    for folder in ["recorded-a", "recorded-b"] {
        for file in corpus.join(folder).read_dir().unwrap() {
            let har: Value =
                serde_json::from_str(&std::fs::read_to_string(file.unwrap().path()).unwrap())
                    .unwrap();
            for text in har["log"]["entries"]
                .as_array()
                .unwrap()
                .iter()
                .flat_map(texts)
            {
                (read, bytes) = (read + 1, bytes + text.len());
                for (rule, before) in hits(&redactor, &text) {
                    println!("{rule} after {before:?}");
                    *counts.entry(rule).or_default() += 1;
                }
            }
        }
    }
    println!("{read} texts, {bytes} bytes: {counts:?}");
    assert_eq!(
        counts,
        BTreeMap::from([
            ("assigned-secret".to_owned(), 2),
            ("openai-key".to_owned(), 7)
        ])
    );
}
