//! Ways to hand one request over.

mod file;
mod grpc;
mod http;
mod lines;
mod rpc_status;
mod stdout;
mod store;

use std::{error::Error, io, time::Duration};

use self::{grpc::GrpcExporter, http::HttpExporter, lines::Lines, store::StoreExporter};
use crate::{Destination, Encoding, Endpoint, request::Request};

/// Says what became of a request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It was taken, but for this many of its items.
    Delivered { rejected: u64 },
    /// Nobody took it; later somebody may, not before `after` if that was said.
    Away {
        after: Option<Duration>,
        why: String,
    },
    /// It was refused because of its size.
    TooLarge { why: String },
    /// It was refused for good.
    Refused { why: String },
    /// It could not be written, or only in part.
    NotWritten { why: String },
}

/// Hands requests over to one destination.
#[derive(Debug)]
pub(crate) enum Exporter {
    Lines(Lines),
    Http(Box<HttpExporter>),
    Grpc(Box<GrpcExporter>),
    Store(Box<StoreExporter>),
}

impl Exporter {
    /// Prepares the way; must be called within the runtime that will export.
    ///
    /// # Errors
    ///
    /// Returns an error where the file cannot be opened, encryption cannot be set up, or a vendor's variables were not read, or a store has no keeper. Connections are made later.
    pub(crate) fn open(destination: &Destination) -> Result<Self, io::Error> {
        Ok(match &destination.endpoint {
            Endpoint::Stdout => Self::Lines(stdout::open()),
            Endpoint::File(path) => Self::Lines(file::open(path)?),
            Endpoint::Http(endpoint) => Self::Http(Box::new(HttpExporter::new(endpoint)?)),
            Endpoint::Grpc(endpoint) => Self::Grpc(Box::new(GrpcExporter::new(endpoint)?)),
            Endpoint::Store(endpoint) => Self::Store(Box::new(StoreExporter::new(endpoint)?)),
            Endpoint::Vendor(_) => {
                return Err(io::Error::other(
                    "its variables were not read; call `Destination::resolve` before",
                ));
            }
        })
    }

    pub(crate) async fn export(&mut self, request: &Request) -> Outcome {
        match self {
            Self::Lines(lines) => lines.export(request),
            Self::Http(http) => http.export(request).await,
            Self::Grpc(grpc) => grpc.export(request).await,
            Self::Store(store) => store.export(request).await,
        }
    }

    /// Makes sure that what was written is on disk.
    pub(crate) async fn sync(&mut self) -> io::Result<()> {
        match self {
            Self::Lines(lines) => lines.sync(),
            Self::Store(store) => store.rest().await,
            Self::Http(_) | Self::Grpc(_) => Ok(()),
        }
    }

    /// Gives how long one request may take; `None` where there is nobody to wait for.
    pub(crate) const fn timeout(&self) -> Option<Duration> {
        match self {
            Self::Lines(_) => None,
            Self::Http(http) => Some(http.timeout()),
            Self::Grpc(grpc) => Some(grpc.timeout()),
            Self::Store(store) => Some(store.timeout()),
        }
    }

    /// Tells whether a network is between, where requests cost more and receivers bound their size.
    pub(crate) const fn is_network(&self) -> bool {
        matches!(self, Self::Http(_) | Self::Grpc(_))
    }

    pub(crate) const fn encoding(&self) -> Encoding {
        match self {
            Self::Http(http) => http.encoding(),
            // Lines are bounded by their protobuf size, which is cheaper to know.
            Self::Lines(_) | Self::Grpc(_) | Self::Store(_) => Encoding::Protobuf,
        }
    }
}

/// Tells an error with its causes, in one line.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let part = error.to_string();
        if !text.ends_with(&part) {
            text.push_str(": ");
            text.push_str(&part);
        }
        cause = error.source();
    }
    text
}
