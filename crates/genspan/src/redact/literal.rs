//! The fixed texts at which the rules are tried.

use super::stem::STEMS;
use super::token::TOKENS;

/// What decides on a literal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rule {
    Token(usize),
    Jwt,
    PrivateKey,
    PrivateKeyTail,
    Url,
    Bearer,
    Basic,
    Name,
}

/// A fixed text that every secret of some kind has in it or right before it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Literal {
    pub(super) text: &'static str,
    pub(super) rule: Rule,
    /// Whether upper and lower case are the same.
    any_case: bool,
}

/// Stands in the mark of a private key's beginning and in that of its end.
pub(super) const PRIVATE_KEY: &str = "PRIVATE KEY";

const SHAPES: &[Literal] = &[
    exact("eyJ", Rule::Jwt),
    exact(PRIVATE_KEY, Rule::PrivateKey),
    exact("://", Rule::Url),
    exact(":\\/\\/", Rule::Url),
    word("bearer", Rule::Bearer),
    word("basic", Rule::Basic),
];

const fn exact(text: &'static str, rule: Rule) -> Literal {
    Literal {
        text,
        rule,
        any_case: false,
    }
}

const fn word(text: &'static str, rule: Rule) -> Literal {
    Literal {
        text,
        rule,
        any_case: true,
    }
}

/// Every literal there is.
pub(super) fn literals() -> impl Iterator<Item = Literal> {
    let tokens = TOKENS.iter().enumerate();
    let tokens = tokens.map(|(at, token)| exact(token.prefix, Rule::Token(at)));
    let stems = STEMS.iter().map(|stem| word(stem, Rule::Name));
    tokens.chain(SHAPES.iter().copied()).chain(stems)
}

impl Literal {
    /// Whether this is the literal.
    pub(super) fn is(self, text: &[u8]) -> bool {
        if self.any_case {
            text.eq_ignore_ascii_case(self.text.as_bytes())
        } else {
            text == self.text.as_bytes()
        }
    }
}
