//! Rules about spans.

use genspan::Conventions;
use genspan::semconv::{attribute as key, event};
use genspan_check::{Checker, Options, SpanView};
use serde_json::json;

use crate::build::{
    SPAN, Thing, advice, chat, check, check_with, double, failed_chat, in_traces, int, made_up,
    mcp, memory, of_span, old_chat, text, texts, tool, violation, words, yes,
};

#[test]
fn right_spans_have_no_findings() {
    let foreign = Thing(json!({
        "traceId": "0af7651916cd43dd8448eb211c80319c", "spanId": SPAN, "name": "GET /", "kind": 2,
        "startTimeUnixNano": 1, "endTimeUnixNano": 2, "status": { "code": 1 },
        "attributes": [{ "key": "whatever", "value": { "stringValue": "" } }],
    }));
    for span in [chat(), failed_chat(), tool(), memory(), mcp(), foreign] {
        let name = span.0["name"].clone();
        assert_eq!(of_span(span), [""; 0], "{name}");
    }
}

/// Holds spans against what is to be found in them.
fn expect(table: Vec<(Thing, Vec<String>)>) {
    for (span, expected) in table {
        let shown = span.0.to_string();
        assert_eq!(of_span(span), expected, "{shown}");
    }
}

#[test]
fn what_has_to_be_there_is_missed() {
    expect(vec![
        (
            chat().without(key::GEN_AI_PROVIDER_NAME),
            vec![violation("missing-attribute", key::GEN_AI_PROVIDER_NAME)],
        ),
        (
            chat()
                .without(key::GEN_AI_REQUEST_MODEL)
                .member("name", json!("chat")),
            vec![violation("missing-attribute", key::GEN_AI_REQUEST_MODEL)],
        ),
        (
            chat().without(key::GEN_AI_OPERATION_NAME),
            vec![violation("missing-attribute", key::GEN_AI_OPERATION_NAME)],
        ),
        (
            chat().without(key::SERVER_PORT),
            vec![violation("missing-attribute", key::SERVER_PORT)],
        ),
        (
            chat().without(key::GEN_AI_RESPONSE_ID),
            vec![advice("recommended-attribute", key::GEN_AI_RESPONSE_ID)],
        ),
        (
            chat().member("status", json!({ "code": "STATUS_CODE_ERROR" })),
            vec![violation("missing-attribute", key::ERROR_TYPE)],
        ),
        (
            tool()
                .without(key::GEN_AI_TOOL_NAME)
                .member("name", json!("execute_tool")),
            vec![violation("missing-attribute", key::GEN_AI_TOOL_NAME)],
        ),
        (
            mcp().without(key::NETWORK_TRANSPORT),
            vec![advice("recommended-attribute", key::NETWORK_TRANSPORT)],
        ),
    ]);
}

#[test]
fn values_have_types_and_known_words() {
    expect(vec![
        (
            chat().with(key::GEN_AI_REQUEST_SEED, text("7")),
            vec![violation("wrong-type", key::GEN_AI_REQUEST_SEED)],
        ),
        (
            chat().with(key::GEN_AI_REQUEST_TEMPERATURE, int(1)),
            vec![violation("wrong-type", key::GEN_AI_REQUEST_TEMPERATURE)],
        ),
        (
            chat().with(key::GEN_AI_REQUEST_MAX_TOKENS, double(1.0)),
            vec![violation("wrong-type", key::GEN_AI_REQUEST_MAX_TOKENS)],
        ),
        (
            chat().with(key::GEN_AI_RESPONSE_FINISH_REASONS, text("stop")),
            vec![violation("wrong-type", key::GEN_AI_RESPONSE_FINISH_REASONS)],
        ),
        (
            chat().with(key::GEN_AI_RESPONSE_MODEL, json!({})),
            vec![violation("wrong-type", key::GEN_AI_RESPONSE_MODEL)],
        ),
        (
            chat().with(key::GEN_AI_PROVIDER_NAME, text("acme")),
            vec![advice("unknown-value", key::GEN_AI_PROVIDER_NAME)],
        ),
        (
            tool().with(key::GEN_AI_OPERATION_NAME, int(1)),
            vec![violation("wrong-type", key::GEN_AI_OPERATION_NAME)],
        ),
    ]);
}

#[test]
fn keys_are_known_once_in_their_version_and_place() {
    expect(vec![
        (
            chat().with(&made_up(), text("fine")),
            vec![violation("unknown-attribute", &made_up())],
        ),
        (
            chat().with("acme.team", text("blue")),
            vec![advice("foreign-attribute", "acme.team")],
        ),
        (
            chat().adding(key::GEN_AI_RESPONSE_ID, text("resp-2")),
            vec![violation("duplicate-attribute", key::GEN_AI_RESPONSE_ID)],
        ),
        (
            chat().with(key::GEN_AI_SYSTEM, text("openai")),
            vec![violation("other-version", key::GEN_AI_SYSTEM)],
        ),
        (
            chat().with(key::GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS, int(1)),
            vec![violation(
                "other-version",
                key::GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS,
            )],
        ),
        (
            chat().with(key::GEN_AI_TOOL_NAME, text("weather")),
            vec![advice("misplaced-attribute", key::GEN_AI_TOOL_NAME)],
        ),
    ]);
}

#[test]
fn names_kinds_operations_and_status_fit() {
    expect(vec![
        (
            chat().member("kind", json!(2)),
            vec![violation("wrong-kind", "")],
        ),
        (
            chat().member("name", json!("gpt-4o")),
            vec![violation("wrong-name", "")],
        ),
        (
            chat().member("name", json!("chat")),
            vec![advice("short-name", "")],
        ),
        (
            chat().member("status", json!({ "code": 1 })),
            vec![violation("status-ok", "")],
        ),
        (
            chat().with(key::ERROR_TYPE, text("timeout")),
            vec![violation("error-without-status", key::ERROR_TYPE)],
        ),
        (
            tool()
                .with(key::GEN_AI_OPERATION_NAME, text("make_coffee"))
                .member("name", json!("x")),
            vec![advice("unknown-operation", key::GEN_AI_OPERATION_NAME)],
        ),
        (
            mcp().member("name", json!("weather")),
            vec![violation("wrong-name", "")],
        ),
    ]);
}

#[test]
fn numbers_agree() {
    expect(vec![
        (
            chat().with(key::GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS, int(101)),
            vec![violation(
                "usage-exceeds-whole",
                key::GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS,
            )],
        ),
        (
            chat().with(key::GEN_AI_USAGE_CACHE_CREATION_INPUT_TOKENS, int(101)),
            vec![violation(
                "usage-exceeds-whole",
                key::GEN_AI_USAGE_CACHE_CREATION_INPUT_TOKENS,
            )],
        ),
        (
            chat().with(key::GEN_AI_USAGE_REASONING_OUTPUT_TOKENS, int(21)),
            vec![violation(
                "usage-exceeds-whole",
                key::GEN_AI_USAGE_REASONING_OUTPUT_TOKENS,
            )],
        ),
        (
            chat().with(key::GEN_AI_USAGE_OUTPUT_TOKENS, int(-1)),
            vec![violation("negative-usage", key::GEN_AI_USAGE_OUTPUT_TOKENS)],
        ),
        (
            chat().with(key::GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK, double(-0.5)),
            vec![violation(
                "negative-time",
                key::GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK,
            )],
        ),
        (
            chat().without(key::GEN_AI_REQUEST_STREAM),
            vec![violation(
                "chunk-without-stream",
                key::GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK,
            )],
        ),
    ]);
}

#[test]
fn ids_and_times_are_valid() {
    expect(vec![
        (
            chat().member("endTimeUnixNano", json!("1600000000000000000")),
            vec![violation("invalid-time", "")],
        ),
        (
            chat().member("endTimeUnixNano", json!(0)),
            vec![violation("invalid-time", "")],
        ),
        (
            chat().member("startTimeUnixNano", json!("0")),
            vec![violation("invalid-time", "")],
        ),
        (
            chat().member("traceId", json!("Cvdl")),
            vec![violation("invalid-id", "trace id")],
        ),
        (
            chat().member("spanId", json!("0000000000000000")),
            vec![violation("invalid-id", "span id")],
        ),
        (
            chat().member("parentSpanId", json!("xyz")),
            vec![violation("invalid-id", "parent span id")],
        ),
        (
            chat().member("parentSpanId", json!(SPAN)),
            vec![violation("invalid-id", "parent span id")],
        ),
    ]);
}

#[test]
fn a_failed_call_need_not_tell_what_it_never_got() {
    let span = failed_chat()
        .without(key::GEN_AI_REQUEST_MODEL)
        .member("name", json!("chat"));
    assert_eq!(of_span(span), [""; 0]);
}

#[test]
fn what_a_request_does_not_set_is_not_missed() {
    let span = chat()
        .without(key::GEN_AI_REQUEST_STREAM)
        .without(key::GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK)
        .without(key::GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS);
    assert_eq!(of_span(span), [""; 0]);
}

#[test]
fn the_scopes_schema_chooses_the_version_and_the_option_stands_in() {
    let old = "https://opentelemetry.io/schemas/1.36.0";
    let new = "https://opentelemetry.io/schemas/1.41.0";
    let of = |schema: &str, span: Thing| words(&check(&in_traces(schema, &[span])));
    assert_eq!(of(old, old_chat()), [""; 0]);
    let wrong = [
        violation("other-version", key::GEN_AI_SYSTEM),
        violation("missing-attribute", key::GEN_AI_PROVIDER_NAME),
    ];
    assert_eq!(of(new, old_chat()), wrong);
    let option = |schema: &str, version| {
        let options = Options::default().with_conventions(version);
        words(&check_with(options, &in_traces(schema, &[old_chat()])))
    };
    assert_eq!(option("", Conventions::V1_36), [""; 0]);
    assert_eq!(option(new, Conventions::V1_36), wrong);
    assert_eq!(option("", Conventions::V1_41), wrong);
}

#[test]
fn an_operation_a_version_lacks_is_checked_against_the_oldest_that_has_it() {
    let old = "https://opentelemetry.io/schemas/1.36.0";
    let words = words(&check(&in_traces(
        old,
        &[memory().with(key::GEN_AI_MEMORY_RECORD_COUNT, yes())],
    )));
    assert_eq!(
        words,
        [violation("wrong-type", key::GEN_AI_MEMORY_RECORD_COUNT)]
    );
}

#[test]
fn the_replacement_of_an_old_key_is_named() {
    let report = check(&in_traces(
        "",
        &[chat().with(key::GEN_AI_SYSTEM, text("openai"))],
    ));
    let finding = &report.findings()[0];
    assert_eq!(
        finding.help,
        format!("use {} in its place", key::GEN_AI_PROVIDER_NAME)
    );
    let span = chat().with(key::GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS, int(1));
    let finding = check(&in_traces("", &[span])).findings()[0].clone();
    assert_eq!(
        finding.help,
        format!(
            "use {} in its place",
            key::GEN_AI_USAGE_CACHE_CREATION_INPUT_TOKENS
        )
    );
}

#[test]
fn an_allowed_namespace_is_no_finding() {
    let line = in_traces(
        "",
        &[chat()
            .with("acme.team", text("blue"))
            .with(&made_up(), text("x"))],
    );
    let options = Options::default()
        .with_allowed("acme.*")
        .with_allowed(&made_up());
    assert_eq!(words(&check_with(options, &line)), [""; 0]);
}

#[test]
fn advice_can_be_left_out() {
    let line = in_traces(
        "",
        &[chat()
            .with("acme.team", text("blue"))
            .with(key::SERVER_PORT, text("1"))],
    );
    let report = check_with(Options::default().without_advice(), &line);
    assert_eq!(words(&report), [violation("wrong-type", key::SERVER_PORT)]);
    assert_eq!(report.advice(), 0);
}

#[test]
fn bedrocks_guardrail_is_only_advised() {
    let span = chat().with(key::GEN_AI_PROVIDER_NAME, text("aws.bedrock"));
    assert_eq!(
        of_span(span),
        [advice("missing-attribute", key::AWS_BEDROCK_GUARDRAIL_ID)]
    );
}

#[test]
fn a_tools_name_may_go_on_with_the_skill() {
    let skill = tool()
        .with(key::GEN_AI_SKILL_NAME, text("maps"))
        .member("name", json!("execute_tool weather maps"));
    let options = Options::default().with_conventions(Conventions::Main);
    assert_eq!(
        words(&check_with(options, &in_traces("", &[skill]))),
        [""; 0]
    );
}

#[test]
fn secrets_are_found_anywhere_and_never_repeated() {
    let secret = ["sk-proj-", "Zq8Xw2Lk9Vb4Nm7Rt1Yp5Hs3Dj6Fg0CaQeUiOzTx"].concat();
    let arguments = json!({ "stringValue": json!({ "url": format!("https://x.test/?k={secret}") }).to_string() });
    let event = json!({ "name": "note", "attributes": [{ "key": "text", "value": { "stringValue": secret } }] });
    let spans = [
        chat().with(key::GEN_AI_CONVERSATION_ID, text(&secret)),
        tool().with(key::GEN_AI_TOOL_CALL_ARGUMENTS, arguments),
        failed_chat().member(
            "status",
            json!({ "code": 2, "message": format!("key {secret}") }),
        ),
        chat().member("events", json!([event])),
        chat().with("acme.list", texts(&["a", &secret])),
        chat().with(&secret, text("x")),
        chat().member("name", json!(format!("chat {secret}"))),
    ];
    for span in spans {
        let report = check(&in_traces("", &[span.clone()]));
        let found = report
            .findings()
            .iter()
            .filter(|finding| finding.rule == "unsafe")
            .count();
        assert_eq!(found, 1, "{report}");
        let json = serde_json::to_string(&report).unwrap();
        assert!(!json.contains(&secret[8..]), "{json}");
        assert!(!report.to_string().contains(&secret[8..]), "{report}");
    }
}

#[test]
fn events_on_spans_are_checked_in_their_own_right() {
    let attempt = |attributes: serde_json::Value| {
        let event = json!({ "name": event::GENSPAN_ATTEMPT, "timeUnixNano": "1", "attributes": attributes });
        of_span(chat().member("events", json!([event])))
    };
    let number = json!({ "key": key::GENSPAN_ATTEMPT_NUMBER, "value": int(1) });
    assert_eq!(attempt(json!([number])), [""; 0]);
    assert_eq!(
        attempt(json!([])),
        [violation("missing-attribute", key::GENSPAN_ATTEMPT_NUMBER)]
    );
    let exception = of_span(chat().member("events", json!([{ "name": "exception" }])));
    assert_eq!(
        exception,
        [violation("missing-attribute", key::EXCEPTION_TYPE)]
    );
}

#[test]
fn a_message_of_v1_36_may_stand_on_a_span() {
    let event = json!({
        "name": event::GEN_AI_USER_MESSAGE,
        "attributes": [
            { "key": key::GEN_AI_SYSTEM, "value": text("openai") },
            { "key": "content", "value": text("CANARY") },
        ],
    });
    assert_eq!(of_span(chat().member("events", json!([event]))), [""; 0]);
}

#[test]
fn a_span_can_be_checked_without_a_file() {
    let checker = Checker::new(Options::default());
    let findings = checker.check_span(&SpanView::default());
    let rules: Vec<&str> = findings.iter().map(|finding| finding.rule).collect();
    assert_eq!(rules, ["invalid-id", "invalid-id", "invalid-time"]);
}
