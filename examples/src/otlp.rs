//! A look into OTLP/JSON, for examples that print what arrived.

use serde_json::Value;

/// Gives what lists hold that hold lists, by the members' names.
#[must_use]
pub fn within<'a>(value: &'a Value, names: &[&str]) -> Vec<&'a Value> {
    names.iter().fold(vec![value], |held, name| {
        let lists = held.into_iter().filter_map(|it| it.get(name)?.as_array());
        lists.flatten().collect()
    })
}

/// Gives the attributes of a span or event that are texts.
pub fn texts(holder: &Value) -> impl Iterator<Item = (&str, &str)> {
    let attributes = within(holder, &["attributes"]).into_iter();
    attributes.filter_map(|it| {
        let text = it.get("value")?.get("stringValue")?.as_str()?;
        Some((it.get("key")?.as_str()?, text))
    })
}

/// Gives the name of a span or event.
#[must_use]
pub fn name(holder: &Value) -> &str {
    let name = holder.get("name").and_then(Value::as_str);
    name.unwrap_or_default()
}
