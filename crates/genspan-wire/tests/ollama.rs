//! What Ollama says, whole and in lines, becomes the same record.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

#[path = "formats/embedded.rs"]
mod embedded;
#[path = "formats/exchange.rs"]
mod exchange;

use embedded::embeddings;
use exchange::{Site, detect, inference};
use genspan::{ErrorType, Outcome, Provider, Record, StreamTiming, Timestamp};
use genspan_wire::{Decoded, End};

const CHAT: Site = Site {
    url: "http://127.0.0.1:11434/api/chat",
    folder: "ollama_chat",
};
const GENERATE: Site = Site {
    url: "http://gpu.internal/ollama/api/generate",
    folder: "ollama_generate",
};
const EMBED: Site = Site {
    url: "https://ollama.com/api/embed",
    folder: "ollama_embed",
};
const REQUEST: &str = "request.json";
const JSON: &str = "application/json; charset=utf-8";

#[test]
fn a_chat_with_all_that_a_chat_may_have() {
    insta::assert_debug_snapshot!(CHAT.decode(REQUEST, "tools.ndjson"));
}

#[test]
fn a_completion_with_all_that_one_may_have() {
    insta::assert_debug_snapshot!(GENERATE.decode(REQUEST, "text.ndjson"));
}

#[test]
fn whole_answers_say_what_streamed_ones_say() {
    for (site, name) in [(CHAT, "text"), (CHAT, "tools"), (GENERATE, "text")] {
        let whole = site.decode(REQUEST, &format!("{name}.json"));
        let streamed = site.decode(REQUEST, &format!("{name}.ndjson"));
        assert_eq!(whole.outcome, Outcome::Completed);
        assert_eq!(streamed.outcome, whole.outcome);
        assert_eq!(inference(streamed), inference(whole), "{name}");
    }
}

/// Some servers, and proxies between, label lines as JSON.
#[test]
fn lines_are_read_under_another_label() {
    let lines = CHAT.fixture("tools.ndjson");
    let labelled = CHAT.decode(REQUEST, "tools.ndjson");
    assert_eq!(CHAT.decode_as(REQUEST, 200, JSON, &lines), labelled);
    assert_eq!(CHAT.decode_as(REQUEST, 200, "", &lines), labelled);
}

#[test]
fn a_whole_answer_on_one_line_is_no_stream() {
    for (request, is_stream) in [(r#"{"model":"m","stream":false}"#, false), ("", true)] {
        let mut exchange = CHAT.exchange();
        exchange.request(request.as_bytes());
        exchange.request_end();
        exchange.response_head(200, Some(JSON));
        let answer = b"{\"model\":\"m\",\"message\":{\"content\":\"Hi\"},\"done\":true}\n";
        exchange.response(answer, Timestamp::from_unix_nanos(5));
        let decoded = exchange.finish(End::Complete);
        assert_eq!(decoded.outcome, Outcome::Completed);
        let Record::Inference(inference) = decoded.record else {
            panic!("not an inference")
        };
        assert_eq!(inference.request.stream, is_stream);
        assert_eq!(inference.timing == StreamTiming::default(), !is_stream);
    }
}

#[test]
fn a_stream_is_asked_for_unless_declined() {
    for (request, is_stream) in [
        (r#"{"model":"m"}"#, true),
        (r#"{"model":"m","stream":null}"#, true),
        (r#"{"model":"m","stream":true}"#, true),
        (r#"{"model":"m","stream":false}"#, false),
        ("", false),
    ] {
        let mut exchange = CHAT.exchange();
        exchange.request(request.as_bytes());
        let stream = inference(exchange.finish(End::Unreachable)).request.stream;
        assert_eq!(stream, is_stream, "{request}");
    }
}

#[test]
fn every_line_is_a_chunk_and_the_last_word_is_done() {
    let mut exchange = CHAT.exchange();
    exchange.request(b"{\"model\":\"m\"}");
    exchange.request_end();
    exchange.response_head(200, Some("application/x-ndjson"));
    let lines = CHAT.fixture("text.ndjson");
    for (at, line) in (1..).zip(lines.split_inclusive(|byte| *byte == b'\n')) {
        assert!(!exchange.is_terminal());
        exchange.response(line, Timestamp::from_unix_nanos(at));
    }
    assert!(exchange.is_terminal());
    let decoded = exchange.finish(End::Cancelled);
    assert_eq!(decoded.outcome, Outcome::Completed);
    let Record::Inference(inference) = decoded.record else {
        panic!("not an inference")
    };
    let timing = &inference.timing;
    assert_eq!(timing.first_chunk(), Some(Timestamp::from_unix_nanos(1)));
    assert_eq!(timing.gaps().len(), 4);
}

fn error(decoded: &Decoded) -> (&ErrorType, Option<&str>) {
    let Outcome::Failed(failure) = &decoded.outcome else {
        panic!("not failed: {decoded:?}")
    };
    (&failure.error_type, failure.message.as_deref())
}

#[test]
fn errors_are_told_in_ollamas_words() {
    let decoded = CHAT.decode_as(REQUEST, 404, JSON, &CHAT.fixture("error.json"));
    let expected = (
        &ErrorType::InvalidRequest,
        Some("model 'llama3.9' not found"),
    );
    assert_eq!(error(&decoded), expected);

    let decoded = CHAT.decode(REQUEST, "error_mid_stream.ndjson");
    let expected = "an error was encountered while running the model: unexpected EOF";
    assert_eq!(error(&decoded), (&ErrorType::StreamError, Some(expected)));
    insta::assert_debug_snapshot!(inference(decoded).content.output);
}

#[test]
fn a_stream_that_was_cut_gives_what_came() {
    for (site, expected) in [(CHAT, "Low tide, cap"), (GENERATE, "height: u8")] {
        let decoded = site.decode(REQUEST, "truncated.ndjson");
        assert_eq!(decoded.outcome.error_type(), Some(&ErrorType::Truncated));
        let message = &inference(decoded).content.output[0];
        insta::allow_duplicates! {
            insta::assert_debug_snapshot!(message.finish_reason, @r"
            Some(
                Error,
            )
            ");
        }
        assert_eq!(message.parts, [genspan::Part::Text(expected.to_owned())]);
    }
}

#[test]
fn odd_types_cost_only_their_own_field() {
    insta::assert_debug_snapshot!(CHAT.decode("odd.request.json", "odd.ndjson"));
}

#[test]
fn embeddings_have_a_dimension() {
    insta::assert_debug_snapshot!(EMBED.decode(REQUEST, "many.json"));
    let former = Site {
        url: "http://localhost:11434/api/embeddings",
        ..EMBED
    };
    assert_eq!(
        embeddings(former.decode(REQUEST, "one.json")).dimension_count,
        Some(3)
    );
    let odd = EMBED.decode(REQUEST, "odd.json");
    assert_eq!(odd.outcome, Outcome::Completed);
    assert_eq!(
        embeddings(odd).dimension_count,
        Some(5),
        "what was asked for"
    );
}

#[test]
fn half_a_vector_has_no_dimension() {
    let answer = br#"{"model":"m","embeddings":[[1,2,3"#;
    let decoded = EMBED.decode_as(REQUEST, 200, JSON, answer);
    assert_eq!(decoded.outcome.error_type(), Some(&ErrorType::Truncated));
    assert_eq!(embeddings(decoded).dimension_count, Some(5));
}

#[test]
fn vectors_of_any_number_are_measured() {
    let vector = format!("[{}1]", "0.125,".repeat(4095));
    let answer = format!(
        "{{\"embeddings\":[{}{vector}],\"prompt_eval_count\":7}}",
        format!("{vector},").repeat(300)
    );
    let decoded = EMBED.decode(REQUEST, "many.json");
    assert!(decoded.record.common().diagnostics.is_empty());
    let mut exchange = EMBED.exchange();
    exchange.response_head(200, Some(JSON));
    exchange.response_all(answer.as_bytes(), Timestamp::default());
    let decoded = exchange.finish(End::Complete);
    assert_eq!(decoded.record.common().diagnostics, []);
    let record = embeddings(decoded);
    assert_eq!(record.dimension_count, Some(4096));
    assert_eq!(record.usage.input(), Some(7));
}

#[test]
fn the_path_tells_what_is_asked() {
    for (url, expected) in [
        ("http://localhost:11434/api/chat", Some("ollama.chat")),
        ("https://ollama.com/api/chat", Some("ollama.chat")),
        ("http://h/ollama/api/generate", Some("ollama.generate")),
        ("http://h/api/embed", Some("ollama.embed")),
        ("http://h/api/embeddings", Some("ollama.embed")),
        ("http://h/api/tags", None),
        ("http://h/api/show", None),
        ("http://h/api/pull", None),
        ("http://h/api/create", None),
        ("http://h/api/chat/1", None),
    ] {
        let found = detect(url);
        assert_eq!(
            found.as_ref().map(genspan_wire::Exchange::format_name),
            expected,
            "{url}"
        );
        if let Some(exchange) = found {
            let provider = match exchange.finish(End::Unreachable).record {
                Record::Inference(record) => record.provider,
                Record::Embeddings(record) => record.provider,
                other => panic!("{other:?}"),
            };
            assert_eq!(provider, Provider::OLLAMA, "{url}");
        }
    }
}

/// Tells whether an exchange is taken for one in which no model is asked.
fn asks_no_model(url: &str, request: &str, status: u16, kind: &str, answer: &str) -> bool {
    let mut exchange = detect(url).unwrap();
    exchange.request(request.as_bytes());
    exchange.request_end();
    exchange.response_head(status, Some(kind));
    exchange.response(answer.as_bytes(), Timestamp::default());
    exchange.finish(End::Complete).asks_no_model
}

#[test]
fn other_programs_have_a_path_called_chat_too() {
    const WEB: &str = "https://shop.example/api/chat";
    const EVENTS: &str = "text/event-stream";
    const ASKED: &str = r#"{"model":"m","messages":[]}"#;
    const OWN: &str = r#"{"id":"c","messages":[{"role":"user","parts":[]}]}"#;
    const OURS: &str = r#"{"model":"m","message":{"content":"Hi"},"done":true}"#;
    const THEIRS: &str = "data: {\"type\":\"text-delta\",\"delta\":\"Hi\"}\n\ndata: [DONE]\n\n";
    for (request, status, kind, answer, expected) in [
        (ASKED, 200, JSON, OURS, false),
        // A proxy that fills the model in.
        (OWN, 200, JSON, OURS, false),
        (ASKED, 500, JSON, "{\"error\":\"x\"}", false),
        (ASKED, 200, JSON, "{\"error\":\"x\"}", false),
        (ASKED, 200, JSON, "{\"model\":\"m", false),
        (ASKED, 200, JSON, "", false),
        ("", 200, JSON, OURS, false),
        (OWN, 200, EVENTS, THEIRS, true),
        (ASKED, 200, EVENTS, THEIRS, true),
        (OWN, 200, "text/plain", "Hi", true),
        (OWN, 404, JSON, "{\"message\":\"x\"}", true),
        ("user=1&text=Hi", 200, JSON, "{\"reply\":\"Hi\"}", true),
        (ASKED, 200, JSON, "{\"reply\":\"Hi\"}", true),
    ] {
        let found = asks_no_model(WEB, request, status, kind, answer);
        assert_eq!(found, expected, "{request} {status} {answer}");
        // Where Ollama listens, nobody else does.
        assert!(!asks_no_model(CHAT.url, request, status, kind, answer));
    }
}

#[test]
fn what_was_lost_on_our_side_speaks_against_nobody() {
    let mut exchange = detect("https://shop.example/api/chat").unwrap();
    exchange.request_skipped();
    exchange.request_end();
    exchange.response_head(200, Some(JSON));
    exchange.response(b"{\"reply\":1}", Timestamp::default());
    assert!(!exchange.finish(End::Complete).asks_no_model);
}

#[test]
fn to_load_a_model_is_to_ask_none() {
    for (request, answer, expected) in [
        (
            r#"{"model":"m"}"#,
            r#"{"model":"m","response":"","done":true,"done_reason":"load"}"#,
            true,
        ),
        (
            r#"{"model":"m","keep_alive":0}"#,
            r#"{"model":"m","response":"","done":true,"done_reason":"unload"}"#,
            true,
        ),
        (
            r#"{"model":"m","prompt":"Hi"}"#,
            r#"{"model":"m","response":"Ho","done":true,"done_reason":"stop"}"#,
            false,
        ),
    ] {
        let found = asks_no_model(GENERATE.url, request, 200, JSON, answer);
        assert_eq!(found, expected, "{answer}");
    }
}
