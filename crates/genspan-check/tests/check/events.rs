//! Rules about log records.

use genspan::semconv::{attribute as key, event};
use serde_json::{Value, json};

use crate::build::{SPAN, TRACE, Thing, advice, details, double, int, of_log, text, violation};

fn record(name: &str, severity: u8) -> Thing {
    Thing(json!({
        "eventName": name, "severityNumber": severity, "traceId": TRACE, "spanId": SPAN, "attributes": [],
    }))
}

fn exception() -> Thing {
    record(event::GEN_AI_CLIENT_OPERATION_EXCEPTION, 13)
        .with(key::EXCEPTION_TYPE, text("TimeoutError"))
}

fn evaluation() -> Thing {
    record(event::GEN_AI_EVALUATION_RESULT, 0).with(key::GEN_AI_EVALUATION_NAME, text("relevance"))
}

fn old_message() -> Thing {
    let body =
        json!({ "kvlistValue": { "values": [{ "key": "content", "value": text("hello") }] } });
    record(event::GEN_AI_USER_MESSAGE, 9)
        .with(key::GEN_AI_SYSTEM, text("openai"))
        .member("body", body)
}

#[test]
fn right_events_have_no_findings() {
    let by_attribute = details()
        .with(
            "event.name",
            text(event::GEN_AI_CLIENT_INFERENCE_OPERATION_DETAILS),
        )
        .member("eventName", Value::Null)
        .member("severityNumber", json!("SEVERITY_NUMBER_DEBUG"));
    let foreign = record("", 9).member("body", text("started"));
    let untied = evaluation()
        .with(key::GEN_AI_RESPONSE_ID, text("resp-1"))
        .member("traceId", json!(""))
        .member("spanId", json!(""));
    for event in [
        details(),
        by_attribute,
        exception(),
        evaluation(),
        untied,
        old_message(),
        foreign,
    ] {
        let shown = event.0.to_string();
        assert_eq!(of_log(event), [""; 0], "{shown}");
    }
}

#[test]
fn each_rule_finds_what_breaks_it() {
    let messages = json!([{ "role": "user", "parts": [] }]).to_string();
    let name = [event::GEN_AI_CHOICE, "made_up"].join(".");
    let table: Vec<(Thing, Vec<String>)> = vec![
        (record(&name, 9), vec![violation("unknown-event", &name)]),
        (
            details().with(key::GEN_AI_INPUT_MESSAGES, text(&messages)),
            vec![violation(
                "unstructured-content",
                key::GEN_AI_INPUT_MESSAGES,
            )],
        ),
        (
            details().without(key::GEN_AI_OPERATION_NAME),
            vec![violation("missing-attribute", key::GEN_AI_OPERATION_NAME)],
        ),
        (
            details().member("severityNumber", json!(9)),
            vec![violation("wrong-severity", "")],
        ),
        (
            exception().member("severityNumber", json!(17)),
            vec![violation("wrong-severity", "")],
        ),
        (
            details()
                .member("traceId", json!(""))
                .member("spanId", json!("")),
            vec![violation("missing-context", "")],
        ),
        (
            details().member("spanId", json!("")),
            vec![violation("invalid-id", "")],
        ),
        (
            exception().without(key::EXCEPTION_TYPE),
            vec![
                violation("missing-attribute", key::EXCEPTION_MESSAGE),
                violation("missing-attribute", key::EXCEPTION_TYPE),
            ],
        ),
        (
            evaluation().without(key::GEN_AI_EVALUATION_NAME),
            vec![violation("missing-attribute", key::GEN_AI_EVALUATION_NAME)],
        ),
        (
            evaluation().with(key::GEN_AI_EVALUATION_SCORE_VALUE, int(1)),
            vec![violation("wrong-type", key::GEN_AI_EVALUATION_SCORE_VALUE)],
        ),
        (
            evaluation().adding(key::GEN_AI_EVALUATION_NAME, text("again")),
            vec![violation(
                "duplicate-attribute",
                key::GEN_AI_EVALUATION_NAME,
            )],
        ),
        (
            evaluation().with("acme.score", double(1.0)),
            vec![advice("foreign-attribute", "acme.score")],
        ),
        (
            details().with(key::GEN_AI_USAGE_INPUT_TOKENS, int(30)),
            vec![violation(
                "usage-exceeds-whole",
                key::GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS,
            )],
        ),
        (
            old_message().member(
                "body",
                text(&["Bearer ", "Zq8Xw2Lk9Vb4Nm7Rt1Yp5Hs3Dj6Fg0Ca"].concat()),
            ),
            vec![violation("unsafe", "the body")],
        ),
    ];
    for (event, expected) in table {
        let shown = event.0.to_string();
        assert_eq!(of_log(event), expected, "{shown}");
    }
}
