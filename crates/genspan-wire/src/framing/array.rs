//! JSON values as they follow each other: the elements of one array that grows, or values one behind the other.
//!
//! Google streams an array, `[{…},\r\n{…}]`, unless it is asked for an event stream. Each element is a frame as soon as
//! it is complete; what separates them is passed over, so that values without an array round them are read as well.

use std::mem;

use memchr::{memchr, memchr2};

use super::{append_within, recycle, within};

/// The bytes one element may have unless said otherwise: 8 MiB.
pub const DEFAULT_LIMIT: usize = 8 * 1024 * 1024;

/// One element, borrowed from the pushed bytes where it lay whole in them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Element<'a> {
    /// The element, as bytes that may be neither UTF-8 nor JSON.
    pub bytes: &'a [u8],
    /// Whether the element went over the limit and only its first bytes are here.
    pub truncated: bool,
    /// Whether the input ended before the element did, so it may be a part.
    pub unterminated: bool,
}

/// Turns the bytes of a body into its elements; one parser reads one body.
#[derive(Debug, Clone)]
pub struct ArrayParser {
    limit: usize,
    state: State,
    /// Whether a bracket opened the array, so that another one opens an element.
    is_inside: bool,
    /// What came so far of an element that did not end.
    element: Vec<u8>,
    truncated: bool,
}

#[derive(Debug, Clone, Copy)]
enum State {
    Between,
    Within(Nesting),
    /// Bytes were lost, and nobody knows how deep in an element the next ones are.
    Lost {
        at_line_start: bool,
    },
}

impl Default for ArrayParser {
    fn default() -> Self {
        Self::with_limit(DEFAULT_LIMIT)
    }
}

impl ArrayParser {
    /// Begins a body whose elements may have [`DEFAULT_LIMIT`] bytes.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Begins a body whose elements may have `limit` bytes; longer ones are cut and marked.
    #[must_use]
    pub const fn with_limit(limit: usize) -> Self {
        Self {
            limit,
            state: State::Between,
            is_inside: false,
            element: Vec::new(),
            truncated: false,
        }
    }

    /// Reads on, calling back for each element that ends in these bytes.
    pub fn push(&mut self, bytes: &[u8], on_element: &mut (impl FnMut(Element<'_>) + ?Sized)) {
        let mut rest = bytes;
        while !rest.is_empty() {
            rest = match self.state {
                State::Between => self.find_element(rest),
                State::Within(nesting) => self.read_on(rest, nesting, on_element),
                State::Lost { at_line_start } => self.recover(rest, at_line_start),
            };
        }
    }

    /// Tells that bytes were lost here: the element in progress is dropped, and reading resumes with the next one that
    /// begins a line, as no line within an element of Google's does.
    pub fn skip(&mut self) {
        recycle(&mut self.element);
        self.truncated = false;
        self.is_inside = true;
        self.state = State::Lost {
            at_line_start: false,
        };
    }

    /// Ends the input, calling back with the element in progress, and makes the parser ready for another body.
    pub fn finish(&mut self, on_element: &mut (impl FnMut(Element<'_>) + ?Sized)) {
        if matches!(self.state, State::Within(_)) {
            on_element(Element {
                bytes: &self.element,
                truncated: self.truncated,
                unterminated: true,
            });
        }
        *self = Self::with_limit(self.limit);
    }

    /// Goes to the start of the next element.
    fn find_element<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        for (at, byte) in bytes.iter().enumerate() {
            match byte {
                b'[' if !self.is_inside => self.is_inside = true,
                b']' => self.is_inside = false,
                b',' | b'}' => {}
                // Whatever ends a word must not begin one, or the reading would not go on.
                blank if blank.is_ascii_whitespace() => {}
                // The bytes of a byte order mark.
                0xEF | 0xBB | 0xBF => {}
                first => {
                    self.state = State::Within(Nesting::of(*first));
                    return bytes.get(at..).unwrap_or_default();
                }
            }
        }
        &[]
    }

    fn read_on<'a>(
        &mut self,
        bytes: &'a [u8],
        mut nesting: Nesting,
        on_element: &mut (impl FnMut(Element<'_>) + ?Sized),
    ) -> &'a [u8] {
        let Some((last, rest)) = nesting
            .end(bytes)
            .and_then(|end| bytes.split_at_checked(end))
        else {
            self.state = State::Within(nesting);
            self.carry(bytes);
            return &[];
        };
        self.state = State::Between;
        if self.element.is_empty() {
            let (bytes, is_whole) = within(last, self.limit);
            on_element(Element {
                bytes,
                truncated: !is_whole,
                unterminated: false,
            });
        } else {
            self.carry(last);
            on_element(Element {
                bytes: &self.element,
                truncated: self.truncated,
                unterminated: false,
            });
            recycle(&mut self.element);
        }
        self.truncated = false;
        rest
    }

    fn carry(&mut self, bytes: &[u8]) {
        self.truncated |= !append_within(&mut self.element, bytes, self.limit);
    }

    /// Looks for a line that an element begins; a comma may stand before it.
    fn recover<'a>(&mut self, bytes: &'a [u8], at_line_start: bool) -> &'a [u8] {
        match bytes {
            [b'{', ..] if at_line_start => {
                self.state = State::Between;
                bytes
            }
            [b',', rest @ ..] if at_line_start => rest,
            _ => {
                let line_end = memchr(b'\n', bytes);
                self.state = State::Lost {
                    at_line_start: line_end.is_some(),
                };
                line_end
                    .and_then(|at| bytes.get(at + 1..))
                    .unwrap_or_default()
            }
        }
    }
}

/// How deep in an element the reading is.
#[derive(Debug, Clone, Copy)]
struct Nesting {
    kind: Kind,
    depth: u32,
    in_text: bool,
    after_escape: bool,
}

/// What an element is, by its first byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Bracketed,
    Text,
    /// A number or a literal, or no JSON at all.
    Word,
}

impl Nesting {
    const fn of(first: u8) -> Self {
        Self {
            kind: match first {
                b'{' | b'[' => Kind::Bracketed,
                b'"' => Kind::Text,
                _ => Kind::Word,
            },
            depth: 0,
            in_text: false,
            after_escape: false,
        }
    }

    /// Reads on to the end of the element and tells how many bytes that took, if it is among these.
    fn end(&mut self, bytes: &[u8]) -> Option<usize> {
        let is_between = |byte: &u8| {
            byte.is_ascii_whitespace() || matches!(byte, b',' | b'[' | b']' | b'{' | b'}')
        };
        if self.kind == Kind::Word {
            return bytes.iter().position(is_between);
        }
        let mut at = 0;
        while let Some(byte) = bytes.get(at) {
            if mem::take(&mut self.after_escape) {
                at += 1;
                continue;
            }
            if self.in_text {
                at += memchr2(b'"', b'\\', bytes.get(at..)?)?;
                // A backslash takes the next character into the text, a quote ends it.
                self.after_escape = bytes.get(at) == Some(&b'\\');
                self.in_text = self.after_escape;
                at += 1;
                if !self.in_text && self.kind == Kind::Text {
                    return Some(at);
                }
                continue;
            }
            at += 1;
            match byte {
                b'"' => self.in_text = true,
                b'{' | b'[' => self.depth = self.depth.saturating_add(1),
                b'}' | b']' => {
                    self.depth = self.depth.saturating_sub(1);
                    if self.depth == 0 {
                        return Some(at);
                    }
                }
                _ => {}
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives the elements, `…` behind one that is a part and `!` behind one that is cut.
    fn elements(parser: &mut ArrayParser, pieces: &[&str]) -> Vec<String> {
        let mut list = Vec::new();
        let mut on_element = |element: Element<'_>| {
            let text = String::from_utf8_lossy(element.bytes);
            let mark = if element.unterminated { "…" } else { "" };
            let cut = if element.truncated { "!" } else { "" };
            list.push(format!("{text}{mark}{cut}"));
        };
        for piece in pieces {
            parser.push(piece.as_bytes(), &mut on_element);
        }
        parser.finish(&mut on_element);
        list
    }

    #[test]
    fn each_element_is_a_frame_as_soon_as_it_is_complete() {
        let mut parser = ArrayParser::new();
        let mut seen = 0;
        parser.push(b"[{\"a\": [1, {}]", &mut |_| seen += 1);
        parser.push(b"}", &mut |_| seen += 1);
        assert_eq!(seen, 1);
    }

    #[test]
    fn any_byte_between_elements_is_gone_past() {
        for byte in 0..=u8::MAX {
            let body = [b"[{}".as_slice(), &[byte], b"{}]"].concat();
            let mut parser = ArrayParser::new();
            let mut bytes = 0;
            for piece in [&body[..], &body[..4]] {
                parser.push(piece, &mut |element| bytes += element.bytes.len());
                parser.finish(&mut |element| bytes += element.bytes.len());
            }
            assert!(bytes <= 2 * body.len(), "{byte:#x}");
        }
    }

    #[test]
    fn elements_do_not_depend_on_how_the_bytes_are_split() {
        let body = "\u{FEFF} [{\"a\":\"}]\\\"\\\\\"}\r\n,\r\n{\n  \"b\": [[1], {\"c\": 2}]\n}\n, [3] ,4.5,\"[x\\\"\",null]\n{}";
        let whole = elements(&mut ArrayParser::new(), &[body]);
        assert_eq!(
            whole,
            [
                r#"{"a":"}]\"\\"}"#,
                "{\n  \"b\": [[1], {\"c\": 2}]\n}",
                "[3]",
                "4.5",
                r#""[x\"""#,
                "null",
                "{}"
            ]
        );
        for split in (1..body.len()).filter(|at| body.is_char_boundary(*at)) {
            let (one, other) = body.split_at(split);
            assert_eq!(elements(&mut ArrayParser::new(), &[one, other]), whole);
        }
        let bytes: Vec<String> = body.chars().map(String::from).collect();
        let bytes: Vec<&str> = bytes.iter().map(String::as_str).collect();
        assert_eq!(elements(&mut ArrayParser::new(), &bytes), whole);
    }

    #[test]
    fn values_need_no_array_round_them() {
        let lines = ["{\"a\":1}\n{\"b\":2}{}\n", "{\"c\""];
        assert_eq!(
            elements(&mut ArrayParser::new(), &lines),
            [r#"{"a":1}"#, r#"{"b":2}"#, "{}", "{\"c\"…"]
        );
    }

    #[test]
    fn what_is_too_long_is_cut_and_told() {
        for pieces in [&["[{\"a\":1234},{}]"][..], &["[{\"a\"", ":1234},{}]"]] {
            let mut parser = ArrayParser::with_limit(6);
            assert_eq!(elements(&mut parser, pieces), ["{\"a\":1!", "{}"]);
        }
        let mut parser = ArrayParser::with_limit(4);
        assert_eq!(elements(&mut parser, &["[{\"a\":1"]), ["{\"a\"…!"]);
    }

    #[test]
    fn after_a_loss_reading_resumes_with_the_next_element() {
        let mut parser = ArrayParser::new();
        let mut seen = Vec::new();
        let mut on_element =
            |element: Element<'_>| seen.push(String::from_utf8_lossy(element.bytes).into_owned());
        parser.push(b"[{\"a\":", &mut on_element);
        parser.skip();
        parser.push(b"1}, {\"b\": {\n  {}\n}\n", &mut on_element);
        parser.push(b",\n{\"c\":3}\n,{\"d\":4}]", &mut on_element);
        parser.finish(&mut on_element);
        assert_eq!(seen, [r#"{"c":3}"#, r#"{"d":4}"#]);
    }

    #[test]
    fn what_is_no_json_ends_somewhere() {
        let words = elements(&mut ArrayParser::new(), &["<html> ok ]}] x", "y"]);
        assert_eq!(words, ["<html>", "ok", "xy…"]);
        assert_eq!(
            elements(&mut ArrayParser::new(), &["", "[ \r\n]"]),
            Vec::<String>::new()
        );
    }
}
