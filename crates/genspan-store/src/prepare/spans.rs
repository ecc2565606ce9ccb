//! Spans.

use std::sync::Arc;

use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    trace::v1::{ResourceSpans, ScopeSpans, Span},
};
use prost::Message;

use super::{Body, NewSpan, Prepared, digest_of, docs, facts, redact_traces, said, view};
use crate::{
    Options,
    content::{Effort, Packer, Piece, cut::Cutter},
};

/// Prepares the spans of a request.
pub(crate) fn spans(
    mut request: ExportTraceServiceRequest,
    options: &Options,
    effort: Effort,
) -> Prepared {
    redact_traces(&options.redactor, &mut request);
    let mut prepared = Prepared::default();
    let mut packer = Packer::new(effort);
    for resource_spans in request.resource_spans {
        let resource = resource_spans.resource;
        let service = facts::service(resource.as_ref());
        for scope_spans in resource_spans.scope_spans {
            let scope = scope_spans.scope;
            let name = scope.as_ref().map(|scope| scope.name.clone());
            let origin = ResourceSpans {
                resource: resource.clone(),
                schema_url: resource_spans.schema_url.clone(),
                scope_spans: vec![ScopeSpans {
                    scope,
                    schema_url: scope_spans.schema_url,
                    spans: Vec::new(),
                }],
            };
            let surroundings = Surroundings {
                origin: Arc::new(packer.piece(&origin.encode_to_vec())),
                scope: name.unwrap_or_default(),
                service: service.clone(),
                options,
            };
            for span in scope_spans.spans {
                match ids(&span) {
                    Ok(ids) => {
                        prepared
                            .spans
                            .push(surroundings.prepare(ids, span, &mut packer));
                        prepared.ingested.accepted += 1;
                    }
                    Err(reason) => {
                        prepared.ingested.rejected += 1;
                        prepared.ingested.reason = reason;
                    }
                }
            }
        }
    }
    prepared
}

struct Surroundings<'a> {
    origin: Arc<Piece>,
    scope: String,
    service: Option<String>,
    options: &'a Options,
}

/// Holds the ids of a span and of its trace.
pub(crate) type Ids = ([u8; 16], [u8; 8]);

fn ids(span: &Span) -> Result<Ids, String> {
    let trace = <[u8; 16]>::try_from(span.trace_id.as_slice());
    let id = <[u8; 8]>::try_from(span.span_id.as_slice());
    match (trace, id) {
        (Ok(trace), Ok(id)) if trace != [0; 16] && id != [0; 8] => Ok((trace, id)),
        _ => Err(format!(
            "a span has a trace id of {} bytes and a span id of {}: expected 16 and 8, not all zero",
            span.trace_id.len(),
            span.span_id.len()
        )),
    }
}

impl Surroundings<'_> {
    fn prepare(&self, ids: Ids, mut span: Span, packer: &mut Packer) -> NewSpan {
        let (view, dialect) = view::read(&span, &self.scope);
        let said = said::of(&view);
        let mut facts = facts::of(ids, &span, &view, self.options.prices.as_deref());
        facts.source = facts::source(dialect, &self.scope);
        facts.service.clone_from(&self.service);
        let mut cutter = Cutter::new(packer);
        cutter.attributes(&mut span.attributes);
        for event in &mut span.events {
            cutter.attributes(&mut event.attributes);
        }
        for link in &mut span.links {
            cutter.attributes(&mut link.attributes);
        }
        let leaves = cutter.leaves;
        let skeleton = span.encode_to_vec();
        facts.digest = digest_of(&skeleton, &leaves);
        NewSpan {
            docs: docs(&said, facts.error_message.as_deref()).into(),
            thread: said.thread(),
            said: said.last_user_message(),
            facts,
            body: Body {
                origin: Arc::clone(&self.origin),
                skeleton: packer.pack(&skeleton),
                leaves,
            },
        }
    }
}
