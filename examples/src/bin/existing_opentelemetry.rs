//! An application that has OpenTelemetry already: its own providers and exporter, and spans of `tracing`.

#![allow(clippy::print_stdout, reason = "it speaks to whoever runs it")]

use std::time::Duration;

use genspan::Telemetry;
use genspan_examples::{FileExporter, Result, Stage};
use genspan_http::{Recorder, reqwest_0_13::SendRecorded};
use opentelemetry::{global, trace::TracerProvider};
use opentelemetry_sdk::{metrics::SdkMeterProvider, trace::SdkTracerProvider};
use serde_json::{Value, json};
use tracing_subscriber::{filter::LevelFilter, layer::SubscriberExt};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result {
    let stage = Stage::new()?;

    // What the application has.
    let exporter = FileExporter::create(stage.file())?;
    let tracers = SdkTracerProvider::builder()
        .with_batch_exporter(exporter.clone())
        .build();
    let meters = SdkMeterProvider::builder()
        .with_periodic_exporter(exporter)
        .build();
    global::set_tracer_provider(tracers.clone());
    global::set_meter_provider(meters.clone());
    let spans = tracing_opentelemetry::layer().with_tracer(tracers.tracer("shop"));
    let subscriber = tracing_subscriber::registry().with(LevelFilter::INFO);
    tracing::subscriber::set_global_default(subscriber.with(spans))?;

    // What is new.
    let telemetry = genspan_otel::from_globals()?;
    let recorder = Recorder::from(telemetry.clone());

    let shop = Shop {
        models: stage.client("text")?,
        base_url: stage.base_url(),
        telemetry: telemetry.clone(),
        recorder,
    };
    println!("{}", shop.serve("Which tea goes with rain?").await?);

    // The recorder hands over what it has; delivery is the application's own business, as before.
    let report = telemetry.shutdown(Duration::from_secs(5));
    tracers.shutdown()?;
    meters.shutdown()?;
    println!("telemetry: {report}");
    Ok(stage.show()?)
}

struct Shop {
    models: reqwest::Client,
    base_url: String,
    telemetry: Telemetry,
    recorder: Recorder,
}

impl Shop {
    #[tracing::instrument(skip_all)]
    async fn serve(&self, question: &str) -> Result<String> {
        find_customer().await;
        self.advise(question).await
    }

    #[genspan::agent(name = "tea-adviser", provider = "openai", telemetry = self.telemetry, input = question)]
    async fn advise(&self, question: &str) -> Result<String> {
        let stock = get_stock("tea").await;
        let response = self
            .models
            .post(format!("{}/chat/completions", self.base_url))
            .json(&json!({
                "model": "gpt-4o-mini",
                "messages": [
                    {"role": "system", "content": format!("There is {stock}.")},
                    {"role": "user", "content": question},
                ],
            }))
            .send_recorded(&self.recorder) // instead of `send`
            .await?;
        let answer: Value = response.error_for_status()?.json().await?;
        let text = answer.pointer("/choices/0/message/content");
        let text = text
            .and_then(Value::as_str)
            .ok_or("the model has nothing to say")?;
        Ok(text.to_owned())
    }
}

/// Tells what is left of a kind of goods.
#[genspan::tool]
async fn get_stock(kind: &str) -> String {
    query(kind).await
}

#[tracing::instrument]
async fn find_customer() {}

#[tracing::instrument]
async fn query(kind: &str) -> String {
    format!("green {kind}, black {kind}")
}
