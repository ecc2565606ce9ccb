//! What those add who speak OpenAI's chat completions: read where the record has a place for it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use std::fmt::Write;

use genspan::{ErrorType, Inference, Outcome, Record, StreamTiming, Timestamp};
use genspan_wire::{Decoded, End, Exchange, RequestHead};

fn fixture(name: &str) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/openai_chat");
    std::fs::read(format!("{folder}/{name}")).unwrap()
}

fn decode(url: &str, request: &[u8], name: &str, piece: usize) -> Decoded {
    let (host, path) = url.split_at(url.find('/').unwrap());
    let head = RequestHead {
        method: "POST",
        host,
        port: Some(443),
        path,
    };
    let mut exchange = Exchange::detect(&head).unwrap();
    assert_eq!(exchange.format_name(), "openai.chat_completions");
    exchange.request(request);
    exchange.request_end();
    let kind = if name.ends_with("sse") {
        "text/event-stream"
    } else {
        "application/json"
    };
    exchange.response_head(200, Some(kind));
    for bytes in fixture(name).chunks(piece) {
        exchange.response(bytes, Timestamp::from_unix_nanos(5));
    }
    exchange.finish(End::Complete)
}

fn of(decoded: &Decoded) -> &Inference {
    match &decoded.record {
        Record::Inference(inference) => inference,
        other => panic!("not an inference: {other:?}"),
    }
}

/// Says what an answer came to, a line for each part.
fn told(url: &str, name: &str) -> String {
    let request = fixture("vendor.request.json");
    let decoded = decode(url, &request, name, usize::MAX);
    for piece in [1, 7] {
        assert_eq!(
            decode(url, &request, name, piece),
            decoded,
            "in pieces of {piece}"
        );
    }
    let inference = of(&decoded);
    let response = &inference.response;
    let mut told = String::new();
    let (id, model) = (response.id.as_deref(), response.model.as_deref());
    writeln!(told, "{} {id:?} {model:?}", inference.provider).unwrap();
    writeln!(
        told,
        "{:?} {:?} {:?}",
        response.finish_reasons, response.service_tier, response.system_fingerprint
    )
    .unwrap();
    writeln!(told, "{:?}", inference.usage).unwrap();
    writeln!(
        told,
        "{:?} {:?}",
        inference.cost, inference.common.diagnostics
    )
    .unwrap();
    for message in &inference.content.output {
        writeln!(told, "{:?} {:?}", message.role, message.finish_reason).unwrap();
        for part in &message.parts {
            writeln!(told, "  {part:?}").unwrap();
        }
    }
    writeln!(told, "{:?}", decoded.outcome).unwrap();
    assert!(
        !told.contains("c2"),
        "signed or encrypted data was kept: {told}"
    );
    told
}

macro_rules! tells {
    ($($test:ident: $url:literal, $fixture:literal;)*) => {$(
        #[test]
        fn $test() {
            insta::assert_snapshot!(told($url, $fixture));
        }
    )*};
}

tells! {
    groq_runs_tools_and_counts_apart: "api.groq.com/openai/v1/chat/completions", "groq.response.sse";
    groq_stops_early: "api.groq.com/openai/v1/chat/completions", "groq_error.response.sse";
    mistral_says_it_in_pieces_of_content: "api.mistral.ai/v1/agents/completions", "mistral.response.json";
    xai_counts_reasoning_apart_and_states_ticks: "api.x.ai/v1/chat/completions", "xai.response.json";
    openrouter_charges_beside_the_upstream: "openrouter.ai/api/v1/chat/completions", "openrouter.response.sse";
    openrouter_loses_the_upstream: "openrouter.ai/api/v1/chat/completions", "openrouter_error.response.sse";
    perplexity_searches_and_states_its_cost_last: "api.perplexity.ai/chat/completions", "perplexity.response.sse";
    moonshot_counts_in_the_choice: "api.moonshot.ai/v1/chat/completions", "moonshot.response.sse";
    copilot_reasons_in_text: "api.githubcopilot.com/chat/completions", "copilot.response.sse";
    venice_cites_and_states_its_cost: "api.venice.ai/api/v1/chat/completions", "venice.response.json";
    llama_cpp_counts_in_timings: "localhost/v1/chat/completions", "llama_cpp.response.sse";
    watsonx_names_the_model_its_own_way: "us-south.ml.cloud.ibm.com/ml/v1/text/chat_stream?version=1", "watsonx.response.sse";
    azure_answers_from_data: "me.openai.azure.com/openai/deployments/d/chat/completions", "azure.response.json";
    litellm_passes_blocks_on: "litellm.example.org/v1/chat/completions", "litellm.response.json";
}

#[test]
fn streamed_and_whole_answers_in_pieces_of_content_are_the_same() {
    let request = fixture("vendor.request.json");
    let answer = |name| {
        let decoded = decode("api.mistral.ai/v1/chat/completions", &request, name, 9);
        assert_eq!(decoded.outcome, Outcome::Completed);
        let mut inference = of(&decoded).clone();
        inference.timing = StreamTiming::default();
        inference
    };
    assert_eq!(
        answer("mistral.response.sse"),
        answer("mistral.response.json")
    );
}

#[test]
fn requests_name_the_model_where_they_do() {
    let model = |url: &str, request: &str| {
        let decoded = decode(url, request.as_bytes(), "watsonx.response.sse", 1 << 20);
        let request = &of(&decoded).request;
        (request.model.clone(), request.stream)
    };
    let host = "us-south.ml.cloud.ibm.com/ml/v1";
    assert_eq!(
        model(
            &format!("{host}/text/chat"),
            r#"{"model_id":"ibm/granite-m"}"#
        ),
        (Some("ibm/granite-m".to_owned()), false)
    );
    assert_eq!(
        model(&format!("{host}/deployments/d-1/text/chat_stream"), "{}"),
        (Some("d-1".to_owned()), true)
    );
}

/// Errors by status: what they are told as, and in which words.
const ERRORS: [(u16, &str, &str, &str); 15] = [
    (
        401,
        r#"{"error":{"code":"invalid_request_error","message":"no key","type":"authentication_error"}}"#,
        "authentication",
        "no key",
    ),
    (
        401,
        r#"{"detail":"Invalid API Key"}"#,
        "authentication",
        "Invalid API Key",
    ),
    (
        404,
        r#"{"error":"Specified model not found: m"}"#,
        "invalid_request",
        "Specified model not found: m",
    ),
    (
        400,
        r#"{"code":"Client specified an invalid argument","error":"Incorrect API key"}"#,
        "invalid_request",
        "Incorrect API key",
    ),
    (
        429,
        r#"{"error":{"code":"429","message":"exceeded token rate limit"}}"#,
        "rate_limited",
        "exceeded token rate limit",
    ),
    (
        429,
        r#"{"message":"quota","type":"too_many_requests_error","param":"quota","code":"request_quota_exceeded"}"#,
        "rate_limited",
        "quota",
    ),
    (
        400,
        r#"[{"error":{"code":400,"message":"API key not valid","status":"INVALID_ARGUMENT"}}]"#,
        "invalid_request",
        "API key not valid",
    ),
    (
        422,
        r#"{"object":"error","message":{"detail":[{"type":"missing"}]},"type":"invalid_request_error"}"#,
        "invalid_request",
        r#"{"detail":[{"type":"missing"}]}"#,
    ),
    (
        200,
        r#"{"error":{"code":"429","message":"slow down"}}"#,
        "rate_limited",
        "slow down",
    ),
    (
        200,
        r#"{"error":{"message":"ran out","type":"engine_overloaded_error"}}"#,
        "server_error",
        "ran out",
    ),
    (
        200,
        r#"{"object":"error","message":"bad","type":"BadRequestError","code":400}"#,
        "invalid_request",
        "bad",
    ),
    (
        200,
        r#"{"base_resp":{"status_code":1004,"status_msg":"no key"}}"#,
        "authentication",
        "no key",
    ),
    (
        200,
        r#"{"base_resp":{"status_code":1039}}"#,
        "stream_error",
        "",
    ),
    (
        200,
        r#"{"id":"m","choices":null,"base_resp":{"status_code":1002,"status_msg":"rate limit"}}"#,
        "rate_limited",
        "rate limit",
    ),
    (
        200,
        r#"{"choices":[{"message":{"content":"x"},"finish_reason":"stop"}],"error":{},"base_resp":{"status_code":0,"status_msg":""}}"#,
        "",
        "",
    ),
];

#[test]
fn errors_are_told_in_every_shape() {
    for (status, body, class, text) in ERRORS {
        let head = RequestHead {
            method: "POST",
            host: "h",
            port: None,
            path: "/v1/chat/completions",
        };
        let mut exchange = Exchange::detect(&head).unwrap();
        exchange.response_head(status, Some("application/json"));
        exchange.response_all(body.as_bytes(), Timestamp::from_unix_nanos(5));
        let outcome = exchange.finish(End::Complete).outcome;
        let found = outcome.error_type().map_or("", ErrorType::as_str);
        assert_eq!(found, class, "{body}");
        if let Outcome::Failed(failure) = outcome {
            assert_eq!(failure.message.unwrap_or_default(), text, "{body}");
        }
    }
}
