//! Spans that nobody could find again.

use genspan_otlp::Request;

use super::trouble::LineTrouble;

/// Counts spans that were taken out of a request, and says what was wrong with the first.
#[derive(Debug, Default)]
pub(super) struct Nameless {
    pub(super) count: u64,
    pub(super) trouble: Option<LineTrouble>,
}

/// Takes the spans out that have no valid ids, which no destination keeps.
pub(super) fn take_out(request: &mut Request) -> Nameless {
    let mut nameless = Nameless::default();
    let Request::Traces(request) = request else {
        return nameless;
    };
    for resource_spans in &mut request.resource_spans {
        for scope_spans in &mut resource_spans.scope_spans {
            scope_spans.spans.retain(|span| {
                let (trace, own) = (&span.trace_id, &span.span_id);
                let is_named = is_id(trace, 16) && is_id(own, 8);
                if !is_named {
                    nameless.count += 1;
                    nameless.trouble.get_or_insert(LineTrouble::Ids {
                        trace: trace.len(),
                        span: own.len(),
                    });
                }
                is_named
            });
        }
    }
    nameless
}

fn is_id(bytes: &[u8], length: usize) -> bool {
    bytes.len() == length && bytes.iter().any(|byte| *byte != 0)
}
