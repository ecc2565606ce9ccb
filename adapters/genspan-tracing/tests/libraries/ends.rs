//! How operations begin and end that libraries tell of in all ways.

use std::{panic::AssertUnwindSafe, thread};

use genspan::{ErrorType, Outcome, Provider, Telemetry};
use testkit::{CaptureSink, CapturedSpan};
use tracing::{Span, field::Empty, info_span};

use crate::{recorder, tree, under};

/// A call as genai tells of it.
fn call() -> Span {
    info_span!(
        "genai.chat",
        "otel.name" = "chat m",
        "otel.kind" = "client",
        "otel.status_code" = Empty,
        "error.type" = Empty,
        "gen_ai.operation.name" = "chat",
        "gen_ai.provider.name" = "openai",
        "gen_ai.request.model" = "m",
        "gen_ai.response.id" = Empty,
        "gen_ai.response.finish_reasons" = Empty,
        "gen_ai.usage.input_tokens" = Empty,
    )
}

/// Gives the one span that comes of this.
fn one(work: impl FnOnce(&Telemetry)) -> CapturedSpan {
    let (sink, telemetry) = recorder(false);
    under(&telemetry, || work(&telemetry));
    let mut spans = sink.spans();
    assert_eq!(spans.len(), 1, "{}", tree(&sink));
    spans.remove(0)
}

fn error(span: &CapturedSpan) -> Option<&str> {
    span.signals.get("error.type").and_then(|it| it.as_str())
}

#[test]
fn an_answer_is_a_success_whatever_was_logged() {
    let span = one(|_| {
        let call = call();
        call.in_scope(|| tracing::error!("a tool of the application failed"));
        call.record("gen_ai.usage.input_tokens", 12_u64);
        call.record("gen_ai.usage.input_tokens", 13_u64);
        call.record("gen_ai.response.finish_reasons", r#"["stop"]"#);
    });
    assert_eq!(error(&span), None);
    let json = |key: &str| span.signals.get(key).unwrap().to_json();
    assert_eq!(json("gen_ai.usage.input_tokens"), "13");
    assert_eq!(json("gen_ai.response.finish_reasons"), r#"["stop"]"#);
}

#[test]
fn errors_are_told_in_all_ways() {
    let status = one(|_| {
        let call = call();
        call.record("otel.status_code", "error");
        call.record("error.type", "429");
    });
    assert_eq!(error(&status), Some("rate_limited"));
    let word = one(|_| {
        call().record("error.type", "stream_parse");
    });
    assert_eq!(error(&word), Some("stream_parse"));
    let event = one(|_| call().in_scope(|| tracing::error!(error = "canary", "no")));
    assert_eq!(error(&event), Some("_OTHER"));
    assert!(!format!("{event:?}").contains("canary"));
    let silent = one(|_| drop(call()));
    assert_eq!(error(&silent), Some("cancelled"));
}

#[test]
fn a_library_that_never_tells_of_errors_leaves_them_unknown() {
    let span = one(|_| {
        let operation = info_span!(
            "chat",
            gen_ai.operation.name = "chat",
            gen_ai.usage.input_tokens = Empty
        );
        drop(operation);
    });
    assert_eq!(error(&span), Some("_OTHER"));
}

#[test]
fn a_panic_ends_it() {
    let span = one(|_| {
        let call = call();
        let work = AssertUnwindSafe(|| call.in_scope(|| panic!("on purpose")));
        assert!(std::panic::catch_unwind(work).is_err());
    });
    assert_eq!(error(&span), Some("cancelled"));
}

#[test]
fn older_words_for_operations_are_the_conventions() {
    for (word, name) in [
        ("chat_streaming", "chat m"),
        ("interactions", "chat m"),
        ("image_generation", "generate_content m"),
        ("transcription", "generate_content m"),
    ] {
        let span = one(|_| {
            let made = info_span!(
                "rig",
                gen_ai.operation.name = word,
                gen_ai.provider.name = "openai",
                gen_ai.request.model = "m"
            );
            drop(made);
        });
        assert_eq!(span.signals.name, name);
    }
}

#[test]
fn what_nobody_knows_is_a_span_of_its_own_name() {
    let span = one(|_| {
        let made = info_span!(
            "rerank",
            gen_ai.operation.name = "rerank",
            gen_ai.request.model = "m",
            app.prompt = "canary"
        );
        drop(made);
    });
    assert_eq!(span.signals.name, "rerank");
    assert!(!format!("{span:?}").contains("canary"));
}

#[test]
fn what_is_recorded_before_the_work_is_there_at_the_start() {
    let (sink, telemetry) = recorder(false);
    under(&telemetry, || {
        let tool = info_span!(
            "execute_tool",
            gen_ai.operation.name = "execute_tool",
            gen_ai.tool.name = Empty
        );
        tool.record("gen_ai.tool.name", "weather");
        tool.in_scope(|| {});
    });
    assert_eq!(sink.starts()[0].name, "execute_tool weather");
}

#[test]
fn operations_nest_in_scopes_and_scopes_in_operations() {
    let (sink, telemetry) = recorder(false);
    under(&telemetry, || {
        let agent = telemetry.invoke_agent("outer");
        agent.scope().run(|| {
            // rig's own, which asks for no parent since there is none in `tracing`.
            let inner = info_span!(
                parent: None,
                "invoke_agent",
                gen_ai.operation.name = "invoke_agent",
                gen_ai.agent.name = "inner"
            );
            inner.in_scope(|| {
                telemetry.chat(Provider::OPENAI, "by-hand").finish();
                // One that wants no parent within another gets none.
                info_span!(
                    parent: None,
                    "execute_tool",
                    gen_ai.operation.name = "execute_tool",
                    gen_ai.tool.name = "alone"
                )
                .in_scope(|| {});
            });
            // An operation for a parent, wherever that is.
            let late = info_span!(parent: &inner, "between");
            info_span!(
                parent: &late,
                "execute_tool",
                gen_ai.operation.name = "execute_tool",
                gen_ai.tool.name = "late"
            )
            .in_scope(|| {});
        });
        agent.finish();
    });
    insta::assert_snapshot!(outline(&sink), @r##"
    invoke_agent outer
      invoke_agent inner
        chat by-hand
        execute_tool late
    execute_tool alone
    "##);
}

#[test]
fn work_goes_on_in_other_threads() {
    let (sink, telemetry) = recorder(false);
    under(&telemetry, || {
        let agent = info_span!(
            "invoke_agent",
            gen_ai.operation.name = "invoke_agent",
            gen_ai.agent.name = "guide"
        );
        let dispatch = tracing::dispatcher::get_default(Clone::clone);
        let there = agent.clone();
        let work = thread::spawn(move || {
            let _default = tracing::dispatcher::set_default(&dispatch);
            there.in_scope(|| drop(call()));
        });
        agent.in_scope(|| {});
        work.join().unwrap();
    });
    insta::assert_snapshot!(outline(&sink), @r##"
    invoke_agent guide
      chat m
    "##);
}

#[test]
fn a_call_within_a_call_that_is_recorded_adds_to_it() {
    let span = one(|telemetry| {
        let mut chat = telemetry.chat(Provider::OPENAI, "m");
        chat.scope().run(|| {
            let call = call();
            call.in_scope(|| {});
            call.record("gen_ai.usage.input_tokens", 12_u64);
        });
        chat.response.id = Some("r-1".to_owned());
        chat.finish();
    });
    let json = |key: &str| span.signals.get(key).unwrap().to_json();
    assert_eq!(json("gen_ai.usage.input_tokens"), "12");
    assert_eq!(json("gen_ai.response.id"), r#""r-1""#);
}

#[test]
fn an_owner_that_does_not_know_the_end_believes_what_was_seen() {
    let span = one(|telemetry| {
        call().in_scope(|| {
            let seen = telemetry.chat(Provider::OPENAI, "m");
            seen.end_as(Outcome::Failed(ErrorType::ServerError.into()));
        });
    });
    assert_eq!(error(&span), Some("server_error"));
}

/// Draws names alone.
fn outline(sink: &CaptureSink) -> String {
    let tree = tree(sink);
    let names = tree
        .lines()
        .filter(|line| line.contains(" [") && !line.contains(" = "));
    let names: Vec<&str> = names
        .map(|line| line.split(" [").next().unwrap_or_default())
        .collect();
    names.join("\n")
}

#[test]
fn which_operation_it_is_may_be_told_late() {
    let span = one(|telemetry| {
        let call = info_span!(
            "call",
            "gen_ai.operation.name" = Empty,
            "gen_ai.request.model" = "m",
            "gen_ai.usage.input_tokens" = Empty,
        );
        call.in_scope(|| {});
        call.record("gen_ai.operation.name", "chat");
        call.in_scope(|| telemetry.chat(Provider::OPENAI, "m").finish());
        call.record("gen_ai.usage.input_tokens", 12_u64);
    });
    assert_eq!(span.signals.name, "chat m");
}
