//! Streamed answers: the same as whole ones, and whatever way they end.

use std::io;

use futures_util::stream;
use genspan::{Part, semconv::attribute as key};
use genspan_chat::{ChatLayer, ChatResponse, ChatStream, ChatUpdate, chat_fn};
use testkit::CapturedSpan;
use tower_layer::Layer;
use tower_service::Service;

use super::rig::{
    OPENAI, Pieces, Script, next, pieces, question, recorder, run, spans, usage, value, wants,
};

fn answer() -> ChatResponse {
    let mut answer = ChatResponse::text("Go out now.");
    answer.output[0].parts.push(Part::ToolCallRequest(wants(
        "c1",
        "get_weather",
        r#"{"city":"Lisbon"}"#,
    )));
    answer.details.id = Some("chatcmpl-1".to_owned());
    answer.details.model = Some("gpt-4o-mini-2024-07-18".to_owned());
    answer
        .with_finish_reason("tool_calls")
        .with_usage(usage(20, 5))
}

/// Gives the attributes of a span, but for what only a stream has.
fn facts(span: &CapturedSpan) -> Vec<String> {
    let signals = &span.signals;
    let all = signals.sampled.iter().chain(&signals.attributes);
    let mut facts: Vec<_> = all
        .filter(|it| {
            it.key != key::GEN_AI_REQUEST_STREAM
                && it.key != key::GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK
        })
        .map(|it| format!("{} = {}", it.key, it.value.to_json()))
        .collect();
    facts.sort();
    facts
}

#[test]
fn a_stream_gives_what_the_whole_answer_gives() {
    let mut all = Vec::new();
    for with_content in [true, false] {
        let (sink, telemetry) = recorder(with_content);
        let layer = ChatLayer::new(&telemetry, OPENAI);
        let whole = run(layer
            .layer(Script::new([answer()]).whole())
            .call(question()))
        .unwrap();
        let stream = run(layer
            .layer(Script::new([answer()]).streamed())
            .call(question()))
        .unwrap();
        let gathered = run(stream.gather()).unwrap();
        assert_eq!(gathered.output, whole.output);
        assert_ne!(gathered.span, whole.span);
        let spans = spans(&sink, &telemetry);
        assert_eq!(facts(&spans[1]), facts(&spans[0]));
        assert_eq!(
            value(&spans[0], key::GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK),
            "-"
        );
        assert_ne!(
            value(&spans[1], key::GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK),
            "-"
        );
        assert_eq!(value(&spans[1], key::GEN_AI_REQUEST_STREAM), "true");
        all.push(facts(&spans[1]));
    }
    insta::assert_debug_snapshot!(all);
}

/// Reads a number of pieces and leaves, and gives the span.
fn left_after(pieces_read: usize, layers: usize) -> CapturedSpan {
    let (sink, telemetry) = recorder(true);
    let layer = ChatLayer::new(&telemetry, OPENAI);
    let client = layer.layer(Script::new([answer()]).streamed());
    if layers == 1 {
        let mut client = client;
        let mut stream = run(client.call(question())).unwrap();
        (0..pieces_read).for_each(|_| drop(run(next(&mut stream))));
    } else {
        let mut client = layer.layer(client);
        let mut stream = run(client.call(question())).unwrap();
        (0..pieces_read).for_each(|_| drop(run(next(&mut stream))));
    }
    let mut spans = spans(&sink, &telemetry);
    assert_eq!(spans.len(), 1, "after {pieces_read} pieces");
    spans.remove(0)
}

#[test]
fn left_at_any_piece_it_ends_once_with_what_came() {
    let count = pieces(&answer()).collect_len();
    for layers in [1, 2] {
        let ends: Vec<_> = (0..=count + 1)
            .map(|read| {
                let span = left_after(read, layers);
                [
                    value(&span, key::ERROR_TYPE),
                    value(&span, key::GEN_AI_OUTPUT_MESSAGES),
                ]
            })
            .collect();
        insta::assert_debug_snapshot!("left_at_any_piece", ends);
    }
}

trait CollectLen {
    fn collect_len(self) -> usize;
}

impl CollectLen for Pieces {
    fn collect_len(mut self) -> usize {
        let mut count = 0;
        while run(next(&mut self)).is_some() {
            count += 1;
        }
        count
    }
}

#[test]
fn an_error_amid_it_fails_the_call_and_keeps_what_came() {
    let (sink, telemetry) = recorder(true);
    let client = chat_fn(|_| async {
        let pieces = [
            Ok(ChatUpdate::text("Go ").with_usage(usage(9, 1))),
            Err(io::Error::other("torn")),
            Ok(ChatUpdate::text("on")),
        ];
        Ok::<_, io::Error>(ChatStream::new(stream::iter(pieces)))
    });
    let mut client = ChatLayer::new(&telemetry, OPENAI).layer(client);
    let mut stream = run(client.call(question())).unwrap();
    let kinds: Vec<_> = (0..4)
        .map(|_| run(next(&mut stream)).map(|piece| piece.is_ok()))
        .collect();
    assert_eq!(kinds, [Some(true), Some(false), Some(true), None]);
    let spans = spans(&sink, &telemetry);
    assert_eq!(spans.len(), 1);
    assert_eq!(value(&spans[0], key::ERROR_TYPE), r#""io::Error""#);
    assert_eq!(value(&spans[0], key::GEN_AI_USAGE_INPUT_TOKENS), "9");
    assert!(value(&spans[0], key::GEN_AI_OUTPUT_MESSAGES).contains("Go "));
}

#[test]
fn usage_that_comes_in_parts_is_one() {
    let (sink, telemetry) = recorder(false);
    let count = |input, output| {
        let counts = genspan::Counts {
            input,
            output,
            ..genspan::Counts::default()
        };
        ChatUpdate::default().with_usage(genspan::Usage::inclusive(counts).0)
    };
    let updates = [
        count(Some(30), Some(1)),
        ChatUpdate::text("x"),
        count(None, Some(8)),
    ];
    let client = chat_fn(move |_| {
        let updates = updates.clone();
        async move { Ok::<_, io::Error>(ChatStream::new(stream::iter(updates.map(Ok)))) }
    });
    let mut client = ChatLayer::new(&telemetry, OPENAI).layer(client);
    run(run(client.call(question())).unwrap().gather()).unwrap();
    let spans = spans(&sink, &telemetry);
    assert_eq!(value(&spans[0], key::GEN_AI_USAGE_INPUT_TOKENS), "30");
    assert_eq!(value(&spans[0], key::GEN_AI_USAGE_OUTPUT_TOKENS), "8");
}
