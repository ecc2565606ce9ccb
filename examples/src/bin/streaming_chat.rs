//! A chat of one's own making: an answer as a stream of chunks, read to its end once and left amid once.

#![allow(clippy::print_stdout, reason = "it speaks to whoever runs it")]

use futures_util::{Stream, StreamExt, TryFutureExt, TryStreamExt, stream};
use genspan::{Counts, FinishReason, Inference, Message, Provider, Role, Server, Telemetry, Usage};
use genspan_examples::{Result, Stage};
use serde_json::{Value, json};

const MODEL: &str = "gpt-4o-mini";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result {
    let stage = Stage::new()?;
    let guard = genspan_otel::builder()
        .with_destination(stage.destination())
        .init()?;
    let chat = Chat {
        client: stage.client("text")?,
        url: format!("{}/chat/completions", stage.base_url()).parse()?,
        telemetry: guard.telemetry(),
    };

    let whole: Vec<Chunk> = chat.ask("Count to three.").try_collect().await?;
    println!("{}", joined(&whole));
    let begun: Vec<Chunk> = chat.ask("Count forever.").take(2).try_collect().await?;
    println!("{}…", joined(&begun));

    drop(guard); // delivers what is left
    Ok(stage.show()?)
}

struct Chat {
    client: reqwest::Client,
    url: reqwest::Url,
    telemetry: Telemetry,
}

impl Chat {
    /// Asks the model; the call begins here, and ends where the stream does or is dropped.
    fn ask(&self, question: &str) -> impl Stream<Item = Result<Chunk, ChatError>> {
        let mut call = Inference::chat(Provider::OPENAI, MODEL);
        let host = self.url.host_str().unwrap_or_default();
        call.server = Some(Server::new(host, self.url.port_or_known_default()));
        call.content.input = vec![Message::text(Role::User, question)];
        let call = self.telemetry.start(call);

        let chunks = self.request(question).map_ok(chunks).try_flatten_stream();
        let mut text = String::new();
        call.observe(chunks, move |call: &mut Inference, chunk: &Chunk| {
            text.push_str(&chunk.text);
            call.response.id.get_or_insert_with(|| chunk.id.clone());
            call.response
                .model
                .get_or_insert_with(|| chunk.model.clone());
            if chunk.counts.input.is_some() {
                (call.usage, _) = Usage::inclusive(chunk.counts);
            }
            if let Some(reason) = &chunk.finish_reason {
                let mut message = Message::text(Role::Assistant, std::mem::take(&mut text));
                message.finish_reason = Some(FinishReason::from_provider(reason));
                call.content.output = vec![message];
                call.response.finish_reasons = vec![reason.clone()];
            }
        })
    }

    fn request(
        &self,
        question: &str,
    ) -> impl Future<Output = Result<reqwest::Response, ChatError>> + use<> {
        let request = self.client.post(self.url.clone()).json(&json!({
            "model": MODEL,
            "messages": [{"role": "user", "content": question}],
            "stream": true,
            "stream_options": {"include_usage": true},
        }));
        async { Ok(request.send().await?.error_for_status()?) }
    }
}

/// Holds a piece of an answer.
struct Chunk {
    id: String,
    model: String,
    text: String,
    finish_reason: Option<String>,
    counts: Counts,
}

fn joined(chunks: &[Chunk]) -> String {
    chunks.iter().map(|chunk| chunk.text.as_str()).collect()
}

#[derive(Debug, thiserror::Error)]
enum ChatError {
    #[error("the model was not reached")]
    Transport(#[from] reqwest::Error),
    #[error("the answer cannot be read")]
    Answer(#[from] serde_json::Error),
}

/// Cuts a response into chunks, one for each line of data.
fn chunks(response: reqwest::Response) -> impl Stream<Item = Result<Chunk, ChatError>> {
    stream::try_unfold(
        (response, Vec::new()),
        async |(mut response, mut buffer): (_, Vec<u8>)| {
            loop {
                if let Some(end) = buffer.iter().position(|byte| *byte == b'\n') {
                    let line: Vec<u8> = buffer.drain(..=end).collect();
                    match line.trim_ascii().strip_prefix(b"data: ") {
                        Some(b"[DONE]") => return Ok(None),
                        Some(data) => return Ok(Some((chunk(data)?, (response, buffer)))),
                        None => {}
                    }
                } else if let Some(bytes) = reqwest::Response::chunk(&mut response).await? {
                    buffer.extend(bytes);
                } else {
                    return Ok(None);
                }
            }
        },
    )
}

fn chunk(data: &[u8]) -> Result<Chunk, serde_json::Error> {
    let data: Value = serde_json::from_slice(data)?;
    let text = |pointer| Some(data.pointer(pointer)?.as_str()?.to_owned());
    let count = |pointer| data.pointer(pointer)?.as_u64();
    Ok(Chunk {
        id: text("/id").unwrap_or_default(),
        model: text("/model").unwrap_or_default(),
        text: text("/choices/0/delta/content").unwrap_or_default(),
        finish_reason: text("/choices/0/finish_reason"),
        counts: Counts {
            input: count("/usage/prompt_tokens"),
            output: count("/usage/completion_tokens"),
            ..Counts::default()
        },
    })
}
