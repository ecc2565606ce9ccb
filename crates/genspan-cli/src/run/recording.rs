//! One recorder with everything behind it, from its start to the last byte on disk.

use std::{sync::Arc, time::Duration};

use genspan::Telemetry;
use genspan_http::{Recorder, RecorderOptions};
use genspan_infer::{Account, Limits};
use genspan_otlp::{OtlpSink, PipelineOptions, Sampling};
use genspan_prices::Prices;

use super::{
    claude::Join,
    tally::{Counted, Seen, Tally},
};
use crate::{Failure, environment::Environment, options::EffectiveOutput, usage::UsageArgs};

/// Records what happens beside somebody else's work, and tells at the end what became of it.
#[derive(Debug)]
pub(crate) struct Recording {
    pub(crate) telemetry: Telemetry,
    sink: Arc<OtlpSink>,
    tally: Tally,
}

/// Holds what was recorded and where it went.
#[derive(Debug)]
pub(crate) struct Recorded {
    pub(crate) seen: Seen,
    /// One line for each destination.
    pub(crate) deliveries: Vec<Delivery>,
    /// What was lost on the way to the destinations.
    pub(crate) losses: genspan::Report,
    /// Bytes of exchanges that were passed over.
    pub(crate) skipped_bytes: u64,
}

/// Tells what became of one destination's share.
#[derive(Debug)]
pub(crate) struct Delivery {
    pub(crate) line: String,
    pub(crate) is_complete: bool,
}

impl Recording {
    /// What the worker has to decode may take this long at the end.
    const DECODING: Duration = Duration::from_millis(1_500);
    /// What is left goes to the destinations in this time, and then to the spool; rendering may take as long before,
    /// and writing the spool two seconds after. All in all the end takes no more than five seconds.
    const DELIVERY: Duration = Duration::from_millis(750);

    /// Starts recording to the given destinations; `sampling` says whether spans are recorded that the program's own
    /// telemetry decided not to sample.
    ///
    /// # Errors
    ///
    /// Returns an error where a destination cannot be prepared.
    pub(crate) fn start(
        output: &EffectiveOutput,
        environment: &Environment,
        service: &str,
        sampling: Sampling,
    ) -> Result<Self, Failure> {
        let sink = output.start(
            environment,
            service,
            true,
            sampling,
            PipelineOptions::default(),
        )?;
        let tally = Tally::default();
        let counted = Counted::new(Arc::<OtlpSink>::clone(&sink), tally.clone());
        Ok(Self {
            telemetry: Telemetry::builder(Arc::new(counted))
                .with_prices(Arc::<Prices>::clone(&output.prices))
                .build(),
            sink,
            tally,
        })
    }

    /// Gives a recorder for a proxy's exchanges, which concludes agents from them within the given bounds.
    pub(crate) fn recorder(&self, usage: &UsageArgs, agents: Option<Limits>) -> Recorder {
        self.recorder_with(usage, agents, None)
    }

    /// Gives such a recorder for the calls of a program that tells of its work itself.
    pub(super) fn recorder_with(
        &self,
        usage: &UsageArgs,
        agents: Option<Limits>,
        join: Option<Arc<Join>>,
    ) -> Recorder {
        let options = RecorderOptions {
            trusts_trace_headers: true,
            copies_small_chunks: true,
            estimates_usage: usage.estimates(),
            agents,
            account: join.map(|join| join as Arc<dyn Account>),
            ..RecorderOptions::default()
        };
        Recorder::new(self.telemetry.clone(), options)
    }

    /// Ends what is open, delivers what there is and tells of it; what was told to be delivered is on disk or acknowledged.
    pub(crate) fn finish(self, recorder: &Recorder) -> Recorded {
        // What is not decoded in time is recorded by its outline.
        let _in_time = recorder.settle(Self::DECODING);
        let losses = self.telemetry.shutdown(Self::DELIVERY);
        let destinations = self.sink.report().destinations;
        let deliveries = destinations
            .iter()
            .map(|one| Delivery {
                line: one.to_string(),
                is_complete: one.is_complete(),
            })
            .collect();
        Recorded {
            seen: self.tally.seen(),
            deliveries,
            losses,
            skipped_bytes: recorder.skipped_bytes(),
        }
    }
}
