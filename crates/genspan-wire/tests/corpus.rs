//! Every recorded exchange says in the record what an independent reading of it says.
//!
//! The recordings lie beside the repository; where they are not, the tests tell so and pass, unless
//! `GENSPAN_REQUIRE=all` is set.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "tests"
)]

#[path = "corpus/facts.rs"]
mod facts;

use genspan::Record;
use testkit::recordings::Corpus;

/// Holds every exchange of one interface against the expectations, and two ways of splitting it against each other.
fn assert_right(api: &str, count: usize) {
    let Some(corpus) = Corpus::read() else { return };
    let (mut seen, mut wrong) = (0, Vec::new());
    for (recorded, expected) in corpus.of(api) {
        seen += 1;
        let name = format!("{} {}", expected["name"], expected["start"]);
        let Some(exchange) = facts::detect(recorded) else {
            wrong.push(format!("{name}: not detected: {}", recorded.url));
            continue;
        };
        assert_eq!(exchange.format_name(), api);
        let decoded = facts::decode(exchange.clone(), recorded, usize::MAX);
        for difference in facts::differences(expected, &facts::facts(&decoded)) {
            wrong.push(format!("{name}: {difference}"));
        }
        if facts::decode(exchange, recorded, 7) != decoded {
            wrong.push(format!("{name}: another record in pieces"));
        }
        if let Record::Inference(inference) = &decoded.record
            && inference.content.input.is_empty()
        {
            wrong.push(format!("{name}: no messages"));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} differences in {seen}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert_eq!(seen, count);
}

#[test]
fn openai_chat_completions() {
    assert_right("openai.chat_completions", 1299);
}

#[test]
fn anthropic_messages() {
    assert_right("anthropic.messages", 463);
}

#[test]
fn openai_responses() {
    assert_right("openai.responses", 325);
}

#[test]
fn openai_embeddings() {
    assert_right("openai.embeddings", 94);
}

#[test]
fn google_generate_content() {
    assert_right("google.generate_content", 355);
}

#[test]
fn ollama_chat() {
    assert_right("ollama.chat", 41);
}

#[test]
fn cohere_chat() {
    assert_right("cohere.chat", 39);
}

#[test]
fn bedrock_converse() {
    assert_right("aws.bedrock.converse", 47);
}

#[test]
fn bedrock_invoke_model_is_read_without_oddities() {
    let Some(corpus) = Corpus::read() else { return };
    let (whole, streamed) = ("/invoke", "/invoke-with-response-stream");
    for (end, count) in [(whole, 33), (streamed, 23)] {
        let mut seen = 0;
        for recorded in corpus.unexpected(end) {
            seen += 1;
            let exchange = facts::detect(recorded).unwrap();
            assert_eq!(exchange.format_name(), "aws.bedrock.invoke_model");
            let decoded = facts::decode(exchange.clone(), recorded, usize::MAX);
            assert_eq!(facts::decode(exchange, recorded, 7), decoded);
            let found = facts::facts(&decoded);
            assert_eq!(
                decoded.record.common().diagnostics,
                [],
                "{}: {found}",
                recorded.url
            );
            let has_failed = recorded.status >= 400;
            assert_eq!(found["error"] == true, has_failed, "{found}");
            assert_eq!(found["stream"] == true, end == streamed, "{found}");
            let has_said = found["dimension"] == 256
                || !found["text"].is_null()
                || found["tool_calls"]
                    .as_array()
                    .is_some_and(|calls| !calls.is_empty());
            assert_eq!(has_said, !has_failed, "{}: {found}", recorded.url);
        }
        assert_eq!(seen, count);
    }
}

#[test]
fn what_is_no_inference_is_not_detected() {
    let Some(corpus) = Corpus::read() else { return };
    let mut seen = 0;
    for (recorded, expected) in corpus.of("none") {
        seen += 1;
        assert!(facts::detect(recorded).is_none(), "{expected}");
    }
    assert_eq!(seen, 85);
}
