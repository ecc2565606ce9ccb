//! Embeddings in OpenAI's shape, from their bytes to their record.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use genspan::{Diagnostic, Embeddings, ErrorType, Outcome, Record, Timestamp};
use genspan_wire::{Decoded, End, Exchange, RequestHead};

fn fixture(name: &str) -> Vec<u8> {
    let folder = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/fixtures/openai_embeddings"
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

fn decode(request: &[u8], status: u16, response: &[u8], piece: usize) -> Decoded {
    let mut exchange = detect("api.openai.com", "/v1/embeddings").unwrap();
    assert_eq!(exchange.format_name(), "openai.embeddings");
    exchange.request(request);
    exchange.request_end();
    exchange.response_head(status, Some("application/json"));
    for bytes in response.chunks(piece) {
        exchange.response(bytes, Timestamp::from_unix_nanos(5));
    }
    exchange.finish(End::Complete)
}

fn embeddings(decoded: Decoded) -> Embeddings {
    match decoded.record {
        Record::Embeddings(embeddings) => *embeddings,
        other => panic!("no embeddings: {other:?}"),
    }
}

/// Gives the dimensions that an answer to a request has.
fn dimension(request: &str, response: &str) -> Option<u64> {
    let decoded = decode(request.as_bytes(), 200, response.as_bytes(), usize::MAX);
    assert_eq!(decoded.outcome, Outcome::Completed);
    embeddings(decoded).dimension_count
}

#[test]
fn vectors_as_numbers_and_in_base64() {
    let request = fixture("float.request.json");
    let whole = |name| decode(&request, 200, &fixture(name), usize::MAX);
    insta::assert_debug_snapshot!(whole("float.response.json"));
    insta::assert_debug_snapshot!(whole("base64.response.json"));
    for name in ["float.response.json", "base64.response.json"] {
        for piece in [1, 7] {
            assert_eq!(decode(&request, 200, &fixture(name), piece), whole(name));
        }
    }
}

#[test]
fn the_dimension_is_that_of_the_first_vector_however_it_is_packed() {
    const NUMBERS: &str = r#"{"data":[{"embedding":[1,2,3]},{"embedding":[1]}]}"#;
    const PACKED: &str = r#"{"data":[{"embedding":"AAAAAAAAAAA="}]}"#;
    for (request, response, expected) in [
        ("{}", NUMBERS, Some(3)),
        (r#"{"dimensions":9}"#, NUMBERS, Some(3)),
        (r#"{"output_dtype":"int8"}"#, NUMBERS, Some(3)),
        (r#"{"output_dtype":"ubinary"}"#, NUMBERS, Some(24)),
        ("{}", PACKED, Some(2)),
        (
            r#"{"encoding_format":"base64","output_dtype":"uint8"}"#,
            PACKED,
            Some(8),
        ),
        (
            r#"{"encoding_format":"base64","output_dtype":"binary"}"#,
            PACKED,
            Some(64),
        ),
        (
            r#"{"dimensions":9}"#,
            r#"{"data":[{"embedding":"AAA="}]}"#,
            Some(9),
        ),
        (r#"{"output_dimension":9}"#, r#"{"data":[]}"#, Some(9)),
        ("{}", r#"{"data":[{"embedding":{"odd":1}}]}"#, None),
        (
            "{}",
            r#"{"data":[{"embedding":null},{"embedding":[1]}]}"#,
            None,
        ),
        ("{}", r#"{"data":["odd"]}"#, None),
    ] {
        assert_eq!(
            dimension(request, response),
            expected,
            "{request} {response}"
        );
    }
}

#[test]
fn a_vector_that_may_have_been_longer_is_not_counted() {
    let (request, answer) = (
        fixture("float.request.json"),
        fixture("float.response.json"),
    );
    let text = String::from_utf8(answer.clone()).unwrap();
    let second = text.find(r#",{"object":"embedding","index":1"#).unwrap();
    for len in 0..answer.len() - 1 {
        let decoded = decode(&request, 200, &answer[..len], usize::MAX);
        let class = decoded.outcome.error_type().cloned();
        assert_eq!(class, Some(ErrorType::Truncated), "{len} bytes");
        let found = embeddings(decoded).dimension_count;
        assert_eq!(found, Some(4), "{len} bytes");
    }
    // Where nothing was asked for, nothing stands for what was not read.
    for len in 0..second {
        let decoded = decode(b"{}", 200, &answer[..len], usize::MAX);
        assert_eq!(embeddings(decoded).dimension_count, None, "{len} bytes");
    }
}

#[test]
fn numbers_are_passed_over_however_many_there_are() {
    let vector = vec!["0.125"; 1536].join(",");
    let items: Vec<String> = (0..800)
        .map(|index| format!(r#"{{"index":{index},"embedding":[{vector}]}}"#))
        .collect();
    let answer = format!(
        r#"{{"data":[{}],"model":"m","usage":{{"prompt_tokens":77}}}}"#,
        items.join(",")
    );
    let embeddings = embeddings(decode(b"{}", 200, answer.as_bytes(), usize::MAX));
    assert_eq!(embeddings.dimension_count, Some(1536));
    assert_eq!(embeddings.usage.input(), Some(77));
    assert_eq!(embeddings.common.diagnostics, Vec::<Diagnostic>::new());
}

#[test]
fn each_says_the_tokens_and_the_model_its_own_way() {
    for (request, answer, model, tokens) in [
        (
            r#"{"model":"m"}"#,
            r#"{"data":[{"embedding":[1]}],"model":"m-1","usage":{"prompt_tokens":4,"completion_tokens":0,"total_tokens":4}}"#,
            (Some("m"), Some("m-1")),
            Some(4),
        ),
        (
            r#"{"model":"voyage-m"}"#,
            r#"{"data":[{"embedding":[1]}],"usage":{"total_tokens":6}}"#,
            (Some("voyage-m"), None),
            Some(6),
        ),
        (
            r#"{"model_id":"ibm/slate"}"#,
            r#"{"model_id":"ibm/slate","results":[{"embedding":[1]}],"input_token_count":7}"#,
            (Some("ibm/slate"), Some("ibm/slate")),
            Some(7),
        ),
        (
            r#"{"model":8}"#,
            r#"{"data":[{}],"usage":"odd"}"#,
            (None, None),
            None,
        ),
    ] {
        let embeddings = embeddings(decode(request.as_bytes(), 200, answer.as_bytes(), 8));
        let found = (
            embeddings.model.as_deref(),
            embeddings.response_model.as_deref(),
        );
        assert_eq!(found, model, "{answer}");
        assert_eq!(embeddings.usage.input(), tokens, "{answer}");
        assert_eq!(embeddings.usage.output(), None, "{answer}");
    }
}

#[test]
fn formats_are_kept_as_they_were_asked_for() {
    let formats =
        |request: &str| embeddings(decode(request.as_bytes(), 200, b"{}", 8)).encoding_formats;
    assert_eq!(formats(r#"{"encoding_format":"base64"}"#), ["base64"]);
    assert_eq!(
        formats(r#"{"encoding_format":["float","int8"],"output_dtype":"int8"}"#),
        ["float", "int8"]
    );
    assert_eq!(formats(r#"{"encoding_format":5}"#), [""; 0]);
}

#[test]
fn errors_are_the_outcome() {
    let request = fixture("float.request.json");
    for (status, body) in [
        (
            404,
            r#"{"error":{"code":"model_not_found","message":"none"}}"#,
        ),
        (200, r#"{"error":{"code":404,"message":"none"}}"#),
    ] {
        let decoded = decode(&request, status, body.as_bytes(), 9);
        let Outcome::Failed(failure) = &decoded.outcome else {
            panic!("{decoded:?}")
        };
        assert_eq!(failure.error_type, ErrorType::InvalidRequest);
        assert_eq!(failure.message.as_deref(), Some("none"));
        assert_eq!(embeddings(decoded).model.as_deref(), Some("embed-m"));
    }
    let unreadable = decode(&request, 200, b"<html>", 9);
    assert_eq!(unreadable.outcome, Outcome::Completed);
    assert_eq!(
        embeddings(unreadable).common.diagnostics,
        [Diagnostic::ResponseUnreadable]
    );
}

#[test]
fn the_path_tells_the_format() {
    for (host, path, provider, model) in [
        ("api.openai.com", "/v1/embeddings", "openai", None),
        (
            "api.githubcopilot.com",
            "/embeddings",
            "github_copilot",
            None,
        ),
        (
            "me.openai.azure.com",
            "/openai/deployments/d/embeddings?api-version=1",
            "azure.ai.openai",
            Some("d"),
        ),
        (
            "me.services.ai.azure.com",
            "/models/embeddings",
            "azure.ai.inference",
            None,
        ),
        (
            "generativelanguage.googleapis.com",
            "/v1beta/openai/embeddings",
            "gcp.gemini",
            None,
        ),
        (
            "us-south.ml.cloud.ibm.com",
            "/ml/v1/text/embeddings?version=1",
            "ibm.watsonx.ai",
            None,
        ),
        ("localhost", "/v2/embeddings", "openai", None),
    ] {
        let exchange = detect(host, path).unwrap();
        assert_eq!(exchange.format_name(), "openai.embeddings");
        let embeddings = embeddings(exchange.finish(End::Unreachable));
        assert_eq!(embeddings.provider.as_str(), provider, "{host}{path}");
        assert_eq!(embeddings.model.as_deref(), model, "{host}{path}");
    }
    for path in [
        "/api/embeddings",
        "/v1/embed",
        "/v1/embeddings/1",
        "/v1/rerank",
    ] {
        let other = detect("h", path).map(|exchange| exchange.format_name());
        assert_ne!(other, Some("openai.embeddings"), "{path}");
    }
}
