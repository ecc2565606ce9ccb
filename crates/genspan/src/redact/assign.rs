//! Secrets known by the name they are assigned to: `password=…`, `"api_key": "…"`, `?sig=…`, header lines.

use super::edge::{LOOK, Quote, byte, escape_before, is_name, is_random, quote_at, run_end, slice};
use super::key::{Key, LONGEST, classify, classify_parameter};
use super::value::{Assigned, Value};

/// What was found, with the rule that found it.
pub(super) type Found = (&'static str, usize, usize);

/// Whether what begins with this byte may tie a value to the name right before it.
pub(super) const fn may_follow_name(b: u8) -> bool {
    matches!(
        b,
        b'"' | b'\'' | b'`' | b'\\' | b']' | b'*' | b' ' | b'\t' | b'=' | b':' | b'%' | b'>'
    )
}

/// The secret assigned to the name that ends at `name_end`, if the name and the value are those of one.
pub(super) fn assigned(text: &str, name_end: usize) -> Option<Found> {
    let bytes = text.as_bytes();
    if !may_follow_name(byte(bytes, name_end)) {
        return None;
    }
    let (how, at) = separator(bytes, name_end)?;
    let name_start = name_start(bytes, name_end);
    let name = text.get(name_start..name_end)?;
    let in_query = how == Assigned::Equals && is_query(bytes, name_start);
    let key = if in_query {
        classify_parameter(name)
    } else {
        classify(name)
    }?;
    let value = Value::open(bytes, at, how);
    let range = match key {
        Key::Authorization => authorization(bytes, value),
        Key::Cookie => cookie(bytes, value),
        Key::Secret => value.range(bytes, Value::is_secret),
        Key::Maybe => value.range(bytes, |_, body| is_random(body)),
        Key::Query => value.range(bytes, |_, body| {
            body.len() >= 16 && body.iter().any(u8::is_ascii_digit)
        }),
    };
    let rule = match key {
        Key::Authorization => "authorization",
        Key::Cookie => "cookie",
        _ if in_query => "query-parameter",
        _ => "assigned-secret",
    };
    let (start, end) = range?;
    // The fragment of a URL is no part of its last parameter.
    let end = if in_query {
        run_end(bytes, start, end - start, |b| b != b'#')
    } else {
        end
    };
    Some((rule, start, end))
}

/// Where the name that ends at `name_end` begins, the escape before it left out. `api key` may be two words.
fn name_start(bytes: &[u8], name_end: usize) -> usize {
    let word = |end: usize| {
        let before = slice(bytes, end.saturating_sub(LONGEST + 1), end);
        end - before.iter().rev().take_while(|b| is_name(**b)).count()
    };
    let mut start = word(name_end);
    if byte(bytes, start.wrapping_sub(1)) == b' '
        && slice(bytes, start, name_end).eq_ignore_ascii_case(b"key")
    {
        let first = word(start - 1);
        if slice(bytes, first, start - 1).eq_ignore_ascii_case(b"api") {
            start = first;
        }
    }
    // An escape whose last bytes look like the name's first: `\npassword`, `\u0026sig`, `%26sig`.
    (1..=5)
        .map(|letters| start + letters)
        .find(|&at| at < name_end && escape_before(bytes, at) > at - start)
        .unwrap_or(start)
}

/// How a value is tied to the name, and where that ends: the separators of JSON, code, headers, XML, a command line.
fn separator(bytes: &[u8], name_end: usize) -> Option<(Assigned, usize)> {
    let closed = quote_at(bytes, name_end);
    let mut at = closed.map_or(name_end, |quote| quote.end);
    for skipped in [b"]".as_slice(), b"**", b" provided"] {
        if slice(bytes, at, at + skipped.len()) == skipped {
            at += skipped.len();
        }
    }
    let spaced = run_end(bytes, at, 8, |b| matches!(b, b' ' | b'\t'));
    let three = slice(bytes, spaced, spaced + 3);
    let start = || name_start(bytes, name_end);
    match three {
        [b':', b'=', ..] | [b'=', b'>' | b'=', ..] => Some((Assigned::Equals, spaced + 2)),
        b"%3D" | b"%3d" => Some((Assigned::Equals, spaced + 3)),
        [b'=', ..] => Some((Assigned::Equals, spaced + 1)),
        [b':', ..] => Some((Assigned::Colon, spaced + 1)),
        [b',', ..] if closed.is_some() => Some((Assigned::Loosely, spaced + 1)),
        [b'>', ..] if spaced == name_end && byte(bytes, start().wrapping_sub(1)) == b'<' => {
            Some((Assigned::Loosely, spaced + 1))
        }
        [b'\\', b'u', _] if slice(bytes, spaced + 2, spaced + 6).eq_ignore_ascii_case(b"003d") => {
            Some((Assigned::Equals, spaced + 6))
        }
        _ if spaced > name_end && slice(bytes, start(), start() + 2) == b"--" => {
            Some((Assigned::Loosely, spaced))
        }
        _ => None,
    }
}

/// Whether a name stands where a URL's query parameter would.
fn is_query(bytes: &[u8], name_start: usize) -> bool {
    let before = slice(bytes, name_start.saturating_sub(6), name_start);
    ["?", "&", "&amp;", "\\u0026", "%26"]
        .iter()
        .any(|lead| before.ends_with(lead.as_bytes()))
}

/// Schemes with one token after them; those of the other kind have parameters up to the end of the line.
const TOKEN_SCHEMES: &[&str] = &[
    "bearer",
    "basic",
    "token",
    "apikey",
    "key",
    "negotiate",
    "ntlm",
    "bot",
    "splunk",
];
const PARAMETER_SCHEMES: &[&str] = &[
    "digest",
    "aws4-hmac-sha256",
    "aws4-ecdsa-p256-sha256",
    "hawk",
    "oauth",
];

/// The credentials of an `Authorization` header, its scheme left readable.
fn authorization(bytes: &[u8], value: Value) -> Option<(usize, usize)> {
    let scheme_end = run_end(bytes, value.start, 32, is_name);
    let scheme = slice(bytes, value.start, scheme_end);
    let is_one_of = |names: &[&str]| {
        names
            .iter()
            .any(|name| scheme.eq_ignore_ascii_case(name.as_bytes()))
    };
    let start = run_end(bytes, scheme_end, 8, |b| b == b' ');
    let rest = Value { start, ..value };
    if start > scheme_end && is_one_of(PARAMETER_SCHEMES) {
        return rest.line(bytes);
    }
    if start > scheme_end && is_one_of(TOKEN_SCHEMES) {
        let is_token = |body: &[u8]| {
            body.len() >= 6
                && body
                    .iter()
                    .any(|&b| b.is_ascii_lowercase() || b.is_ascii_digit())
        };
        return rest.range(bytes, |value, body| {
            is_token(body) && !value.is_reference(body)
        });
    }
    value.range(bytes, |_, body| is_random(body))
}

/// The cookies of a header, which are pairs and so hold a `=`.
fn cookie(bytes: &[u8], value: Value) -> Option<(usize, usize)> {
    let near = slice(bytes, value.start, value.start + LOOK / 2);
    let near = near
        .split(|b| matches!(b, b'\n' | b'"' | b'\''))
        .next()
        .unwrap_or_default();
    let is_pair = near
        .iter()
        .position(|&b| b == b'=')
        .is_some_and(|at| slice(near, 0, at).iter().all(|b| !b.is_ascii_whitespace()));
    if value.how == Assigned::Equals || near.len() < 8 || !is_pair {
        None
    } else {
        value.line(bytes)
    }
}

/// The closing side of [`quote_at`]: whether `quote` ends what `open` began.
pub(super) fn closes(quote: Quote, open: Quote) -> bool {
    quote.level < open.level || (quote.level == open.level && quote.mark == open.mark)
}
