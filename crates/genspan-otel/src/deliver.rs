//! From the SDK's own data to OTLP, and into a pipeline that is bounded in bytes.
//!
//! The SDK's batch processors count spans, not bytes, and drive an exporter whose client may need a
//! runtime that is not there. Here every finished item is turned into OTLP where it ends and handed
//! to a [`Pipeline`], which has its own thread and never makes the caller wait.

mod logs;
mod metrics;
mod origins;
mod spans;
mod tidy;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use genspan::Report;
use genspan_otlp::{Item, Origin, Pipeline, Signal};
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};

use self::origins::Origins;
pub(crate) use self::{
    logs::Logs,
    metrics::Metrics,
    spans::{Spans, is_discarded},
};

/// Marks a span that must not come out, with the value `true`.
pub(crate) const DISCARDED: &str = "genspan.discarded";

/// Hands items to every destination that wants their signal.
#[derive(Debug)]
pub(crate) struct Delivery {
    pipeline: Pipeline,
    origins: Origins,
    /// Spans that have begun and not ended; the SDK forgets those that end after its shutdown.
    open_spans: AtomicU64,
    /// Whether one shutdown of everything is under way, so that no provider delivers on its own.
    is_ending: AtomicBool,
}

impl Delivery {
    pub(crate) fn new(pipeline: Pipeline) -> Self {
        Self {
            pipeline,
            origins: Origins::default(),
            open_spans: AtomicU64::new(0),
            is_ending: AtomicBool::new(false),
        }
    }

    pub(crate) const fn pipeline(&self) -> &Pipeline {
        &self.pipeline
    }

    /// Gives the numbers of the lanes that want a signal.
    fn lanes(&self, signal: Signal) -> Vec<usize> {
        let destinations = self.pipeline.destinations().enumerate();
        destinations
            .filter(|(_, destination)| destination.takes(signal))
            .map(|(lane, _)| lane)
            .collect()
    }

    /// Hands an item to these lanes; what a full queue drops is counted there.
    fn send(&self, lanes: &[usize], item: Item, origin: &Arc<Origin>) {
        let Some((last, others)) = lanes.split_last() else {
            return;
        };
        for lane in others {
            self.pipeline.send_from(*lane, item.clone(), origin);
        }
        self.pipeline.send_from(*last, item, origin);
    }

    /// Delivers what was handed over so far, for a provider that is flushed by itself.
    fn flush(&self) -> OTelSdkResult {
        self.settle(FLUSH)
    }

    /// Delivers what was handed over so far, for a provider that is shut down by itself.
    ///
    /// The other providers still need the pipeline, so it goes on.
    fn provider_ended(&self, timeout: Duration) -> OTelSdkResult {
        if self.is_ending.load(Ordering::Acquire) {
            return Ok(());
        }
        self.settle(timeout)
    }

    fn settle(&self, timeout: Duration) -> OTelSdkResult {
        let report = self.pipeline.flush(timeout);
        let is_settled = report
            .destinations
            .iter()
            .all(|destination| destination.pending.is_empty());
        if is_settled {
            Ok(())
        } else {
            Err(OTelSdkError::Timeout(timeout))
        }
    }

    /// Says that everything ends together from here on, and counts the spans that will never come.
    pub(crate) fn begin_to_end(&self) {
        self.is_ending.store(true, Ordering::Release);
    }

    /// Delivers what is left and stops; spans that never ended are told as lost.
    pub(crate) fn end(&self, timeout: Duration) -> Report {
        let mut report = Report::from(self.pipeline.shutdown(timeout));
        let open = self.open_spans.load(Ordering::Acquire);
        if open > 0 {
            report.undelivered += open;
            report.notes.push(format!(
                "{open} {} begun and not ended when the providers were shut down",
                if open == 1 { "span had" } else { "spans had" }
            ));
        }
        report
    }
}

/// How long a provider's own `force_flush` may take, which has no bound of its own.
const FLUSH: Duration = Duration::from_secs(5);
