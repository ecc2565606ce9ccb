//! A `reqwest` client whose calls are recorded: an answer as a whole, one as a stream, one after a retry, one refused.

#![allow(clippy::print_stdout, reason = "it speaks to whoever runs it")]

use genspan_examples::{Result, Stage};
use genspan_http::{Recorder, reqwest_0_13::Recorded};
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result {
    let stage = Stage::new()?;
    let guard = genspan_otel::builder()
        .with_destination(stage.destination())
        .init()?;
    let recorder = Recorder::from(guard.telemetry());
    let models = Models {
        // All that is new for the client:
        client: Recorded::new(reqwest::Client::new(), recorder.clone()),
        base_url: stage.base_url(),
    };

    let whole = models.ask("Say it at once.", "text", false).await?;
    let whole: Value = whole.json().await?;
    let text = whole.pointer("/choices/0/message/content");
    let text = text.and_then(Value::as_str).unwrap_or_default();
    println!("whole: {text}");

    let mut streamed = models.ask("Say it in pieces.", "text", true).await?;
    let mut bytes = 0;
    while let Some(chunk) = streamed.chunk().await? {
        bytes += chunk.len();
    }
    println!("streamed: {bytes} bytes");

    let patient = loop {
        let response = models.ask("Say it later.", "retry-429", false).await?;
        if response.status() != StatusCode::TOO_MANY_REQUESTS {
            break response; // one call, in two attempts
        }
    };
    println!("retried: {} bytes", patient.bytes().await?.len());

    let refused = models.ask("Say nothing.", "error-429", false).await?;
    println!("refused: {}", refused.status());
    drop(refused);

    drop(guard); // delivers what is left
    Ok(stage.show()?)
}

struct Models {
    client: Recorded,
    base_url: String,
}

impl Models {
    /// Asks a question; `way` is how the scripted models are to answer.
    async fn ask(&self, question: &str, way: &str, stream: bool) -> Result<Response> {
        let url = format!("{}/chat/completions", self.base_url);
        let question = json!({
            "model": "gpt-4o-mini",
            "messages": [{"role": "user", "content": question}],
            "stream": stream,
            "stream_options": stream.then(|| json!({"include_usage": true})),
        });
        let request = self.client.post(url).header("x-scripted", way);
        Ok(request.with(|it| it.json(&question)).send().await?)
    }
}
