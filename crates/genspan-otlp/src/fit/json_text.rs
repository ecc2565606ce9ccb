//! Texts that are JSON: the texts inside them are shortened, so that what is left is still JSON.

use genspan::{Value, shorten::Shortened};

use super::water_level;

/// Texts inside JSON are not shortened below this.
const SHORTEST: usize = 32;

/// Shortens a JSON text to at most `level` bytes; gives it with the number of bytes that its texts lost.
///
/// `None` where it is no JSON object or array, or where shortening its texts is not enough.
pub(super) fn shorten(text: &str, level: usize) -> Option<(String, usize)> {
    if !text.starts_with(['{', '[']) {
        return None;
    }
    let mut value = Value::from_json(text).ok()?;
    let excess = text.len().saturating_sub(level);
    let mut texts = Vec::new();
    collect(&mut value, &mut texts);
    // Lengths are those in JSON, which is what has to fit.
    let mut lengths: Vec<usize> = texts
        .iter()
        .map(|text| genspan::shorten::json_len(text))
        .collect();
    lengths.sort_unstable_by(|a, b| b.cmp(a));
    let inner = water_level(&lengths, excess).max(SHORTEST);
    let mut left_out = 0;
    for text in texts {
        let short = Shortened::new(text, inner);
        if short.left_out() > 0 {
            left_out += short.left_out();
            let short = short.into_text().into_owned();
            *text = short;
        }
    }
    let short = value.to_json();
    (short.len() <= level).then_some((short, left_out))
}

fn collect<'a>(value: &'a mut Value, texts: &mut Vec<&'a mut String>) {
    match value {
        Value::String(text) => texts.push(text),
        Value::Array(items) => items.iter_mut().for_each(|item| collect(item, texts)),
        Value::Map(members) => members
            .iter_mut()
            .for_each(|(_, member)| collect(member, texts)),
        Value::Null | Value::Bool(_) | Value::Int(_) | Value::Double(_) => {}
    }
}
