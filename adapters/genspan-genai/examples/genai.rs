//! An agent on genai: one line at the client, and each call is recorded where it is made.
#![allow(clippy::print_stdout, reason = "it speaks to whoever runs it")]

use std::{error::Error, fs, io::BufReader, path::PathBuf};

use futures_util::StreamExt;
use genai::{
    Client,
    adapter::AdapterKind,
    chat::{ChatRequest, ChatStreamEvent},
    resolver::{AuthData, Endpoint},
};
use genspan_genai::Record;
use genspan_tree::{Style, into_traces};
use testkit::provider::{Provider, Script};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let models = Provider::start(Script::scenarios())?; // yours are where they are
    let endpoint = Endpoint::from_owned(format!("{}/v1/", models.url()));
    let file = file();

    let guard = genspan_otel::builder()
        .with_destination(format!("file:{}", file.display()))
        .init()?; // yours: genspan_otel::init()?
    let client = Client::builder()
        .append_provider_config(
            AdapterKind::Anthropic,
            (endpoint, AuthData::from_single("k3y")),
        )
        .recorded(&guard.telemetry())?
        .build()?;

    let agent = guard.telemetry().invoke_agent("critic");
    let asking = async {
        let question = ChatRequest::from_user("Is this tea any good?");
        let answer = client
            .exec_chat("claude-sonnet-4-5", question.clone(), None)
            .await?;
        println!("{}", answer.first_text().unwrap_or_default());
        let answer = client.exec_chat_stream("claude-sonnet-4-5", question, None);
        let mut stream = answer.await?.stream;
        while let Some(event) = stream.next().await {
            if let ChatStreamEvent::Chunk(chunk) = event? {
                print!("{}", chunk.content);
            }
        }
        println!();
        Ok::<_, genai::Error>(())
    };
    agent.scope().within(asking).await?;
    agent.finish();

    drop(guard); // delivers what is left
    show(&file)
}

/// The file for telemetry: the one that the program's first argument names, else one in the system's folder for such.
fn file() -> PathBuf {
    let named = std::env::args_os().nth(1).map(PathBuf::from);
    named.unwrap_or_else(|| {
        let name = format!("genspan-genai-{}.jsonl", std::process::id());
        std::env::temp_dir().join(name)
    })
}

fn show(file: &PathBuf) -> Result<(), Box<dyn Error + Send + Sync>> {
    let spans = genspan_tree::read(BufReader::new(fs::File::open(file)?))?.spans;
    let style = Style {
        unicode: true,
        ..Style::PLAIN
    };
    println!("\n{}", genspan_tree::render(&into_traces(spans), &style));
    Ok(())
}
