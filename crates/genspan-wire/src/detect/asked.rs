//! The head of a request as the formats look at it.

use std::borrow::Cow;

use super::RequestHead;

/// Holds the method, and the path apart from the query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Asked<'a> {
    method: &'a str,
    pub(crate) path: &'a str,
    query: &'a str,
}

impl<'a> Asked<'a> {
    pub(crate) fn of(head: &RequestHead<'a>) -> Self {
        let address = head.path.split('#').next().unwrap_or_default();
        let (path, query) = address.split_once('?').unwrap_or((address, ""));
        Self {
            method: head.method,
            path,
            query,
        }
    }

    pub(crate) const fn is_post(&self) -> bool {
        self.method.eq_ignore_ascii_case("POST")
    }

    pub(crate) const fn is_get(&self) -> bool {
        self.method.eq_ignore_ascii_case("GET")
    }

    /// Tells whether this is a `POST` to a path with the given end.
    pub(crate) fn posts_to(&self, end: &str) -> bool {
        self.is_post() && self.path.ends_with(end)
    }

    /// Gives the segment of the path behind the given one, percent-decoded: `/models/` of `/v1/models/m:run` gives
    /// `m:run`.
    pub(crate) fn segment_behind(&self, marker: &str) -> Option<String> {
        let (_, rest) = self.path.split_once(marker)?;
        let segment = rest.split('/').next().filter(|name| !name.is_empty())?;
        Some(percent_decoded(segment).into_owned())
    }

    /// Gives the segments of the path from the last to the first, percent-decoded.
    pub(crate) fn segments_from_end(&self) -> impl Iterator<Item = Cow<'a, str>> {
        self.path.rsplit('/').map(percent_decoded)
    }

    /// Gives what stands behind the marker up to the path's end, percent-decoded, slashes included: `/model/` and
    /// `/invoke` of `/model/arn:1%2Fm/invoke` give `arn:1/m`.
    pub(crate) fn between(&self, marker: &str, end: &str) -> Option<String> {
        let (_, name) = self.path.strip_suffix(end)?.split_once(marker)?;
        (!name.is_empty()).then(|| percent_decoded(name).into_owned())
    }

    /// Gives a parameter of the query, percent-decoded.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        self.query.split('&').find_map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            (key == name).then(|| percent_decoded(value).into_owned())
        })
    }

    /// Gives the model that Azure names by the deployment in the path and nowhere else.
    pub(crate) fn deployment(&self) -> Option<String> {
        self.segment_behind("/deployments/")
    }
}

/// Undoes percent-encoding; what is no such escape stays as it is.
fn percent_decoded(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let escaped = (*first == b'%')
            .then(|| hex(tail))
            .flatten()
            .and_then(|byte| Some((byte, tail.get(2..)?)));
        let (byte, tail) = escaped.unwrap_or((*first, tail));
        bytes.push(byte);
        rest = tail;
    }
    Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
}

fn hex(digits: &[u8]) -> Option<u8> {
    let digit = |at: usize| char::from(*digits.get(at)?).to_digit(16);
    u8::try_from(digit(0)? * 16 + digit(1)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(path: &str) -> Asked<'_> {
        Asked::of(&RequestHead {
            method: "post",
            host: "h",
            port: None,
            path,
        })
    }

    #[test]
    fn paths_and_queries_are_looked_at_apart() {
        let one = asked("/v1/responses?a=1&cursor=a%2Fb&flag#/end");
        assert!(one.posts_to("/responses"));
        assert_eq!(one.parameter("cursor").as_deref(), Some("a/b"));
        assert_eq!(one.parameter("flag").as_deref(), Some(""));
        assert_eq!(one.parameter("end"), None);
    }

    #[test]
    fn segments_are_percent_decoded() {
        let model = |path| asked(path).segment_behind("/model/");
        assert_eq!(model("/model/a.b%3A0/invoke").as_deref(), Some("a.b:0"));
        assert_eq!(model("/model/50%/x").as_deref(), Some("50%"));
        let whole = |path| asked(path).between("/model/", "/invoke");
        assert_eq!(whole("/model/a:1%2Fm/n/invoke").as_deref(), Some("a:1/m/n"));
        assert_eq!(whole("/model//invoke"), None);
        assert_eq!(whole("/model/m/invoke/x"), None);
        assert_eq!(model("/model//x"), None);
        assert_eq!(model("/models/x"), None);
    }
}
