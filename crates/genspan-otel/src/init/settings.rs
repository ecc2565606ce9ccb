//! From code, environment and defaults to what holds.

use std::{sync::Arc, time::Duration};

use genspan::{Capture, Conventions, PriceList, Rendering, config};
use genspan_dialects::Settings as DialectSettings;
use genspan_otlp::{Destination, PipelineOptions, from_environment};
use opentelemetry::propagation::TextMapCompositePropagator;
use opentelemetry_sdk::{
    Resource,
    trace::{ShouldSample, SpanLimits},
};

use super::{
    InitError,
    builder::Builder,
    environment::{Environment, Notes},
    limits, propagators, resource, sampler,
};

/// Holds everything that was decided; nothing is left open.
#[derive(Debug)]
pub(super) struct Settings {
    /// Whether nothing is recorded, whatever else is set.
    pub(super) is_disabled: bool,
    pub(super) sets_globals: bool,
    pub(super) rendering: Rendering,
    pub(super) baggage: Vec<String>,
    pub(super) prices: Option<Arc<dyn PriceList>>,
    pub(super) propagator: TextMapCompositePropagator,
    pub(super) plan: Plan,
    pub(super) notes: Notes,
}

/// Holds what the providers are made of.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) destinations: Vec<Destination>,
    pub(super) resource: Resource,
    pub(super) sampler: Box<dyn ShouldSample>,
    pub(super) limits: SpanLimits,
    pub(super) dialects: DialectSettings,
    pub(super) delivery: PipelineOptions,
}

const DISABLED: &str = "OTEL_SDK_DISABLED";
const METRICS_INTERVAL: &str = "OTEL_METRIC_EXPORT_INTERVAL";
const DEFAULT_METRICS_INTERVAL: Duration = Duration::from_secs(60);

impl Settings {
    /// Decides, in the order that [`init`](crate::init) states.
    pub(super) fn resolve(builder: Builder) -> Result<Self, InitError> {
        let environment = &builder
            .environment
            .map_or_else(Environment::of_process, Environment::new);
        let mut notes = Notes::default();
        let is_disabled = is_disabled(environment, &mut notes);
        let stated: Vec<Destination> =
            builder.destinations.into_iter().collect::<Result<_, _>>()?;
        let destinations = match (is_disabled, stated.is_empty()) {
            (true, _) => Vec::new(),
            (false, false) => stated
                .into_iter()
                .map(|one| one.resolve(|name| environment.get(name)))
                .collect::<Result<_, _>>()?,
            (false, true) => destinations(environment, &mut notes)?,
        };
        let recorded = config::Settings::read(|name| environment.get(name));
        let problems = recorded.problems.iter().map(ToString::to_string);
        notes.0.extend(problems);
        let is_content_decided =
            builder.rendering.is_some() || builder.capture.or(recorded.capture).is_some();
        let rendering = match builder.rendering {
            Some(rendering) => whole(rendering, &destinations)?,
            None => {
                let rendering = in_parts(
                    builder.conventions.or(recorded.conventions),
                    builder.capture.or(recorded.capture),
                    &destinations,
                )?;
                if builder.has_full_tool_definitions || recorded.has_full_tool_definitions {
                    rendering.with_full_tool_definitions()
                } else {
                    rendering
                }
            }
        };
        if !is_content_decided {
            notes.0.extend(destinations.iter().filter_map(unseen));
        }
        let delivery = builder.delivery.unwrap_or_else(|| PipelineOptions {
            metrics_interval: metrics_interval(environment, &mut notes),
            ..PipelineOptions::default()
        });
        let from_limits = |notes: &mut Notes| limits::from_environment(environment, notes);
        let from_sampler = |notes: &mut Notes| sampler::from_environment(environment, notes);
        let plan = Plan {
            destinations,
            resource: resource::resource(
                builder.service_name,
                builder.attributes,
                environment,
                &mut notes,
            ),
            sampler: builder.sampler.unwrap_or_else(|| from_sampler(&mut notes)),
            limits: builder.limits.unwrap_or_else(|| from_limits(&mut notes)),
            dialects: builder.dialects.unwrap_or_default(),
            delivery: PipelineOptions {
                spool: builder.spool.or(delivery.spool),
                ..delivery
            },
        };
        Ok(Self {
            is_disabled,
            sets_globals: builder.sets_globals,
            rendering,
            baggage: builder.baggage,
            prices: builder.prices,
            propagator: propagators::from_environment(environment, &mut notes),
            plan,
            notes,
        })
    }
}

fn is_disabled(environment: &Environment, notes: &mut Notes) -> bool {
    match environment.get(DISABLED) {
        Some(value) if value.eq_ignore_ascii_case("true") => true,
        Some(value) if !value.eq_ignore_ascii_case("false") => {
            notes.add(
                DISABLED,
                format_args!("`{value}` is neither `true` nor `false` and passed over"),
            );
            false
        }
        _ => false,
    }
}

fn metrics_interval(environment: &Environment, notes: &mut Notes) -> Duration {
    let Some(text) = environment.get(METRICS_INTERVAL) else {
        return DEFAULT_METRICS_INTERVAL;
    };
    match text.parse() {
        Ok(milliseconds) if milliseconds > 0 => Duration::from_millis(milliseconds),
        _ => {
            notes.add(
                METRICS_INTERVAL,
                format_args!("`{text}` is no number of milliseconds above 0 and passed over"),
            );
            DEFAULT_METRICS_INTERVAL
        }
    }
}

/// Reads where the environment sends telemetry; a collector on this machine where it says nothing.
fn destinations(
    environment: &Environment,
    notes: &mut Notes,
) -> Result<Vec<Destination>, InitError> {
    for signal in ["TRACES", "LOGS", "METRICS"] {
        let variable = format!("OTEL_{signal}_EXPORTER");
        let list = environment.get(&variable).unwrap_or_default();
        for name in list.split(',').map(str::trim) {
            if !["otlp", "none", ""].contains(&name) {
                notes.add(
                    &variable,
                    format_args!(
                        "`{name}` is not supported and passed over; known are `otlp` and `none`"
                    ),
                );
            }
        }
    }
    let read = |name: &str| {
        environment
            .get(name)
            .or_else(|| default_endpoint(name, environment))
    };
    Ok(from_environment(read)?)
}

/// Gives OTLP's own endpoint for the protocol that is asked for.
fn default_endpoint(name: &str, environment: &Environment) -> Option<String> {
    const GENERAL: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
    let is_grpc = |name: &str| environment.get(name).is_some_and(|value| value == "grpc");
    if name == GENERAL {
        let is_grpc = is_grpc("OTEL_EXPORTER_OTLP_PROTOCOL");
        let port = if is_grpc { 4317 } else { 4318 };
        return Some(format!("http://localhost:{port}"));
    }
    let signal = name.strip_suffix("_ENDPOINT")?;
    let has_own_protocol = environment.get(&format!("{signal}_PROTOCOL")).is_some();
    if !has_own_protocol || environment.get(GENERAL).is_some() {
        return None;
    }
    let signal = signal.strip_prefix("OTEL_EXPORTER_OTLP_")?;
    let path = format!("/v1/{}", signal.to_ascii_lowercase());
    Some(
        if is_grpc(&format!("OTEL_EXPORTER_OTLP_{signal}_PROTOCOL")) {
            "http://localhost:4317".to_owned()
        } else {
            format!("http://localhost:4318{path}")
        },
    )
}

/// Tells that a vendor's pages will show no prompts and answers, where nobody said that they should not.
fn unseen(destination: &Destination) -> Option<String> {
    let dialect = destination.dialect?;
    destination.content.is_none().then(|| {
        format!(
            "{destination} gets no prompts and answers, so where {dialect} shows them nothing stands; ask for them with \
             `;content=span` or `with_capture`, or write `;content=none` if that is right"
        )
    })
}

/// Takes the program's own rendering, where no destination wants something else.
fn whole(rendering: Rendering, destinations: &[Destination]) -> Result<Rendering, InitError> {
    let capture = common(destinations, |one| one.content)?;
    match common(destinations, |one| one.conventions)? {
        Some(wanted) if wanted != rendering.conventions() => {
            let other = destinations
                .iter()
                .find(|one| one.conventions == Some(wanted));
            Err(InitError::Conventions {
                rendering: rendering.conventions().to_string(),
                destination: other.map(ToString::to_string).unwrap_or_default(),
                wanted: wanted.to_string(),
            })
        }
        _ => Ok(match capture {
            Some(capture) => rendering.with_capture(capture),
            None => rendering,
        }),
    }
}

/// Makes a rendering of what the destinations want and, where they leave it open, of what is given.
fn in_parts(
    conventions: Option<Conventions>,
    capture: Option<Capture>,
    destinations: &[Destination],
) -> Result<Rendering, InitError> {
    let conventions = common(destinations, |one| one.conventions)?.or(conventions);
    let capture = common(destinations, |one| one.content)?.or(capture);
    Ok(Rendering::new(conventions.unwrap_or_default()).with_capture(capture.unwrap_or_default()))
}

/// Gives what all destinations want, none where none says; an error where they differ.
fn common<T: PartialEq>(
    destinations: &[Destination],
    wanted: impl Fn(&Destination) -> Option<T>,
) -> Result<Option<T>, InitError> {
    let Some((first, others)) = destinations.split_first() else {
        return Ok(None);
    };
    let common = wanted(first);
    match others.iter().find(|other| wanted(other) != common) {
        Some(other) => Err(InitError::Renderings {
            first: first.to_string(),
            second: other.to_string(),
        }),
        None => Ok(common),
    }
}
