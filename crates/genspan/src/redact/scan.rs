//! The places of the secrets in a text: a sieve finds where one may be, the rule behind each place decides.

use super::assign;
use super::edge::{byte, run_end, slice};
use super::literal::Rule;
use super::shape;
use super::sieve::Sieve;
use super::token::TOKENS;

/// What every replacement begins with; the rule's name and `]` follow.
pub(super) const PLACEHOLDER: &str = "[redacted:";

/// The longest name of a rule, the user's own included.
pub(super) const LONGEST_NAME: usize = 64;

/// A secret's place. Where several rules found it, the lowest rank names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span<'n> {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) rank: u8,
    pub(super) name: &'n str,
}

/// A literal in a text, and the rule that decides whether it is part of a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hit {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) rule: Rule,
}

/// The places where secrets may be, and the rules.
#[derive(Debug)]
pub(super) struct Scanner {
    sieve: Sieve,
}

/// Gathers what the rules find at one hit after the other.
#[derive(Debug, Default)]
struct Judge {
    spans: Vec<Span<'static>>,
    last: Option<(usize, usize)>,
}

impl Judge {
    fn hit(&mut self, text: &str, hit: Hit) {
        // Inside what is redacted already only the same secret under a better name matters.
        let covered = |(start, covered)| hit.start < covered && hit.start != start;
        if self.last.is_some_and(covered) {
            return;
        }
        if let Some(span) = evaluate(hit.rule, text, hit.start, hit.end) {
            let covered = self.last.map_or(0, |(_, covered)| covered);
            self.last = Some((span.start, span.end.max(covered)));
            self.spans.push(span);
        }
    }
}

impl Scanner {
    pub(super) fn new() -> Self {
        Self {
            sieve: Sieve::new(),
        }
    }

    /// The place of every secret in the text, in no order, some perhaps found twice.
    pub(super) fn scan<'n>(&self, text: &str) -> Vec<Span<'n>> {
        let mut judge = Judge::default();
        self.sieve.sift(text, |hit| judge.hit(text, hit));
        judge.spans
    }

    /// The names of all built-in rules, repeated where several literals share one.
    pub(super) fn names() -> impl Iterator<Item = &'static str> {
        let others = [
            "jwt",
            "private-key",
            "url-credentials",
            "bearer-token",
            "basic-credentials",
            "authorization",
            "cookie",
            "query-parameter",
            "assigned-secret",
        ];
        TOKENS.iter().map(|token| token.name).chain(others)
    }
}

fn evaluate(rule: Rule, text: &str, at: usize, end: usize) -> Option<Span<'static>> {
    let bytes = text.as_bytes();
    let (rank, name, range) = match rule {
        Rule::Token(index) => {
            let token = TOKENS.get(index)?;
            (1, token.name, token.find(bytes, at))
        }
        Rule::Jwt => (2, "jwt", shape::jwt(bytes, at)),
        Rule::PrivateKey => (2, "private-key", shape::private_key(text, at)),
        Rule::PrivateKeyTail => (2, "private-key", shape::private_key_tail(bytes, at)),
        Rule::Url => (3, "url-credentials", shape::url_credentials(bytes, at, end)),
        Rule::Bearer => (3, "bearer-token", shape::bearer(bytes, at, end)),
        Rule::Basic => (3, "basic-credentials", shape::basic(bytes, at, end)),
        Rule::Name => {
            let (name, start, end) = assign::assigned(text, end)?;
            (4, name, Some((start, end)))
        }
    };
    let (start, end) = range?;
    // Every rule ends at ASCII or at the end of the text; anything else would be a bug that must not panic.
    let is_text = start < end && text.is_char_boundary(start) && text.is_char_boundary(end);
    is_text.then_some(Span {
        start,
        end,
        rank,
        name,
    })
}

/// Where the replacement that begins at `at` ends.
pub(super) fn placeholder_end(bytes: &[u8], at: usize) -> Option<usize> {
    let name = at + PLACEHOLDER.len();
    if slice(bytes, at, name) != PLACEHOLDER.as_bytes() {
        return None;
    }
    let end = run_end(bytes, name, LONGEST_NAME, is_rule_name);
    (end > name && byte(bytes, end) == b']').then_some(end + 1)
}

/// Whether a byte may stand in a rule's name.
pub(super) fn is_rule_name(b: u8) -> bool {
    b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'
}

#[cfg(test)]
mod tests;
