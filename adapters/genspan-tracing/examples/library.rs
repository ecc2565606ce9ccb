//! A library that tells of its work in spans of `tracing`, and what comes of it.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "an example prints, and stops at errors"
)]

use std::{sync::Arc, time::Duration};

use genspan::{Conventions, Rendering, Telemetry};
use rig::{
    agent::AgentBuilder,
    providers::openai::{OpenAIConfig, Route},
};
use testkit::{
    CaptureSink,
    provider::{Provider, Script},
};
use tracing_subscriber::layer::SubscriberExt;

fn main() {
    print!("{}", run());
}

/// Runs the program, and gives what is to be printed.
fn run() -> String {
    // In earnest: `genspan_otel::init()?` and its telemetry; here spans are kept to be printed.
    let sink = CaptureSink::new(Rendering::new(Conventions::V1_41));
    let telemetry = Telemetry::builder(Arc::clone(&sink) as _).build();

    // The one line; a program says `.init()` once instead.
    let subscriber = tracing_subscriber::registry().with(genspan_tracing::layer(&telemetry));
    let _default = tracing::subscriber::set_default(subscriber);

    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let answer = runtime.block_on(ask());

    let report = telemetry.flush(Duration::from_secs(10));
    assert!(report.is_complete(), "{report}");
    format!("rig: {answer}\n\n{}", testkit::tree(&sink.spans()))
}

/// Does the program's work: it knows nothing of telemetry. The provider is a script on this machine.
async fn ask() -> String {
    let provider = Provider::start(Script::scenarios()).unwrap();
    let config = OpenAIConfig::new("k3y")
        .with_base_url(provider.url())
        .with_route(Route::Chat);
    let model = config.client().completion("gpt-4o-mini");
    let agent = AgentBuilder::new(model).name("guide").build();
    let answer = agent.prompt("Who are you?").await.unwrap();
    answer.output().to_string()
}
