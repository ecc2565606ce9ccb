//! A client of models as an application would have it: any HTTP client, with the recording layer round it.

use std::{future::poll_fn, time::Duration};

use bytes::Bytes;
use genspan::{Scope, Telemetry};
use genspan_http::{RecordLayer, RecordService, Recorder, WatchedBody};
use http::{Request, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper_util::{
    client::legacy::{Client as HttpClient, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde_json::Value;
use tower_layer::Layer;
use tower_service::Service;

use crate::Failure;

/// Calls the scripted models; everything that goes through is recorded by the layer.
#[derive(Clone, Debug)]
pub(super) struct Client {
    pub(super) telemetry: Telemetry,
    http: RecordService<HttpClient<HttpConnector, WatchedBody<Full<Bytes>>>>,
    base: String,
}

/// Names the API that a question is put to.
#[derive(Clone, Copy, Debug)]
pub(super) enum Api {
    OpenAi,
    Anthropic,
}

/// Holds one question to a model.
#[derive(Debug)]
pub(super) struct Question<'a> {
    pub(super) api: Api,
    /// What the scripted provider is to play.
    pub(super) scenario: &'a str,
    pub(super) body: Value,
}

/// Holds what came back.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) body: Bytes,
}

impl Client {
    /// How often a call is repeated that failed in passing, as the official clients do.
    const RETRIES: usize = 2;
    const PAUSE: Duration = Duration::from_millis(20);

    pub(super) fn new(telemetry: Telemetry, recorder: &Recorder, base: String) -> Self {
        let http = HttpClient::builder(TokioExecutor::new()).build_http();
        Self {
            telemetry,
            http: RecordLayer::new(recorder.clone()).layer(http),
            base,
        }
    }

    /// Puts a question within a scope, and again where the provider is overloaded.
    pub(super) async fn ask(
        &self,
        question: &Question<'_>,
        within: &Scope,
    ) -> Result<Answer, Failure> {
        for _ in 0..Self::RETRIES {
            let answer = self.attempt(question, within).await?;
            if !answer.status.is_server_error() {
                return Ok(answer);
            }
            tokio::time::sleep(Self::PAUSE).await;
        }
        self.attempt(question, within).await
    }

    async fn attempt(&self, question: &Question<'_>, within: &Scope) -> Result<Answer, Failure> {
        let path = match question.api {
            Api::OpenAi => "/v1/chat/completions",
            Api::Anthropic => "/v1/messages",
        };
        let request = Request::post(format!("{}{path}", self.base))
            .header(header::CONTENT_TYPE, "application/json")
            .header("x-scripted", question.scenario)
            .extension(within.clone())
            .body(Full::from(question.body.to_string()))?;
        let mut http = self.http.clone();
        poll_fn(|cx| http.poll_ready(cx)).await?;
        let response = http.call(request).await?;
        let status = response.status();
        let body = response.into_body().collect().await?.to_bytes();
        Ok(Answer { status, body })
    }
}

impl Answer {
    /// Reads a whole answer.
    pub(super) fn json(&self) -> Result<Value, Failure> {
        Ok(serde_json::from_slice(&self.body)?)
    }

    /// Joins the texts of a streamed answer, which stand at `pointer` in each event.
    pub(super) fn streamed_text(&self, pointer: &str) -> String {
        let body = String::from_utf8_lossy(&self.body);
        let events = body.lines().filter_map(|line| line.strip_prefix("data: "));
        let events = events.filter_map(|event| serde_json::from_str::<Value>(event).ok());
        events
            .filter_map(|event| event.pointer(pointer)?.as_str().map(str::to_owned))
            .collect()
    }
}
