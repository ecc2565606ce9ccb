//! What a trace cost: the sum over its calls, or what its agents state where calls have no known price.

use genspan_store::{Filter, Page, Store};
use opentelemetry_proto::tonic::{
    common::v1::{AnyValue, any_value::Value},
    trace::v1::Span,
};

use crate::build::*;

/// A call whose price is known: 1,000 and 100 tokens of a small model are $0.00021.
fn priced(number: u64) -> Span {
    chat(1, number, vec![message("user", "Hello")], "Hi")
}

/// A call to a model that nobody has a price for.
fn unpriced(number: u64) -> Span {
    span(1, number, "chat in-house")
        .with_text("gen_ai.operation.name", "chat")
        .with_text("gen_ai.provider.name", "acme")
        .with_text("gen_ai.request.model", "in-house")
        .with_count("gen_ai.usage.input_tokens", 10)
}

fn stating(number: u64, cost: f64) -> Span {
    in_currency(number, cost, "USD")
}

fn in_currency(number: u64, cost: f64, currency: &str) -> Span {
    let value = Some(Value::DoubleValue(cost));
    agent(1, number, "coder")
        .with("genspan.cost.total", AnyValue { value })
        .with_text("genspan.cost.currency", currency)
}

/// Gives what list and conversation say: cost, whether agents state it, calls, calls that lack, input tokens.
fn told(name: &str, spans: Vec<Span>) -> String {
    let store = open(name);
    let spans = spans
        .into_iter()
        .map(|span| span.with_text("gen_ai.conversation.id", "c1"));
    take(&store, spans.collect());
    let row = row(&store);
    let conversations = store
        .conversations(&Filter::default(), Page::default())
        .unwrap();
    let conversation = serde_json::to_value(&conversations.conversations[0]).unwrap();
    for key in [
        "cost",
        "costStated",
        "calls",
        "unpricedCalls",
        "inputTokens",
    ] {
        assert_eq!(row[key], conversation[key], "{key} of {name}");
    }
    let cost = row["cost"]["amount"].as_str().unwrap_or("unpriced");
    let currency = row["cost"]["currency"].as_str().unwrap_or_default();
    let stated = if row["costStated"] == true {
        "stated, "
    } else {
        ""
    };
    format!(
        "{cost} {currency} {stated}{} of {} calls lacking, {} in",
        row["unpricedCalls"], row["calls"], row["inputTokens"]
    )
}

fn row(store: &Store) -> serde_json::Value {
    let list = store.traces(&Filter::default(), Page::default()).unwrap();
    serde_json::to_value(&list.traces[0]).unwrap()
}

#[test]
fn what_an_agent_states_stands_for_calls_without_a_price() {
    let within = |span: Span| span.under(0);
    for (name, spans, want) in [
        (
            "cost-priced",
            vec![stating(0, 0.5), within(priced(1)), within(priced(2))],
            "0.00042 USD 0 of 2 calls lacking, 2000 in",
        ),
        (
            "cost-unpriced",
            vec![stating(0, 0.5), within(unpriced(1)), within(unpriced(2))],
            "0.5 USD stated, 0 of 2 calls lacking, 20 in",
        ),
        (
            "cost-partly",
            vec![stating(0, 0.5), within(priced(1)), within(unpriced(2))],
            "0.5 USD stated, 0 of 2 calls lacking, 1010 in",
        ),
        // As much as the priced calls cannot hold what is missing: it is their sum.
        (
            "cost-own-sum",
            vec![stating(0, 0.00021), within(priced(1)), within(unpriced(2))],
            "0.00021 USD 1 of 2 calls lacking, 1010 in",
        ),
        (
            "cost-other-currency",
            vec![
                in_currency(0, 0.5, "EUR"),
                within(priced(1)),
                within(unpriced(2)),
            ],
            "0.00021 USD 1 of 2 calls lacking, 1010 in",
        ),
        (
            "cost-foreign-currency",
            vec![in_currency(0, 0.5, "EUR"), within(unpriced(1))],
            "0.5 EUR stated, 0 of 1 calls lacking, 10 in",
        ),
        (
            "cost-zero",
            vec![stating(0, 0.0), within(unpriced(1))],
            "unpriced  1 of 1 calls lacking, 10 in",
        ),
        (
            "cost-alone",
            vec![stating(0, 0.5)],
            "0.5 USD stated, 0 of 0 calls lacking, null in",
        ),
        (
            "cost-nobody",
            vec![agent(1, 0, "coder"), within(unpriced(1))],
            "unpriced  1 of 1 calls lacking, 10 in",
        ),
    ] {
        assert_eq!(told(name, spans), want, "{name}");
    }
}

#[test]
fn of_agents_within_agents_one_counts() {
    let sub = |number, cost| stating(number, cost).under(0);
    let inner = vec![unpriced(2).under(1), unpriced(4).under(3)];
    for (name, outer, want) in [
        (
            "cost-outermost",
            Some(0.5),
            "0.5 USD stated, 0 of 2 calls lacking, 20 in",
        ),
        (
            "cost-sub-agents",
            None,
            "0.3 USD stated, 0 of 2 calls lacking, 20 in",
        ),
    ] {
        let outer = outer.map_or_else(|| agent(1, 0, "coder"), |cost| stating(0, cost));
        let mut spans = vec![outer, sub(1, 0.1), sub(3, 0.2)];
        spans.extend(inner.clone());
        assert_eq!(told(name, spans), want, "{name}");
    }
    // One of two sub-agents says nothing, and so does who is around them.
    let spans = vec![
        agent(1, 0, "coder"),
        sub(1, 0.1),
        agent(1, 3, "coder").under(0),
        inner[0].clone(),
        inner[1].clone(),
        priced(5).under(0),
    ];
    assert_eq!(
        told("cost-some", spans),
        "0.10021 USD stated, 1 of 3 calls lacking, 1020 in"
    );
}

#[test]
fn what_comes_late_changes_whose_cost_counts() {
    let store = open("cost-late");
    take(&store, vec![unpriced(1).under(0)]);
    assert_eq!(row(&store)["cost"], serde_json::Value::Null);
    take(&store, vec![stating(0, 0.5)]);
    assert_eq!(row(&store)["cost"]["amount"], "0.5");
    let models = store.statistics(&Filter::default(), 0).unwrap().models;
    assert_eq!((models[0].unpriced_calls, &models[0].cost), (1, &None));
}

#[test]
fn a_conversation_whose_calls_stand_within_anothers_agent_has_what_they_cost() {
    let store = open("cost-conversations");
    let of = |span: Span, id: &str| span.with_text("gen_ai.conversation.id", id);
    take(
        &store,
        vec![
            of(stating(0, 0.5), "a"),
            of(priced(1).under(0), "b"),
            of(unpriced(2).under(0), "b"),
            of(unpriced(3).under(0), "a"),
        ],
    );
    let row = row(&store);
    assert_eq!(row["cost"]["amount"], "0.5");
    assert_eq!(
        (&row["unpricedCalls"], &row["calls"]),
        (&0.into(), &3.into())
    );
    let list = store
        .conversations(&Filter::default(), Page::default())
        .unwrap();
    let told = list.conversations.iter().map(|row| {
        let cost = row.cost.as_ref().unwrap();
        (
            row.conversation_id.as_str(),
            cost.amount.as_str(),
            row.cost_stated,
            (row.calls, row.unpriced_calls),
            row.tokens.input,
        )
    });
    assert_eq!(
        told.collect::<Vec<_>>(),
        [
            ("a", "0.5", true, (1, 0), Some(10)),
            ("b", "0.00021", false, (2, 1), Some(1_010)),
        ]
    );
}

#[test]
fn what_an_older_version_summed_up_otherwise_is_summed_up_anew() {
    let folder = folder("cost-older");
    let store = open_at(&folder);
    take(&store, vec![stating(0, 0.5), unpriced(1).under(0)]);
    let before = row(&store);
    let path = store.path().to_owned();
    store.close();
    let connection = rusqlite::Connection::open(&path).unwrap();
    let version: i64 = connection
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .unwrap();
    connection
        .execute_batch("UPDATE trace SET is_cost_stated = 0")
        .unwrap();
    connection
        .pragma_update(None, "user_version", version - 1)
        .unwrap();
    drop(connection);
    let store = open_at(&folder);
    store.settle().unwrap();
    assert_eq!(row(&store), before);
    assert_eq!(before["costStated"], true);
}
