//! What a library tells of a span while it is under way, as the operation that it stands for.

use genspan::{ErrorType, Failure, Outcome, Record, Timestamp, Value};
use genspan_dialects::{
    Attributes,
    tracing_fields::{Ending, ToldSpan},
};

fn fields(list: &[(&'static str, &str)]) -> Attributes {
    let mut fields = Attributes::default();
    for (name, value) in list {
        fields.set(*name, *value);
    }
    fields
}

/// A call as genai tells of it, with more fields.
fn call(more: &[(&'static str, &str)]) -> ToldSpan {
    let mut told = ToldSpan {
        name: "genai.chat",
        target: "genai::otel",
        module_path: Some("genai::otel"),
        made: Timestamp::from_unix_nanos(1),
        fields: fields(&[
            ("gen_ai.operation.name", "chat"),
            ("gen_ai.provider.name", "openai"),
            ("gen_ai.request.model", "m"),
        ]),
        ..ToldSpan::default()
    };
    told.learn(fields(more));
    told
}

const ANSWER: &str = "gen_ai.usage.input_tokens";
const ERROR: &str = "error.type";

fn ending(told: ToldSpan, declared: &[&str]) -> Ending {
    told.end(declared.iter().copied()).1
}

fn failed(error_type: ErrorType) -> Outcome {
    Outcome::Failed(error_type.into())
}

#[test]
fn the_end_is_what_was_told_and_else_what_would_have_been() {
    let silent: [(&[&str], Outcome); 4] = [
        (&[], Outcome::Completed),
        (&[ERROR], Outcome::Completed),
        (&[ANSWER, ERROR], Outcome::Cancelled),
        (&[ANSWER], failed(ErrorType::Unknown)),
    ];
    for (declared, outcome) in silent {
        assert_eq!(ending(call(&[]), declared), Ending::Supposed(outcome));
    }
    let both = [ANSWER, ERROR];
    let answered = call(&[(ANSWER, "12")]);
    assert_eq!(ending(answered, &both), Ending::Stated(Outcome::Completed));
    let stated = call(&[(ANSWER, "12"), (ERROR, "timeout")]);
    let timeout = Ending::Stated(failed(ErrorType::Timeout));
    assert_eq!(ending(stated, &both), timeout);
}

#[test]
fn the_first_error_of_events_counts_where_no_answer_came() {
    let now = Timestamp::default();
    let mut told = call(&[]);
    told.note(true, fields(&[("message", "first")]), now);
    told.note(true, fields(&[("error", "second")]), now);
    let mut answered = told.clone();
    answered.learn(fields(&[(ANSWER, "12")]));
    let failure = Failure::new(ErrorType::Unknown).with_message("first");
    let failed = Ending::Supposed(Outcome::Failed(failure));
    assert_eq!(ending(told, &[]), failed);
    assert_eq!(ending(answered, &[]), Ending::Stated(Outcome::Completed));
}

#[test]
fn the_words_for_a_bridge_are_no_facts() {
    let told = call(&[
        ("otel.name", "chat m"),
        ("otel.kind", "CLIENT"),
        ("otel.status_code", "Error"),
        ("otel.status_description", "no"),
        ("tier", "gold"),
    ]);
    let (record, ending) = told.end([]);
    let own = vec![("tier".to_owned(), Value::from("gold"))];
    assert_eq!(record.common().attributes, own);
    let failure = Failure::new(ErrorType::Unknown).with_message("no");
    assert_eq!(ending, Ending::Stated(Outcome::Failed(failure)));
}

#[test]
fn an_identity_is_told_from_other_facts_and_the_last_word_stands() {
    let mut told = call(&[]);
    assert!(!told.learn(fields(&[(ANSWER, "12")])));
    assert!(told.learn(fields(&[("gen_ai.request.model", "n")])));
    let Record::Inference(call) = Record::from(told.outline()) else {
        panic!("it is a call to a model");
    };
    assert_eq!(call.request.model.as_deref(), Some("n"));
}

#[test]
fn an_outline_holds_no_long_texts() {
    let said = "canary".repeat(100);
    let told = ToldSpan {
        name: "execute_tool",
        fields: fields(&[
            ("gen_ai.operation.name", "execute_tool"),
            ("gen_ai.tool.name", "weather"),
            ("gen_ai.tool.call.arguments", &said),
        ]),
        ..ToldSpan::default()
    };
    let outline = format!("{:?}", told.outline());
    assert!(outline.contains("weather") && !outline.contains("canary"));
    let (record, _) = told.end([]);
    assert!(format!("{record:?}").contains("canary"));
}

#[test]
fn what_is_no_known_operation_is_a_step_without_content() {
    let told = ToldSpan {
        name: "rerank",
        target: "app",
        fields: fields(&[
            ("gen_ai.operation.name", "rerank"),
            ("app.prompt", "canary"),
        ]),
        ..ToldSpan::default()
    };
    let (record, _) = told.end([]);
    let Record::Step(step) = record else {
        panic!("it is a step");
    };
    assert_eq!(step.name, "rerank");
    assert!(!format!("{step:?}").contains("canary"));
}

#[test]
fn what_events_say_is_content() {
    let mut told = call(&[]);
    let said = fields(&[
        ("event_name", "gen_ai.content.prompt"),
        ("gen_ai.prompt", "Hi"),
    ]);
    told.note(false, said, Timestamp::default());
    told.note(
        false,
        fields(&[("event_name", "app.progress")]),
        Timestamp::default(),
    );
    assert_eq!(told.events.len(), 1);
    told.name = "gen_ai.chat";
    let (record, _) = told.end([]);
    let Record::Inference(call) = record else {
        panic!("it is a call to a model");
    };
    assert_eq!(call.content.input.len(), 1);
}
