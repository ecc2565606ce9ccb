//! Judgements and exceptions, which stand as events.

#![allow(clippy::indexing_slicing, reason = "tests")]

use std::{fmt, sync::Arc};

use genspan::{
    Capture, Conventions, ErrorType, Evaluation, Event, Failure, Inference, Place, Provider,
    Rendering, SpanContext, Telemetry,
};
use testkit::{CaptureSink, ManualClock};

fn recorder(conventions: Conventions, place: Place) -> (Arc<CaptureSink>, Telemetry) {
    let rendering = Rendering::new(conventions).with_capture(Capture::at(place));
    let sink = CaptureSink::new(rendering);
    let telemetry = Telemetry::builder(Arc::clone(&sink) as _)
        .with_clock(Arc::new(ManualClock::default()))
        .inline()
        .build();
    (sink, telemetry)
}

/// Writes an event as one line for each fact.
fn shown(event: &Event) -> String {
    let mut text = format!("{} {:?}\n", event.name, event.severity);
    for attribute in &event.attributes {
        text += &format!("{} = {}\n", attribute.key, attribute.value.to_json());
    }
    text
}

fn judgement() -> Evaluation {
    Evaluation::new("relevance")
        .with_score(0.5)
        .with_label("fair")
        .with_response_id("chatcmpl-1")
        .with_explanation("it names sk-proj-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")
}

#[test]
fn a_judgement_belongs_to_the_span_that_is_judged() {
    let (sink, telemetry) = recorder(Conventions::V1_41, Place::None);
    let call = telemetry.start(Inference::chat(Provider::OPENAI, "m"));
    let context = call.context().clone();
    call.scope().run(|| telemetry.evaluated(judgement()));
    call.finish();
    telemetry.evaluated(judgement().of_span(context.clone()));
    telemetry.evaluated(judgement());
    let of: Vec<Option<SpanContext>> = sink.events().into_iter().map(|(of, _)| of).collect();
    assert_eq!(of, [Some(context.clone()), Some(context), None]);
    insta::assert_snapshot!(shown(&sink.events()[0].1), @r#"
    gen_ai.evaluation.result Info
    gen_ai.evaluation.name = "relevance"
    gen_ai.evaluation.score.label = "fair"
    gen_ai.response.id = "chatcmpl-1"
    gen_ai.evaluation.score.value = 0.5
    "#);
}

#[test]
fn reasons_are_content_and_redacted() {
    let (sink, telemetry) = recorder(Conventions::V1_41, Place::Span);
    telemetry.evaluated(judgement());
    insta::assert_snapshot!(shown(&sink.events()[0].1), @r#"
    gen_ai.evaluation.result Info
    gen_ai.evaluation.name = "relevance"
    gen_ai.evaluation.score.label = "fair"
    gen_ai.response.id = "chatcmpl-1"
    gen_ai.evaluation.explanation = "it names [redacted:openai-key]"
    gen_ai.evaluation.score.value = 0.5
    "#);
}

#[test]
fn a_version_without_judgements_gets_none() {
    let (sink, telemetry) = recorder(Conventions::V1_36, Place::Span);
    telemetry.evaluated(judgement());
    assert!(sink.events().is_empty());
}

#[derive(Debug)]
struct TooBusy;

impl fmt::Display for TooBusy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("come back later, canary")
    }
}

impl std::error::Error for TooBusy {}

/// Gives the events of a call that fails so.
fn failing(conventions: Conventions, place: Place, failure: Failure) -> Vec<String> {
    let (sink, telemetry) = recorder(conventions, place);
    telemetry
        .start(Inference::chat(Provider::OPENAI, "m"))
        .fail(failure);
    let events = &sink.spans()[0].signals.events;
    events.iter().map(shown).collect()
}

#[test]
fn an_error_that_ends_a_call_is_an_exception() {
    let seen = || Failure::of(&TooBusy).with_status(429);
    insta::assert_snapshot!(failing(Conventions::V1_41, Place::None, seen()).join("\n"), @r#"
    gen_ai.client.operation.exception Warn
    exception.type = "events::TooBusy"
    exception.message = "HTTP 429"
    "#);
    insta::assert_snapshot!(failing(Conventions::Main, Place::Span, seen()).join("\n"), @r#"
    gen_ai.client.operation.exception Warn
    exception.type = "events::TooBusy"
    exception.message = "come back later, canary"
    "#);
    let told = ErrorType::RateLimited.into();
    insta::assert_snapshot!(failing(Conventions::V1_41, Place::None, told).join("\n"), @r#"
    gen_ai.client.operation.exception Warn
    exception.type = "rate_limited"
    "#);
    assert!(failing(Conventions::V1_36, Place::None, seen()).is_empty());
}

#[test]
fn a_lost_interest_and_a_failing_tool_are_no_exceptions() {
    let (sink, telemetry) = recorder(Conventions::V1_41, Place::None);
    drop(telemetry.start(Inference::chat(Provider::OPENAI, "m")));
    telemetry.execute_tool("t").fail(Failure::of(&TooBusy));
    for span in sink.spans() {
        assert!(span.signals.is_error && span.signals.events.is_empty());
    }
}
