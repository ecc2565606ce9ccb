//! From a request's path to the answer of its endpoint.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use http::Method;
use serde_json::{Value, json};

use super::ask::{Ask, Format};
use super::log::{Log, RecordedRequest};
use super::plan::Step;
use super::reply::Reply;
use super::scenario::{Scenario, mentioned};
use super::script::Answer;
use super::serve::json;
use super::{anthropic, bedrock, openai, pace};

/// Questions whose failures are counted at the same time.
const COUNTED: usize = 10_000;

/// Answers requests by scenario.
#[derive(Debug)]
pub(super) struct Router {
    log: Log,
    /// Failures so far of each question that a `retry` scenario is at.
    failures: Mutex<BTreeMap<(u64, u16, u32), u32>>,
}

impl Router {
    pub(super) fn new(log: Log) -> Self {
        Self {
            log,
            failures: Mutex::default(),
        }
    }

    pub(super) fn answer(&self, request: &RecordedRequest) -> Answer {
        let bedrock = (request.method == Method::POST).then(|| bedrock::answer(request));
        if let Some(answer) = bedrock.flatten() {
            return answer;
        }
        let path = request.path.split('?').next().unwrap_or_default();
        let path = path.strip_prefix("/v1").unwrap_or(path);
        let anthropic =
            request.header("anthropic-version").is_some() || path.starts_with("/messages");
        let format = if anthropic {
            Format::Anthropic
        } else {
            Format::OpenAi
        };
        let post = request.method == Method::POST;
        match path {
            "/chat/completions" if post => self.completion(Format::OpenAi, request),
            "/messages" if post => self.completion(Format::Anthropic, request),
            "/messages/count_tokens" if post => json(
                200,
                &[],
                &anthropic::count(&Ask::read(format, &request.json())),
            ),
            "/models" if !post => json(
                200,
                &[],
                &if anthropic {
                    anthropic::models()
                } else {
                    openai::models()
                },
            ),
            "/scripted/requests" if !post => {
                let list: Vec<Value> = self.log.read(|state| {
                    state
                        .requests
                        .iter()
                        .map(RecordedRequest::describe)
                        .collect()
                });
                json(200, &[], &json!(list))
            }
            _ => match path.strip_prefix("/models/") {
                Some(id) if !post => json(
                    200,
                    &[],
                    &if anthropic {
                        anthropic::model(id)
                    } else {
                        openai::model(id)
                    },
                ),
                _ => failed(format, 404, request, "req_scripted"),
            },
        }
    }

    fn completion(&self, format: Format, request: &RecordedRequest) -> Answer {
        let Ok(body) = serde_json::from_slice::<Value>(&request.body) else {
            return failed(format, 400, request, "req_scripted");
        };
        let ask = Ask::read(format, &body);
        let id = format!("req_{}", ask.id("request"));
        if let Some(step) = ask.step.clone() {
            return self.planned(&ask, &step, request, &id);
        }
        let spec = request.header("x-scripted").map(str::to_owned);
        let spec = spec
            .or_else(|| mentioned(&ask.model))
            .or_else(|| mentioned(&ask.question))
            .unwrap_or_else(|| "text".to_owned());
        let Some(scenario) = Scenario::parse(&spec) else {
            let text = format!(
                "there is no scenario {spec:?}; the list is in the documentation of testkit::provider"
            );
            return json(
                400,
                &[],
                &json!({"type": "error", "error": {"type": "invalid_request_error", "message": text}}),
            );
        };
        match scenario {
            Scenario::Error(status) => failed(format, status, request, &id),
            Scenario::Retry { status, failures } if self.fails(&ask, status, failures) => {
                failed(format, status, request, &id)
            }
            Scenario::ErrorMidstream(_) if !ask.stream => failed(format, 500, request, &id),
            Scenario::CutBeforeHeaders => Answer::close(),
            Scenario::Hang => said(&ask, &Reply::to(&ask, scenario), scenario, &id).after("hang"),
            _ => said(&ask, &Reply::to(&ask, scenario), scenario, &id),
        }
    }

    /// Answers by the conversation's plan; a question without the tools that the step calls is another one's, and gets a
    /// text.
    fn planned(&self, ask: &Ask, step: &Step, request: &RecordedRequest, id: &str) -> Answer {
        if let Some(status) = step.status {
            return failed(ask.format, status, request, id);
        }
        if let Some(status) = step.fail
            && self.fails(ask, status, 1)
        {
            return failed(ask.format, status, request, id);
        }
        let scenario = step.cut.map_or(Scenario::Text, Scenario::CutMidstream);
        said(ask, &Reply::planned(ask, step), scenario, id)
    }

    /// Counts a failure, or starts again after the last.
    fn fails(&self, ask: &Ask, status: u16, failures: u32) -> bool {
        let key = (ask.hash ^ u64::from(ask.stream), status, failures);
        let mut counts = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.remove(&key).unwrap_or_default();
        if counts.len() >= COUNTED {
            counts.clear();
        }
        let fails = count < failures;
        if fails {
            counts.insert(key, count + 1);
        }
        fails
    }
}

fn said(ask: &Ask, reply: &Reply, scenario: Scenario, id: &str) -> Answer {
    let id_header = id_header(ask.format);
    if ask.stream {
        let (events, ping, error) = match ask.format {
            Format::OpenAi => (
                openai::stream(ask, reply),
                openai::ping(),
                openai::error_event(),
            ),
            Format::Anthropic => (
                anthropic::stream(ask, reply),
                anthropic::ping(),
                anthropic::error_event(id),
            ),
        };
        let headers = [
            ("content-type", "text/event-stream; charset=utf-8"),
            ("cache-control", "no-cache"),
            (id_header, id),
        ];
        return Answer::streamed(
            200,
            &headers,
            pace::streamed(scenario, events, &ping, error),
        );
    }
    let body = match ask.format {
        Format::OpenAi => openai::whole(ask, reply),
        Format::Anthropic => anthropic::whole(ask, reply),
    };
    let body = Bytes::from(body.to_string());
    let length = body.len().to_string();
    let headers = [
        ("content-type", "application/json"),
        ("content-length", length.as_str()),
        (id_header, id),
    ];
    Answer::streamed(200, &headers, pace::whole(scenario, &body))
}

fn id_header(format: Format) -> &'static str {
    match format {
        Format::OpenAi => "x-request-id",
        Format::Anthropic => "request-id",
    }
}

fn failed(format: Format, status: u16, request: &RecordedRequest, id: &str) -> Answer {
    let bearer = request
        .header("authorization")
        .map(|it| it.strip_prefix("Bearer ").unwrap_or(it));
    let key = request.header("x-api-key").or(bearer).unwrap_or_default();
    let body = match format {
        Format::OpenAi => openai::error(status, key),
        Format::Anthropic => anthropic::error(status, key, id),
    };
    let mut headers = vec![(id_header(format), id)];
    if status == 429 || status >= 500 {
        headers.extend([("retry-after-ms", "1"), ("retry-after", "0")]);
    }
    json(status, &headers, &body)
}
