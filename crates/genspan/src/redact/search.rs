//! Searching a text for a handful of fixed words at once, by whatever the machine has for that.

use aho_corasick::{AhoCorasick, Input, MatchKind, Span as Range, packed};

use super::edge::slice;

/// Words, ready to be searched for.
#[derive(Debug)]
pub(super) struct Search {
    words: Vec<Vec<u8>>,
    engine: Engine,
}

#[derive(Debug)]
enum Engine {
    /// By vector instructions, some eight bytes in a nanosecond.
    Packed(packed::Searcher),
    /// Where the machine has none that would do.
    Automaton(Box<AhoCorasick>),
    /// One by one: should nothing else be had, slower, never unredacted.
    Each,
}

impl Search {
    /// Up to 32 words of four bytes and more are found fastest.
    pub(super) fn new(words: Vec<Vec<u8>>) -> Self {
        let engine = Engine::packed(&words)
            .or_else(|| Engine::automaton(&words))
            .unwrap_or(Engine::Each);
        Self { words, engine }
    }

    /// The first word that lies within a stretch of the text, by its place in the list, and where it begins.
    #[inline]
    pub(super) fn first(&self, bytes: &[u8], from: usize, to: usize) -> Option<(usize, usize)> {
        let found = match &self.engine {
            Engine::Packed(searcher) => searcher.find_in(bytes, Range::from(from..to)),
            Engine::Automaton(automaton) => automaton.find(Input::new(bytes).range(from..to)),
            Engine::Each => return self.first_of_each(bytes, from, to),
        };
        found.map(|found| (found.pattern().as_usize(), found.start()))
    }

    fn first_of_each(&self, bytes: &[u8], from: usize, to: usize) -> Option<(usize, usize)> {
        (from..to).find_map(|at| {
            let is_here = |word: &Vec<u8>| slice(bytes, at, to).starts_with(word);
            Some((self.words.iter().position(is_here)?, at))
        })
    }

    #[cfg(test)]
    pub(super) fn slowed(self, is_automaton: bool) -> Self {
        let engine = match Engine::automaton(&self.words) {
            Some(engine) if is_automaton => engine,
            _ => Engine::Each,
        };
        Self { engine, ..self }
    }
}

impl Engine {
    fn packed(words: &[Vec<u8>]) -> Option<Self> {
        packed::Searcher::new(words).map(Self::Packed)
    }

    fn automaton(words: &[Vec<u8>]) -> Option<Self> {
        AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostFirst)
            .build(words)
            .ok()
            .map(|automaton| Self::Automaton(Box::new(automaton)))
    }
}
