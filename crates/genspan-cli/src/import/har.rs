//! HAR 1.2: exchanges of a browser or proxy.

mod answer;
mod body;
mod ending;
mod entries;
mod entry;
mod loose;
mod messages;
mod moment;
mod packed;
mod scan;
mod source;
mod trouble;

use std::path::Path;

use genspan::{Parent, StartOptions, Telemetry};
use genspan_infer::Agents;
use genspan_wire::{Exchange, RequestHead};

use self::{
    answer::{Bodies, Held, Span},
    entries::{EntryText, TakeEntries},
    entry::{Entry, EntryError, Request},
};
use super::{address, identity::Identities, progress::Progress, reasons::Place, summary::Tally};

/// Turns the exchanges of HAR files into spans, one at a time.
#[derive(Debug)]
pub(super) struct Importer<'a> {
    telemetry: &'a Telemetry,
    identities: Identities,
    tally: Tally,
    progress: &'a Progress,
    /// Whether to tell of each entry what became of it.
    is_verbose: bool,
    /// Whether tokens are estimated that nobody stated.
    pub(super) estimates_usage: bool,
    /// What concludes agents, if anything does.
    pub(super) agents: Option<Agents>,
}

/// Says what became of an entry.
#[derive(Debug)]
enum Fate {
    Span(Held),
    Unrelated,
    /// It asks a model, and the file tells neither an answer nor an error nor how long it took.
    Unsent,
    /// It is the very same as one before.
    Copy,
}

/// Takes the entries of one file.
struct FileImport<'i, 'a> {
    importer: &'i mut Importer<'a>,
    path: &'i Path,
    nth: u64,
}

impl<'a> Importer<'a> {
    pub(super) fn new(telemetry: &'a Telemetry, progress: &'a Progress, is_verbose: bool) -> Self {
        Self {
            telemetry,
            identities: Identities::default(),
            tally: Tally::default(),
            progress,
            is_verbose,
            estimates_usage: false,
            agents: None,
        }
    }

    pub(super) fn into_tally(self) -> Tally {
        self.tally
    }

    /// Imports one file; what is wrong with it is told at the end.
    pub(super) fn file(&mut self, path: &Path) {
        self.tally.files += 1;
        let progress = self.progress;
        let mut import = FileImport {
            importer: self,
            path,
            nth: 0,
        };
        let opened = source::open(path, progress);
        let result = opened.and_then(|reader| entries::read(reader, &mut import));
        if let Err(trouble) = result {
            self.tally.broken_files += 1;
            self.tally.reasons.file(path, trouble.to_string());
        }
        // Nothing goes on from one file to the next.
        if let Some(agents) = &self.agents {
            agents.end_all();
        }
    }
}

impl TakeEntries for FileImport<'_, '_> {
    fn is_wanted(&self, request: &[u8]) -> bool {
        // What cannot be read is told as such when all of the entry is here.
        entry::parse::<Request<'_>>(&entry::utf8(request)).map_or(true, |request| {
            request.url().is_none() || detect(&request).is_some()
        })
    }

    fn entry(&mut self, entry: EntryText<'_>) {
        self.nth += 1;
        let place = Place::entry(self.path, self.nth);
        let fate = self.fate(entry, &place);
        let tally = &mut self.importer.tally;
        tally.exchanges += 1;
        let told = match fate {
            Ok(Fate::Span(held)) => {
                tally.spans += 1;
                match held {
                    Held::Whole => "span",
                    Held::Unreadable => "span, without the answer, which is unreadable",
                    Held::Part => {
                        tally.in_part += 1;
                        "span, with part of the answer"
                    }
                    Held::Nothing => {
                        tally.without_answer += 1;
                        "span, without the answer"
                    }
                }
            }
            Ok(Fate::Unrelated) => {
                tally.unrelated += 1;
                "not inference"
            }
            Ok(Fate::Unsent) => {
                tally.unsent += 1;
                "never sent"
            }
            Ok(Fate::Copy) => {
                tally.copies += 1;
                "a copy of one before"
            }
            Err(error) => {
                tally.unreadable += 1;
                if self.importer.is_verbose {
                    self.importer
                        .progress
                        .tell(&format!("{place}: unreadable: {error}"));
                }
                let reasons = &mut self.importer.tally.reasons;
                reasons.part(kind(&error), place, error.to_string());
                return;
            }
        };
        if self.importer.is_verbose {
            self.importer.progress.tell(&format!("{place}: {told}"));
        }
    }
}

impl FileImport<'_, '_> {
    fn fate(&mut self, entry: EntryText<'_>, place: &Place) -> Result<Fate, EntryError> {
        match entry {
            EntryText::Known { json, is_cut } => self.span(json, is_cut, place),
            EntryText::Unwanted => Ok(Fate::Unrelated),
            EntryText::Odd => Err(EntryError::Odd),
            EntryText::Broken => Err(EntryError::Broken),
            EntryText::TooLarge => Err(EntryError::TooLarge),
        }
    }

    fn span(&mut self, json: &[u8], is_cut: bool, place: &Place) -> Result<Fate, EntryError> {
        let text = entry::utf8(json);
        let entry: Entry<'_> = entry::parse(&text)?;
        let url = entry.request.url().ok_or(EntryError::Url)?;
        let Some(exchange) = detect(&entry.request).filter(|_| !entry.is_redirect()) else {
            return Ok(Fate::Unrelated);
        };
        let moment = entry.started()?;
        let duration = entry.duration();
        let is_untold = entry.status().is_none() && entry.error().is_none();
        if is_untold && duration.is_none_or(|time| time.is_zero()) {
            return Ok(Fate::Unsent);
        }
        let Importer {
            telemetry,
            identities,
            tally,
            estimates_usage,
            agents,
            ..
        } = &mut *self.importer;
        if identities.is_copy(json) {
            return Ok(Fate::Copy);
        }
        let span = Span {
            started: moment.at,
            ended: moment.at.plus(duration.unwrap_or_default()),
        };
        let folder = self.path.parent().unwrap_or(Path::new(""));
        let bodies = Bodies::of(&entry, folder, is_cut, span);
        tally.zoneless += u64::from(!moment.has_zone);
        for (whose, body) in [("request", &bodies.request), ("response", &bodies.response)] {
            if let Err(error) = body {
                tally.bodies += 1;
                let told = format!("the {whose}'s body: {error}");
                tally.reasons.part(error.kind(whose), place.clone(), told);
            }
        }
        let options = StartOptions {
            parent: Parent::Root,
            at: Some(span.started),
            identity: Some(identities.of(span.started, &url, bodies.bytes())),
            ..StartOptions::default()
        };
        let open = telemetry.open(exchange.outline(), options);
        let exchange = if *estimates_usage {
            exchange.estimating_usage()
        } else {
            exchange
        };
        let (decoded, held) = answer::decode(exchange, &entry, &bodies, span);
        if decoded.asks_no_model {
            open.discard();
            return Ok(Fate::Unrelated);
        }
        let (record, outcome) = (decoded.record, decoded.outcome);
        match agents {
            Some(agents) => agents.close(&entry.caller(), open, record, outcome, span.ended),
            None => open.close_at(record, outcome, span.ended),
        }
        Ok(Fate::Span(held))
    }
}

fn detect(request: &Request<'_>) -> Option<Exchange> {
    let url = request.url()?;
    let address = address::split(&url)?;
    let head = RequestHead {
        method: &request.method(),
        host: address.host,
        port: address.port,
        path: address.path,
    };
    Exchange::detect(&head)
}

/// Gives a word for the kind of trouble, so that what is of a kind is counted together.
fn kind(error: &EntryError) -> String {
    match error {
        EntryError::Start(_) => "start".to_owned(),
        other => other.to_string(),
    }
}
