//! From whichever language a span speaks into a vendor's.

use genspan::{
    Value,
    semconv::{
        Conventions, attribute as key,
        spec::{self, AttributeType},
    },
};

use crate::{Attributes, Dialect, Settings, Span};

impl Dialect {
    /// Says in the vendor's language what a span says in whichever language it speaks.
    ///
    /// A span that speaks [another dialect](Self::READ) is read first, so that it ends with the conventions' keys and the
    /// vendor's. Numbers, flags and lists that became texts on their way, as `tracing` makes them, are such again where
    /// the conventions have them so; what is no number stays as it is. Saying it twice changes nothing.
    ///
    /// ```
    /// use genspan::Value;
    /// use genspan_dialects::{Dialect, Settings, Span};
    ///
    /// let mut span = Span::default();
    /// span.attributes.set("openinference.span.kind", "LLM");
    /// span.attributes.set("llm.token_count.prompt", "12");
    /// Dialect::Braintrust.translate(&mut span, &Settings::default());
    /// for key in ["gen_ai.usage.input_tokens", "braintrust.metrics.prompt_tokens"] {
    ///     assert_eq!(span.attributes.get(key), Some(&Value::Int(12)));
    /// }
    /// ```
    pub fn translate(self, span: &mut Span, settings: &Settings) {
        let mut others = Self::READ.iter().filter(|other| **other != self);
        let _spoken = others.find(|other| other.read(span));
        mend(&mut span.attributes);
        self.write(span, settings);
    }
}

/// Gives values the types that the conventions have for them.
fn mend(attributes: &mut Attributes) {
    let mended: Vec<(String, Value)> = attributes
        .iter()
        .filter_map(|(key, value)| {
            let text = value.as_str()?;
            Some((key.to_owned(), typed(text, type_of(key)?)?))
        })
        .collect();
    for (key, value) in mended {
        attributes.set(key, value);
    }
}

/// Finds what values a key takes; versions differ in few, and then the last released one says.
fn type_of(key: &str) -> Option<AttributeType> {
    let versions = [Conventions::V1_41, Conventions::Main, Conventions::V1_36];
    let known = versions
        .into_iter()
        .find_map(|version| spec::attribute(version, key));
    // Clients count what the conventions do not, with words of their own.
    let usage = key::GEN_AI_USAGE_INPUT_TOKENS.trim_end_matches("input_tokens");
    let is_count = || key.starts_with(usage);
    known
        .map(|known| known.kind)
        .or_else(|| is_count().then_some(AttributeType::Int))
}

fn typed(text: &str, kind: AttributeType) -> Option<Value> {
    match kind {
        AttributeType::Int => text.parse().ok().map(Value::Int),
        AttributeType::Double => {
            let number: f64 = text.parse().ok()?;
            number.is_finite().then_some(Value::Double(number))
        }
        AttributeType::Boolean => text.parse().ok().map(Value::Bool),
        AttributeType::Strings => match Value::from_json(text).ok()? {
            Value::Array(items) if items.iter().all(|item| item.as_str().is_some()) => {
                Some(Value::Array(items))
            }
            _ => None,
        },
        AttributeType::String
        | AttributeType::Any
        | AttributeType::Enum(_)
        | AttributeType::Template => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mended(key: &'static str, text: &str) -> Value {
        let mut attributes = Attributes::default();
        attributes.set(key, text);
        mend(&mut attributes);
        attributes.take(key).unwrap()
    }

    #[test]
    fn texts_become_what_the_conventions_have_there() {
        let number = Value::Int(12);
        assert_eq!(mended(key::GEN_AI_USAGE_INPUT_TOKENS, "12"), number);
        assert_eq!(mended("gen_ai.usage.tool_use_prompt_tokens", "12"), number);
        let half = Value::Double(0.5);
        assert_eq!(mended(key::GEN_AI_REQUEST_TEMPERATURE, "0.5"), half);
        let yes = Value::Bool(true);
        assert_eq!(mended(key::GEN_AI_REQUEST_STREAM, "true"), yes);
        let reasons = mended(key::GEN_AI_RESPONSE_FINISH_REASONS, r#"["stop"]"#);
        assert_eq!(reasons, Value::Array(vec![Value::from("stop")]));
    }

    #[test]
    fn what_is_a_text_stays_one() {
        for (key, text) in [
            (key::GEN_AI_USAGE_INPUT_TOKENS, "many"),
            (key::GEN_AI_USAGE_INPUT_TOKENS, "12.5"),
            (key::GEN_AI_REQUEST_TEMPERATURE, "inf"),
            (key::GEN_AI_REQUEST_MODEL, "12"),
            (key::GEN_AI_CONVERSATION_ID, "12"),
            (key::GEN_AI_RESPONSE_FINISH_REASONS, "[1]"),
            ("app.attempts", "12"),
        ] {
            assert_eq!(mended(key, text), Value::from(text), "{key}");
        }
    }

    #[test]
    fn saying_it_twice_changes_nothing() {
        for dialect in Dialect::WRITTEN {
            let mut span = Span::default();
            span.attributes.set(key::GEN_AI_OPERATION_NAME, "chat");
            span.attributes.set(key::GEN_AI_REQUEST_MODEL, "m");
            span.attributes.set(key::GEN_AI_USAGE_INPUT_TOKENS, "12");
            let settings = Settings::default();
            dialect.translate(&mut span, &settings);
            let once = span.clone();
            dialect.translate(&mut span, &settings);
            assert_eq!(span, once, "{dialect}");
        }
    }
}
