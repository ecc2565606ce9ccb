//! A program on async-openai whose calls are recorded: an answer, one as a stream, one after a retry, one
//! refused.

#![allow(clippy::print_stdout, reason = "it speaks to whoever runs it")]

use async_openai::{
    Client,
    config::OpenAIConfig,
    types::{
        chat::{
            ChatCompletionRequestUserMessage, ChatCompletionStreamOptions,
            CreateChatCompletionRequest, CreateChatCompletionRequestArgs,
        },
        responses::CreateResponseArgs,
    },
};
use futures_util::StreamExt;
use genspan_examples::{Result, Stage};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result {
    let stage = Stage::new()?;
    let guard = genspan_otel::builder() // yours: genspan_otel::init()?
        .with_destination(stage.destination())
        .init()?;
    let config = OpenAIConfig::new() // yours as it is
        .with_api_base(stage.base_url())
        .with_api_key("none");

    // All that is new for the client:
    let client = genspan_async_openai::client(config, guard.telemetry());

    let agent = guard.telemetry().invoke_agent("critic");
    let talk = agent.scope().within(talk(&client)).await;
    agent.finish();
    talk?;

    drop(guard); // delivers what is left
    Ok(stage.show()?)
}

async fn talk(client: &Client<OpenAIConfig>) -> Result {
    let whole = client
        .chat()
        .create(question("Is this tea any good?", false)?)
        .await?;
    let said = whole.choices.into_iter().next();
    let said = said.and_then(|choice| choice.message.content);
    println!("whole: {}", said.unwrap_or_default());

    let mut stream = client
        .chat()
        .create_stream(question("And the biscuits?", true)?)
        .await?;
    let mut said = String::new();
    while let Some(chunk) = stream.next().await {
        for choice in chunk?.choices {
            said += &choice.delta.content.unwrap_or_default();
        }
    }
    println!("streamed: {said}");

    let request = CreateResponseArgs::default()
        .model("gpt-4o-mini")
        .input("And the cups? scripted:retry-429") // one call, in two attempts
        .build()?;
    let patient = client.responses().create(request).await?;
    println!("retried: {}", patient.output_text().unwrap_or_default());

    let refused = client
        .chat()
        .create(question("And the bill? scripted:error-400", false)?)
        .await;
    if let Err(error) = refused {
        println!("refused: {error}");
    }
    Ok(())
}

fn question(text: &str, stream: bool) -> Result<CreateChatCompletionRequest> {
    let message = ChatCompletionRequestUserMessage::from(text);
    let mut question = CreateChatCompletionRequestArgs::default()
        .model("gpt-4o-mini")
        .messages([message.into()])
        .build()?;
    if stream {
        question.stream = Some(true);
        // Otherwise the provider does not say how many tokens it took.
        question.stream_options = Some(ChatCompletionStreamOptions {
            include_usage: Some(true),
            ..ChatCompletionStreamOptions::default()
        });
    }
    Ok(question)
}
