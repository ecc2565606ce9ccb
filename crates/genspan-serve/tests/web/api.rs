//! The API's routes: each asks the store one question.

use genspan_serve::{Reading, TroubleKind};

use crate::call::{get, send};
use crate::keeper::{Keeper, Mood};
use crate::running::Running;

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

#[tokio::test]
async fn each_path_asks_its_question() {
    let keeper = Keeper::new();
    let running = Running::new(keeper.clone()).await;
    let mut told = String::new();
    for path in [
        "/api/traces?text=weather%20in&model=gpt-4o&minDurationMs=1500&limit=7&before=12.3",
        &format!("/api/traces/{TRACE}"),
        &format!("/api/traces/{TRACE}/spans/b7ad6b7169203331"),
        "/api/conversations?status=error",
        "/api/conversations/a%2Fb",
        "/api/statistics?bucketMs=60000&provider=openai",
        "/api/facets",
    ] {
        let answer = get(running.at.ui, path).await;
        assert_eq!(
            (answer.status, answer.text().as_str()),
            (200, r#"{"answer":1}"#),
            "{path}"
        );
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        for reading in keeper.asked() {
            told.push_str(&format!("{path}\n  {}\n", short(&reading)));
        }
    }
    insta::assert_snapshot!(told, @r#"
/api/traces?text=weather%20in&model=gpt-4o&minDurationMs=1500&limit=7&before=12.3
  Traces(text: Some("weather in"), model: Some("gpt-4o"), min_duration_micros: Some(1500000), Page { limit: 7, before: Some(Cursor { at: 12, row: 3 }) })
/api/traces/0af7651916cd43dd8448eb211c80319c
  Trace { trace: 0af7651916cd43dd8448eb211c80319c }
/api/traces/0af7651916cd43dd8448eb211c80319c/spans/b7ad6b7169203331
  Span { trace: 0af7651916cd43dd8448eb211c80319c, span: b7ad6b7169203331 }
/api/conversations?status=error
  Conversations(status: Some(Error), Page { limit: 50, before: None })
/api/conversations/a%2Fb
  Conversation { id: "a/b" }
/api/statistics?bucketMs=60000&provider=openai
  Statistics { filter: provider: Some("openai"), bucket_micros: 60000000 }
/api/facets
  Facets
"#);
    let export = get(running.at.ui, &format!("/api/traces/{TRACE}/export")).await;
    let name = format!("attachment; filename=\"trace-{TRACE}.jsonl\"");
    assert_eq!(export.header("content-disposition"), Some(name.as_str()));
    running.stop().await;
}

/// A question without what it leaves open.
fn short(reading: &Reading) -> String {
    let told = format!("{reading:?}");
    let (start, rest) = told.split_once("Filter { ").unwrap_or((&told, ""));
    let (filter, end) = rest.split_once(" }").unwrap_or(("", rest));
    let stated: Vec<&str> = filter
        .split(", ")
        .filter(|it| !it.ends_with(": None"))
        .collect();
    format!("{start}{}{end}", stated.join(", "))
}

#[tokio::test]
async fn errors_are_told_in_words() {
    let keeper = Keeper::new();
    let running = Running::new(keeper.clone()).await;
    let missing = "f".repeat(32);
    let mut told = String::new();
    for (line, mood) in [
        (format!("GET /api/traces/{missing}"), Mood::Well),
        (format!("DELETE /api/traces/{missing}"), Mood::Well),
        ("GET /api/traces/12".to_owned(), Mood::Well),
        ("GET /api/traces?minTokens=many".to_owned(), Mood::Well),
        ("GET /api/spans".to_owned(), Mood::Well),
        ("DELETE /api/conversations/1".to_owned(), Mood::Well),
        ("GET /missing.css".to_owned(), Mood::Well),
        (
            "GET /api/facets".to_owned(),
            Mood::Trouble(TroubleKind::Busy, "the store is busy"),
        ),
        (
            "GET /api/facets".to_owned(),
            Mood::Trouble(TroubleKind::Broken, "the store is damaged"),
        ),
        ("GET /api/facets".to_owned(), Mood::Panics),
    ] {
        keeper.set(mood);
        let answer = send(running.at.ui, &line, &[("x-genspan", "1")], b"").await;
        let error: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
        let message = error["error"]["message"].as_str().unwrap();
        told.push_str(&format!("{line} → {}\n  {message}\n", answer.status));
    }
    insta::assert_snapshot!(told, @r#"
GET /api/traces/ffffffffffffffffffffffffffffffff → 404
  there is no trace ffffffffffffffffffffffffffffffff in the store: it may have been forgotten, or is older than what is kept
DELETE /api/traces/ffffffffffffffffffffffffffffffff → 404
  there is no trace ffffffffffffffffffffffffffffffff in the store: it may have been forgotten, or is older than what is kept
GET /api/traces/12 → 400
  "12" is no id: expected 32 hexadecimal digits
GET /api/traces?minTokens=many → 400
  the parameter `minTokens` is "many": expected a number of tokens, such as 1000
GET /api/spans → 404
  the API has no such path; it has /api/traces, /api/traces/ID, /api/traces/ID/spans/ID, /api/traces/ID/export, /api/conversations, /api/conversations/ID, /api/statistics, /api/facets, /api/logs, /api/logs/facets, /api/logs/NUMBER, /api/metrics and /api/live
DELETE /api/conversations/1 → 405
  only traces can be forgotten: DELETE /api/traces/ID
GET /missing.css → 404
  there is no file "missing.css"; the list of traces is at /, the API at /api/traces
GET /api/facets → 503
  the store is busy
GET /api/facets → 500
  the store is damaged
GET /api/facets → 500
  the request brought genspan to a state that it was not made for: please report it
"#);
    running.stop().await;
}
