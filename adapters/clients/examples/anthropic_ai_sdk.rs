//! `anthropic-ai-sdk`, which takes nothing but a base URL, recorded by a proxy beside the program.
#![allow(clippy::print_stdout, reason = "it speaks to whoever runs it")]

use std::pin::pin;

use anthropic_ai_sdk::{
    client::AnthropicClient,
    types::message::{
        ContentBlock, ContentBlockDelta, CreateMessageParams, Message, MessageClient, MessageError,
        RequiredMessageParams, Role, StreamEvent,
    },
};
use clients::{Result, Stage};
use futures_util::StreamExt;
use genspan_http::proxy::Detour;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result {
    let stage = Stage::new()?;
    let guard = genspan_otel::builder()
        .with_destination(stage.destination())
        .init()?; // yours: genspan_otel::init()?
    let detour = Detour::shared(&guard.telemetry())?;

    let agent = guard.telemetry().invoke_agent("critic");
    let base = format!("{}/v1", stage.url()); // yours: https://api.anthropic.com/v1
    let url = detour.url_within(&base, &agent.scope())?;
    let client = AnthropicClient::builder("k3y", AnthropicClient::DEFAULT_API_VERSION)
        .with_api_base_url(url.as_ref())
        .build::<MessageError>()?;

    let question = || RequiredMessageParams {
        model: "claude-sonnet-4-5".to_owned(),
        messages: vec![Message::new_text(Role::User, "Is this tea any good?")],
        max_tokens: 99,
    };
    let request = CreateMessageParams::new(question());
    for block in client.create_message(Some(&request)).await?.content {
        if let ContentBlock::Text { text } = block {
            println!("{text}");
        }
    }
    let request = CreateMessageParams::new(question()).with_stream(true);
    let mut events = pin!(client.create_message_streaming(&request).await?);
    while let Some(event) = events.next().await {
        if let StreamEvent::ContentBlockDelta { delta, .. } = event?
            && let ContentBlockDelta::TextDelta { text } = delta
        {
            print!("{text}");
        }
    }
    println!();
    agent.finish();

    drop(guard); // delivers what is left
    Ok(stage.show()?)
}
