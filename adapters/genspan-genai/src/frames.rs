//! Records a streamed answer by the frames that genai hands out.

use std::{
    fmt,
    sync::{Mutex, PoisonError},
};

use bytes::Bytes;
use genai::{
    Error, ServiceTarget,
    adapter::AdapterKind,
    chat::{ChatFrameSink, FrameCtx, RawFrameRef, StreamEnd},
};
use genspan::Value;
use genspan_http::{End, Recorder, Watch};
use http::{Method, Request, Response, header};

/// Records one streamed answer by its frames, without a proxy.
///
/// ```no_run
/// use genai::{Client, chat::{ChatOptions, ChatRequest}};
/// use genspan_genai::Frames;
///
/// # async fn example(client: Client, recorder: genspan_http::Recorder) -> genai::Result<()> {
/// let target = client.resolve_service_target("gpt-4o-mini").await?;
/// let mut options = ChatOptions::default();
/// if let Some(frames) = Frames::watch(&recorder, &target) {
///     options = options.with_raw_frame_sink(frames); // of this stream alone
/// }
/// let answer = client.exec_chat_stream(target, ChatRequest::from_user("Why?"), Some(&options)).await?;
/// drop(options); // the stream alone holds it now, so that it tells where that is dropped
/// # drop(answer);
/// # Ok(())
/// # }
/// ```
///
/// It is for programs that may open no port; all others have more of [`Record`](crate::Record). Whole answers and
/// embeddings have no frames. Of the request only model and server are known: neither settings, tools nor what was
/// said to the model.
pub struct Frames {
    stream: Mutex<Stream>,
    is_lines: bool,
}

/// How far a stream is; dropped before its end, it ends as cancelled.
enum Stream {
    Asked(Watch),
    Answered(Watch),
    Over,
}

impl Frames {
    /// Begins to record a stream from `target`, within what is current here.
    ///
    /// Gives `None` for a provider whose frames cannot be read (those of Bedrock, Cohere and Vertex AI), and where
    /// nothing is to be recorded.
    #[must_use]
    pub fn watch(recorder: &Recorder, target: &ServiceTarget) -> Option<Self> {
        let kind = target.model.adapter_kind;
        let (_, model) = target.model.model_name.namespace_and_name();
        let path = path(kind, model)?;
        let request = Request::builder()
            .method(Method::POST)
            .uri(format!("{}{path}", target.endpoint.base_url()))
            .body(())
            .ok()?;
        let watch = recorder.watch(&request.into_parts().0)?;
        // All that is known of the request, as all these providers are told it.
        let model = Value::from(model).to_json();
        let known = format!("{{\"model\":{model},\"stream\":true}}");
        watch.request_whole(Bytes::from(known));
        Some(Self {
            stream: Mutex::new(Stream::Asked(watch)),
            is_lines: matches!(kind, AdapterKind::Ollama | AdapterKind::OllamaCloud),
        })
    }

    /// What the frames are called, of which the body that they came in was made.
    const fn content_type(&self) -> &'static str {
        if self.is_lines {
            "application/x-ndjson"
        } else {
            "text/event-stream"
        }
    }

    /// Takes a step on what comes in turn.
    ///
    /// It is taken outside of the lock: what is recorded by it may be of others, whose code may come by here again.
    fn step(&self, step: impl FnOnce(Stream) -> Stream) {
        let after = step(self.put(Stream::Over));
        drop(self.put(after));
    }

    fn put(&self, stream: Stream) -> Stream {
        let mut held = self.stream.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *held, stream)
    }
}

impl ChatFrameSink for Frames {
    fn on_frame(&self, _: &FrameCtx, frame: RawFrameRef<'_>) {
        let bytes = Bytes::from(if self.is_lines {
            format!("{}\n", frame.data)
        } else {
            event(&frame)
        });
        self.step(|stream| match stream {
            Stream::Asked(watch) => answered(watch, 200, self.content_type(), &bytes),
            Stream::Answered(watch) => {
                watch.response_chunk(&bytes);
                Stream::Answered(watch)
            }
            Stream::Over => Stream::Over,
        });
    }

    fn on_end(&self, _: &FrameCtx, _: &StreamEnd) {
        self.step(|stream| stream.end(End::Complete));
    }

    fn on_error(&self, _: &FrameCtx, error: &Error) {
        self.step(|stream| match (stream, stated(error)) {
            (Stream::Asked(watch), Error::HttpError { status, body, .. }) => {
                let body = Bytes::from(body.clone());
                answered(watch, status.as_u16(), "application/json", &body).end(End::Complete)
            }
            (stream @ Stream::Asked(_), _) => stream.end(End::LostBeforeHeaders),
            // What the provider reports stands in its last frame.
            (stream, Error::ChatResponse { .. }) => stream.end(End::Complete),
            (stream, _) => stream.end(End::Broken),
        });
    }
}

impl Stream {
    fn end(self, end: End) -> Self {
        if let Self::Asked(watch) | Self::Answered(watch) = self {
            watch.end(end);
        }
        Self::Over
    }
}

impl fmt::Debug for Frames {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Frames")
            .field("is_lines", &self.is_lines)
            .finish_non_exhaustive()
    }
}

/// Finds the client's own error in one that only says that the stream has failed.
fn stated(error: &Error) -> &Error {
    match error {
        Error::WebStream { error: inner, .. } => inner.downcast_ref().unwrap_or(error),
        _ => error,
    }
}

/// Notes the first that comes of an answer.
fn answered(watch: Watch, status: u16, kind: &str, bytes: &Bytes) -> Stream {
    let head = Response::builder().status(status);
    match head.header(header::CONTENT_TYPE, kind).body(()) {
        Ok(head) => {
            watch.response_head(&head.into_parts().0);
            watch.response_chunk(bytes);
            Stream::Answered(watch)
        }
        // It is no status that HTTP has, so nothing can be said of the answer.
        Err(_) => Stream::Asked(watch),
    }
}

/// A frame as the event that it was.
fn event(frame: &RawFrameRef<'_>) -> String {
    let mut text = String::new();
    if let Some(name) = frame.event {
        text.push_str("event: ");
        text.push_str(name);
        text.push('\n');
    }
    for line in frame.data.split('\n') {
        text.push_str("data: ");
        text.push_str(line);
        text.push('\n');
    }
    text.push('\n');
    text
}

/// Where below its base URL a provider is asked for a stream.
fn path(kind: AdapterKind, model: &str) -> Option<String> {
    let path = match kind {
        AdapterKind::Anthropic => "messages",
        AdapterKind::OpenAIResp => "responses",
        AdapterKind::Ollama | AdapterKind::OllamaCloud => "api/chat",
        AdapterKind::Gemini => {
            return Some(format!("models/{model}:streamGenerateContent?alt=sse"));
        }
        AdapterKind::OpenAI
        | AdapterKind::Fireworks
        | AdapterKind::Together
        | AdapterKind::Groq
        | AdapterKind::Mimo
        | AdapterKind::Nebius
        | AdapterKind::Xai
        | AdapterKind::DeepSeek
        | AdapterKind::OpenRouter => "chat/completions",
        _ => return None,
    };
    Some(path.to_owned())
}
