//! A program whose spans go to Sentry in its own language: operation, origin, types of tools. A stand-in on this machine
//! plays the intake.

#![allow(clippy::print_stdout, reason = "it speaks to whoever runs it")]

use std::{collections::BTreeMap, time::Duration};

use genspan::{Capture, ErrorType, Failure, Place};
use genspan_examples::{Result, Stage, otlp};
use genspan_http::{Recorder, reqwest_0_13::Recorded};
use genspan_otel::DialectSettings;
use serde_json::{Value, json};
use testkit::collector::Collector;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result {
    let stage = Stage::new()?;
    let intake = Collector::taking();
    let dsn = format!("http://k3y@{}/42", intake.address);

    let guard = genspan_otel::builder()
        .with_destination("sentry;encoding=json") // as text, so that it can be printed; leave `;encoding=json` out
        .with_destination(stage.destination()) // beside it, in the conventions' own words
        .with_capture(Capture::at(Place::Span)) // sendDefaultPii, recordInputs and recordOutputs in one
        .with_dialect_settings(DialectSettings {
            sentry_origin: "auto.ai.adviser".parse()?,
            sentry_record_outputs: false, // what is answered stays out of Sentry, and in the file
            tool_types: [("read_diary".to_owned(), "datastore".to_owned())].into(),
            ..DialectSettings::default()
        })
        // In a program of your own this is a variable, and this line is not there.
        .with_environment(move |name| (name == "SENTRY_DSN").then(|| dsn.clone()))
        .init()?;

    let telemetry = guard.telemetry();
    let models = Recorded::new(stage.client("text")?, Recorder::from(telemetry.clone()));
    let address = format!("{}/chat/completions", stage.base_url());
    let agent = telemetry.invoke_agent("adviser");
    let scope = agent.scope().with_conversation_id("c-17");
    scope
        .within(async {
            telemetry.execute_tool("read_diary").finish();
            telemetry.execute_tool("mcp__weather__now").finish();
            let broken = telemetry.execute_tool("WebSearch");
            broken.fail(Failure::new(ErrorType::Timeout));
            ask(&models, &address).await
        })
        .await?;
    agent.finish();

    println!("telemetry: {}", guard.shutdown(Duration::from_secs(5)));
    for request in intake.rest() {
        println!("{}", request.path);
        let said: Value = serde_json::from_slice(request.message())?;
        for span in otlp::within(&said, &["resourceSpans", "scopeSpans", "spans"]) {
            println!("{}", line(span));
        }
    }
    Ok(stage.show()?)
}

async fn ask(models: &Recorded, address: &str) -> Result {
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

/// Shows what Sentry makes of a span.
fn line(span: &Value) -> String {
    let texts: BTreeMap<_, _> = otlp::texts(span).collect();
    let shown = [
        "sentry.op",
        "sentry.origin",
        "gen_ai.tool.type",
        "error.type",
        "gen_ai.input.messages",
        "gen_ai.output.messages",
    ];
    let shown = shown.map(|key| *texts.get(key).unwrap_or(&"-"));
    format!("{} {}", otlp::name(span), shown.join(" "))
}
