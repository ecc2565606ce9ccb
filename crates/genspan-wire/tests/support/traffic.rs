//! All exchanges that tests have: our own, and recorded traffic where it is at hand.

use std::{
    fs,
    path::{Path, PathBuf},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use genspan::{Record, Timestamp};
use genspan_wire::{Decoded, End, Exchange, RequestHead};
use serde_json::Value as Json;

use super::{Row, formats, shown::Shown};

/// Reads our own: what fuzzing begins with holds an exchange of each kind in each format.
pub(crate) fn own() -> Vec<(Row, Shown)> {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds/formats");
    let seeds = files(&seeds)
        .into_iter()
        .map(|path| fs::read(path).unwrap());
    seeds
        .filter_map(|seed| {
            let asked = formats::asked(&seed)?;
            let format = asked.waiting.format_name();
            let mut exchange = asked.waiting;
            exchange.response_all(asked.response, Timestamp::default());
            Some(row(format, &exchange.finish(End::Complete)))
        })
        .collect()
}

/// Reads recorded traffic; says so where there is none.
pub(crate) fn recorded() -> Option<Vec<(Row, Shown)>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/wire-corpus");
    if !root.is_dir() {
        assert!(
            std::env::var("GENSPAN_REQUIRE").as_deref() != Ok("all"),
            "no corpus at {}",
            root.display()
        );
        eprintln!("skipped in part: no corpus at {}", root.display());
        return None;
    }
    let mut rows = Vec::new();
    for path in ["recorded-a", "recorded-b"]
        .iter()
        .flat_map(|part| files(&root.join(part)))
    {
        let har = serde_json::from_slice::<Json>(&fs::read(path).unwrap()).unwrap();
        rows.extend(
            har["log"]["entries"]
                .as_array()
                .unwrap()
                .iter()
                .filter_map(entry),
        );
    }
    Some(rows)
}

fn entry(entry: &Json) -> Option<(Row, Shown)> {
    let (request, response) = (&entry["request"], &entry["response"]);
    let (_, rest) = request["url"].as_str()?.split_once("://")?;
    let (authority, path) = rest.split_at(rest.find('/')?);
    let mut exchange = Exchange::detect(&RequestHead {
        method: request["method"].as_str()?,
        host: authority.split(':').next()?,
        port: None,
        path,
    })?;
    let format = exchange.format_name();
    exchange.request_all(&body(&request["postData"]));
    let mut headers = response["headers"].as_array()?.iter();
    let content_type = headers.find(|header| {
        let name = header["name"].as_str().unwrap_or_default();
        name.eq_ignore_ascii_case("content-type")
    });
    let status = u16::try_from(response["status"].as_u64()?).ok()?;
    exchange.response_head(
        status,
        content_type.and_then(|header| header["value"].as_str()),
    );
    exchange.response_all(&body(&response["content"]), Timestamp::default());
    Some(row(format, &exchange.finish(End::Complete)))
}

fn row(format: &'static str, decoded: &Decoded) -> (Row, Shown) {
    let provider = match &decoded.record {
        Record::Inference(record) => &record.provider,
        Record::Embeddings(record) => &record.provider,
        Record::ResponseFetch(record) => &record.provider,
        other => panic!("{format} gives another record: {other:?}"),
    };
    ((provider.to_string(), format), Shown::by(decoded))
}

fn body(part: &Json) -> Vec<u8> {
    let text = part["text"].as_str().unwrap_or_default();
    if part["encoding"] == "base64" {
        STANDARD.decode(text).unwrap()
    } else {
        text.as_bytes().to_vec()
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let folder = fs::read_dir(folder).unwrap();
    let mut files: Vec<_> = folder.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}
