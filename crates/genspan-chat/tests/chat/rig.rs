//! Scripted clients, and what was recorded of them.

use std::{
    collections::VecDeque,
    io,
    pin::{Pin, pin},
    sync::{Arc, Mutex},
    task::{Context, Poll, Waker},
    time::Duration,
};

use futures_core::Stream;
use genspan::{
    Capture, Conventions, Counts, Place, Provider, Rendering, Telemetry, ToolCallRequest, Usage,
    Value,
};
use genspan_chat::{
    ChatClient, ChatRequest, ChatResponse, ChatStream, ChatUpdate, Delta, ToolCallDelta, Tools,
    chat_fn, function,
};
use testkit::{CaptureSink, CapturedSpan, ManualClock};

pub(crate) const OPENAI: Provider = Provider::OPENAI;

/// Records with or without content.
pub(crate) fn recorder(with_content: bool) -> (Arc<CaptureSink>, Telemetry) {
    let rendering = Rendering::new(Conventions::V1_41);
    recorder_in(if with_content {
        rendering.with_capture(Capture::at(Place::Span))
    } else {
        rendering
    })
}

pub(crate) fn recorder_in(rendering: Rendering) -> (Arc<CaptureSink>, Telemetry) {
    let sink = CaptureSink::new(rendering);
    let clock = ManualClock::default().stepping(Duration::from_millis(1));
    let telemetry = Telemetry::builder(Arc::clone(&sink) as _)
        .with_clock(Arc::new(clock))
        .build();
    (sink, telemetry)
}

/// Gives the spans that were recorded, after the end.
pub(crate) fn spans(sink: &CaptureSink, telemetry: &Telemetry) -> Vec<CapturedSpan> {
    assert!(telemetry.shutdown(Duration::from_secs(10)).is_complete());
    sink.spans()
}

/// Draws the spans that were recorded: names and errors alone.
pub(crate) fn outline(sink: &CaptureSink, telemetry: &Telemetry) -> String {
    let drawn = testkit::tree(&spans(sink, telemetry));
    let lines = drawn.lines().filter_map(|line| {
        let at = line.find(" [")?;
        let is_span = line.contains("[Client]") || line.contains("[Internal]");
        let name = line
            .get(..at)
            .filter(|_| is_span && !line.contains(" = "))?;
        let error = if line.contains(" ERROR ") { " ✗" } else { "" };
        Some(format!("{name}{error}\n"))
    });
    lines.collect()
}

/// Gives the value of an attribute as JSON, `-` where there is none.
pub(crate) fn value(span: &CapturedSpan, key: &str) -> String {
    let signals = &span.signals;
    let mut all = signals.sampled.iter().chain(&signals.attributes);
    all.find(|attribute| attribute.key == key)
        .map_or_else(|| "-".to_owned(), |attribute| attribute.value.to_json())
}

/// Polls to the end, often enough for any script.
pub(crate) fn run<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    for _ in 0..10_000 {
        let mut cx = Context::from_waker(Waker::noop());
        if let Poll::Ready(output) = future.as_mut().poll(&mut cx) {
            return output;
        }
    }
    panic!("it does not end");
}

/// Polls a few times and gives up.
pub(crate) fn poll_some<F: Future + ?Sized>(
    mut future: Pin<&mut F>,
    times: usize,
) -> Option<F::Output> {
    (0..times).find_map(|_| {
        match future
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()))
        {
            Poll::Ready(output) => Some(output),
            Poll::Pending => None,
        }
    })
}

/// Gives the next piece of a stream.
pub(crate) async fn next<S: Stream + Unpin>(stream: &mut S) -> Option<S::Item> {
    std::future::poll_fn(|cx| Pin::new(&mut *stream).poll_next(cx)).await
}

/// Is pending a number of times.
pub(crate) struct Yield(pub(crate) usize);

impl Future for Yield {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        match self.0.checked_sub(1) {
            Some(left) => {
                self.0 = left;
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            None => Poll::Ready(()),
        }
    }
}

pub(crate) fn usage(input: u64, output: u64) -> Usage {
    let counts = Counts {
        input: Some(input),
        output: Some(output),
        cache_read: Some(1),
        cache_write: Some(2),
        reasoning: Some(1),
        ..Counts::default()
    };
    Usage::inclusive(counts).0
}

pub(crate) fn wants(id: &str, name: &str, arguments: &str) -> ToolCallRequest {
    ToolCallRequest {
        id: Some(id.to_owned()),
        name: name.to_owned(),
        arguments: Value::from_json(arguments).unwrap(),
    }
}

/// Holds what a model answers, and what it was asked.
#[derive(Clone, Default)]
pub(crate) struct Script {
    answers: Arc<Mutex<VecDeque<ChatResponse>>>,
    pub(crate) asked: Arc<Mutex<Vec<ChatRequest>>>,
}

impl Script {
    pub(crate) fn new(answers: impl IntoIterator<Item = ChatResponse>) -> Self {
        Self {
            answers: Arc::new(Mutex::new(answers.into_iter().collect())),
            asked: Arc::default(),
        }
    }

    /// Asks for two tools, then answers in words.
    pub(crate) fn two_rounds() -> Self {
        let mut first = ChatResponse::tool_calls([
            wants("c1", "get_weather", r#"{"city":"Lisbon"}"#),
            wants("c2", "get_events", r#"{"city":"Lisbon"}"#),
        ]);
        first.details.model = Some("gpt-4o-mini-2024-07-18".to_owned());
        Self::new([
            first.with_usage(usage(10, 4)),
            ChatResponse::text("Go out.")
                .with_finish_reason("stop")
                .with_usage(usage(20, 5)),
        ])
    }

    fn next(&self, request: ChatRequest) -> io::Result<ChatResponse> {
        self.asked.lock().unwrap().push(request);
        let answer = self.answers.lock().unwrap().pop_front();
        answer.ok_or_else(|| io::Error::other("the script is at its end"))
    }

    /// Answers as a whole, after being pending once.
    pub(crate) fn whole(
        &self,
    ) -> impl ChatClient<
        Response = ChatResponse,
        Error = io::Error,
        Future: Future<Output = io::Result<ChatResponse>> + Send,
    > + Clone
    + Send
    + 'static {
        let script = self.clone();
        chat_fn(move |request| {
            let answer = script.next(request);
            async move {
                Yield(1).await;
                answer
            }
        })
    }

    /// Answers in pieces.
    pub(crate) fn streamed(
        &self,
    ) -> impl ChatClient<
        Response = ChatStream<Pieces>,
        Error = io::Error,
        Future: Future<Output = io::Result<ChatStream<Pieces>>> + Send,
    > + Clone
    + Send
    + 'static {
        let script = self.clone();
        chat_fn(move |request| {
            let answer = script.next(request);
            async move { answer.map(|answer| ChatStream::new(pieces(&answer))) }
        })
    }
}

pub(crate) type Pieces =
    futures_util::stream::Iter<std::vec::IntoIter<Result<ChatUpdate, io::Error>>>;

/// Cuts an answer into pieces.
pub(crate) fn pieces(answer: &ChatResponse) -> Pieces {
    let mut updates = vec![ChatUpdate {
        id: answer.details.id.clone(),
        model: answer.details.model.clone(),
        ..ChatUpdate::default()
    }];
    for (choice, message) in answer.output.iter().enumerate() {
        for (index, part) in message.parts.iter().enumerate() {
            let deltas: Vec<Delta> = match part {
                genspan::Part::Text(text) => {
                    let words = text.split_inclusive(' ');
                    words.map(|word| Delta::Text(word.to_owned())).collect()
                }
                genspan::Part::ToolCallRequest(call) => {
                    let json = call.arguments.to_json();
                    let (head, tail) = json.split_at(json.len() / 2);
                    let delta = |id: Option<String>, name: Option<String>, arguments: &str| {
                        Delta::ToolCall(ToolCallDelta {
                            index,
                            id,
                            name,
                            arguments: arguments.to_owned(),
                        })
                    };
                    vec![
                        delta(call.id.clone(), Some(call.name.clone()), head),
                        delta(None, None, tail),
                    ]
                }
                other => vec![Delta::Part(other.clone())],
            };
            updates.extend(deltas.into_iter().map(|delta| ChatUpdate {
                choice,
                deltas: vec![delta],
                ..ChatUpdate::default()
            }));
        }
    }
    for (choice, reason) in answer.details.finish_reasons.iter().enumerate() {
        updates.push(ChatUpdate {
            choice,
            ..ChatUpdate::finish(reason.as_str())
        });
    }
    updates.push(ChatUpdate::default().with_usage(answer.usage));
    futures_util::stream::iter(updates.into_iter().map(Ok).collect::<Vec<_>>())
}

/// Tells the weather at once and events after a while.
pub(crate) fn tools() -> Tools {
    Tools::new()
        .with(
            function("get_weather", "Tells the weather.", Value::Null),
            |_| async { Ok::<_, io::Error>("sunny") },
        )
        .with(
            function("get_events", "Tells what happens.", Value::Null),
            |_| async {
                Yield(3).await;
                Ok::<_, io::Error>("a concert")
            },
        )
}

pub(crate) fn question() -> ChatRequest {
    ChatRequest::new("gpt-4o-mini").with_user("What shall I do in Lisbon?")
}
