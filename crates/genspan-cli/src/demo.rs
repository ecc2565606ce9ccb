//! `genspan demo`: a small agent against a scripted provider, offline, and what is recorded of it.

mod agent;
mod client;
mod tools;

use std::{
    io::{self, Write},
    process::ExitCode,
    sync::Arc,
};

use clap::Args;
use genspan::Place;
use genspan_http::{Recorder, RecorderOptions};
use genspan_otlp::Sampling;
use genspan_prices::Prices;
use genspan_tree::{Style, into_traces};
use testkit::provider::{Provider, Script};

use self::client::Client;
use crate::{
    Failure, chain,
    environment::Environment,
    options::{Defaults, EffectiveOutput, OutputArgs},
    run::{Recorded, Recording, cost},
    terminal::style_of,
};

/// Shows what is recorded of an agent, offline
///
/// A scripted provider on this machine plays the models; the agent, its calls and what is recorded of them are real.
#[derive(Args, Debug)]
pub(crate) struct DemoArgs {
    #[command(flatten)]
    output: OutputArgs,
}

impl DemoArgs {
    pub(crate) fn run(self, environment: &Environment) -> Result<ExitCode, Failure> {
        let is_asked = !self.output.to.is_empty();
        let mut output = self.output.resolve(
            environment,
            Defaults {
                stored_content: Place::Span,
            },
        )?;
        let provider = Provider::start(Script::scenarios())
            .map_err(|error| format!("the scripted provider cannot be started: {error}"))?;
        // The scripted provider plays others' models, at their prices.
        let prices = Prices::clone(&output.prices).with_gateway("127.0.0.1");
        output.prices = Arc::new(prices);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        let runtime = runtime.map_err(|error| format!("there is nothing to work on: {error}"))?;
        let started = Recording::start(&output, environment, "genspan-demo", Sampling::Always);
        let (recording, trouble) = match started {
            Ok(recording) => (recording, None),
            Err(failure) if is_asked => return Err(failure),
            Err(failure) => {
                // The tree is worth seeing even where nothing can be kept.
                output = EffectiveOutput {
                    routes: Vec::new(),
                    homes: Vec::new(),
                    spool: None,
                    prices: output.prices,
                    notes: Vec::new(),
                };
                let recording =
                    Recording::start(&output, environment, "genspan-demo", Sampling::Always)?;
                (recording, Some(chain(&*failure)))
            }
        };
        let recorder = Recorder::new(recording.telemetry.clone(), RecorderOptions::default());
        let client = Client::new(recording.telemetry.clone(), &recorder, provider.url());
        let ran = runtime.block_on(agent::plan_trip(&client));
        drop(client);
        let recorded = recording.finish(&recorder);
        ran?;
        let text = shown(
            &recorded,
            trouble.as_deref(),
            output.is_stored(),
            &style_of(&io::stdout(), environment),
        );
        io::stdout().lock().write_all(text.as_bytes())?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Writes what was recorded, and where it can be looked at.
fn shown(recorded: &Recorded, trouble: Option<&str>, is_stored: bool, style: &Style) -> String {
    let seen = &recorded.seen;
    let mut text =
        "An agent planned a trip, with a sub-agent and scripted models on this machine:\n\n"
            .to_owned();
    text.push_str(&genspan_tree::render(
        &into_traces(seen.spans.iter().cloned().collect()),
        style,
    ));
    text.push('\n');
    let totals = format!(
        "{} calls to models, {} failed, {} repeated within its span{}",
        seen.calls,
        seen.failed,
        seen.repeated,
        cost(&seen.spending)
    );
    text.push_str(&format!("{totals}\n"));
    for delivery in &recorded.deliveries {
        text.push_str(&format!("{}\n", delivery.line));
    }
    if let Some(trouble) = trouble {
        text.push_str(&format!("nothing was kept: {trouble}\n"));
    }
    text.push_str("\nNext\n");
    if is_stored {
        text.push_str("  genspan show                  shows it again\n");
    }
    text.push_str("  genspan run -- python app.py  records a program of yours, as it is\n");
    text
}
