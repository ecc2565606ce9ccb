//! Transcripts: what the CLI itself keeps of a session, and of each sub-agent in a file of its own.
//!
//! Their lines hold the messages of the stream with the moment of each, spelled differently, and no result: a run is
//! what follows a prompt, up to the next.

use std::{
    collections::BTreeMap,
    io::{self, BufRead},
};

use genspan::{Timestamp, Value};

use super::{Import, Source, lines::Lines};
use crate::{End, Moment, Session, fields::Fields, recent::Recent, stamp};

/// Reads one of the files that are read together.
struct Reading<'a> {
    lines: Lines<Box<dyn BufRead + 'a>>,
    /// The line that is next, and its moment.
    next: Option<(Moment, Value)>,
    last: Moment,
}

impl Reading<'_> {
    fn advance(&mut self) -> io::Result<()> {
        self.next = None;
        while let Some(line) = self.lines.next()? {
            let Ok(line) = line else { continue };
            let moment = match stamp::of(&line) {
                Some(at) => Moment::stated(at.max(self.last.at)),
                None => Moment::derived(self.last.at),
            };
            self.last = moment;
            self.next = Some((moment, line));
            break;
        }
        Ok(())
    }
}

/// Feeds a session with the lines of transcripts.
struct Player {
    session: Session,
    /// Ids of sub-agents, each with the call of the tool that started it.
    links: BTreeMap<String, String>,
    /// Prompts of sub-agents that were asked for, each with the call.
    prompts: Recent<String>,
    /// Ids of lines that are of a sub-agent, each with the call.
    chain: Recent<String>,
    /// A prompt that nothing has answered yet, with what the CLI added to it.
    asked: Vec<(Moment, Value)>,
    /// Whether the lines are those of a sub-agent alone, whose session is not at hand.
    is_alone: bool,
    last: Moment,
}

impl Import<'_> {
    /// Imports the transcript of a session with those of its sub-agents.
    pub(super) fn transcript(
        &mut self,
        sources: &[&dyn Source],
        links: BTreeMap<String, String>,
        is_alone: bool,
    ) {
        let Some(main) = sources.first() else { return };
        let mut player = Player {
            session: Session::new(self.telemetry, self.options.clone()),
            links,
            prompts: Recent::new(Player::RECENT),
            chain: Recent::new(Player::RECENT),
            asked: Vec::new(),
            is_alone,
            last: Moment::default(),
        };
        let read = self.play_merged(sources, &mut player);
        let tally = player.finish();
        self.ended(*main, tally, read);
    }

    /// Reads several files as one, in the order of their moments.
    fn play_merged(&mut self, sources: &[&dyn Source], player: &mut Player) -> io::Result<()> {
        let mut readings = Vec::new();
        for source in sources {
            let mut reading = Reading {
                lines: Lines::new(source.open()?),
                next: None,
                last: Moment::default(),
            };
            reading.advance()?;
            readings.push(reading);
        }
        let mut own = Vec::new();
        loop {
            let at = |reading: &&mut Reading<'_>| -> Timestamp {
                reading
                    .next
                    .as_ref()
                    .map_or_else(Timestamp::default, |(at, _)| at.at)
            };
            let first = readings
                .iter_mut()
                .filter(|reading| reading.next.is_some())
                .min_by_key(at);
            let Some(first) = first else { break };
            let next = first.next.take();
            first.advance()?;
            if let Some((moment, line)) = next
                && !self.is_copy(&line, &mut own)
            {
                player.line(line, moment);
            }
        }
        self.seen.extend(own);
        Ok(())
    }
}

impl Player {
    const RECENT: usize = 8192;
    const MAX_ASKED: usize = 64;

    fn line(&mut self, line: Value, now: Moment) {
        match line.text("type").unwrap_or_default() {
            "user" | "assistant" => self.message(line, now),
            "system" => self.system(&line, now),
            other if is_bookkeeping(other) => self.session.pass_over(),
            _ => self.session.message(&line, now),
        }
    }

    fn message(&mut self, line: Value, now: Moment) {
        if line.flag("isSidechain") == Some(true) && !self.is_alone {
            self.flush(None);
            let parent = self.parent(&line);
            self.session.message_of(&line, Some(&parent), now);
            self.last = now;
            return;
        }
        if is_interruption(&line) {
            self.flush(None);
            self.session.end_run(End::Cancelled, now);
            self.last = now;
            return;
        }
        if is_prompt(&line) {
            match self.session.likely_end() {
                // Who says something else does not wait for what is under way.
                End::Cut => self.session.end_run(End::Cancelled, now),
                end => self.session.end_run(end, self.last),
            }
            self.asked = vec![(now, line)];
            return;
        }
        let is_answer = line.text("type") == Some("assistant");
        if !is_answer && !self.session.is_running() {
            // What the CLI says of itself without being asked begins nothing.
            if !self.asked.is_empty() && self.asked.len() < Self::MAX_ASKED {
                self.asked.push((now, line));
            }
            return;
        }
        self.remember_prompts(&line);
        let model = line
            .member("message")
            .and_then(|message| message.owned_id("model"));
        self.flush(model);
        self.session.message_of(&line, None, now);
        self.last = now;
    }

    /// Begins the run of a prompt that is answered.
    fn flush(&mut self, model: Option<String>) {
        let asked = std::mem::take(&mut self.asked);
        if let Some((at, _)) = asked.first() {
            self.session.begin_with(model, *at);
        }
        for (at, line) in asked {
            self.session.message_of(&line, None, at);
            self.last = at;
        }
    }

    /// Takes what the CLI noted; errors of calls that were repeated are told differently here.
    fn system(&mut self, line: &Value, now: Moment) {
        if line.text("subtype") == Some("api_error") {
            let status = line.member("error").and_then(|error| error.get("status"));
            let retry = Value::Map(vec![
                ("type".to_owned(), Value::from("system")),
                ("subtype".to_owned(), Value::from("api_retry")),
                (
                    "error_status".to_owned(),
                    status.cloned().unwrap_or_default(),
                ),
            ]);
            self.flush(None);
            self.session.message(&retry, now);
        } else {
            self.session.message(line, now);
        }
    }

    /// Gives the call of the tool that a sub-agent's line belongs to: as the result of the tool says, or the line
    /// before it, or the prompt that it began with.
    fn parent(&mut self, line: &Value) -> String {
        let agent = line.id("agentId");
        let by_prompt = || {
            let text = line.member("message")?.member("content")?;
            let text = match text {
                Value::String(text) => text.as_str(),
                Value::Array(blocks) => blocks.first()?.text("text")?,
                _ => return None,
            };
            self.prompts.get(&beginning(text)).cloned()
        };
        let parent = agent
            .and_then(|agent| self.links.get(agent).cloned())
            .or_else(|| self.chain.get(line.id("parentUuid")?).cloned())
            .or_else(by_prompt)
            .unwrap_or_else(|| format!("agent-{}", agent.or(line.id("uuid")).unwrap_or_default()));
        if let Some(agent) = agent {
            self.links.insert(agent.to_owned(), parent.clone());
        }
        if let Some(id) = line.id("uuid") {
            self.chain.insert(id, parent.clone());
        }
        self.remember_prompts(line);
        parent
    }

    /// Remembers what sub-agents are asked.
    fn remember_prompts(&mut self, line: &Value) {
        let Some(message) = line.member("message") else {
            return;
        };
        for block in message.items("content") {
            if block.text("type") == Some("tool_use")
                && let (Some(id), Some(prompt)) = (
                    block.id("id"),
                    block.member("input").and_then(|input| input.text("prompt")),
                )
            {
                self.prompts.insert(&beginning(prompt), id.to_owned());
            }
        }
    }

    fn finish(mut self) -> crate::Tally {
        let end = self.session.likely_end();
        self.session.end_run(end, self.last);
        self.session.finish(End::Complete, self.last)
    }
}

/// Gives as much of a text as tells it apart.
fn beginning(text: &str) -> String {
    const ENOUGH: usize = 512;
    text.chars().take(ENOUGH).collect()
}

/// Tells whether a line is what somebody asked for: not a result, nor what the CLI adds by itself.
fn is_prompt(line: &Value) -> bool {
    let is_added = ["isMeta", "isCompactSummary", "isVisibleInTranscriptOnly"]
        .iter()
        .any(|name| line.flag(name) == Some(true));
    let Some(message) = line.member("message") else {
        return false;
    };
    let is_result = message
        .items("content")
        .iter()
        .any(|block| block.text("type") == Some("tool_result"));
    line.text("type") == Some("user") && !is_added && !is_result
}

/// Tells whether a line is what the CLI notes where somebody has interrupted it.
fn is_interruption(line: &Value) -> bool {
    const NOTE: &str = "[Request interrupted by user";
    let content = line
        .member("message")
        .and_then(|message| message.member("content"));
    let text = match content {
        Some(Value::String(text)) => Some(text.as_str()),
        Some(Value::Array(blocks)) => match blocks.as_slice() {
            [block] => block.text("text"),
            _ => None,
        },
        _ => None,
    };
    line.text("type") == Some("user") && text.is_some_and(|text| text.starts_with(NOTE))
}

/// Names the types of lines that are no messages.
fn is_bookkeeping(kind: &str) -> bool {
    matches!(
        kind,
        "agent-name"
            | "ai-title"
            | "attachment"
            | "cost-state"
            | "custom-title"
            | "file-history-snapshot"
            | "last-prompt"
            | "mode"
            | "permission-mode"
            | "pr-link"
            | "progress"
            | "queue-operation"
            | "summary"
            | "tag"
    )
}
