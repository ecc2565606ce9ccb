//! Search by words.

use genspan_store::{Filter, Page, Store};
use opentelemetry_proto::tonic::trace::v1::Span;
use sha2::Digest as _;

use crate::build::*;

fn found(store: &Store, words: &str) -> Vec<(String, String)> {
    let filter = Filter {
        text: Some(words.to_owned()),
        ..Filter::default()
    };
    let list = store.traces(&filter, Page::default()).unwrap();
    let shown = list.traces.into_iter().map(|trace| {
        (
            trace.trace_id[31..].to_owned(),
            trace.found.unwrap().snippet,
        )
    });
    shown.collect()
}

fn traces(store: &Store, words: &str) -> String {
    found(store, words)
        .into_iter()
        .map(|(trace, _)| trace)
        .collect()
}

fn filled(name: &str) -> Store {
    let store = open(name);
    take(
        &store,
        vec![
            chat(
                1,
                1,
                vec![message("user", "Où est la gare de Montréal? 🚂")],
                "Near the river.",
            ),
            tool(2, 2, "search", "call_1")
                .with(
                    "gen_ai.tool.call.arguments",
                    text(r#"{"query":"night trains","id":"order-4711"}"#),
                )
                .with(
                    "gen_ai.tool.call.result",
                    text("{\"rows\":[{\"city\":\"Zürich\"}]}"),
                ),
            chat(
                3,
                3,
                vec![
                    message("user", "今天天气很好"),
                    message("user", "مرحبا بالعالم"),
                ],
                "ok",
            ),
            chat(4, 4, vec![message("user", "river")], "boat")
                .failed("timeout", "upstream gave up"),
        ],
    );
    store
}

#[test]
fn words_of_prompts_answers_tools_and_errors_are_found() {
    let store = filled("words");
    for (words, expected) in [
        ("river", "41"),
        ("RIVER ", "41"),
        ("near riv", "1"),
        ("montreal", "1"),
        ("Montréal", "1"),
        ("🚂", "1"),
        ("\"night trains\"", "2"),
        ("\"trains night\"", ""),
        ("order-4711", "2"),
        ("zurich", "2"),
        ("天气", "3"),
        ("气天", ""),
        ("بالعالم", "3"),
        ("gave up", "4"),
        ("rive ", ""),
        ("assistant", ""),
        ("text", ""),
    ] {
        assert_eq!(traces(&store, words), expected, "{words}");
    }
    assert_eq!(found(&store, "near")[0].1, "Near the river.");
    assert_eq!(found(&store, "gare")[0].1, "Où est la gare de Montréal? 🚂");
}

#[test]
fn whatever_is_typed_is_no_error() {
    let store = filled("odd");
    for words in [
        "\"",
        "*",
        "a*",
        "NEAR(",
        "AND",
        "river OR",
        "^x",
        "col:x",
        "{a}",
        "(",
        ")",
        "--",
        ";",
        "'",
        "\0",
        "a\"b\"c\"",
        "river\u{0}x",
        "-river",
        "+",
        "\\",
        "%",
        "",
        " ",
    ] {
        let list = traces(&store, words);
        assert!(list.len() <= 4, "{words}");
    }
    assert_eq!(traces(&store, "-river"), "41");
    assert_eq!(traces(&store, "*"), "");
}

#[test]
fn words_and_filters_go_together_and_spans_are_found_too() {
    let store = filled("together");
    let filter = Filter {
        text: Some("river".to_owned()),
        status: Some(genspan_store::StatusFilter::Error),
        ..Filter::default()
    };
    let list = store.spans(&filter, Page::default()).unwrap();
    let ids: Vec<_> = list
        .spans
        .iter()
        .map(|span| {
            (
                span.span.span_id.clone(),
                span.found.as_ref().unwrap().snippet.clone(),
            )
        })
        .collect();
    assert_eq!(ids, [(span_id(4).to_string(), "river".to_owned())]);
    assert_eq!(store.statistics(&filter, 0).unwrap().models[0].calls, 1);
}

#[test]
fn a_message_told_again_and_again_is_indexed_once() {
    let store = open("history");
    let history: Vec<_> = (0..40)
        .map(|n| message("user", &format!("unheardof{n} word")))
        .collect();
    take(
        &store,
        (0..40)
            .map(|n| chat(n, n, history[..=n as usize].to_vec(), "ok"))
            .collect(),
    );
    assert_eq!(found(&store, "unheardof0 ").len(), 40);
    assert_eq!(found(&store, "unheardof39 ").len(), 1);
    let connection = rusqlite::Connection::open(store.path()).unwrap();
    let docs: i64 = connection
        .query_row("SELECT count(*) FROM doc", [], |row| row.get(0))
        .unwrap();
    assert_eq!(docs, 41);
}

/// Traces of so many calls, all of one program with one system prompt.
fn prompted(traces: std::ops::Range<u64>, calls: u64, system: &str) -> Vec<Span> {
    let part = map(vec![("type", text("text")), ("content", text(system))]);
    let prompt = list(vec![part]);
    traces
        .flat_map(|trace| (0..calls).map(move |call| (trace, call)))
        .map(|(trace, call)| {
            span(trace, trace * calls + call, "chat")
                .with_text("gen_ai.operation.name", "chat")
                .with("gen_ai.system_instructions", prompt.clone())
        })
        .collect()
}

/// Gives the numbers of the traces on all pages, in order.
fn paged(store: &Store, words: &str) -> Vec<u64> {
    let filter = Filter {
        text: Some(words.to_owned()),
        ..Filter::default()
    };
    let (mut all, mut before) = (Vec::new(), None);
    loop {
        let page = store.traces(&filter, Page { limit: 50, before }).unwrap();
        for trace in &page.traces {
            assert!(!trace.found.as_ref().unwrap().snippet.is_empty());
            all.push(u64::from_str_radix(&trace.trace_id[16..], 16).unwrap());
        }
        before = page.next.map(|next| next.parse().unwrap());
        if before.is_none() {
            return all;
        }
    }
}

#[test]
fn the_newest_traces_that_say_what_all_say_are_found_first() {
    let store = open("search-prompt");
    for part in 0..3 {
        take(
            &store,
            prompted(part * 100..part * 100 + 100, 10, "Travel well"),
        );
    }
    let newest_first: Vec<u64> = (0..300).rev().collect();
    assert_eq!(paged(&store, "travel "), newest_first);
    let filter = Filter {
        text: Some("travel ".to_owned()),
        ..Filter::default()
    };
    let page = store.spans(&filter, Page::default()).unwrap();
    let starts: Vec<i64> = page
        .spans
        .iter()
        .map(|found| found.span.start_micros)
        .collect();
    let newest = i64::try_from(NOW / 1_000).unwrap() + 2_999_000;
    assert_eq!(
        starts,
        (0..50).map(|at| newest - at * 1_000).collect::<Vec<_>>()
    );
}

#[test]
fn what_is_imported_late_hides_nothing_newer() {
    let store = open("search-import");
    // What was said today: in a prompt of all, and in a message of its own.
    take(&store, prompted(5_000..5_004, 2, "Paris is well"));
    take(
        &store,
        (5_004..5_008)
            .map(|trace| {
                chat(
                    trace,
                    trace * 2,
                    vec![message("user", &format!("Paris {trace}"))],
                    "ok",
                )
            })
            .collect(),
    );
    take(
        &store,
        vec![chat(5_100, 10_200, vec![message("user", "Rome")], "ok")],
    );
    for part in 0..4 {
        let old = (part * 300..part * 300 + 300).map(|trace| {
            chat(
                trace,
                trace,
                vec![message("user", &format!("Paris {trace}"))],
                "ok",
            )
        });
        take(&store, old.collect());
    }
    // Late ones tell the oldest prompt again.
    take(&store, prompted(5_008..5_010, 1, "Paris is well"));
    let found = paged(&store, "paris ");
    let mut want: Vec<u64> = (5_000..5_010).chain(0..1_200).collect();
    // The late ones began when the others of today were not there yet.
    want.sort_by_key(|trace| {
        let is_of_two = (5_000..5_008).contains(trace);
        std::cmp::Reverse(if is_of_two { trace * 2 } else { *trace })
    });
    assert_eq!(found, want);
    let filter = Filter {
        text: Some("paris ".to_owned()),
        ..Filter::default()
    };
    let spans = store.spans(&filter, Page::default()).unwrap().spans;
    let of_today = spans
        .iter()
        .filter(|found| found.trace_id[16..] >= *"0000000000001388");
    assert_eq!(of_today.count(), 14);
}

/// Names texts as version 1 did, and takes out what later versions added.
const FORMER: &str = "
    ALTER TABLE chore DROP COLUMN number;
    ALTER TABLE chore DROP COLUMN due;
    DROP INDEX log_at;
    ALTER TABLE trace DROP COLUMN is_cost_stated;
    DROP TABLE shelf;
    DROP TABLE setting;
    PRAGMA user_version = 1;
";

#[test]
fn a_store_of_version_1_shows_what_it_finds() {
    let folder = folder("search-version-1");
    let store = open_at(&folder);
    let texts = ["Where is the river?", "Behind the house."];
    take(
        &store,
        vec![chat(1, 1, vec![message("user", texts[0])], texts[1])],
    );
    let path = store.path().to_owned();
    store.close();
    let connection = rusqlite::Connection::open(&path).unwrap();
    for (text, id) in texts.iter().zip(1..) {
        let name = &sha2::Sha256::digest(text.as_bytes())[..16];
        let renamed = connection.execute("UPDATE doc SET hash = ?1 WHERE id = ?2", (name, id));
        assert_eq!(renamed, Ok(1));
    }
    connection.execute_batch(FORMER).unwrap();
    drop(connection);
    let store = open_at(&folder);
    assert_eq!(
        found(&store, "river"),
        [("1".to_owned(), texts[0].to_owned())]
    );
    assert_eq!(
        found(&store, "house"),
        [("1".to_owned(), texts[1].to_owned())]
    );
}
