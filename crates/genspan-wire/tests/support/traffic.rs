//! All exchanges that tests have: our own, and recorded traffic where it is at hand.

use std::{
    fs,
    path::{Path, PathBuf},
};

use genspan::{Record, Timestamp};
use genspan_wire::{Decoded, End, Exchange, RequestHead};
use testkit::recordings::{Corpus, Recorded};

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
    let corpus = Corpus::read()?;
    Some(corpus.all().filter_map(read).collect())
}

fn read(recorded: &Recorded) -> Option<(Row, Shown)> {
    let (_, rest) = recorded.url.split_once("://")?;
    let (authority, path) = rest.split_at(rest.find('/')?);
    let mut exchange = Exchange::detect(&RequestHead {
        method: &recorded.method,
        host: authority.split(':').next()?,
        port: None,
        path,
    })?;
    let format = exchange.format_name();
    exchange.request_all(&recorded.request);
    exchange.response_head(recorded.status, recorded.content_type.as_deref());
    exchange.response_all(&recorded.response, Timestamp::default());
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

fn files(folder: &Path) -> Vec<PathBuf> {
    let folder = fs::read_dir(folder).unwrap();
    let mut files: Vec<_> = folder.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}
