//! A small service: one handler that asks a model for each request.

use std::{future::poll_fn, io, net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, extract::State, http::StatusCode, routing::post};
use bytes::Bytes;
use genspan::{Capture, Place, Telemetry};
use genspan_http::{RecordLayer, RecordService, Recorder, RecorderOptions, WatchedBody};
use genspan_otel::Guard;
use http::{Request, Response, header};
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Incoming};
use hyper_util::{
    client::legacy::{Client, Error, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use opentelemetry_sdk::trace::Sampler;
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use tower_layer::Layer;
use tower_service::Service;

use super::Variant;
use crate::{
    child,
    mock::answer::{self, Wanted},
    proxy::recorded,
};

type Plain = Client<HttpConnector, Full<Bytes>>;
type Recorded = RecordService<Client<HttpConnector, WatchedBody<Full<Bytes>>>>;
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Serves as the child process `server`, before the provider at `arguments[0]`, in the variant `arguments[1]`,
/// with telemetry to the file `arguments[2]`.
pub(crate) fn serve(arguments: &[String]) -> io::Result<()> {
    let [provider, variant, file] = arguments else {
        return Err(io::Error::other("which provider, variant and file?"));
    };
    let variant = Variant::parse(variant).ok_or_else(|| io::Error::other("which variant?"))?;
    let mut guard = None;
    let mut recorder = None;
    if variant != Variant::Without {
        let telemetry = if variant == Variant::Disabled {
            Telemetry::disabled()
        } else {
            guard.insert(start(variant, file)?).telemetry()
        };
        recorder = Some(Recorder::new(telemetry, RecorderOptions::default()));
    }
    let models = Arc::new(Models {
        client: AnyClient::of(recorder.as_ref()),
        url: format!("http://{provider}/v1/chat/completions"),
        wanted: Wanted::Whole { bytes: 1024 }.to_string(),
    });
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let listener = runtime.block_on(TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))))?;
    let addr = listener.local_addr()?;
    let app = Router::new()
        .route("/answer", post(respond))
        .with_state(models);
    runtime.spawn(async { axum::serve(listener, app).await });
    child::attend(addr, || match (&recorder, &guard) {
        (Some(recorder), Some(guard)) => recorded::settle(recorder, &guard.telemetry()),
        _ => String::new(),
    })
}

fn start(variant: Variant, file: &str) -> io::Result<Guard> {
    let content = if variant == Variant::Content {
        Capture::at(Place::Span)
    } else {
        Capture::default()
    };
    let builder = genspan_otel::builder()
        .with_service_name("answers")
        .with_destination(format!("file:{file}"))
        .with_capture(content)
        .with_environment(|_| None);
    let builder = if variant == Variant::SampledOut {
        builder.with_sampler(Sampler::AlwaysOff)
    } else {
        builder
    };
    builder.init().map_err(io::Error::other)
}

struct Models {
    client: AnyClient,
    url: String,
    wanted: String,
}

/// The client as the application would have it, with and without the layer.
#[derive(Clone)]
enum AnyClient {
    Plain(Plain),
    Recorded(Recorded),
}

impl AnyClient {
    fn of(recorder: Option<&Recorder>) -> Self {
        match recorder {
            None => Self::Plain(client()),
            Some(recorder) => Self::Recorded(RecordLayer::new(recorder.clone()).layer(client())),
        }
    }

    async fn send(self, request: Request<Full<Bytes>>) -> Result<Bytes, Failure> {
        match self {
            Self::Plain(client) => {
                let response: Result<Response<Incoming>, Error> = client.request(request).await;
                whole(response?.into_body()).await
            }
            Self::Recorded(mut client) => {
                poll_fn(|cx| client.poll_ready(cx)).await?;
                whole(client.call(request).await?.into_body()).await
            }
        }
    }
}

fn client<B: Body<Data = Bytes> + Send>() -> Client<HttpConnector, B> {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(Duration::from_secs(90))
        .build(connector)
}

async fn whole<B: Body>(body: B) -> Result<Bytes, Failure>
where
    B::Error: Into<Failure>,
{
    let collected = body.collect().await.map_err(Into::into)?;
    Ok(collected.to_bytes())
}

#[derive(Serialize)]
struct Question<'a> {
    model: &'a str,
    temperature: f64,
    messages: [Asked<'a>; 1],
}

#[derive(Serialize)]
struct Asked<'a> {
    role: &'a str,
    content: &'a str,
}

#[derive(Deserialize)]
struct Answer {
    choices: Vec<Choice>,
}

#[derive(Deserialize)]
struct Choice {
    message: Said,
}

#[derive(Deserialize)]
struct Said {
    content: String,
}

async fn respond(
    State(models): State<Arc<Models>>,
    question: String,
) -> Result<String, (StatusCode, String)> {
    let answer = models.ask(&question).await;
    answer.map_err(|error| (StatusCode::BAD_GATEWAY, error.to_string()))
}

impl Models {
    async fn ask(&self, question: &str) -> Result<String, Failure> {
        let question = Question {
            model: "gpt-4o-mini",
            temperature: 0.5,
            messages: [Asked {
                role: "user",
                content: question,
            }],
        };
        let request = Request::post(&self.url)
            .header(header::AUTHORIZATION, "Bearer none")
            .header(header::CONTENT_TYPE, "application/json")
            .header(answer::HEADER, &self.wanted)
            .body(Full::new(Bytes::from(serde_json::to_vec(&question)?)))?;
        let answer = self.client.clone().send(request).await?;
        let answer: Answer = serde_json::from_slice(&answer)?;
        let choice = answer.choices.into_iter().next();
        Ok(choice
            .ok_or("the model has nothing to say")?
            .message
            .content)
    }
}
