//! The measurements of an operation.

use super::{Context, operation_name};
use crate::{
    AgentInvocation, AgentSite, Amount, Conventions, Inference, Label, Labels, Measurement,
    Provider, Record, Server, ToolExecution, Usage, WorkflowInvocation,
    operation::View,
    semconv::{
        Metric, attribute as key,
        value::{provider_name, token_modality, token_type},
    },
};

/// Measures an operation: once its duration, and what else the version knows of it.
pub(super) fn measurements(context: &Context<'_>) -> Vec<Measurement> {
    match context.record {
        Record::Inference(record) => inference(record, context),
        Record::Embeddings(record) => {
            let labels = labels(
                context,
                Some(&record.provider),
                record.model.as_deref(),
                record.server.as_ref(),
            );
            let model = record.response_model.as_deref();
            let labels = context.labelled(labels, key::GEN_AI_RESPONSE_MODEL, model);
            let input = (context.version < Conventions::Main)
                .then(|| tokens(token_type::INPUT, record.usage.input(), &labels));
            let took = duration(context, Metric::ClientOperationDuration, labels);
            [took].into_iter().chain(input.flatten()).collect()
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
        // The conventions measure the model call that makes a plan, and not the plan.
        Record::Plan(_) => Vec::new(),
    }
}

/// Gives the labels that all calls to a service share.
fn labels(
    context: &Context<'_>,
    provider: Option<&Provider>,
    model: Option<&str>,
    server: Option<&Server>,
) -> Labels {
    let provider_key = if context.version < Conventions::V1_41 {
        key::GEN_AI_SYSTEM
    } else {
        key::GEN_AI_PROVIDER_NAME
    };
    let operation = operation_name(View::of(context.record));
    let labels = Labels::default().with_text(key::GEN_AI_OPERATION_NAME, Some(operation));
    let labels = context.labelled(labels, provider_key, provider.map(Provider::as_str));
    let labels = context.labelled(labels, key::GEN_AI_REQUEST_MODEL, model);
    let address = server.map(|server| server.address.as_str());
    let labels = context.labelled(labels, key::SERVER_ADDRESS, address);
    match server.and_then(|server| server.port) {
        Some(port) => labels.with(key::SERVER_PORT, Label::Number(port.into())),
        None => labels,
    }
}

impl Context<'_> {
    /// Adds a label of the application's or the provider's where there is one, without secrets.
    fn labelled(&self, labels: Labels, key: &'static str, text: Option<&str>) -> Labels {
        match text {
            Some(text) => {
                let text = self.rendering.redactor().redact(text).into_owned();
                labels.with(key, Label::Text(text))
            }
            None => labels,
        }
    }
}

/// Measures how long the operation took.
fn duration(context: &Context<'_>, metric: Metric, labels: Labels) -> Measurement {
    let took = context.span.ended.since(context.span.started);
    let error_type = context.span.outcome.error_type();
    let error_type = error_type.map(crate::ErrorType::as_str);
    Measurement {
        metric,
        amount: Amount::Time(took),
        labels: context.labelled(labels, key::ERROR_TYPE, error_type),
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
        labels(context, provider, model, server),
    )]
}

fn inference(record: &Inference, context: &Context<'_>) -> Vec<Measurement> {
    let is_main = context.version >= Conventions::Main;
    let base = labels(
        context,
        Some(&record.provider),
        record.request.model.as_deref(),
        record.server.as_ref(),
    );
    let model = record.response.model.as_deref();
    let base = context.labelled(base, key::GEN_AI_RESPONSE_MODEL, model);
    let refined = refine(base.clone(), record, context);
    let took = if is_main {
        Metric::ClientInferenceDuration
    } else {
        Metric::ClientOperationDuration
    };
    let mut list = vec![duration(context, took, refined.clone())];
    if is_main {
        list.extend(main_tokens(&record.usage, &refined));
    } else {
        list.extend(tokens(token_type::INPUT, record.usage.input(), &refined));
        list.extend(tokens(token_type::OUTPUT, record.usage.output(), &refined));
    }
    if record.request.stream && context.version >= Conventions::V1_41 {
        list.extend(chunks(record, context, &base));
    }
    list
}

/// Adds what OpenAI's conventions add to its metrics.
fn refine(labels: Labels, record: &Inference, context: &Context<'_>) -> Labels {
    if record.provider.as_str() != provider_name::OPENAI || context.version < Conventions::V1_41 {
        return labels;
    }
    let tier = record.response.service_tier.as_deref();
    let labels = context.labelled(labels, key::OPENAI_RESPONSE_SERVICE_TIER, tier);
    let fingerprint = record.response.system_fingerprint.as_deref();
    context.labelled(labels, key::OPENAI_RESPONSE_SYSTEM_FINGERPRINT, fingerprint)
}

/// Measures the chunks of a stream.
fn chunks(record: &Inference, context: &Context<'_>, labels: &Labels) -> Vec<Measurement> {
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
    let measure = |metric, time| Measurement {
        metric,
        amount: Amount::Time(time),
        labels: labels.clone(),
    };
    let wait = record
        .timing
        .first_chunk()
        .map(|at| measure(first, at.since(context.span.started)));
    let gaps = record.timing.gaps().iter().map(|time| measure(gap, *time));
    wait.into_iter().chain(gaps).collect()
}

/// Measures tokens as v1.36 and v1.41 do: one instrument, its direction a label.
fn tokens(direction: &'static str, count: Option<u64>, labels: &Labels) -> Option<Measurement> {
    count.map(|count| Measurement {
        metric: Metric::ClientTokenUsage,
        amount: Amount::Count(count),
        labels: labels
            .clone()
            .with_text(key::GEN_AI_TOKEN_TYPE, Some(direction)),
    })
}

/// Measures tokens as later versions do: counters for spending, histograms for the spread.
fn main_tokens(usage: &Usage, labels: &Labels) -> Vec<Measurement> {
    let counted = labels
        .clone()
        .with_text(key::GEN_AI_TOKEN_MODALITY, Some(token_modality::UNKNOWN));
    let measure = |metric, count: Option<u64>, labels: &Labels| {
        count.map(|count| Measurement {
            metric,
            amount: Amount::Count(count),
            labels: labels.clone(),
        })
    };
    [
        measure(
            Metric::ClientInferenceUsageInputTokens,
            usage.input(),
            &counted,
        ),
        measure(
            Metric::ClientInferenceUsageOutputTokens,
            usage.output(),
            &counted,
        ),
        measure(
            Metric::ClientInferenceUsageCacheReadInputTokens,
            usage.cache_read(),
            &counted,
        ),
        measure(
            Metric::ClientInferenceUsageCacheWriteInputTokens,
            usage.cache_write(),
            &counted,
        ),
        measure(
            Metric::ClientInferenceUsageReasoningOutputTokens,
            usage.reasoning(),
            &counted,
        ),
        measure(
            Metric::ClientInferenceOperationInputTokens,
            usage.input(),
            labels,
        ),
        measure(
            Metric::ClientInferenceOperationOutputTokens,
            usage.output(),
            labels,
        ),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn agent(record: &AgentInvocation, context: &Context<'_>) -> Vec<Measurement> {
    let model = record.request.model.as_deref();
    if let AgentSite::Remote { provider, server } = &record.site {
        return client(context, Some(provider), model, server.as_ref());
    }
    let name = record.name.as_deref();
    let name = context.labelled(Labels::default(), key::GEN_AI_AGENT_NAME, name);
    let labels = context.labelled(name.clone(), key::GEN_AI_REQUEST_MODEL, model);
    let calls = [
        (Metric::InvokeAgentInferenceCalls, record.inference_calls),
        (Metric::InvokeAgentToolCalls, record.tool_calls),
    ];
    let counts = calls.into_iter().filter_map(|(metric, count)| {
        count.map(|count| Measurement {
            metric,
            amount: Amount::Count(count),
            labels: name.clone(),
        })
    });
    [duration(context, Metric::InvokeAgentDuration, labels)]
        .into_iter()
        .chain(counts)
        .collect()
}

fn tool(record: &ToolExecution, context: &Context<'_>) -> Measurement {
    let labels = context.labelled(Labels::default(), key::GEN_AI_TOOL_NAME, Some(&record.name));
    let tool_type = record.tool_type.as_ref().map(crate::ToolType::as_str);
    let labels = context.labelled(labels, key::GEN_AI_TOOL_TYPE, tool_type);
    let agent = record.agent_name.as_deref();
    let labels = context.labelled(labels, key::GEN_AI_AGENT_NAME, agent);
    duration(context, Metric::ExecuteToolDuration, labels)
}

fn workflow(record: &WorkflowInvocation, context: &Context<'_>) -> Measurement {
    let name = record.name.as_deref();
    let labels = context.labelled(Labels::default(), key::GEN_AI_WORKFLOW_NAME, name);
    duration(context, Metric::InvokeWorkflowDuration, labels)
}
