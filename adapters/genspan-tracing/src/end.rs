//! From what a library told of a span to the operation that it stands for.

use genspan::{
    Attribute, ErrorType, Event, Failure, Outcome, Outline, Record, Step, Timestamp, Value,
    semconv::attribute as key,
};
use genspan_dialects::{
    Attributes, Kind, Span, Status, may_be_content, outcome, read, record,
    tracing_fields::{is_answer, is_error},
};
use tracing_core::Metadata;

use crate::fields::Fields;

/// Holds what was told of a span.
#[derive(Clone, Debug, Default)]
pub(crate) struct Told {
    pub(crate) fields: Fields,
    /// What was said, where events tell it.
    pub(crate) events: Vec<Event>,
    /// The text of the first event that tells an error.
    pub(crate) error: Option<String>,
}

/// Tells how an operation ended.
#[derive(Debug)]
pub(crate) enum End {
    Known(Outcome),
    /// As somebody further in saw it, else so.
    Unknown(Outcome),
}

/// Fields for how bridges to OpenTelemetry are to make a span.
const BRIDGE: &str = "otel.";
/// What bridges say of where a span was made.
const MAKERS: [&str; 2] = ["target", "code.module.name"];
/// Texts of more than this name nothing.
const MAX_NAME: usize = 256;

/// Gives what is known of the operation before its end.
pub(crate) fn outline(metadata: &Metadata<'_>, told: &Told, made: Timestamp) -> Outline {
    let is_name = |value: &Value| value.as_str().is_none_or(|text| text.len() <= MAX_NAME);
    let fields = told.fields.iter().filter(|(_, value)| is_name(value));
    let span = span(metadata, fields, &told.fields, made);
    operation(span).0.into()
}

/// Gives the operation, and how it ended.
pub(crate) fn end(metadata: &Metadata<'_>, told: Told, made: Timestamp) -> (Record, End) {
    let mut span = span(metadata, told.fields.iter(), &told.fields, made);
    span.events = told.events;
    let (record, stated) = operation(span);
    let end = match stated {
        Outcome::Completed => unstated(metadata, &told.fields, told.error),
        stated => End::Known(stated),
    };
    (record, end)
}

/// Gives the span as dialects see it.
fn span<'a>(
    metadata: &Metadata<'_>,
    fields: impl Iterator<Item = (&'static str, &'a Value)>,
    all: &Fields,
    made: Timestamp,
) -> Span {
    let is_error = |code: &str| code.eq_ignore_ascii_case("error");
    let stated = fields
        .filter(|(name, _)| !name.starts_with(BRIDGE))
        .map(|(name, value)| Attribute {
            key: name.into(),
            value: value.clone(),
        });
    let mut attributes = Attributes::new(stated.collect());
    let makers = [Some(metadata.target()), metadata.module_path()];
    for (key, maker) in MAKERS.into_iter().zip(makers) {
        attributes.set_if_free(key, maker);
    }
    Span {
        name: all.text("otel.name").unwrap_or(metadata.name()).to_owned(),
        kind: match all.text("otel.kind") {
            Some(kind) if kind.eq_ignore_ascii_case("client") => Kind::Client,
            _ => Kind::Internal,
        },
        status: match all.text("otel.status_code") {
            Some(code) if is_error(code) => {
                let text = all.text("otel.status_description");
                Status::Error(text.unwrap_or_default().to_owned())
            }
            _ => Status::Unset,
        },
        attributes,
        started: Some(made),
        ..Span::default()
    }
}

/// Reads a span in whatever language it speaks; what stands for no operation that is known is a step of its own name.
fn operation(mut span: Span) -> (Record, Outcome) {
    read(&mut span);
    for maker in MAKERS {
        span.attributes.take(maker);
    }
    let ended = outcome(&span);
    let known = record(&span).unwrap_or_else(|| {
        let mut step = Step::new(span.name);
        let rest = span.attributes.into_list().into_iter();
        let rest = rest.filter(|one| one.key != key::ERROR_TYPE && !may_be_content(&one.key));
        step.common.attributes = rest.map(|one| (one.key.into_owned(), one.value)).collect();
        Record::Step(Box::new(step))
    });
    (known, ended)
}

/// Tells how an operation ended whose span states no error.
fn unstated(metadata: &Metadata<'_>, fields: &Fields, error: Option<String>) -> End {
    if fields.iter().any(|(name, _)| is_answer(name)) {
        return End::Known(Outcome::Completed);
    }
    if let Some(text) = error {
        let failure = Failure::new(ErrorType::Unknown);
        let failure = if text.is_empty() {
            failure
        } else {
            failure.with_message(text)
        };
        return End::Unknown(Outcome::Failed(failure));
    }
    let could = |tells: fn(&str) -> bool| metadata.fields().iter().any(|field| tells(field.name()));
    End::Unknown(if !could(is_answer) {
        Outcome::Completed
    } else if could(is_error) {
        Outcome::Cancelled
    } else {
        Outcome::Failed(ErrorType::Unknown.into())
    })
}
