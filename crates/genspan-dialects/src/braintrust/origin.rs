//! Which library made a span.

use genspan::Value;

use super::CONTEXT;
use crate::Attributes;

/// States that genspan sends the span and which library made it, unless the application states where it comes from.
pub(super) fn write(attributes: &mut Attributes, scope: &str) {
    let mut members = match attributes.take_structured(CONTEXT) {
        Some(Value::Map(members)) => members,
        _ => Vec::new(),
    };
    if members.iter().all(|(name, _)| name != "span_origin") {
        members.push(("span_origin".to_owned(), origin(scope)));
    }
    attributes.set(CONTEXT, Value::Map(members).to_json());
}

/// Takes away what `write` stated.
pub(super) fn read(attributes: &mut Attributes, scope: &str) {
    let Some(Value::Map(members)) = attributes.take_structured(CONTEXT) else {
        return;
    };
    let own = origin(scope);
    let others: Vec<_> = members
        .into_iter()
        .filter(|(name, value)| name != "span_origin" || *value != own)
        .collect();
    if !others.is_empty() {
        attributes.set(CONTEXT, Value::Map(others).to_json());
    }
}

fn origin(scope: &str) -> Value {
    let text = |name: &str, text: &str| (name.to_owned(), Value::from(text));
    let made = if scope.is_empty() { "genspan" } else { scope };
    let instrumentation = Value::Map(vec![text("name", made)]);
    Value::Map(vec![
        text("name", "genspan"),
        text("version", env!("CARGO_PKG_VERSION")),
        ("instrumentation".to_owned(), instrumentation),
    ])
}
