//! The crate's metrics.

use std::{borrow::Cow, time::Duration};

use genspan::{
    AgentInvocation, AgentSite, Amount, Common, FinishReason, Inference, Label, Measurement,
    Measuring, Outcome, OwnMetric, Provider, Record, ToolExecution, Usage, Value,
    semconv::{
        Instrument, Metric, ValueType, attribute as key, event,
        value::{error_type, token_type},
    },
};

use super::{OUTCOME, TOOL_OUTCOME, mcp};

const KIND: &str = "agent_sdk.tool.kind";
const TOOL_TIME: &str = "agent_sdk.tool.duration_ms";
const INPUT: &str = "agent_sdk.input.kind";

/// Lists the words for where a tool's work is done.
const KINDS: [&str; 4] = ["sync", "async", "listen", "unknown"];
/// Lists the words for what began a run.
const INPUTS: [&str; 5] = [
    "text",
    "message",
    "continue",
    "resume",
    "submit_tool_results",
];
/// Lists the words for how a tool ended.
const TOOL_OUTCOMES: [&str; 6] = [
    "success",
    "error",
    "blocked",
    "rejected",
    "awaiting_confirmation",
    "cancelled",
];
/// Says that a run turned out to be none.
const DISCARDED: &str = "discarded";
/// Lists the words for how a run ended.
const OUTCOMES: [&str; 11] = [
    "done",
    "refusal",
    "awaiting_confirmation",
    "cancelled",
    "error",
    "unknown",
    "needs_more_turns",
    "pending_tool_calls",
    "budget_exceeded",
    "abandoned",
    DISCARDED,
];

/// Makes a counter of things that have no unit.
const fn counter(
    name: &'static str,
    brief: &'static str,
    labels: &'static [&'static str],
) -> OwnMetric {
    OwnMetric {
        name,
        unit: "",
        brief,
        instrument: Instrument::Counter,
        value_type: ValueType::Int,
        buckets: &[],
        labels,
    }
}

static RETRIES: OwnMetric = counter(
    "agent_sdk.llm.retries",
    "Counts the attempts of calls that failed and were followed by another.",
    &[key::GEN_AI_PROVIDER_NAME, key::ERROR_TYPE],
);
static RUNS: OwnMetric = counter(
    "agent_sdk.runs.outcome",
    "Counts the runs of agents by how they ended.",
    &[OUTCOME],
);
static SUBAGENTS: OwnMetric = counter(
    "agent_sdk.subagent.invocations",
    "Counts the runs of agents within other agents' runs by how they ended.",
    &[key::GEN_AI_AGENT_NAME, OUTCOME],
);
static TOOLS: OwnMetric = counter(
    "agent_sdk.tools.execution.count",
    "Counts the runs of tools by how they ended.",
    TOOL_LABELS,
);
static TOOL_TIMES: OwnMetric = OwnMetric {
    name: "agent_sdk.tools.execution.duration",
    unit: "ms",
    brief: "Measures how long a tool took.",
    instrument: Instrument::Histogram,
    value_type: ValueType::Double,
    buckets: &[
        1.0, 5.0, 10.0, 50.0, 100.0, 500.0, 1000.0, 5000.0, 10_000.0, 60_000.0, 300_000.0,
    ],
    labels: TOOL_LABELS,
};
static TURNS: OwnMetric = OwnMetric {
    name: "agent_sdk.turns.duration",
    unit: "s",
    brief: "Measures how long an agent's run took.",
    instrument: Instrument::Histogram,
    value_type: ValueType::Double,
    buckets: Metric::ClientOperationDuration.buckets(),
    labels: &[OUTCOME, INPUT, key::GEN_AI_PROVIDER_NAME],
};

const TOOL_LABELS: &[&str] = &[key::GEN_AI_TOOL_NAME, KIND, TOOL_OUTCOME];

/// Measures an operation as the crate does.
#[must_use]
pub fn measure(operation: &Measuring<'_>) -> Vec<Measurement> {
    match operation.record() {
        Record::Inference(call) => inference(call, operation),
        Record::Embeddings(call) => {
            let of = Call {
                provider: &call.provider,
                model: call.model.as_deref(),
                answered_by: call.response_model.as_deref(),
            };
            let mut list = vec![of.duration(operation)];
            let input = (token_type::INPUT, call.usage.input());
            list.extend(of.tokens(operation, &call.usage, &[input]));
            list
        }
        Record::ToolExecution(call) => tool(call, operation),
        Record::Mcp(request) => mcp::measure(request, operation),
        Record::AgentInvocation(run) => match &run.site {
            AgentSite::InProcess { provider } => agent(run, provider.as_ref(), operation),
            AgentSite::Remote { .. } => operation.usual(),
        },
        _ => operation.usual(),
    }
}

type Labels = Vec<(&'static str, Label)>;

/// Holds what the metrics of a call have in common.
struct Call<'a> {
    provider: &'a Provider,
    model: Option<&'a str>,
    answered_by: Option<&'a str>,
}

impl Call<'_> {
    fn labels(&self, operation: &Measuring<'_>) -> Labels {
        let mut labels = vec![
            (key::GEN_AI_OPERATION_NAME, word(operation.operation())),
            (key::GEN_AI_PROVIDER_NAME, text(self.provider.as_str())),
        ];
        labels.extend(self.model.map(|it| (key::GEN_AI_REQUEST_MODEL, text(it))));
        labels
    }

    /// Names the model that answered as well.
    fn answered(&self, operation: &Measuring<'_>) -> Labels {
        let mut labels = self.labels(operation);
        let model = self.answered_by;
        labels.extend(model.map(|model| (key::GEN_AI_RESPONSE_MODEL, text(model))));
        labels
    }

    fn duration(&self, operation: &Measuring<'_>) -> Measurement {
        let labels = match operation.span().outcome.error_type() {
            Some(error_type) => {
                let mut labels = self.labels(operation);
                labels.push((key::ERROR_TYPE, text(error_type.as_str())));
                labels
            }
            None => self.answered(operation),
        };
        let took = Amount::Time(operation.took());
        operation.measurement(Metric::ClientOperationDuration, took, labels)
    }

    /// Measures the tokens that were stated; estimates are in no metric.
    fn tokens(
        &self,
        operation: &Measuring<'_>,
        usage: &Usage,
        counts: &[(&'static str, Option<u64>)],
    ) -> Vec<Measurement> {
        let counts = counts.iter().filter(|_| !usage.is_estimated());
        let stated = counts.filter_map(|(direction, count)| Some((*direction, (*count)?)));
        stated
            .filter(|(_, count)| *count > 0)
            .map(|(direction, count)| {
                let mut labels = self.answered(operation);
                labels.push((key::GEN_AI_TOKEN_TYPE, word(direction)));
                operation.measurement(Metric::ClientTokenUsage, Amount::Count(count), labels)
            })
            .collect()
    }
}

fn inference(call: &Inference, operation: &Measuring<'_>) -> Vec<Measurement> {
    let of = Call {
        provider: &call.provider,
        model: call.request.model.as_deref(),
        answered_by: call.response.model.as_deref(),
    };
    let mut list = vec![of.duration(operation)];
    let counts = [
        (token_type::INPUT, call.usage.input()),
        (token_type::OUTPUT, call.usage.output()),
    ];
    list.extend(of.tokens(operation, &call.usage, &counts));
    if call.request.stream {
        let time = |metric: Metric, time| {
            operation.measurement(metric, Amount::Time(time), of.labels(operation))
        };
        let first = call.timing.first_chunk();
        let wait = first.map(|at| at.since(operation.span().started));
        list.extend(wait.map(|wait| time(Metric::ClientOperationTimeToFirstChunk, wait)));
        let gaps = call.timing.gaps().iter();
        list.extend(gaps.map(|gap| time(Metric::ClientOperationTimePerOutputChunk, *gap)));
    }
    list.extend(retries(call, operation));
    list
}

/// Counts the failed attempts but the last, after which nobody tried again.
fn retries<'a>(
    call: &'a Inference,
    operation: &'a Measuring<'_>,
) -> impl Iterator<Item = Measurement> + 'a {
    let followed = usize::try_from(call.attempts.saturating_sub(1)).unwrap_or(usize::MAX);
    let failed = call.common.events.iter();
    let failed = failed.filter(|event| event.name == event::GENSPAN_ATTEMPT);
    failed.take(followed).map(|event| {
        let mut stated = event.attributes.iter();
        let class = stated.find(|(name, _)| name == key::ERROR_TYPE);
        let class = class.and_then(|(_, class)| class.as_str());
        let labels = [
            (key::GEN_AI_PROVIDER_NAME, text(call.provider.as_str())),
            (key::ERROR_TYPE, text(class.unwrap_or(error_type::OTHER))),
        ];
        operation.measurement(&RETRIES, Amount::Count(1), labels)
    })
}

fn tool(call: &ToolExecution, operation: &Measuring<'_>) -> Vec<Measurement> {
    let common = &call.common;
    let has_failed = operation.span().outcome.error_type().is_some();
    let said = if has_failed { "error" } else { "success" };
    let labels = [
        (key::GEN_AI_TOOL_NAME, text(&call.name)),
        (
            KIND,
            word(stated(common, KIND, &KINDS).unwrap_or("unknown")),
        ),
        (
            TOOL_OUTCOME,
            word(stated(common, TOOL_OUTCOME, &TOOL_OUTCOMES).unwrap_or(said)),
        ),
    ];
    let took = match find(common, TOOL_TIME) {
        Some(Value::Int(milliseconds)) => u64::try_from(*milliseconds).ok(),
        _ => None,
    };
    let took = took.map_or_else(|| operation.took(), Duration::from_millis);
    vec![
        operation.measurement(&TOOLS, Amount::Count(1), labels.clone()),
        operation.measurement(&TOOL_TIMES, Amount::Time(took), labels),
    ]
}

fn agent(
    run: &AgentInvocation,
    provider: Option<&Provider>,
    operation: &Measuring<'_>,
) -> Vec<Measurement> {
    let outcome = stated(&run.common, OUTCOME, &OUTCOMES)
        .unwrap_or_else(|| ended(run, operation.span().outcome));
    let ended = (OUTCOME, word(outcome));
    let name = run.name.as_deref();
    let name = name.map(|name| (key::GEN_AI_AGENT_NAME, text(name)));
    if outcome == DISCARDED {
        return Vec::new();
    }
    if run.within_agent {
        let labels = name.into_iter().chain([ended]);
        return vec![operation.measurement(&SUBAGENTS, Amount::Count(1), labels)];
    }
    let input = stated(&run.common, INPUT, &INPUTS).map(|input| (INPUT, word(input)));
    let provider = provider.map(|it| (key::GEN_AI_PROVIDER_NAME, text(it.as_str())));
    let took = Amount::Time(operation.took());
    let labels = [ended.clone()].into_iter().chain(input).chain(provider);
    vec![
        operation.measurement(&RUNS, Amount::Count(1), [ended]),
        operation.measurement(&TURNS, took, labels),
    ]
}

/// Gives the crate's word for how a run ended, as it stands on the run's span.
fn ended(run: &AgentInvocation, outcome: &Outcome) -> &'static str {
    let is_refused =
        |word: &String| FinishReason::from_provider(word) == FinishReason::ContentFilter;
    match outcome {
        Outcome::Cancelled => "cancelled",
        Outcome::Failed(_) => "error",
        Outcome::Completed if run.finish_reasons.iter().any(is_refused) => "refusal",
        Outcome::Completed => "done",
    }
}

/// Finds what the application states of an operation, where it is one of the words.
fn stated(common: &Common, key: &str, words: &[&'static str]) -> Option<&'static str> {
    let said = find(common, key)?.as_str()?;
    words.iter().copied().find(|word| *word == said)
}

fn find<'a>(common: &'a Common, key: &str) -> Option<&'a Value> {
    let mut all = common.attributes.iter();
    all.find(|(known, _)| known == key).map(|(_, value)| value)
}

pub(super) const fn word(word: &'static str) -> Label {
    Label::Text(Cow::Borrowed(word))
}

pub(super) fn text(text: &str) -> Label {
    Label::Text(text.to_owned().into())
}
