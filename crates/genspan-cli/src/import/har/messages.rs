//! Events of a stream that the recorder noted one by one, each with its time, as Chrome does.

use genspan::Timestamp;
use serde::Deserialize;

use super::loose::{self, Member};

/// Holds one event of a stream.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Message<'a> {
    /// Seconds since 1970.
    #[serde(borrow)]
    time: Member<'a>,
    #[serde(borrow)]
    event_name: Member<'a>,
    #[serde(borrow)]
    data: Member<'a>,
}

/// Holds an event as it stood in the stream.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Event {
    pub(super) bytes: Vec<u8>,
    pub(super) at: Timestamp,
}

/// Holds the events of a stream, in their order.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Events {
    pub(super) list: Vec<Event>,
    /// Their times are those of this exchange, as far as can be told.
    pub(super) is_timed: bool,
}

impl Events {
    /// Writes events as the stream had them; where they have no times of this exchange, all came at its end.
    pub(super) fn of(messages: &[Message<'_>], started: Timestamp, ended: Timestamp) -> Self {
        let times: Option<Vec<Timestamp>> = messages.iter().map(Message::at).collect();
        let is_within = |at: &Timestamp| (started..=ended).contains(at);
        let times = times.filter(|times| times.is_sorted() && times.iter().all(is_within));
        let is_timed = times.is_some() && !messages.is_empty();
        let times = times.unwrap_or_else(|| vec![ended; messages.len()]);
        let list = messages.iter().zip(times);
        Self {
            list: list
                .map(|(message, at)| Event {
                    bytes: message.bytes(),
                    at,
                })
                .collect(),
            is_timed,
        }
    }
}

impl Message<'_> {
    fn at(&self) -> Option<Timestamp> {
        let seconds = loose::number(self.time).filter(|seconds| *seconds >= 0.0)?;
        let since = std::time::Duration::try_from_secs_f64(seconds).ok()?;
        Some(Timestamp::default().plus(since))
    }

    fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        if let Some(name) = loose::word(self.event_name).filter(|name| name != "message") {
            bytes.extend_from_slice(format!("event: {name}\n").as_bytes());
        }
        for line in loose::text(self.data)
            .unwrap_or_default()
            .split(|byte| *byte == b'\n')
        {
            bytes.extend_from_slice(b"data: ");
            bytes.extend_from_slice(line);
            bytes.push(b'\n');
        }
        bytes.push(b'\n');
        bytes
    }
}
