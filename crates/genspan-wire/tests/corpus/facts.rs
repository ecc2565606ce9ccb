//! What a decoded exchange says, in the words of the expectations, and what of it is wrong.

use genspan::{Content, Embeddings, Inference, InferenceKind, Outcome, Part, Record, Timestamp};
use genspan_wire::{Decoded, End, Exchange, RequestHead};
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};

use testkit::recordings::Recorded;

/// Begins the exchange, if a model is asked.
pub(crate) fn detect(recorded: &Recorded) -> Option<Exchange> {
    let RequestUrl { host, path } = split(&recorded.url);
    Exchange::detect(&RequestHead {
        method: &recorded.method,
        host,
        port: None,
        path,
    })
}

struct RequestUrl<'a> {
    host: &'a str,
    path: &'a str,
}

fn split(url: &str) -> RequestUrl<'_> {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    RequestUrl {
        host: authority.split(':').next().unwrap_or_default(),
        path,
    }
}

/// Reads the exchange, the answer in pieces of the given size.
pub(crate) fn decode(mut exchange: Exchange, recorded: &Recorded, piece: usize) -> Decoded {
    exchange.request(&recorded.request);
    exchange.request_end();
    exchange.response_head(recorded.status, recorded.content_type.as_deref());
    for bytes in recorded.response.chunks(piece) {
        exchange.response(bytes, Timestamp::default());
    }
    exchange.finish(End::Complete)
}

/// What the decoder found, in the words of the expectations.
pub(crate) fn facts(decoded: &Decoded) -> Json {
    let mut facts = match &decoded.record {
        Record::Inference(inference) => of_inference(inference),
        Record::Embeddings(embeddings) => of_embeddings(embeddings),
        other => panic!("neither inference nor embeddings: {other:?}"),
    };
    facts["error"] = json!(matches!(decoded.outcome, Outcome::Failed(_)).then_some(true));
    facts
}

fn of_embeddings(record: &Embeddings) -> Json {
    json!({
        "op": "embeddings",
        "stream": null,
        "request_model": record.model,
        "response_model": record.response_model,
        "input_tokens": record.usage.input(),
        "dimension": record.dimension_count,
        "provider": record.provider.as_str(),
        "tool_calls": [],
    })
}

fn of_inference(record: &Inference) -> Json {
    let usage = &record.usage;
    let (text, calls) = said(&record.content);
    json!({
        "op": match record.kind {
            InferenceKind::Chat => "chat",
            InferenceKind::TextCompletion => "text_completion",
            InferenceKind::GenerateContent => "generate_content",
        },
        "stream": record.request.stream.then_some(true),
        "request_model": record.request.model,
        "response_id": record.response.id,
        "response_model": record.response.model,
        "finish_reasons": record.response.finish_reasons,
        "input_tokens": usage.input(),
        "output_tokens": usage.output(),
        "cache_read": usage.cache_read(),
        "cache_write": usage.cache_write(),
        "reasoning": usage.reasoning(),
        "text": text,
        "tool_calls": calls,
        "provider": record.provider.as_str(),
    })
}

/// Gives the hash of the answer's text, if it has any, and its tool calls.
fn said(content: &Content) -> (Option<String>, Vec<Json>) {
    let (mut text, mut calls) = (String::new(), Vec::new());
    for part in content.output.iter().flat_map(|message| &message.parts) {
        match part {
            Part::Text(piece) => text.push_str(piece),
            Part::ToolCallRequest(call) => {
                let arguments: Json = serde_json::from_str(&call.arguments.to_json()).unwrap();
                calls.push(json!([call.name, call.id, arguments]));
            }
            _ => {}
        }
    }
    let hash = || {
        let digest = Sha256::digest(&text);
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    };
    ((!text.is_empty()).then(hash), calls)
}

/// Says what is wrong, by the rules of the comparison that the recordings come with.
pub(crate) fn differences(expected: &Json, found: &Json) -> Vec<String> {
    let failed = expected["error"] == json!(true);
    let mut wrong = Vec::new();
    let mut check = |name: &str, right: bool| {
        if !right {
            wrong.push(format!(
                "{name}: expected {}, found {}",
                expected[name], found[name]
            ));
        }
    };
    check("error", expected["error"] == found["error"]);
    for name in [
        "op",
        "stream",
        "dimension",
        "request_model",
        "response_id",
        "response_model",
        "provider",
    ] {
        check(
            name,
            expected[name] == found[name] || (expected[name].is_null() && name != "stream"),
        );
    }
    for name in [
        "input_tokens",
        "output_tokens",
        "cache_read",
        "cache_write",
        "reasoning",
    ] {
        let is_invented = expected[name].is_null()
            && !failed
            && found[name].as_u64().is_some_and(|count| count > 0);
        check(
            name,
            !is_invented && (expected[name].is_null() || expected[name] == found[name]),
        );
    }
    check(
        "finish_reasons",
        expected["finish_reasons"].is_null()
            || expected["finish_reasons"] == found["finish_reasons"],
    );
    if !failed {
        check("text", expected["text"] == found["text"]);
        check(
            "tool_calls",
            same_calls(&expected["tool_calls"], &found["tool_calls"]),
        );
    }
    wrong
}

fn same_calls(expected: &Json, found: &Json) -> bool {
    let (none, found) = (Vec::new(), found.as_array().unwrap());
    let expected = expected.as_array().unwrap_or(&none);
    expected.len() == found.len()
        && expected.iter().zip(found).all(|(expected, found)| {
            let (id, arguments) = (&expected[1], &expected[2]);
            let is_empty =
                |value: &Json| *value == json!(null) || *value == json!("") || *value == json!({});
            expected[0] == found[0]
                && (id.is_null() || *id == found[1])
                && (*arguments == found[2] || (is_empty(arguments) && is_empty(&found[2])))
        })
}
