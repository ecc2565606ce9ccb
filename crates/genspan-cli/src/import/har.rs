//! HAR 1.2: exchanges of a browser or proxy.

mod body;
mod entries;
mod entry;

use std::{
    fs::File,
    io::{self, BufReader, Read},
    path::Path,
};

use genspan::{Parent, Record, StartOptions, StreamTiming, Telemetry};
use genspan_wire::{Decoded, End, Exchange, RequestHead};
use serde_json::value::RawValue;

use self::{
    body::Body,
    entry::{Asked, Entry, EntryError},
};
use super::{address, file::is_stdin, identity::Identities, progress::Progress, summary::Tally};

/// Turns the exchanges of HAR files into spans, one at a time.
#[derive(Debug)]
pub(super) struct Importer<'a> {
    telemetry: &'a Telemetry,
    identities: Identities,
    tally: Tally,
}

/// Says what became of an entry.
enum Fate {
    Span,
    SpanWithoutAnswer,
    Unrelated,
}

impl<'a> Importer<'a> {
    pub(super) fn new(telemetry: &'a Telemetry) -> Self {
        Self {
            telemetry,
            identities: Identities::default(),
            tally: Tally::default(),
        }
    }

    pub(super) fn into_tally(self) -> Tally {
        self.tally
    }

    /// Imports one file; what is wrong with it is told at the end.
    pub(super) fn file(&mut self, path: &Path, progress: &Progress) {
        self.tally.files += 1;
        let reader: io::Result<Box<dyn Read>> = if is_stdin(path) {
            Ok(Box::new(io::stdin().lock()))
        } else {
            File::open(path).map(|file| Box::new(file) as Box<dyn Read>)
        };
        let result = match reader {
            Ok(reader) => {
                let reader = BufReader::with_capacity(256 * 1024, progress.watch(reader));
                let mut nth = 0_u64;
                entries::read(reader, &mut |raw| {
                    nth += 1;
                    self.entry(path, nth, raw);
                })
            }
            Err(error) => Err(serde_json::Error::io(error)),
        };
        if let Err(error) = result {
            self.tally.broken_files += 1;
            self.tally
                .reason(format!("{}: {}", path.display(), entry::told(&error)));
        }
    }

    fn entry(&mut self, path: &Path, nth: u64, raw: &RawValue) {
        self.tally.exchanges += 1;
        match self.span(path, raw) {
            Ok(Fate::Span) => self.tally.spans += 1,
            Ok(Fate::SpanWithoutAnswer) => {
                self.tally.spans += 1;
                self.tally.without_answer += 1;
            }
            Ok(Fate::Unrelated) => self.tally.unrelated += 1,
            Err(error) => {
                self.tally.unreadable += 1;
                self.tally
                    .reason(format!("{}, entry {nth}: {error}", path.display()));
            }
        }
    }

    fn span(&mut self, path: &Path, raw: &RawValue) -> Result<Fate, EntryError> {
        let asked: Asked<'_> = entry::parse(raw)?;
        let Some(exchange) = detect(&asked) else {
            return Ok(Fate::Unrelated);
        };
        let entry: Entry = entry::parse(raw)?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let started = entry.started()?;
        let ended = started.plus(entry.duration());
        let request = entry
            .request
            .post_data
            .as_ref()
            .map_or(Ok(Body::Absent), |body| body.bytes(folder));
        let request = request.map_err(|error| EntryError::Body("request", error))?;
        let response = entry
            .response
            .as_ref()
            .and_then(|response| response.content.as_ref());
        let response = response.map_or(Ok(Body::Absent), |body| body.bytes(folder));
        let response = response.map_err(|error| EntryError::Body("response", error))?;

        let identity = self.identities.of(
            started,
            &asked.request.url,
            [request.bytes(), response.bytes()],
        );
        let options = StartOptions {
            parent: Parent::Root,
            at: Some(started),
            identity: Some(identity),
            links: Vec::new(),
        };
        let open = self.telemetry.open(exchange.outline(), options);
        let (decoded, is_whole) = decode(exchange, &entry, &request, &response, ended);
        let Decoded {
            mut record,
            outcome,
            ..
        } = decoded;
        if let Record::Inference(inference) = &mut record {
            // The file tells when all of the answer was there, and of no part when it came.
            inference.timing = StreamTiming::default();
        }
        open.close_at(record, outcome, ended);
        Ok(if is_whole {
            Fate::Span
        } else {
            Fate::SpanWithoutAnswer
        })
    }
}

fn detect(asked: &Asked<'_>) -> Option<Exchange> {
    let address = address::split(&asked.request.url)?;
    let head = RequestHead {
        method: &asked.request.method,
        host: address.host,
        port: address.port,
        path: address.path,
    };
    Exchange::detect(&head)
}

/// Reads both bodies; tells as well whether the answer was in the file.
fn decode(
    mut exchange: Exchange,
    entry: &Entry,
    request: &Body,
    response: &Body,
    ended: genspan::Timestamp,
) -> (Decoded, bool) {
    match request {
        Body::Absent => exchange.request_skipped(),
        Body::Present(bytes) => exchange.request(bytes),
    }
    exchange.request_end();
    let Some((status, answer)) = entry.status().zip(entry.response.as_ref()) else {
        return (exchange.finish(End::Unreachable), true);
    };
    exchange.response_head(status, answer.content_type());
    let is_whole = match response {
        Body::Absent => {
            exchange.response_skipped();
            status >= 400
        }
        Body::Present(bytes) => {
            exchange.response(bytes, ended);
            true
        }
    };
    (exchange.finish(End::Complete), is_whole)
}
