//! `gemini-rust`, which takes nothing but a base URL, recorded by a proxy beside the program.
#![allow(clippy::print_stdout, reason = "it speaks to whoever runs it")]
#![allow(
    deprecated,
    reason = "most programs still speak generateContent, and its builder is marked so"
)]

use clients::{Result, Stage};
use futures_util::StreamExt;
use gemini_rust::client::GeminiBuilder;
use genspan_http::proxy::Detour;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result {
    let stage = Stage::new()?;
    let guard = genspan_otel::builder()
        .with_destination(stage.destination())
        .init()?; // yours: genspan_otel::init()?
    let detour = Detour::shared(&guard.telemetry())?;

    let agent = guard.telemetry().invoke_agent("critic");
    let base = format!("{}/v1beta/", stage.url()); // yours: https://generativelanguage.googleapis.com/v1beta/
    let url = detour.url_within(&base, &agent.scope())?;
    let gemini = GeminiBuilder::new("k3y")
        .with_base_url(url.as_ref().parse()?)
        .build()?;

    let question = gemini
        .generate_content()
        .with_user_message("Is this tea any good?");
    println!("{}", question.clone().execute().await?.text());
    let mut pieces = question.execute_stream().await?;
    while let Some(piece) = pieces.next().await {
        print!("{}", piece?.text());
    }
    println!();
    agent.finish();

    drop(guard); // delivers what is left
    Ok(stage.show()?)
}
