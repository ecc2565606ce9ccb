//! Chat completions, from their bytes to their record.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use genspan::{
    Diagnostic, ErrorType, Inference, Outcome, Part, Provider, Record, Server, StreamTiming,
    Timestamp,
};
use genspan_wire::{Decoded, End, Exchange, RequestHead};

const HEAD: RequestHead<'_> = RequestHead {
    method: "POST",
    host: "api.openai.com",
    port: Some(443),
    path: "/v1/chat/completions",
};

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(format!(
        "{}/tests/fixtures/openai_chat/{name}",
        env!("CARGO_MANIFEST_DIR")
    ))
    .unwrap()
}

/// Decodes an exchange whose bodies come in pieces of the given size, all at one moment.
fn decode(request: &[u8], response: &[u8], piece: usize) -> Decoded {
    let content_type = if response.starts_with(b"{") {
        "application/json"
    } else {
        "text/event-stream"
    };
    let mut exchange = Exchange::detect(&HEAD).unwrap();
    request
        .chunks(piece)
        .for_each(|bytes| exchange.request(bytes));
    exchange.request_end();
    exchange.response_head(200, Some(content_type));
    response
        .chunks(piece)
        .for_each(|bytes| exchange.response(bytes, Timestamp::from_unix_nanos(5)));
    exchange.finish(End::Complete)
}

fn inference(decoded: Decoded) -> Inference {
    let Record::Inference(inference) = decoded.record else {
        panic!("not an inference")
    };
    *inference
}

#[test]
fn a_stream_with_all_that_a_stream_may_have() {
    let decoded = decode(
        &fixture("tools.request.json"),
        &fixture("tools.response.sse"),
        usize::MAX,
    );
    insta::assert_debug_snapshot!(decoded);
}

#[test]
fn streamed_and_whole_answers_give_the_same_record_but_for_timing() {
    let request = fixture("tools.request.json");
    let streamed = decode(&request, &fixture("tools.response.sse"), usize::MAX);
    let whole = decode(&request, &fixture("tools.response.json"), usize::MAX);
    assert_eq!(streamed.outcome, whole.outcome);
    let mut streamed = inference(streamed);
    assert!(streamed.timing.first_chunk().is_some());
    assert_eq!(streamed.timing.gaps().len(), 10);
    streamed.timing = StreamTiming::default();
    assert_eq!(streamed, inference(whole));
}

#[test]
fn media_and_parts_of_every_kind() {
    let decoded = decode(
        &fixture("media.request.json"),
        &fixture("media.response.json"),
        usize::MAX,
    );
    insta::assert_debug_snapshot!(decoded);
}

#[test]
fn what_is_not_as_documented_costs_nothing_but_itself() {
    let decoded = decode(
        &fixture("odd.request.json"),
        &fixture("odd.response.sse"),
        usize::MAX,
    );
    assert_eq!(decoded.outcome, Outcome::Completed);
    insta::assert_debug_snapshot!(decoded.record);
}

#[test]
fn the_split_of_the_bytes_does_not_matter() {
    for (request, response) in [
        ("tools.request.json", "tools.response.sse"),
        ("tools.request.json", "tools.response.json"),
        ("media.request.json", "media.response.json"),
        ("odd.request.json", "odd.response.sse"),
    ] {
        let (request, body) = (fixture(request), fixture(response));
        let whole = decode(&request, &body, usize::MAX);
        for piece in [1, 7] {
            assert_eq!(
                decode(&request, &body, piece),
                whole,
                "{response} in pieces of {piece}"
            );
        }
    }
}

#[test]
fn an_answer_cut_anywhere_keeps_what_it_said() {
    let (request, body) = (fixture("tools.request.json"), fixture("tools.response.sse"));
    let full = inference(decode(&request, &body, usize::MAX));
    let Part::Text(full_text) = &full.content.output[0].parts[1] else {
        panic!("no text")
    };
    let usage_at = body
        .windows(7)
        .rposition(|bytes| bytes == b"[DONE]\n")
        .unwrap()
        - 8;
    for end in 0..body.len() {
        let decoded = decode(&request, &body[..end], usize::MAX);
        let is_complete = matches!(decoded.outcome, Outcome::Completed);
        let cut = inference(decoded);
        let finished = cut.response.finish_reasons.len() == 2;
        let (reasons, words) = (&cut.response.finish_reasons, &full.response.finish_reasons);
        assert!(
            reasons.iter().all(|reason| words.contains(reason)),
            "{reasons:?} at {end}"
        );
        assert!(
            cut.response.model.is_none() || cut.response.model == full.response.model,
            "cut at {end}"
        );
        assert!(
            cut.response.id.is_none() || cut.response.id == full.response.id,
            "cut at {end}"
        );
        assert_eq!(is_complete, finished, "cut at {end}");
        for part in cut.content.output.iter().flat_map(|message| &message.parts) {
            if let Part::Text(text) = part {
                assert!(full_text.starts_with(text.as_str()), "{text} at {end}");
            }
        }
        if end >= usage_at {
            assert_eq!(cut.usage, full.usage, "cut at {end}");
        }
    }
}

#[test]
fn a_document_cut_anywhere_is_truncated_and_keeps_what_it_said() {
    let (request, body) = (
        fixture("tools.request.json"),
        fixture("tools.response.json"),
    );
    let body = body.trim_ascii_end();
    let text_at = body.windows(5).position(|bytes| bytes == b"coat.").unwrap() + 6;
    for end in 1..body.len() {
        let decoded = decode(&request, &body[..end], usize::MAX);
        assert_eq!(
            decoded.outcome,
            Outcome::Failed(ErrorType::Truncated.into()),
            "cut at {end}"
        );
        let cut = inference(decoded);
        let has_text = |part: &Part| *part == Part::Text("Windy — take a coat.".to_owned());
        let is_said = cut
            .content
            .output
            .iter()
            .any(|message| message.parts.iter().any(has_text));
        assert!(is_said || end < text_at, "cut at {end}");
    }
}

#[test]
fn calls_that_share_an_index_are_told_apart_by_their_ids() {
    let chunk = |id: &str, name: &str, arguments: &str| {
        format!(
            "data: {{\"choices\":[{{\"delta\":{{\"tool_calls\":[{{\"index\":0,\"id\":\"{id}\",\"function\":\
             {{\"name\":\"{name}\",\"arguments\":\"{arguments}\"}}}}]}}}}]}}\n\n"
        )
    };
    let names = |chunks: &[String]| {
        let found = inference(decode(b"{}", chunks.concat().as_bytes(), usize::MAX));
        let parts = found.content.output[0].parts.iter().map(|part| match part {
            Part::ToolCallRequest(call) => format!("{} {}", call.name, call.arguments.to_json()),
            other => panic!("{other:?}"),
        });
        parts.collect::<Vec<_>>()
    };
    assert_eq!(
        names(&[chunk("a", "f", "{}"), chunk("b", "g", "[1]")]),
        ["f {}", "g [1]"]
    );
    let a_new_id_each = [chunk("a", "f", "{"), chunk("b", "f", "}")];
    assert_eq!(names(&a_new_id_each), ["f {}"]);
}

#[test]
fn the_head_alone_tells_operation_provider_and_server() {
    let exchange = Exchange::detect(&HEAD).unwrap();
    let Record::Inference(outline) = exchange.outline().into() else {
        panic!("not an inference")
    };
    assert_eq!(
        outline.server,
        Some(Server::new("api.openai.com", Some(443)))
    );
    assert_eq!(outline.provider, Provider::OPENAI);
    let renamed = exchange.with_provider(Provider::new("in-house"));
    assert_eq!(
        inference(renamed.finish(End::Unreachable))
            .provider
            .as_str(),
        "in-house"
    );
}

#[test]
fn azure_names_the_model_in_the_path() {
    let path = "/openai/deployments/tour-planner/chat/completions?api-version=2";
    let mut exchange = Exchange::detect(&RequestHead {
        method: "POST",
        host: "a.openai.azure.com",
        port: None,
        path,
    })
    .unwrap();
    exchange.request(br#"{"messages":[]}"#);
    let found = inference(exchange.finish(End::Cancelled));
    assert_eq!(found.request.model.as_deref(), Some("tour-planner"));
    assert_eq!(found.provider.as_str(), "azure.ai.openai");
}

#[test]
fn lost_bytes_are_told_and_cost_their_chunk_alone() {
    let mut exchange = Exchange::detect(&HEAD).unwrap();
    exchange.response_head(200, Some("text/event-stream"));
    let at = Timestamp::default();
    exchange.response(
        b"data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\ndata: {\"choices\":[{\"del",
        at,
    );
    exchange.response_skipped();
    exchange.response(
        b"lost\"}}]}\n\ndata: {\"choices\":[{\"delta\":{\"content\":\"c\"}}]}\n\n",
        at,
    );
    let decoded = exchange.finish(End::Complete);
    assert_eq!(decoded.outcome, Outcome::Completed, "the loss was ours");
    let found = inference(decoded);
    assert_eq!(found.content.output[0].parts, [Part::Text("ac".to_owned())]);
    assert_eq!(found.common.diagnostics, [Diagnostic::BytesSkipped]);
}

#[test]
fn a_flood_of_choices_and_calls_is_bounded_and_told() {
    let mut exchange = Exchange::detect(&HEAD).unwrap();
    exchange.response_head(200, Some("text/event-stream"));
    for index in 0..2000 {
        let call = format!(r#"{{"index":{index},"function":{{"name":"f","arguments":"{{}}"}}}}"#);
        let chunk = format!(
            "data: {{\"choices\":[{{\"index\":{index},\"delta\":{{\"content\":\"x\"}}}},\
             {{\"index\":0,\"delta\":{{\"tool_calls\":[{call}]}}}}]}}\n\n"
        );
        exchange.response(chunk.as_bytes(), Timestamp::default());
    }
    let found = inference(exchange.finish(End::Cancelled));
    assert_eq!(found.content.output.len(), 128);
    assert_eq!(found.content.output[0].parts.len(), 1 + 1024);
    assert_eq!(found.common.diagnostics, [Diagnostic::BodyTooLong]);
}
