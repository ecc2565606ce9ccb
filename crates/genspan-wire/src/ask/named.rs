//! What of one chunk is there because the question was put.

use std::ops::Range;

use crate::json::Scanner;

/// Says what of a chunk the question brought.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Brought {
    Nothing,
    /// This member, and the comma that parts it from the others.
    Member(Range<usize>),
    /// All of it: it states usage, and no choice.
    All,
}

/// Looks at a chunk; of what is not wholly understood nothing was brought.
pub(super) fn brought(text: &str) -> Brought {
    Chunk::read(text).map_or(Brought::Nothing, |chunk| chunk.brought(text))
}

#[derive(Debug, Default)]
struct Chunk {
    /// Whether it has the list of choices, and an empty one.
    has_no_choice: bool,
    usage: Option<Usage>,
}

#[derive(Debug)]
enum Usage {
    Null {
        /// From the end of the member before to the end of this one.
        place: Range<usize>,
        is_first: bool,
    },
    Stated,
}

impl Chunk {
    fn read(text: &str) -> Option<Self> {
        let mut chunk = Self::default();
        let mut scanner = Scanner::new(text, text.len());
        let mut earlier_end = None;
        scanner.object(0, |scanner, name| {
            match name {
                "choices" => {
                    let mut is_empty = true;
                    scanner.list(1, |scanner| {
                        is_empty = false;
                        scanner.skip(2)
                    })?;
                    chunk.has_no_choice = is_empty;
                }
                "usage" => {
                    let is_null = scanner.peek()? == b'n';
                    scanner.skip(1)?;
                    let usage = if is_null {
                        Usage::Null {
                            place: earlier_end.unwrap_or(0)..scanner.position(),
                            is_first: earlier_end.is_none(),
                        }
                    } else {
                        Usage::Stated
                    };
                    // Which of two counts is anybody's guess.
                    chunk.usage.replace(usage).is_none().then_some(())?;
                }
                _ => scanner.skip(1)?,
            }
            earlier_end = Some(scanner.position());
            Some(())
        })?;
        scanner.end()?;
        Some(chunk)
    }

    fn brought(self, text: &str) -> Brought {
        match self.usage {
            Some(Usage::Stated) if self.has_no_choice => Brought::All,
            Some(Usage::Null {
                place,
                is_first: false,
            }) => Brought::Member(place),
            Some(Usage::Null {
                place,
                is_first: true,
            }) => first(text, place.end).map_or(Brought::Nothing, Brought::Member),
            Some(Usage::Stated) | None => Brought::Nothing,
        }
    }
}

/// Gives the place of an object's first member, which ends at `end`, with the comma behind it.
fn first(text: &str, end: usize) -> Option<Range<usize>> {
    let start = text.find('"')?;
    let behind = text.get(end..)?;
    let next = behind.trim_start();
    let next = next.strip_prefix(',').map_or(next, str::trim_start);
    Some(start..end + behind.len() - next.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The chunk without what was brought; nothing where all of it was.
    fn rest(text: &str) -> Option<String> {
        match brought(text) {
            Brought::Nothing => Some(text.to_owned()),
            Brought::Member(place) => {
                let mut rest = text.to_owned();
                rest.replace_range(place, "");
                Some(rest)
            }
            Brought::All => None,
        }
    }

    #[test]
    fn a_null_goes_with_its_comma() {
        for (with, without) in [
            (
                r#"{"id":"a","choices":[{}],"usage":null}"#,
                r#"{"id":"a","choices":[{}]}"#,
            ),
            (
                r#"{"id": "a", "usage": null, "choices": [{}]}"#,
                r#"{"id": "a", "choices": [{}]}"#,
            ),
            (r#"{"usage":null,"id":"a"}"#, r#"{"id":"a"}"#),
            (r#"{ "usage": null, "id":"a"}"#, r#"{ "id":"a"}"#),
            (r#"{"usage":null}"#, "{}"),
            (
                r#"{"choices":[],"prompt_filter_results":[1],"usage":null}"#,
                r#"{"choices":[],"prompt_filter_results":[1]}"#,
            ),
        ] {
            assert_eq!(rest(with).as_deref(), Some(without));
        }
    }

    #[test]
    fn only_usage_without_a_choice_is_all_of_a_chunk() {
        assert_eq!(
            rest(r#"{"id":"a","choices":[],"usage":{"prompt_tokens":1}}"#),
            None
        );
        assert_eq!(rest(r#"{"usage": {"x":[1]}, "choices": [ ]}"#), None);
        for kept in [
            r#"{"choices":[{"delta":{}}],"usage":{"prompt_tokens":1}}"#,
            r#"{"choices":null,"usage":{}}"#,
            r#"{"usage":{}}"#,
            r#"{"choices":[]}"#,
            r#"{"choices":[],"usage":null,"usage":{}}"#,
            r#"{"choices":[{"delta":{"content":"\"usage\":null"}}]}"#,
            r#"{"choices":[],"usage":{}"#,
            r#"{"choices":[],"usage":{}} x"#,
            "[DONE]",
            "",
        ] {
            assert_eq!(rest(kept).as_deref(), Some(kept));
        }
    }
}
