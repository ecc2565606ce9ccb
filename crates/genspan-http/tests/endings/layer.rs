//! Endings as a layer round a client sees them.

use std::{
    future::ready,
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use futures_util::{StreamExt, future::BoxFuture, stream};
use genspan::{Conventions, Rendering, Telemetry};
use genspan_http::{RecordLayer, Recorder, RecorderOptions, WatchedBody};
use http::{Request, Response};
use http_body::Frame;
use http_body_util::{BodyExt, Full, StreamBody};
use testkit::{CaptureSink, ManualClock};
use tokio::sync::oneshot;
use tower_layer::Layer;
use tower_service::Service;

use crate::{
    ending::{Ending, Told, told},
    stream::Stream,
};

type Frames = Pin<Box<dyn stream::Stream<Item = io::Result<Frame<Bytes>>> + Send>>;
type Body = StreamBody<Frames>;

/// A client that has its answer.
struct Canned(Option<Response<Body>>);

impl Service<Request<WatchedBody<Full<Bytes>>>> for Canned {
    type Response = Response<Body>;
    type Error = io::Error;
    type Future = BoxFuture<'static, io::Result<Response<Body>>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<WatchedBody<Full<Bytes>>>) -> Self::Future {
        let answer = self.0.take().unwrap();
        Box::pin(async move {
            drop(request.into_body().collect().await);
            Ok(answer)
        })
    }
}

/// The body of an answer that is about to end so.
fn body(stream: &Stream, ending: Ending) -> (usize, Body) {
    let mut chunks = match ending {
        Ending::WithUsage => stream.frames(),
        Ending::WithoutUsage => stream.silent_frames(),
        _ => stream.begun(),
    };
    if ending == Ending::ErrorEvent {
        chunks.push((stream.error)().into());
    }
    let count = chunks.len();
    let data = stream::iter(chunks.into_iter().map(|chunk| Ok(Frame::data(chunk))));
    let frames: Frames = match ending {
        Ending::WithUsage | Ending::WithoutUsage | Ending::ErrorEvent => Box::pin(data),
        Ending::Cut | Ending::Timeout => {
            let kind = match ending {
                Ending::Timeout => io::ErrorKind::TimedOut,
                _ => io::ErrorKind::ConnectionReset,
            };
            Box::pin(data.chain(stream::once(ready(Err(kind.into())))))
        }
        Ending::Closed | Ending::Cancelled => Box::pin(data.chain(stream::pending())),
    };
    (count, StreamBody::new(frames))
}

/// Lets a call end so, and gives what is recorded of it.
pub(crate) async fn end(stream: &Stream, ending: Ending, estimates_usage: bool) -> Told {
    let sink = CaptureSink::new(Rendering::new(Conventions::V1_41));
    let telemetry = Telemetry::builder(Arc::clone(&sink) as _)
        .with_clock(Arc::new(ManualClock::default()))
        .inline()
        .build();
    let options = RecorderOptions {
        estimates_usage,
        ..RecorderOptions::default()
    };
    let recorder = Recorder::new(telemetry, options);
    let (count, body) = body(stream, ending);
    let answer = Response::builder().header("content-type", stream.content_type);
    let canned = Canned(Some(answer.body(body).unwrap()));
    let mut client = RecordLayer::new(recorder.clone()).layer(canned);
    let request = Request::post(stream.url).header("content-type", "application/json");
    let request = request.body(Full::from(stream.request)).unwrap();
    let mut answer = client.call(request).await.unwrap().into_body();
    match ending {
        Ending::WithUsage | Ending::WithoutUsage | Ending::ErrorEvent => {
            answer.collect().await.unwrap();
        }
        Ending::Cut | Ending::Timeout => assert!(answer.collect().await.is_err()),
        Ending::Closed => {
            for _ in 0..count {
                answer.frame().await.unwrap().unwrap();
            }
            drop(answer);
        }
        Ending::Cancelled => {
            let (tell, is_read) = oneshot::channel();
            let task = tokio::spawn(async move {
                for _ in 0..count {
                    answer.frame().await.unwrap().unwrap();
                }
                tell.send(()).unwrap();
                answer.frame().await
            });
            is_read.await.unwrap();
            task.abort();
            assert!(task.await.unwrap_err().is_cancelled());
        }
    }
    assert!(recorder.settle(std::time::Duration::from_secs(30)));
    told(&sink, ending, stream)
}
