//! The way from resolved options to a sink that delivers.

use std::sync::Arc;

use genspan_otlp::{
    Lane, OtlpSink, Pipeline, PipelineOptions, Sampling, SinkOptions, resource_from_environment,
};

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
        self.make_homes()?;
        let options = SinkOptions {
            resource: resource_from_environment(|name| environment.text(name), service)?,
            has_metrics,
            sampling,
            pipeline: self.spooling(pipeline),
            ..SinkOptions::default()
        };
        Ok(Arc::new(OtlpSink::start(self.routes.clone(), options)?))
    }

    /// Starts delivering requests as they are, to a lane for each route; what is told of losses is told of `service`.
    pub(crate) fn pass_on(
        &self,
        environment: &Environment,
        service: &str,
        pipeline: PipelineOptions,
    ) -> Result<Pipeline, Failure> {
        self.make_homes()?;
        let resource = resource_from_environment(|name| environment.text(name), service)?;
        let lanes = self.routes.iter().map(|route| Lane {
            resource: resource.clone(),
            ..Lane::new(route.destination.clone())
        });
        Ok(Pipeline::start(lanes.collect(), self.spooling(pipeline))?)
    }

    fn make_homes(&self) -> Result<(), Failure> {
        for home in &self.homes {
            home.create()
                .map_err(|error| format!("{} cannot be created: {error}", home.path().display()))?;
        }
        Ok(())
    }

    fn spooling(&self, pipeline: PipelineOptions) -> PipelineOptions {
        PipelineOptions {
            spool: self.spool.clone(),
            ..pipeline
        }
    }
}
