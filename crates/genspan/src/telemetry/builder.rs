//! Setting up a recorder.

use std::sync::Arc;

use super::{Belongings, Patience, Registry, Shared, Telemetry, Worker, Works};
use crate::{Clock, PriceList, Rendering, Sink, SystemClock};

/// Bounds what waits for the worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueueLimits {
    /// Bytes of content that may wait; where it is 16 MiB or more the first 16 records are let in unweighed.
    pub bytes: usize,
    /// Pieces of work that may wait.
    pub items: usize,
}

impl Default for QueueLimits {
    fn default() -> Self {
        Self {
            bytes: 64 * 1024 * 1024,
            items: 65_536,
        }
    }
}

/// Sets up a [`Telemetry`].
#[derive(Debug)]
pub struct TelemetryBuilder {
    sink: Arc<dyn Sink>,
    clock: Arc<dyn Clock>,
    prices: Option<Arc<dyn PriceList>>,
    limits: QueueLimits,
    is_inline: bool,
}

impl TelemetryBuilder {
    pub(super) fn new(sink: Arc<dyn Sink>) -> Self {
        Self {
            sink,
            clock: Arc::new(SystemClock::new()),
            prices: None,
            limits: QueueLimits::default(),
            is_inline: false,
        }
    }

    /// Takes the time from another clock.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Asks a price list what calls cost, where their providers do not say so; the worker asks, callers never wait.
    #[must_use]
    pub fn with_prices(mut self, prices: Arc<dyn PriceList>) -> Self {
        self.prices = Some(prices);
        self
    }

    /// Bounds what waits for the worker.
    #[must_use]
    pub const fn with_queue(mut self, limits: QueueLimits) -> Self {
        self.limits = limits;
        self
    }

    /// Does all work at once on the caller's thread, for tests and imports.
    #[must_use]
    pub const fn inline(mut self) -> Self {
        self.is_inline = true;
        self
    }

    /// Starts the worker and gives the recorder.
    ///
    /// Where the system gives no thread, the work is done on the callers' threads instead.
    #[must_use]
    pub fn build(self) -> Telemetry {
        let worker = if self.is_inline {
            Worker::inline()
        } else {
            Worker::spawn(self.limits)
        };
        let renderings = self.sink.renderings();
        let wants_content = (
            renderings.iter().any(Rendering::has_content_on_spans),
            renderings.iter().any(Rendering::has_content_on_events),
        );
        Telemetry {
            shared: Some(Arc::new(Shared {
                wants_content,
                last_works: Works::default(),
                waiting_works: Works::default(),
                patience: Patience::default(),
                belongings: Belongings::default(),
                sink: self.sink,
                clock: self.clock,
                prices: self.prices,
                registry: Registry::default(),
                worker,
                limits: self.limits,
            })),
        }
    }
}
