//! What is forgotten is in no byte.

use std::{fs, time::Duration};

use genspan_store::{Filter, Forget, Forgotten, Limit, Page, Retention, Store};

use crate::build::*;

const CANARY: &str = "xyzzycanaryplugh";

fn secretive(trace: u64) -> Vec<opentelemetry_proto::tonic::trace::v1::Span> {
    let shared = message("system", &"shared prompt sharedword ".repeat(60));
    // Long and short, compressible or not, in every place where something is kept.
    vec![
        chat(
            trace,
            10 * trace,
            vec![shared.clone(), message("user", CANARY)],
            &format!("{CANARY} said"),
        )
        .with_text("gen_ai.conversation.id", CANARY)
        .with_text("gen_ai.response.id", CANARY),
        tool(trace, 10 * trace + 1, &format!("{CANARY}_tool"), CANARY).with_text(
            "gen_ai.tool.call.result",
            &format!("{CANARY} {}", "result ".repeat(500)),
        ),
        agent(trace, 10 * trace + 2, CANARY).failed("error", CANARY),
    ]
}

/// Looks for the canary, also in what is compressed: the file is searched as it is, then by its own rows.
fn is_clean(folder: &std::path::Path, store: Store) {
    assert_eq!(
        store
            .traces(
                &Filter {
                    text: Some(CANARY.to_owned()),
                    ..Filter::default()
                },
                Page::default()
            )
            .unwrap()
            .traces,
        []
    );
    let bytes = bytes(folder);
    assert!(!holds(&bytes, CANARY) && !holds(&bytes, "zzycanaryplu"));
    store.close();
    let connection = rusqlite::Connection::open(folder.join("spans.db")).unwrap();
    let rows: i64 = connection.query_row("SELECT (SELECT count(*) FROM content WHERE id NOT IN (SELECT content FROM piece)) + (SELECT count(*) FROM body WHERE span NOT IN (SELECT id FROM span)) + (SELECT count(*) FROM said WHERE trace NOT IN (SELECT id FROM trace)) + (SELECT count(*) FROM doc WHERE id NOT IN (SELECT doc FROM said)) + (SELECT count(*) FROM facet WHERE trace NOT IN (SELECT id FROM trace))", [], |row| row.get(0)).unwrap();
    assert_eq!(rows, 0);
}

fn sharing(trace: u64) -> opentelemetry_proto::tonic::trace::v1::Span {
    let shared = message("system", &"shared prompt sharedword ".repeat(60));
    chat(
        trace,
        10 * trace,
        vec![shared, message("user", "harmless")],
        "fine",
    )
}

#[test]
fn a_trace_is_forgotten_and_what_others_share_stays() {
    let folder = folder("forget-trace");
    let store = open_at(&folder);
    take(&store, secretive(1));
    take(&store, vec![sharing(2)]);
    assert!(holds(&bytes(&folder), CANARY));
    // Pages are split and merged meanwhile.
    for trace in 3..60 {
        take(&store, vec![sharing(trace)]);
    }
    let record = opentelemetry_proto::tonic::logs::v1::LogRecord {
        trace_id: trace_id(1).0.to_vec(),
        body: Some(text(CANARY)),
        ..Default::default()
    };
    store.ingest_logs(&log_request(vec![record])).unwrap();
    let before = store.revision();
    let gone = store.forget(&Forget::Trace(trace_id(1))).unwrap();
    assert_eq!(
        gone,
        Forgotten {
            traces: 1,
            spans: 3,
            log_records: 1
        }
    );
    assert!(store.revision() > before);
    assert_eq!(store.trace(&trace_id(1)).unwrap(), None);
    let filter = Filter {
        text: Some("sharedword".to_owned()),
        ..Filter::default()
    };
    assert_eq!(
        store
            .traces(
                &filter,
                Page {
                    limit: 100,
                    before: None
                }
            )
            .unwrap()
            .traces
            .len(),
        58
    );
    assert_eq!(
        store.export(&trace_id(2)).unwrap().unwrap().traces,
        request(vec![sharing(2)])
    );
    is_clean(&folder, store);
}

#[test]
fn what_is_not_indexed_yet_is_forgotten_too() {
    let folder = folder("forget-at-once");
    let store = open_at(&folder);
    for round in 0..20 {
        store.ingest_traces(&request(secretive(1))).unwrap();
        store.forget(&Forget::Trace(trace_id(1))).unwrap();
        store.settle().unwrap();
        assert!(!holds(&bytes(&folder), CANARY), "round {round}");
    }
    is_clean(&folder, store);
}

#[test]
fn all_before_a_moment_is_forgotten() {
    let folder = folder("forget-before");
    let store = open_at(&folder);
    take(&store, secretive(1));
    take(&store, vec![sharing(2)]);
    let moment = i64::try_from(NOW / 1_000 + 15_000).unwrap();
    let gone = store.forget(&Forget::Before(moment)).unwrap();
    assert_eq!((gone.traces, gone.spans), (1, 3));
    assert!(store.trace(&trace_id(2)).unwrap().is_some());
    is_clean(&folder, store);
}

#[test]
fn everything_is_forgotten() {
    let folder = folder("forget-all");
    let store = open_at(&folder);
    take(&store, secretive(1));
    let record = opentelemetry_proto::tonic::logs::v1::LogRecord {
        body: Some(text(CANARY)),
        ..Default::default()
    };
    store.ingest_logs(&log_request(vec![record])).unwrap();
    store.forget(&Forget::All).unwrap();
    take(&store, vec![sharing(2)]);
    assert_eq!(store.forget(&Forget::All).unwrap().traces, 1);
    let size = fs::metadata(folder.join("spans.db")).unwrap().len();
    assert!(size < 400_000, "{size}");
    is_clean(&folder, store);
}

#[test]
fn age_and_size_bound_what_is_kept() {
    let folder = folder("retention");
    let options = genspan_store::Options {
        retention: Retention {
            age: Some(Limit::At(Duration::from_secs(60))),
            bytes: Some(Limit::At(1_500_000)),
        },
        ..options()
    };
    let store = Store::open(&folder.join("spans.db"), options).unwrap();
    take(&store, secretive(1));
    let now = i64::try_from(NOW / 1_000).unwrap();
    assert_eq!(
        store.retain(now + 59_000_000).unwrap(),
        Forgotten::default()
    );
    assert_eq!(store.retain(now + 61_000_000).unwrap().traces, 1);
    let call = |trace| {
        chat(
            trace,
            trace,
            vec![message("user", &noise(trace, 20_000))],
            "x",
        )
    };
    for trace in 0..4 {
        take(&store, (50 * trace..50 * trace + 50).map(call).collect());
    }
    let gone = store.retain(now).unwrap();
    assert!(gone.traces > 0 && gone.traces < 200, "{gone:?}");
    assert!(store.trace(&trace_id(199)).unwrap().is_some());
    assert_eq!(store.retain(now).unwrap(), Forgotten::default());
}

#[test]
fn what_was_chosen_last_holds_for_who_chooses_nothing() {
    let folder = folder("retention-chosen");
    let choosing = |age, bytes| {
        let retention = Retention { age, bytes };
        Store::open(
            &folder.join("spans.db"),
            genspan_store::Options {
                retention,
                ..options()
            },
        )
        .unwrap()
    };
    let now = i64::try_from(NOW / 1_000).unwrap();
    let (minute, day) = (60_000_000, 24 * 60 * 60 * 1_000_000);
    let goes = |store: &Store, after: i64| {
        take(store, secretive(1));
        store.retain(now + after).unwrap().traces == 1
    };
    // Nobody chose yet: 14 days.
    let store = choosing(None, None);
    assert!(!goes(&store, 13 * day) && goes(&store, 15 * day));
    drop(store);
    let store = choosing(Some(Limit::At(Duration::from_secs(60))), None);
    assert!(!goes(&store, minute - 1) && goes(&store, minute + 1));
    drop(store);
    // Of two who have it open, the one that chooses nothing does as the other chose.
    let store = choosing(None, None);
    assert!(goes(&store, minute + 1));
    let other = choosing(Some(Limit::Off), Some(Limit::At(1_000_000_000)));
    assert!(!goes(&other, 100 * day) && !goes(&store, 100 * day));
}
