//! Replaces recognised secrets in text before anything is written.
//!
//! A [`Redactor`] knows the keys and tokens of the common issuers by their prefix, JSON web tokens, private key
//! blocks, credentials in URLs and headers, and values assigned to names such as `api_key` or `password`. What it
//! finds becomes `[redacted:<rule>]`; the text around it stays as it is. It reads plain text, JSON and JSON inside
//! JSON alike, and it errs towards redacting: a false hit costs a few words, a miss a key.
//!
//! Redaction comes before shortening: half a key is no longer recognised as one.
//!
//! ```
//! use genspan::redact::Redactor;
//!
//! let redactor = Redactor::new();
//! let url = ["https://me:", "hunter2", "@example.org/"].concat();
//! assert_eq!(redactor.redact(&url), "https://[redacted:url-credentials]@example.org/");
//! assert_eq!(redactor.redact("nothing to see"), "nothing to see");
//! ```

mod assign;
mod edge;
mod glance;
mod key;
mod literal;
mod scan;
mod search;
mod shape;
mod sieve;
mod stem;
mod token;
mod value;

use std::borrow::Cow;
use std::sync::Arc;

use regex::Regex;

use self::edge::is_random;
use self::key::{Key, classify};
use self::scan::{LONGEST_NAME, PLACEHOLDER, Scanner, Span, is_rule_name, placeholder_end};

/// How often a result is read again: a replacement may uncover what was glued to the secret.
const PASSES: usize = 8;

/// The rule that names a value redacted for its key alone.
const BY_KEY: &str = "secret-value";

/// Replaces recognised secrets in text; built once, cheap to clone, shared between threads.
#[derive(Debug, Clone)]
pub struct Redactor {
    rules: Arc<Rules>,
}

#[derive(Debug)]
struct Rules {
    scanner: Scanner,
    patterns: Vec<(String, Regex)>,
}

/// Collects the user's own patterns beside the built-in rules.
#[derive(Debug, Clone, Default)]
#[must_use]
pub struct RedactorBuilder {
    patterns: Vec<(String, Regex)>,
}

/// Says why a pattern of the user's own cannot become a rule.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PatternError {
    /// The name cannot stand in a replacement.
    #[error(
        "the rule name {name:?} is not 1 to 64 lower-case letters, digits and dashes that are no key themselves; try \"ticket-id\""
    )]
    Name {
        /// The name as given.
        name: String,
    },
    /// The name belongs to a built-in rule or to an earlier pattern.
    #[error("a rule named {name:?} exists already; choose another name")]
    Taken {
        /// The name as given.
        name: String,
    },
    /// The pattern is no regular expression, or too large a one.
    #[error("the pattern of rule {name:?} does not compile: {source}")]
    Syntax {
        /// The rule's name.
        name: String,
        /// What the regular expression engine says.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The pattern matches the empty string, so it would match everywhere.
    #[error(
        "the pattern of rule {name:?} matches the empty text; make it match at least one character"
    )]
    Empty {
        /// The rule's name.
        name: String,
    },
}

impl RedactorBuilder {
    /// Adds a regular expression (syntax of the `regex` crate) whose every match is replaced by `[redacted:<name>]`.
    ///
    /// # Errors
    ///
    /// When the name is not fit for a replacement or taken, or the pattern does not compile or matches nothing at all.
    ///
    /// ```
    /// use genspan::redact::Redactor;
    ///
    /// let redactor = Redactor::builder().with_pattern("ticket-id", r"\bTICKET-\d+\b")?.build();
    /// assert_eq!(redactor.redact("see TICKET-4711"), "see [redacted:ticket-id]");
    /// # Ok::<(), genspan::redact::PatternError>(())
    /// ```
    pub fn with_pattern(mut self, name: &str, pattern: &str) -> Result<Self, PatternError> {
        let owned = || name.to_owned();
        let is_fit =
            !name.is_empty() && name.len() <= LONGEST_NAME && name.bytes().all(is_rule_name);
        // A name that looks like a secret would be replaced inside its own replacement.
        if !is_fit
            || Redactor::new()
                .pass(&format!("{PLACEHOLDER}{name}]"))
                .is_some()
        {
            return Err(PatternError::Name { name: owned() });
        }
        if Scanner::names().chain([BY_KEY]).any(|n| n == name)
            || self.patterns.iter().any(|(n, _)| n == name)
        {
            return Err(PatternError::Taken { name: owned() });
        }
        let regex = Regex::new(pattern).map_err(|error| PatternError::Syntax {
            name: owned(),
            source: Box::new(error),
        })?;
        if regex.is_match("") {
            return Err(PatternError::Empty { name: owned() });
        }
        self.patterns.push((owned(), regex));
        Ok(self)
    }

    /// Builds the redactor: the built-in rules and the patterns added.
    #[must_use]
    pub fn build(self) -> Redactor {
        let rules = Rules {
            scanner: Scanner::new(),
            patterns: self.patterns,
        };
        Redactor {
            rules: Arc::new(rules),
        }
    }
}

impl Default for Redactor {
    fn default() -> Self {
        Self::new()
    }
}

impl Redactor {
    /// Builds a redactor with the built-in rules alone.
    #[must_use]
    pub fn new() -> Self {
        Self::builder().build()
    }

    /// Begins a redactor that knows the user's own patterns too.
    pub fn builder() -> RedactorBuilder {
        RedactorBuilder::default()
    }

    /// Replaces every recognised secret by `[redacted:<rule>]`; borrows the text when there is none.
    ///
    /// Redacting twice gives what redacting once gives.
    #[must_use]
    pub fn redact<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut result = Cow::Borrowed(text);
        for _ in 0..PASSES {
            let Some(next) = self.pass(&result) else {
                break;
            };
            result = Cow::Owned(next);
        }
        result
    }

    /// Redacts the value of a header or JSON member whose name is known, by the name first and then as text.
    ///
    /// A name such as `token`, which [`is_secret_key`](Self::is_secret_key) leaves alone, counts when the value
    /// looks like a credential.
    #[must_use]
    pub fn redact_value<'a>(&self, key: &str, value: &'a str) -> Cow<'a, str> {
        let is_secret = match classify(key) {
            None | Some(Key::Query) => false,
            Some(Key::Maybe) => is_random(value.as_bytes()),
            Some(Key::Secret | Key::Authorization | Key::Cookie) => !value.is_empty(),
        };
        if is_secret && placeholder_end(value.as_bytes(), 0) != Some(value.len()) {
            return Cow::Owned(format!("{PLACEHOLDER}{BY_KEY}]"));
        }
        self.redact(value)
    }

    /// Tells whether the value of a header or JSON member of this name is a secret whatever it looks like.
    ///
    /// Case, `-` and `_` do not matter, and a prefix does not either: `x-api-key`, `apiKey`, `OPENAI_API_KEY`.
    /// Ordinary words are not hit: `max_tokens`, `next_page_token`, `secretary`, and neither is a bare `token`.
    ///
    /// ```
    /// let redactor = genspan::redact::Redactor::new();
    /// assert!(redactor.is_secret_key("Proxy-Authorization"));
    /// assert!(!redactor.is_secret_key("token_count"));
    /// ```
    #[must_use]
    pub fn is_secret_key(&self, key: &str) -> bool {
        matches!(
            classify(key),
            Some(Key::Secret | Key::Authorization | Key::Cookie)
        )
    }

    /// The text with every secret of one reading replaced; `None` when there is none.
    fn pass(&self, text: &str) -> Option<String> {
        let mut spans: Vec<Span<'_>> = self.rules.scanner.scan(text);
        for (name, regex) in &self.rules.patterns {
            let found = regex.find_iter(text).filter(|found| !found.is_empty());
            spans.extend(found.map(|found| Span {
                start: found.start(),
                end: found.end(),
                rank: 0,
                name,
            }));
        }
        if spans.is_empty() {
            return None;
        }
        let spans = merged(respect_placeholders(text, spans));
        if spans.is_empty() {
            None
        } else {
            Some(replaced(text, &spans))
        }
    }
}

/// Keeps replacements whole: a pattern's match inside one is dropped, and what begins or ends inside one is widened
/// to hold all of it.
fn respect_placeholders<'n>(text: &str, spans: Vec<Span<'n>>) -> Vec<Span<'n>> {
    let widened = spans.into_iter().filter_map(|span| {
        let first = placeholder_over(text, span.start);
        let last = placeholder_over(text, span.end).filter(|&(start, _)| start < span.end);
        match first {
            Some((_, end)) if span.end <= end => (span.rank > 0).then_some(span),
            _ => {
                let start = first.map_or(span.start, |(start, _)| start);
                let end = last.map_or(span.end, |(_, end)| end);
                Some(Span { start, end, ..span })
            }
        }
    });
    widened.collect()
}

/// The replacement that `at` lies in or at the beginning of.
fn placeholder_over(text: &str, at: usize) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let reach = PLACEHOLDER.len() + LONGEST_NAME;
    (at.saturating_sub(reach)..=at)
        .rev()
        .find_map(|start| placeholder_end(bytes, start).map(|end| (start, end)))
        .filter(|&(start, end)| start <= at && at < end)
}

/// Orders spans and joins those that overlap, under the name of the lowest rank.
fn merged(mut spans: Vec<Span<'_>>) -> Vec<Span<'_>> {
    spans.sort_by_key(|span| (span.start, span.rank));
    let mut result: Vec<Span<'_>> = Vec::with_capacity(spans.len());
    for span in spans {
        match result.last_mut() {
            Some(last) if span.start < last.end => {
                last.end = last.end.max(span.end);
                if span.rank < last.rank {
                    (last.rank, last.name) = (span.rank, span.name);
                }
            }
            _ => result.push(span),
        }
    }
    result
}

fn replaced(text: &str, spans: &[Span<'_>]) -> String {
    let mut result = String::with_capacity(text.len());
    let mut done = 0;
    for span in spans {
        result.push_str(text.get(done..span.start).unwrap_or_default());
        result.push_str(PLACEHOLDER);
        result.push_str(span.name);
        result.push(']');
        done = span.end;
    }
    result.push_str(text.get(done..).unwrap_or_default());
    result
}
