//! Files of messages, and standard input.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::{self, BufRead, BufReader, Cursor, Read},
    path::{Path, PathBuf},
    time::UNIX_EPOCH,
};

use flate2::read::MultiGzDecoder;
use genspan::Timestamp;
use genspan_claude::Source;

use super::file::is_stdin;

/// Holds where messages are; standard input is read whole, since it can be read but once.
#[derive(Debug)]
pub(super) struct Stored {
    path: PathBuf,
    held: Option<Vec<u8>>,
    ended: Option<Timestamp>,
}

/// Finds all that is to be read: the files that are named, each once, and with a transcript those of its sub-agents.
pub(super) fn gather(files: &[PathBuf], ended: Option<Timestamp>) -> io::Result<Vec<Stored>> {
    let mut known = BTreeSet::new();
    let mut stored = Vec::new();
    for path in files {
        for path in std::iter::once(path.clone()).chain(sub_agents(path)) {
            let is_new = known.insert(fs::canonicalize(&path).unwrap_or_else(|_| path.clone()));
            if is_new {
                stored.push(Stored::new(path, ended)?);
            }
        }
    }
    Ok(stored)
}

/// Lists the transcripts of sub-agents: `S/subagents/agent-*.jsonl` beside `S.jsonl`.
fn sub_agents(path: &Path) -> Vec<PathBuf> {
    let folder = path.with_extension("").join("subagents");
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let is_transcript = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with("agent-") && name.ends_with(".jsonl")
    };
    let mut paths: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(is_transcript)
        .collect();
    paths.sort();
    paths
}

impl Stored {
    fn new(path: PathBuf, ended: Option<Timestamp>) -> io::Result<Self> {
        if is_stdin(&path) {
            let mut held = Vec::new();
            io::stdin().lock().read_to_end(&mut held)?;
            return Ok(Self {
                path,
                held: Some(held),
                ended,
            });
        }
        let written = fs::metadata(&path).and_then(|metadata| metadata.modified());
        let written = written
            .ok()
            .and_then(|written| written.duration_since(UNIX_EPOCH).ok());
        let written = written.map(|written| Timestamp::default().plus(written));
        Ok(Self {
            path,
            held: None,
            ended: ended.or(written),
        })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) const fn as_source(&self) -> &dyn Source {
        self
    }
}

impl Source for Stored {
    fn name(&self) -> String {
        self.path.display().to_string()
    }

    fn open(&self) -> io::Result<Box<dyn BufRead + '_>> {
        let mut reader: Box<dyn BufRead + '_> = match &self.held {
            Some(held) => Box::new(Cursor::new(held)),
            None => Box::new(BufReader::with_capacity(
                256 * 1024,
                File::open(&self.path)?,
            )),
        };
        let is_compressed = reader.fill_buf()?.starts_with(&[0x1f, 0x8b]);
        Ok(if is_compressed {
            Box::new(BufReader::new(MultiGzDecoder::new(reader)))
        } else {
            reader
        })
    }

    fn ended(&self) -> Option<Timestamp> {
        self.ended
    }
}
