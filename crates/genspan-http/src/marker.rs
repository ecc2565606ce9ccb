//! The sign that a call is recorded already.

use genspan::SpanId;
use http::{HeaderMap, HeaderName, HeaderValue};

/// Names the member of `tracestate` whose value is the id of the span that records the call.
pub const MARKER: &str = "genspan";

pub(crate) const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
pub(crate) const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");

/// Marks, as an extension of a request, that the call is recorded further out in the same process.
///
/// A [`RecordLayer`](crate::RecordLayer) sets it on what it records and stands silent where it finds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recorded;

/// Marks, as an extension of a request, that `tracestate` is signed, so that the marker must stay in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sealed;

/// Says on an outgoing request that the given span records the call, for a recording proxy on its way.
///
/// A request without a `tracestate` gets one; other members keep their order behind the new one, as W3C asks.
pub fn set_marker(headers: &mut HeaderMap, span: SpanId) {
    take_marker(headers);
    let mut list = format!("{MARKER}={span}").into_bytes();
    for value in headers.get_all(TRACESTATE) {
        list.push(b',');
        list.extend_from_slice(value.as_bytes());
    }
    if let Ok(value) = HeaderValue::from_bytes(&list) {
        headers.insert(TRACESTATE, value);
    }
}

/// Takes the marker off a request, and gives the span that records the call.
///
/// The rest of `tracestate` stays as it is; a header that held nothing else is removed. A marker that
/// names no span is removed too, and counts as none.
pub fn take_marker(headers: &mut HeaderMap) -> Option<SpanId> {
    let is_marked = headers
        .get_all(TRACESTATE)
        .iter()
        .any(|value| members(value).any(is_marker));
    if !is_marked {
        return None;
    }
    let mut span = None;
    let mut kept = Vec::new();
    for value in headers.get_all(TRACESTATE) {
        if !members(value).any(is_marker) {
            kept.push(value.clone());
            continue;
        }
        let rest: Vec<&[u8]> = members(value).filter(|member| !is_marker(member)).collect();
        if rest.iter().any(|member| !member.trim_ascii().is_empty()) {
            kept.extend(HeaderValue::from_bytes(rest.join(&b',').trim_ascii()));
        }
        span = members(value)
            .filter(|member| is_marker(member))
            .find_map(span_of)
            .or(span);
    }
    headers.remove(TRACESTATE);
    for value in kept {
        headers.append(TRACESTATE, value);
    }
    span
}

/// Reads the marker and leaves it.
pub(crate) fn has_marker(headers: &HeaderMap) -> bool {
    headers
        .get_all(TRACESTATE)
        .iter()
        .flat_map(members)
        .any(|member| span_of(member).is_some())
}

fn members(value: &HeaderValue) -> impl Iterator<Item = &[u8]> {
    value.as_bytes().split(|byte| *byte == b',')
}

fn is_marker(member: &[u8]) -> bool {
    member
        .trim_ascii()
        .strip_prefix(MARKER.as_bytes())
        .is_some_and(|rest| rest.first() == Some(&b'='))
}

fn span_of(member: &[u8]) -> Option<SpanId> {
    let id = member
        .trim_ascii()
        .strip_prefix(MARKER.as_bytes())?
        .strip_prefix(b"=")?;
    SpanId::from_hex(std::str::from_utf8(id).ok()?).filter(SpanId::is_valid)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(values: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(TRACESTATE, HeaderValue::from_str(value).unwrap());
        }
        headers
    }

    fn taken(values: &[&str]) -> (Option<String>, Vec<String>) {
        let mut headers = headers(values);
        let span = take_marker(&mut headers).map(|span| span.to_string());
        let rest = headers
            .get_all(TRACESTATE)
            .iter()
            .map(|value| value.to_str().unwrap().to_owned())
            .collect();
        (span, rest)
    }

    const ID: &str = "00f067aa0ba902b7";

    #[test]
    fn marker_is_taken_and_the_rest_untouched() {
        let marked = format!("genspan={ID}");
        let found = Some(ID.to_owned());
        assert_eq!(taken(&[&marked]), (found.clone(), vec![]));
        assert_eq!(
            taken(&[&format!("a=1, {marked} ,b=2")]),
            (found.clone(), vec!["a=1,b=2".to_owned()])
        );
        assert_eq!(
            taken(&[&format!("{marked},a=1")]),
            (found.clone(), vec!["a=1".to_owned()])
        );
        assert_eq!(
            taken(&["x=1 ,y=2", &marked]),
            (found, vec!["x=1 ,y=2".to_owned()])
        );
        assert_eq!(taken(&["x=1 ,y=2"]), (None, vec!["x=1 ,y=2".to_owned()]));
    }

    #[test]
    fn malformed_marker_is_removed_and_counts_as_none() {
        assert_eq!(taken(&["genspan=zz,a=1"]), (None, vec!["a=1".to_owned()]));
        assert_eq!(
            taken(&["genspanner=1"]),
            (None, vec!["genspanner=1".to_owned()])
        );
    }

    #[test]
    fn set_marker_is_read_back() {
        let mut headers = headers(&["a=1", "b=2"]);
        set_marker(&mut headers, SpanId::from_hex(ID).unwrap());
        assert!(has_marker(&headers));
        assert_eq!(
            headers.get(TRACESTATE).unwrap(),
            &format!("genspan={ID},a=1,b=2")
        );
        assert_eq!(take_marker(&mut headers), SpanId::from_hex(ID));
        assert_eq!(headers.get(TRACESTATE).unwrap(), "a=1,b=2");
    }
}
