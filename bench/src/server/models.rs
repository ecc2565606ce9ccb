//! The clients that the service may have, with and without a recorder.

use std::{future::poll_fn, time::Duration};

use async_openai::{
    Client as OpenAi,
    config::OpenAIConfig,
    types::chat::{ChatCompletionRequestUserMessage, CreateChatCompletionRequestArgs},
};
use bytes::Bytes;
use genspan_http::{RecordLayer, RecordService, Recorder, WatchedBody};
use http::{Request, Response, header};
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Incoming};
use hyper_util::{
    client::legacy::{Client, Error, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use serde::{Deserialize, Serialize};
use tower_layer::Layer;
use tower_service::Service;

use super::Through;
use crate::mock::answer::{self, Wanted};

type Plain = Client<HttpConnector, Full<Bytes>>;
type Recorded = RecordService<Client<HttpConnector, WatchedBody<Full<Bytes>>>>;
type Failure = Box<dyn std::error::Error + Send + Sync>;

const MODEL: &str = "gpt-4o-mini";
const TEMPERATURE: f32 = 0.5;
const WANTED: Wanted = Wanted::Whole { bytes: 1024 };

/// Asks the models.
pub(super) enum Models {
    Hyper(Hyper),
    AsyncOpenai(OpenAi<OpenAIConfig>),
}

impl Models {
    pub(super) fn new(
        through: Through,
        provider: &str,
        recorder: Option<&Recorder>,
    ) -> Result<Self, Failure> {
        Ok(match through {
            Through::Hyper => Self::Hyper(Hyper {
                client: AnyClient::of(recorder),
                url: format!("http://{provider}/v1/chat/completions"),
                wanted: WANTED.to_string(),
            }),
            Through::AsyncOpenai => {
                let config = OpenAIConfig::new()
                    .with_api_base(format!("http://{provider}/v1"))
                    .with_api_key("none")
                    .with_header(answer::HEADER, WANTED.to_string())?;
                Self::AsyncOpenai(match recorder {
                    Some(recorder) => genspan_async_openai::client(config, recorder.clone()),
                    None => OpenAi::with_config(config),
                })
            }
        })
    }

    pub(super) async fn ask(&self, question: &str) -> Result<String, Failure> {
        match self {
            Self::Hyper(client) => client.ask(question).await,
            Self::AsyncOpenai(client) => ask(client, question).await,
        }
    }
}

async fn ask(client: &OpenAi<OpenAIConfig>, question: &str) -> Result<String, Failure> {
    let message = ChatCompletionRequestUserMessage::from(question);
    let question = CreateChatCompletionRequestArgs::default()
        .model(MODEL)
        .temperature(TEMPERATURE)
        .messages([message.into()])
        .build()?;
    let answer = client.chat().create(question).await?;
    let choice = answer.choices.into_iter().next();
    let said = choice.and_then(|choice| choice.message.content);
    Ok(said.ok_or("the model has nothing to say")?)
}

pub(super) struct Hyper {
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
    temperature: f32,
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

impl Hyper {
    async fn ask(&self, question: &str) -> Result<String, Failure> {
        let question = Question {
            model: MODEL,
            temperature: TEMPERATURE,
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
