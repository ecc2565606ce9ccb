//! Google's embeddings: how many numbers one has and what it cost, without the numbers.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use genspan::{Diagnostic, Embeddings, ErrorType, Record, Timestamp};
use genspan_wire::{Decoded, End, Exchange, RequestHead};

const BATCH: &str = "/v1beta/models/gemini-embedding-001:batchEmbedContents";

fn fixture(name: &str) -> String {
    let folder = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/fixtures/google_embed_content"
    );
    std::fs::read_to_string(format!("{folder}/{name}")).unwrap()
}

fn decode(path: &str, status: u16, response: &str, piece: usize) -> Decoded {
    let mut exchange = Exchange::detect(&RequestHead {
        method: "POST",
        host: "generativelanguage.googleapis.com",
        port: None,
        path,
    })
    .unwrap();
    exchange.request_all(fixture("batch.request.json").as_bytes());
    exchange.response_head(status, Some("application/json"));
    for bytes in response.as_bytes().chunks(piece) {
        exchange.response(bytes, Timestamp::default());
    }
    exchange.finish(End::Complete)
}

fn embeddings(path: &str, response: &str) -> Embeddings {
    let decoded = decode(path, 200, response, usize::MAX);
    assert_eq!(decode(path, 200, response, 1), decoded);
    match decoded.record {
        Record::Embeddings(embeddings) => *embeddings,
        other => panic!("not embeddings: {other:?}"),
    }
}

#[test]
fn a_batch() {
    insta::assert_debug_snapshot!(embeddings(BATCH, &fixture("batch.response.json")));
}

#[test]
fn one_embedding_with_its_tokens() {
    let path = "/v1beta/models/gemini-embedding-2:embedContent";
    let record = embeddings(path, &fixture("single.response.json"));
    assert_eq!(record.model.as_deref(), Some("gemini-embedding-2"));
    assert_eq!(record.dimension_count, Some(3));
    assert_eq!(record.usage.input(), Some(5));
    assert_eq!(
        format!("{:?}", record.usage),
        "Usage { counts: Counts { input: 5, input_by: ByModality { text: 5 } }, estimated: false }"
    );
}

#[test]
fn predictions_of_vertex_ai() {
    let path =
        |model| format!("/v1/projects/p/locations/l/publishers/google/models/{model}:predict");
    let record = embeddings(
        &path("text-embedding-005"),
        &fixture("predict.response.json"),
    );
    assert_eq!(
        (record.dimension_count, record.usage.input()),
        (Some(2), Some(11))
    );
    let media = fixture("multimodal.response.json");
    let record = embeddings(&path("multimodalembedding@001"), &media);
    assert_eq!(
        (record.dimension_count, record.usage.input()),
        (Some(5), None)
    );
}

#[test]
fn half_a_vector_is_no_vector() {
    let response = fixture("batch.response.json");
    let cut = &response.as_bytes()[..40];
    let decoded = decode(BATCH, 200, std::str::from_utf8(cut).unwrap(), 7);
    assert_eq!(decoded.outcome.error_type(), Some(&ErrorType::Truncated));
    let Record::Embeddings(record) = decoded.record else {
        panic!("not embeddings");
    };
    assert_eq!(record.dimension_count, None);
}

#[test]
fn errors_and_what_is_no_answer() {
    let error = r#"{"error":{"code":404,"message":"No such model.","status":"NOT_FOUND"}}"#;
    let decoded = decode(BATCH, 404, error, usize::MAX);
    assert_eq!(
        decoded.outcome.error_type(),
        Some(&ErrorType::InvalidRequest)
    );
    let record = embeddings(BATCH, "{}");
    assert_eq!(record.common.diagnostics, [Diagnostic::ResponseUnreadable]);
    for odd in [
        r#"{"embeddings":[]}"#,
        r#"{"embedding":{"values":"x"}}"#,
        r#"{"predictions":[5]}"#,
    ] {
        assert_eq!(embeddings(BATCH, odd).dimension_count, None, "{odd}");
    }
}
