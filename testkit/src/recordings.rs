//! Recorded traffic with what an independent reader found in it; it lies beside the repository, if it is at hand.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "it is part of tests; the environment says whether a skip is allowed"
)]

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value as Json;

/// Holds the recordings and what is expected of each.
#[derive(Debug)]
pub struct Corpus {
    exchanges: Vec<(Recorded, Json)>,
}

/// Holds a request and its response as they were recorded.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// The request's method.
    pub method: String,
    /// Where it went.
    pub url: String,
    /// The request's body.
    pub request: Vec<u8>,
    /// The response's status.
    pub status: u16,
    /// What the response's body is said to be.
    pub content_type: Option<String>,
    /// The response's body.
    pub response: Vec<u8>,
}

impl Corpus {
    /// Reads the recordings where there are any; says so where there are none.
    ///
    /// # Panics
    ///
    /// When there are none though `GENSPAN_REQUIRE=all` is set, or one cannot be read.
    #[must_use]
    pub fn read() -> Option<Self> {
        let root = PathBuf::from(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../shared/wire-corpus"
        ));
        if !root.is_dir() {
            assert!(
                std::env::var("GENSPAN_REQUIRE").as_deref() != Ok("all"),
                "no corpus at {}",
                root.display()
            );
            eprintln!("skipped: no corpus at {}", root.display());
            return None;
        }
        let mut exchanges = Vec::new();
        for part in ["a", "b"] {
            let mut expected = expectations(&root.join(format!("expected-{part}.jsonl")));
            for path in files(&root.join(format!("recorded-{part}"))) {
                let har = serde_json::from_slice::<Json>(&fs::read(path).unwrap()).unwrap();
                for entry in har["log"]["entries"].as_array().unwrap() {
                    let start = entry["startedDateTime"].as_str().unwrap();
                    // Of some nothing is expected; these have no interface's name.
                    let of_none = || serde_json::json!({"api": "", "start": start});
                    let expected = expected.remove(start).unwrap_or_else(of_none);
                    exchanges.push((recorded(entry), expected));
                }
            }
            assert!(expected.is_empty(), "expectations without a recording");
        }
        Some(Self { exchanges })
    }

    /// Gives the exchanges without an expectation whose path ends so.
    pub fn unexpected<'c>(&'c self, end: &'c str) -> impl Iterator<Item = &'c Recorded> {
        let of_none = self.of("").map(|(recorded, _)| recorded);
        of_none.filter(move |recorded| recorded.url.ends_with(end))
    }

    /// Gives all exchanges.
    pub fn all(&self) -> impl Iterator<Item = &Recorded> {
        self.exchanges.iter().map(|(recorded, _)| recorded)
    }

    /// Gives the exchanges of one interface.
    pub fn of<'c>(&'c self, api: &'c str) -> impl Iterator<Item = (&'c Recorded, &'c Json)> {
        let of_api = self
            .exchanges
            .iter()
            .filter(move |(_, expected)| expected["api"] == api);
        of_api.map(|(recorded, expected)| (recorded, expected))
    }
}

fn expectations(path: &Path) -> HashMap<String, Json> {
    let text = fs::read_to_string(path).unwrap();
    let lines = text
        .lines()
        .map(|line| serde_json::from_str::<Json>(line).unwrap());
    lines
        .map(|line| (line["start"].as_str().unwrap().to_owned(), line))
        .collect()
}

fn files(directory: &Path) -> Vec<PathBuf> {
    let mut files = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect::<Vec<_>>();
    files.sort();
    files
}

fn recorded(entry: &Json) -> Recorded {
    let (request, response) = (&entry["request"], &entry["response"]);
    let headers = response["headers"].as_array().unwrap();
    let is_type = |header: &&Json| {
        header["name"]
            .as_str()
            .is_some_and(|name| name.eq_ignore_ascii_case("content-type"))
    };
    Recorded {
        method: request["method"].as_str().unwrap().to_owned(),
        url: request["url"].as_str().unwrap().to_owned(),
        request: body(&request["postData"]),
        status: response["status"].as_u64().unwrap().try_into().unwrap(),
        content_type: headers
            .iter()
            .find(is_type)
            .map(|header| header["value"].as_str().unwrap().to_owned()),
        response: body(&response["content"]),
    }
}

fn body(part: &Json) -> Vec<u8> {
    let text = part["text"].as_str().unwrap_or_default();
    if part["encoding"] == "base64" {
        STANDARD.decode(text).unwrap()
    } else {
        text.as_bytes().to_vec()
    }
}
