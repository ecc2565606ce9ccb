//! What the model says, as an answer over HTTP in the format that was asked in.

use bytes::Bytes;
use serde_json::Value;

use super::super::ask::{Ask, Format};
use super::super::log::RecordedRequest;
use super::super::reply::Reply;
use super::super::scenario::Scenario;
use super::super::script::{Answer, Step};
use super::super::serve::json;
use super::super::{anthropic, gemini, ollama, openai, pace, responses};

/// Says it with the scenario's pace, whole or streamed as it was asked.
pub(super) fn said(
    ask: &Ask,
    reply: &Reply,
    scenario: Scenario,
    id: &str,
    request: &RecordedRequest,
) -> Answer {
    if ask.stream {
        let is_list = ask.format == Format::Gemini && !request.path.contains("alt=sse");
        let kind = match ask.format {
            Format::Ollama => "application/x-ndjson",
            _ if is_list => "application/json; charset=UTF-8",
            _ => "text/event-stream; charset=utf-8",
        };
        let headers = [
            ("content-type", kind),
            ("cache-control", "no-cache"),
            (id_header(ask.format), id),
        ];
        let steps = streamed(ask, reply, scenario, id, is_list);
        return Answer::streamed(200, &headers, steps);
    }
    let body = match ask.format {
        Format::OpenAi => openai::whole(ask, reply),
        Format::Responses => responses::whole(ask, reply),
        Format::Anthropic => anthropic::whole(ask, reply),
        Format::Gemini => gemini::whole(ask, reply),
        Format::Ollama => ollama::whole(ask, reply),
    };
    let body = Bytes::from(body.to_string());
    let length = body.len().to_string();
    let headers = [
        ("content-type", "application/json"),
        ("content-length", length.as_str()),
        (id_header(ask.format), id),
    ];
    Answer::streamed(200, &headers, pace::whole(scenario, &body))
}

fn streamed(ask: &Ask, reply: &Reply, scenario: Scenario, id: &str, is_list: bool) -> Vec<Step> {
    let (events, ping, error) = match ask.format {
        Format::OpenAi => (
            openai::stream(ask, reply),
            openai::ping(),
            openai::error_event(),
        ),
        Format::Responses => (
            responses::stream(ask, reply).iter().map(typed).collect(),
            openai::ping(),
            typed(&responses::error_event()),
        ),
        Format::Anthropic => (
            anthropic::stream(ask, reply),
            anthropic::ping(),
            anthropic::error_event(id),
        ),
        Format::Gemini if is_list => (
            members(&gemini::stream(ask, reply)),
            "\r\n".to_owned(),
            format!(",\r\n{}]", gemini::error(503, "")),
        ),
        Format::Gemini => (
            gemini::stream(ask, reply).iter().map(event).collect(),
            openai::ping(),
            event(&gemini::error(503, "")),
        ),
        Format::Ollama => (
            ollama::stream(ask, reply),
            ollama::ping(),
            ollama::line(&ollama::error(500, "")),
        ),
    };
    pace::streamed(scenario, events, &ping, error)
}

/// An event that also names its type.
fn typed(document: &Value) -> String {
    let kind = document["type"].as_str().unwrap_or_default();
    format!("event: {kind}\ndata: {document}\n\n")
}

fn event(document: &Value) -> String {
    format!("data: {document}\r\n\r\n")
}

/// The documents as members of one list, each with what stands before it.
fn members(documents: &[Value]) -> Vec<String> {
    let last = documents.len().saturating_sub(1);
    let member = |(at, document): (usize, &Value)| {
        let before = if at == 0 { "[" } else { ",\r\n" };
        let behind = if at == last { "]" } else { "" };
        format!("{before}{document}{behind}")
    };
    documents.iter().enumerate().map(member).collect()
}

fn id_header(format: Format) -> &'static str {
    match format {
        Format::OpenAi | Format::Responses | Format::Gemini | Format::Ollama => "x-request-id",
        Format::Anthropic => "request-id",
    }
}

/// Says that it failed; what clients try again comes with leave to do so at once.
pub(super) fn failed(format: Format, status: u16, request: &RecordedRequest, id: &str) -> Answer {
    let body = problem(format, status, request, id);
    let mut headers = vec![(id_header(format), id)];
    if status == 429 || status >= 500 {
        headers.extend([("retry-after-ms", "1"), ("retry-after", "0")]);
    }
    json(status, &headers, &body)
}

/// The body of a failed request, which repeats the key where that is what was wrong.
pub(super) fn problem(format: Format, status: u16, request: &RecordedRequest, id: &str) -> Value {
    let bearer = request
        .header("authorization")
        .map(|it| it.strip_prefix("Bearer ").unwrap_or(it));
    let key = request
        .header("x-api-key")
        .or_else(|| request.header("x-goog-api-key"))
        .or(bearer)
        .unwrap_or_default();
    match format {
        Format::OpenAi | Format::Responses => openai::error(status, key),
        Format::Anthropic => anthropic::error(status, key, id),
        Format::Gemini => gemini::error(status, key),
        Format::Ollama => ollama::error(status, key),
    }
}
