//! Log records.

use std::sync::Arc;

use opentelemetry_proto::tonic::{
    collector::logs::v1::ExportLogsServiceRequest,
    logs::v1::{LogRecord, ResourceLogs, ScopeLogs},
};
use prost::Message;

use super::{Body, NewLog, Prepared, digest_of, nanos, redact, told};
use crate::{
    Options,
    content::{Effort, Packer, Piece, cut::Cutter},
};

/// Prepares the log records of a request.
pub(crate) fn logs(
    request: ExportLogsServiceRequest,
    options: &Options,
    effort: Effort,
) -> Prepared {
    let mut prepared = Prepared::default();
    let mut packer = Packer::new(effort);
    for resource_logs in request.resource_logs {
        let mut resource = resource_logs.resource;
        if let Some(resource) = &mut resource {
            redact::resource(&options.redactor, resource);
        }
        for scope_logs in resource_logs.scope_logs {
            let mut scope = scope_logs.scope;
            if let Some(scope) = &mut scope {
                redact::scope(&options.redactor, scope);
            }
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
                let record = prepare(&origin, record, options, &mut packer);
                prepared.logs.push(record);
                prepared.ingested.accepted += 1;
            }
        }
    }
    prepared
}

fn prepare(
    origin: &Arc<Piece>,
    mut record: LogRecord,
    options: &Options,
    packer: &mut Packer,
) -> NewLog {
    redact::log(&options.redactor, &mut record);
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
