//! The events that a stream consists of, read without a tree.
//!
//! Nearly all events bring a piece of one text. Such an event is read here in one pass; any other is left, whole, to
//! the reader of all documents.

use std::borrow::Cow;

use super::piece::Place;
use crate::json::{Scanner, Seen};

/// The values that an event may have here.
const MAX_VALUES: usize = 1 << 16;

const TYPE: u32 = 1;
const OUTPUT_INDEX: u32 = 1 << 1;
const CONTENT_INDEX: u32 = 1 << 2;
const SUMMARY_INDEX: u32 = 1 << 3;
const DELTA: u32 = 1 << 4;

/// Holds a piece of one text.
#[derive(Debug)]
pub(super) struct Delta<'a> {
    pub(super) output_index: Option<u64>,
    pub(super) place: Place,
    /// Which of the item's texts of this kind it is.
    pub(super) index: Option<u64>,
    /// Empty where it is not wanted.
    pub(super) text: Cow<'a, str>,
}

/// Reads an event, without its text where that is not wanted; `None` where it is no such event.
pub(super) fn delta(text: &str, is_text_wanted: bool) -> Option<Delta<'_>> {
    let mut scanner = Scanner::new(text, MAX_VALUES);
    let mut seen = Seen::default();
    let (mut kind, mut delta) = ("", Cow::default());
    let (mut output_index, mut content_index, mut summary_index) = (None, None, None);
    scanner.object(0, |scanner, name| {
        let (member, slot) = match name {
            "output_index" => (OUTPUT_INDEX, &mut output_index),
            "content_index" => (CONTENT_INDEX, &mut content_index),
            "summary_index" => (SUMMARY_INDEX, &mut summary_index),
            "type" => {
                kind = scanner.word()?;
                return seen.once(TYPE);
            }
            "delta" => {
                seen.once(DELTA)?;
                (scanner.peek()? == b'"').then_some(())?;
                if !is_text_wanted {
                    return scanner.skip(1);
                }
                delta = scanner.text()?;
                return Some(());
            }
            // Either may be of an answer or a failure.
            "object" | "error" => return scanner.null(),
            _ => return scanner.skip(1),
        };
        *slot = scanner.count_or_null()?;
        seen.once(member)
    })?;
    scanner.end()?;
    seen.has(DELTA).then_some(())?;
    let stem = kind.strip_prefix("response.")?.strip_suffix(".delta")?;
    let place = Place::of(stem)?;
    Some(Delta {
        output_index,
        place,
        index: match place {
            Place::Summary => summary_index,
            _ => content_index,
        },
        text: delta,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_as_openai_writes_it_is_read() {
        let event = r#"{"type":"response.output_text.delta","sequence_number":4,"item_id":"msg_1","output_index":2,"content_index":1,"delta":"a\"b","logprobs":[],"obfuscation":"x"}"#;
        let read = delta(event, true).unwrap();
        assert_eq!((read.output_index, read.index), (Some(2), Some(1)));
        assert_eq!((read.place, &*read.text), (Place::Text, "a\"b"));
        assert_eq!(delta(event, false).unwrap().text, "");
    }

    #[test]
    fn what_is_no_piece_of_a_text_is_left_to_the_other_reader() {
        for event in [
            r#"{"type":"response.output_text.done","text":"a"}"#,
            r#"{"type":"response.output_text.delta"}"#,
            r#"{"type":"response.output_text.delta","delta":{}}"#,
            r#"{"type":"response.output_text.delta","delta":"a","delta":"b"}"#,
            r#"{"type":"response.output_text.delta","delta":"a","error":{"message":"b"}}"#,
            r#"{"type":"response.audio.delta","delta":"a"}"#,
            r#"{"delta":"a"}"#,
        ] {
            assert!(delta(event, true).is_none(), "{event}");
        }
    }
}
