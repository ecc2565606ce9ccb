//! JSON read strictly from front to back, without a copy.
//!
//! What is accepted here, `serde_json` accepts and reads the same; what is not may still be JSON. Whoever reads with
//! this therefore needs another way for what is refused, and may leave the rare things to it.

mod escape;
mod plain;

use std::borrow::Cow;

use self::{escape::escape, plain::plain_len};

/// The deepest nesting that `serde_json` reads.
const MAX_DEPTH: usize = 127;

/// The digits of a number that fits 64 bits whatever they are.
const MAX_DIGITS: usize = 18;

/// In documents up to this size, such as the chunks of a stream, texts may take a little more than they need.
const SMALL: usize = 1024;

/// Reads one document; every method gives `None` where the document is not what was asked for.
#[derive(Clone, Debug)]
pub(crate) struct Scanner<'a> {
    text: &'a str,
    at: usize,
    /// The values and ends of lists and objects that may still be met.
    left: usize,
    /// Where texts with escapes are put together.
    buffer: String,
}

impl<'a> Scanner<'a> {
    /// Begins at the start of a document of which at most `values` values are read.
    pub(crate) const fn new(text: &'a str, values: usize) -> Self {
        Self {
            text,
            at: 0,
            left: values,
            buffer: String::new(),
        }
    }

    /// Goes to a place of the document that was read before.
    pub(crate) fn at(mut self, at: usize) -> Self {
        self.at = at;
        self
    }

    /// Tells how many bytes were read.
    pub(crate) const fn position(&self) -> usize {
        self.at
    }

    fn rest(&self) -> &'a [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    /// Shows the first byte of what comes next.
    pub(crate) fn peek(&mut self) -> Option<u8> {
        loop {
            let byte = *self.text.as_bytes().get(self.at)?;
            if !matches!(byte, b' ' | b'\n' | b'\r' | b'\t') {
                return Some(byte);
            }
            self.at += 1;
        }
    }

    /// Goes past `byte`, if that comes next.
    pub(crate) fn eat(&mut self, byte: u8) -> Option<()> {
        self.is_next(byte).then_some(())
    }

    /// Tells whether `byte` comes next, and then goes past it.
    pub(crate) fn is_next(&mut self, byte: u8) -> bool {
        let is_next = self.peek() == Some(byte);
        self.at += usize::from(is_next);
        is_next
    }

    /// Goes past the end of the document.
    pub(crate) fn end(&mut self) -> Option<()> {
        self.peek().is_none().then_some(())
    }

    /// Counts a value or the end of a list or object.
    fn count(&mut self) -> Option<()> {
        self.left = self.left.checked_sub(1)?;
        Some(())
    }

    /// Reads an object that stands `depth` lists and objects deep: `member` reads the value of each name.
    ///
    /// Names are hardly ever written with escapes, so that such a name is refused.
    pub(crate) fn object(
        &mut self,
        depth: usize,
        member: impl FnMut(&mut Self, &'a str) -> Option<()>,
    ) -> Option<()> {
        self.open(b'{', depth)?;
        self.members(true, member)
    }

    /// Reads the rest of an object; `is_first` says whether no member of it was read before.
    pub(crate) fn members(
        &mut self,
        mut is_first: bool,
        mut member: impl FnMut(&mut Self, &'a str) -> Option<()>,
    ) -> Option<()> {
        loop {
            self.count()?;
            if self.is_next(b'}') {
                return Some(());
            }
            if !is_first {
                self.eat(b',')?;
            }
            is_first = false;
            let name = self.word()?;
            self.eat(b':')?;
            member(self, name)?;
        }
    }

    /// Reads a list that stands `depth` lists and objects deep: `item` reads each item.
    pub(crate) fn list(
        &mut self,
        depth: usize,
        item: impl FnMut(&mut Self) -> Option<()>,
    ) -> Option<()> {
        self.open(b'[', depth)?;
        self.items(true, item)
    }

    /// Reads the rest of a list; `is_first` says whether no item of it was read before.
    pub(crate) fn items(
        &mut self,
        mut is_first: bool,
        mut item: impl FnMut(&mut Self) -> Option<()>,
    ) -> Option<()> {
        loop {
            self.count()?;
            if self.is_next(b']') {
                return Some(());
            }
            if !is_first {
                self.eat(b',')?;
            }
            is_first = false;
            item(self)?;
        }
    }

    /// Goes past a list that begins with a number, and tells how many there are; does nothing where another begins.
    ///
    /// They do not count as values that are met: nothing is kept of them.
    pub(crate) fn numbers(&mut self, depth: usize) -> Option<Option<i64>> {
        self.peek()?;
        let start = self.at;
        self.open(b'[', depth)?;
        if !matches!(self.peek()?, b'-' | b'0'..=b'9') {
            self.at = start;
            return Some(None);
        }
        let mut count = 0;
        loop {
            self.peek()?;
            self.skip_number()?;
            count += 1;
            if self.is_next(b']') {
                return Some(Some(count));
            }
            self.eat(b',')?;
        }
    }

    fn open(&mut self, bracket: u8, depth: usize) -> Option<()> {
        (depth < MAX_DEPTH).then_some(())?;
        self.eat(bracket)
    }

    /// Reads a text; one with half a surrogate pair, which is no character, is refused.
    pub(crate) fn text(&mut self) -> Option<Cow<'a, str>> {
        self.eat(b'"')?;
        let plain = self.plain()?;
        if self.is_closed() {
            return Some(Cow::Borrowed(plain));
        }
        // In a large document one buffer grows for all texts, and each text is as large as it must be.
        let is_small = self.text.len() <= SMALL;
        let mut text = if is_small {
            String::with_capacity(plain.len() + 32)
        } else {
            std::mem::take(&mut self.buffer)
        };
        text.clear();
        text.push_str(plain);
        while !self.is_closed() {
            let (character, len) = escape(self.rest())?;
            text.push(character);
            self.at += len;
            text.push_str(self.plain()?);
        }
        if is_small {
            return Some(Cow::Owned(text));
        }
        let owned = text.as_str().to_owned();
        self.buffer = text;
        Some(Cow::Owned(owned))
    }

    /// Reads a text or `null`.
    pub(crate) fn text_or_null(&mut self) -> Option<Option<Cow<'a, str>>> {
        if self.peek()? == b'n' {
            return self.null().map(|()| None);
        }
        self.text().map(Some)
    }

    /// Goes past `null`.
    pub(crate) fn null(&mut self) -> Option<()> {
        self.peek()?;
        self.literal("null")
    }

    /// Reads a text that is written without escapes.
    pub(crate) fn word(&mut self) -> Option<&'a str> {
        self.eat(b'"')?;
        let plain = self.plain()?;
        self.is_closed().then_some(plain)
    }

    /// Goes past a text without reading it.
    fn skip_text(&mut self) -> Option<()> {
        self.eat(b'"')?;
        self.plain()?;
        while !self.is_closed() {
            let (_, len) = escape(self.rest())?;
            self.at += len;
            self.plain()?;
        }
        Some(())
    }

    /// Reads what stands for itself in a text.
    fn plain(&mut self) -> Option<&'a str> {
        let start = self.at;
        self.at += plain_len(self.rest());
        self.text.get(start..self.at)
    }

    /// Tells whether a text ends here, and then goes past its quote.
    fn is_closed(&mut self) -> bool {
        let is_closed = self.rest().first() == Some(&b'"');
        self.at += usize::from(is_closed);
        is_closed
    }

    /// Goes past a word that is a value.
    pub(crate) fn literal(&mut self, word: &str) -> Option<()> {
        self.rest().starts_with(word.as_bytes()).then_some(())?;
        self.at += word.len();
        Some(())
    }

    /// Reads a number as it is written.
    pub(crate) fn number(&mut self) -> Option<&'a str> {
        let start = self.at;
        self.at += usize::from(self.rest().starts_with(b"-"));
        match self.digits() {
            0 => return None,
            1 => {}
            len if self.text.as_bytes().get(self.at - len) == Some(&b'0') => return None,
            _ => {}
        }
        if self.rest().starts_with(b".") {
            self.at += 1;
            (self.digits() > 0).then_some(())?;
        }
        if matches!(self.rest(), [b'e' | b'E', ..]) {
            self.at += 1;
            self.at += usize::from(matches!(self.rest(), [b'+' | b'-', ..]));
            (self.digits() > 0).then_some(())?;
        }
        self.text.get(start..self.at)
    }

    /// Reads a count that is written as a few digits, or `null`.
    pub(crate) fn count_or_null(&mut self) -> Option<Option<u64>> {
        if self.peek()? == b'n' {
            return self.null().map(|()| None);
        }
        let count = small_whole(self.number()?)?;
        u64::try_from(count).ok().map(Some)
    }

    fn digits(&mut self) -> usize {
        let digits = self.rest().iter().take_while(|byte| byte.is_ascii_digit());
        let len = digits.count();
        self.at += len;
        len
    }

    /// Goes past a value of whatever type, which stands `depth` lists and objects deep.
    pub(crate) fn skip(&mut self, depth: usize) -> Option<()> {
        match self.peek()? {
            b'"' => self.skip_text(),
            b'{' => self.object(depth, |scanner, _| scanner.skip(depth + 1)),
            b'[' => self.list(depth, |scanner| scanner.skip(depth + 1)),
            b't' => self.literal("true"),
            b'f' => self.literal("false"),
            b'n' => self.literal("null"),
            _ => self.skip_number(),
        }
    }

    fn skip_number(&mut self) -> Option<()> {
        let number = self.number()?;
        // Only a number with an exponent or very many digits can be out of range.
        let is_small = number.len() <= 64 && !number.contains(['e', 'E']);
        (is_small || serde_json::from_str::<f64>(number).is_ok()).then_some(())
    }
}

/// Reads a number that is written as a few digits, with a sign or without; `-0` is a fraction's business.
pub(crate) fn small_whole(number: &str) -> Option<i64> {
    let is_small = number.len() <= MAX_DIGITS
        && !number.starts_with("-0")
        && number
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'-');
    is_small.then(|| number.parse().ok()).flatten()
}
