//! Reads OTLP/JSON lines, one request at a time, and keeps what is shown.

use std::{
    borrow::Cow,
    io::{self, BufRead},
    time::Duration,
};

use genspan::{
    Money,
    semconv::attribute::{
        ERROR_TYPE, GEN_AI_OPERATION_NAME, GEN_AI_RESPONSE_FINISH_REASONS,
        GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK, GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS,
        GEN_AI_USAGE_INPUT_TOKENS, GEN_AI_USAGE_OUTPUT_TOKENS, GENSPAN_COST_CURRENCY,
        GENSPAN_COST_TOTAL, GENSPAN_COST_UNPRICED_CALLS,
    },
    semconv::value::operation_name,
};
use serde::{Deserialize, Deserializer, de};
use serde_json::value::RawValue;

use super::{SpanFacts, Spent};

/// Holds what a file of telemetry had to show.
#[derive(Debug, Default, PartialEq)]
pub struct ReadSpans {
    /// The spans, in the order of the lines.
    pub spans: Vec<SpanFacts>,
    /// Lines that are no OTLP/JSON; a program that was killed leaves at most its last one so.
    pub unreadable_lines: usize,
}

/// Reads all spans of an OTLP/JSON file, one request a line; lines of other signals hold none.
///
/// # Errors
///
/// Returns what the reader returns; a line that cannot be understood is counted and passed over.
pub fn read(mut reader: impl BufRead) -> io::Result<ReadSpans> {
    let mut found = ReadSpans::default();
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line)? > 0 {
        if !line.trim_ascii().is_empty() {
            match serde_json::from_slice::<Request<'_>>(&line) {
                Ok(request) => found.spans.extend(request.into_spans()),
                Err(_) => found.unreadable_lines += 1,
            }
        }
        line.clear();
    }
    Ok(found)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request<'a> {
    #[serde(borrow, default)]
    resource_spans: Vec<ResourceSpans<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ResourceSpans<'a> {
    #[serde(borrow, default)]
    scope_spans: Vec<ScopeSpans<'a>>,
}

#[derive(Deserialize)]
struct ScopeSpans<'a> {
    #[serde(borrow, default)]
    spans: Vec<Span<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Span<'a> {
    #[serde(default)]
    trace_id: String,
    #[serde(default)]
    span_id: String,
    #[serde(default)]
    parent_span_id: String,
    #[serde(default)]
    name: String,
    #[serde(default, deserialize_with = "number")]
    start_time_unix_nano: u64,
    #[serde(default, deserialize_with = "number")]
    end_time_unix_nano: u64,
    #[serde(borrow, default)]
    attributes: Vec<Attribute<'a>>,
    #[serde(default)]
    status: Status,
}

#[derive(Deserialize)]
struct Attribute<'a> {
    #[serde(borrow)]
    key: Cow<'a, str>,
    /// Most values are content, which is not looked at.
    #[serde(borrow)]
    value: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
struct Status {
    #[serde(default)]
    code: Code,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Code {
    Number(i64),
    Name(String),
}

impl Default for Code {
    fn default() -> Self {
        Self::Number(0)
    }
}

impl Status {
    fn is_error(&self) -> bool {
        match &self.code {
            Code::Number(code) => *code == 2,
            Code::Name(name) => name == "STATUS_CODE_ERROR",
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct AnyValue {
    string_value: Option<String>,
    int_value: Option<Count>,
    double_value: Option<f64>,
    array_value: Option<ArrayValue>,
}

#[derive(Deserialize)]
struct Count(#[serde(deserialize_with = "number")] u64);

#[derive(Default, Deserialize)]
struct ArrayValue {
    #[serde(default)]
    values: Vec<AnyValue>,
}

/// Reads a 64-bit number, which OTLP/JSON writes as text; some write it as a number.
fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either {
        Number(u64),
        Text(String),
    }
    match Either::deserialize(deserializer)? {
        Either::Number(number) => Ok(number),
        Either::Text(text) => text.parse().map_err(de::Error::custom),
    }
}

impl Request<'_> {
    fn into_spans(self) -> impl Iterator<Item = SpanFacts> {
        let scopes = self
            .resource_spans
            .into_iter()
            .flat_map(|resource| resource.scope_spans);
        scopes.flat_map(|scope| scope.spans).map(Span::into_facts)
    }
}

impl Span<'_> {
    fn into_facts(self) -> SpanFacts {
        let is_error = self.status.is_error();
        let mut facts = SpanFacts {
            trace_id: self.trace_id,
            span_id: self.span_id,
            parent_id: self.parent_span_id,
            name: self.name,
            start: self.start_time_unix_nano,
            end: self.end_time_unix_nano,
            ..SpanFacts::default()
        };
        for attribute in &self.attributes {
            attribute.note(&mut facts);
        }
        if is_error && facts.error.is_none() {
            facts.error = Some("error".to_owned());
        }
        facts
    }
}

/// Tells whether an operation, as `gen_ai.operation.name` names it, is one call to a model.
#[must_use]
pub fn is_model_call(operation: &str) -> bool {
    [
        operation_name::CHAT,
        operation_name::TEXT_COMPLETION,
        operation_name::GENERATE_CONTENT,
        operation_name::EMBEDDINGS,
    ]
    .contains(&operation)
}

impl SpanFacts {
    /// Notes one half of what was spent.
    fn spent(&mut self, note: impl FnOnce(&mut Spent)) {
        note(self.cost.get_or_insert_with(|| Spent {
            amount: Money::ZERO,
            currency: "USD".to_owned(),
        }));
    }
}

impl Attribute<'_> {
    /// Takes the value over where it is one that is shown.
    fn note(&self, facts: &mut SpanFacts) {
        let count = || self.value().int_value.map(|count| count.0);
        match self.key.as_ref() {
            ERROR_TYPE => facts.error = self.value().string_value,
            GEN_AI_USAGE_INPUT_TOKENS => facts.tokens.input = count(),
            GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS => facts.tokens.cached = count(),
            GEN_AI_USAGE_OUTPUT_TOKENS => facts.tokens.output = count(),
            GEN_AI_OPERATION_NAME => {
                let name = self.value().string_value.unwrap_or_default();
                facts.is_model_call = is_model_call(&name);
            }
            GENSPAN_COST_TOTAL => {
                let amount = self.value().double_value.and_then(Money::from_f64);
                facts.spent(|spent| spent.amount = amount.unwrap_or_default());
            }
            GENSPAN_COST_CURRENCY => {
                let currency = self.value().string_value.unwrap_or_default();
                facts.spent(|spent| spent.currency = currency);
            }
            GENSPAN_COST_UNPRICED_CALLS => facts.unpriced_calls = count().unwrap_or_default(),
            GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK => {
                let seconds = self.value().double_value;
                facts.first_chunk =
                    seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
            }
            GEN_AI_RESPONSE_FINISH_REASONS => {
                let reasons = self.value().array_value.unwrap_or_default().values;
                facts.finish_reasons = reasons
                    .into_iter()
                    .filter_map(|reason| reason.string_value)
                    .collect();
            }
            _ => {}
        }
    }

    fn value(&self) -> AnyValue {
        self.value
            .and_then(|value| serde_json::from_str(value.get()).ok())
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read_and_all_else_is_passed_over() {
        let lines = concat!(
            r#"{"resourceLogs":[]}"#,
            "\n\n",
            r#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"a","spanId":"b","name":"chat","startTimeUnixNano":"5","endTimeUnixNano":9,"status":{"code":2},"attributes":["#,
            r#"{"key":"gen_ai.usage.input_tokens","value":{"intValue":"12"}},{"key":"gen_ai.usage.output_tokens","value":{"intValue":3}},{"key":"gen_ai.operation.name","value":{"stringValue":"chat"}},"#,
            r#"{"key":"genspan.cost.currency","value":{"stringValue":"USD"}},{"key":"genspan.cost.total","value":{"doubleValue":0.00025}},"#,
            r#"{"key":"gen_ai.response.time_to_first_chunk","value":{"doubleValue":0.25}},{"key":"x","value":null},"#,
            r#"{"key":"gen_ai.response.finish_reasons","value":{"arrayValue":{"values":[{"stringValue":"stop"}]}}}]}]}]}]}"#,
            "\n",
            r#"{"resourceSpans":[{"scope"#,
        );
        let found = read(lines.as_bytes()).unwrap();
        assert_eq!(found.unreadable_lines, 1);
        insta::assert_debug_snapshot!(found.spans, @r#"
        [
            SpanFacts {
                trace_id: "a",
                span_id: "b",
                parent_id: "",
                name: "chat",
                start: 5,
                end: 9,
                first_chunk: Some(
                    250ms,
                ),
                tokens: Tokens {
                    input: Some(
                        12,
                    ),
                    cached: None,
                    output: Some(
                        3,
                    ),
                },
                is_model_call: true,
                cost: Some(
                    Spent {
                        amount: 0.00025,
                        currency: "USD",
                    },
                ),
                unpriced_calls: 0,
                finish_reasons: [
                    "stop",
                ],
                error: Some(
                    "error",
                ),
            },
        ]
        "#);
    }
}
