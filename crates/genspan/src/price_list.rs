//! Who is asked what a call costs.

use std::fmt;

use crate::{Cost, Embeddings, Inference, Provider, Record, Server, Timestamp, Usage};

/// Says what calls cost whose providers do not say so themselves.
///
/// The telemetry's worker asks it when a call has ended; it must be quick, and never guess.
pub trait PriceList: fmt::Debug + Send + Sync {
    /// Says what a call costs; `None` where that is not known.
    fn price(&self, call: &Billable<'_>) -> Option<Cost>;
}

/// Holds the facts of a call that decide on its price.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Billable<'a> {
    /// Who runs the model.
    pub provider: &'a Provider,
    /// Where the provider answers; the same model may have another price elsewhere.
    pub server: Option<&'a Server>,
    /// The model that was asked for.
    pub request_model: Option<&'a str>,
    /// The model that answered.
    pub response_model: Option<&'a str>,
    /// The service tier that served the call, or else the one that was asked for.
    pub service_tier: Option<&'a str>,
    /// When the call began, where that is known; prices change.
    pub at: Option<Timestamp>,
    /// Whether the call has an output to pay for; embeddings have none.
    pub has_output: bool,
    /// The tokens of the call.
    pub usage: Usage,
}

impl<'a> Billable<'a> {
    /// Begins the facts of a call with an output.
    #[must_use]
    pub const fn new(provider: &'a Provider, usage: Usage) -> Self {
        Self {
            provider,
            server: None,
            request_model: None,
            response_model: None,
            service_tier: None,
            at: None,
            has_output: true,
            usage,
        }
    }

    /// Takes the facts of an operation; `None` where it is none that is paid for by its tokens, or has none.
    #[must_use]
    pub fn of(record: &'a Record) -> Option<Self> {
        let call = match record {
            Record::Inference(record) => Self::from(&**record),
            Record::Embeddings(record) => Self::from(&**record),
            _ => return None,
        };
        (call.usage != Usage::default()).then_some(call)
    }
}

impl<'a> From<&'a Inference> for Billable<'a> {
    fn from(record: &'a Inference) -> Self {
        let response = &record.response;
        let tier = response.service_tier.as_deref();
        Self {
            server: record.server.as_ref(),
            request_model: record.request.model.as_deref(),
            response_model: response.model.as_deref(),
            service_tier: tier.or(response.requested_service_tier.as_deref()),
            ..Self::new(&record.provider, record.usage)
        }
    }
}

impl<'a> From<&'a Embeddings> for Billable<'a> {
    fn from(record: &'a Embeddings) -> Self {
        Self {
            server: record.server.as_ref(),
            request_model: record.model.as_deref(),
            response_model: record.response_model.as_deref(),
            has_output: false,
            ..Self::new(&record.provider, record.usage)
        }
    }
}

impl Record {
    /// States what the operation costs, unless its provider did.
    pub(crate) fn price(&mut self, prices: &dyn PriceList, at: Timestamp) {
        if self.cost().is_some() {
            return;
        }
        let call = Billable::of(self).map(|call| Billable {
            at: Some(at),
            ..call
        });
        let cost = call.and_then(|call| prices.price(&call));
        match self {
            Self::Inference(record) => record.cost = cost,
            Self::Embeddings(record) => record.cost = cost,
            _ => {}
        }
    }

    /// Gives what the operation costs, where that is known.
    #[must_use]
    pub const fn cost(&self) -> Option<&Cost> {
        match self {
            Self::Inference(record) => record.cost.as_ref(),
            Self::Embeddings(record) => record.cost.as_ref(),
            Self::AgentInvocation(record) => record.cost.as_ref(),
            _ => None,
        }
    }
}
