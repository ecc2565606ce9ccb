//! Claude Code under `genspan run`: what it tells on its standard output and what is seen of its calls, as one tree.
//!
//! `claude -p … --output-format stream-json` says who does what and why; its traffic says what each call cost and how
//! long it took. **The stream leads, and the traffic gives way:** lines feed a [`Session`](genspan_claude::Session), which
//! makes the agent, its tools and sub-agents, and asks for each call that a line tells of, by its message id, what the
//! proxy saw of it ([`calls`]). The call's own span is forgotten then, its record is not.
//!
//! Each waits for the other. A line is read when all calls that had begun before it came are over; it has the moment
//! at which it came, so that nothing is told later than it happened. A call waits for a line that tells of it until its
//! agent ends; then it is recorded under that agent, as are the calls that no line tells of: those of sub-agents, of
//! titles, of attempts that failed. An attempt that the stream says is repeated becomes an event of the call that repeats it. What
//! waits is bounded on both sides, and what exceeds the bounds goes on without the other.
//!
//! The stream is a copy ([`tee`]): bytes go to standard output as they come, and lines to the recorder's queue; where
//! that is full they are lost and counted, and the traffic is recorded all the same. Where no line can be read, where
//! standard output is a terminal or another format is asked for, the agent is concluded from the traffic alone.

mod calls;
mod join;
mod tee;

use std::{
    ffi::OsString,
    io::{self, PipeWriter},
    sync::Arc,
};

pub(super) use self::{join::Join, tee::Tee};

/// Holds what a command line says of a run that tells of itself.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Asked {
    /// What the agent is to do, where that stands on the command line.
    pub(super) prompt: Option<String>,
}

/// Tells whether Claude Code is asked, by the words behind its name, to tell what it does on its standard output.
pub(super) fn asked(words: &[OsString]) -> Option<Asked> {
    const FORMAT: &str = "--output-format";
    let words: Vec<&str> = words.iter().map_while(|word| word.to_str()).collect();
    let own = words.split(|word| *word == "--").next()?;
    let is_asked = own.windows(2).any(|pair| pair == [FORMAT, "stream-json"])
        || own.contains(&"--output-format=stream-json");
    if !is_asked {
        return None;
    }
    let is_print = |word: &&str| ["-p", "--print"].contains(word);
    let behind = words.iter().position(is_print);
    let prompt = behind.and_then(|at| words.get(at + 1));
    Some(Asked {
        prompt: prompt
            .filter(|word| !word.starts_with('-'))
            .map(|word| (*word).to_owned()),
    })
}

/// Gives where a program is to write to, and what copies it to standard output; nothing where it may write there itself.
pub(super) fn output(join: Option<Arc<Join>>) -> (Option<PipeWriter>, Option<Tee>) {
    let Some(join) = join else {
        return (None, None);
    };
    let Ok((reader, writer)) = io::pipe() else {
        return (None, None);
    };
    let telemetry = join.telemetry().clone();
    let tell = move |line: Option<Vec<u8>>, at| match line {
        Some(line) => join.line(line, at),
        None => join.lose_line(),
    };
    match tee::copy(reader, io::stdout(), move || telemetry.now(), tell) {
        Ok(tee) => (Some(writer), Some(tee)),
        // The traffic is recorded all the same.
        Err(_) => (None, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &[&str]) -> Option<Option<String>> {
        let words: Vec<OsString> = line.iter().map(OsString::from).collect();
        let own = crate::run::agents::words_of("claude", &words);
        own.and_then(asked).map(|asked| asked.prompt)
    }

    #[test]
    fn runs_that_tell_of_themselves_are_known_by_their_command_line() {
        let prompt = |text: &str| Some(Some(text.to_owned()));
        let json = ["--output-format", "stream-json"];
        let with = |words: &[&str]| of(&[words, &json].concat());
        assert_eq!(with(&["claude", "-p", "Hi there"]), prompt("Hi there"));
        assert_eq!(with(&["/usr/bin/claude", "--print", "a"]), prompt("a"));
        assert_eq!(with(&["claude", "-p", "--verbose"]), Some(None));
        assert_eq!(with(&["claude"]), Some(None));
        let package = "@anthropic-ai/claude-code";
        assert_eq!(with(&["npx", "-y", package, "-p", "a"]), prompt("a"));
        assert_eq!(
            of(&["claude", "--output-format=stream-json", "-p", "b"]),
            prompt("b")
        );
        for other in [
            &["claude", "-p", "hi"][..],
            &["claude", "-p", "hi", "--output-format", "json"],
            &["claude", "-p", "--", "--output-format", "stream-json"],
            &["python", "claude.py", "--output-format", "stream-json"],
        ] {
            assert_eq!(of(other), None, "{other:?}");
        }
    }
}
