//! All that is known of one span.

use genspan::Value;
use serde::Serialize;

use super::{Link, SpanRow};

/// Holds a part of a message, in the shape of the conventions: `{"type":"text","content":…}`, `{"type":"tool_call",…}`, ….
pub type Part = Value;

/// Holds a message, in the shape of the conventions: `{"role":…,"parts":[…],"finish_reason":…}`.
pub type Message = Value;

/// Holds an attribute.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct KeyValue {
    /// Its name.
    pub key: String,
    /// Its value, with the structure that it came with.
    pub value: Value,
}

/// Holds something that happened within a span, told by an event of it or by a log record.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Event {
    /// Its name.
    pub name: String,
    /// When it happened.
    pub time_micros: i64,
    /// What is said of it; the body of a log record is `body`.
    pub attributes: Vec<KeyValue>,
}

/// Names the library that made a span.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Scope {
    /// Its name.
    pub name: String,
    /// Its version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

/// Describes a tool that the model could call.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ToolDefinition {
    /// Its name.
    pub name: String,
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What it takes, as a JSON schema.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameters: Option<Value>,
}

/// Tells how an answer streamed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Chunks {
    /// The chunks that came, where their number is told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// How long the first one took to come.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_to_first_micros: Option<u64>,
    /// The times between chunks, in their order; of long streams the longest of each run of [`gap_run`](Self::gap_run).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub gaps_micros: Vec<u64>,
    /// How many times between chunks each of them stands for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gap_run: Option<u64>,
}

/// Holds what a part of a call cost; the parts add up to the whole but for what is paid by the request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CostPart {
    /// Which part: `input` (uncached), `cached input`, `cache write`, `output` (but for reasoning) or `reasoning`.
    pub part: &'static str,
    /// Its tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tokens: Option<u64>,
    /// Its cost, as a decimal number in units of the call's currency.
    pub amount: String,
}

/// Names who told of an operation, and in which span.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SourceDetail {
    /// Whose telemetry it is.
    pub source: String,
    /// Its trace.
    pub trace_id: String,
    /// Its span.
    pub span_id: String,
    /// That span's own name.
    pub name: String,
}

/// Points at the call that this one goes on from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Previous {
    /// Its span.
    pub span_id: String,
    /// Its trace.
    pub trace_id: String,
    /// How many messages of the input, from the first on, that call knew already, its own answer included.
    pub shared_messages: usize,
}

/// Shows a span with all that was said in it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SpanDetail {
    /// What its row shows.
    pub span: SpanRow,
    /// The instructions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub system: Option<Vec<Part>>,
    /// What was said to the model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input: Option<Vec<Message>>,
    /// What the model answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output: Option<Vec<Message>>,
    /// The tools that it could call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tool_definitions: Option<Vec<ToolDefinition>>,
    /// What a tool was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arguments: Option<Value>,
    /// What it gave back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<Value>,
    /// What was asked for beside the messages, by labels such as `temperature`.
    pub request: Value,
    /// What is said of the answer beside the messages, by labels such as `id`.
    pub response: Value,
    /// How the answer streamed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chunks: Option<Chunks>,
    /// What the parts of the call cost.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost_split: Option<Vec<CostPart>>,
    /// The attributes as they came.
    pub attributes: Vec<KeyValue>,
    /// What happened on the way, in the order of time.
    pub events: Vec<Event>,
    /// Other spans that it has to do with.
    pub links: Vec<Link>,
    /// What is said of the program.
    pub resource: Vec<KeyValue>,
    /// The library that made the span.
    pub scope: Scope,
    /// Who told of it.
    pub sources_detail: Vec<SourceDetail>,
    /// What is missing, in sentences.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub truncation: Vec<String>,
    /// The request as a shell command, for providers that are known; keys are variables.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub curl: Option<String>,
    /// The call that this one goes on from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previous: Option<Previous>,
}
