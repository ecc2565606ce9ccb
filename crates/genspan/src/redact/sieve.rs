//! Finds where a secret may be: each literal that the rules know, and little beside.
//!
//! Ordinary text holds no secret, so what it costs is to know that. Two searches by vector instructions look at
//! each byte, one for the longer beginnings of keys as they are, one for short ones and for words in any case.
//! Only what stands around a find is read by the rules.

use super::assign::may_follow_name;
use super::edge::{byte, slice};
use super::glance::Glance;
use super::literal::{Literal, PRIVATE_KEY, Rule, literals};
use super::scan::Hit;
use super::search::Search;

/// How far behind its literal's end a hit may be found, and a little more: a private key's mark is found by the
/// words at its end.
const LATEST: usize = 128;

/// The most that a private key's mark takes before the words `PRIVATE KEY`.
const MARK: usize = 80;

/// The longest needle, and a little more.
const NEEDLE: usize = 16;

/// How much is searched in one go. At short texts a glance does, as vectors need some length to pay; of long ones the
/// nearest cache holds a window.
const SHORT: usize = 32;
const MEDIUM: usize = 1024;
const WINDOW: usize = 4096;

/// What is searched for as it is: a part of each long literal.
///
/// The order matters, to speed alone. The searcher deals words out to eight buckets in turn, and words in one bucket
/// blur each other; in this order, found by trying many, ordinary text hardly ever looks like one of them.
#[rustfmt::skip]
const EXACT: &[&str] = &[
    "xoxp-", "pplx-", "rk_live_", "glpat-", "ya29.", "AKIA", "ASIA", "xai-",
    "xoxr-", "nvapi-", "sk_test_", "ghr_", "ghu_", "GOCSPX-", PRIVATE_KEY, "xoxa-",
    "xoxs-", ":\\/\\/", "sk_live_", "ghp_", "gho_", "ghs_", "hub_pat_", "AIza",
    "pypi-", "npm_", "rk_test_", "gsk_", "xoxb-",
];

/// What is searched for in any case: a part of every word, and of the literals that are short. The order matters too.
#[rustfmt::skip]
const FOLDED: &[&str] = &[
    "bearer", "passphrase", "pwd", "credential", "key", "auth", "://", "hf_",
    "passw", "cret", "asic", "sig", "token", "passcode", "cookie", "r8_",
    "eyJ", "sk-",
];

/// All that is searched for.
#[derive(Debug)]
pub(super) struct Sieve {
    glance: Glance,
    exact: Needles,
    folded: Needles,
}

/// Some of what is searched for, and what each needle leads to.
#[derive(Debug)]
struct Needles {
    search: Search,
    leads: Vec<Vec<Lead>>,
}

/// A literal in which a needle stands, so far from its beginning.
#[derive(Debug)]
struct Lead {
    literal: Literal,
    before: usize,
}

impl Sieve {
    pub(super) fn new() -> Self {
        Self {
            glance: Glance::new(EXACT.iter().chain(FOLDED).copied()),
            exact: Needles::new(EXACT, |byte| byte),
            folded: Needles::new(FOLDED, fold),
        }
    }

    /// Gives `settle` every place where a secret may begin, ordered by where the literal there ends.
    pub(super) fn sift(&self, text: &str, settle: impl FnMut(Hit)) {
        let bytes = text.as_bytes();
        if bytes.len() > MEDIUM {
            self.sift_windows::<WINDOW>(bytes, settle);
        } else if bytes.len() > SHORT || self.glance.may_have_needle(bytes) {
            self.sift_windows::<MEDIUM>(bytes, settle);
        }
    }

    fn sift_windows<const SIZE: usize>(&self, bytes: &[u8], mut settle: impl FnMut(Hit)) {
        let mut hits = Vec::new();
        let mut folded = [0; SIZE];
        let mut from = 0;
        while from < bytes.len() {
            let rest = slice(bytes, from, bytes.len());
            // What begins in the last bytes of a window is left to the next one, which sees all of it.
            let (window, to) = match rest.get(..SIZE) {
                Some(window) if rest.len() > SIZE => (window, SIZE - LATEST),
                _ => (rest, rest.len()),
            };
            for (folded, byte) in folded.iter_mut().zip(window) {
                *folded = fold(*byte);
            }
            let folded = folded.get(..window.len()).unwrap_or_default();
            let mut follow = |lead: &Lead, at| lead.follow(bytes, from + at, &mut hits);
            self.exact.find(window, to, &mut follow);
            self.folded.find(folded, to, &mut follow);
            from += to;
            if !hits.is_empty() {
                let settled = if from < bytes.len() {
                    from - LATEST
                } else {
                    from
                };
                settle_until(settled, &mut hits, &mut settle);
            }
        }
    }
}

/// Makes upper and lower case the same, and some more: what is found is compared as it stands in the text.
const fn fold(byte: u8) -> u8 {
    byte | 0x20
}

impl Needles {
    fn new(needles: &[&'static str], fold: impl Fn(u8) -> u8) -> Self {
        let words = needles
            .iter()
            .map(|needle| needle.bytes().map(&fold).collect());
        Self {
            search: Search::new(words.collect()),
            leads: needles.iter().map(|needle| Lead::all(needle)).collect(),
        }
    }

    /// Hands over what each needle leads to that begins before `to`, and where the needle stands.
    fn find(&self, window: &[u8], to: usize, found: &mut impl FnMut(&Lead, usize)) {
        let end = window.len().min(to + NEEDLE);
        let mut from = 0;
        while from < to
            && let Some((needle, at)) = self.search.first(window, from, end)
            && at < to
        {
            let leads = self.leads.get(needle).into_iter().flatten();
            leads.for_each(|lead| found(lead, at));
            from = at + 1;
        }
    }
}

impl Lead {
    /// What a needle leads to.
    fn all(needle: &str) -> Vec<Self> {
        let lead = |literal: Literal| {
            let before = literal.text.find(needle)?;
            Some(Self { literal, before })
        };
        literals().filter_map(lead).collect()
    }

    /// Adds the literal that the needle at `at` is part of, if all of it is there.
    fn follow(&self, bytes: &[u8], at: usize, hits: &mut Vec<Hit>) {
        let literal = self.literal;
        let Some(start) = at.checked_sub(self.before) else {
            return;
        };
        let end = start + literal.text.len();
        let is_here = literal.is(slice(bytes, start, end));
        match literal.rule {
            _ if !is_here => {}
            Rule::Name if !may_follow_name(byte(bytes, end)) => {}
            Rule::PrivateKey | Rule::PrivateKeyTail => private_key_mark(bytes, start, hits),
            rule => hits.push(Hit { start, end, rule }),
        }
    }
}

/// Adds the mark in which the words `PRIVATE KEY` at `words` stand.
fn private_key_mark(bytes: &[u8], words: usize, hits: &mut Vec<Hit>) {
    let is_label = |b: &&u8| b.is_ascii_uppercase() || b.is_ascii_digit() || **b == b' ';
    let before = slice(bytes, words.saturating_sub(MARK), words);
    let label = words - before.iter().rev().take_while(is_label).count();
    for (mark, rule) in [
        ("-----BEGIN ", Rule::PrivateKey),
        ("-----END ", Rule::PrivateKeyTail),
    ] {
        let Some(start) = label.checked_sub(5) else {
            return;
        };
        let end = start + mark.len();
        if slice(bytes, start, end) == mark.as_bytes() {
            hits.push(Hit { start, end, rule });
        }
    }
}

/// Hands over the hits that end by `until`, before which no other will be found any more.
fn settle_until(until: usize, hits: &mut Vec<Hit>, settle: &mut impl FnMut(Hit)) {
    hits.sort_unstable_by_key(|hit| (hit.end, hit.start));
    let settled = hits.partition_point(|hit| hit.end <= until);
    hits.drain(..settled).for_each(settle);
}

#[cfg(test)]
impl Sieve {
    pub(super) fn slowed(self, is_automaton: bool) -> Self {
        let slowed = |needles: Needles| Needles {
            search: needles.search.slowed(is_automaton),
            ..needles
        };
        Self {
            glance: self.glance,
            exact: slowed(self.exact),
            folded: slowed(self.folded),
        }
    }
}
