//! What models and tools did over time.

use serde::Serialize;

use super::Amount;

/// Holds what there is to choose from in filters; each list is sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Facets {
    /// Models.
    pub models: Vec<String>,
    /// Who runs them.
    pub providers: Vec<String>,
    /// Tools.
    pub tools: Vec<String>,
    /// Agents.
    pub agents: Vec<String>,
    /// Programs.
    pub services: Vec<String>,
    /// Operations.
    pub operations: Vec<String>,
    /// Whose telemetry it is.
    pub sources: Vec<String>,
}

/// Sums up models and tools.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Statistics {
    /// How long a point of a series is.
    pub bucket_micros: u64,
    /// The models, the most called first.
    pub models: Vec<ModelStatistics>,
    /// The tools, the most called first.
    pub tools: Vec<ToolStatistics>,
}

/// Sums up the calls to a model, each once; latencies are nearest-rank percentiles of calls that did not fail.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ModelStatistics {
    /// The model; empty where calls name none.
    pub model: String,
    /// Who runs it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// The calls.
    pub calls: u64,
    /// Those that failed.
    pub errors: u64,
    /// The input of calls that state it.
    pub input_tokens: u64,
    /// The part of it that came from a cache.
    pub cached_tokens: u64,
    /// The output of calls that state it.
    pub output_tokens: u64,
    /// What the calls cost whose cost is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<Amount>,
    /// The calls whose cost is not known.
    pub unpriced_calls: u64,
    /// Half of the calls took no longer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p50_micros: Option<u64>,
    /// 95 % of the calls took no longer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p95_micros: Option<u64>,
    /// 99 % of the calls took no longer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p99_micros: Option<u64>,
    /// Half of the calls that streamed had their first chunk by then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_chunk_p50_micros: Option<u64>,
    /// The same over time; points without a call are left out.
    pub series: Vec<ModelPoint>,
}

/// Sums up the calls to a model within a bucket of time.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ModelPoint {
    /// When the bucket begins.
    pub at_micros: i64,
    /// The calls that began in it.
    pub calls: u64,
    /// Those that failed.
    pub errors: u64,
    /// The input of calls that state it.
    pub input_tokens: u64,
    /// The output of calls that state it.
    pub output_tokens: u64,
    /// What the calls cost whose cost is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<Amount>,
    /// Half of the calls took no longer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p50_micros: Option<u64>,
    /// 95 % of the calls took no longer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p95_micros: Option<u64>,
}

/// Sums up the executions of a tool, each once.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ToolStatistics {
    /// The tool.
    pub tool: String,
    /// The executions.
    pub calls: u64,
    /// Those that failed.
    pub errors: u64,
    /// Half of the executions took no longer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p50_micros: Option<u64>,
    /// 95 % of the executions took no longer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p95_micros: Option<u64>,
    /// 99 % of the executions took no longer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p99_micros: Option<u64>,
    /// The same over time; points without an execution are left out.
    pub series: Vec<ToolPoint>,
}

/// Sums up the executions of a tool within a bucket of time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ToolPoint {
    /// When the bucket begins.
    pub at_micros: i64,
    /// The executions that began in it.
    pub calls: u64,
    /// Those that failed.
    pub errors: u64,
    /// Half of the executions took no longer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p50_micros: Option<u64>,
    /// 95 % of the executions took no longer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p95_micros: Option<u64>,
}
