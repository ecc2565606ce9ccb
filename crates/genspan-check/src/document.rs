//! Splits a text into JSON documents: one a line, or one over many lines.

/// Gathers lines until they are a whole document.
#[derive(Debug, Default)]
pub(crate) struct Documents {
    pending: Option<Pending>,
}

#[derive(Debug)]
struct Pending {
    text: String,
    first_line: u64,
    depth: u64,
    is_broken: bool,
}

/// Holds the text of a document and the line on which it begins.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Document {
    pub(crate) text: String,
    pub(crate) line: u64,
}

/// What every OTLP/JSON document begins with, spaces apart.
const BEGINNINGS: [&str; 2] = ["{\"resource", "{\"scope"];

impl Documents {
    /// Takes a line and hands out the documents that are over with it: none, one, or a broken one and the next.
    pub(crate) fn push(&mut self, line: &str, number: u64) -> Vec<Document> {
        let mut done = Vec::new();
        // A line cut short would swallow all that follow if this were not looked at.
        if self.pending.is_some() && begins_document(line) {
            done.extend(self.finish());
        }
        if self.pending.is_none() && line.trim().is_empty() {
            return done;
        }
        let mut pending = self.pending.take().unwrap_or_else(|| Pending::new(number));
        pending.push(line);
        if pending.depth == 0 || pending.is_broken {
            done.push(pending.into_document());
        } else {
            self.pending = Some(pending);
        }
        done
    }

    /// Hands out the document that was begun and not ended.
    pub(crate) fn finish(&mut self) -> Option<Document> {
        self.pending.take().map(Pending::into_document)
    }
}

impl Pending {
    const fn new(first_line: u64) -> Self {
        Self {
            text: String::new(),
            first_line,
            depth: 0,
            is_broken: false,
        }
    }

    fn push(&mut self, line: &str) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        let (mut in_string, mut is_escaped) = (false, false);
        for byte in line.bytes() {
            match byte {
                _ if is_escaped => is_escaped = false,
                b'\\' if in_string => is_escaped = true,
                b'"' => in_string = !in_string,
                b'{' | b'[' if !in_string => self.depth += 1,
                b'}' | b']' if !in_string => self.depth = self.depth.saturating_sub(1),
                _ => {}
            }
        }
        // No string of JSON goes over the end of a line.
        self.is_broken |= in_string;
        self.text.push_str(line);
    }

    fn into_document(self) -> Document {
        Document {
            text: self.text,
            line: self.first_line,
        }
    }
}

/// Tells whether a line begins a document of its own, as those of a document written over many lines do not.
fn begins_document(line: &str) -> bool {
    BEGINNINGS
        .iter()
        .any(|beginning| line.starts_with(beginning))
}

#[cfg(test)]
mod tests {
    use super::{Document, Documents};

    fn split(lines: &[&str]) -> Vec<(u64, String)> {
        let mut documents = Documents::default();
        let mut all = Vec::new();
        for (number, line) in (1..).zip(lines) {
            all.extend(documents.push(line, number));
        }
        all.extend(documents.finish());
        all.into_iter()
            .map(|Document { text, line }| (line, text))
            .collect()
    }

    #[test]
    fn a_document_is_a_line_or_many() {
        assert_eq!(
            split(&["{}", "", "{", " \"a\": \"}\\\"\"", "}", "[1]"]),
            [
                (1, "{}".to_owned()),
                (3, "{\n \"a\": \"}\\\"\"\n}".to_owned()),
                (6, "[1]".to_owned())
            ]
        );
    }

    #[test]
    fn a_line_cut_short_does_not_swallow_the_next() {
        let next = r#"{"resourceSpans":[]}"#;
        assert_eq!(
            split(&[r#"{"resourceSpans":[{"a":"b"#, next]),
            [
                (1, r#"{"resourceSpans":[{"a":"b"#.to_owned()),
                (2, next.to_owned())
            ]
        );
        assert_eq!(
            split(&[r#"{"resourceSpans":[{"#, next]),
            [
                (1, r#"{"resourceSpans":[{"#.to_owned()),
                (2, next.to_owned())
            ]
        );
        assert_eq!(split(&["{\"a\":"]), [(1, "{\"a\":".to_owned())]);
    }
}
