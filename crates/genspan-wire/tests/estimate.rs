//! Tokens that nobody stated, by rule and only where they are wanted.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use genspan::{Content, Inference, Outcome, Record, Timestamp};
use genspan_wire::{End, Exchange, RequestHead};

const HEAD: RequestHead<'_> = RequestHead {
    method: "POST",
    host: "api.openai.com",
    port: None,
    path: "/v1/chat/completions",
};
const QUESTION: &str =
    r#"{"messages":[{"role":"system","content":"12345678"},{"role":"user","content":"1234"}]}"#;
/// Two messages and three tokens of text.
const ASKED: Option<u64> = Some(2 * 4 + 3);

fn estimating() -> Exchange {
    Exchange::detect(&HEAD).unwrap().estimating_usage()
}

fn decoded(
    mut exchange: Exchange,
    question: &str,
    stream: &[&str],
    end: End,
) -> (Inference, Outcome) {
    exchange.request_all(question.as_bytes());
    exchange.response_head(200, Some("text/event-stream"));
    for (at, chunk) in (1..).zip(stream) {
        let frame = format!("data: {chunk}\n\n");
        exchange.response(frame.as_bytes(), Timestamp::from_unix_nanos(at));
    }
    let decoded = exchange.finish(end);
    let Record::Inference(inference) = decoded.record else {
        panic!("another operation")
    };
    (*inference, decoded.outcome)
}

fn usage(question: &str, stream: &[&str]) -> (Option<u64>, Option<u64>, bool) {
    let (inference, _) = decoded(estimating(), question, stream, End::Broken);
    let usage = inference.usage;
    (usage.input(), usage.output(), usage.is_estimated())
}

#[test]
fn four_bytes_are_a_token() {
    for (text, tokens) in [
        ("a", 1),
        ("12345678", 2),
        ("123456789", 3),
        ("日本語", 3),
        ("🌊", 1),
        ("где", 2),
    ] {
        let chunk = format!(r#"{{"choices":[{{"delta":{{"content":"{text}"}}}}]}}"#);
        assert_eq!(
            usage(QUESTION, &[&chunk]),
            (ASKED, Some(tokens), true),
            "{text}"
        );
    }
}

#[test]
fn what_the_model_wrote_are_texts_reasons_refusals_and_calls() {
    for delta in [
        r#"{"reasoning_content":"12345678"}"#,
        r#"{"refusal":"12345678"}"#,
        r#"{"content":"1234","tool_calls":[{"index":0,"id":"c","function":{"name":"ab","arguments":"{}"}}]}"#,
    ] {
        let chunk = format!(r#"{{"choices":[{{"delta":{delta}}}]}}"#);
        assert_eq!(usage(QUESTION, &[&chunk]).1, Some(2), "{delta}");
    }
}

#[test]
fn tools_are_sent_too() {
    let tools = r#"{"tools":[{"type":"function","function":{"name":"ab","description":"123456","parameters":{}}}],"#;
    let question = QUESTION.replacen('{', tools, 1);
    let chunk = r#"{"choices":[{"delta":{"content":"a"}}]}"#;
    // Ten bytes of the definition beside the twelve of the messages.
    assert_eq!(usage(&question, &[chunk]).0, Some(8 + 6));
}

#[test]
fn what_was_stated_stays() {
    let chunk = r#"{"choices":[{"delta":{"content":"Hi"}}],"usage":{"prompt_tokens":900,"completion_tokens":1}}"#;
    assert_eq!(usage(QUESTION, &[chunk]), (Some(900), Some(1), false));
    let input_alone = r#"{"choices":[{"delta":{"content":"Hi"}}],"usage":{"prompt_tokens":900}}"#;
    assert_eq!(usage(QUESTION, &[input_alone]), (Some(900), Some(1), true));
}

#[test]
fn nothing_is_made_up_for_what_is_not_seen() {
    let chunk = r#"{"choices":[{"delta":{"content":"Hi"}}]}"#;
    let picture = r#"{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://a.example/b.png"}}]}]}"#;
    for question in [picture, "", "{}"] {
        assert_eq!(
            usage(question, &[chunk]),
            (None, Some(1), true),
            "{question}"
        );
    }
    assert_eq!(usage(QUESTION, &[]), (None, None, false), "no answer began");
    let silent = r#"{"choices":[{"delta":{"role":"assistant"}}]}"#;
    assert_eq!(usage(QUESTION, &[silent]), (ASKED, None, true));
    let ended = r#"{"choices":[{"delta":{"role":"assistant"},"finish_reason":"stop"}]}"#;
    assert_eq!(usage(QUESTION, &[ended]), (ASKED, Some(0), true));

    let mut refused = estimating();
    refused.request_all(QUESTION.as_bytes());
    refused.response_head(429, Some("application/json"));
    refused.response(
        br#"{"error":{"message":"slow down"}}"#,
        Timestamp::default(),
    );
    let Record::Inference(refused) = refused.finish(End::Complete).record else {
        panic!("another operation")
    };
    assert_eq!(refused.usage.input(), None);

    let mut lossy = estimating();
    lossy.request_skipped();
    let (inference, _) = decoded(lossy, QUESTION, &[chunk], End::Broken);
    assert_eq!(
        (inference.usage.input(), inference.usage.output()),
        (None, Some(1))
    );
}

#[test]
fn a_whole_answer_is_estimated_as_well() {
    let mut exchange = estimating();
    exchange.request_all(QUESTION.as_bytes());
    exchange.response_head(200, Some("application/json"));
    let answer = br#"{"choices":[{"message":{"content":"12345678"},"finish_reason":"stop"}]}"#;
    exchange.response_all(answer, Timestamp::default());
    let Record::Inference(inference) = exchange.finish(End::Complete).record else {
        panic!("another operation")
    };
    assert_eq!(
        (inference.usage.input(), inference.usage.output()),
        (ASKED, Some(2))
    );
}

#[test]
fn content_that_is_not_wanted_is_counted_and_dropped() {
    let chunk = r#"{"choices":[{"delta":{"content":"12345678"}}]}"#;
    let detect = || Exchange::detect(&HEAD).unwrap();
    let (wanted, _) = decoded(estimating(), QUESTION, &[chunk], End::Broken);
    for exchange in [
        detect().estimating_usage().without_content(),
        detect().without_content().estimating_usage(),
    ] {
        let (inference, outcome) = decoded(exchange, QUESTION, &[chunk], End::Cancelled);
        assert_eq!(outcome, Outcome::Cancelled);
        assert_eq!(inference.usage, wanted.usage);
        assert_eq!(inference.content, Content::default());
    }
    let (unasked, _) = decoded(detect().without_content(), QUESTION, &[chunk], End::Broken);
    assert_eq!(
        (unasked.usage.input(), unasked.usage.output()),
        (None, None)
    );
}
