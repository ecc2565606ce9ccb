//! The clients that this crate records, each as a program uses it.

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use genspan_http::{
    RecordLayer, RecordService, Recorder, WatchedBody, reqwest_0_12, reqwest_0_13,
    reqwest_middleware,
};
use http_body_util::{BodyExt, Full};
use hyper_util::{
    client::legacy::{Client as Pool, connect::HttpConnector},
    rt::TokioExecutor,
};
use tower_layer::Layer;
use tower_service::Service;

pub(crate) enum Client {
    Old(reqwest_0_12::Recorded),
    New(reqwest_0_13::Recorded),
    Middleware(::reqwest_middleware::ClientWithMiddleware),
    Hyper(RecordService<Pool<HttpConnector, WatchedBody<Full<Bytes>>>>),
}

/// A question as it is sent.
pub(crate) struct Post {
    pub(crate) url: String,
    pub(crate) headers: &'static [(&'static str, &'static str)],
    pub(crate) body: String,
}

/// How much of an answer was read.
pub(crate) enum Taken {
    /// All of it, and its status.
    Whole(u16, String),
    /// The first chunk; the rest was dropped.
    FirstChunk,
}

/// Sends a question by a client in the manner of reqwest, and reads what comes.
macro_rules! reqwest {
    ($client:expr, $post:ident, $is_dropped:ident) => {{
        let mut request = $client.post($post.url).body($post.body);
        for (name, value) in $post.headers {
            request = request.header(*name, *value);
        }
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        taken(status, response.bytes_stream(), $is_dropped).await
    }};
}

impl Client {
    pub(crate) fn reqwest_0_12(recorder: &Recorder) -> Self {
        let client = ::reqwest_0_12::Client::new();
        Self::Old(reqwest_0_12::Recorded::new(client, recorder.clone()))
    }

    pub(crate) fn reqwest_0_13(recorder: &Recorder) -> Self {
        let client = ::reqwest_0_13::Client::new();
        Self::New(reqwest_0_13::Recorded::new(client, recorder.clone()))
    }

    pub(crate) fn reqwest_middleware(recorder: &Recorder) -> Self {
        let recorded = reqwest_middleware::RecordMiddleware::new(recorder.clone());
        let client = ::reqwest_middleware::ClientBuilder::new(::reqwest_0_13::Client::new());
        Self::Middleware(client.with(recorded).build())
    }

    pub(crate) fn hyper(recorder: &Recorder) -> Self {
        let pool = Pool::builder(TokioExecutor::new()).build_http();
        Self::Hyper(RecordLayer::new(recorder.clone()).layer(pool))
    }

    /// Asks, and reads all that is answered, or drops it after the first chunk.
    pub(crate) async fn post(&self, post: Post, is_dropped: bool) -> Taken {
        match self {
            Self::Old(client) => reqwest!(client, post, is_dropped),
            Self::New(client) => reqwest!(client, post, is_dropped),
            Self::Middleware(client) => reqwest!(client, post, is_dropped),
            Self::Hyper(client) => {
                let mut request = http::Request::post(post.url);
                for (name, value) in post.headers {
                    request = request.header(*name, *value);
                }
                let request = request.body(Full::from(post.body)).unwrap();
                let response = client.clone().call(request).await.unwrap();
                let status = response.status().as_u16();
                let chunks = response.into_body().into_data_stream();
                taken(status, chunks, is_dropped).await
            }
        }
    }
}

async fn taken<E: std::fmt::Debug>(
    status: u16,
    chunks: impl Stream<Item = Result<Bytes, E>>,
    is_dropped: bool,
) -> Taken {
    let mut chunks = std::pin::pin!(chunks);
    let mut body = Vec::new();
    while let Some(chunk) = chunks.next().await {
        body.extend_from_slice(&chunk.unwrap());
        if is_dropped {
            return Taken::FirstChunk;
        }
    }
    Taken::Whole(status, String::from_utf8(body).unwrap())
}
