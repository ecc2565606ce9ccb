//! Endings as the proxy sees them. A client's time-out is one more that closes early.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use genspan::{Conventions, Rendering, Telemetry};
use genspan_http::{
    Recorder, RecorderOptions,
    proxy::{Proxy, Route},
};
use http::{Request, Uri};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use testkit::{
    CaptureSink,
    provider::{Answer, Provider, Script, Step},
};
use tokio::sync::oneshot;

use crate::{
    ending::{Ending, Told, told},
    stream::Stream,
};

const LIMIT: Duration = Duration::from_secs(30);

/// The endings that a proxy can tell apart.
pub(crate) const ENDINGS: [Ending; 6] = [
    Ending::WithUsage,
    Ending::WithoutUsage,
    Ending::Closed,
    Ending::Cut,
    Ending::ErrorEvent,
    Ending::Cancelled,
];

/// What the provider sends, and what of it the client is to see.
fn script(stream: &Stream, ending: Ending, is_answering: bool) -> (Vec<Step>, Vec<u8>) {
    let (mut sent, mut seen) = match ending {
        // It answers the question that the proxy puts.
        Ending::WithoutUsage if is_answering => (stream.frames(), stream.silent_frames()),
        Ending::WithoutUsage => (stream.silent_frames(), stream.silent_frames()),
        Ending::WithUsage => (stream.frames(), stream.frames()),
        _ => (stream.begun(), stream.begun()),
    };
    if ending == Ending::ErrorEvent {
        sent.push((stream.error)().into());
        seen.push((stream.error)().into());
    }
    let mut steps: Vec<_> = sent
        .into_iter()
        .flat_map(|frame| [Step::bytes(frame), Step::Flush])
        .collect();
    match ending {
        Ending::Cut => steps.push(Step::Cut),
        Ending::Closed | Ending::Cancelled => steps.push(Step::gate("the client is gone")),
        _ => {}
    }
    (steps, seen.concat())
}

/// Puts into the request that it wants usage, where it would be told otherwise than by being asked.
fn request(stream: &Stream, ending: Ending) -> String {
    if stream.is_asked() && ending == Ending::WithUsage {
        let wish = r#""stream":true,"stream_options":{"include_usage":true}"#;
        return stream.request.replace(r#""stream":true"#, wish);
    }
    stream.request.to_owned()
}

async fn read(body: &mut Incoming, len: usize) -> Vec<u8> {
    let mut seen = Vec::new();
    while seen.len() < len {
        let frame = body.frame().await.unwrap().unwrap();
        seen.extend_from_slice(&frame.into_data().unwrap());
    }
    seen
}

/// Lets a call end so, and gives what is recorded of it.
pub(crate) async fn end(stream: &Stream, ending: Ending, asks: bool) -> Told {
    let is_asked = asks && stream.is_asked();
    let (steps, expected) = script(stream, ending, is_asked);
    let headers = [("content-type", stream.content_type)];
    let answer = Answer::streamed(200, &headers, steps);
    let provider = Provider::start(Script::new().answer(answer)).unwrap();
    let sink = CaptureSink::new(Rendering::new(Conventions::V1_41));
    let telemetry = Telemetry::builder(Arc::clone(&sink) as _).build();
    let recorder = Recorder::new(telemetry.clone(), RecorderOptions::default());
    let route = Route::new("/p", provider.url().parse().unwrap()).unwrap();
    let builder = Proxy::builder(recorder.clone()).with_route(route.clone());
    let proxy = builder.with_usage_asked(asks).spawn().await.unwrap();

    let uri: Uri = stream.url.parse().unwrap();
    let url = format!("{}{}", proxy.url_for(&route), uri.path_and_query().unwrap());
    let client: Client<HttpConnector, Full<Bytes>> =
        Client::builder(TokioExecutor::new()).build_http();
    let asked = Request::post(url).header("content-type", "application/json");
    let asked = asked.body(Full::from(request(stream, ending))).unwrap();
    let mut body = client.request(asked).await.unwrap().into_body();
    let seen = match ending {
        Ending::Cancelled => {
            let (tell, is_read) = oneshot::channel();
            let len = expected.len();
            let task = tokio::spawn(async move {
                tell.send(read(&mut body, len).await).unwrap();
                body.frame().await
            });
            let seen = is_read.await.unwrap();
            task.abort();
            assert!(task.await.unwrap_err().is_cancelled());
            seen
        }
        Ending::Closed | Ending::Cut => {
            let seen = read(&mut body, expected.len()).await;
            if ending == Ending::Cut {
                assert!(body.frame().await.unwrap().is_err());
            }
            drop(body);
            seen
        }
        _ => body.collect().await.unwrap().to_bytes().to_vec(),
    };
    assert!(seen == expected, "{}, {ending:?}: other bytes", stream.name);
    let is_put = String::from_utf8_lossy(&provider.requests()[0].body).contains("include_usage");
    let is_own = stream.is_asked() && ending == Ending::WithUsage;
    assert_eq!(is_put, is_asked || is_own, "{}, {ending:?}", stream.name);

    drop(client);
    assert!(proxy.shutdown(LIMIT).await, "{}, {ending:?}", stream.name);
    assert!(recorder.settle(LIMIT));
    assert!(telemetry.flush(LIMIT).is_complete());
    told(&sink, ending, stream)
}
