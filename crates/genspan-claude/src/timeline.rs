//! When the messages of a stored stream came, as far as it tells.
//!
//! Only few of its lines state a moment, and the result how long the run and its calls took. The others get moments
//! that agree with what is stated: a run is as long as its result says, its calls share the time that calls took, and
//! tools fill what is left before the line that states their result. All of these are marked as derived.

use std::{collections::VecDeque, time::Duration};

use genspan::{Timestamp, Value};

use crate::{Moment, fields::Fields, stamp};

/// Gathers what a stored stream tells of time, line by line.
#[derive(Debug, Default)]
pub(crate) struct Survey {
    runs: VecDeque<RunTimes>,
    current: RunTimes,
    lines: u64,
    last_id: Option<String>,
}

/// Holds what is stated of the times of one run.
#[derive(Clone, Debug, Default)]
struct RunTimes {
    /// The number of its last line.
    until: u64,
    has_begun: bool,
    /// Lines that state their moment.
    stamps: VecDeque<(u64, Timestamp)>,
    duration: Option<Duration>,
    /// What all calls took.
    calls_took: Option<Duration>,
    before_first_call: Duration,
    calls: u32,
    calls_since_stamp: u32,
}

impl Survey {
    /// Takes the next line; what cannot be read is a line too.
    pub(crate) fn line(&mut self, line: Option<&Value>) {
        self.lines += 1;
        let Some(line) = line else { return };
        if begins_run(line) && self.current.has_begun {
            self.end_run(self.lines - 1);
        }
        self.current.has_begun |= begins_run(line);
        if let Some(at) = stamp::of(line) {
            let at = self
                .current
                .stamps
                .back()
                .map_or(at, |(_, last)| at.max(*last));
            self.current.stamps.push_back((self.lines, at));
            self.current.calls_since_stamp = 0;
        }
        if let Some(id) = call_of(line)
            && self.last_id.as_deref() != Some(id)
        {
            self.last_id = Some(id.to_owned());
            self.current.calls = self.current.calls.saturating_add(1);
            self.current.calls_since_stamp = self.current.calls_since_stamp.saturating_add(1);
        }
        if line.text("type") == Some("result") {
            let millis = |name| line.count(name).map(Duration::from_millis);
            self.current.duration = millis("duration_ms");
            self.current.calls_took = millis("duration_api_ms");
            self.current.before_first_call = millis("time_to_request_ms").unwrap_or_default();
            self.end_run(self.lines);
        }
    }

    fn end_run(&mut self, until: u64) {
        self.current.until = until;
        self.runs.push_back(std::mem::take(&mut self.current));
    }

    /// Tells the moments, given the moment before which all was over: it counts where no line states any.
    pub(crate) fn into_timeline(mut self, ended: Timestamp) -> Timeline {
        self.end_run(u64::MAX);
        let mut timeline = Timeline {
            runs: self.runs,
            current: RunTimes::default(),
            line: 0,
            now: Moment::default(),
            call: None,
            sent: None,
            share: Duration::ZERO,
            end: ended,
            fallback: ended,
        };
        timeline.next_run();
        timeline
    }
}

/// Gives each line its moment, in the order in which the survey saw them.
#[derive(Debug)]
pub(crate) struct Timeline {
    runs: VecDeque<RunTimes>,
    current: RunTimes,
    line: u64,
    now: Moment,
    /// The call that is being told and when it was sent.
    call: Option<(String, Timestamp)>,
    /// When the call was sent of which the last line was the first to tell.
    sent: Option<Moment>,
    /// What each call took, on average.
    share: Duration,
    end: Timestamp,
    fallback: Timestamp,
}

impl Timeline {
    fn next_run(&mut self) {
        let Some(run) = self.runs.pop_front() else {
            return;
        };
        self.share = run
            .calls_took
            .and_then(|took| took.checked_div(run.calls))
            .unwrap_or_default();
        let stamps = (run.stamps.front(), run.stamps.back());
        let (first, last) = match stamps {
            (Some((_, first)), Some((_, last))) => (Some(*first), Some(*last)),
            _ => (None, None),
        };
        let rest = self.share.saturating_mul(run.calls_since_stamp);
        let end = last.map_or(self.fallback, |last| last.plus(rest));
        let start = before(end, run.duration.unwrap_or_default());
        let start = first.map_or(start, |first| start.min(first));
        self.end = end.max(start.plus(run.duration.unwrap_or_default()));
        self.now = Moment::derived(start);
        self.call = None;
        self.current = run;
    }

    /// Gives the moment of the next line.
    pub(crate) fn line(&mut self, line: Option<&Value>) -> Moment {
        self.line += 1;
        while self.line > self.current.until {
            self.next_run();
        }
        if let Some((_, at)) = self
            .current
            .stamps
            .pop_front_if(|(number, _)| *number == self.line)
        {
            self.now = Moment::stated(at.max(self.now.at));
            self.call = None;
            return self.now;
        }
        let Some(line) = line else { return self.now };
        if line.text("type") == Some("result") {
            self.now = Moment::derived(self.end.max(self.now.at));
        } else if let Some(id) = call_of(line) {
            self.now = Moment::derived(self.within_call(id, line));
        } else if is_piece(line)
            && let Some((_, sent)) = &self.call
        {
            let at = self.bounded(sent.plus(self.share));
            self.now = Moment::derived(at);
        }
        self.now
    }

    /// Gives when a call was sent of which the last line was the first to tell.
    pub(crate) const fn take_sent(&mut self) -> Option<Moment> {
        self.sent.take()
    }

    /// Gives the moment of a line that tells of a call.
    fn within_call(&mut self, id: &str, line: &Value) -> Timestamp {
        let is_known = self.call.as_ref().is_some_and(|(known, _)| known == id);
        if !is_known {
            let wait = std::mem::take(&mut self.current.before_first_call);
            let sent = self.bounded(self.now.at.plus(wait));
            self.call = Some((id.to_owned(), sent));
            self.sent = Some(Moment::derived(sent));
        }
        let sent = self.call.as_ref().map_or(self.now.at, |(_, sent)| *sent);
        let took = match line.count("ttft_ms").map(Duration::from_millis) {
            Some(first) => first.min(self.share),
            None => self.share,
        };
        self.bounded(sent.plus(took))
    }

    /// Keeps a moment between what came before it and the next that is stated.
    fn bounded(&self, at: Timestamp) -> Timestamp {
        let next = self.current.stamps.front().map_or(self.end, |(_, at)| *at);
        at.min(next).max(self.now.at)
    }
}

fn before(at: Timestamp, time: Duration) -> Timestamp {
    let nanos = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
    Timestamp::from_unix_nanos(at.unix_nanos().saturating_sub(nanos))
}

fn begins_run(line: &Value) -> bool {
    line.text("type") == Some("system") && line.text("subtype") == Some("init")
}

/// Gives the id of the answer whose beginning or block a line is.
fn call_of(line: &Value) -> Option<&str> {
    let message = match line.text("type")? {
        "assistant" => line.member("message")?,
        "stream_event" => line.member("event")?.member("message")?,
        _ => return None,
    };
    message
        .id("id")
        .filter(|_| message.text("model") != Some("<synthetic>"))
}

fn is_piece(line: &Value) -> bool {
    line.text("type") == Some("stream_event")
}
