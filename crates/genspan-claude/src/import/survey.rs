//! A first look at a file: what it is, and what has to be known before it is read.

use std::{
    collections::BTreeMap,
    io::{self, BufRead},
};

use genspan::Value;

use super::lines::Lines;
use crate::{fields::Fields, stamp, timeline::Survey};

/// Holds what the first look gave.
#[derive(Debug)]
pub(super) struct Surveyed {
    pub(super) kind: Kind,
    pub(super) lines: u64,
    pub(super) unreadable: u64,
    /// The number of the first line that could not be read, and why.
    pub(super) first_trouble: Option<(u64, String)>,
    /// Whether any line states its moment.
    pub(super) has_moment: bool,
}

/// Tells what a file holds.
#[derive(Debug)]
pub(super) enum Kind {
    /// Output of the CLI, with what it tells of time.
    Stream(Survey),
    Transcript(Transcript),
    Unknown,
}

/// Holds what must be known of a transcript.
#[derive(Debug, Default)]
pub(super) struct Transcript {
    pub(super) session_id: Option<String>,
    /// Whether it is that of a sub-agent alone.
    pub(super) is_sub_agent: bool,
    /// Ids of sub-agents, each with the call of the tool that started it.
    pub(super) links: BTreeMap<String, String>,
}

/// Reads a file once.
pub(super) fn survey(reader: impl BufRead) -> io::Result<Surveyed> {
    let mut lines = Lines::new(reader);
    let mut times = Survey::default();
    let mut transcript = Transcript::default();
    let (mut streamed, mut stored, mut main_lines) = (0_u64, 0_u64, 0_u64);
    let mut surveyed = Surveyed {
        kind: Kind::Unknown,
        lines: 0,
        unreadable: 0,
        first_trouble: None,
        has_moment: false,
    };
    while let Some(line) = lines.next()? {
        surveyed.lines += 1;
        let line = match line {
            Ok(line) => line,
            Err(told) => {
                surveyed.unreadable += 1;
                surveyed.first_trouble.get_or_insert((surveyed.lines, told));
                times.line(None);
                continue;
            }
        };
        surveyed.has_moment |= stamp::of(&line).is_some();
        times.line(Some(&line));
        if is_stored(&line) {
            stored += 1;
            main_lines += u64::from(line.flag("isSidechain") == Some(false));
            transcript.note(&line);
        } else if line.id("session_id").is_some() {
            streamed += 1;
        }
    }
    transcript.is_sub_agent = main_lines == 0 && transcript.is_sub_agent;
    surveyed.kind = if streamed == 0 && stored == 0 {
        Kind::Unknown
    } else if streamed >= stored {
        Kind::Stream(times)
    } else {
        Kind::Transcript(transcript)
    };
    Ok(surveyed)
}

/// Tells whether a line is one of a transcript.
fn is_stored(line: &Value) -> bool {
    line.id("sessionId").is_some()
        || line.get("parentUuid").is_some()
        || matches!(line.text("type"), Some("summary" | "file-history-snapshot"))
}

impl Transcript {
    fn note(&mut self, line: &Value) {
        if self.session_id.is_none() {
            self.session_id = line.owned_id("sessionId");
        }
        self.is_sub_agent |= line.flag("isSidechain") == Some(true) && line.id("agentId").is_some();
        let agent = line
            .member("toolUseResult")
            .and_then(|told| told.owned_id("agentId"));
        let call = line
            .member("message")
            .and_then(|message| message.items("content").first())
            .and_then(|block| block.owned_id("tool_use_id"));
        if let (Some(agent), Some(call)) = (agent, call) {
            self.links.insert(agent, call);
        }
    }
}
