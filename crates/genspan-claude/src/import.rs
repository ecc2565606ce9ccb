//! Stored messages: output of the CLI that was kept, and the transcripts that it keeps itself.

mod lines;
mod survey;
mod transcript;

use std::{
    collections::{BTreeMap, HashSet},
    io::{self, BufRead},
};

use genspan::{Telemetry, Timestamp, Value};

use self::{
    lines::Lines,
    survey::{Kind, Surveyed},
};
use crate::{End, Moment, Options, Session, Tally, fields::Fields};

/// Is a place that stored messages can be read from, twice: the times of a stream are known when all of it is.
pub trait Source {
    /// Gives the name by which people know it.
    fn name(&self) -> String;

    /// Begins to read it anew.
    ///
    /// # Errors
    ///
    /// Returns what keeps it from being read.
    fn open(&self) -> io::Result<Box<dyn BufRead + '_>>;

    /// Tells a moment by which all of it was over; it counts where no message states any.
    fn ended(&self) -> Option<Timestamp>;
}

/// Tells what an import met.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Imported {
    /// Files that hold the output of `--output-format stream-json`.
    pub streams: u64,
    /// Files that hold transcripts of sessions or of sub-agents.
    pub transcripts: u64,
    /// Lines that hold messages of either.
    pub lines: u64,
    /// Lines that are no JSON objects.
    pub unreadable: u64,
    /// Messages that an earlier file held as well.
    pub copies: u64,
    /// Names of files in which no message states a moment, so that all of theirs are derived.
    pub untimed: Vec<String>,
    /// What was wrong, with the name of the file and the number of the line; of unreadable lines the first of a file.
    pub troubles: Vec<Trouble>,
    /// What the messages came to.
    pub tally: Tally,
}

/// Says what was wrong with a stored file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// The file's name.
    pub source: String,
    /// The number of the line, from 1; `None` where it is all of the file.
    pub line: Option<u64>,
    /// What was wrong.
    pub told: String,
    /// Whether the file as such could not be used.
    pub is_fatal: bool,
}

/// Makes telemetry of stored messages; files of one session, such as a transcript and those of its sub-agents, become
/// one.
///
/// Which of the two kinds a file is, its content says. Ids are those of the sink unless the options derive them
/// ([`Options::with_identify`]).
pub fn import(telemetry: &Telemetry, options: &Options, sources: &[&dyn Source]) -> Imported {
    let mut import = Import {
        telemetry,
        options,
        seen: HashSet::new(),
        imported: Imported::default(),
    };
    let surveyed: Vec<(&dyn Source, Surveyed)> = sources
        .iter()
        .filter_map(|source| Some((*source, import.survey(*source)?)))
        .collect();
    import.play(surveyed);
    import.imported
}

/// Holds what one import knows.
struct Import<'a> {
    telemetry: &'a Telemetry,
    options: &'a Options,
    /// Ids of messages of earlier files: sessions that are resumed begin with those of the one before.
    seen: HashSet<String>,
    imported: Imported,
}

impl Import<'_> {
    fn survey(&mut self, source: &dyn Source) -> Option<Surveyed> {
        let surveyed = source.open().and_then(survey::survey);
        let surveyed = match surveyed {
            Ok(surveyed) => surveyed,
            Err(error) => {
                self.trouble(source, None, format!("cannot be read: {error}"), true);
                return None;
            }
        };
        self.imported.unreadable += surveyed.unreadable;
        if let Some((number, told)) = &surveyed.first_trouble {
            let told = match surveyed.unreadable {
                1 => told.clone(),
                many => format!("{told}, and {} more", many - 1),
            };
            self.trouble(source, Some(*number), told, false);
        }
        match surveyed.kind {
            Kind::Unknown => {
                let told = "holds no messages of Claude Code; expected the output of `claude -p --output-format stream-json --verbose`, or a transcript from ~/.claude/projects";
                self.trouble(source, None, told.to_owned(), true);
                return None;
            }
            Kind::Stream(_) => self.imported.streams += 1,
            Kind::Transcript(_) => self.imported.transcripts += 1,
        }
        self.imported.lines += surveyed.lines - surveyed.unreadable;
        Some(surveyed)
    }

    /// Makes spans: of a stream alone, of a transcript together with those of its sub-agents.
    fn play(&mut self, surveyed: Vec<(&dyn Source, Surveyed)>) {
        let mut sub_agents: BTreeMap<String, Vec<&dyn Source>> = BTreeMap::new();
        let mut rest = Vec::new();
        for (source, found) in surveyed {
            match found.kind {
                Kind::Transcript(known) if known.is_sub_agent => {
                    let session = known.session_id.unwrap_or_default();
                    sub_agents.entry(session).or_default().push(source);
                }
                kind => rest.push((source, kind, found.has_moment)),
            }
        }
        for (source, kind, has_moment) in rest {
            if !has_moment {
                self.imported.untimed.push(source.name());
            }
            match kind {
                Kind::Stream(times) => {
                    let ended = source.ended().unwrap_or_default();
                    self.stream(source, times.into_timeline(ended));
                }
                Kind::Transcript(known) => {
                    let session = known.session_id.clone().unwrap_or_default();
                    let mut sources = vec![source];
                    sources.extend(sub_agents.remove(&session).unwrap_or_default());
                    self.transcript(&sources, known.links, false);
                }
                Kind::Unknown => {}
            }
        }
        // Of these the session is not at hand.
        for source in sub_agents.into_values().flatten() {
            self.transcript(&[source], BTreeMap::new(), true);
        }
    }

    fn stream(&mut self, source: &dyn Source, mut times: crate::timeline::Timeline) {
        let mut session = Session::new(self.telemetry, self.options.clone());
        let mut last = Moment::default();
        let mut own = Vec::new();
        let read = source.open().and_then(|reader| {
            let mut lines = Lines::new(reader);
            while let Some(line) = lines.next()? {
                let line = line.ok();
                last = times.line(line.as_ref());
                let Some(line) = line else { continue };
                if self.is_copy(&line, &mut own) {
                    continue;
                }
                if let Some(sent) = times.take_sent() {
                    session.requested(line.id("parent_tool_use_id"), sent);
                }
                session.message(&line, last);
            }
            Ok(())
        });
        self.seen.extend(own);
        let end = if session.is_running() {
            End::Cut
        } else {
            End::Complete
        };
        self.ended(source, session.finish(end, last), read);
    }

    fn ended(&mut self, source: &dyn Source, tally: Tally, read: io::Result<()>) {
        self.imported.tally.add(tally);
        if let Err(error) = read {
            self.trouble(
                source,
                None,
                format!("cannot be read to its end: {error}"),
                true,
            );
        }
    }

    /// Tells whether an earlier file held a message; `own` takes the ids of this one's.
    fn is_copy(&mut self, line: &Value, own: &mut Vec<String>) -> bool {
        let Some(id) = line.id("uuid") else {
            return false;
        };
        if self.seen.contains(id) {
            self.imported.copies += 1;
            return true;
        }
        own.push(id.to_owned());
        false
    }

    fn trouble(&mut self, source: &dyn Source, line: Option<u64>, told: String, is_fatal: bool) {
        self.imported.troubles.push(Trouble {
            source: source.name(),
            line,
            told,
            is_fatal,
        });
    }
}
