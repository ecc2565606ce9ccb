//! `ollama-rs`, which takes nothing but a base URL, recorded by a proxy beside the program.
#![allow(clippy::print_stdout, reason = "it speaks to whoever runs it")]

use clients::{Result, Stage};
use futures_util::StreamExt;
use genspan_http::proxy::Detour;
use ollama_rs::{
    Ollama,
    generation::chat::{ChatMessage, request::ChatMessageRequest},
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result {
    let stage = Stage::new()?;
    let guard = genspan_otel::builder()
        .with_destination(stage.destination())
        .init()?; // yours: genspan_otel::init()?
    let detour = Detour::shared(&guard.telemetry())?;

    let agent = guard.telemetry().invoke_agent("critic");
    let url = detour.url_within(&stage.url(), &agent.scope())?; // yours: http://localhost:11434
    let ollama = Ollama::try_new(url.as_ref())?;

    let question = ChatMessage::user("Is this tea any good?".to_owned());
    let request = ChatMessageRequest::new("llama3.2".to_owned(), vec![question]);
    let answer = ollama.send_chat_messages(request.clone()).await?;
    println!("{}", answer.message.content);
    let mut pieces = ollama.send_chat_messages_stream(request).await?;
    while let Some(Ok(piece)) = pieces.next().await {
        print!("{}", piece.message.content);
    }
    println!();
    agent.finish();

    drop(guard); // delivers what is left
    Ok(stage.show()?)
}
