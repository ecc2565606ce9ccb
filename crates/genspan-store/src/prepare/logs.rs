//! Log records.

use std::sync::Arc;

use opentelemetry_proto::tonic::{
    collector::logs::v1::ExportLogsServiceRequest,
    logs::v1::{LogRecord, ResourceLogs, ScopeLogs},
};
use prost::Message;

use super::{Body, NewLog, Prepared, digest_of, nanos, redact_logs, told};
use crate::{
    Options,
    content::{Effort, Packer, Piece, cut::Cutter},
};

/// Prepares the log records of a request.
pub(crate) fn logs(
    mut request: ExportLogsServiceRequest,
    options: &Options,
    effort: Effort,
) -> Prepared {
    redact_logs(&options.redactor, &mut request);
    let mut prepared = Prepared::default();
    let mut packer = Packer::new(effort);
    for resource_logs in request.resource_logs {
        let resource = resource_logs.resource;
        for scope_logs in resource_logs.scope_logs {
            let scope = scope_logs.scope;
            let origin = ResourceLogs {
                resource: resource.clone(),
                schema_url: resource_logs.schema_url.clone(),
                scope_logs: vec![ScopeLogs {
                    scope,
                    schema_url: scope_logs.schema_url,
                    log_records: Vec::new(),
                }],
            };
            let origin = Arc::new(packer.piece(&origin.encode_to_vec()));
            for record in scope_logs.log_records {
                let record = prepare(&origin, record, &mut packer);
                prepared.logs.push(record);
                prepared.ingested.accepted += 1;
            }
        }
    }
    prepared
}

fn prepare(origin: &Arc<Piece>, mut record: LogRecord, packer: &mut Packer) -> NewLog {
    let trace_id = <[u8; 16]>::try_from(record.trace_id.as_slice()).ok();
    let span_id = <[u8; 8]>::try_from(record.span_id.as_slice()).ok();
    let at = match record.time_unix_nano {
        0 => record.observed_time_unix_nano,
        at => at,
    };
    let tells = told::tells(&record);
    let mut cutter = Cutter::new(packer);
    cutter.attributes(&mut record.attributes);
    if let Some(body) = &mut record.body {
        cutter.value(body);
    }
    let leaves = cutter.leaves;
    let skeleton = record.encode_to_vec();
    NewLog {
        trace_id: trace_id.filter(|id| *id != [0; 16]),
        span_id: span_id.filter(|id| *id != [0; 8]),
        at: nanos(at),
        digest: digest_of(&skeleton, &leaves),
        tells,
        body: Body {
            origin: Arc::clone(origin),
            skeleton: packer.pack(&skeleton),
            leaves,
        },
    }
}
