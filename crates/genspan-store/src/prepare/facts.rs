//! What lists and filters know of a span.

use genspan::{
    Billable, Counts, Money, PriceList, Provider, Server, Timestamp, Usage,
    semconv::{
        attribute as key,
        value::{error_type, operation_name as operation},
    },
};
use genspan_dialects::{Attributes, Dialect, Span as View, Status as ViewStatus};
use opentelemetry_proto::tonic::{
    common::v1::any_value::Value, resource::v1::Resource, trace::v1::Span,
};

use super::{nanos, spans::Ids};

/// Holds what lists and filters know of a span; the columns of its row.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Facts {
    pub(crate) trace_id: [u8; 16],
    pub(crate) span_id: [u8; 8],
    pub(crate) parent_id: Option<[u8; 8]>,
    pub(crate) started: i64,
    pub(crate) ended: i64,
    /// How much the span tells; of two that are the same, the one that tells more is kept.
    pub(crate) weight: i64,
    pub(crate) digest: i64,
    pub(crate) name: String,
    pub(crate) operation: Option<String>,
    pub(crate) kind: Kind,
    pub(crate) status: Status,
    pub(crate) error_type: Option<String>,
    pub(crate) error_message: Option<String>,
    pub(crate) model: Option<String>,
    pub(crate) provider: Option<String>,
    pub(crate) tool: Option<String>,
    pub(crate) tool_call_id: Option<String>,
    pub(crate) response_id: Option<String>,
    pub(crate) agent: Option<String>,
    pub(crate) conversation: Option<String>,
    pub(crate) service: Option<String>,
    pub(crate) source: String,
    pub(crate) input: Option<i64>,
    pub(crate) cached: Option<i64>,
    pub(crate) output: Option<i64>,
    pub(crate) reasoning: Option<i64>,
    /// In 10⁻¹² of the currency's unit.
    pub(crate) cost: Option<i64>,
    pub(crate) currency: Option<String>,
    pub(crate) first_chunk: Option<i64>,
    /// Separated by [`SEPARATOR`].
    pub(crate) finish_reasons: Option<String>,
    pub(crate) is_truncated: bool,
    /// Ids of traces and spans, 24 bytes each.
    pub(crate) links: Option<Vec<u8>>,
}

/// Stands between the items of a list in one column.
pub(crate) const SEPARATOR: char = '\u{1f}';

/// Names the family of an operation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Kind {
    #[default]
    Other,
    Chat,
    Embeddings,
    Tool,
    Agent,
    Workflow,
    Retrieval,
    Memory,
}

impl Kind {
    const ALL: [Self; 8] = [
        Self::Other,
        Self::Chat,
        Self::Embeddings,
        Self::Tool,
        Self::Agent,
        Self::Workflow,
        Self::Retrieval,
        Self::Memory,
    ];

    pub(crate) fn of(name: &str) -> Self {
        match name {
            operation::CHAT | operation::TEXT_COMPLETION | operation::GENERATE_CONTENT => {
                Self::Chat
            }
            operation::EMBEDDINGS => Self::Embeddings,
            operation::EXECUTE_TOOL => Self::Tool,
            operation::INVOKE_AGENT | operation::CREATE_AGENT => Self::Agent,
            operation::INVOKE_WORKFLOW => Self::Workflow,
            operation::RETRIEVAL => Self::Retrieval,
            operation::SEARCH_MEMORY
            | operation::CREATE_MEMORY
            | operation::CREATE_MEMORY_STORE
            | operation::UPDATE_MEMORY
            | operation::UPSERT_MEMORY
            | operation::DELETE_MEMORY
            | operation::DELETE_MEMORY_STORE => Self::Memory,
            _ => Self::Other,
        }
    }

    pub(crate) const fn column(self) -> i64 {
        self as i64
    }

    pub(crate) fn from_column(number: i64) -> Self {
        let known = Self::ALL.into_iter().find(|kind| kind.column() == number);
        known.unwrap_or_default()
    }

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Other => "other",
            Self::Chat => "chat",
            Self::Embeddings => "embeddings",
            Self::Tool => "tool",
            Self::Agent => "agent",
            Self::Workflow => "workflow",
            Self::Retrieval => "retrieval",
            Self::Memory => "memory",
        }
    }

    /// Tells whether it is one call to a model.
    pub(crate) const fn is_call(self) -> bool {
        matches!(self, Self::Chat | Self::Embeddings)
    }
}

/// Says how a span went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Status {
    #[default]
    Ok,
    Error,
    Cancelled,
}

impl Status {
    pub(crate) const fn column(self) -> i64 {
        self as i64
    }

    pub(crate) const fn from_column(number: i64) -> Self {
        match number {
            1 => Self::Error,
            2 => Self::Cancelled,
            _ => Self::Ok,
        }
    }

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Error => "error",
            Self::Cancelled => "cancelled",
        }
    }
}

/// Names the program.
pub(crate) fn service(resource: Option<&Resource>) -> Option<String> {
    let attributes = &resource?.attributes;
    let name = attributes
        .iter()
        .find(|found| found.key == key::SERVICE_NAME)?;
    match &name.value.as_ref()?.value {
        Some(Value::StringValue(name)) if !name.is_empty() => Some(name.clone()),
        _ => None,
    }
}

/// Names whose telemetry a span is: the dialect that it speaks, else who made it.
pub(crate) fn source(dialect: Option<Dialect>, scope: &str) -> String {
    let is_own = scope.split([':', '.', '/', '-', '_']).next() == Some("genspan");
    match dialect {
        Some(dialect) => dialect.as_str().to_owned(),
        None if is_own => "genspan".to_owned(),
        None => "opentelemetry".to_owned(),
    }
}

/// Gathers what is known of a span; `view` is what it says in the conventions' language.
pub(crate) fn of(
    (trace_id, span_id): Ids,
    span: &Span,
    view: &View,
    prices: Option<&dyn PriceList>,
) -> Facts {
    let attributes = &view.attributes;
    let text = |key: &str| {
        let text = attributes.text(key).filter(|text| !text.is_empty());
        text.map(str::to_owned)
    };
    let operation = text(key::GEN_AI_OPERATION_NAME);
    let kind = operation.as_deref().map(Kind::of).unwrap_or_default();
    let started = nanos(span.start_time_unix_nano);
    let usage = usage(attributes);
    let (status, error_type, error_message) = outcome(view);
    let (cost, currency) = cost(attributes, kind, usage, prices, view.started).unzip();
    let count = |count: Option<u64>| count.and_then(|count| i64::try_from(count).ok());
    let finish_reasons = finish_reasons(attributes);
    Facts {
        trace_id,
        span_id,
        parent_id: <[u8; 8]>::try_from(span.parent_span_id.as_slice())
            .ok()
            .filter(|id| *id != [0; 8]),
        started,
        ended: nanos(span.end_time_unix_nano).max(started),
        weight: i64::try_from(span.attributes.len() + span.events.len() + span.links.len())
            .unwrap_or(i64::MAX),
        digest: 0,
        name: view.name.clone(),
        kind,
        status,
        is_truncated: is_truncated(span, attributes, error_type.as_deref(), &finish_reasons),
        error_type,
        error_message,
        model: text(key::GEN_AI_RESPONSE_MODEL).or_else(|| text(key::GEN_AI_REQUEST_MODEL)),
        provider: text(key::GEN_AI_PROVIDER_NAME).or_else(|| text(key::GEN_AI_SYSTEM)),
        tool: text(key::GEN_AI_TOOL_NAME),
        tool_call_id: text(key::GEN_AI_TOOL_CALL_ID),
        response_id: text(key::GEN_AI_RESPONSE_ID),
        agent: text(key::GEN_AI_AGENT_NAME),
        conversation: text(key::GEN_AI_CONVERSATION_ID),
        service: None,
        source: String::new(),
        input: count(usage.input()),
        cached: count(usage.cache_read()),
        output: count(usage.output()),
        reasoning: count(usage.reasoning()),
        cost: cost.and_then(|cost: Money| i64::try_from(cost.picos()).ok()),
        currency,
        first_chunk: first_chunk(attributes),
        finish_reasons: (!finish_reasons.is_empty())
            .then(|| finish_reasons.join(&SEPARATOR.to_string())),
        operation,
        links: links(span),
    }
}

fn outcome(view: &View) -> (Status, Option<String>, Option<String>) {
    let stated = view.attributes.text(key::ERROR_TYPE).map(str::to_owned);
    let ViewStatus::Error(message) = &view.status else {
        return match stated {
            Some(word) if view.status == ViewStatus::Unset => (status_of(&word), Some(word), None),
            _ => (Status::Ok, None, None),
        };
    };
    let word = stated.unwrap_or_else(|| error_type::OTHER.to_owned());
    let message = (!message.is_empty()).then(|| message.clone());
    (status_of(&word), Some(word), message)
}

fn status_of(error: &str) -> Status {
    if error == error_type::CANCELLED {
        Status::Cancelled
    } else {
        Status::Error
    }
}

/// Reads the tokens that a span states.
pub(crate) fn usage(attributes: &Attributes) -> Usage {
    let count = |key: &str| {
        let count = attributes.count(key)?;
        u64::try_from(count).ok()
    };
    let counts = Counts {
        input: count(key::GEN_AI_USAGE_INPUT_TOKENS),
        output: count(key::GEN_AI_USAGE_OUTPUT_TOKENS),
        cache_read: count(key::GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS),
        cache_write: count(key::GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS)
            .or_else(|| count(key::GEN_AI_USAGE_CACHE_CREATION_INPUT_TOKENS)),
        cache_write_long: count(key::GENSPAN_USAGE_CACHE_WRITE_LONG_INPUT_TOKENS),
        reasoning: count(key::GEN_AI_USAGE_REASONING_OUTPUT_TOKENS),
        ..Counts::default()
    };
    Usage::inclusive(counts).0
}

/// Gives what a span cost: as it states, else as the prices say where it is a call to a model.
fn cost(
    attributes: &Attributes,
    kind: Kind,
    usage: Usage,
    prices: Option<&dyn PriceList>,
    at: Option<Timestamp>,
) -> Option<(Money, String)> {
    if let Some(genspan::Value::Double(amount)) = attributes.get(key::GENSPAN_COST_TOTAL) {
        let currency = attributes.text(key::GENSPAN_COST_CURRENCY).unwrap_or("USD");
        return Some((Money::from_f64(*amount)?, currency.to_owned()));
    }
    let cost = price(attributes, kind, usage, prices?, at)?;
    Some((cost.amount, cost.currency.into_owned()))
}

/// Asks the prices what a call to a model cost.
pub(crate) fn price(
    attributes: &Attributes,
    kind: Kind,
    usage: Usage,
    prices: &dyn PriceList,
    at: Option<Timestamp>,
) -> Option<genspan::Cost> {
    if !kind.is_call() || usage == Usage::default() {
        return None;
    }
    let provider = Provider::new(attributes.text(key::GEN_AI_PROVIDER_NAME)?.to_owned());
    let server = attributes.text(key::SERVER_ADDRESS).map(|address| {
        let port = attributes.count(key::SERVER_PORT);
        Server::new(address, port.and_then(|port| u16::try_from(port).ok()))
    });
    let mut call = Billable::new(&provider, usage);
    call.server = server.as_ref();
    call.request_model = attributes.text(key::GEN_AI_REQUEST_MODEL);
    call.response_model = attributes.text(key::GEN_AI_RESPONSE_MODEL);
    call.service_tier = [
        key::OPENAI_RESPONSE_SERVICE_TIER,
        key::GEN_AI_OPENAI_RESPONSE_SERVICE_TIER,
        key::OPENAI_REQUEST_SERVICE_TIER,
        key::GEN_AI_OPENAI_REQUEST_SERVICE_TIER,
    ]
    .into_iter()
    .find_map(|key| attributes.text(key));
    call.at = at;
    call.has_output = kind == Kind::Chat;
    prices.price(&call)
}

/// Reads how long the first chunk took, in nanoseconds.
fn first_chunk(attributes: &Attributes) -> Option<i64> {
    let seconds = match attributes.get(key::GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK)? {
        genspan::Value::Double(seconds) => *seconds,
        #[allow(clippy::cast_precision_loss, reason = "whole seconds")]
        genspan::Value::Int(seconds) => *seconds as f64,
        _ => return None,
    };
    let taken = std::time::Duration::try_from_secs_f64(seconds).ok()?;
    i64::try_from(taken.as_nanos()).ok()
}

fn finish_reasons(attributes: &Attributes) -> Vec<String> {
    match attributes
        .structured(key::GEN_AI_RESPONSE_FINISH_REASONS)
        .as_deref()
    {
        Some(genspan::Value::Array(reasons)) => reasons
            .iter()
            .filter_map(|reason| reason.as_str().map(str::to_owned))
            .collect(),
        _ => attributes
            .text(key::GEN_AI_RESPONSE_FINISH_REASONS)
            .map(|reason| vec![reason.to_owned()])
            .unwrap_or_default(),
    }
}

/// Providers' words for an answer that met the limit of its tokens.
pub(crate) const CUT_SHORT: [&str; 4] = ["length", "max_tokens", "MAX_TOKENS", "max_output_tokens"];

fn is_truncated(
    span: &Span,
    attributes: &Attributes,
    error: Option<&str>,
    reasons: &[String],
) -> bool {
    let says = |key: &str| {
        attributes
            .get(key)
            .is_some_and(|value| *value != genspan::Value::Bool(false))
    };
    says(key::GENSPAN_CONTENT_TRUNCATED)
        || says(key::GENSPAN_STREAM_TRUNCATED)
        || error == Some(error_type::TRUNCATED)
        || span.dropped_attributes_count > 0
        || span.dropped_events_count > 0
        || reasons
            .iter()
            .any(|reason| CUT_SHORT.contains(&reason.as_str()))
}

fn links(span: &Span) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    for link in &span.links {
        if link.trace_id.len() == 16 && link.span_id.len() == 8 {
            bytes.extend_from_slice(&link.trace_id);
            bytes.extend_from_slice(&link.span_id);
        }
    }
    (!bytes.is_empty()).then_some(bytes)
}
