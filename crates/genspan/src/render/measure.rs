//! The measurements of an operation.

mod mcp;
mod tokens;

use std::borrow::Cow;

use super::{Context, operation_name};
use crate::{
    AgentInvocation, AgentSite, Amount, Conventions, Inference, Label, Labels, Measurement,
    Provider, Record, Server, ToolExecution, Turn, WorkflowInvocation,
    operation::View,
    redact::Redactor,
    semconv::{Metric, attribute as key, value::provider_name},
};

/// Measures an operation: once its duration, and what else the version knows of it.
pub(super) fn measurements(context: &Context<'_>) -> Vec<Measurement> {
    // Labels have no room to say that a time is but a bound.
    if context.record.common().inferred.is_some() {
        return Vec::new();
    }
    match context.record {
        Record::Inference(record) => inference(record, context),
        Record::Embeddings(record) => {
            let mut labels = LabelList::of_call(
                context,
                Some(&record.provider),
                record.model.as_deref(),
                record.server.as_ref(),
            );
            labels.text(key::GEN_AI_RESPONSE_MODEL, record.response_model.as_deref());
            let labels = labels.finish();
            let took = duration(context, Metric::ClientOperationDuration, labels.clone());
            let mut list = vec![took];
            if context.version < Conventions::Main {
                list.extend(tokens::legacy_input(&record.usage, &labels));
            }
            list
        }
        Record::Retrieval(record) => client(
            context,
            record.provider.as_ref(),
            record.model.as_deref(),
            record.server.as_ref(),
        ),
        Record::AgentCreation(record) => client(
            context,
            Some(&record.provider),
            record.model.as_deref(),
            record.server.as_ref(),
        ),
        Record::Memory(record) => client(
            context,
            record.provider.as_ref(),
            None,
            record.server.as_ref(),
        ),
        Record::ResponseFetch(record) => client(
            context,
            Some(&record.provider),
            None,
            record.server.as_ref(),
        ),
        Record::AgentInvocation(record) => agent(record, context),
        Record::ToolExecution(record) => vec![tool(record, context)],
        Record::WorkflowInvocation(record) => vec![workflow(record, context)],
        // The conventions measure the model call that makes a plan, and not the plan; of steps they know nothing.
        Record::Plan(_) | Record::Step(_) => Vec::new(),
        Record::Turn(record) => vec![turn(record, context)],
        Record::Mcp(record) => vec![mcp::message(record, context)],
        Record::McpSession(record) => vec![mcp::session(record, context)],
    }
}

/// Gathers labels, each text without secrets.
#[derive(Clone)]
struct LabelList<'a> {
    list: Vec<(&'static str, Label)>,
    /// Stands last in the order of keys.
    server: Option<&'a Server>,
    redactor: &'a Redactor,
}

impl<'a> LabelList<'a> {
    fn new(context: &Context<'a>) -> Self {
        Self {
            list: Vec::with_capacity(10),
            server: None,
            redactor: context.rendering.redactor(),
        }
    }

    /// Begins with the labels that all calls to a service share.
    fn of_call(
        context: &Context<'a>,
        provider: Option<&Provider>,
        model: Option<&str>,
        server: Option<&'a Server>,
    ) -> Self {
        let mut labels = Self::new(context);
        labels.server = server;
        let operation = operation_name(View::of(context.record));
        labels.push(key::GEN_AI_OPERATION_NAME, word(operation));
        if let Some(provider) = provider.filter(|provider| !provider.as_str().is_empty()) {
            match provider.named_in(context.version) {
                (key, Cow::Borrowed(name)) => labels.push(key, word(name)),
                (key, Cow::Owned(name)) => labels.text(key, Some(name)),
            }
        }
        labels.text(key::GEN_AI_REQUEST_MODEL, model);
        labels
    }

    fn push(&mut self, key: &'static str, label: Label) {
        self.list.push((key, label));
    }

    /// Adds a text of the application's or the provider's where there is one.
    fn text(&mut self, key: &'static str, text: Option<&str>) {
        if let Some(text) = text {
            let text = self.redactor.redact(text).into_owned();
            self.push(key, Label::Text(text.into()));
        }
    }

    fn finish(mut self) -> Labels {
        if let Some(server) = self.server {
            self.text(key::SERVER_ADDRESS, Some(&server.address));
            if let Some(port) = server.port {
                self.push(key::SERVER_PORT, Label::Number(port.into()));
            }
        }
        Labels::new(self.list)
    }
}

/// Makes one of the conventions' own words a label.
const fn word(word: &'static str) -> Label {
    Label::Text(Cow::Borrowed(word))
}

/// Measures how long the operation took.
fn duration(context: &Context<'_>, metric: Metric, labels: Labels) -> Measurement {
    let took = context.span.ended.since(context.span.started);
    let labels = match context.span.outcome.error_type() {
        Some(error_type) => {
            let redactor = context.rendering.redactor();
            let error_type = redactor.redact(error_type.as_str()).into_owned();
            labels.with(key::ERROR_TYPE, Label::Text(error_type.into()))
        }
        None => labels,
    };
    Measurement {
        metric: metric.into(),
        amount: Amount::Time(took),
        labels,
    }
}

fn client(
    context: &Context<'_>,
    provider: Option<&Provider>,
    model: Option<&str>,
    server: Option<&Server>,
) -> Vec<Measurement> {
    vec![duration(
        context,
        Metric::ClientOperationDuration,
        LabelList::of_call(context, provider, model, server).finish(),
    )]
}

fn inference(record: &Inference, context: &Context<'_>) -> Vec<Measurement> {
    let is_main = context.version >= Conventions::Main;
    let mut labels = LabelList::of_call(
        context,
        Some(&record.provider),
        record.request.model.as_deref(),
        record.server.as_ref(),
    );
    let model = record.response.model.as_deref();
    labels.text(key::GEN_AI_RESPONSE_MODEL, model);
    let is_stream = record.request.stream && context.version >= Conventions::V1_41;
    let base = is_stream.then(|| labels.clone().finish());
    refine(&mut labels, record, context);
    let refined = labels.finish();
    let took = if is_main {
        Metric::ClientInferenceDuration
    } else {
        Metric::ClientOperationDuration
    };
    let mut list = Vec::with_capacity(if is_main { 8 } else { 4 });
    list.push(duration(context, took, refined.clone()));
    if is_main {
        tokens::main(&record.usage, &refined, &mut list);
    } else {
        list.extend(tokens::legacy(&record.usage, &refined));
    }
    if let Some(base) = base {
        chunks(record, context, &base, &mut list);
    }
    list
}

/// Adds what OpenAI's conventions add to its metrics.
fn refine(labels: &mut LabelList<'_>, record: &Inference, context: &Context<'_>) {
    if record.provider.as_str() != provider_name::OPENAI || context.version < Conventions::V1_41 {
        return;
    }
    let tier = record.response.service_tier.as_deref();
    labels.text(key::OPENAI_RESPONSE_SERVICE_TIER, tier);
    let fingerprint = record.response.system_fingerprint.as_deref();
    labels.text(key::OPENAI_RESPONSE_SYSTEM_FINGERPRINT, fingerprint);
}

/// Measures the chunks of a stream.
fn chunks(record: &Inference, context: &Context<'_>, labels: &Labels, list: &mut Vec<Measurement>) {
    let (first, gap) = if context.version >= Conventions::Main {
        (
            Metric::ClientInferenceTimeToFirstChunk,
            Metric::ClientInferenceTimePerOutputChunk,
        )
    } else {
        (
            Metric::ClientOperationTimeToFirstChunk,
            Metric::ClientOperationTimePerOutputChunk,
        )
    };
    let measure = |metric: Metric, time| Measurement {
        metric: metric.into(),
        amount: Amount::Time(time),
        labels: labels.clone(),
    };
    let wait = record
        .timing
        .first_chunk()
        .map(|at| measure(first, at.since(context.span.started)));
    let gaps = record.timing.gaps().iter().map(|time| measure(gap, *time));
    list.reserve(gaps.len() + 1);
    list.extend(wait.into_iter().chain(gaps));
}

fn agent(record: &AgentInvocation, context: &Context<'_>) -> Vec<Measurement> {
    let model = record.request.model.as_deref();
    if let AgentSite::Remote { provider, server } = &record.site {
        return client(context, Some(provider), model, server.as_ref());
    }
    let mut name = LabelList::new(context);
    name.text(key::GEN_AI_AGENT_NAME, record.name.as_deref());
    let mut labels = LabelList::new(context);
    labels.list.clone_from(&name.list);
    labels.text(key::GEN_AI_REQUEST_MODEL, model);
    let name = name.finish();
    let calls = [
        (Metric::InvokeAgentInferenceCalls, record.inference_calls),
        (Metric::InvokeAgentToolCalls, record.tool_calls),
    ];
    let counts = calls.into_iter().filter_map(|(metric, count)| {
        count.map(|count| Measurement {
            metric: metric.into(),
            amount: Amount::Count(count),
            labels: name.clone(),
        })
    });
    [duration(
        context,
        Metric::InvokeAgentDuration,
        labels.finish(),
    )]
    .into_iter()
    .chain(counts)
    .collect()
}

fn tool(record: &ToolExecution, context: &Context<'_>) -> Measurement {
    let mut labels = LabelList::new(context);
    labels.text(key::GEN_AI_TOOL_NAME, Some(&record.name));
    let tool_type = record.tool_type.as_ref().map(crate::ToolType::as_str);
    labels.text(key::GEN_AI_TOOL_TYPE, tool_type);
    labels.text(key::GEN_AI_AGENT_NAME, record.agent_name.as_deref());
    if let Some(request) = &record.mcp {
        mcp::error(&mut labels, request, context);
    }
    duration(context, Metric::ExecuteToolDuration, labels.finish())
}

fn workflow(record: &WorkflowInvocation, context: &Context<'_>) -> Measurement {
    let mut labels = LabelList::new(context);
    labels.text(key::GEN_AI_WORKFLOW_NAME, record.name.as_deref());
    duration(context, Metric::InvokeWorkflowDuration, labels.finish())
}

fn turn(record: &Turn, context: &Context<'_>) -> Measurement {
    let mut labels = LabelList::new(context);
    labels.text(key::GEN_AI_AGENT_NAME, record.agent_name.as_deref());
    duration(context, Metric::GenspanTurnDuration, labels.finish())
}
