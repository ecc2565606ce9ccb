//! Secrets known by their shape: JSON web tokens, private key blocks, credentials in URLs, `Bearer` and `Basic`.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE};

use super::edge::{LOOK, byte, is_mixed, is_name, opens, quote_at, run_end, slice};

/// The range of the JSON web token whose `eyJ` (the base64 of `{"`) stands at `at`.
///
/// A token cut before its signature is found too, as its claims are readable.
pub(super) fn jwt(bytes: &[u8], at: usize) -> Option<(usize, usize)> {
    const SHORTEST: usize = 10;
    let is_token = |from: usize| slice(bytes, from, from + 3) == b"eyJ";
    if !is_token(at) || !opens(bytes, at, false) {
        return None;
    }
    let header = run_end(bytes, at, usize::MAX, is_name);
    if header - at < SHORTEST || byte(bytes, header) != b'.' {
        return None;
    }
    let mut end = run_end(bytes, header + 1, usize::MAX, is_name);
    let claims = end - header - 1;
    let signed = byte(bytes, end) == b'.' && is_name(byte(bytes, end + 1));
    if claims < SHORTEST || !(signed || is_token(header + 1)) {
        return None;
    }
    // An encrypted token has five parts.
    for _ in 0..3 {
        if byte(bytes, end) == b'.' && is_name(byte(bytes, end + 1)) {
            end = run_end(bytes, end + 1, usize::MAX, is_name);
        }
    }
    Some((at, end))
}

/// The range of the private key block that begins at `at`, to its end mark or, without one, to the end of the text.
///
/// A begin mark that is closed by a quote and followed by no key is only spoken of.
pub(super) fn private_key(text: &str, at: usize) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let body = private_mark_end(bytes, at, b"-----BEGIN ")?;
    let near = slice(bytes, body, body + LOOK);
    let is_key = near.split(|b| !is_base64(*b)).any(|part| part.len() >= 32);
    if quote_at(bytes, body).is_some() && !is_key {
        return None;
    }
    let mut from = body;
    while let Some(found) = text.get(from..).and_then(|rest| rest.find("-----END ")) {
        let end = from + found;
        if let Some(end) = private_mark_end(bytes, end, b"-----END ") {
            return Some((at, end));
        }
        from = end + 1;
    }
    Some((at, text.len()))
}

/// The range of what precedes a private key's end mark whose beginning was cut off: the lines of base64 before it.
pub(super) fn private_key_tail(bytes: &[u8], at: usize) -> Option<(usize, usize)> {
    let end = private_mark_end(bytes, at, b"-----END ")?;
    let is_part = |b: &u8| is_base64(*b) || matches!(b, b'\n' | b'\r' | b'\\');
    let body = slice(bytes, 0, at)
        .iter()
        .rev()
        .take_while(|b| is_part(b))
        .count();
    (body >= LOOK / 16).then_some((at - body, end))
}

fn is_base64(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=')
}

/// Where `-----BEGIN … PRIVATE KEY-----` or its counterpart ends.
fn private_mark_end(bytes: &[u8], at: usize, lead: &[u8]) -> Option<usize> {
    let label = at + lead.len();
    if slice(bytes, at, label) != lead {
        return None;
    }
    let dashes = run_end(bytes, label, 64, |b| {
        b.is_ascii_uppercase() || b.is_ascii_digit() || b == b' '
    });
    let is_private = slice(bytes, label, dashes)
        .windows(11)
        .any(|part| part == b"PRIVATE KEY");
    (is_private && slice(bytes, dashes, dashes + 5) == b"-----").then_some(dashes + 5)
}

/// The range of `user:password` in the URL whose `://` (`:\/\/` in some JSON) stands from `at` to `authority`.
pub(super) fn url_credentials(bytes: &[u8], at: usize, authority: usize) -> Option<(usize, usize)> {
    if !byte(bytes, at.checked_sub(1)?).is_ascii_alphanumeric() {
        return None;
    }
    let ends = |b: u8| {
        b.is_ascii_whitespace()
            || matches!(
                b,
                b'/' | b'?' | b'#' | b'"' | b'\'' | b'`' | b'<' | b'>' | b'\\' | b'|'
            )
    };
    let end = run_end(bytes, authority, 1024, |b| b != 0 && !ends(b));
    let user = slice(bytes, authority, end);
    let user = slice(user, 0, user.iter().rposition(|&b| b == b'@')?);
    let range = (authority, authority + user.len());
    match user.iter().position(|&b| b == b':') {
        Some(colon) => {
            let password = slice(user, colon + 1, user.len());
            let is_secret =
                !password.is_empty() && !matches!(password, [b'$' | b'{', ..] | [b'[', .., b']']);
            (is_secret && !is_placeholder(user)).then_some(range)
        }
        // A token in the place of the user; a name is none.
        None => (user.len() >= 20 && user.iter().all(|&b| is_name(b)) && is_mixed(user))
            .then_some(range),
    }
}

fn is_placeholder(text: &[u8]) -> bool {
    text.starts_with(b"[redacted:") && text.ends_with(b"]")
}

/// The range of the token after `Bearer`, which stands from `at` to `word_end`.
pub(super) fn bearer(bytes: &[u8], at: usize, word_end: usize) -> Option<(usize, usize)> {
    let start = after_scheme(bytes, at, word_end)?;
    let is_part = |b: u8| is_name(b) || matches!(b, b'.' | b'~' | b'+' | b'/' | b'=');
    let near = slice(bytes, start, run_end(bytes, start, LOOK, is_part));
    let digit = near.iter().any(u8::is_ascii_digit);
    let letter = near.iter().any(u8::is_ascii_alphabetic);
    let is_token = match near.len() {
        0..8 => false,
        8..32 => (digit && letter) || is_mixed(near),
        _ => true,
    };
    let mut end = run_end(bytes, start, usize::MAX, is_part);
    // The full stop of a sentence.
    while end > start && byte(bytes, end - 1) == b'.' {
        end -= 1;
    }
    is_token.then_some((start, end))
}

/// The range of the base64 after `Basic`, if it holds a user and a password.
pub(super) fn basic(bytes: &[u8], at: usize, word_end: usize) -> Option<(usize, usize)> {
    let start = after_scheme(bytes, at, word_end)?;
    let end = run_end(bytes, start, 1024, |b| {
        is_base64(b) || matches!(b, b'-' | b'_')
    });
    let encoded = slice(bytes, start, end);
    if encoded.len() < 6 {
        return None;
    }
    let decoded = [&STANDARD, &STANDARD_NO_PAD, &URL_SAFE]
        .into_iter()
        .find_map(|e| e.decode(encoded).ok())?;
    let decoded = String::from_utf8(decoded).ok()?;
    (decoded.contains(':') && !decoded.contains(char::is_control)).then_some((start, end))
}

/// Where the credentials after a scheme's name begin.
fn after_scheme(bytes: &[u8], at: usize, word_end: usize) -> Option<usize> {
    if !opens(bytes, at, true) {
        return None;
    }
    if slice(bytes, word_end, word_end + 3) == b"%20" {
        return Some(word_end + 3);
    }
    let start = run_end(bytes, word_end, 8, |b| matches!(b, b' ' | b'\t' | b'+'));
    (start > word_end).then_some(start)
}
