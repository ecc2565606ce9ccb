//! Walks through JSON while it is read, and keeps of it only what is asked for.

use std::{fmt, io, io::BufRead};

/// Says why a file cannot be followed any further.
#[derive(Debug)]
pub(super) enum ScanError {
    Io(io::Error),
    /// It ends where more must come.
    End,
    /// At this place something else must stand.
    Unexpected(&'static str),
}

impl From<io::Error> for ScanError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl fmt::Display for ScanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => write!(f, "{error}"),
            Self::End => f.write_str("it ends before its JSON does"),
            Self::Unexpected(what) => write!(f, "it is no JSON: {what} should stand there"),
        }
    }
}

/// Keeps values as they stand in a file, long strings in part.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) bytes: Vec<u8>,
    /// So many bytes of each string are kept.
    string_limit: usize,
    /// More than this is not kept at all.
    limit: usize,
    is_string_cut: bool,
    is_cut: bool,
    is_too_large: bool,
}

impl Kept {
    pub(super) fn new(string_limit: usize, limit: usize) -> Self {
        Self {
            bytes: Vec::new(),
            string_limit,
            limit,
            is_string_cut: false,
            is_cut: false,
            is_too_large: false,
        }
    }

    /// Tells whether strings were cut.
    pub(super) const fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// Tells whether it is all in vain.
    pub(super) const fn is_too_large(&self) -> bool {
        self.is_too_large
    }

    /// Begins anew without holding on to what something huge needed.
    pub(super) fn clear(&mut self) {
        const WORTH_KEEPING: usize = 1024 * 1024;
        if self.bytes.capacity() > WORTH_KEEPING {
            self.bytes = Vec::new();
        } else {
            self.bytes.clear();
        }
        (self.is_cut, self.is_too_large) = (false, false);
    }

    pub(super) fn push(&mut self, bytes: &[u8]) {
        if self.bytes.len().saturating_add(bytes.len()) > self.limit {
            self.is_too_large = true;
        } else {
            self.bytes.extend_from_slice(bytes);
        }
    }

    /// Begins a string and gives where.
    fn begin_string(&mut self) -> usize {
        self.push(b"\"");
        self.is_string_cut = false;
        self.bytes.len()
    }

    /// Adds bytes of a string that began at `start`, as far as they fit.
    fn push_string(&mut self, start: usize, bytes: &[u8]) {
        let room = (start + self.string_limit).saturating_sub(self.bytes.len());
        match bytes.split_at_checked(room) {
            Some((head, rest)) if !rest.is_empty() => {
                self.push(head);
                self.is_string_cut = true;
            }
            _ => self.push(bytes),
        }
    }

    /// Ends a string of which bytes may have been left out, with no part of a character or an escape at its end.
    fn end_string(&mut self, start: usize) {
        if self.is_string_cut {
            self.is_cut = true;
            let string = self.bytes.get(start..).unwrap_or_default();
            let whole = whole_characters(string);
            self.bytes.truncate(start + whole);
        }
        self.push(b"\"");
    }
}

/// Gives how long the beginning of a string is that ends between characters and escapes, and amid no pair of these.
fn whole_characters(string: &[u8]) -> usize {
    let is_continued = |byte: &u8| *byte & 0xc0 == 0x80;
    let mut end = string.len()
        - string
            .iter()
            .rev()
            .take_while(|byte| is_continued(byte))
            .count();
    // The first byte of the last character goes with the bytes that continue it.
    if string
        .get(end.wrapping_sub(1))
        .is_some_and(|byte| *byte >= 0xc0)
    {
        end -= 1;
    }
    // Two escapes may be one character, and twelve bytes are the longest of these.
    let tail = end.saturating_sub(12);
    let escapes = string.get(tail..end).unwrap_or_default();
    match escapes.iter().position(|byte| *byte == b'\\') {
        Some(at) => {
            let run = string.get(..tail + at).unwrap_or_default();
            // Of two backslashes the first may belong to one before it.
            tail + at - run.iter().rev().take_while(|byte| **byte == b'\\').count()
        }
        None => end,
    }
}

/// Reads JSON forwards; what is not kept costs no memory, however long it is.
#[derive(Debug)]
pub(super) struct Scanner<R> {
    reader: R,
    position: u64,
}

impl<R: BufRead> Scanner<R> {
    pub(super) const fn new(reader: R) -> Self {
        Self {
            reader,
            position: 0,
        }
    }

    /// Gives how many bytes were passed.
    pub(super) const fn position(&self) -> u64 {
        self.position
    }

    fn pass(&mut self, count: usize) {
        self.reader.consume(count);
        self.position += count as u64;
    }

    /// Looks at what comes next, blanks apart; `None` at the end of the file.
    pub(super) fn peek(&mut self) -> Result<Option<u8>, ScanError> {
        loop {
            let ahead = fill(&mut self.reader)?;
            if ahead.is_empty() {
                return Ok(None);
            }
            let blanks = ahead.iter().take_while(|byte| byte.is_ascii_whitespace());
            let count = blanks.count();
            let next = ahead.get(count).copied();
            self.pass(count);
            if next.is_some() {
                return Ok(next);
            }
        }
    }

    /// Passes over what comes next if it is this.
    pub(super) fn take(&mut self, byte: u8) -> Result<bool, ScanError> {
        let is_next = self.peek()?.ok_or(ScanError::End)? == byte;
        if is_next {
            self.pass(1);
        }
        Ok(is_next)
    }

    /// Goes on to the next member of an object and gives its name; `None` behind the last one.
    ///
    /// Names are cut where nobody looks at them any more.
    pub(super) fn member(&mut self) -> Result<Option<Vec<u8>>, ScanError> {
        while self.take(b',')? {}
        if self.take(b'}')? {
            return Ok(None);
        }
        if self.peek()? != Some(b'"') {
            return Err(ScanError::Unexpected("the name of a member"));
        }
        let mut name = Kept::new(64, 1024);
        self.value(Some(&mut name))?;
        if !self.take(b':')? {
            return Err(ScanError::Unexpected("a colon"));
        }
        let name = name.bytes.strip_prefix(b"\"");
        let name = name.and_then(|name| name.strip_suffix(b"\""));
        Ok(Some(name.unwrap_or_default().to_vec()))
    }

    /// Goes on to the next element of a list; tells whether there is one.
    pub(super) fn element(&mut self) -> Result<bool, ScanError> {
        while self.take(b',')? {}
        if self.take(b']')? {
            return Ok(false);
        }
        match self.peek()? {
            Some(b'}' | b':') => Err(ScanError::Unexpected("an element or the end of a list")),
            _ => Ok(true),
        }
    }

    /// Passes over one value, keeping it where it is asked for.
    pub(super) fn value(&mut self, keep: Option<&mut Kept>) -> Result<(), ScanError> {
        match self.peek()?.ok_or(ScanError::End)? {
            b'{' | b'[' => self.nested(0, keep),
            b'"' => self.string(keep),
            b'}' | b']' | b',' | b':' => Err(ScanError::Unexpected("a value")),
            _ => self.word(keep),
        }
    }

    /// Passes over the rest of objects and lists that are open already, `depth` of them.
    pub(super) fn close(&mut self, depth: usize) -> Result<(), ScanError> {
        self.nested(depth, None)
    }

    fn nested(&mut self, depth: usize, mut keep: Option<&mut Kept>) -> Result<(), ScanError> {
        let mut depth = depth;
        loop {
            let ahead = fill(&mut self.reader)?;
            if ahead.is_empty() {
                return Err(ScanError::End);
            }
            let (mut count, mut is_string) = (0, false);
            for byte in ahead {
                match byte {
                    b'"' => is_string = true,
                    b'{' | b'[' => depth += 1,
                    b'}' | b']' => depth = depth.saturating_sub(1),
                    _ => {}
                }
                if is_string {
                    break;
                }
                count += 1;
                if depth == 0 {
                    break;
                }
            }
            if let Some(keep) = &mut keep {
                keep.push(ahead.split_at_checked(count).unwrap_or((ahead, &[])).0);
            }
            self.pass(count);
            if is_string {
                self.string(keep.as_deref_mut())?;
            } else if depth == 0 {
                return Ok(());
            }
        }
    }

    /// Passes over a string, whose opening quote comes next.
    fn string(&mut self, mut keep: Option<&mut Kept>) -> Result<(), ScanError> {
        self.pass(1);
        let start = keep.as_mut().map_or(0, |keep| keep.begin_string());
        let mut is_escaped = false;
        loop {
            let ahead = fill(&mut self.reader)?;
            if ahead.is_empty() {
                return Err(ScanError::End);
            }
            let mut end = 0;
            let mut is_over = false;
            while let Some(rest) = ahead.get(end..).filter(|rest| !rest.is_empty()) {
                if is_escaped {
                    is_escaped = false;
                    end += 1;
                    continue;
                }
                let Some(at) = memchr::memchr2(b'"', b'\\', rest) else {
                    end = ahead.len();
                    break;
                };
                end += at;
                is_over = ahead.get(end) == Some(&b'"');
                if is_over {
                    break;
                }
                is_escaped = true;
                end += 1;
            }
            if let Some(keep) = &mut keep {
                keep.push_string(start, ahead.split_at_checked(end).unwrap_or((ahead, &[])).0);
            }
            self.pass(end + usize::from(is_over));
            if is_over {
                if let Some(keep) = keep {
                    keep.end_string(start);
                }
                return Ok(());
            }
        }
    }

    /// Passes over a number or a word, or whatever else stands in their place.
    fn word(&mut self, mut keep: Option<&mut Kept>) -> Result<(), ScanError> {
        loop {
            let ahead = fill(&mut self.reader)?;
            let is_end = |byte: &u8| byte.is_ascii_whitespace() || b",]}:\"[{".contains(byte);
            let count = ahead.iter().take_while(|byte| !is_end(byte)).count();
            if let Some(keep) = &mut keep {
                keep.push(ahead.split_at_checked(count).unwrap_or((ahead, &[])).0);
            }
            let is_over = count < ahead.len() || ahead.is_empty();
            self.pass(count);
            if is_over {
                return Ok(());
            }
        }
    }
}

/// Reads ahead; nothing is ahead at the end of the file.
fn fill<R: BufRead>(reader: &mut R) -> Result<&[u8], ScanError> {
    loop {
        match reader.fill_buf() {
            Ok(_) => break,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(reader.fill_buf()?)
}
