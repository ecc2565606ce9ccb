//! A tree by our own reader, for documents as they nearly always are.

use std::borrow::Cow;

use super::{Json, MAX_VALUES, is_passed_over, visit};
use crate::json::{
    Passing,
    scan::{Scanner, small_whole},
};

/// Reads a document; `None` where it is none, or one that is left to the other reader.
///
/// Members that `passing` names stand in the tree as `null`. A document that reports an error is not passed over in
/// part: whatever it holds may say what went wrong.
pub(super) fn parse(text: &str, passing: Passing) -> Option<Json<'_>> {
    let mut scanner = Scanner::new(text, MAX_VALUES - 2);
    let json = value(&mut scanner, passing, 0)?;
    scanner.end()?;
    Some(json)
}

fn value<'a>(scanner: &mut Scanner<'a>, passing: Passing, depth: usize) -> Option<Json<'a>> {
    Some(match scanner.peek()? {
        b'"' => Json::Text(scanner.text()?),
        b'{' => object(scanner, passing, depth)?,
        b'[' => {
            if passing == Passing::Vectors
                && let Some(count) = scanner.numbers(depth)?
            {
                return Some(Json::Int(count));
            }
            let mut list = Vec::new();
            scanner.list(depth, |scanner| {
                list.push(value(scanner, passing, depth + 1)?);
                Some(())
            })?;
            Json::List(list)
        }
        b't' => scanner.literal("true").map(|()| Json::Bool(true))?,
        b'f' => scanner.literal("false").map(|()| Json::Bool(false))?,
        b'n' => scanner.literal("null").map(|()| Json::Null)?,
        _ => number(scanner.number()?)?,
    })
}

fn object<'a>(scanner: &mut Scanner<'a>, passing: Passing, depth: usize) -> Option<Json<'a>> {
    let mut members = Vec::new();
    scanner.object(depth, |scanner, name| {
        if is_passed_over(depth, name) {
            return scanner.skip(depth + 1);
        }
        let is_text = scanner.peek()? == b'"';
        let value = if passing.passes(depth, name, is_text) {
            scanner.skip(depth + 1)?;
            Json::Null
        } else {
            value(scanner, passing, depth + 1)?
        };
        if passing != Passing::Nothing && is_error(name, &value) {
            return None;
        }
        members.push((Cow::Borrowed(name), value));
        Some(())
    })?;
    Some(Json::Object(members))
}

/// Tells whether a member is one that reports an error.
fn is_error(name: &str, value: &Json<'_>) -> bool {
    match name {
        "error" => !value.is_null(),
        "type" | "object" => value.as_str() == Some("error"),
        _ => false,
    }
}

/// Reads a number: a plain one here, the others as `serde_json` does.
fn number(number: &str) -> Option<Json<'_>> {
    match small_whole(number) {
        Some(whole) => Some(Json::Int(whole)),
        None => visit::parse(number).map(|(json, _)| json),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = r#"{"a":[1,-2,0,-0,2.5,1e3,-1E-2,123456789012345678901,true,false,null],
        "long":"So far this is longer than a block of sixty-four bytes, and it goes on \"quoted\" – to the end.",
        "b":{"":"","x y":"\u00e9\ud83d\ude00\/\b\f\n\r\\","choices":[{"logprobs":{"a":[1]},"index":0}]},
        "choices":[{"logprobs":{"content":[1]},"text":"one"},{}],"b":[]} "#;

    /// Holds a document against the other reader: what this one accepts, that one reads the same.
    fn agree(text: &str) -> bool {
        let Some(json) = parse(text, Passing::Nothing) else {
            return false;
        };
        assert_eq!(visit::parse(text), Some((json, true)), "{text}");
        true
    }

    #[test]
    fn what_is_common_is_accepted_and_read_alike() {
        assert!(agree(r#"{"a":"x\n","b":[{"c":1.5},{}],"d":null}"#));
        assert!(agree(" [ ] ") && agree("\"\\ud83d\\ude00\"") && agree("-12"));
        let deepest = format!("{}{}", "[".repeat(127), "]".repeat(127));
        assert!(agree(&deepest));
        for length in 0..200 {
            assert!(agree(&format!(
                "[\"{}\",\"{}\\t\"]",
                "é".repeat(length),
                "x".repeat(length)
            )));
        }
    }

    #[test]
    fn what_is_no_document_or_rare_is_left_to_the_other_reader() {
        let too_deep = format!("{}{}", "[".repeat(128), "]".repeat(128));
        for text in [
            "",
            "{",
            "[1,]",
            "[,1]",
            "{\"a\":1,}",
            "{\"a\"}",
            "{a:1}",
            "01",
            "+1",
            "1.",
            ".5",
            "-",
            "1e",
            "tru",
            "\"a",
            "\"\\x\"",
            "\"\\u12\"",
            "\"\\ud83d\"",
            "\"\\ude00x\"",
            "\"\n\"",
            "{} {}",
            "[1 2]",
            "1e999",
            &too_deep,
        ] {
            assert_eq!(parse(text, Passing::Nothing), None, "{text}");
        }
    }

    #[test]
    fn damaged_documents_are_read_alike_or_not_at_all() {
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let mut below = |bound: usize| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            usize::try_from(state >> 11).unwrap() % bound
        };
        let mut accepted = 0;
        for _ in 0..20_000 {
            let mut bytes = DOCUMENT.as_bytes().to_vec();
            for _ in 0..=below(2) {
                let at = below(bytes.len());
                match below(3) {
                    0 => bytes[at] = b"{}[]\",:\n\\0e-.x1 u"[below(17)],
                    1 => drop(bytes.remove(at)),
                    _ => bytes.insert(at, b"{}[]\",:\n\\0e-.x1 u"[below(17)]),
                }
            }
            if let Ok(text) = std::str::from_utf8(&bytes) {
                accepted += u32::from(agree(text));
            }
        }
        assert!(accepted > 1_000, "{accepted}");
    }

    #[test]
    fn what_googles_answers_say_is_passed_over() {
        let read = |text, passing| parse(text, passing).map(|json| json.to_value().to_json());
        let candidates = r#"{"candidates":[{"content":{"parts":[{"text":"x"}]},"finishReason":"STOP"}],"content":1}"#;
        assert_eq!(
            read(candidates, Passing::Candidates).as_deref(),
            Some(r#"{"candidates":[{"content":null,"finishReason":"STOP"}],"content":1}"#)
        );
        let steps =
            r#"{"steps":[{"type":"thought"}],"delta":{"text":"x"},"interaction":{"steps":[]}}"#;
        assert_eq!(
            read(steps, Passing::Steps).as_deref(),
            Some(r#"{"steps":null,"delta":null,"interaction":{"steps":[]}}"#)
        );
    }

    #[test]
    fn vectors_are_counted_and_checked() {
        let counted = |text| parse(text, Passing::Vectors).map(|json| json.to_value().to_json());
        for (text, expected) in [
            ("[1, -2.5 ,3e2]", Some("3")),
            (
                r#"{"a":[[1,2],[3]],"b":[],"c":["x"],"d":4}"#,
                Some(r#"{"a":[2,1],"b":[],"c":["x"],"d":4}"#),
            ),
            ("[1,2", None),
            ("[1,2,]", None),
            ("[1 2]", None),
            ("[01]", None),
            ("[1e999]", None),
            ("[1,null]", None),
        ] {
            assert_eq!(counted(text).as_deref(), expected, "{text}");
        }
        let long = format!("[{}1]", "1,".repeat(MAX_VALUES));
        assert_eq!(counted(&long), Some((MAX_VALUES + 1).to_string()));
    }

    #[test]
    fn what_is_passed_over_is_checked_and_an_error_is_never_passed_over() {
        let said = |text| parse(text, Passing::Said).map(|json| json.to_value().to_json());
        assert_eq!(
            said(r#"{"model":"m","messages":[{"content":"x"}]}"#).as_deref(),
            Some(r#"{"model":"m","messages":null}"#)
        );
        assert_eq!(said(r#"{"messages":[{"content":"x]}"#), None);
        assert_eq!(said(r#"{"messages":["\ud83d"]}"#), None);
        assert_eq!(said(r#"{"messages":[],"error":"x"}"#), None);
        let blocks =
            r#"{"content":[{"type":"text","text":"x"},{"type":"compaction","content":"y"}]}"#;
        assert_eq!(
            parse(blocks, Passing::Blocks)
                .map(|json| json.to_value().to_json())
                .as_deref(),
            Some(
                r#"{"content":[{"type":"text","text":null},{"type":"compaction","content":null}]}"#
            )
        );
    }
}
