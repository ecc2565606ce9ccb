//! A program whose spans go to Braintrust, those of `tracing` too. A stand-in on this machine plays the intake, and drops
//! what names no project, as Braintrust does.

#![allow(clippy::print_stdout, reason = "it speaks to whoever runs it")]

use std::time::Duration;

use genspan::{Capture, Place};
use genspan_examples::{Result, Stage};
use genspan_http::{Recorder, reqwest_0_13::Recorded};
use opentelemetry::trace::TracerProvider;
use opentelemetry_proto::tonic::{common::v1::any_value::Value as Attribute, trace::v1::Span};
use serde_json::{Value, json};
use testkit::braintrust::Intake;
use tracing_subscriber::layer::SubscriberExt;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result {
    let stage = Stage::new()?;
    let intake = Intake::of("k3y");
    let url = intake.url();

    let guard = genspan_otel::builder()
        .with_destination("braintrust")
        .with_destination(stage.destination()) // beside it, in the conventions' own words
        .with_capture(Capture::at(Place::Span)) // without this Braintrust's panels stay empty
        // In a program of your own these are variables, and this line is not there.
        .with_environment(move |name| match name {
            "BRAINTRUST_API_KEY" => Some("k3y".to_owned()),
            "BRAINTRUST_API_URL" => Some(url.clone()),
            "BRAINTRUST_DEFAULT_PROJECT_NAME" => Some("travel".to_owned()),
            _ => None,
        })
        .init()?;
    let spans = tracing_opentelemetry::layer().with_tracer(guard.tracer_provider().tracer("shop"));
    tracing::subscriber::set_global_default(tracing_subscriber::registry().with(spans))?;

    let recorder = Recorder::from(guard.telemetry());
    let models = Recorded::new(stage.client("text")?, recorder);
    let address = format!("{}/chat/completions", stage.base_url());

    let agent = guard.telemetry().invoke_agent("adviser");
    agent.scope().within(advise(&models, &address)).await?;
    agent.finish();

    // What runs within is filed under an experiment instead of the project.
    let scope = guard.telemetry().scope();
    scope
        .with_attribute("braintrust.parent", "experiment_id:rainy-days")
        .within(advise(&models, &address))
        .await?;

    println!("telemetry: {}", guard.shutdown(Duration::from_secs(5)));
    let arrived = intake.arrived();
    println!("dropped there: {}", arrived.dropped);
    let mut lines: Vec<String> = arrived.kept.iter().map(line).collect();
    lines.sort();
    println!("{}", lines.join("\n"));
    Ok(stage.show()?)
}

#[tracing::instrument(skip_all)]
async fn advise(models: &Recorded, address: &str) -> Result {
    let question = json!({
        "model": "gpt-4o-mini",
        "messages": [{"role": "user", "content": "Which tea goes with rain?"}],
    });
    let answer = models
        .post(address)
        .body(question.to_string())
        .send()
        .await?;
    let _answer: Value = answer.error_for_status()?.json().await?;
    Ok(())
}

/// Shows what Braintrust makes of a span.
fn line(span: &Span) -> String {
    let [kind, parent, said] = [
        "braintrust.span_attributes",
        "braintrust.parent",
        "braintrust.output_json",
    ]
    .map(|key| text(span, key).unwrap_or("-"));
    format!("{} {kind} in {parent} said {said}", span.name)
}

/// Finds a text that Braintrust reads.
fn text<'a>(span: &'a Span, key: &str) -> Option<&'a str> {
    let found = span.attributes.iter().find(|one| one.key == key)?;
    match found.value.as_ref()?.value.as_ref()? {
        Attribute::StringValue(text) => Some(text),
        _ => None,
    }
}
