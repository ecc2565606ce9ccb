//! Reads `log.entries` one entry at a time, however long the file is.

use std::{
    fmt,
    io::{self, Read},
};

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// Hands each entry to `each`, as it stands in the file; memory holds one at a time.
///
/// # Errors
///
/// Returns where the file stops being JSON, or that it holds no `log.entries`. What came before was handed out.
pub(super) fn read(reader: impl Read, each: &mut dyn FnMut(&RawValue)) -> serde_json::Result<()> {
    let mut deserializer = serde_json::Deserializer::from_reader(without_mark(reader));
    let has_entries = deserializer.deserialize_map(Member {
        path: &["log", "entries"],
        each,
    })?;
    if !has_entries {
        return Err(serde_json::Error::custom(
            "it is no HAR file: it holds no `log.entries`",
        ));
    }
    deserializer.end()
}

/// Passes over the byte order mark that some tools write.
fn without_mark(mut reader: impl Read) -> impl Read {
    const MARK: [u8; 3] = [0xef, 0xbb, 0xbf];
    let mut start = Vec::new();
    // An error here comes again when the rest is read.
    drop(reader.by_ref().take(3).read_to_end(&mut start));
    if start == MARK {
        start.clear();
    }
    io::Cursor::new(start).chain(reader)
}

/// Goes down the members of objects along `path`, to a list.
struct Member<'a> {
    path: &'a [&'a str],
    each: &'a mut dyn FnMut(&RawValue),
}

impl<'de> Visitor<'de> for Member<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a HAR file, an object with `log.entries`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<bool, A::Error> {
        let mut is_found = false;
        while let Some(key) = map.next_key::<String>()? {
            match self.path.split_first() {
                Some((name, rest)) if key == *name => {
                    is_found |= map.next_value_seed(Member {
                        path: rest,
                        each: &mut *self.each,
                    })?;
                }
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(is_found)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<bool, A::Error> {
        while let Some(entry) = list.next_element::<Box<RawValue>>()? {
            (self.each)(&entry);
        }
        Ok(true)
    }
}

impl<'de> DeserializeSeed<'de> for Member<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        if self.path.is_empty() {
            deserializer.deserialize_seq(self)
        } else {
            deserializer.deserialize_map(self)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    fn entries(file: &str) -> (Vec<String>, Option<String>) {
        let mut found = Vec::new();
        let result = read(file.as_bytes(), &mut |raw| found.push(raw.get().to_owned()));
        (found, result.err().map(|error| error.to_string()))
    }

    #[test]
    fn entries_are_found_among_whatever_else_there_is() {
        let file = "\u{feff}{\"x\":{\"entries\":[9]},\"log\":{\"pages\":[{}],\"entries\":[1,{\"a\":[]}, \"b\"],\"comment\":\"\"}}\n";
        assert_eq!(
            entries(file),
            (
                vec!["1".to_owned(), "{\"a\":[]}".to_owned(), "\"b\"".to_owned()],
                None
            )
        );
        assert_eq!(entries("{\"log\":{\"entries\":[]}}"), (vec![], None));
    }

    /// Gives a file of many entries, made while it is read.
    struct Endless<'a> {
        left: usize,
        given: &'a Cell<usize>,
        ahead: Vec<u8>,
    }

    impl Read for Endless<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            if self.ahead.is_empty() && self.left > 0 {
                self.left -= 1;
                let end: &[u8] = if self.left == 0 { b"{}]}}" } else { b"{}," };
                self.ahead.extend(end);
            }
            let count = self.ahead.as_slice().read(into)?;
            self.ahead.drain(..count);
            self.given.set(self.given.get() + count);
            Ok(count)
        }
    }

    #[test]
    fn entries_are_handed_out_while_the_file_is_read() {
        let given = Cell::new(0);
        let ahead = b"{\"log\":{\"entries\":[".to_vec();
        let start = ahead.len();
        let mut count = 0;
        let endless = Endless {
            left: 100_000,
            given: &given,
            ahead,
        };
        read(endless, &mut |_| {
            count += 1;
            assert!(
                given.get() <= start + count * 3 + 8,
                "{} bytes for {count} entries",
                given.get()
            );
        })
        .unwrap();
        assert_eq!(count, 100_000);
    }

    #[test]
    fn what_stands_before_a_break_is_not_lost() {
        let (found, error) = entries("{\"log\":{\"entries\":[{\"a\":1},{\"b\":2},{\"c\":");
        assert_eq!(found, ["{\"a\":1}", "{\"b\":2}"]);
        assert!(error.unwrap().contains("EOF while parsing"));
    }

    #[test]
    fn other_files_are_told_apart() {
        let error = |file| entries(file).1.unwrap();
        insta::assert_snapshot!(error("{}"), @"it is no HAR file: it holds no `log.entries`");
        insta::assert_snapshot!(error("{\"log\":{\"entries\":{}}}"), @"invalid type: map, expected a HAR file, an object with `log.entries` at line 1 column 19");
        insta::assert_snapshot!(error("[]"), @"invalid type: sequence, expected a HAR file, an object with `log.entries` at line 1 column 1");
        insta::assert_snapshot!(error(""), @"EOF while parsing a value at line 1 column 0");
    }
}
