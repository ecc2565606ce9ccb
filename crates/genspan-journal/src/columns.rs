//! Runs as rows.

use genspan::{Carrier, JournalError, RootEntry, SpanContext, Timestamp, Value};
use rusqlite::Row;

/// Names the columns that a run is read from, in order.
pub(crate) const COLUMNS: &str = "key, hold, traceparent, tracestate, parent, parent_state, started, \
                                  agent_name, provider, model, conversation_id, attributes";

/// Holds a run as its row has it.
pub(crate) struct Stored {
    pub(crate) key: String,
    pub(crate) hold: i64,
    pub(crate) traceparent: String,
    pub(crate) tracestate: String,
    pub(crate) parent: Option<String>,
    pub(crate) parent_state: Option<String>,
    pub(crate) started: i64,
    pub(crate) agent_name: Option<String>,
    pub(crate) provider: Option<String>,
    pub(crate) model: Option<String>,
    pub(crate) conversation_id: Option<String>,
    pub(crate) attributes: String,
}

impl Stored {
    pub(crate) fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            key: row.get(0)?,
            hold: row.get(1)?,
            traceparent: row.get(2)?,
            tracestate: row.get(3)?,
            parent: row.get(4)?,
            parent_state: row.get(5)?,
            started: row.get(6)?,
            agent_name: row.get(7)?,
            provider: row.get(8)?,
            model: row.get(9)?,
            conversation_id: row.get(10)?,
            attributes: row.get(11)?,
        })
    }

    pub(crate) fn of(run: &RootEntry) -> Self {
        let own = Carrier::of(&run.context);
        let parent = run.parent.as_ref().map(Carrier::of);
        let (parent, parent_state) = parent
            .map(|parent| (parent.traceparent, parent.tracestate))
            .unzip();
        Self {
            key: run.key.clone(),
            hold: 1,
            traceparent: own.traceparent,
            tracestate: own.tracestate,
            parent,
            parent_state,
            started: to_column(run.started),
            agent_name: run.agent_name.clone(),
            provider: run.provider.clone(),
            model: run.model.clone(),
            conversation_id: run.conversation_id.clone(),
            attributes: Value::Map(run.attributes.clone()).to_json(),
        }
    }

    pub(crate) fn into_entry(self) -> Result<RootEntry, JournalError> {
        let span = |traceparent: String, tracestate: String| -> Result<SpanContext, JournalError> {
            let carrier = Carrier {
                traceparent,
                tracestate,
                baggage: String::new(),
            };
            let reason = || JournalError::new(format!("{} is no span", carrier.traceparent));
            carrier.context().ok_or_else(reason)
        };
        let attributes = match Value::from_json(&self.attributes) {
            Ok(Value::Map(attributes)) => attributes,
            Ok(_) => Vec::new(),
            Err(error) => return Err(JournalError::new(error)),
        };
        Ok(RootEntry {
            key: self.key,
            context: span(self.traceparent, self.tracestate)?,
            parent: match self.parent {
                Some(parent) => Some(span(parent, self.parent_state.unwrap_or_default())?),
                None => None,
            },
            started: from_column(self.started),
            agent_name: self.agent_name,
            provider: self.provider,
            model: self.model,
            conversation_id: self.conversation_id,
            attributes,
        })
    }
}

/// Writes a moment as SQLite's integers hold it, which they do until the year 2262.
pub(crate) fn to_column(at: Timestamp) -> i64 {
    i64::try_from(at.unix_nanos()).unwrap_or(i64::MAX)
}

pub(crate) fn from_column(nanos: i64) -> Timestamp {
    Timestamp::from_unix_nanos(u64::try_from(nanos).unwrap_or_default())
}
