//! Which library made a span, and where it runs.

use genspan::Value;

use super::CONTEXT;
use crate::Attributes;

const ORIGIN: &str = "span_origin";
const ENVIRONMENT: &str = "environment";

/// Says what a program runs in, as Braintrust's pages show it beside a span.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Environment {
    /// The sort of place: `ci`, `server`, `local` or a word of the application's own.
    pub kind: Option<String>,
    /// The place, such as `github_actions` or `staging`.
    pub name: Option<String>,
}

/// States that genspan sends the span and which library made it where, unless the application states where it comes from.
pub(super) fn write(attributes: &mut Attributes, scope: &str, place: Option<&Environment>) {
    let mut members = match attributes.take_structured(CONTEXT) {
        Some(Value::Map(members)) => members,
        _ => Vec::new(),
    };
    if members.iter().all(|(name, _)| name != ORIGIN) {
        let mut origin = origin(scope);
        origin.extend(place.and_then(environment));
        members.push((ORIGIN.to_owned(), Value::Map(origin)));
    }
    attributes.set(CONTEXT, Value::Map(members).to_json());
}

/// Takes away what `write` stated.
pub(super) fn read(attributes: &mut Attributes, scope: &str) {
    let Some(Value::Map(members)) = attributes.take_structured(CONTEXT) else {
        return;
    };
    let own = origin(scope);
    let is_own = |value: &Value| match value {
        Value::Map(stated) => {
            let stated = stated.iter().filter(|(name, _)| name != ENVIRONMENT);
            stated.eq(&own)
        }
        _ => false,
    };
    let others: Vec<_> = members
        .into_iter()
        .filter(|(name, value)| name != ORIGIN || !is_own(value))
        .collect();
    if !others.is_empty() {
        attributes.set(CONTEXT, Value::Map(others).to_json());
    }
}

fn text(name: &str, text: &str) -> (String, Value) {
    (name.to_owned(), Value::from(text))
}

fn origin(scope: &str) -> Vec<(String, Value)> {
    let made = if scope.is_empty() { "genspan" } else { scope };
    let instrumentation = Value::Map(vec![text("name", made)]);
    vec![
        text("name", "genspan"),
        text("version", env!("CARGO_PKG_VERSION")),
        ("instrumentation".to_owned(), instrumentation),
    ]
}

fn environment(place: &Environment) -> Option<(String, Value)> {
    let stated = [("type", &place.kind), ("name", &place.name)];
    let members: Vec<_> = stated
        .into_iter()
        .filter_map(|(name, value)| Some(text(name, value.as_deref()?)))
        .collect();
    (!members.is_empty()).then(|| (ENVIRONMENT.to_owned(), Value::Map(members)))
}
