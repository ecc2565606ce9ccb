//! What is forgotten is in no byte.

use std::{fs, time::Duration};

use genspan_store::{Filter, Forget, Forgotten, Limit, LogFilter, Page, Retention, Store};
use opentelemetry_proto::tonic::logs::v1::LogRecord;

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
    let record = LogRecord {
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
            log_records: 1,
            metrics: 0
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

/// Counts from now on how often the file is wiped: the last thing a wipe does is to say that nothing is due.
fn count_wipes(folder: &std::path::Path) -> impl Fn() -> i64 {
    let connection = rusqlite::Connection::open(folder.join("spans.db")).unwrap();
    connection
        .execute_batch(
            "CREATE TABLE wiped (at INTEGER PRIMARY KEY);
             CREATE TRIGGER wiping AFTER UPDATE ON chore WHEN old.due IS NOT NULL AND new.due IS NULL
             BEGIN INSERT INTO wiped VALUES (NULL); END;",
        )
        .unwrap();
    move || {
        let count = connection.query_row("SELECT count(*) FROM wiped", [], |row| row.get(0));
        count.unwrap()
    }
}

#[test]
fn several_are_forgotten_in_one_go() {
    let folder = folder("forget-several");
    let store = open_at(&folder);
    for trace in 1..8 {
        take(&store, vec![sharing(trace)]);
    }
    take(&store, secretive(8));
    take(&store, secretive(9));
    let wipes = count_wipes(&folder);
    let what = [8, 100, 9, 1].map(|trace| Forget::Trace(trace_id(trace)));
    let gone = store.forget_each(&what).unwrap();
    let counts: Vec<_> = gone.iter().map(|one| (one.traces, one.spans)).collect();
    assert_eq!(counts, [(1, 3), (0, 0), (1, 3), (1, 1)]);
    assert_eq!(wipes(), 1, "the file is gone through once for all");
    assert!(!holds(&bytes(&folder), CANARY));
    for trace in [2, 3] {
        store.forget(&Forget::Trace(trace_id(trace))).unwrap();
    }
    assert_eq!(wipes(), 3, "and once for each that comes by itself");
    let mixed = [Forget::Trace(trace_id(4)), Forget::Before(i64::MAX)];
    let gone = store.forget_each(&mixed).unwrap();
    assert_eq!((gone[0].traces, gone[1].traces), (1, 3));
    assert_eq!(wipes(), 4);
    assert_eq!(store.forget_each(&[]).unwrap(), []);
    let unknown = [1, 2].map(|trace| Forget::Trace(trace_id(trace)));
    assert_eq!(
        store.forget_each(&unknown).unwrap(),
        [Forgotten::default(); 2]
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

/// Lists the ids of all log records, the latest record first.
fn log_ids(store: &Store) -> Vec<i64> {
    let page = store.logs(&LogFilter::default(), Page::default()).unwrap();
    page.logs.iter().map(|row| row.id).collect()
}

#[test]
fn the_id_of_a_log_record_is_never_anothers() {
    let folder = folder("forget-log-ids");
    let store = open_at(&folder);
    let say = |store: &Store, trace: u64, second: u64| {
        let record = LogRecord {
            trace_id: trace_id(trace).0.to_vec(),
            time_unix_nano: NOW + second,
            ..LogRecord::default()
        };
        store.ingest_logs(&log_request(vec![record])).unwrap();
    };
    for second in 1..=3 {
        say(&store, second, second);
    }
    assert_eq!(log_ids(&store), [3, 2, 1]);
    // The latest goes, by its trace, and later all of them.
    store.forget(&Forget::Trace(trace_id(3))).unwrap();
    say(&store, 4, 4);
    assert_eq!(log_ids(&store), [4, 2, 1]);
    assert_eq!(store.log(3).unwrap(), None);
    store.forget(&Forget::All).unwrap();
    drop(store);
    let store = open_at(&folder);
    for second in 5..=6 {
        say(&store, 5, second);
    }
    assert_eq!(log_ids(&store), [6, 5]);
    // One that stands before others does not hold these up.
    store.forget(&Forget::Trace(trace_id(1))).unwrap();
    store
        .retain(i64::try_from(NOW / 1_000).unwrap() + 30 * 86_400_000_000)
        .unwrap();
    say(&store, 6, 7);
    assert_eq!(log_ids(&store), [7]);
}

#[test]
fn everything_is_forgotten() {
    let folder = folder("forget-all");
    let store = open_at(&folder);
    take(&store, secretive(1));
    let record = LogRecord {
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
