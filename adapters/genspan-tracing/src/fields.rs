//! The fields of a span or event, as its library records them.

use std::fmt;

use genspan::Value;
use genspan_dialects::{Attributes, may_be_content};
use tracing_core::{Field, field::Visit};

/// Reads fields before any lock is taken: to show a value is others' code.
#[derive(Debug)]
pub(crate) struct Reader {
    pub(crate) fields: Attributes,
    wants_content: bool,
}

impl Reader {
    /// Reads content only where it is wanted; elsewhere it is known that there was some.
    pub(crate) fn new(wants_content: bool) -> Self {
        Self {
            fields: Attributes::default(),
            wants_content,
        }
    }

    /// Takes a number that may be larger than telemetry's are, and then is a text.
    fn whole<T: TryInto<i64> + ToString + Copy>(&mut self, field: &Field, value: T) {
        let number = value.try_into().map(Value::Int);
        let number = number.unwrap_or_else(|_| Value::String(value.to_string()));
        self.fields.set(field.name(), number);
    }

    fn text(&mut self, field: &Field, text: impl FnOnce() -> String) {
        let is_wanted = self.wants_content || !may_be_content(field.name());
        let text = if is_wanted { text() } else { String::new() };
        self.fields.set(field.name(), text);
    }
}

impl Visit for Reader {
    fn record_bool(&mut self, field: &Field, value: bool) {
        self.fields.set(field.name(), value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.fields.set(field.name(), value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.whole(field, value);
    }

    fn record_i128(&mut self, field: &Field, value: i128) {
        self.whole(field, value);
    }

    fn record_u128(&mut self, field: &Field, value: u128) {
        self.whole(field, value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.fields.set(field.name(), value);
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
