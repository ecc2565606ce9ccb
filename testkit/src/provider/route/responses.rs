//! Responses, whose questions go on from earlier answers, over HTTP and over WebSockets.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};

use super::super::ask::{Ask, Format};
use super::super::log::RecordedRequest;
use super::super::reply::Reply;
use super::super::scenario::Scenario;
use super::super::script::{Answer, Sockets, Step};
use super::super::{pace, responses};
use super::said::{failed, problem};
use super::{Router, Verdict};

/// Answers that a later question can go on from.
const STORED: usize = 64;

/// The ids of the last responses, and the conversation up to each.
#[derive(Debug, Default)]
pub(super) struct Stored(Mutex<VecDeque<(String, Vec<Value>)>>);

impl Stored {
    /// Puts what was said before in front of what is asked now.
    fn recall(&self, body: &mut Value) {
        let Some(fields) = body.as_object_mut() else {
            return;
        };
        let asked = match fields.remove("input") {
            Some(Value::Array(items)) => items,
            None => Vec::new(),
            Some(one) => vec![json!({"type": "message", "role": "user", "content": one})],
        };
        let previous = fields.get("previous_response_id").and_then(Value::as_str);
        let earlier = previous.and_then(|id| {
            let stored = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let (_, items) = stored.iter().rev().find(|(known, _)| known == id)?;
            Some(items.clone())
        });
        let items = earlier.unwrap_or_default().into_iter().chain(asked);
        fields.insert("input".to_owned(), items.collect());
    }

    fn keep(&self, ask: &Ask, body: &Value, output: Vec<Value>) {
        let mut items = body["input"].as_array().cloned().unwrap_or_default();
        items.extend(output);
        let mut stored = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if stored.len() >= STORED {
            stored.pop_front();
        }
        stored.push_back((responses::id(ask), items));
    }

    fn keep_said(&self, ask: &Ask, body: &Value, verdict: &Verdict) {
        if let Verdict::Says(reply, _) = verdict {
            self.keep(ask, body, responses::output(ask, reply));
        }
    }
}

impl Router {
    /// Answers a question over HTTP.
    pub(super) fn response(&self, request: &RecordedRequest) -> Answer {
        let mut body = request.json();
        if !body.is_object() {
            return failed(Format::Responses, 400, request, "req_scripted");
        }
        self.stored.recall(&mut body);
        let ask = Ask::read(Format::Responses, &body);
        let verdict = self.verdict(&ask, request);
        self.stored.keep_said(&ask, &body, &verdict);
        verdict.answer(&ask, request)
    }

    /// Accepts a WebSocket at which responses are asked for, unless the script has it refused.
    pub(super) fn socket(&self, request: &RecordedRequest) -> Answer {
        match self.sockets {
            Sockets::Refused(status) => failed(Format::Responses, status, request, "req_scripted"),
            Sockets::Plain => Answer::socket(false),
            Sockets::Compressed => {
                let offered = request.header("sec-websocket-extensions");
                Answer::socket(offered.is_some_and(|it| it.contains("permessage-deflate")))
            }
        }
    }

    /// Answers a message of a WebSocket: each [`Step::Bytes`] is a message. What asks nothing is answered by none.
    pub(in super::super) fn message(&self, message: &[u8], request: &RecordedRequest) -> Vec<Step> {
        let mut body: Value = serde_json::from_slice(message).unwrap_or_default();
        let Some(fields) = body.as_object_mut() else {
            return vec![failure(400, request)];
        };
        if fields.remove("type") != Some(json!("response.create")) {
            return Vec::new();
        }
        let is_asked = fields.remove("generate") != Some(json!(false));
        fields.insert("stream".to_owned(), json!(true));
        self.stored.recall(&mut body);
        let ask = Ask::read(Format::Responses, &body);
        if !is_asked {
            self.stored.keep(&ask, &body, Vec::new());
            return documents(responses::prepared(&ask), Scenario::Text);
        }
        let verdict = self.verdict(&ask, request);
        self.stored.keep_said(&ask, &body, &verdict);
        match verdict {
            Verdict::Fails(status) => vec![failure(status, request)],
            Verdict::Unknown(_) => vec![failure(400, request)],
            Verdict::Closes => vec![Step::Cut],
            Verdict::Says(reply, scenario) => told(&ask, &reply, scenario),
        }
    }
}

fn told(ask: &Ask, reply: &Reply, scenario: Scenario) -> Vec<Step> {
    let gate = (scenario == Scenario::Hang).then(|| Step::gate("hang"));
    // Messages are not cut into bytes.
    let scenario = match scenario {
        Scenario::OneByte => Scenario::Text,
        other => other,
    };
    let said = documents(responses::stream(ask, reply), scenario);
    gate.into_iter().chain(said).collect()
}

fn documents(documents: Vec<Value>, scenario: Scenario) -> Vec<Step> {
    let text = |document: Value| document.to_string();
    let ping = json!({"type": "keepalive"}).to_string();
    let error = text(responses::error_event());
    let texts: Vec<String> = documents.into_iter().map(text).collect();
    pace::streamed(scenario, texts, &ping, error)
}

/// The message that stands for an answer with this status.
fn failure(status: u16, request: &RecordedRequest) -> Step {
    let mut failure = problem(Format::Responses, status, request, "req_scripted");
    if let Some(fields) = failure.as_object_mut() {
        fields.insert("type".to_owned(), json!("error"));
        fields.insert("status".to_owned(), json!(status));
    }
    Step::bytes(failure.to_string())
}
