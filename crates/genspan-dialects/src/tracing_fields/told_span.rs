//! From what a library tells of a span to the operation that it stands for.

use std::mem;

use genspan::{
    Attribute, ErrorType, Event, Failure, Outcome, Outline, Record, Severity, Step, Timestamp,
    Value, semconv::attribute as key,
};

use super::{MODULE, TARGET, is_answer, is_content_event, is_error, is_identity};
use crate::{Attributes, Kind, Span, Status, may_be_content, outcome, read, record};

/// Gathers what a library tells of one of its spans, from its making to its close, and reads the operation of that.
///
/// It is for who listens to `tracing` itself; a span that the bridge hands on is [read](crate::read) as any other.
///
/// ```
/// use genspan::Record;
/// use genspan_dialects::{Attributes, tracing_fields::{Ending, ToldSpan}};
///
/// let mut fields = Attributes::default();
/// fields.set("provider", "openai");
/// fields.set("model", "gpt-4o-mini");
/// let mut span = ToldSpan {
///     name: "llm.generate",
///     target: "langchain_rust::llm",
///     fields,
///     ..ToldSpan::default()
/// };
/// let mut later = Attributes::default();
/// later.set("prompt_tokens", 12_i64);
/// assert!(!span.learn(later), "which call it is was known before");
///
/// let (record, ending) = span.end(["provider", "model", "prompt_tokens", "error"]);
/// let Record::Inference(call) = record else { panic!() };
/// assert_eq!(call.usage.input(), Some(12));
/// assert_eq!(ending, Ending::Supposed(genspan::Outcome::Completed));
/// ```
#[derive(Clone, Debug, Default)]
pub struct ToldSpan {
    /// Its name in the code.
    pub name: &'static str,
    /// Its target, as `tracing` calls the part of a program that it is from.
    pub target: &'static str,
    /// The module that makes it, where that is known.
    pub module_path: Option<&'static str>,
    /// When it was made.
    pub made: Timestamp,
    /// What was recorded of it by now.
    pub fields: Attributes,
    /// What was said in it, where events tell that; [`note`](Self::note) keeps the first 128.
    pub events: Vec<Event>,
    /// The text of the first event in it that tells of an error, empty where that has none.
    pub error: Option<String>,
}

/// Tells how an operation ended, and how sure that is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// So the library says.
    Stated(Outcome),
    /// Nobody says it: as instrumentation further in saw it, else so.
    Supposed(Outcome),
}

/// Fields for how bridges to OpenTelemetry are to make a span.
const BRIDGE: &str = "otel.";
/// Events that tell what was said, of one span; later ones are left out, as SDKs do.
const MAX_EVENTS: usize = 128;
/// Texts of more bytes than this name nothing.
const MAX_NAME: usize = 256;

impl ToldSpan {
    /// Takes in fields that are recorded later; `true` where they say which operation it is.
    pub fn learn(&mut self, fields: Attributes) -> bool {
        let says_which = fields.iter().any(|(name, _)| is_identity(name));
        for field in fields.into_list() {
            self.fields.set(field.key, field.value);
        }
        says_which
    }

    /// Takes in what an event in it tells: that there was an error, or what was said.
    pub fn note(&mut self, is_error: bool, fields: Attributes, at: Timestamp) {
        if is_error && self.error.is_none() {
            let text = fields.text("error").or_else(|| fields.text("message"));
            self.error = Some(text.unwrap_or_default().to_owned());
        }
        let said = fields
            .text("event_name")
            .filter(|name| is_content_event(name));
        if let Some(name) = said.map(str::to_owned)
            && self.events.len() < MAX_EVENTS
        {
            self.events.push(Event {
                name: name.into(),
                at,
                severity: Severity::Info,
                attributes: fields.into_list(),
                body: None,
            });
        }
    }

    /// Gives what is known of the operation before its end, without long texts: those are no names.
    #[must_use]
    pub fn outline(&self) -> Outline {
        let is_name = |value: &Value| value.as_str().is_none_or(|text| text.len() <= MAX_NAME);
        let fields = self
            .fields
            .copy_of(|one| one.key.starts_with(BRIDGE) || is_name(&one.value));
        operation(self.view(fields)).0.into()
    }

    /// Gives the operation, and how it ended: `declared` are the names of all fields that the library may record of it.
    ///
    /// It failed where the span says so; else it completed where an answer was told of. The rest is supposed: it failed
    /// if an event told of an error. If not, it completed where the library tells of no answers at all, was cancelled
    /// where it would have told of an error, and else failed for reasons unknown.
    #[must_use]
    pub fn end<'a>(mut self, declared: impl IntoIterator<Item = &'a str>) -> (Record, Ending) {
        let is_answered = self.fields.iter().any(|(name, _)| is_answer(name));
        let fields = mem::take(&mut self.fields);
        let mut span = self.view(fields);
        span.events = self.events;
        let (record, stated) = operation(span);
        let ending = match stated {
            Outcome::Completed if !is_answered => Ending::Supposed(supposed(self.error, declared)),
            stated => Ending::Stated(stated),
        };
        (record, ending)
    }

    /// Gives it with these fields as dialects see it.
    fn view(&self, mut fields: Attributes) -> Span {
        let is = |word: Option<&str>, known| word.is_some_and(|it| it.eq_ignore_ascii_case(known));
        let name = fields.text("otel.name").unwrap_or(self.name).to_owned();
        let kind = if is(fields.text("otel.kind"), "client") {
            Kind::Client
        } else {
            Kind::Internal
        };
        let status = if is(fields.text("otel.status_code"), "error") {
            let text = fields.text("otel.status_description");
            Status::Error(text.unwrap_or_default().to_owned())
        } else {
            Status::Unset
        };
        fields.retain(|key| !key.starts_with(BRIDGE));
        fields.set_if_free(TARGET, Some(self.target));
        fields.set_if_free(MODULE, self.module_path);
        Span {
            name,
            kind,
            status,
            attributes: fields,
            started: Some(self.made),
            ..Span::default()
        }
    }
}

/// Reads a span in whatever language it speaks; what stands for no operation that is known is a step of its own name.
fn operation(mut span: Span) -> (Record, Outcome) {
    read(&mut span);
    for maker in [TARGET, MODULE] {
        span.attributes.take(maker);
    }
    let ended = outcome(&span);
    let known = record(&span).unwrap_or_else(|| {
        let mut step = Step::new(span.name);
        let rest = span.attributes.into_list().into_iter();
        let is_told = |one: &Attribute| one.key != key::ERROR_TYPE && !may_be_content(&one.key);
        let rest = rest.filter(is_told);
        step.common.attributes = rest.map(|one| (one.key.into_owned(), one.value)).collect();
        Record::Step(Box::new(step))
    });
    (known, ended)
}

/// Tells how an operation ended that states neither an error nor an answer.
fn supposed<'a>(error: Option<String>, declared: impl IntoIterator<Item = &'a str>) -> Outcome {
    let unknown = Failure::new(ErrorType::Unknown);
    if let Some(text) = error {
        let message = Some(text).filter(|text| !text.is_empty());
        return Outcome::Failed(Failure { message, ..unknown });
    }
    let (mut tells_answers, mut tells_errors) = (false, false);
    for field in declared {
        tells_answers |= is_answer(field);
        tells_errors |= is_error(field);
    }
    match (tells_answers, tells_errors) {
        (false, _) => Outcome::Completed,
        (true, true) => Outcome::Cancelled,
        (true, false) => Outcome::Failed(unknown),
    }
}
