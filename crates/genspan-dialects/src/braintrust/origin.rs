//! Which library made a span.

use genspan::Value;

use super::CONTEXT;
use crate::Attributes;

/// States that genspan made the span, unless the application states where it comes from.
pub(super) fn write(attributes: &mut Attributes) {
    let mut members = match attributes.take_structured(CONTEXT) {
        Some(Value::Map(members)) => members,
        _ => Vec::new(),
    };
    if members.iter().all(|(name, _)| name != "span_origin") {
        members.push(("span_origin".to_owned(), origin()));
    }
    attributes.set(CONTEXT, Value::Map(members).to_json());
}

/// Takes away what `write` stated.
pub(super) fn read(attributes: &mut Attributes) {
    let Some(Value::Map(members)) = attributes.take_structured(CONTEXT) else {
        return;
    };
    let own = origin();
    let others: Vec<_> = members
        .into_iter()
        .filter(|(name, value)| name != "span_origin" || *value != own)
        .collect();
    if !others.is_empty() {
        attributes.set(CONTEXT, Value::Map(others).to_json());
    }
}

fn origin() -> Value {
    let text = |name: &str, text: &str| (name.to_owned(), Value::from(text));
    let instrumentation = Value::Map(vec![text("name", "genspan")]);
    Value::Map(vec![
        text("name", "genspan"),
        text("version", env!("CARGO_PKG_VERSION")),
        ("instrumentation".to_owned(), instrumentation),
    ])
}
