use std::time::Duration;

use super::*;
use crate::spans::{Spent, Tokens, into_traces};

const SECOND: u64 = 1_000_000_000;
const MILLI: u64 = 1_000_000;
const BEGAN: u64 = 1_767_234_150 * SECOND;

fn span(id: &str, parent: &str, name: &str, from: u64, to: u64) -> SpanFacts {
    SpanFacts {
        trace_id: "0af7651916cd43dd8448eb211c80319c".to_owned(),
        span_id: id.to_owned(),
        parent_id: parent.to_owned(),
        name: name.to_owned(),
        start: BEGAN + from * MILLI,
        end: BEGAN + to * MILLI,
        ..SpanFacts::default()
    }
}

fn agent() -> Vec<SpanFacts> {
    let tokens = Tokens {
        input: Some(1_204),
        cached: Some(900),
        output: Some(53),
    };
    let chat = SpanFacts {
        tokens,
        first_chunk: Some(Duration::from_millis(210)),
        finish_reasons: vec!["tool_calls".to_owned()],
        ..span("2", "1", "chat gpt-4o-mini", 1, 821)
    };
    let tool = SpanFacts {
        error: Some("tool_error".to_owned()),
        ..span("4", "1", "execute_tool get_time", 824, 830)
    };
    let nested = span(
        "5",
        "3",
        "chat a-model-whose-name-is-longer-than-any-line-could-hold",
        823,
        900,
    );
    vec![
        span("1", "", "invoke_agent weather", 0, 2_100),
        chat,
        span("3", "1", "execute_tool get_weather", 822, 1_200),
        nested,
        tool,
        span("6", "1", "chat gpt-4o-mini", 1_300, 2_000),
    ]
}

fn draw(spans: Vec<SpanFacts>, style: Style) -> String {
    let drawn = render(&into_traces(spans), &style);
    for line in drawn.lines() {
        assert!(text::columns(line) <= style.width || style.colour, "{line}");
    }
    drawn
}

const UNICODE: Style = Style {
    unicode: true,
    ..Style::PLAIN
};

#[test]
fn an_agent_is_drawn_with_its_chats_and_tools() {
    insta::assert_snapshot!(draw(agent(), UNICODE), @"
                                        at  time first   in cached out  end
    trace 0af7651916cd43dd8448eb211c80319c  2026-01-01 02:22:30 UTC
    invoke_agent weather                   2.10s
    ├─ chat gpt-4o-mini                    820ms 210ms 1204    900  53  tool_calls
    ├─ execute_tool get_weather     +822ms 378ms
    │  └─ chat a-model-whose-name-…         77ms
    ├─ execute_tool get_time        +824ms 6.0ms                        ✗ tool_error
    └─ chat gpt-4o-mini                    700ms
    ");
}

#[test]
fn ascii_is_enough() {
    let drawn = draw(agent(), Style::PLAIN);
    assert!(drawn.is_ascii());
    insta::assert_snapshot!(drawn, @"
                                        at  time first   in cached out  end
    trace 0af7651916cd43dd8448eb211c80319c  2026-01-01 02:22:30 UTC
    invoke_agent weather                   2.10s
    |- chat gpt-4o-mini                    820ms 210ms 1204    900  53  tool_calls
    |- execute_tool get_weather     +822ms 378ms
    |  `- chat a-model-whose-name..         77ms
    |- execute_tool get_time        +824ms 6.0ms                        ! tool_error
    `- chat gpt-4o-mini                    700ms
    ");
}

#[test]
fn colours_change_no_column() {
    let coloured = draw(
        agent(),
        Style {
            colour: true,
            ..UNICODE
        },
    );
    let plain = ["\u{1b}[31m", "\u{1b}[2m", "\u{1b}[0m"]
        .iter()
        .fold(coloured.clone(), |text, code| text.replace(code, ""));
    assert_ne!(coloured, plain);
    assert_eq!(plain, draw(agent(), UNICODE));
}

#[test]
fn columns_that_say_nothing_are_left_out() {
    let spans = vec![span("1", "", "chat gpt-4o-mini", 0, 100)];
    insta::assert_snapshot!(draw(spans, UNICODE), @"
                      time
    trace 0af7651916cd43dd8448eb211c80319c  2026-01-01 02:22:30 UTC
    chat gpt-4o-mini 100ms
    ");
}

#[test]
fn partial_traces_are_shown_with_their_orphans() {
    let spans = vec![
        span("2", "gone", "execute_tool a", 0, 100),
        span("3", "2", "chat b", 10, 20),
    ];
    insta::assert_snapshot!(draw(spans, UNICODE), @"
                      time
    trace 0af7651916cd43dd8448eb211c80319c  2026-01-01 02:22:30 UTC
    … execute_tool a 100ms
    └─ chat b         10ms
    ");
}

#[test]
fn spans_that_name_each_other_as_parents_are_shown_once() {
    let spans = vec![
        span("1", "2", "a", 0, 100),
        span("2", "1", "b", 10, 20),
        span("3", "3", "c", 30, 40),
    ];
    let drawn = draw(spans, UNICODE);
    assert_eq!(drawn.lines().count(), 5, "{drawn}");
}

#[test]
fn deep_traces_stay_within_the_width() {
    let deep = (1..200)
        .map(|at| {
            span(
                &at.to_string(),
                &(at - 1).to_string(),
                "chat m",
                at,
                1_000 - at,
            )
        })
        .collect();
    assert!(draw(deep, UNICODE).contains("chat m"));
}

#[test]
fn nothing_is_drawn_of_nothing() {
    assert_eq!(render(&[], &UNICODE), "");
}

#[test]
fn what_spans_cost_stands_beside_their_tokens() {
    let spent = |amount: &str| {
        Some(Spent {
            amount: amount.parse().unwrap(),
            currency: "USD".to_owned(),
        })
    };
    let spans = vec![
        SpanFacts {
            cost: spent("0.0012"),
            unpriced_calls: 1,
            ..span("1", "", "invoke_agent weather", 0, 2_100)
        },
        SpanFacts {
            cost: spent("0.0012"),
            finish_reasons: vec!["stop".to_owned()],
            ..span("2", "1", "chat gpt-4o-mini", 1, 821)
        },
        span("3", "1", "chat unheard-of", 822, 900),
    ];
    insta::assert_snapshot!(draw(spans, UNICODE), @"
                          time     cost  end
    trace 0af7651916cd43dd8448eb211c80319c  2026-01-01 02:22:30 UTC
    invoke_agent weather 2.10s $0.0012+
    ├─ chat gpt-4o-mini  820ms  $0.0012  stop
    └─ chat unheard-of    78ms
    ");
}

#[test]
fn costs_give_way_to_names() {
    let cost = Some(Spent {
        amount: "0.0012".parse().unwrap(),
        currency: "USD".to_owned(),
    });
    let name = "chat a-model-with-a-long-name-of-its-own-that-fills-most-of-a-line";
    let spans = vec![SpanFacts {
        cost,
        ..span("1", "", name, 0, 100)
    }];
    let narrow = Style {
        width: 79,
        ..UNICODE
    };
    insta::assert_snapshot!(draw(spans.clone(), narrow), @"
                                                                        time
    trace 0af7651916cd43dd8448eb211c80319c  2026-01-01 02:22:30 UTC
    chat a-model-with-a-long-name-of-its-own-that-fills-most-of-a-line 100ms
    ");
    assert!(draw(spans, UNICODE).contains("$0.0012"));
}
