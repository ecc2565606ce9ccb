//! Gathers items into requests that stay under a size.

use opentelemetry_proto::tonic::{logs::v1::LogRecord, metrics::v1::Metric, trace::v1::Span};
use prost::Message;

use crate::{
    Counts, Encoding, Item, Signal,
    envelope::{Envelope, Group, Under},
    fit::{Cut, fit},
    json,
    request::{Request, split_points},
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
    frame: Frame,
    spans: Open<Span>,
    logs: Open<LogRecord>,
    metrics: Open<Metric>,
}

/// Knows what stands round the items of a request, and what that leaves them.
#[derive(Debug)]
struct Frame {
    envelope: Envelope,
    encoding: Encoding,
    /// The bytes that a request may have.
    limit: usize,
    /// The bytes that the scopes of one request may take, with their items.
    room: usize,
    /// Whether an item larger than that is cut; files take any.
    cuts: bool,
}

#[derive(Debug)]
struct Open<T> {
    groups: Vec<Group<T>>,
    bytes: usize,
    count: u64,
}

impl<T> Default for Open<T> {
    fn default() -> Self {
        Self {
            groups: Vec::new(),
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
            frame: Frame {
                envelope,
                encoding,
                limit,
                room,
                cuts,
            },
            spans: Open::default(),
            logs: Open::default(),
            metrics: Open::default(),
        }
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.spans.groups.is_empty()
            && self.logs.groups.is_empty()
            && self.metrics.groups.is_empty()
    }

    /// Adds an item that counts for `count`.
    pub(crate) fn add(&mut self, item: Item, under: Under, count: u64) -> Added {
        let mut added = Added::default();
        let frame = &self.frame;
        match item {
            Item::Span(mut span) => match frame.admit(span.as_mut(), &under) {
                Some(size) => {
                    let full = self.spans.push(*span, under, (size, count), frame);
                    let full = full.map(|(groups, count)| frame.spans(groups, count));
                    added.full.extend(full);
                }
                None => added.too_large.add(Signal::Traces, count),
            },
            Item::Log(mut record) => match frame.admit(record.as_mut(), &under) {
                Some(size) => {
                    let full = self.logs.push(*record, under, (size, count), frame);
                    let full = full.map(|(groups, count)| frame.logs(groups, count));
                    added.full.extend(full);
                }
                None => added.too_large.add(Signal::Logs, count),
            },
            Item::Metric(metric) => self.add_metric(*metric, &under, count, &mut added),
        }
        added
    }

    /// Takes a whole request that counts for `count`, in parts where it is larger than a request may be.
    pub(crate) fn whole(&self, request: Request, count: u64) -> Added {
        let mut added = Added::default();
        let limit = self.frame.limit;
        let mut parts = vec![Batch::new(request, count)];
        while let Some(part) = parts.pop() {
            let encoding = self.frame.encoding;
            if !self.frame.cuts || part.len(encoding) <= limit {
                added.full.push(part);
                continue;
            }
            match part.split() {
                Ok((first, second)) => parts.extend([second, first]),
                Err(mut one) => {
                    if one.shrink(limit, encoding) {
                        added.full.push(one);
                    } else {
                        added.too_large.add(one.signal(), one.count());
                    }
                }
            }
        }
        added
    }

    /// Adds a metric; one that is too large is halved by data points until its parts fit.
    fn add_metric(&mut self, metric: Metric, under: &Under, count: u64, added: &mut Added) {
        let frame = &self.frame;
        let room = frame.room_under(under);
        let mut parts = vec![(metric, count)];
        while let Some((mut metric, count)) = parts.pop() {
            let size = metric.size(frame.encoding) + ROUND_ITEM;
            if size <= room || !frame.cuts {
                let full = self
                    .metrics
                    .push(metric, under.clone(), (size, count), frame);
                let full = full.map(|(groups, count)| frame.metrics(groups, count));
                added.full.extend(full);
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
        let frame = &self.frame;
        let spans = self.spans.take();
        let spans = spans.map(|(groups, count)| frame.spans(groups, count));
        let logs = self.logs.take();
        let logs = logs.map(|(groups, count)| frame.logs(groups, count));
        let metrics = self.metrics.take();
        let metrics = metrics.map(|(groups, count)| frame.metrics(groups, count));
        spans.into_iter().chain(logs).chain(metrics).collect()
    }
}

impl Frame {
    fn spans(&self, groups: Vec<Group<Span>>, count: u64) -> Batch {
        Batch::new(self.envelope.spans(groups), count)
    }

    fn logs(&self, groups: Vec<Group<LogRecord>>, count: u64) -> Batch {
        Batch::new(self.envelope.logs(groups), count)
    }

    fn metrics(&self, groups: Vec<Group<Metric>>, count: u64) -> Batch {
        Batch::new(self.envelope.metrics(groups), count)
    }

    /// Gives the bytes that items of this origin may take where they are alone in a request.
    fn room_under(&self, under: &Under) -> usize {
        self.room
            .saturating_sub(self.envelope.size_of(under, self.encoding))
    }

    /// Gives the bytes that an item takes in a request, after it was cut if it must be.
    fn admit<T: Cut + Measured>(&self, item: &mut T, under: &Under) -> Option<usize> {
        let size = item.size(self.encoding) + ROUND_ITEM;
        if !self.cuts {
            return Some(size);
        }
        let room = self.room_under(under);
        if size <= room {
            return Some(size);
        }
        let most = room.saturating_sub(ROUND_ITEM);
        fit(item, most, |item| item.size(self.encoding))
            .then(|| item.size(self.encoding) + ROUND_ITEM)
    }
}

impl<T> Open<T> {
    /// Adds an item; gives what was there before where both together would be too much.
    fn push(
        &mut self,
        item: T,
        under: Under,
        (size, count): (usize, u64),
        frame: &Frame,
    ) -> Option<(Vec<Group<T>>, u64)> {
        let is_same = |group: &Group<T>| frame.envelope.is_same(&group.under, &under);
        let mut place = self.groups.iter().rposition(is_same);
        let scope = || frame.envelope.size_of(&under, frame.encoding);
        let more = size + if place.is_some() { 0 } else { scope() };
        let full = (self.bytes + more > frame.room)
            .then(|| self.take())
            .flatten();
        if full.is_some() {
            place = None;
        }
        self.count += count;
        match place.and_then(|place| self.groups.get_mut(place)) {
            Some(group) => {
                self.bytes += size;
                group.items.push(item);
            }
            None => {
                self.bytes += size + scope();
                self.groups.push(Group {
                    under,
                    items: vec![item],
                });
            }
        }
        full
    }

    fn take(&mut self) -> Option<(Vec<Group<T>>, u64)> {
        let Self { groups, count, .. } = std::mem::take(self);
        (!groups.is_empty()).then_some((groups, count))
    }
}

#[cfg(test)]
mod tests;
