//! Codex's settings: what is typed, before a profile's file, before the user's, before the system's.

use std::{
    ffi::OsString,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use toml::{Table, Value};

/// The system's settings, which the user's own come before.
const SYSTEM: &str = "/etc/codex/config.toml";

/// Flags that take a word, as far as they may stand before a command.
const WITH_A_WORD: [&str; 10] = [
    "-c",
    "--config",
    "-p",
    "--profile",
    "-m",
    "--model",
    "-C",
    "--cd",
    "-s",
    "--sandbox",
];

/// Holds what is typed, as far as it matters here.
#[derive(Debug, Default)]
pub(super) struct Typed {
    /// Keys and values, and how many words stand before and with each.
    overrides: Vec<(String, Value, usize)>,
    profile: Option<String>,
    flags: Vec<String>,
    command: Option<String>,
}

impl Typed {
    pub(super) fn read(words: &[OsString]) -> Self {
        let mut typed = Self::default();
        let mut words = words.iter().map(|word| word.to_string_lossy()).enumerate();
        while let Some((at, word)) = words.next() {
            if word == "--" {
                break;
            }
            if !word.starts_with('-') {
                typed.command.get_or_insert_with(|| word.into_owned());
                continue;
            }
            let (flag, value) = split(&word);
            let (value, end) = match value {
                Some(value) => (Some(value.to_owned()), at + 1),
                None if WITH_A_WORD.contains(&flag) => {
                    let next = words.next();
                    (next.map(|(_, word)| word.into_owned()), at + 2)
                }
                None => (None, at + 1),
            };
            match (flag, value) {
                ("-c" | "--config", Some(pair)) => {
                    if let Some((key, value)) = pair.split_once('=') {
                        typed
                            .overrides
                            .push((key.trim().to_owned(), value_of(value), end));
                    }
                }
                ("-p" | "--profile", Some(name)) => typed.profile = Some(name),
                (flag, _) => typed.flags.push(flag.to_owned()),
            }
        }
        typed
    }

    pub(super) fn has(&self, flag: &str) -> bool {
        self.flags.iter().any(|typed| typed == flag)
    }

    /// Tells whether it is asked to run without a terminal.
    pub(super) fn is_exec(&self) -> bool {
        matches!(self.command.as_deref(), Some("exec" | "e"))
    }

    /// Gives the number of words behind which nothing is typed of this key, or of what it stands in.
    pub(super) fn behind(&self, key: &str) -> usize {
        let concerns = |typed: &str| {
            key.strip_prefix(typed)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        let ends = self.overrides.iter().filter(|(typed, ..)| concerns(typed));
        ends.map(|(.., end)| *end).max().unwrap_or(0)
    }
}

/// Cuts a flag from a value that stands in the same word.
fn split(word: &str) -> (&str, Option<&str>) {
    if let Some((flag, value)) = word.split_once('=')
        && (flag.starts_with("--") || flag.len() == 2)
    {
        return (flag, Some(value));
    }
    let is_short = !word.starts_with("--");
    match word.split_at_checked(2) {
        Some((flag, value)) if is_short && !value.is_empty() => (flag, Some(value)),
        _ => (word, None),
    }
}

/// Reads a value as Codex does: as TOML, else as the text that it is.
fn value_of(text: &str) -> Value {
    let mut table: Table = toml::from_str(&format!("it = {text}")).unwrap_or_default();
    let text = || Value::String(text.trim().to_owned());
    table.remove("it").unwrap_or_else(text)
}

/// Reads all settings into one table.
///
/// # Errors
///
/// Returns which file cannot be read.
pub(super) fn all(home: &Path, typed: &Typed) -> Result<Table, String> {
    let profile = typed.profile.as_ref();
    let profile = profile.map(|name| home.join(format!("{name}.config.toml")));
    let files = [
        Some(PathBuf::from(SYSTEM)),
        Some(home.join("config.toml")),
        profile,
    ];
    let mut all = Table::new();
    for file in files.into_iter().flatten() {
        merge(&mut all, read(&file)?);
    }
    for (key, value, _) in &typed.overrides {
        let path: Vec<&str> = key.split('.').collect();
        merge(&mut all, nested(&path, value.clone()));
    }
    Ok(all)
}

fn read(file: &Path) -> Result<Table, String> {
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Table::new()),
        Err(error) => return Err(format!("{} cannot be read: {error}", file.display())),
    };
    toml::from_str(&text).map_err(|_| format!("{} is no TOML", file.display()))
}

fn nested(path: &[&str], value: Value) -> Table {
    let mut table = Table::new();
    if let Some((first, rest)) = path.split_first() {
        let value = if rest.is_empty() {
            value
        } else {
            Value::Table(nested(rest, value))
        };
        table.insert((*first).to_owned(), value);
    }
    table
}

/// Lets the later table count, member by member.
fn merge(all: &mut Table, later: Table) {
    for (key, value) in later {
        match (all.get_mut(&key), value) {
            (Some(Value::Table(known)), Value::Table(later)) => merge(known, later),
            (_, value) => drop(all.insert(key, value)),
        }
    }
}
