//! Reading what the collector got.

pub(super) use testkit::collector::{Collector, Reply, Reserved, Seen};

use crate::{Signal, request::Request};

/// Reads a request that came.
pub(super) trait Read {
    fn request(&self) -> Request;

    fn span_names(&self) -> Vec<String>;
}

impl Read for Seen {
    fn request(&self) -> Request {
        let is_of = |signal: &Signal| self.is_of(signal.as_str());
        let signal = Signal::ALL.into_iter().find(is_of).unwrap();
        Request::decode(signal, self.message()).unwrap()
    }

    fn span_names(&self) -> Vec<String> {
        match self.request() {
            Request::Traces(request) => crate::request::spans(&request)
                .map(|span| span.name.clone())
                .collect(),
            _ => Vec::new(),
        }
    }
}

/// Names the spans that were taken and not looked at yet.
pub(super) fn taken_spans(collector: &Collector) -> Vec<String> {
    collector
        .rest()
        .iter()
        .filter(|seen| seen.was_taken)
        .flat_map(Read::span_names)
        .collect()
}
