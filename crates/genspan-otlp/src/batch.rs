//! Gathers items into requests that stay under a size.

use opentelemetry_proto::tonic::{logs::v1::LogRecord, metrics::v1::Metric, trace::v1::Span};
use prost::Message;

use crate::{
    Counts, Encoding, Item, Signal,
    fit::{Cut, fit},
    json,
    request::{Envelope, Request, Under, split_points},
    signal::data_points,
};

/// Holds a request and how many items of the caller's are in it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Batch {
    request: Request,
    count: u64,
}

impl Batch {
    pub(crate) const fn new(request: Request, count: u64) -> Self {
        Self { request, count }
    }

    pub(crate) const fn request(&self) -> &Request {
        &self.request
    }

    pub(crate) const fn signal(&self) -> Signal {
        self.request.signal()
    }

    /// Counts the items to account for; our own report on losses is none.
    pub(crate) const fn count(&self) -> u64 {
        self.count
    }

    pub(crate) fn encode_for_spool(&self) -> Vec<u8> {
        self.request.encode(Encoding::Protobuf)
    }

    /// Adds what another batch of the same signal holds; gives it back where the signals differ.
    pub(crate) fn append(&mut self, other: Self) -> Result<(), Self> {
        let Self { request, count } = other;
        match self.request.append(request) {
            Ok(()) => {
                self.count += count;
                Ok(())
            }
            Err(request) => Err(Self { request, count }),
        }
    }

    /// Measures the request as it is sent.
    pub(crate) fn len(&self, encoding: Encoding) -> usize {
        self.request.encode(encoding).len()
    }

    /// Halves the batch by items; a batch of one comes back.
    pub(crate) fn split(self) -> Result<(Self, Self), Self> {
        let count = self.count;
        match self.request.split() {
            Ok((first, second)) => {
                let first_count = first.count().min(count);
                Ok((
                    Self::new(first, first_count),
                    Self::new(second, count - first_count),
                ))
            }
            Err(request) => Err(Self::new(request, count)),
        }
    }

    /// Cuts the one item of a batch until the request has at most `limit` bytes.
    pub(crate) fn shrink(&mut self, limit: usize, encoding: Encoding) -> bool {
        let size = self.request.encode(encoding).len();
        match &mut self.request {
            Request::Traces(request) => request
                .resource_spans
                .iter_mut()
                .flat_map(|resource| &mut resource.scope_spans)
                .flat_map(|scope| &mut scope.spans)
                .all(|span| shrink_one(span, size, limit, encoding)),
            Request::Logs(request) => request
                .resource_logs
                .iter_mut()
                .flat_map(|resource| &mut resource.scope_logs)
                .flat_map(|scope| &mut scope.log_records)
                .all(|record| shrink_one(record, size, limit, encoding)),
            Request::Metrics(_) => size <= limit,
        }
    }
}

fn shrink_one<T: Cut + Measured>(
    item: &mut T,
    request: usize,
    limit: usize,
    encoding: Encoding,
) -> bool {
    let own = item.size(encoding);
    let around = request.saturating_sub(own);
    limit > around && fit(item, limit - around, |item| item.size(encoding))
}

/// Knows its size on the wire.
trait Measured {
    fn size(&self, encoding: Encoding) -> usize;
}

macro_rules! measured {
    ($type:ty, $json:path) => {
        impl Measured for $type {
            fn size(&self, encoding: Encoding) -> usize {
                match encoding {
                    Encoding::Protobuf => self.encoded_len(),
                    Encoding::Json => {
                        let mut out = Vec::new();
                        $json(&mut out, self);
                        out.len()
                    }
                }
            }
        }
    };
}

measured!(Span, json::span);
measured!(LogRecord, json::log_record);
measured!(Metric, json::one_metric);

/// Gathers items by signal until a request is full.
#[derive(Debug)]
pub(crate) struct Batcher {
    envelope: Envelope,
    encoding: Encoding,
    /// The bytes that the items of one request may take.
    room: usize,
    /// Whether an item larger than that is cut; files take any.
    cuts: bool,
    spans: Open<Span>,
    logs: Open<LogRecord>,
    metrics: Open<Metric>,
}

#[derive(Debug)]
struct Open<T> {
    items: Vec<Under<T>>,
    bytes: usize,
    count: u64,
}

impl<T> Default for Open<T> {
    fn default() -> Self {
        Self {
            items: Vec::new(),
            bytes: 0,
            count: 0,
        }
    }
}

/// The most that stands round an item in a list: a key and a length in protobuf, a comma in JSON.
const ROUND_ITEM: usize = 6;

/// Says what adding an item led to.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Added {
    /// Requests that were full.
    pub(crate) full: Vec<Batch>,
    /// Items that no cutting makes small enough.
    pub(crate) too_large: Counts,
}

impl Batcher {
    /// Gathers requests of at most `limit` bytes.
    pub(crate) fn new(envelope: Envelope, encoding: Encoding, limit: usize, cuts: bool) -> Self {
        let room = limit.saturating_sub(envelope.size(encoding));
        Self {
            envelope,
            encoding,
            room,
            cuts,
            spans: Open::default(),
            logs: Open::default(),
            metrics: Open::default(),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.spans.items.is_empty() && self.logs.items.is_empty() && self.metrics.items.is_empty()
    }

    /// Adds an item that counts for `count`; its names follow `schema`, or the envelope's where it is `None`.
    pub(crate) fn add(&mut self, item: Item, schema: Option<&'static str>, count: u64) -> Added {
        let mut added = Added::default();
        match item {
            Item::Span(mut span) => match self.admit(span.as_mut()) {
                Some(size) => {
                    let full = self.spans.push((schema, *span), size, count, self.room);
                    added.full.extend(
                        full.map(|(items, count)| Batch::new(self.envelope.spans(items), count)),
                    );
                }
                None => added.too_large.add(Signal::Traces, count),
            },
            Item::Log(mut record) => match self.admit(record.as_mut()) {
                Some(size) => {
                    let full = self.logs.push((schema, *record), size, count, self.room);
                    added.full.extend(
                        full.map(|(items, count)| Batch::new(self.envelope.logs(items), count)),
                    );
                }
                None => added.too_large.add(Signal::Logs, count),
            },
            Item::Metric(metric) => self.add_metric(*metric, schema, count, &mut added),
        }
        added
    }

    /// Gives the bytes that an item takes in a request, after it was cut if it must be.
    fn admit<T: Cut + Measured>(&self, item: &mut T) -> Option<usize> {
        let size = item.size(self.encoding) + ROUND_ITEM;
        if size <= self.room || !self.cuts {
            return Some(size);
        }
        let most = self.room.saturating_sub(ROUND_ITEM);
        fit(item, most, |item| item.size(self.encoding))
            .then(|| item.size(self.encoding) + ROUND_ITEM)
    }

    /// Adds a metric; one that is too large is halved by data points until its parts fit.
    fn add_metric(
        &mut self,
        metric: Metric,
        schema: Option<&'static str>,
        count: u64,
        added: &mut Added,
    ) {
        let mut parts = vec![(metric, count)];
        while let Some((mut metric, count)) = parts.pop() {
            let size = metric.size(self.encoding) + ROUND_ITEM;
            if size <= self.room || !self.cuts {
                let full = self.metrics.push((schema, metric), size, count, self.room);
                added.full.extend(
                    full.map(|(items, count)| Batch::new(self.envelope.metrics(items), count)),
                );
            } else if let Some(second) = split_points(&mut metric) {
                let second_count = data_points(&second).min(count);
                parts.push((second, second_count));
                parts.push((metric, count - second_count));
            } else {
                added.too_large.add(Signal::Metrics, count);
            }
        }
    }

    /// Gives all that was gathered, in the order traces, logs, metrics.
    pub(crate) fn close(&mut self) -> Vec<Batch> {
        let spans = self
            .spans
            .take()
            .map(|(items, count)| Batch::new(self.envelope.spans(items), count));
        let logs = self
            .logs
            .take()
            .map(|(items, count)| Batch::new(self.envelope.logs(items), count));
        let metrics = self
            .metrics
            .take()
            .map(|(items, count)| Batch::new(self.envelope.metrics(items), count));
        spans.into_iter().chain(logs).chain(metrics).collect()
    }
}

impl<T> Open<T> {
    /// Adds an item; gives what was there before where both together would be too much.
    fn push(
        &mut self,
        item: Under<T>,
        size: usize,
        count: u64,
        room: usize,
    ) -> Option<(Vec<Under<T>>, u64)> {
        let full = (self.bytes + size > room).then(|| self.take()).flatten();
        self.items.push(item);
        self.bytes += size;
        self.count += count;
        full
    }

    fn take(&mut self) -> Option<(Vec<Under<T>>, u64)> {
        let Self { items, count, .. } = std::mem::take(self);
        (!items.is_empty()).then_some((items, count))
    }
}

#[cfg(test)]
mod tests;
