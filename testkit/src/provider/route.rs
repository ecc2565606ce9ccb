mod responses;
mod said;

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use http::Method;
use serde_json::{Value, json};

use self::responses::Stored;
use self::said::{failed, said};
use super::ask::{Ask, Format};
use super::log::{Log, RecordedRequest};
use super::reply::Reply;
use super::scenario::{Scenario, mentioned};
use super::script::{Answer, Sockets};
use super::serve::json;
use super::{anthropic, bedrock, gemini, ollama, openai};

/// Questions whose failures are counted at the same time.
const COUNTED: usize = 10_000;

/// Answers requests by scenario.
#[derive(Debug)]
pub(super) struct Router {
    log: Log,
    sockets: Sockets,
    /// Failures so far of each question that a `retry` scenario is at.
    failures: Mutex<BTreeMap<(u64, u16, u32), u32>>,
    stored: Stored,
}

/// What becomes of a question.
enum Verdict {
    Fails(u16),
    Closes,
    /// There is no scenario of this name.
    Unknown(String),
    Says(Reply, Scenario),
}

impl Router {
    pub(super) fn new(log: Log, sockets: Sockets) -> Self {
        Self {
            log,
            sockets,
            failures: Mutex::default(),
            stored: Stored::default(),
        }
    }

    pub(super) fn answer(&self, request: &RecordedRequest) -> Answer {
        let bedrock = (request.method == Method::POST).then(|| bedrock::answer(request));
        if let Some(answer) = bedrock.flatten() {
            return answer;
        }
        let path = request.path.split('?').next().unwrap_or_default();
        if let Some(path) = path.strip_prefix("/v1beta/") {
            return self.gemini(path, request);
        }
        if let Some(path) = path.strip_prefix("/api/") {
            return self.ollama(path, request);
        }
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
            "/responses" if post => self.response(request),
            "/responses" if request.header("upgrade") == Some("websocket") => self.socket(request),
            "/messages/count_tokens" if post => json(
                200,
                &[],
                &anthropic::count(&Ask::read(format, &request.json())),
            ),
            "/models" if !post => json(200, &[], &models(format)),
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
                Some(id) if !post => json(200, &[], &model(format, id)),
                _ => failed(format, 404, request, "req_scripted"),
            },
        }
    }

    /// Answers below `/v1beta/`, where the path names the model and what is asked of it.
    fn gemini(&self, path: &str, request: &RecordedRequest) -> Answer {
        let post = request.method == Method::POST;
        let named = path.strip_prefix("models/");
        match (path, named.map(|it| it.split_once(':').unwrap_or((it, "")))) {
            ("models", _) if !post => json(200, &[], &models(Format::Gemini)),
            (_, Some((id, ""))) if !post => json(200, &[], &model(Format::Gemini, id)),
            (_, Some((model, "generateContent"))) if post => {
                self.generated(request, |ask| ask.by_path(model, false))
            }
            (_, Some((model, "streamGenerateContent"))) if post => {
                self.generated(request, |ask| ask.by_path(model, true))
            }
            (_, Some((_, "countTokens"))) if post => json(
                200,
                &[],
                &gemini::count(&Ask::read(Format::Gemini, &request.json())),
            ),
            _ => failed(Format::Gemini, 404, request, "req_scripted"),
        }
    }

    /// Answers below `/api/`.
    fn ollama(&self, path: &str, request: &RecordedRequest) -> Answer {
        let post = request.method == Method::POST;
        match path {
            "chat" | "generate" if post => self.completion(Format::Ollama, request),
            "embed" if post => json(200, &[], &ollama::embeddings(&request.json())),
            "tags" if !post => json(200, &[], &ollama::models()),
            _ => failed(Format::Ollama, 404, request, "req_scripted"),
        }
    }

    fn generated(&self, request: &RecordedRequest, named: impl FnOnce(Ask) -> Ask) -> Answer {
        serde_json::from_slice::<Value>(&request.body).map_or_else(
            |_| failed(Format::Gemini, 400, request, "req_scripted"),
            |body| self.asked(&named(Ask::read(Format::Gemini, &body)), request),
        )
    }

    fn completion(&self, format: Format, request: &RecordedRequest) -> Answer {
        serde_json::from_slice::<Value>(&request.body).map_or_else(
            |_| failed(format, 400, request, "req_scripted"),
            |body| self.asked(&Ask::read(format, &body), request),
        )
    }

    fn asked(&self, ask: &Ask, request: &RecordedRequest) -> Answer {
        self.verdict(ask, request).answer(ask, request)
    }

    /// Decides by the conversation's plan, or by the scenario that is named. A question without the tools that the
    /// plan's step calls is another one's, and gets a text.
    fn verdict(&self, ask: &Ask, request: &RecordedRequest) -> Verdict {
        if let Some(step) = &ask.step {
            let once = || step.fail.filter(|status| self.fails(ask, *status, 1));
            return step.status.or_else(once).map_or_else(
                || {
                    let scenario = step.cut.map_or(Scenario::Text, Scenario::CutMidstream);
                    Verdict::Says(Reply::planned(ask, step), scenario)
                },
                Verdict::Fails,
            );
        }
        let spec = request.header("x-scripted").map(str::to_owned);
        let spec = spec
            .or_else(|| mentioned(&ask.model))
            .or_else(|| mentioned(&ask.question))
            .unwrap_or_else(|| "text".to_owned());
        let Some(scenario) = Scenario::parse(&spec) else {
            return Verdict::Unknown(spec);
        };
        match scenario {
            Scenario::Error(status) => Verdict::Fails(status),
            Scenario::Retry { status, failures } if self.fails(ask, status, failures) => {
                Verdict::Fails(status)
            }
            Scenario::ErrorMidstream(_) if !ask.stream => Verdict::Fails(500),
            Scenario::CutBeforeHeaders => Verdict::Closes,
            _ => Verdict::Says(Reply::to(ask, scenario), scenario),
        }
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

impl Verdict {
    /// Writes it as an answer over HTTP.
    fn answer(self, ask: &Ask, request: &RecordedRequest) -> Answer {
        let id = format!("req_{}", ask.id("request"));
        match self {
            Self::Fails(status) => failed(ask.format, status, request, &id),
            Self::Closes => Answer::close(),
            Self::Unknown(spec) => unknown(&spec),
            Self::Says(reply, Scenario::Hang) => {
                said(ask, &reply, Scenario::Hang, &id, request).after("hang")
            }
            Self::Says(reply, scenario) => said(ask, &reply, scenario, &id, request),
        }
    }
}

fn unknown(spec: &str) -> Answer {
    let text = format!(
        "there is no scenario {spec:?}; the list is in the documentation of testkit::provider"
    );
    json(
        400,
        &[],
        &json!({"type": "error", "error": {"type": "invalid_request_error", "message": text}}),
    )
}

fn models(format: Format) -> Value {
    match format {
        Format::OpenAi | Format::Responses => openai::models(),
        Format::Anthropic => anthropic::models(),
        Format::Gemini => gemini::models(),
        Format::Ollama => ollama::models(),
    }
}

fn model(format: Format, id: &str) -> Value {
    match format {
        Format::OpenAi | Format::Responses => openai::model(id),
        Format::Anthropic => anthropic::model(id),
        Format::Gemini => gemini::model(id),
        Format::Ollama => ollama::models(),
    }
}
