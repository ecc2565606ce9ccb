//! Lists, traces, and what a row shows.

use serde::Serialize;

/// Holds an amount of money, exactly.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Amount {
    /// The amount, as a decimal number in units of the currency.
    pub amount: String,
    /// The currency by its code of three letters.
    pub currency: String,
}

/// Holds tokens, as far as they are stated: the input includes cached ones, the output reasoning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Tokens {
    /// The input.
    #[serde(rename = "inputTokens", skip_serializing_if = "Option::is_none")]
    pub input: Option<u64>,
    /// The part of the input that came from a cache.
    #[serde(rename = "cachedTokens", skip_serializing_if = "Option::is_none")]
    pub cached: Option<u64>,
    /// The output.
    #[serde(rename = "outputTokens", skip_serializing_if = "Option::is_none")]
    pub output: Option<u64>,
    /// The part of the output that was spent on reasoning.
    #[serde(rename = "reasoningTokens", skip_serializing_if = "Option::is_none")]
    pub reasoning: Option<u64>,
}

/// Shows where the words that were looked for were said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Match {
    /// The span.
    pub span_id: String,
    /// The words, and some of what stands around them; plain text.
    pub snippet: String,
}

/// Shows a trace in a list.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TraceRow {
    /// The trace.
    pub trace_id: String,
    /// When its earliest known span began.
    pub start_micros: i64,
    /// How long it took to the end of the last known span.
    pub duration_micros: u64,
    /// The name of its first span.
    pub name: String,
    /// What that did, as the conventions name operations.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// The outermost agent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// The conversation that it is part of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conversation_id: Option<String>,
    /// The program.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// What the user said last, shortened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_user_message: Option<String>,
    /// The models, sorted.
    pub models: Vec<String>,
    /// Who runs them, sorted.
    pub providers: Vec<String>,
    /// The spans that are known.
    pub spans: u64,
    /// The calls to models, each once.
    pub calls: u64,
    /// The executions of tools, each once.
    pub tools: u64,
    /// The spans that failed.
    pub errors: u64,
    /// The tokens of all calls, each once.
    #[serde(flatten)]
    pub tokens: Tokens,
    /// What all calls cost whose cost is known, or as the agents state it where calls of theirs have no known cost.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<Amount>,
    /// Whether the cost, or a part of it, is what agents state.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub cost_stated: bool,
    /// The calls whose cost is not known, nor in what an agent states.
    pub unpriced_calls: u64,
    /// How long the first call that streamed took to its first chunk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_to_first_chunk_micros: Option<u64>,
    /// How it went: `ok`, `error`, `cancelled`, or `open` while its first span has not come yet.
    pub status: &'static str,
    /// The class of the error.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_type: Option<String>,
    /// Whose telemetry it is, sorted.
    pub sources: Vec<String>,
    /// Where the words that were looked for were said.
    #[serde(rename = "match", skip_serializing_if = "Option::is_none")]
    pub found: Option<Match>,
}

/// Holds a part of the list of traces.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TracePage {
    /// The traces, the newest first.
    pub traces: Vec<TraceRow>,
    /// Where the next part begins, where there is more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// The state of the store that this shows.
    pub revision: u64,
    /// All traces that there are, where nothing in particular was looked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
}

/// Points at another span.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Link {
    /// The other span's trace.
    pub trace_id: String,
    /// The other span.
    pub span_id: String,
}

/// Shows a span without what was said in it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SpanRow {
    /// The span.
    pub span_id: String,
    /// The span that it stands within, whether that is known or not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent_id: Option<String>,
    /// Its name.
    pub name: String,
    /// What it did, as the conventions name operations.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// The family of that: `chat`, `embeddings`, `tool`, `agent`, `workflow`, `retrieval`, `memory` or `other`.
    pub kind: &'static str,
    /// When it began.
    pub start_micros: i64,
    /// How long it took.
    pub duration_micros: u64,
    /// How it went: `ok`, `error` or `cancelled`.
    pub status: &'static str,
    /// The class of the error.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_type: Option<String>,
    /// What the error says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_message: Option<String>,
    /// The model that answered, or else the one that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Who runs it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// The tool.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tool: Option<String>,
    /// The model's id of the tool's call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tool_call_id: Option<String>,
    /// The agent, its own or the one that it works for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// The conversation, its own or that of what it stands within.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conversation_id: Option<String>,
    /// The tokens that it states.
    #[serde(flatten)]
    pub tokens: Tokens,
    /// What it cost.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<Amount>,
    /// How long the first chunk of its answer took to come.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_to_first_chunk_micros: Option<u64>,
    /// Why each choice ended, in the provider's words.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub finish_reasons: Vec<String>,
    /// Whether content or the answer itself was cut off.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub truncated: bool,
    /// Whether the span itself is not known, only that others stand within it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub inferred: bool,
    /// Whose telemetry it is; more than one where several told the same.
    pub sources: Vec<String>,
    /// Other spans that it has to do with.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Link>,
}

/// Holds a trace without what was said in it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Trace {
    /// The trace as a whole.
    pub trace: TraceRow,
    /// Its spans in the order in which they began; what several told of the same is one of them.
    pub spans: Vec<SpanRow>,
}

/// Shows a span that was looked for.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FoundSpan {
    /// Its trace.
    pub trace_id: String,
    /// The program.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// The span.
    #[serde(flatten)]
    pub span: SpanRow,
    /// Where the words that were looked for were said.
    #[serde(rename = "match", skip_serializing_if = "Option::is_none")]
    pub found: Option<Match>,
}

/// Holds a part of a list of spans.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SpanPage {
    /// The spans, the newest first.
    pub spans: Vec<FoundSpan>,
    /// Where the next part begins, where there is more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}
