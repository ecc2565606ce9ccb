//! Completions of texts, from their bytes to their record.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use genspan::{ErrorType, Inference, InferenceKind, Outcome, Record, StreamTiming, Timestamp};
use genspan_wire::{Decoded, End, Exchange, RequestHead};

fn fixture(name: &str) -> Vec<u8> {
    let folder = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/fixtures/openai_completions"
    );
    std::fs::read(format!("{folder}/{name}")).unwrap()
}

fn detect(host: &str, path: &str) -> Option<Exchange> {
    Exchange::detect(&RequestHead {
        method: "POST",
        host,
        port: Some(443),
        path,
    })
}

/// Decodes an exchange of two fixtures, the answer in pieces of the given size.
fn decode(path: &str, request: &str, response: &str, piece: usize) -> Decoded {
    let mut exchange = detect("api.openai.com", path).unwrap();
    assert_eq!(exchange.format_name(), "openai.completions");
    exchange.request(&fixture(request));
    exchange.request_end();
    let kind = if response.ends_with("sse") {
        "text/event-stream"
    } else {
        "application/json"
    };
    exchange.response_head(200, Some(kind));
    for bytes in fixture(response).chunks(piece) {
        exchange.response(bytes, Timestamp::from_unix_nanos(5));
    }
    exchange.finish(End::Complete)
}

fn inference(decoded: Decoded) -> Inference {
    match decoded.record {
        Record::Inference(inference) => *inference,
        other => panic!("not an inference: {other:?}"),
    }
}

#[test]
fn prompts_and_texts() {
    let decoded = decode(
        "/v1/completions",
        "text.request.json",
        "text.response.json",
        usize::MAX,
    );
    insta::assert_debug_snapshot!(decoded);
}

#[test]
fn streamed_and_whole_answers_give_the_same_record_but_for_timing() {
    let answer = |name| {
        let decoded = decode("/v1/completions", "text.request.json", name, usize::MAX);
        assert_eq!(decoded.outcome, Outcome::Completed);
        inference(decoded)
    };
    let mut streamed = answer("text.response.sse");
    assert_eq!(streamed.timing.gaps().len(), 4);
    streamed.timing = StreamTiming::default();
    assert_eq!(streamed, answer("text.response.json"));
}

#[test]
fn the_split_of_the_bytes_does_not_matter() {
    for (request, response) in [
        ("text.request.json", "text.response.sse"),
        ("text.request.json", "text.response.json"),
        ("odd.request.json", "odd.response.json"),
        ("odd.request.json", "cut.response.sse"),
        ("odd.request.json", "error.response.sse"),
    ] {
        let whole = decode("/v1/completions", request, response, usize::MAX);
        for piece in [1, 7] {
            let pieces = decode("/v1/completions", request, response, piece);
            assert_eq!(pieces, whole, "{response} in pieces of {piece}");
        }
    }
}

#[test]
fn what_is_not_as_documented_costs_nothing_but_itself() {
    let decoded = decode(
        "/v1/completions",
        "odd.request.json",
        "odd.response.json",
        usize::MAX,
    );
    insta::assert_debug_snapshot!(decoded);
}

#[test]
fn a_cut_stream_is_an_honest_part() {
    // The index follows the text: with several prompts nobody knows whose the last piece is.
    for (request, text) in [
        ("one.request.json", "Half a sen"),
        ("text.request.json", "Half a"),
    ] {
        let decoded = decode("/v1/completions", request, "cut.response.sse", usize::MAX);
        let class = decoded.outcome.error_type().cloned();
        assert_eq!(class, Some(ErrorType::Truncated));
        let inference = inference(decoded);
        assert_eq!(inference.response.finish_reasons, [""; 0]);
        assert_eq!(
            format!("{:?}", inference.content.output[0].parts),
            format!("[Text({text:?})]")
        );
    }
}

#[test]
fn an_error_in_the_stream_is_the_outcome() {
    let decoded = decode(
        "/v1/completions",
        "text.request.json",
        "error.response.sse",
        usize::MAX,
    );
    let Outcome::Failed(failure) = &decoded.outcome else {
        panic!("{decoded:?}")
    };
    assert_eq!(failure.error_type, ErrorType::ServerError);
    assert_eq!(failure.message.as_deref(), Some("out of memory"));
    assert_eq!(inference(decoded).content.output.len(), 1);
}

#[test]
fn without_content_all_else_is_said() {
    for name in [
        "text.response.json",
        "text.response.sse",
        "cut.response.sse",
    ] {
        let with = decode("/v1/completions", "text.request.json", name, 9);
        let mut exchange = detect("api.openai.com", "/v1/completions")
            .unwrap()
            .without_content();
        exchange.request(&fixture("text.request.json"));
        exchange.response_head(
            200,
            Some(if name.ends_with("sse") {
                "text/event-stream"
            } else {
                "application/json"
            }),
        );
        for bytes in fixture(name).chunks(9) {
            exchange.response(bytes, Timestamp::from_unix_nanos(5));
        }
        let without = exchange.finish(End::Complete);
        assert_eq!(without.outcome, with.outcome);
        let mut with = inference(with);
        assert_ne!(
            std::mem::take(&mut with.content),
            genspan::Content::default()
        );
        assert_eq!(inference(without), with, "{name}");
    }
}

#[test]
fn what_fills_in_the_middle_answers_as_a_chat_does() {
    let decoded = decode(
        "/v1/fim/completions",
        "text.request.json",
        "fim.response.json",
        usize::MAX,
    );
    assert_eq!(decoded.outcome, Outcome::Completed);
    let inference = inference(decoded);
    assert_eq!(inference.kind, InferenceKind::TextCompletion);
    assert_eq!(inference.usage.output(), Some(3));
    assert_eq!(
        format!("{:?}", inference.content.output[0].parts),
        r#"[Text("return 1")]"#
    );
}

#[test]
fn the_path_tells_the_format_and_the_model_where_it_does() {
    let model = |host: &str, path: &str| {
        let exchange = detect(host, path)?;
        assert_eq!(exchange.format_name(), "openai.completions", "{path}");
        let decoded = exchange.finish(End::Unreachable);
        Some(inference(decoded).request.model)
    };
    for path in [
        "/v1/completions",
        "/v1/completions?x=1",
        "/inference/v1/completions",
        "/v1/openai/completions",
        "/beta/completions",
        "/v1/fim/completions",
        "/openai/v1/completions",
    ] {
        assert_eq!(model("h", path), Some(None), "{path}");
    }
    let azure = "/openai/deployments/gpt-35%2Dinstruct/completions?api-version=1";
    assert_eq!(
        model("me.openai.azure.com", azure),
        Some(Some("gpt-35-instruct".to_owned()))
    );
    assert_eq!(
        model("h", "/v1/engines/davinci/completions"),
        Some(Some("davinci".to_owned()))
    );
    for path in [
        "/completions",
        "/completion",
        "/v1/completion",
        "/vx/completions",
        "/v/completions",
        "/repos/me/completions",
        "/v1/completions/1",
    ] {
        assert!(detect("h", path).is_none(), "{path}");
    }
    let chat = detect("h", "/v1/chat/completions").unwrap();
    assert_eq!(chat.format_name(), "openai.chat_completions");
}
