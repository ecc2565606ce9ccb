//! Times in milliseconds, where the conventions have seconds.

use genspan::Value;

use crate::Attributes;

/// Moves a time to a key of the conventions, unless that is taken; what is no number stays.
pub(crate) fn rename(attributes: &mut Attributes, from: &str, to: &'static str) {
    let millis = match attributes.get(from) {
        Some(Value::Double(millis)) => Some(*millis),
        Some(Value::Int(millis)) => i32::try_from(*millis).ok().map(f64::from),
        Some(Value::String(text)) => text.parse().ok(),
        _ => None,
    };
    if let Some(millis) = millis
        && !attributes.has(to)
    {
        attributes.take(from);
        attributes.set(to, millis / 1000.0);
    }
}
