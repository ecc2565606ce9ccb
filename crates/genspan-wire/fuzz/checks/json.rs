//! The beginning of a document is made a document, which says nothing that the beginning does not.

use genspan_wire::json::complete;
use serde::de::IgnoredAny;
use serde_json::Value;

/// `serde_json` gives a name of its own a meaning that JSON does not: as a value such a document is another one, or none.
const PRIVATE: &[u8] = b"$serde_json::private::";

pub(crate) fn check(data: &[u8]) {
    // A value, and not what is ignored, which may nest deeper.
    let is_document = !has_private(data) && serde_json::from_slice::<Value>(data).is_ok();
    let Some(completed) = complete(data) else {
        let start = data.trim_ascii_start().first();
        let is_container = is_document && matches!(start, Some(b'{' | b'['));
        assert!(!is_container, "a document was dropped");
        return;
    };
    let read = serde_json::from_str::<IgnoredAny>(&completed);
    assert!(read.is_ok(), "what is completed is no document");
    // The closing brackets and what replaces a damaged character take their room.
    assert!(completed.len() <= 3 * data.len() + 128);
    if !is_number(&completed) {
        let again = complete(completed.as_bytes());
        assert_eq!(
            again.as_deref(),
            Some(&*completed),
            "what is complete stays as it is"
        );
    }
    if has_private(completed.as_bytes()) {
        return;
    }
    let read = serde_json::from_str::<Value>(&completed);
    let read = read.expect("what is completed can be read");
    if let Ok(whole @ (Value::Object(_) | Value::Array(_))) = serde_json::from_slice(data) {
        assert_eq!(read, whole, "a document was changed");
    }
}

fn has_private(text: &[u8]) -> bool {
    text.windows(PRIVATE.len()).any(|part| part == PRIVATE)
}

/// More digits could follow a number at the end.
fn is_number(document: &str) -> bool {
    document
        .trim_ascii_start()
        .starts_with(|first: char| first == '-' || first.is_ascii_digit())
}
