//! Reads `log.entries` one entry at a time, however long the file or an entry is.

use std::io::BufRead;

use super::{
    scan::{Kept, ScanError, Scanner},
    trouble::FileTrouble,
};

/// Takes entries as they come.
pub(super) trait TakeEntries {
    /// Says by the request of an entry, a JSON value, whether the rest of the entry is wanted.
    fn is_wanted(&self, request: &[u8]) -> bool;
    /// Takes the next entry of the file.
    fn entry(&mut self, entry: EntryText<'_>);
}

/// Holds one entry of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EntryText<'a> {
    /// An object of the members that are known, as they stand in the file.
    Known {
        json: &'a [u8],
        /// Texts longer than [`STRING_LIMIT`] hold only their beginning.
        is_cut: bool,
    },
    /// It was not wanted.
    Unwanted,
    /// It is no object.
    Odd,
    /// It is an object that goes wrong amid its members.
    Broken,
    /// It has more than [`ENTRY_LIMIT`] bytes.
    TooLarge,
}

/// So many bytes of a text in a file are read: base64 of as much as the decoders look at of one document.
pub(super) const STRING_LIMIT: usize = 48 * 1024 * 1024;
/// So many bytes of an entry are read.
pub(super) const ENTRY_LIMIT: usize = 128 * 1024 * 1024;

/// What of an entry is read.
const MEMBERS: [&[u8]; 7] = [
    b"startedDateTime",
    b"time",
    b"timings",
    b"request",
    b"response",
    b"_error",
    b"_eventSourceMessages",
];

/// Hands each entry to `take`; memory holds one at a time, and of that no more than is wanted of it.
///
/// # Errors
///
/// Returns where the file stops being JSON, or that it holds no `log.entries`. What came before was handed out.
pub(super) fn read(reader: impl BufRead, take: &mut impl TakeEntries) -> Result<(), FileTrouble> {
    Reading {
        scanner: Scanner::new(reader),
        kept: Kept::new(STRING_LIMIT, ENTRY_LIMIT),
        count: 0,
        take,
    }
    .read()
}

struct Reading<'t, R, T> {
    scanner: Scanner<R>,
    kept: Kept,
    count: u64,
    take: &'t mut T,
}

impl<R: BufRead, T: TakeEntries> Reading<'_, R, T> {
    fn read(&mut self) -> Result<(), FileTrouble> {
        match self.file() {
            Ok(None) => Ok(()),
            Ok(Some(trouble)) => Err(trouble),
            Err(ScanError::Io(error)) => Err(FileTrouble::Io(error)),
            Err(error) => Err(FileTrouble::Broken {
                error,
                at: self.scanner.position(),
                entries: self.count,
            }),
        }
    }

    /// Reads the file to its end, unless it is no HAR file.
    fn file(&mut self) -> Result<Option<FileTrouble>, ScanError> {
        match self.scanner.peek()? {
            Some(b'{') => {}
            Some(b'[') => return Ok(Some(FileTrouble::List)),
            Some(byte) => return Ok(Some(FileTrouble::other(byte))),
            None => return Ok(Some(FileTrouble::Empty)),
        }
        self.scanner.take(b'{')?;
        let (mut names, mut is_found) = (Vec::new(), false);
        while let Some(name) = self.scanner.member()? {
            if name == b"log" && self.scanner.take(b'{')? {
                is_found |= self.log()?;
            } else {
                self.scanner.value(None)?;
            }
            if names.len() < 4 {
                names.push(name);
            }
        }
        if !is_found {
            return Ok(Some(FileTrouble::no_entries(&names)));
        }
        Ok(self
            .scanner
            .peek()?
            .map(|_| FileTrouble::Trailing(self.scanner.position())))
    }

    fn log(&mut self) -> Result<bool, ScanError> {
        let mut is_found = false;
        while let Some(name) = self.scanner.member()? {
            if name == b"entries" && self.scanner.take(b'[')? {
                is_found = true;
                while self.scanner.element()? {
                    self.element()?;
                    self.count += 1;
                }
            } else {
                self.scanner.value(None)?;
            }
        }
        Ok(is_found)
    }

    /// Reads one entry and hands it out, unless the file ends in its midst.
    fn element(&mut self) -> Result<(), ScanError> {
        self.kept.clear();
        if !self.scanner.take(b'{')? {
            self.scanner.value(None)?;
            self.take.entry(EntryText::Odd);
            return Ok(());
        }
        let text = match self.members() {
            Ok(false) => EntryText::Unwanted,
            Ok(true) if self.kept.is_too_large() => EntryText::TooLarge,
            Ok(true) => EntryText::Known {
                json: &self.kept.bytes,
                is_cut: self.kept.is_cut(),
            },
            Err(ScanError::Unexpected(_)) => {
                self.scanner.close(1)?;
                EntryText::Broken
            }
            Err(error) => return Err(error),
        };
        self.take.entry(text);
        Ok(())
    }

    /// Gathers the members of an entry that are known; tells whether it is wanted.
    fn members(&mut self) -> Result<bool, ScanError> {
        let mut is_wanted = true;
        self.kept.push(b"{");
        while let Some(name) = self.scanner.member()? {
            if !is_wanted || !MEMBERS.contains(&name.as_slice()) {
                self.scanner.value(None)?;
                continue;
            }
            if self.kept.bytes.len() > 1 {
                self.kept.push(b",");
            }
            self.kept.push(b"\"");
            self.kept.push(&name);
            self.kept.push(b"\":");
            let start = self.kept.bytes.len();
            self.scanner.value(Some(&mut self.kept))?;
            if name == b"request" && !self.kept.is_too_large() {
                let request = self.kept.bytes.get(start..).unwrap_or_default();
                is_wanted = self.take.is_wanted(request);
            }
        }
        self.kept.push(b"}");
        Ok(is_wanted)
    }
}

#[cfg(test)]
mod tests {
    use std::{
        cell::Cell,
        io::{self, BufReader, Read},
    };

    use super::*;

    /// Notes what comes; wants what its request does not call unrelated.
    #[derive(Default)]
    struct Noted {
        entries: Vec<String>,
        longest: usize,
    }

    impl TakeEntries for Noted {
        fn is_wanted(&self, request: &[u8]) -> bool {
            !request.starts_with(b"\"unrelated")
        }

        fn entry(&mut self, entry: EntryText<'_>) {
            self.entries.push(match entry {
                EntryText::Known { json, is_cut } => {
                    self.longest = self.longest.max(json.len());
                    let json = String::from_utf8_lossy(json);
                    format!("{json}{}", if is_cut { " cut" } else { "" })
                }
                other => format!("{other:?}"),
            });
        }
    }

    fn reading<R: Read>(reader: R, take: &mut Noted) -> Reading<'_, BufReader<R>, Noted> {
        Reading {
            // Blocks of odd sizes, so that each state of the scanner meets their ends.
            scanner: Scanner::new(BufReader::with_capacity(7, reader)),
            kept: Kept::new(16, 4096),
            count: 0,
            take,
        }
    }

    fn entries(file: &str) -> (Vec<String>, Option<String>) {
        let mut noted = Noted::default();
        let result = reading(file.as_bytes(), &mut noted).read();
        (noted.entries, result.err().map(|error| error.to_string()))
    }

    #[test]
    fn entries_are_found_among_whatever_else_there_is() {
        let file = r#"{"x":{"entries":[9]},"log":{"pages":[{"a\"]}":"{"}],"entries":[1,{"request":{"a":[]}, "_x":"x", "time" : -1.5e3}, "b\\",
            {"request":"unrelated", "response":{}}, {"time":1,"request":null,"_initiator":{"stack":[[[]]]}}],"comment":""}}
"#;
        let known = |text: &str| text.to_owned();
        assert_eq!(
            entries(file),
            (
                vec![
                    known("Odd"),
                    known(r#"{"request":{"a":[]},"time":-1.5e3}"#),
                    known("Odd"),
                    known("Unwanted"),
                    known(r#"{"time":1,"request":null}"#),
                ],
                None
            )
        );
        assert_eq!(entries(r#"{"log":{"entries":[]}}"#), (vec![], None));
    }

    #[test]
    fn long_texts_are_cut_between_characters_and_escapes() {
        for (text, expected) in [
            ("0123456789abcdef", "0123456789abcdef"),
            ("0123456789abcdefg", "0123456789abcdef cut"),
            ("0123456789abcdéfg", "0123456789abcd cut"),
            (r"0123456789abcd\u00e9", "0123456789abcd cut"),
            (r"0123456789abcde\n", "0123456789abcde cut"),
            (r"012345678\\\\\\\\\\", "012345678 cut"),
            (r"0123\ud83d\ude00\ud83d\ude00", "0123 cut"),
        ] {
            let file = format!(r#"{{"log":{{"entries":[{{"request":"{text}"}}]}}}}"#);
            let (found, error) = entries(&file);
            let (text, cut) = expected.split_once(' ').unwrap_or((expected, ""));
            let expected = format!(r#"{{"request":"{text}"}} {cut}"#);
            assert_eq!((found, error), (vec![expected.trim().to_owned()], None));
        }
    }

    /// Gives a file of entries whose bodies are long, made while it is read.
    struct Endless<'a> {
        left: usize,
        given: &'a Cell<usize>,
        request: &'static str,
        ahead: io::Cursor<Vec<u8>>,
    }

    const BODY: usize = 100_000;

    impl Read for Endless<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let count = self.ahead.read(into)?;
            self.given.set(self.given.get() + count);
            if count > 0 || self.left == 0 {
                return Ok(count);
            }
            self.left -= 1;
            let body = "A".repeat(BODY);
            let entry = match self.left {
                0 => "{}]}}".to_owned(),
                _ => format!(
                    r#"{{"_x":"{body}","request":{},"response":"{body}"}},"#,
                    self.request
                ),
            };
            self.ahead = io::Cursor::new(entry.into_bytes());
            self.read(into)
        }
    }

    #[test]
    fn what_is_held_does_not_grow_with_the_file() {
        for (request, held) in [(r#""unrelated""#, 64), ("null", 64)] {
            let given = Cell::new(0);
            let endless = Endless {
                left: 50,
                given: &given,
                request,
                ahead: io::Cursor::new(br#"{"log":{"entries":["#.to_vec()),
            };
            let mut noted = Noted::default();
            let mut reading = reading(endless, &mut noted);
            reading.read().unwrap();
            assert!(
                reading.kept.bytes.capacity() <= held,
                "{request}: {}",
                reading.kept.bytes.capacity()
            );
            assert_eq!(noted.entries.len(), 50);
            assert!(given.get() > 49 * 2 * BODY);
            assert!(noted.longest < 64, "{}", noted.longest);
        }
    }

    #[test]
    fn an_entry_of_endless_members_is_too_large() {
        let file = format!(
            r#"{{"log":{{"entries":[{{"request":{{}},"response":[{}0]}},{{"request":{{}}}}]}}}}"#,
            "0,".repeat(3_000)
        );
        let (found, error) = entries(&file);
        assert_eq!(
            (found, error),
            (
                vec!["TooLarge".to_owned(), r#"{"request":{}}"#.to_owned()],
                None
            )
        );
    }

    #[test]
    fn what_stands_before_a_break_is_not_lost() {
        let whole = r#"{"log":{"entries":[{"time":1},{"time":2},{"time":3}]}}"#;
        for cut in 0..whole.len() {
            let (found, error) = entries(whole.split_at(cut).0);
            let ended = whole.split_at(cut).0.matches('}').count().min(3);
            assert_eq!(found.len(), ended, "cut at {cut}");
            assert!(error.is_some(), "cut at {cut}");
        }
        assert_eq!(entries(whole).1, None);
    }

    #[test]
    fn an_entry_that_goes_wrong_costs_itself_alone() {
        let (found, error) = entries(
            r#"{"log":{"entries":[{"a" 1, "b":{"c":[}]},{a:{}},{"time":nan,},,{"time":1} {"time":2},]}}"#,
        );
        assert_eq!(
            found,
            [
                "Broken",
                "Broken",
                r#"{"time":nan}"#,
                r#"{"time":1}"#,
                r#"{"time":2}"#
            ]
        );
        assert_eq!(error, None);
    }
}
