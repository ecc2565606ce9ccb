//! Search by words.

use genspan_store::{Filter, Page, Store};

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
