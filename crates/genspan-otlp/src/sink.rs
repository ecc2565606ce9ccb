//! The sink that builds OTLP itself: explicit ids and times, structured values.

mod ids;

use std::{sync::Arc, time::Duration};

use genspan::{
    Ended, Event, Handle, Measured, Parent, Rendering, Signals, Sink, SpanContext, Start,
    Timestamp,
    semconv::attribute::{TELEMETRY_SDK_LANGUAGE, TELEMETRY_SDK_NAME, TELEMETRY_SDK_VERSION},
};
use genspan_dialects::Dialect;
use opentelemetry_proto::tonic::{common::v1::InstrumentationScope, resource::v1::Resource};

pub use self::ids::{CountingIds, IdGenerator, RandomIds};
use crate::{
    Destination, Endpoint, Item, Lane, MetricSource, Pipeline, PipelineOptions, Report, StartError,
    aggregate::Aggregates, convert,
};

/// Joins a destination with the rendering that it gets.
#[derive(Clone, Debug)]
pub struct Route {
    /// Where telemetry goes.
    pub destination: Destination,
    /// What it looks like there.
    pub rendering: Rendering,
}

/// Says whether an operation's span is recorded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sampling {
    /// Unless it stands in a trace that others decided not to sample.
    #[default]
    Parent,
    /// Always.
    Always,
}

/// Tells a sink how to work.
#[derive(Clone, Debug)]
pub struct SinkOptions {
    /// What the telemetry is about; `telemetry.sdk.*` is added where it is missing.
    pub resource: Resource,
    /// Gives ids to spans that have none.
    pub ids: Arc<dyn IdGenerator>,
    /// Which spans are recorded; measurements always are.
    pub sampling: Sampling,
    /// Whether measurements are recorded; an import leaves them out.
    pub has_metrics: bool,
    /// What vendors want to be told, for destinations that speak a dialect and do not say it themselves.
    pub dialects: genspan_dialects::Settings,
    /// How items are delivered.
    pub pipeline: PipelineOptions,
}

impl Default for SinkOptions {
    fn default() -> Self {
        Self {
            resource: Resource::default(),
            ids: Arc::new(RandomIds::new()),
            sampling: Sampling::default(),
            has_metrics: true,
            dialects: genspan_dialects::Settings::default(),
            pipeline: PipelineOptions::default(),
        }
    }
}

/// Turns signals into OTLP and delivers it to any number of destinations.
///
/// ```no_run
/// use std::{sync::Arc, time::Duration};
///
/// use genspan::{Inference, Provider, Rendering, Telemetry};
/// use genspan_otlp::{OtlpSink, Route, SinkOptions};
///
/// let route = Route { destination: "file:spans.jsonl".parse()?, rendering: Rendering::default() };
/// let sink = Arc::new(OtlpSink::start(vec![route], SinkOptions::default())?);
/// let telemetry = Telemetry::builder(sink).build();
/// telemetry.start(Inference::chat(Provider::OPENAI, "gpt-4o-mini")).finish();
/// println!("{}", telemetry.shutdown(Duration::from_secs(5)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct OtlpSink {
    renderings: Vec<Rendering>,
    /// One for each rendering: the language that its destination speaks, and what that is told.
    dialects: Vec<Option<(Dialect, genspan_dialects::Settings)>>,
    /// One for each rendering, where metrics are recorded.
    aggregates: Vec<Option<Arc<Aggregates>>>,
    pipeline: Pipeline,
    ids: Arc<dyn IdGenerator>,
    sampling: Sampling,
}

const SCOPE: &str = "genspan";

const VERSION: &str = env!("CARGO_PKG_VERSION");

impl OtlpSink {
    /// Starts delivering to all destinations.
    ///
    /// # Errors
    ///
    /// Returns what [`Pipeline::start`] returns.
    pub fn start(routes: Vec<Route>, options: SinkOptions) -> Result<Self, StartError> {
        let SinkOptions {
            mut resource,
            ids,
            sampling,
            has_metrics,
            dialects: dialect_settings,
            pipeline,
        } = options;
        describe_sdk(&mut resource);
        let began = pipeline.clock.now();
        let mut renderings = Vec::new();
        let mut dialects = Vec::new();
        let mut aggregates = Vec::new();
        let mut lanes = Vec::new();
        for Route {
            destination,
            rendering,
        } in routes
        {
            let metrics = has_metrics.then(|| Arc::new(aggregates_for(&destination, began)));
            let own = destination.dialect.and_then(Dialect::measure);
            let rendering = match own {
                Some(measure) => rendering.with_measure(measure),
                None => rendering,
            };
            let told = destination.dialect_settings(&dialect_settings);
            dialects.push(destination.dialect.map(|dialect| (dialect, told)));
            lanes.push(Lane {
                resource: resource.clone(),
                scope: InstrumentationScope {
                    name: SCOPE.to_owned(),
                    version: VERSION.to_owned(),
                    ..InstrumentationScope::default()
                },
                schema_url: rendering.conventions().schema_url().to_owned(),
                metrics: metrics
                    .clone()
                    .map(|metrics| -> Arc<dyn MetricSource> { metrics }),
                destination,
            });
            renderings.push(rendering);
            aggregates.push(metrics);
        }
        let pipeline = Pipeline::start(lanes, pipeline)?;
        Ok(Self {
            renderings,
            dialects,
            aggregates,
            pipeline,
            ids,
            sampling,
        })
    }

    /// Tells what became of everything so far, for each destination.
    #[must_use]
    pub fn report(&self) -> Report {
        self.pipeline.report()
    }

    fn parent(&self, parent: &Parent) -> Option<SpanContext> {
        match parent {
            Parent::Current => self.current(),
            Parent::Root => None,
            Parent::Span(context) => Some(context.clone()),
        }
    }

    fn emit(&self, lane: usize, handle: &Handle, at: Timestamp, signals: Signals) {
        let schema = Some(signals.conventions.schema_url());
        let Signals {
            name,
            kind,
            sampled,
            attributes,
            is_error,
            status_message,
            span_events,
            links,
            events,
            measurements,
            ..
        } = signals;
        // A full queue drops and counts; there is nobody here to tell.
        if handle.is_recording {
            let attributes = sampled.into_iter().chain(attributes).collect();
            let mut content = convert::Content {
                name,
                kind,
                attributes,
                events: span_events,
                links,
                is_error,
                status_message,
            };
            if let Some((dialect, settings)) = self.dialects.get(lane).and_then(Option::as_ref) {
                content = content.in_dialect(*dialect, settings, handle, at);
            }
            let span = convert::span(handle, at, content);
            self.pipeline
                .send_under(lane, Item::Span(Box::new(span)), schema);
        }
        for event in events {
            let record = convert::log_record(Some(&handle.context), event);
            self.pipeline
                .send_under(lane, Item::Log(Box::new(record)), schema);
        }
        if let Some(aggregates) = self.aggregates.get(lane).and_then(Option::as_ref) {
            aggregates.record(measurements);
        }
    }
}

fn aggregates_for(destination: &Destination, began: Timestamp) -> Aggregates {
    let is_network = matches!(destination.endpoint, Endpoint::Http(_) | Endpoint::Grpc(_));
    Aggregates::new(began, destination.temporality, is_network)
}

/// States what made the telemetry, as every resource must.
fn describe_sdk(resource: &mut Resource) {
    let facts = [
        (TELEMETRY_SDK_NAME, SCOPE),
        (TELEMETRY_SDK_LANGUAGE, "rust"),
        (TELEMETRY_SDK_VERSION, VERSION),
    ];
    for (key, value) in facts {
        if !resource
            .attributes
            .iter()
            .any(|attribute| attribute.key == key)
        {
            resource.attributes.push(convert::text(key, value));
        }
    }
}

impl Sink for OtlpSink {
    fn renderings(&self) -> &[Rendering] {
        &self.renderings
    }

    fn start(&self, start: Start) -> Handle {
        let parent = self.parent(&start.parent);
        let sampled = match (self.sampling, &parent) {
            (Sampling::Parent, Some(parent)) => parent.sampled,
            (Sampling::Parent, None) | (Sampling::Always, _) => true,
        };
        let trace_id = match (&parent, start.identity) {
            (Some(parent), _) => parent.trace_id,
            (None, Some(identity)) => identity.trace_id,
            (None, None) => self.ids.trace_id(),
        };
        let span_id = start
            .identity
            .map_or_else(|| self.ids.span_id(), |identity| identity.span_id);
        let trace_state = parent
            .as_ref()
            .map(|parent| parent.trace_state.clone())
            .unwrap_or_default();
        Handle {
            context: SpanContext {
                trace_id,
                span_id,
                sampled,
                trace_state,
            },
            parent,
            is_recording: sampled,
            started: start.at,
            links: start.links,
            state: None,
        }
    }

    fn can_move(&self) -> bool {
        true
    }

    fn finish(&self, handle: Handle, ended: Ended) {
        for (lane, signals) in ended.signals.into_iter().enumerate() {
            self.emit(lane, &handle, ended.at, signals);
        }
    }

    fn event(&self, within: Option<&SpanContext>, events: Vec<Option<Event>>) {
        for (lane, (event, rendering)) in events.into_iter().zip(&self.renderings).enumerate() {
            if let Some(event) = event {
                let schema = Some(rendering.conventions().schema_url());
                let record = convert::log_record(within, event);
                self.pipeline
                    .send_under(lane, Item::Log(Box::new(record)), schema);
            }
        }
    }

    fn measure(&self, measured: Vec<Measured>) {
        for (own, aggregates) in measured.into_iter().zip(&self.aggregates) {
            if let Some(aggregates) = aggregates {
                aggregates.record(own.measurements);
            }
        }
    }

    fn flush(&self, timeout: Duration) -> genspan::Report {
        self.pipeline.flush(timeout).into()
    }

    fn shutdown(&self, timeout: Duration) -> genspan::Report {
        self.pipeline.shutdown(timeout).into()
    }
}
