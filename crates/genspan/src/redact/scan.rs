//! One pass over a text: literals find where a secret may be, the rule behind each literal decides.

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use super::assign::{self, STEMS};
use super::edge::{byte, run_end, slice};
use super::shape;
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

/// What a literal leads to.
#[derive(Debug, Clone, Copy)]
enum Rule {
    Token(usize),
    Jwt,
    PrivateKey,
    PrivateKeyTail,
    Url,
    Bearer,
    Basic,
    Name,
}

/// The literals, compiled, with the rule of each.
#[derive(Debug)]
pub(super) struct Scanner {
    literals: Vec<(&'static str, Rule)>,
    automaton: Option<AhoCorasick>,
}

impl Scanner {
    pub(super) fn new() -> Self {
        let tokens = TOKENS
            .iter()
            .enumerate()
            .map(|(at, token)| (token.prefix, Rule::Token(at)));
        let shapes = [
            ("eyJ", Rule::Jwt),
            ("-----BEGIN ", Rule::PrivateKey),
            ("-----END ", Rule::PrivateKeyTail),
            ("://", Rule::Url),
            (":\\/\\/", Rule::Url),
            ("bearer", Rule::Bearer),
            ("basic", Rule::Basic),
        ];
        let stems = STEMS.iter().map(|stem| (*stem, Rule::Name));
        let literals: Vec<_> = tokens.chain(shapes).chain(stems).collect();
        // Overlapping search, as one rule's literal may begin inside another's. Should the automaton not build,
        // the literals are searched for one by one: slower, never unredacted.
        let automaton = AhoCorasick::builder()
            .kind(Some(AhoCorasickKind::DFA))
            .match_kind(MatchKind::Standard)
            .ascii_case_insensitive(true)
            .build(literals.iter().map(|(literal, _)| literal))
            .ok();
        Self {
            literals,
            automaton,
        }
    }

    /// The place of every secret in the text, in no order, some perhaps found twice.
    pub(super) fn scan<'n>(&self, text: &str) -> Vec<Span<'n>> {
        let mut spans = Vec::new();
        let mut last: Option<(usize, usize)> = None;
        let mut hit = |literal: usize, at: usize, end: usize| {
            let Some((_, rule)) = self.literals.get(literal) else {
                return;
            };
            // Inside what is redacted already only the same secret under a better name matters.
            if last.is_some_and(|(start, covered)| at < covered && at != start) {
                return;
            }
            if let Some(span) = evaluate(*rule, text, at, end) {
                last = Some((
                    span.start,
                    span.end.max(last.map_or(0, |(_, covered)| covered)),
                ));
                spans.push(span);
            }
        };
        match &self.automaton {
            Some(automaton) => {
                for found in automaton.find_overlapping_iter(text) {
                    hit(found.pattern().as_usize(), found.start(), found.end());
                }
            }
            None => self.scan_slowly(text, &mut hit),
        }
        spans
    }

    fn scan_slowly(&self, text: &str, hit: &mut impl FnMut(usize, usize, usize)) {
        for end in 1..=text.len() {
            for (index, (literal, _)) in self.literals.iter().enumerate() {
                let Some(start) = end.checked_sub(literal.len()) else {
                    continue;
                };
                if slice(text.as_bytes(), start, end).eq_ignore_ascii_case(literal.as_bytes()) {
                    hit(index, start, end);
                }
            }
        }
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
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ranges(scanner: &Scanner, text: &str) -> Vec<Span<'static>> {
        let mut spans = scanner.scan(text);
        spans.sort_by_key(|span| (span.start, span.rank, span.end));
        spans
    }

    #[test]
    fn the_automaton_builds() {
        assert!(Scanner::new().automaton.is_some());
    }

    proptest! {
        #[test]
        fn searching_one_by_one_finds_the_same(
            parts in prop::collection::vec("sk-|key|=|password|: |[a-z0-9]{20}|://|@|\"|\\\\|[.]|\\*\\*\\*|eyJ|é", 0..20),
        ) {
            let text = parts.concat();
            let slow = Scanner { automaton: None, ..Scanner::new() };
            prop_assert_eq!(ranges(&Scanner::new(), &text), ranges(&slow, &text));
        }
    }
}
