//! Identity of traces and spans, and their W3C headers.

use std::fmt;

use crate::Value;

/// Identifies a trace; all zeros means that there is none.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TraceId(pub [u8; 16]);

/// Identifies a span within a trace; all zeros means that there is none.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SpanId(pub [u8; 8]);

impl TraceId {
    /// Tells whether this names a trace.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        self.0 != [0; 16]
    }

    /// Reads 32 lower-case hexadecimal digits.
    #[must_use]
    pub fn from_hex(text: &str) -> Option<Self> {
        from_hex(text).map(Self)
    }
}

impl SpanId {
    /// Tells whether this names a span.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        self.0 != [0; 8]
    }

    /// Reads 16 lower-case hexadecimal digits.
    #[must_use]
    pub fn from_hex(text: &str) -> Option<Self> {
        from_hex(text).map(Self)
    }
}

fn write_hex(f: &mut fmt::Formatter<'_>, bytes: &[u8]) -> fmt::Result {
    bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
}

fn from_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits = text.as_bytes();
    if digits.len() != 2 * N
        || digits
            .iter()
            .any(|digit| !matches!(digit, b'0'..=b'9' | b'a'..=b'f'))
    {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(bytes)
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(f, &self.0)
    }
}

impl fmt::Debug for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(f, &self.0)
    }
}

impl fmt::Display for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(f, &self.0)
    }
}

impl fmt::Debug for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(f, &self.0)
    }
}

/// Says where in which trace a span stands, so that others can join it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SpanContext {
    /// The trace.
    pub trace_id: TraceId,
    /// The span in it.
    pub span_id: SpanId,
    /// Whether the trace is sampled.
    pub sampled: bool,
    /// The `tracestate` header, as it came.
    pub trace_state: String,
}

impl SpanContext {
    pub(crate) const NONE: Self = Self {
        trace_id: TraceId([0; 16]),
        span_id: SpanId([0; 8]),
        sampled: false,
        trace_state: String::new(),
    };

    /// Tells whether this names a span.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        self.trace_id.is_valid() && self.span_id.is_valid()
    }

    /// Reads a W3C `traceparent` header, and `tracestate` beside it; `None` where it is not valid.
    ///
    /// Versions later than `00` are read as far as this one is known, as the specification asks.
    #[must_use]
    pub fn from_traceparent(traceparent: &str, tracestate: Option<&str>) -> Option<Self> {
        let mut fields = traceparent.trim().split('-');
        let version = fields.next()?;
        let trace_id = TraceId(from_hex(fields.next()?)?);
        let span_id = SpanId(from_hex(fields.next()?)?);
        let [flags] = from_hex::<1>(fields.next()?)?;
        let [version_number] = from_hex::<1>(version)?;
        let has_more = fields.next().is_some();
        let is_malformed = version_number == 0xff || (version_number == 0 && has_more);
        (!is_malformed && trace_id.is_valid() && span_id.is_valid()).then(|| Self {
            trace_id,
            span_id,
            sampled: flags & 1 == 1,
            trace_state: tracestate.unwrap_or_default().trim().to_owned(),
        })
    }

    /// Writes the W3C `traceparent` header for calls made within this span.
    #[must_use]
    pub fn to_traceparent(&self) -> String {
        format!(
            "00-{}-{}-{:02x}",
            self.trace_id,
            self.span_id,
            u8::from(self.sampled)
        )
    }
}

/// Points at another span that an operation has to do with, and says how.
#[derive(Clone, Debug, PartialEq)]
pub struct Link {
    /// The other span.
    pub to: SpanContext,
    /// What there is to say of the link; none of it may be content.
    pub attributes: Vec<(String, Value)>,
}

/// Says which span an operation happens within.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Parent {
    /// The span that is current where the operation starts, if there is one.
    #[default]
    Current,
    /// None: the operation begins a trace.
    Root,
    /// The given one, of this process or another.
    Span(SpanContext),
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    #[test]
    fn traceparent_round_trips() {
        let context = SpanContext::from_traceparent(HEADER, Some("a=1")).unwrap();
        assert!(context.sampled);
        assert_eq!(context.to_traceparent(), HEADER);
        assert_eq!(context.trace_state, "a=1");
    }

    #[test]
    fn malformed_traceparents_are_refused() {
        for header in [
            "",
            "00",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b716920333-01",
        ] {
            assert_eq!(
                SpanContext::from_traceparent(header, None),
                None,
                "{header}"
            );
        }
    }

    #[test]
    fn later_versions_are_read_as_far_as_known() {
        let header = "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00-more";
        assert!(!SpanContext::from_traceparent(header, None).unwrap().sampled);
    }
}
