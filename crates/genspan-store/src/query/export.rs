//! A trace as OTLP again.

use genspan::TraceId;
use opentelemetry_proto::tonic::collector::{
    logs::v1::ExportLogsServiceRequest, trace::v1::ExportTraceServiceRequest,
};
use rusqlite::OptionalExtension;

use super::Asker;
use crate::{Exported, file::Fault, open};

/// Gives a trace as it came but for secrets.
pub(crate) fn export(asker: &Asker<'_>, id: &TraceId) -> Result<Option<Exported>, Fault> {
    let connection = asker.connection;
    let trace: Option<i64> = connection
        .prepare_cached("SELECT id FROM trace WHERE trace_id = ?1")?
        .query_row([id.0], |row| row.get(0))
        .optional()?;
    let Some(trace) = trace else { return Ok(None) };
    let mut statement = connection
        .prepare_cached("SELECT id FROM span WHERE trace = ?1 ORDER BY started, span_id")?;
    let rows = statement.query_map([trace], |row| row.get(0))?;
    let mut traces = ExportTraceServiceRequest::default();
    for row in rows.collect::<rusqlite::Result<Vec<i64>>>()? {
        let Some(open) = open::span(connection, row)? else {
            continue;
        };
        // Spans of the same program and library stand together.
        let mut same = traces.resource_spans.iter_mut().rev();
        let same = same.find(|known| {
            let scope = known.scope_spans.first();
            let own = open.origin.scope_spans.first();
            known.resource == open.origin.resource
                && known.schema_url == open.origin.schema_url
                && scope.map(|scope| (&scope.scope, &scope.schema_url))
                    == own.map(|scope| (&scope.scope, &scope.schema_url))
        });
        let mut origin = open.origin;
        match same.and_then(|known| known.scope_spans.first_mut()) {
            Some(scope) => scope.spans.push(open.span),
            None => {
                if let Some(scope) = origin.scope_spans.first_mut() {
                    scope.spans.push(open.span);
                }
                traces.resource_spans.push(origin);
            }
        }
    }
    let mut logs = ExportLogsServiceRequest::default();
    for open in open::logs(connection, trace, None)? {
        let mut origin = open.origin;
        if let Some(scope) = origin.scope_logs.first_mut() {
            scope.log_records.push(open.record);
        }
        logs.resource_logs.push(origin);
    }
    Ok(Some(Exported { traces, logs }))
}
