//! The fields of a span, as its library records them.

use std::fmt;

use genspan::Value;
use genspan_dialects::may_be_content;
use tracing_core::{Field, field::Visit};

/// Holds fields in the order in which they came, each name once with its last value.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fields(Vec<(&'static str, Value)>);

impl Fields {
    /// Takes later values in.
    pub(crate) fn update(&mut self, later: Self) {
        for (name, value) in later.0 {
            match self.0.iter_mut().find(|(known, _)| *known == name) {
                Some((_, old)) => *old = value,
                None => self.0.push((name, value)),
            }
        }
    }

    /// Walks them in their order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&'static str, &Value)> {
        self.0.iter().map(|(name, value)| (*name, value))
    }

    /// Finds a text by its name.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        let mut values = self.iter();
        values
            .find(|(known, _)| *known == name)
            .and_then(|(_, value)| value.as_str())
    }
}

/// Reads fields before any lock is taken: to show a value is others' code.
#[derive(Debug)]
pub(crate) struct Reader {
    pub(crate) fields: Fields,
    wants_content: bool,
}

impl Reader {
    /// Reads content only where it is wanted; elsewhere it is known that there was some.
    pub(crate) fn new(wants_content: bool) -> Self {
        Self {
            fields: Fields::default(),
            wants_content,
        }
    }

    fn push(&mut self, field: &Field, value: Value) {
        self.fields.0.push((field.name(), value));
    }

    fn text(&mut self, field: &Field, text: impl FnOnce() -> String) {
        let is_wanted = self.wants_content || !may_be_content(field.name());
        let text = if is_wanted { text() } else { String::new() };
        self.push(field, Value::String(text));
    }
}

impl Visit for Reader {
    fn record_bool(&mut self, field: &Field, value: bool) {
        self.push(field, Value::Bool(value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.push(field, Value::Int(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        match i64::try_from(value) {
            Ok(number) => self.push(field, Value::Int(number)),
            Err(_) => self.push(field, Value::String(value.to_string())),
        }
    }

    fn record_i128(&mut self, field: &Field, value: i128) {
        match i64::try_from(value) {
            Ok(number) => self.push(field, Value::Int(number)),
            Err(_) => self.push(field, Value::String(value.to_string())),
        }
    }

    fn record_u128(&mut self, field: &Field, value: u128) {
        match i64::try_from(value) {
            Ok(number) => self.push(field, Value::Int(number)),
            Err(_) => self.push(field, Value::String(value.to_string())),
        }
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.push(field, Value::Double(value));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.text(field, || value.to_owned());
    }

    fn record_error(&mut self, field: &Field, value: &(dyn std::error::Error + 'static)) {
        self.text(field, || value.to_string());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.text(field, || format!("{value:?}"));
    }
}
