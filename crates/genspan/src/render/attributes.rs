//! Gathering the attributes of a span.

use std::borrow::Cow;

use super::content::Redacted;
use crate::{
    Conventions, Provider, Server, Value, redact::Redactor, semconv::attribute as key,
    signals::Attribute,
};

/// Gathers attributes, each key once and every text without secrets.
pub(super) struct Attributes<'a> {
    list: Vec<Attribute>,
    redactor: &'a Redactor,
}

impl<'a> Attributes<'a> {
    pub(super) fn new(redactor: &'a Redactor) -> Self {
        Self {
            // Few calls have more, and allocators are quick with blocks of up to a kilobyte.
            list: Vec::with_capacity(1024 / size_of::<Attribute>()),
            redactor,
        }
    }

    pub(super) fn into_list(self) -> Vec<Attribute> {
        self.list
    }

    pub(super) fn as_list(&self) -> &[Attribute] {
        &self.list
    }

    fn push(&mut self, key: impl Into<Cow<'static, str>>, value: Value) {
        let key = key.into();
        debug_assert!(
            self.list.iter().all(|known| known.key != key),
            "{key} is written twice"
        );
        self.list.push(Attribute { key, value });
    }

    /// Writes one of the conventions' own words.
    pub(super) fn word(&mut self, key: &'static str, word: &'static str) {
        self.push(key, Value::from(word));
    }

    /// Writes a text of the application's or the provider's.
    pub(super) fn text(&mut self, key: &'static str, text: &str) {
        let text = self.redactor.redact(text).into_owned();
        self.push(key, Value::String(text));
    }

    /// Writes a text where there is one.
    pub(super) fn text_if(&mut self, key: &'static str, text: Option<&str>) {
        if let Some(text) = text {
            self.text(key, text);
        }
    }

    /// Writes a list of texts where there are any.
    pub(super) fn texts<'t>(
        &mut self,
        key: &'static str,
        texts: impl IntoIterator<Item = &'t str>,
    ) {
        let texts: Vec<Value> = texts
            .into_iter()
            .map(|text| Value::String(self.redactor.redact(text).into_owned()))
            .collect();
        if !texts.is_empty() {
            self.push(key, Value::Array(texts));
        }
    }

    /// Writes a number where there is one.
    pub(super) fn count_if(&mut self, key: &'static str, number: Option<u64>) {
        if let Some(number) = number {
            self.push(key, super::count(number));
        }
    }

    /// Writes a number unless it is zero.
    pub(super) fn count_nonzero(&mut self, key: &'static str, number: usize) {
        self.count_if(key, u64::try_from(number).ok().filter(|number| *number > 0));
    }

    /// Writes a whole number with sign where there is one.
    pub(super) fn int_if(&mut self, key: &'static str, number: Option<i64>) {
        if let Some(number) = number {
            self.push(key, Value::Int(number));
        }
    }

    /// Writes a list of numbers where there are any.
    pub(super) fn counts(&mut self, key: &'static str, numbers: Vec<u64>) {
        if !numbers.is_empty() {
            let numbers = numbers.into_iter().map(super::count);
            self.push(key, Value::Array(numbers.collect()));
        }
    }

    /// Writes a floating point number where there is one.
    pub(super) fn double_if(&mut self, key: &'static str, number: Option<f64>) {
        if let Some(number) = number {
            self.push(key, Value::Double(number));
        }
    }

    /// Writes `true`, or nothing.
    pub(super) fn flag(&mut self, key: &'static str, is_set: bool) {
        if is_set {
            self.push(key, Value::Bool(true));
        }
    }

    /// Writes content that has gone through the policy.
    pub(super) fn content(&mut self, key: impl Into<Cow<'static, str>>, content: Redacted) {
        self.push(key, content.into_value());
    }

    /// Writes the provider under the version's key.
    pub(super) fn provider(&mut self, version: Conventions, provider: &Provider) {
        let (key, word) = provider.named_in(version);
        self.text(key, word);
    }

    /// Writes the server's address and port.
    pub(super) fn server(&mut self, server: Option<&Server>) {
        if let Some(server) = server {
            self.text(key::SERVER_ADDRESS, &server.address);
            self.int_if(key::SERVER_PORT, server.port.map(i64::from));
        }
    }

    /// Writes an attribute of the application's own, unless its key is taken.
    pub(super) fn custom(&mut self, name: &str, value: &Value) {
        if self.list.iter().all(|known| known.key != name) {
            let value = super::content::redact(self.redactor, Some(name), value);
            self.push(name.to_owned(), value);
        }
    }
}
