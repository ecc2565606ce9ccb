//! What a document's end cut in half: texts, and objects whose last members would say what the others are.

use super::Json;

/// The members whose beginning is worth having without the rest: what a model or a user says.
///
/// Half of anything else, an id, a model's name or a reason to stop, would be another id, model or reason.
const PROSE: [&str; 18] = [
    "arguments",
    "content",
    "data",
    "description",
    "detail",
    "error",
    "message",
    "parameters",
    "partial_json",
    "reasoning",
    "reasoning_content",
    "refusal",
    "response",
    "summary",
    "text",
    "thinking",
    "tool_plan",
    "transcript",
];

/// Makes the last text of a document that ended inside it `null`, unless its beginning is worth having.
pub(super) fn drop_half_word(json: &mut Json<'_>) {
    let mut last = json;
    let mut is_prose = false;
    loop {
        last = match last {
            Json::Object(members) => match members.last_mut() {
                Some((name, value)) => {
                    is_prose = PROSE.contains(&name.as_ref());
                    value
                }
                None => return,
            },
            Json::List(items) => match items.last_mut() {
                Some(item) => item,
                None => return,
            },
            Json::Text(_) if !is_prose => {
                *last = Json::Null;
                return;
            }
            _ => return,
        };
    }
}

/// Tells whether a completed document had to close its last text, which may have been longer.
pub(super) fn is_last_text_open(text: &str, completed: &str) -> bool {
    let is_closing = |end: char| matches!(end, '}' | ']') || end.is_ascii_whitespace();
    let kept = completed.trim_end_matches(is_closing).strip_suffix('"');
    kept.is_some_and(|kept| text.as_bytes().get(kept.len()) != Some(&b'"'))
}

/// Counts the lists and objects that a completed document had to close.
pub(super) fn open_brackets(text: &str, completed: &str) -> usize {
    let alike = text.bytes().zip(completed.bytes());
    let kept = alike.take_while(|(one, other)| one == other).count();
    let added = completed.as_bytes().get(kept..).unwrap_or_default();
    let closing = |byte: &&u8| matches!(byte, b'}' | b']');
    added.iter().rev().take_while(closing).count()
}

/// Makes a text `null` that stands in the last of Google's parts, where that is open and a `thought` may have been on
/// the way: behind the text it makes reasoning of what was an answer.
pub(super) fn drop_doubtful(json: &mut Json<'_>, open: usize) {
    let mut last = json;
    let mut is_part = false;
    for _ in 0..open {
        let is_thought = last.get("thought").is_some();
        last = match last {
            Json::Object(members) => {
                if is_part && !is_thought {
                    let texts = members.iter_mut().filter(|(name, _)| name == "text");
                    texts.for_each(|(_, text)| *text = Json::Null);
                }
                let Some((name, value)) = members.last_mut() else {
                    return;
                };
                is_part = name == "parts";
                value
            }
            Json::List(items) => match items.last_mut() {
                Some(item) => item,
                None => return,
            },
            _ => return,
        };
    }
}

#[cfg(test)]
mod tests {
    use crate::json::{Json, Reading, read};

    fn part(document: &str) -> String {
        read(document.as_bytes(), |reading, json| {
            assert_eq!(reading, Reading::Part);
            format!("{json:?}")
        })
    }

    #[test]
    fn half_a_name_is_no_name() {
        assert_eq!(part(r#"{"model":"gpt-4o"#), r#"Object([("model", Null)])"#);
        assert_eq!(
            part(r#"{"a":[{"id":"x"},{"id":"y"#),
            part(r#"{"a":[{"id":"x"},{"id":"yz"#)
        );
    }

    #[test]
    fn half_a_sentence_is_kept_and_so_is_a_whole_name() {
        assert_eq!(
            part(r#"{"content":"It is"#),
            r#"Object([("content", Text("It is"))])"#
        );
        assert_eq!(
            part(r#"{"model":"gpt-4o","#),
            r#"Object([("model", Text("gpt-4o"))])"#
        );
    }

    #[test]
    fn half_an_escape_leaves_the_text_open_and_a_closing_quote_does_not() {
        assert_eq!(
            part(r#"{"a":[{"finish_reason":"stop\u00"#),
            part(r#"{"a":[{"finish_reason":"st"#)
        );
        assert_eq!(
            part(r#"{"a":{"id":"x"}"#),
            r#"Object([("a", Object([("id", Text("x"))]))])"#
        );
    }

    #[test]
    fn a_document_cut_in_a_text_of_a_list_is_read() {
        let whole = read(
            br#"["a","b"]"#,
            |_, json| matches!(json, Json::List(items) if items.len() == 2),
        );
        assert!(whole);
        assert_eq!(part(r#"["a","b"#), r#"List([Text("a"), Null])"#);
    }

    #[test]
    fn half_a_part_of_googles_may_yet_be_a_thought() {
        let text_of = |cut: &str| {
            let document = format!(r#"[{{"parts":[{{"text":"a"}},{{{cut}"#);
            part(&document)
        };
        for (cut, last) in [
            (r#""text":"b"#, r#"("text", Null)"#),
            (r#""text":"b","tho"#, r#"("text", Null)"#),
            (r#""text":"b","thought":tr"#, r#"("text", Null)"#),
            (r#""text":"b","x":{"y":[1"#, r#"("text", Null)"#),
            (r#""thought":true,"text":"b"#, r#"("text", Text("b"))"#),
            (r#""text":"b"}"#, r#"("text", Text("b"))"#),
        ] {
            let read = text_of(cut);
            assert!(read.contains(r#"("text", Text("a"))"#), "{read}");
            assert!(read.contains(last), "{cut}: {read}");
        }
    }
}
