//! What models say through Bedrock's InvokeModel in their makers' shapes, whole and streamed, becomes the same record.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

#[path = "bedrock/exchanges.rs"]
mod exchanges;

use exchanges::{
    DOCUMENT, EVENTS, answered, assert_same_in_pieces, assert_survives_damage, exchange, fixture,
    inference, shown, shown_request, untimed,
};
use genspan::{Diagnostic, ErrorType, InferenceKind, Outcome, Record, Timestamp, Usage};
use genspan_wire::{Decoded, End, Exchange};
use testkit::event_stream::event;

/// Each maker's fixtures, and a model of theirs.
const MAKERS: [(&str, &str); 9] = [
    ("claude", "eu.anthropic.claude-sonnet-4-20250514-v1:0"),
    ("nova", "amazon.nova-pro-v1:0"),
    ("titan", "amazon.titan-text-express-v1"),
    ("llama", "us.meta.llama3-3-70b-instruct-v1:0"),
    ("mistral", "mistral.mixtral-8x7b-instruct-v0:1"),
    ("command", "cohere.command-text-v14"),
    ("command_r", "cohere.command-r-plus-v1:0"),
    ("openai", "ai21.jamba-1-5-large-v1:0"),
    ("deepseek", "us.deepseek.r1-v1:0"),
];

fn body(name: &str) -> Vec<u8> {
    fixture(&format!("bedrock_invoke/{name}"))
}

fn waiting(model: &str, operation: &str) -> Exchange {
    exchange(&format!("/model/{}/{operation}", model.replace(':', "%3A")))
}

fn asked(maker: &str, model: &str, operation: &str) -> Exchange {
    let mut exchange = waiting(model, operation);
    exchange.request(&body(&format!("{maker}.request.json")));
    exchange.request_end();
    exchange
}

fn whole(maker: &str, model: &str) -> Decoded {
    let answer = body(&format!("{maker}.json"));
    let waiting = asked(maker, model, "invoke");
    answered(waiting, DOCUMENT, &answer, usize::MAX, End::Complete)
}

fn streamed(maker: &str, model: &str) -> Decoded {
    let answer = body(&format!("{maker}.eventstream"));
    let waiting = asked(maker, model, "invoke-with-response-stream");
    answered(waiting, EVENTS, &answer, usize::MAX, End::Complete)
}

#[test]
fn a_streamed_answer_gives_what_the_whole_one_gives() {
    for (maker, model) in MAKERS {
        let (whole, streamed) = (whole(maker, model), streamed(maker, model));
        let (mut own, outcome) = untimed(&streamed);
        assert!(inference(&streamed).request.stream);
        // Of these the counts are stated in the stream alone.
        if ["mistral", "command", "command_r", "deepseek"].contains(&maker) {
            assert!(own.usage.input().is_some() && own.usage.output().is_some());
            own.usage = Usage::default();
        }
        if maker == "openai" {
            // A stream of this shape states no counts unless it is asked to; Bedrock measures them.
            assert_eq!(own.usage, inference(&whole).usage);
        }
        if maker == "command" {
            own.response.id = Some("g0".to_owned());
        }
        assert_eq!(untimed(&whole), (own, outcome), "{maker}");
        assert_eq!(whole.outcome, Outcome::Completed);
        insta::assert_snapshot!(maker, shown(&whole));
        let request = format!("{maker}_request");
        insta::assert_snapshot!(request, shown_request(&whole));
    }
}

#[test]
fn counts_in_headers_stand_in_for_those_that_the_body_does_not_state() {
    for (maker, model) in MAKERS {
        let stated = whole(maker, model);
        let mut exchange = asked(maker, model, "invoke");
        exchange.response_head(200, Some(DOCUMENT));
        for (name, value) in [
            ("X-Amzn-Bedrock-Input-Token-Count", "7001"),
            ("x-amzn-bedrock-output-token-count", " 7002"),
            ("x-amzn-bedrock-cache-read-input-token-count", "many"),
            ("x-amzn-bedrock-invocation-latency", "7003"),
        ] {
            exchange.response_header(name, value);
        }
        exchange.response_all(&body(&format!("{maker}.json")), Timestamp::default());
        let decoded = exchange.finish(End::Complete);
        let usage = &inference(&decoded).usage;
        if ["mistral", "command", "command_r", "deepseek"].contains(&maker) {
            assert_eq!((usage.input(), usage.output()), (Some(7001), Some(7002)));
            assert_eq!(usage.cache_read(), None);
        } else {
            assert_eq!(usage, &inference(&stated).usage, "{maker}");
        }
    }
}

#[test]
fn every_split_of_a_stream_gives_the_same_and_damage_gives_a_record() {
    for (maker, model) in MAKERS {
        let answer = body(&format!("{maker}.eventstream"));
        let waiting = asked(maker, model, "invoke-with-response-stream");
        assert_same_in_pieces(&waiting, &answer, maker);
        assert_survives_damage(&waiting, &answer, maker, 250);
    }
}

#[test]
fn an_arn_that_does_not_tell_the_maker_is_told_by_the_bodies() {
    let arn = "arn:aws:bedrock:eu-west-1:111122223333:application-inference-profile/abc";
    for (maker, model) in MAKERS {
        for named in [whole(maker, model), streamed(maker, model)] {
            let is_stream = inference(&named).request.stream;
            let by_request = if is_stream {
                streamed(maker, arn)
            } else {
                whole(maker, arn)
            };
            let (mut record, outcome) = untimed(&by_request);
            record.request.model = Some(model.to_owned());
            assert_eq!((record, outcome), untimed(&named), "{maker}");
        }
        // Without a request that could be read the answer tells.
        let answer = body(&format!("{maker}.json"));
        let waiting = waiting(arn, "invoke");
        let decoded = answered(waiting, DOCUMENT, &answer, usize::MAX, End::Complete);
        let output = inference(&decoded).content.output;
        assert_eq!(
            output,
            inference(&whole(maker, model)).content.output,
            "{maker}"
        );
    }
}

#[test]
fn the_kind_of_call_is_known_before_it_is_made() {
    for (maker, model) in MAKERS {
        let expected = inference(&whole(maker, model)).kind;
        let unread = inference(&waiting(model, "invoke").finish(End::Unreachable));
        assert_eq!(unread.kind, expected, "{maker}");
        let has_messages = ["claude", "nova", "command_r", "openai"].contains(&maker);
        assert_eq!(expected == InferenceKind::Chat, has_messages, "{maker}");
    }
}

#[test]
fn an_error_in_the_stream_is_the_calls() {
    let answer = body("error_mid_stream.eventstream");
    let waiting = asked(
        "llama",
        "meta.llama3-8b-v1:0",
        "invoke-with-response-stream",
    );
    let decoded = answered(waiting, EVENTS, &answer, 5, End::Complete);
    let Outcome::Failed(failure) = &decoded.outcome else {
        panic!("{decoded:?}");
    };
    assert_eq!(failure.error_type, ErrorType::StreamError);
    assert_eq!(failure.message.as_deref(), Some("The model broke."));
    assert_eq!(inference(&decoded).usage.output(), Some(2));
}

#[test]
fn a_cut_stream_gives_what_was_vouched_for() {
    let answer = body("truncated.eventstream");
    let waiting = asked(
        "llama",
        "meta.llama3-8b-v1:0",
        "invoke-with-response-stream",
    );
    let decoded = answered(waiting, EVENTS, &answer, 5, End::Complete);
    insta::assert_snapshot!("truncated", shown(&decoded));
}

#[test]
fn events_that_hold_nothing_readable_are_told() {
    let document = |bytes: &str| event("chunk", &format!(r#"{{"bytes":"{bytes}"}}"#));
    let events = [
        document("not base64!"),
        document("bm8ganNvbg=="),
        event("other", r#"{"bytes":"e30="}"#),
        // {"generation":"Hi","stop_reason":"stop"}
        document("eyJnZW5lcmF0aW9uIjoiSGkiLCJzdG9wX3JlYXNvbiI6InN0b3AifQ=="),
    ];
    let waiting = asked(
        "llama",
        "meta.llama3-8b-v1:0",
        "invoke-with-response-stream",
    );
    let decoded = answered(waiting, EVENTS, &events.concat(), usize::MAX, End::Complete);
    insta::assert_snapshot!(shown(&decoded));
}

#[test]
fn embeddings_tell_their_size_and_tokens() {
    for (maker, model, dimension, tokens, formats) in [
        (
            "titan",
            "amazon.titan-embed-text-v2:0",
            3,
            Some(2),
            &["float", "binary"][..],
        ),
        (
            "cohere",
            "cohere.embed-multilingual-v3",
            2,
            None,
            &["float", "int8"],
        ),
        (
            "nova",
            "amazon.nova-2-multimodal-embeddings-v1:0",
            4,
            None,
            &[],
        ),
    ] {
        let request = fixture(&format!("bedrock_embed/{maker}.request.json"));
        let answer = fixture(&format!("bedrock_embed/{maker}.json"));
        let mut asked = waiting(model, "invoke");
        asked.request_all(&request);
        let decoded = answered(asked.clone(), DOCUMENT, &answer, 3, End::Complete);
        assert_eq!(decoded.outcome, Outcome::Completed);
        let Record::Embeddings(record) = decoded.record else {
            panic!("no embeddings");
        };
        assert_eq!(record.model.as_deref(), Some(model));
        assert_eq!(record.dimension_count, Some(dimension), "{maker}");
        assert_eq!(record.usage.input(), tokens, "{maker}");
        assert_eq!(record.encoding_formats, formats);
        assert_eq!(record.common.diagnostics, []);
        let empty = answered(asked, DOCUMENT, b"{}", usize::MAX, End::Complete);
        assert_eq!(
            empty.record.common().diagnostics,
            [Diagnostic::ResponseUnreadable]
        );
    }
}
