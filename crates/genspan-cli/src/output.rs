//! The way from resolved options to a sink that delivers.

use std::sync::Arc;

use genspan_otlp::{OtlpSink, PipelineOptions, Sampling, SinkOptions, resource_from_environment};

use crate::{Failure, environment::Environment, options::EffectiveOutput};

impl EffectiveOutput {
    /// Starts delivering; `service` names the service where the environment does not.
    ///
    /// `sampling` says whether spans are recorded that others decided not to sample, `pipeline` how to deliver; the
    /// spool is set here.
    pub(crate) fn start(
        &self,
        environment: &Environment,
        service: &str,
        has_metrics: bool,
        sampling: Sampling,
        pipeline: PipelineOptions,
    ) -> Result<Arc<OtlpSink>, Failure> {
        for home in &self.homes {
            home.create()
                .map_err(|error| format!("{} cannot be created: {error}", home.path().display()))?;
        }
        let options = SinkOptions {
            resource: resource_from_environment(|name| environment.text(name), service)?,
            has_metrics,
            sampling,
            pipeline: PipelineOptions {
                spool: self.spool.clone(),
                ..pipeline
            },
            ..SinkOptions::default()
        };
        Ok(Arc::new(OtlpSink::start(self.routes.clone(), options)?))
    }
}
