//! Names as Google's clients write them: `maxOutputTokens`, and `max_output_tokens` all the same.

use std::borrow::Cow;

use crate::json::Json;

/// Finds a member by its `camelCase` name in either spelling; of both the documented one counts.
pub(super) fn get<'j, 'a>(json: &'j Json<'a>, name: &str) -> Option<&'j Json<'a>> {
    json.get(name).or_else(|| json.get(other(json, name)?))
}

/// Takes a member out by its `camelCase` name in either spelling.
pub(super) fn take<'a>(json: &mut Json<'a>, name: &str) -> Option<Json<'a>> {
    json.take(name).or_else(|| {
        let other = other(json, name)?.to_owned();
        json.take(&other)
    })
}

/// Finds a text.
pub(super) fn text<'j>(json: &'j Json<'_>, name: &str) -> Option<&'j str> {
    get(json, name).and_then(Json::as_str)
}

/// Finds a text that is not empty and copies it.
pub(super) fn string(json: &Json<'_>, name: &str) -> Option<String> {
    let text = text(json, name).filter(|text| !text.is_empty());
    text.map(str::to_owned)
}

/// Finds a count; Google writes those of 64 bits as texts.
pub(super) fn count(json: &Json<'_>, name: &str) -> Option<u64> {
    let stated = get(json, name)?;
    let written = || stated.as_str().and_then(|digits| digits.parse().ok());
    stated.as_u64().or_else(written)
}

/// Takes a list out; one item that stands alone is a list of one.
pub(super) fn take_items<'a>(json: &mut Json<'a>, name: &str) -> Vec<Json<'a>> {
    match take(json, name) {
        Some(Json::List(items)) => items,
        Some(one) => vec![one],
        None => Vec::new(),
    }
}

/// Writes a name in the documented spelling.
pub(super) fn camel<'n>(name: &'n str) -> Cow<'n, str> {
    if !name.contains('_') {
        return Cow::Borrowed(name);
    }
    let mut camel = String::with_capacity(name.len());
    let mut is_start = false;
    for letter in name.chars() {
        match letter {
            '_' => is_start = !camel.is_empty(),
            letter if is_start => {
                camel.push(letter.to_ascii_uppercase());
                is_start = false;
            }
            letter => camel.push(letter),
        }
    }
    Cow::Owned(camel)
}

/// Finds the name as this document spells it, where that is not the documented spelling.
fn other<'j>(json: &'j Json<'_>, name: &str) -> Option<&'j str> {
    let keys = json.members().iter().map(|(key, _)| key.as_ref());
    let mut spelled = keys.filter(|key| key.contains('_'));
    spelled.find(|key| camel(key) == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::read;

    #[test]
    fn members_are_found_in_either_spelling() {
        let document = br#"{"top_p":1,"topK":2,"top_k":3,"a_b_c":"x","total":"7","one":{}}"#;
        read(document, |_, mut json| {
            assert_eq!(get(&json, "topP").and_then(Json::as_u64), Some(1));
            assert_eq!(get(&json, "topK").and_then(Json::as_u64), Some(2));
            assert_eq!(get(&json, "top"), None);
            assert_eq!(count(&json, "total"), Some(7));
            assert_eq!(take_items(&mut json, "one").len(), 1);
            assert_eq!(take(&mut json, "aBC"), Some(Json::Text("x".into())));
            assert_eq!(take(&mut json, "aBC"), None);
        });
    }

    #[test]
    fn names_have_one_spelling() {
        assert_eq!(camel("inline_data"), "inlineData");
        assert_eq!(camel("_x__y_"), "xY");
        assert_eq!(camel("text"), "text");
    }
}
