//! Texts that a document's end cut in half.

use super::Json;

/// The members whose beginning is worth having without the rest: what a model or a user says.
///
/// Half of anything else, an id, a model's name or a reason to stop, would be another id, model or reason.
const PROSE: [&str; 15] = [
    "arguments",
    "content",
    "data",
    "description",
    "detail",
    "error",
    "message",
    "partial_json",
    "reasoning",
    "reasoning_content",
    "refusal",
    "summary",
    "text",
    "thinking",
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
}
