//! The store as a backend.

use genspan::TraceId;
use genspan_otlp::{logs_to_json, traces_to_json};
use genspan_store::{Error, Exported, Forget, Store};
use serde::Serialize;

use crate::backend::{Backend, Export, Ingested, Trouble, TroubleKind};
use crate::reading::Reading;

impl Backend for Store {
    fn ingest(&self, export: Export) -> Result<Ingested, Trouble> {
        let taken = match export {
            Export::Traces(request) => self.take_traces(request),
            Export::Logs(request) => self.take_logs(request),
            Export::Metrics(request) => self.take_metrics(request),
        }?;
        Ok(Ingested {
            rejected: taken.rejected,
            reason: taken.reason,
        })
    }

    fn read(&self, reading: &Reading) -> Result<Option<Vec<u8>>, Trouble> {
        match reading {
            Reading::Traces(filter, page) => json(&self.traces(filter, *page)?),
            Reading::Trace { trace } => found(self.trace(trace)?),
            Reading::Span { trace, span } => found(self.span(trace, span)?),
            Reading::Conversations(filter, page) => json(&self.conversations(filter, *page)?),
            Reading::Conversation { id } => found(self.conversation(id)?),
            Reading::Statistics {
                filter,
                bucket_micros,
            } => json(&self.statistics(filter, *bucket_micros)?),
            Reading::Facets => json(&self.facets()?),
            Reading::Logs(filter, page) => json(&self.logs(filter, *page)?),
            Reading::Log { id } => found(self.log(*id)?),
            Reading::LogFacets => json(&self.log_facets()?),
            Reading::Metrics(filter) => json(&self.metrics(filter)?),
            Reading::Export { trace } => Ok(self.export(trace)?.as_ref().map(lines)),
        }
    }

    fn forget(&self, trace: &TraceId) -> Result<bool, Trouble> {
        let forgotten = self.forget(&Forget::Trace(*trace))?;
        Ok(forgotten != genspan_store::Forgotten::default())
    }

    fn revision(&self) -> u64 {
        self.revision()
    }
}

fn found<T: Serialize>(found: Option<T>) -> Result<Option<Vec<u8>>, Trouble> {
    found.map_or(Ok(None), |found| json(&found))
}

fn json<T: Serialize>(value: &T) -> Result<Option<Vec<u8>>, Trouble> {
    let written = serde_json::to_vec(value).map_err(|error| Trouble {
        kind: TroubleKind::Broken,
        message: format!("what was found cannot be written as JSON: {error}"),
    })?;
    Ok(Some(written))
}

/// Writes a trace as files of `file:` destinations hold it, so that every command that reads those reads it.
fn lines(exported: &Exported) -> Vec<u8> {
    let mut lines = traces_to_json(&exported.traces);
    lines.push(b'\n');
    if !exported.logs.resource_logs.is_empty() {
        lines.extend(logs_to_json(&exported.logs));
        lines.push(b'\n');
    }
    lines
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        let kind = match &error {
            Error::Full { .. } => TroubleKind::Full,
            Error::Invalid { .. } => TroubleKind::Invalid,
            error if error.is_retryable() => TroubleKind::Busy,
            _ => TroubleKind::Broken,
        };
        Self {
            kind,
            message: error.to_string(),
        }
    }
}
