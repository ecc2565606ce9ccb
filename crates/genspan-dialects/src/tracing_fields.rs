//! What the fields of `tracing`'s spans mean, in a program and once `tracing-opentelemetry` hands them on.

mod told_span;

use genspan::{Value, semconv::attribute as key};

pub use self::told_span::{Ending, ToldSpan};
use crate::{Attributes, Span, Status, adk, langchain, naming, providers, tokens, typed};

/// Keys under which the bridge says which module made a span.
const MODULES: [&str; 3] = [TARGET, MODULE, "code.namespace"];
const TARGET: &str = "target";
const MODULE: &str = "code.module.name";

/// Tells whether a span that a library makes with `tracing` stands for an operation, by its static name and the names
/// of its fields, whatever they hold.
///
/// ```
/// use genspan_dialects::tracing_fields::is_operation;
///
/// let fields = ["provider", "model", "prompt_tokens"];
/// assert!(is_operation("llm.generate", |field| fields.contains(&field)));
/// assert!(!is_operation("request", |field| field == "http.method"));
/// ```
#[must_use]
pub fn is_operation(name: &str, has: impl Fn(&str) -> bool) -> bool {
    has(key::GEN_AI_OPERATION_NAME)
        || adk::operation(name, &has).is_some()
        || langchain::operation(name, &has).is_some()
}

/// Tells whether a field says which operation a span stands for: its model, tool, agent or call.
fn is_identity(field: &str) -> bool {
    const OTHERS: [&str; 6] = [
        "agent.name",
        "gen_ai.tool.call_id",
        "model",
        "model.name",
        "tool",
        "tool.name",
    ];
    const KEYS: [&str; 6] = [
        key::GEN_AI_AGENT_NAME,
        key::GEN_AI_OPERATION_NAME,
        key::GEN_AI_PROVIDER_NAME,
        key::GEN_AI_REQUEST_MODEL,
        key::GEN_AI_TOOL_CALL_ID,
        key::GEN_AI_TOOL_NAME,
    ];
    KEYS.contains(&field) || OTHERS.contains(&field)
}

/// Tells whether a field is recorded only once an answer came, whatever may be told of content.
///
/// langchain-rust has none: where a provider states no tokens, it tells nothing of an answer.
fn is_answer(field: &str) -> bool {
    const BEGINNINGS: [&str; 2] = ["gen_ai.usage.", "gen_ai.response."];
    field == "gen_ai.tool.call.outcome"
        || field != key::GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK
            && BEGINNINGS
                .iter()
                .any(|beginning| field.starts_with(beginning))
}

/// Tells whether an event by this name holds what was said, as adk's do.
fn is_content_event(name: &str) -> bool {
    name.starts_with("gen_ai.content.")
}

/// Tells whether a field is recorded only of an error.
fn is_error(field: &str) -> bool {
    const FIELDS: [&str; 4] = [
        key::ERROR_TYPE,
        "error",
        "gen_ai.tool.error.type",
        "otel.status_code",
    ];
    FIELDS.contains(&field)
}

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
