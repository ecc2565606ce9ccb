//! What Cohere says in the second version of its interface, whole and streamed, becomes the same record.

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
use genspan::{ErrorType, FinishReason, Outcome, Part, Provider, Record};
use genspan_wire::{Decoded, End};

const CHAT: Site = Site {
    url: "https://api.cohere.com/v2/chat",
    folder: "cohere_chat",
};
const EMBED: Site = Site {
    url: "https://api.cohere.ai/v2/embed",
    folder: "cohere_embed",
};
const REQUEST: &str = "request.json";
const JSON: &str = "application/json";

#[test]
fn a_chat_with_all_that_a_chat_may_have() {
    insta::assert_debug_snapshot!(CHAT.decode(REQUEST, "text.sse"));
}

#[test]
fn tools_are_planned_and_called() {
    insta::assert_debug_snapshot!(inference(CHAT.decode(REQUEST, "tools.sse")).content.output);
}

#[test]
fn whole_answers_say_what_streamed_ones_say() {
    for name in ["text", "tools"] {
        let whole = CHAT.decode(REQUEST, &format!("{name}.json"));
        let streamed = CHAT.decode(REQUEST, &format!("{name}.sse"));
        assert_eq!(whole.outcome, Outcome::Completed);
        assert_eq!(streamed.outcome, whole.outcome);
        assert_eq!(inference(streamed), inference(whole), "{name}");
    }
}

#[test]
fn only_what_is_billed_counts_unless_nothing_is() {
    let billed = inference(CHAT.decode(REQUEST, "text.json")).usage;
    assert_eq!((billed.input(), billed.output()), (Some(21), Some(9)));
    assert_eq!((billed.cache_read(), billed.reasoning()), (None, None));
    let unbilled = inference(CHAT.decode(REQUEST, "unbilled.json")).usage;
    assert_eq!((unbilled.input(), unbilled.output()), (Some(610), Some(14)));
    assert_eq!(
        (unbilled.cache_read(), unbilled.reasoning()),
        (Some(480), Some(4))
    );
}

fn error(decoded: &Decoded) -> (&ErrorType, Option<&str>) {
    let Outcome::Failed(failure) = &decoded.outcome else {
        panic!("not failed: {decoded:?}")
    };
    (&failure.error_type, failure.message.as_deref())
}

#[test]
fn errors_are_told_in_coheres_words() {
    let body = CHAT.fixture("error.json");
    let words = Some("model 'command-z' not found");
    let decoded = CHAT.decode_as(REQUEST, 404, JSON, &body);
    assert_eq!(error(&decoded), (&ErrorType::InvalidRequest, words));
    let decoded = CHAT.decode_as(REQUEST, 200, JSON, &body);
    assert_eq!(error(&decoded), (&ErrorType::StreamError, words));

    let decoded = CHAT.decode(REQUEST, "error_mid_stream.sse");
    let words = Some("internal server error");
    assert_eq!(error(&decoded), (&ErrorType::ServerError, words));
    let inference = inference(decoded);
    assert_eq!(inference.response.finish_reasons, ["ERROR"]);
    assert_eq!(inference.usage.input(), Some(21));
}

#[test]
fn a_stream_that_was_cut_gives_what_came() {
    let decoded = CHAT.decode(REQUEST, "truncated.sse");
    assert_eq!(decoded.outcome.error_type(), Some(&ErrorType::Truncated));
    let message = &inference(decoded).content.output[0];
    assert_eq!(message.finish_reason, Some(FinishReason::Error));
    assert_eq!(message.parts, [Part::Text("High tide".to_owned())]);
}

#[test]
fn odd_types_cost_only_their_own_field() {
    insta::assert_debug_snapshot!(CHAT.decode("odd.request.json", "odd.sse"));
}

#[test]
fn embeddings_have_a_dimension_in_every_encoding() {
    let former = Site {
        url: "https://api.cohere.ai/v1/embed",
        ..EMBED
    };
    insta::assert_debug_snapshot!(former.decode(REQUEST, "float.json"));
    insta::assert_debug_snapshot!(former.decode(REQUEST, "image.json"));
    insta::assert_debug_snapshot!(EMBED.decode(REQUEST, "by_type.json"));
    for (name, expected) in [
        ("float.json", Some(8)),
        ("packed.json", Some(16)),
        ("base64.json", Some(8)),
        ("image.json", Some(8)),
        ("odd.json", None),
    ] {
        let mut exchange = EMBED.exchange();
        exchange.response_head(200, Some(JSON));
        exchange.response(&EMBED.fixture(name), genspan::Timestamp::default());
        let decoded = exchange.finish(End::Complete);
        assert_eq!(decoded.outcome, Outcome::Completed, "{name}");
        assert_eq!(embeddings(decoded).dimension_count, expected, "{name}");
    }
}

#[test]
fn pictures_are_billed_in_tokens_of_their_own() {
    let record = embeddings(EMBED.decode(REQUEST, "by_type.json"));
    assert_eq!(record.usage.input(), Some(256));
    let record = embeddings(EMBED.decode(REQUEST, "image.json"));
    assert_eq!(record.usage.input(), None);
}

#[test]
fn half_a_vector_has_no_dimension() {
    let answer = br#"{"id":"e","embeddings":[[0.5,0.25"#;
    let decoded = EMBED.decode_as(REQUEST, 200, JSON, answer);
    assert_eq!(decoded.outcome.error_type(), Some(&ErrorType::Truncated));
    let asked_for = embeddings(decoded).dimension_count;
    assert_eq!(asked_for, Some(8));
}

#[test]
fn the_path_tells_what_is_asked() {
    for (url, expected) in [
        ("https://api.cohere.com/v2/chat", Some("cohere.chat")),
        ("https://api.cohere.ai/v1/chat", Some("cohere.chat_v1")),
        ("https://api.cohere.ai/v1/embed", Some("cohere.embed")),
        (
            "https://gateway.example/cohere/v2/embed",
            Some("cohere.embed"),
        ),
        ("https://api.cohere.com/v2/rerank", None),
        ("https://api.cohere.com/v1/classify", None),
        ("https://api.cohere.com/v1/tokenize", None),
        ("https://api.cohere.com/v1/detokenize", None),
        ("https://api.cohere.com/v1/models", None),
        ("https://api.cohere.com/v1/embed-jobs", None),
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
            assert_eq!(provider, Provider::COHERE, "{url}");
        }
    }
}

#[test]
fn other_programs_have_such_paths_too() {
    const CHAT: &str = "/v2/chat";
    const CHAT_V1: &str = "/v1/chat";
    const EMBED: &str = "/v1/embed";
    for (path, request, answer, expected) in [
        (
            CHAT,
            r#"{"model":"m","messages":[]}"#,
            r#"{"id":"1","finish_reason":"COMPLETE"}"#,
            false,
        ),
        (
            CHAT,
            r#"{"model":"m","messages":[]}"#,
            r#"{"reply":"Hi"}"#,
            true,
        ),
        (CHAT, r#"{"text":"Hi"}"#, "", true),
        (
            CHAT_V1,
            r#"{"message":"Hi"}"#,
            r#"{"text":"Hi","generation_id":"g"}"#,
            false,
        ),
        (
            CHAT_V1,
            r#"{"message":"Hi"}"#,
            "{\"event_type\":\"stream-start\"}\n",
            false,
        ),
        (CHAT_V1, r#"{"message":"Hi"}"#, r#"{"reply":"Hi"}"#, true),
        (CHAT_V1, r#"{"prompt":"Hi"}"#, r#"{"text":"Hi"}"#, true),
        (
            EMBED,
            r#"{"texts":["a"]}"#,
            r#"{"embeddings":[[1]]}"#,
            false,
        ),
        (EMBED, r#"{"texts":["a"]}"#, r#"{"vectors":[[1]]}"#, true),
        (EMBED, r#"{"url":"a"}"#, "{}", true),
    ] {
        let decode = |host: &str| {
            let mut exchange = detect(&format!("https://{host}{path}")).unwrap();
            exchange.request(request.as_bytes());
            exchange.request_end();
            exchange.response_head(200, Some(JSON));
            exchange.response(answer.as_bytes(), genspan::Timestamp::default());
            exchange.finish(End::Complete)
        };
        assert_eq!(
            decode("shop.example").asks_no_model,
            expected,
            "{request} {answer}"
        );
        assert!(
            !decode("api.cohere.com").asks_no_model,
            "{request} {answer}"
        );
    }
}
