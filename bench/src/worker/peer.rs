//! The peer of a whole call: what a careful author writes by hand for one provider.

use std::{borrow::Cow, time::SystemTime};

use genspan::semconv::Metric;
use opentelemetry::{
    Array, KeyValue, StringValue, Value,
    metrics::{Histogram, MeterProvider as _},
    trace::{Span as _, SpanKind, Tracer as _, TracerProvider as _},
};
use opentelemetry_sdk::{
    metrics::SdkMeterProvider,
    trace::{SdkTracer, SdkTracerProvider},
};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::{
    fixtures::Exchange,
    harness::wall,
    sdk::{Behind, meters, tracers},
};

/// Says what the peer does with what was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    /// Copies its JSON as it is.
    AsItIs,
    /// Unescapes each text and writes it anew, as one does who looks at it.
    Unescaped,
    Nothing,
}

#[derive(Deserialize)]
struct Request<'a> {
    #[serde(borrow)]
    model: Cow<'a, str>,
    temperature: Option<f64>,
    max_completion_tokens: Option<i64>,
    #[serde(borrow)]
    messages: Vec<Message<'a>>,
}

#[derive(Deserialize)]
struct Message<'a> {
    #[serde(borrow)]
    role: Cow<'a, str>,
    #[serde(borrow)]
    content: Option<&'a RawValue>,
    #[serde(borrow, default)]
    tool_calls: Vec<ToolCall<'a>>,
}

#[derive(Deserialize)]
struct ToolCall<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow)]
    function: Function<'a>,
}

#[derive(Deserialize)]
struct Function<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(borrow)]
    arguments: &'a RawValue,
}

#[derive(Deserialize)]
struct Response<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow)]
    model: Cow<'a, str>,
    #[serde(borrow)]
    choices: Vec<Choice<'a>>,
    usage: Usage,
    #[serde(borrow)]
    service_tier: Option<Cow<'a, str>>,
    #[serde(borrow)]
    system_fingerprint: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Choice<'a> {
    #[serde(borrow)]
    message: Message<'a>,
    #[serde(borrow)]
    finish_reason: Cow<'a, str>,
}

#[derive(Deserialize)]
struct Usage {
    prompt_tokens: u32,
    completion_tokens: u32,
    prompt_tokens_details: InputDetails,
    completion_tokens_details: OutputDetails,
}

#[derive(Deserialize)]
struct InputDetails {
    cached_tokens: u32,
}

#[derive(Deserialize)]
struct OutputDetails {
    reasoning_tokens: u32,
}

/// Instrumentation by hand.
pub(crate) struct Peer {
    _providers: (SdkTracerProvider, SdkMeterProvider),
    tracer: SdkTracer,
    times: Histogram<f64>,
    tokens: Histogram<u64>,
}

impl Peer {
    pub(crate) fn new() -> Self {
        Self::with(tracers(Behind::Nothing))
    }

    fn with(tracers: SdkTracerProvider) -> Self {
        let meters = meters();
        let meter = meters.meter("bench");
        let (time, token) = (Metric::ClientOperationDuration, Metric::ClientTokenUsage);
        Self {
            tracer: tracers.tracer("bench"),
            times: meter
                .f64_histogram(time.name())
                .with_boundaries(time.buckets().to_vec())
                .build(),
            tokens: meter
                .u64_histogram(token.name())
                .with_boundaries(token.buckets().to_vec())
                .build(),
            _providers: (tracers, meters),
        }
    }

    /// Records one exchange; tells whether it could.
    pub(crate) fn call(&self, exchange: &Exchange, said: Said) -> bool {
        let began = wall();
        let builder = self.tracer.span_builder("chat").with_kind(SpanKind::Client);
        let start = vec![
            KeyValue::new("gen_ai.operation.name", "chat"),
            KeyValue::new("gen_ai.provider.name", "openai"),
            KeyValue::new("server.address", "api.openai.com".to_owned()),
            KeyValue::new("server.port", 443),
        ];
        let mut span = builder
            .with_start_time(began)
            .with_attributes(start)
            .start(&self.tracer);
        let (Some(request), Some(response)) = (
            parse::<Request<'_>>(&exchange.request),
            parse::<Response<'_>>(&exchange.response),
        ) else {
            return false;
        };
        span.update_name(format!("chat {}", request.model));
        span.set_attributes(facts(&request, &response));
        if said != Said::Nothing {
            let input = messages(request.messages.iter().map(|message| (message, None)), said);
            span.set_attribute(KeyValue::new("gen_ai.input.messages", input));
            let choices = response.choices.iter();
            let choices = choices.map(|choice| (&choice.message, Some(&*choice.finish_reason)));
            let output = messages(choices, said);
            span.set_attribute(KeyValue::new("gen_ai.output.messages", output));
        }
        span.end();
        self.measure(began, &request, &response);
        true
    }

    fn measure(&self, began: SystemTime, request: &Request<'_>, response: &Response<'_>) {
        let labels = |kind: Option<&'static str>| {
            let mut labels = vec![
                KeyValue::new("gen_ai.operation.name", "chat"),
                KeyValue::new("gen_ai.provider.name", "openai"),
                KeyValue::new("gen_ai.request.model", request.model.to_string()),
                KeyValue::new("gen_ai.response.model", response.model.to_string()),
                KeyValue::new("server.address", "api.openai.com".to_owned()),
                KeyValue::new("server.port", 443),
            ];
            labels.extend(kind.map(|kind| KeyValue::new("gen_ai.token.type", kind)));
            labels
        };
        let took = began.elapsed().unwrap_or_default().as_secs_f64();
        self.times.record(took, &labels(None));
        let usage = &response.usage;
        self.tokens
            .record(usage.prompt_tokens.into(), &labels(Some("input")));
        self.tokens
            .record(usage.completion_tokens.into(), &labels(Some("output")));
    }
}

fn parse<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Option<T> {
    serde_json::from_str(std::str::from_utf8(body).ok()?).ok()
}

fn facts(request: &Request<'_>, response: &Response<'_>) -> Vec<KeyValue> {
    let usage = &response.usage;
    let count = |key, count: u32| Some(KeyValue::new(key, i64::from(count)));
    let reasons = response.choices.iter();
    let reasons = reasons.map(|choice| StringValue::from(choice.finish_reason.to_string()));
    let reasons = Value::Array(Array::String(reasons.collect()));
    let text = |key, text: &Option<Cow<'_, str>>| {
        text.as_ref()
            .map(|text| KeyValue::new(key, text.to_string()))
    };
    [
        Some(KeyValue::new(
            "gen_ai.request.model",
            request.model.to_string(),
        )),
        request
            .temperature
            .map(|value| KeyValue::new("gen_ai.request.temperature", value)),
        request
            .max_completion_tokens
            .map(|value| KeyValue::new("gen_ai.request.max_tokens", value)),
        Some(KeyValue::new("gen_ai.response.id", response.id.to_string())),
        Some(KeyValue::new(
            "gen_ai.response.model",
            response.model.to_string(),
        )),
        Some(KeyValue::new("gen_ai.response.finish_reasons", reasons)),
        count("gen_ai.usage.input_tokens", usage.prompt_tokens),
        count("gen_ai.usage.output_tokens", usage.completion_tokens),
        count(
            "gen_ai.usage.cache_read.input_tokens",
            usage.prompt_tokens_details.cached_tokens,
        ),
        count(
            "gen_ai.usage.reasoning.output_tokens",
            usage.completion_tokens_details.reasoning_tokens,
        ),
        Some(KeyValue::new("openai.api.type", "chat_completions")),
        text("openai.response.service_tier", &response.service_tier),
        text(
            "openai.response.system_fingerprint",
            &response.system_fingerprint,
        ),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Writes messages in the conventions' JSON.
fn messages<'a>(
    messages: impl Iterator<Item = (&'a Message<'a>, Option<&'a str>)>,
    said: Said,
) -> String {
    let mut json = String::from("[");
    for (message, finish_reason) in messages {
        json.push_str(if json.len() == 1 {
            "{\"role\":\""
        } else {
            ",{\"role\":\""
        });
        json.push_str(&message.role);
        json.push_str("\",\"parts\":[");
        if let Some(content) = message.content {
            json.push_str(r#"{"type":"text","content":"#);
            push(&mut json, content, said);
            json.push('}');
        }
        for call in &message.tool_calls {
            json.push_str(if json.ends_with('[') { "" } else { "," });
            json.push_str(r#"{"type":"tool_call","id":""#);
            json.push_str(&call.id);
            json.push_str(r#"","name":""#);
            json.push_str(&call.function.name);
            json.push_str(r#"","arguments":"#);
            // A string that holds JSON, which stands in its place.
            let arguments: String =
                serde_json::from_str(call.function.arguments.get()).unwrap_or_default();
            match serde_json::from_str::<&RawValue>(&arguments) {
                Ok(arguments) => json.push_str(arguments.get()),
                Err(_) => json.push_str("null"),
            }
            json.push('}');
        }
        json.push(']');
        if let Some(reason) = finish_reason {
            json.push_str(",\"finish_reason\":\"");
            json.push_str(reason);
            json.push('"');
        }
        json.push('}');
    }
    json.push(']');
    json
}

fn push(json: &mut String, text: &RawValue, said: Said) {
    if said == Said::AsItIs {
        json.push_str(text.get());
        return;
    }
    let text: Cow<'_, str> = serde_json::from_str::<String>(text.get())
        .unwrap_or_default()
        .into();
    let written = serde_json::to_string(&text);
    json.push_str(&written.unwrap_or_default());
}

#[cfg(test)]
mod tests;
