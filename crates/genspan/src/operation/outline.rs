//! What is known of an operation at its birth.

use super::{Inference, InferenceKind, Record, Request};
use crate::{Provider, Server};

/// Holds what is known of an operation at its birth: enough to name the span, decide on sampling and label metrics.
///
/// It stands for the operation where the operation itself never comes back, as at a shutdown. It is
/// made for each operation on the caller's path, so the most frequent one is kept small.
#[derive(Debug)]
pub struct Outline(Kind);

#[derive(Debug)]
enum Kind {
    Inference {
        kind: InferenceKind,
        provider: Provider,
        model: Option<String>,
        server: Option<Server>,
        stream: bool,
    },
    Other(Record),
}

/// Looks at what an outline and a record have in common.
#[derive(Clone, Copy)]
pub(crate) enum View<'a> {
    Inference {
        kind: InferenceKind,
        provider: &'a Provider,
        model: Option<&'a str>,
        server: Option<&'a Server>,
    },
    Other(&'a Record),
}

impl Outline {
    /// Says what is known of a call to a model before it is made.
    #[must_use]
    pub const fn inference(
        kind: InferenceKind,
        provider: Provider,
        model: Option<String>,
        server: Option<Server>,
    ) -> Self {
        Self(Kind::Inference {
            kind,
            provider,
            model,
            server,
            stream: false,
        })
    }

    /// Tells whether the operation is a span.
    pub(crate) const fn has_span(&self) -> bool {
        match &self.0 {
            Kind::Inference { .. } => true,
            Kind::Other(record) => record.has_span(),
        }
    }

    /// Tells whether it is measured by itself, also where another operation's span tells of it.
    pub(crate) const fn is_measured_apart(&self) -> bool {
        matches!(self.0, Kind::Other(Record::Mcp(_)))
    }

    pub(crate) fn view(&self) -> View<'_> {
        match &self.0 {
            Kind::Inference {
                kind,
                provider,
                model,
                server,
                ..
            } => View::Inference {
                kind: *kind,
                provider,
                model: model.as_deref(),
                server: server.as_ref(),
            },
            Kind::Other(record) => View::Other(record),
        }
    }

    /// Makes the record of an operation of which nothing more is known.
    pub(crate) fn into_record(self) -> Record {
        match self.0 {
            Kind::Inference {
                kind,
                provider,
                model,
                server,
                stream,
            } => Inference {
                server,
                request: Request {
                    model,
                    stream,
                    ..Request::default()
                },
                ..Inference::new(kind, provider)
            }
            .into(),
            Kind::Other(record) => record,
        }
    }

    /// Tells whether `other`, begun within this one, is the same call as seen from further in.
    pub(crate) fn is_same_operation(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Kind::Inference { .. }, Kind::Inference { .. }) => true,
            (Kind::Other(own), Kind::Other(other)) => own.is_same_operation(other),
            _ => false,
        }
    }
}

impl From<Outline> for Record {
    /// Makes the record of an operation of which nothing more is known.
    fn from(outline: Outline) -> Self {
        outline.into_record()
    }
}

impl From<&Inference> for Outline {
    fn from(inference: &Inference) -> Self {
        Self(Kind::Inference {
            kind: inference.kind,
            provider: inference.provider.clone(),
            model: inference.request.model.clone(),
            server: inference.server.clone(),
            stream: inference.request.stream,
        })
    }
}

impl From<Record> for Outline {
    fn from(record: Record) -> Self {
        match record {
            Record::Inference(inference) => {
                let Inference {
                    kind,
                    provider,
                    server,
                    request,
                    ..
                } = *inference;
                Self(Kind::Inference {
                    kind,
                    provider,
                    model: request.model,
                    server,
                    stream: request.stream,
                })
            }
            other => Self(Kind::Other(other)),
        }
    }
}

impl From<Inference> for Outline {
    fn from(inference: Inference) -> Self {
        Self::from(&inference)
    }
}

impl<'a> View<'a> {
    pub(crate) fn of(record: &'a Record) -> Self {
        match record {
            Record::Inference(inference) => Self::Inference {
                kind: inference.kind,
                provider: &inference.provider,
                model: inference.request.model.as_deref(),
                server: inference.server.as_ref(),
            },
            other => Self::Other(other),
        }
    }
}
