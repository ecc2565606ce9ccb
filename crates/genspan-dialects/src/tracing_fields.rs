//! What spans of `tracing` have in common once `tracing-opentelemetry` hands them on.

use genspan::{Value, semconv::attribute as key};

use crate::{Attributes, Span, Status, naming, providers, tokens, typed};

/// Keys under which the bridge says which module made a span.
const MODULES: [&str; 3] = ["target", "code.module.name", "code.namespace"];

/// Holds a key of a library, and the conventions' key for the same fact.
pub(crate) type Renamed = (&'static str, &'static str);

/// Tells whether a span was made in a crate, by its name in code.
pub(crate) fn is_of(attributes: &Attributes, krate: &str) -> bool {
    let mut modules = MODULES.iter().filter_map(|key| attributes.text(key));
    modules.any(|module| {
        let rest = module.strip_prefix(krate);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
    })
}

/// Tells whether a count became a text on its way, as whole numbers without a sign do.
pub(crate) fn has_count_as_text(attributes: &Attributes) -> bool {
    [
        key::GEN_AI_USAGE_INPUT_TOKENS,
        key::GEN_AI_USAGE_OUTPUT_TOKENS,
    ]
    .iter()
    .any(|key| matches!(attributes.get(key), Some(Value::String(_))))
}

/// Renames a library's keys, and gives all keys their types and the span its name and kind.
pub(crate) fn read(span: &mut Span, renamed: &[Renamed]) {
    let attributes = &mut span.attributes;
    providers::from_system(attributes);
    for (from, to) in renamed {
        attributes.fold(from, to);
    }
    typed::restore(attributes);
    tokens::drop_total(attributes, "gen_ai.usage.total_tokens");
    if attributes.has(key::ERROR_TYPE) && !matches!(span.status, Status::Error(_)) {
        span.status = Status::Error(String::new());
    }
    naming::conventional(span);
}
