//! Builds OTLP/JSON that is right in all, to be broken one thing at a time.

use genspan::semconv::{attribute, event};
use genspan_check::{Checker, Finding, Options, Report};
use serde_json::{Value, json};

pub(crate) const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
pub(crate) const SPAN: &str = "00f067aa0ba902b7";

pub(crate) fn text(value: &str) -> Value {
    json!({ "stringValue": value })
}

pub(crate) fn int(value: i64) -> Value {
    json!({ "intValue": value.to_string() })
}

pub(crate) fn double(value: f64) -> Value {
    json!({ "doubleValue": value })
}

pub(crate) fn yes() -> Value {
    json!({ "boolValue": true })
}

pub(crate) fn texts(values: &[&str]) -> Value {
    let values: Vec<Value> = values.iter().map(|value| text(value)).collect();
    json!({ "arrayValue": { "values": values } })
}

/// Wraps plain JSON the way the protocol wraps structure.
pub(crate) fn structure(plain: &Value) -> Value {
    match plain {
        Value::Null => json!({}),
        Value::Bool(value) => json!({ "boolValue": value }),
        Value::Number(number) if number.is_i64() => json!({ "intValue": number.to_string() }),
        Value::Number(number) => json!({ "doubleValue": number }),
        Value::String(value) => text(value),
        Value::Array(items) => {
            let values: Vec<Value> = items.iter().map(structure).collect();
            json!({ "arrayValue": { "values": values } })
        }
        Value::Object(members) => {
            let values: Vec<Value> = members
                .iter()
                .map(|(key, value)| json!({ "key": key, "value": structure(value) }))
                .collect();
            json!({ "kvlistValue": { "values": values } })
        }
    }
}

fn pairs(pairs: &[(&str, Value)]) -> Value {
    pairs
        .iter()
        .map(|(key, value)| json!({ "key": key, "value": value }))
        .collect()
}

/// Anything that has attributes.
#[derive(Clone)]
pub(crate) struct Thing(pub(crate) Value);

impl Thing {
    pub(crate) fn with(mut self, key: &str, value: Value) -> Self {
        self = self.without(key);
        self.adding(key, value)
    }

    pub(crate) fn adding(mut self, key: &str, value: Value) -> Self {
        let list = self.0["attributes"].as_array_mut().unwrap();
        list.push(json!({ "key": key, "value": value }));
        self
    }

    pub(crate) fn without(mut self, key: &str) -> Self {
        let list = self.0["attributes"].as_array_mut().unwrap();
        list.retain(|pair| pair["key"] != key);
        self
    }

    pub(crate) fn member(mut self, name: &str, value: Value) -> Self {
        self.0[name] = value;
        self
    }
}

fn span(name: &str, kind: u8, attributes: &[(&str, Value)]) -> Thing {
    Thing(json!({
        "traceId": TRACE, "spanId": SPAN, "name": name, "kind": kind,
        "startTimeUnixNano": "1700000000000000000", "endTimeUnixNano": "1700000001000000000",
        "attributes": pairs(attributes),
    }))
}

/// A streamed chat about which everything is told.
pub(crate) fn chat() -> Thing {
    let attributes = [
        (attribute::GEN_AI_OPERATION_NAME, text("chat")),
        (attribute::GEN_AI_PROVIDER_NAME, text("openai")),
        (attribute::GEN_AI_REQUEST_MODEL, text("gpt-4o")),
        (attribute::GEN_AI_REQUEST_STREAM, yes()),
        (attribute::GEN_AI_RESPONSE_FINISH_REASONS, texts(&["stop"])),
        (attribute::GEN_AI_RESPONSE_ID, text("resp-1")),
        (attribute::GEN_AI_RESPONSE_MODEL, text("gpt-4o-2024-08-06")),
        (attribute::GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK, double(0.25)),
        (attribute::GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS, int(40)),
        (attribute::GEN_AI_USAGE_INPUT_TOKENS, int(100)),
        (attribute::GEN_AI_USAGE_OUTPUT_TOKENS, int(20)),
        (attribute::SERVER_ADDRESS, text("api.openai.com")),
        (attribute::SERVER_PORT, int(443)),
    ];
    span("chat gpt-4o", 3, &attributes)
}

pub(crate) fn failed_chat() -> Thing {
    chat()
        .member("status", json!({ "code": 2 }))
        .with(attribute::ERROR_TYPE, text("429"))
        .without(attribute::GEN_AI_RESPONSE_ID)
        .without(attribute::GEN_AI_USAGE_INPUT_TOKENS)
        .without(attribute::GEN_AI_USAGE_OUTPUT_TOKENS)
        .without(attribute::GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS)
}

pub(crate) fn tool() -> Thing {
    let attributes = [
        (attribute::GEN_AI_OPERATION_NAME, text("execute_tool")),
        (attribute::GEN_AI_TOOL_NAME, text("weather")),
    ];
    span("execute_tool weather", 1, &attributes)
}

pub(crate) fn old_chat() -> Thing {
    let chat = chat()
        .without(attribute::GEN_AI_PROVIDER_NAME)
        .without(attribute::GEN_AI_REQUEST_STREAM)
        .without(attribute::GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK)
        .without(attribute::GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS);
    chat.with(attribute::GEN_AI_SYSTEM, text("openai"))
}

pub(crate) fn memory() -> Thing {
    let attributes = [
        (attribute::GEN_AI_OPERATION_NAME, text("search_memory")),
        (attribute::GEN_AI_MEMORY_STORE_ID, text("store-1")),
        (attribute::SERVER_ADDRESS, text("memory.test")),
        (attribute::SERVER_PORT, int(443)),
    ];
    span("search_memory", 3, &attributes)
}

pub(crate) fn mcp() -> Thing {
    let attributes = [
        (attribute::MCP_METHOD_NAME, text("tools/call")),
        (attribute::GEN_AI_TOOL_NAME, text("weather")),
        (attribute::MCP_PROTOCOL_VERSION, text("2025-06-18")),
        (attribute::NETWORK_TRANSPORT, text("pipe")),
    ];
    span("tools/call weather", 3, &attributes)
}

/// The event that tells what a chat was about, structured.
pub(crate) fn details() -> Thing {
    let messages = json!([{ "role": "user", "parts": [{ "type": "text", "content": "CANARY" }] }]);
    let mut event = chat().with(attribute::GEN_AI_INPUT_MESSAGES, structure(&messages));
    event.0 = json!({
        "timeUnixNano": "1700000001000000000", "severityNumber": 5, "traceId": TRACE, "spanId": SPAN,
        "eventName": event::GEN_AI_CLIENT_INFERENCE_OPERATION_DETAILS,
        "attributes": event.0["attributes"],
    });
    event
}

pub(crate) fn in_traces(schema: &str, spans: &[Thing]) -> String {
    let spans: Vec<&Value> = spans.iter().map(|span| &span.0).collect();
    let scope = json!({ "scope": { "name": "test" }, "schemaUrl": schema, "spans": spans });
    json!({ "resourceSpans": [{ "resource": {}, "scopeSpans": [scope] }] }).to_string()
}

pub(crate) fn in_logs(records: &[Thing]) -> String {
    let records: Vec<&Value> = records.iter().map(|record| &record.0).collect();
    json!({ "resourceLogs": [{ "scopeLogs": [{ "logRecords": records }] }] }).to_string()
}

pub(crate) fn in_metrics(metrics: &[Value]) -> String {
    json!({ "resourceMetrics": [{ "scopeMetrics": [{ "metrics": metrics }] }] }).to_string()
}

pub(crate) fn check_with(options: Options, text: &str) -> Report {
    let mut checker = Checker::new(options);
    checker.read("test.jsonl", text.as_bytes()).unwrap();
    checker.finish()
}

pub(crate) fn check(text: &str) -> Report {
    check_with(Options::default(), text)
}

fn word(finding: &Finding) -> String {
    let level = finding.level.as_str();
    format!("{level} {} {}", finding.rule, finding.subject)
}

pub(crate) fn words(report: &Report) -> Vec<String> {
    report.findings().iter().map(word).collect()
}

/// What is found in a span under v1.41.
pub(crate) fn of_span(span: Thing) -> Vec<String> {
    words(&check(&in_traces("", &[span])))
}

pub(crate) fn of_log(record: Thing) -> Vec<String> {
    words(&check(&in_logs(&[record])))
}

pub(crate) fn of_metric(metric: Value) -> Vec<String> {
    words(&check(&in_metrics(&[metric])))
}

pub(crate) fn violation(rule: &str, subject: &str) -> String {
    format!("violation {rule} {subject}")
}

pub(crate) fn advice(rule: &str, subject: &str) -> String {
    format!("advice {rule} {subject}")
}

/// A key of the conventions' namespace that nobody has.
pub(crate) fn made_up() -> String {
    [attribute::GEN_AI_REQUEST_MODEL, "mood"].join(".")
}
