//! Lists, traces and spans.

use genspan_store::{Filter, Page, StatusFilter};
use serde_json::json;

use crate::build::*;

fn travel() -> Vec<opentelemetry_proto::tonic::trace::v1::Span> {
    vec![
        agent(1, 0, "planner")
            .with_text("gen_ai.conversation.id", "c1")
            .with_count("gen_ai.usage.input_tokens", 3_000)
            .with_count("gen_ai.usage.output_tokens", 200),
        chat(
            1,
            1,
            vec![message("user", "Find me a train to Paris")],
            "Calling",
        )
        .under(0),
        tool(1, 2, "find_trains", "call_1").under(0).with(
            "gen_ai.tool.call.arguments",
            map(vec![("city", text("Paris"))]),
        ),
        chat(
            1,
            3,
            vec![
                message("user", "Find me a train to Paris"),
                message("assistant", "Calling"),
            ],
            "The 9:04",
        )
        .under(0),
    ]
}

#[test]
fn a_trace_is_summed_up_once_whatever_agents_say() {
    let store = open("summed-up");
    take(&store, travel());
    let list = store.traces(&Filter::default(), Page::default()).unwrap();
    let row = serde_json::to_value(&list.traces[0]).unwrap();
    insta::with_settings!({sort_maps => true}, {
        insta::assert_json_snapshot!(row);
    });
    assert_eq!(list.total, Some(1));
    assert_eq!(list.revision, store.revision());
}

#[test]
fn a_trace_shows_its_spans_in_order_without_content() {
    let store = open("in-order");
    let mut spans = travel();
    spans.reverse();
    take(&store, spans);
    let trace = store.trace(&trace_id(1)).unwrap().unwrap();
    let json = serde_json::to_value(&trace).unwrap();
    insta::with_settings!({sort_maps => true}, {
        insta::assert_json_snapshot!(json["spans"]);
    });
    assert!(!json["spans"].to_string().contains("9:04"));
    assert_eq!(store.trace(&trace_id(2)).unwrap(), None);
}

#[test]
fn a_span_shows_all_that_was_said() {
    let store = open("detail");
    take(&store, travel());
    let detail = store.span(&trace_id(1), &span_id(3)).unwrap().unwrap();
    insta::with_settings!({sort_maps => true}, {
        insta::assert_json_snapshot!(serde_json::to_value(&detail).unwrap());
    });
    let detail = store.span(&trace_id(1), &span_id(2)).unwrap().unwrap();
    let json = serde_json::to_value(&detail).unwrap();
    assert_eq!(json["arguments"], json!({"city": "Paris"}));
    assert_eq!(store.span(&trace_id(1), &span_id(9)).unwrap(), None);
}

#[test]
fn a_call_names_the_one_that_it_goes_on_from() {
    let store = open("previous");
    let history: Vec<_> = (0..6)
        .map(|n| {
            message(
                if n % 2 == 0 { "user" } else { "assistant" },
                &format!("turn {n}"),
            )
        })
        .collect();
    take(
        &store,
        vec![
            chat(1, 0, history[..1].to_vec(), "turn 1"),
            chat(1, 1, vec![message("user", "another")], "one"),
            chat(1, 2, history[..3].to_vec(), "turn 3"),
            chat(1, 3, history[..5].to_vec(), "turn 5"),
        ],
    );
    let previous = |number| {
        let detail = store.span(&trace_id(1), &span_id(number)).unwrap().unwrap();
        detail
            .previous
            .map(|previous| (previous.span_id, previous.shared_messages))
    };
    assert_eq!(previous(0), None);
    assert_eq!(previous(1), None);
    assert_eq!(previous(2), Some((span_id(0).to_string(), 2)));
    assert_eq!(previous(3), Some((span_id(2).to_string(), 4)));
}

/// Reads a filter such as `model=gpt-4o tokens=5`; moments are microseconds after [`NOW`].
fn filter(words: &str) -> Filter {
    let mut filter = Filter::default();
    for word in words.split_whitespace() {
        let (name, value) = word.split_once('=').unwrap();
        let text = Some(value.to_owned());
        let moment = || Some(i64::try_from(NOW / 1_000).unwrap() + value.parse::<i64>().unwrap());
        match name {
            "model" => filter.model = text,
            "provider" => filter.provider = text,
            "tool" => filter.tool = text,
            "agent" => filter.agent = text,
            "conversation" => filter.conversation = text,
            "service" => filter.service = text,
            "operation" => filter.operation = text,
            "source" => filter.source = text,
            "status" => filter.status = Some(value.parse::<StatusFilter>().unwrap()),
            "cost" => filter.min_cost = value.parse().ok(),
            "tokens" => filter.min_tokens = value.parse().ok(),
            "duration" => filter.min_duration_micros = value.parse().ok(),
            "since" => filter.since_micros = moment(),
            "until" => filter.until_micros = moment(),
            other => panic!("{other}"),
        }
    }
    filter
}

#[test]
fn filters_find_what_holds_and_nothing_else() {
    let store = open("filters");
    let mut spans = travel();
    spans.push(
        chat(2, 10, vec![message("user", "hello")], "hi").failed("rate_limited", "slow down"),
    );
    take(&store, spans);
    let found = |filter: Filter| -> String {
        let list = store.traces(&filter, Page::default()).unwrap();
        let traces = list.traces.into_iter();
        traces
            .map(|trace| trace.trace_id[31..].to_owned())
            .collect()
    };
    let cases = [
        ("", "21"),
        ("model=gpt-4o-mini", "21"),
        ("model=gpt-4o", ""),
        ("tool=find_trains", "1"),
        ("agent=planner provider=openai", "1"),
        ("conversation=c1 tool=none", ""),
        ("service=travel", "21"),
        ("source=genspan operation=invoke_agent", "1"),
        ("status=error", "2"),
        ("status=ok", "1"),
        ("tokens=1500", "1"),
        ("cost=0.0004", "1"),
        ("duration=2000", "1"),
        ("since=5000", "2"),
        ("until=5000", "1"),
    ];
    for (words, expected) in cases {
        assert_eq!(found(filter(words)), expected, "{words}");
    }
    let facets = store.facets().unwrap();
    assert_eq!(facets.models, ["gpt-4o-mini"]);
    assert_eq!(facets.operations, ["chat", "execute_tool", "invoke_agent"]);
    assert_eq!(
        (facets.agents, facets.services),
        (vec!["planner".to_owned()], vec!["travel".to_owned()])
    );
}

#[test]
fn pages_follow_each_other_without_gap_or_overlap() {
    let store = open("pages");
    // Many begin at the same moment.
    let spans = (0..25).map(|number| {
        let mut span = chat(number, number, vec![message("user", "hi")], "ho");
        span.start_time_unix_nano = NOW + number / 5;
        span.with_text("gen_ai.conversation.id", &format!("c{number}"))
    });
    take(&store, spans.collect());
    for filter in [
        Filter::default(),
        Filter {
            model: Some("gpt-4o-mini".to_owned()),
            ..Filter::default()
        },
    ] {
        let (mut seen, mut before) = (Vec::new(), None);
        for _ in 0..9 {
            let list = store.traces(&filter, Page { limit: 4, before }).unwrap();
            seen.extend(list.traces.iter().map(|trace| trace.trace_id.clone()));
            before = list.next.map(|next| next.parse().unwrap());
            if before.is_none() {
                break;
            }
        }
        let mut expected: Vec<String> =
            (0..25).map(|number| trace_id(number).to_string()).collect();
        expected.reverse();
        assert_eq!(seen, expected);
    }
    let (mut seen, mut before) = (Vec::new(), None);
    for _ in 0..9 {
        let list = store
            .spans(&Filter::default(), Page { limit: 4, before })
            .unwrap();
        seen.extend(list.spans.iter().map(|span| span.span.span_id.clone()));
        before = list.next.map(|next| next.parse().unwrap());
        if before.is_none() {
            break;
        }
    }
    assert_eq!(seen.len(), 25);
    let (mut seen, mut before) = (Vec::new(), None);
    for _ in 0..9 {
        let list = store
            .conversations(&Filter::default(), Page { limit: 4, before })
            .unwrap();
        seen.extend(
            list.conversations
                .iter()
                .map(|row| row.conversation_id.clone()),
        );
        before = list.next.map(|next| next.parse().unwrap());
        if before.is_none() {
            break;
        }
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 25);
}

#[test]
fn a_conversation_adds_its_traces_up() {
    let store = open("conversation");
    let mut spans = travel();
    spans.push(
        chat(2, 10, vec![message("user", "and back?")], "The 18:11")
            .with_text("gen_ai.conversation.id", "c1"),
    );
    take(&store, spans);
    let conversation = store.conversation("c1").unwrap().unwrap();
    let row = &conversation.conversation;
    assert_eq!((row.traces, row.calls, row.errors), (2, 3, 0));
    assert_eq!(
        (row.tokens.input, row.tokens.output),
        (Some(3_000), Some(300))
    );
    assert_eq!(row.last_user_message.as_deref(), Some("and back?"));
    assert_eq!(
        (&row.agents, &row.models),
        (&vec!["planner".to_owned()], &vec!["gpt-4o-mini".to_owned()])
    );
    assert_eq!(row.cost.as_ref().unwrap().amount, "0.00063");
    assert_eq!(conversation.traces.len(), 2);
    let inputs: Vec<_> = conversation
        .calls
        .iter()
        .map(|call| call.tokens.input)
        .collect();
    assert_eq!(inputs, [Some(1_000); 3]);
    assert_eq!(store.conversation("c2").unwrap(), None);
    let list = store
        .conversations(&Filter::default(), Page::default())
        .unwrap();
    assert_eq!(list.conversations, [conversation.conversation]);
}

#[test]
fn statistics_count_calls_and_tools_over_time() {
    let store = open("statistics");
    let mut spans = travel();
    spans.push(chat(2, 3_600_010, Vec::new(), "late").failed("timeout", ""));
    take(&store, spans);
    let statistics = store.statistics(&Filter::default(), 3_600_000_000).unwrap();
    insta::with_settings!({sort_maps => true}, {
        insta::assert_json_snapshot!(serde_json::to_value(&statistics).unwrap());
    });
}

#[test]
fn a_trace_whose_first_span_is_on_its_way_is_open() {
    let store = open("headless");
    take(
        &store,
        vec![
            chat(1, 1, Vec::new(), "a").under(0),
            chat(1, 2, Vec::new(), "b").under(0),
        ],
    );
    let trace = store.trace(&trace_id(1)).unwrap().unwrap();
    assert_eq!(trace.trace.status, "open");
    let inferred: Vec<_> = trace
        .spans
        .iter()
        .map(|span| (span.inferred, span.duration_micros))
        .collect();
    assert_eq!(inferred, [(true, 2_000), (false, 1_000), (false, 1_000)]);
    take(&store, vec![agent(1, 0, "late")]);
    let trace = store.trace(&trace_id(1)).unwrap().unwrap();
    assert_eq!(
        (
            trace.trace.status,
            trace.trace.name.as_str(),
            trace.spans.len()
        ),
        ("ok", "invoke_agent late", 3)
    );
}

#[test]
fn a_stream_shows_the_times_between_its_chunks() {
    let store = open("chunks");
    let gaps = |many: i64| {
        let gaps = (1..=many).map(|gap| opentelemetry_proto::tonic::common::v1::AnyValue {
            value: Some(
                opentelemetry_proto::tonic::common::v1::any_value::Value::IntValue(gap * 1_000),
            ),
        });
        list(gaps.collect())
    };
    let streamed = |number, chunks, many| {
        chat(1, number, vec![message("user", "Hi")], "Hello")
            .with_count("genspan.stream.chunks", chunks)
            .with("genspan.stream.chunk_gaps", gaps(many))
    };
    take(
        &store,
        vec![
            streamed(0, 4, 3),
            streamed(1, 301, 100),
            chat(1, 2, vec![message("user", "Hi")], "Hello"),
        ],
    );
    let chunks = |number| {
        let detail = store.span(&trace_id(1), &span_id(number)).unwrap().unwrap();
        serde_json::to_value(detail.chunks).unwrap()
    };
    assert_eq!(
        chunks(0),
        json!({"count": 4, "gapsMicros": [1_000, 2_000, 3_000], "gapRun": 1})
    );
    assert_eq!(
        (&chunks(1)["gapRun"], &chunks(1)["gapsMicros"][99]),
        (&json!(3), &json!(100_000))
    );
    assert_eq!(chunks(2), json!(null));
}
