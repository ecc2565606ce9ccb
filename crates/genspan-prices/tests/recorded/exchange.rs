//! Recorded exchanges as records.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use genspan::{Counts, Inference, Provider, Record, Server, Timestamp, Usage};
use genspan_wire::{End, Exchange, RequestHead};
use serde_json::Value as Json;

/// Recorded entries by the moment at which they began, which is their name, and what an independent reader found.
pub(crate) struct Recordings {
    entries: HashMap<String, Json>,
    expected: HashMap<String, Json>,
}

impl Recordings {
    /// Reads the recordings of one host where there are any; says so where there are none.
    pub(crate) fn of(hosts: &[&str]) -> Option<Self> {
        let root = PathBuf::from(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../../shared/wire-corpus"
        ));
        if !root.is_dir() {
            assert!(
                std::env::var("GENSPAN_REQUIRE").as_deref() != Ok("all"),
                "no recordings at {}",
                root.display()
            );
            eprintln!("skipped: no recordings at {}", root.display());
            return None;
        }
        let entries = hosts.iter().flat_map(|host| entries(&root, host));
        let named = |entry: Json| {
            let start = entry["startedDateTime"].as_str().unwrap().to_owned();
            (start, entry)
        };
        let expected = fs::read_to_string(root.join("expected-a.jsonl")).unwrap();
        let expected = expected.lines().map(|line| {
            let line: Json = serde_json::from_str(line).unwrap();
            (line["start"].as_str().unwrap().to_owned(), line)
        });
        Some(Self {
            entries: entries.map(named).collect(),
            expected: expected.collect(),
        })
    }

    /// Gives the exchanges whose answer states its cost in xAI's ticks, and the last that it states.
    pub(crate) fn stated_ticks(&self) -> Vec<(String, u64)> {
        let stated = self.entries.iter().filter_map(|(start, entry)| {
            let answer = entry["response"]["content"]["text"].as_str()?;
            let (_, ticks) = answer.rsplit_once("\"cost_in_usd_ticks\":")?;
            let digits = ticks
                .split(|letter: char| !letter.is_ascii_digit())
                .next()?;
            Some((start.clone(), digits.parse().ok()?))
        });
        stated.collect()
    }

    /// Decodes an exchange whose tokens are told.
    pub(crate) fn record_if_told(&self, start: &str) -> Option<Record> {
        let expected = self.expected.get(start)?;
        expected["input_tokens"].as_u64()?;
        Some(self.record(start))
    }

    /// Decodes an exchange; one of a format that is not read yet is made of what the independent reader found.
    pub(crate) fn record(&self, start: &str) -> Record {
        let entry = &self.entries[start];
        let (request, response) = (&entry["request"], &entry["response"]);
        let url = request["url"].as_str().unwrap();
        let (_, rest) = url.split_once("://").unwrap();
        let (host, path) = rest.split_at(rest.find('/').unwrap());
        let detected = Exchange::detect(&RequestHead {
            method: request["method"].as_str().unwrap(),
            host,
            port: None,
            path,
        });
        let Some(mut exchange) = detected else {
            return found(&self.expected[start], host);
        };
        let headers = response["headers"].as_array().unwrap();
        let content_type = headers.iter().find_map(|header| {
            let name = header["name"].as_str()?;
            let is_it = name.eq_ignore_ascii_case("content-type");
            header["value"].as_str().filter(|_| is_it)
        });
        exchange.request(&body(&request["postData"]));
        exchange.request_end();
        let status = response["status"].as_u64().unwrap().try_into().unwrap();
        exchange.response_head(status, content_type);
        exchange.response(&body(&response["content"]), Timestamp::default());
        exchange.finish(End::Complete).record
    }
}

/// Makes a record of what the independent reader found.
fn found(expected: &Json, host: &str) -> Record {
    let text = |key: &str| expected[key].as_str().map(str::to_owned);
    let count = |key: &str| expected[key].as_u64();
    let provider = Provider::new(text("provider").unwrap());
    let mut record = Inference::chat(provider, text("request_model").unwrap());
    record.server = Some(Server::new(host, None));
    record.response.model = text("response_model");
    record.usage = Usage::inclusive(Counts {
        input: count("input_tokens"),
        output: count("output_tokens"),
        cache_read: count("cache_read"),
        cache_write: count("cache_write"),
        reasoning: count("reasoning"),
        ..Counts::default()
    })
    .0;
    record.into()
}

fn entries(root: &Path, host: &str) -> Vec<Json> {
    let path = root.join("recorded-a").join(format!("{host}.har"));
    let mut har: Json = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    match har["log"]["entries"].take() {
        Json::Array(entries) => entries,
        other => panic!("no entries: {other}"),
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
