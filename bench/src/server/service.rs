//! A small service: one handler that asks a model for each request.

use std::{io, net::SocketAddr, sync::Arc};

use axum::{Router, extract::State, http::StatusCode, routing::post};
use genspan::{Capture, Place, Telemetry};
use genspan_http::{Recorder, RecorderOptions};
use genspan_otel::Guard;
use opentelemetry_sdk::trace::Sampler;
use tokio::net::TcpListener;

use super::{Through, Variant, models::Models};
use crate::{child, proxy::recorded};

/// Serves as the child process `server`, before the provider at `arguments[0]`, with the client `arguments[1]`, in the
/// variant `arguments[2]`, with telemetry to the file `arguments[3]`.
pub(crate) fn serve(arguments: &[String]) -> io::Result<()> {
    let [provider, through, variant, file] = arguments else {
        return Err(io::Error::other(
            "which provider, client, variant and file?",
        ));
    };
    let through = Through::parse(through).ok_or_else(|| io::Error::other("which client?"))?;
    let variant = Variant::parse(variant).ok_or_else(|| io::Error::other("which variant?"))?;
    let mut guard = None;
    let mut recorder = None;
    if variant != Variant::Without {
        let telemetry = if variant == Variant::Disabled {
            Telemetry::disabled()
        } else {
            guard.insert(start(variant, file)?).telemetry()
        };
        recorder = Some(Recorder::new(telemetry, RecorderOptions::default()));
    }
    let models = Models::new(through, provider, recorder.as_ref()).map_err(io::Error::other)?;
    let models = Arc::new(models);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let listener = runtime.block_on(TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))))?;
    let addr = listener.local_addr()?;
    let app = Router::new()
        .route("/answer", post(respond))
        .with_state(models);
    runtime.spawn(async { axum::serve(listener, app).await });
    child::attend(addr, || match (&recorder, &guard) {
        (Some(recorder), Some(guard)) => recorded::settle(recorder, &guard.telemetry()),
        _ => String::new(),
    })
}

fn start(variant: Variant, file: &str) -> io::Result<Guard> {
    let content = if variant == Variant::Content {
        Capture::at(Place::Span)
    } else {
        Capture::default()
    };
    let builder = genspan_otel::builder()
        .with_service_name("answers")
        .with_destination(format!("file:{file}"))
        .with_capture(content)
        .with_environment(|_| None);
    let builder = if variant == Variant::SampledOut {
        builder.with_sampler(Sampler::AlwaysOff)
    } else {
        builder
    };
    builder.init().map_err(io::Error::other)
}

async fn respond(
    State(models): State<Arc<Models>>,
    question: String,
) -> Result<String, (StatusCode, String)> {
    let answer = models.ask(&question).await;
    answer.map_err(|error| (StatusCode::BAD_GATEWAY, error.to_string()))
}
