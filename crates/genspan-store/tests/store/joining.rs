//! One call told by several sources is one, and counts once.

use genspan_store::{Filter, Page, Store};

use crate::build::*;

fn row(store: &Store, trace: u64) -> (u64, Option<u64>, u64, Vec<String>) {
    let trace = store.trace(&trace_id(trace)).unwrap().unwrap();
    (
        trace.trace.calls,
        trace.trace.tokens.input,
        trace.spans.len() as u64,
        trace.trace.sources,
    )
}

fn openinference(trace: u64, number: u64) -> opentelemetry_proto::tonic::trace::v1::Span {
    span(trace, number, "ChatCompletion")
        .with_text("openinference.span.kind", "LLM")
        .with_text("llm.model_name", "gpt-4o-mini")
        .with_count("llm.token_count.prompt", 1_000)
        .with_text("llm.input_messages.0.message.role", "user")
        .with_text("llm.input_messages.0.message.content", "bonjour")
}

#[test]
fn a_call_within_a_call_is_the_same() {
    let store = open("nested");
    let own = chat(1, 2, vec![message("user", "bonjour")], "salut").under(1);
    store.ingest_traces(&request(vec![own])).unwrap();
    let outer = openinference(1, 1).under(0);
    store
        .ingest_traces(&request_of(
            "openinference.instrumentation.openai",
            vec![outer, agent(1, 0, "a")],
        ))
        .unwrap();
    store.settle().unwrap();
    let sources = vec![
        "genspan".to_owned(),
        "openinference".to_owned(),
        "opentelemetry".to_owned(),
    ];
    assert_eq!(row(&store, 1), (1, Some(1_000), 2, sources));
    let trace = store.trace(&trace_id(1)).unwrap().unwrap();
    assert_eq!(trace.spans[1].sources, ["genspan", "openinference"]);
    // Either id opens it, with what both told.
    for id in [1, 2] {
        let detail = store.span(&trace_id(1), &span_id(id)).unwrap().unwrap();
        assert_eq!(detail.span.span_id, span_id(1).to_string());
        assert_eq!(detail.sources_detail.len(), 2);
        assert!(detail.output.is_some());
    }
    let spans = store
        .spans(
            &Filter {
                source: Some("genspan".to_owned()),
                ..Filter::default()
            },
            Page::default(),
        )
        .unwrap();
    assert_eq!(spans.spans.len(), 1);
}

#[test]
fn the_same_answer_told_side_by_side_is_one() {
    let store = open("side-by-side");
    let one = chat(1, 1, Vec::new(), "x")
        .with_text("gen_ai.response.id", "resp_1")
        .under(0);
    let mut other = openinference(1, 2)
        .with_text("gen_ai.response.id", "resp_1")
        .under(0);
    other.start_time_unix_nano = one.start_time_unix_nano;
    let mut later = chat(1, 5, Vec::new(), "x")
        .with_text("gen_ai.response.id", "resp_1")
        .under(0);
    later.name = "another time".to_owned();
    take(&store, vec![agent(1, 0, "a"), one, other, later]);
    let (calls, input, spans, _) = row(&store, 1);
    assert_eq!((calls, input, spans), (2, Some(2_000), 3));
}

#[test]
fn the_same_execution_of_a_tool_is_one() {
    let store = open("tools");
    let one = tool(1, 1, "search", "call_1");
    let mut other = tool(1, 2, "search", "call_1");
    other.start_time_unix_nano = one.start_time_unix_nano;
    let third = tool(1, 3, "search", "call_2");
    take(&store, vec![one, other, third]);
    let trace = store.trace(&trace_id(1)).unwrap().unwrap();
    assert_eq!((trace.trace.tools, trace.spans.len()), (2, 2));
}

#[test]
fn attempts_within_a_call_count_once() {
    let store = open("attempts");
    let attempts = [
        chat(1, 2, Vec::new(), "").under(1),
        chat(1, 3, Vec::new(), "ok").under(1),
    ];
    take(
        &store,
        [vec![chat(1, 1, Vec::new(), "ok")], attempts.to_vec()].concat(),
    );
    assert_eq!(row(&store, 1).0, 1);
    assert_eq!(row(&store, 1).1, Some(1_000));
    // A wrapper that states nothing leaves the counting to those within.
    let wrapper = span(2, 1, "llm").with_text("gen_ai.operation.name", "chat");
    let within = [
        chat(2, 2, Vec::new(), "").under(1),
        chat(2, 3, Vec::new(), "ok").under(1),
    ];
    take(&store, [vec![wrapper], within.to_vec()].concat());
    assert_eq!((row(&store, 2).0, row(&store, 2).1), (2, Some(2_000)));
}

#[test]
fn the_totals_of_an_agent_count_where_no_call_is_known() {
    let store = open("agent-alone");
    let totals = |number, name| agent(1, number, name).with_count("gen_ai.usage.input_tokens", 50);
    take(
        &store,
        vec![totals(0, "outer"), totals(1, "inner").under(0)],
    );
    assert_eq!((row(&store, 1).0, row(&store, 1).1), (0, Some(50)));
    take(&store, vec![chat(1, 2, Vec::new(), "x").under(1)]);
    assert_eq!((row(&store, 1).0, row(&store, 1).1), (1, Some(1_000)));
}
