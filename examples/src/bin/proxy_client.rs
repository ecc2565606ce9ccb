//! A client that takes a base URL and nothing else, recorded by a proxy in the same program.

#![allow(clippy::print_stdout, reason = "it speaks to whoever runs it")]

use std::time::Duration;

use genspan_examples::{Result, Stage};
use genspan_http::{
    Recorder,
    proxy::{Proxy, Route},
};
use serde_json::{Value, json};

const LIMIT: Duration = Duration::from_secs(5);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result {
    let stage = Stage::new()?;
    let guard = genspan_otel::builder()
        .with_destination(stage.destination())
        .init()?;
    let recorder = Recorder::from(guard.telemetry());
    let route = Route::new("/openai", stage.base_url().parse()?)?; // yours: https://api.openai.com/v1
    let proxy = Proxy::builder(recorder)
        .with_route(route.clone())
        .spawn()
        .await?;

    let agent = guard.telemetry().invoke_agent("critic");
    let url = proxy.url_within(&route, &agent.scope()); // calls by this URL are the agent's
    let sdk = Sdk::new(url.as_ref());
    println!("{}", sdk.complete("Is this tea any good?").await?);
    println!("{}", sdk.complete("And the biscuits?").await?);
    agent.finish();

    proxy.shutdown(LIMIT).await;
    drop(guard); // delivers what is left
    Ok(stage.show()?)
}

/// Stands for a client of somebody else's.
struct Sdk {
    client: reqwest::Client,
    base_url: String,
}

impl Sdk {
    fn new(base_url: &str) -> Self {
        Self {
            client: reqwest::Client::new(),
            base_url: base_url.to_owned(),
        }
    }

    async fn complete(&self, prompt: &str) -> Result<String> {
        let response = self
            .client
            .post(format!("{}/chat/completions", self.base_url))
            .json(&json!({
                "model": "gpt-4o-mini",
                "messages": [{"role": "user", "content": prompt}],
            }))
            .send()
            .await?;
        let answer: Value = response.error_for_status()?.json().await?;
        let text = answer.pointer("/choices/0/message/content");
        let text = text.and_then(Value::as_str).ok_or("there is no answer")?;
        Ok(text.to_owned())
    }
}
