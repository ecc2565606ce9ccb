//! Full disks, full queues, and readers beside a writer.

use std::{fs, sync::Arc, thread};

use genspan::{Clock, SystemClock};
use genspan_store::{Error, Filter, Forget, Options, Page, Store};

use crate::build::*;

#[test]
fn a_full_file_refuses_what_comes_and_keeps_what_it_has() {
    let folder = folder("full");
    let limited = Options {
        max_file_bytes: Some(2_000_000),
        ..options()
    };
    let path = folder.join("spans.db");
    let store = Store::open(&path, limited).unwrap();
    let mut acknowledged = Vec::new();
    let mut refused = None;
    for number in 0..200 {
        let call = chat(
            number,
            number,
            vec![message("user", &noise(number, 30_000))],
            "x",
        );
        match store.ingest_traces(&request(vec![call])) {
            Ok(_) => acknowledged.push(number),
            Err(error) => {
                refused = Some(error);
                break;
            }
        }
    }
    let refused = refused.unwrap();
    assert!(refused.is_retryable());
    insta::assert_snapshot!(refused, @"the store is full: database or disk is full; free space on its disk, or `genspan forget --before DATE`, then send again");
    assert!(acknowledged.len() > 10, "{}", acknowledged.len());
    for number in &acknowledged {
        assert!(
            store
                .span(&trace_id(*number), &span_id(*number))
                .unwrap()
                .is_some()
        );
    }
    // Readers go on, what is small may fit, and the file is whole.
    assert!(
        !store
            .traces(&Filter::default(), Page::default())
            .unwrap()
            .traces
            .is_empty()
    );
    store.close();
    assert!(fs::metadata(&path).unwrap().len() <= 2_000_000);
    let connection = rusqlite::Connection::open(&path).unwrap();
    let verdict: String = connection
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .unwrap();
    assert_eq!(verdict, "ok");
    drop(connection);
    // With room again it takes the same in, and settles what it could not.
    let store = open_at(&folder);
    store.settle().unwrap();
    let last = acknowledged.len() as u64;
    take(
        &store,
        vec![chat(
            last,
            last,
            vec![message("user", &noise(last, 30_000))],
            "x",
        )],
    );
    let list = store
        .traces(
            &Filter::default(),
            Page {
                limit: 500,
                before: None,
            },
        )
        .unwrap();
    assert_eq!(list.traces.len(), acknowledged.len() + 1);
    assert!(list.traces.iter().all(|trace| trace.calls == 1));
}

#[test]
fn room_that_is_made_is_used() {
    let folder = folder("room");
    let limited = Options {
        max_file_bytes: Some(2_000_000),
        ..options()
    };
    let store = Store::open(&folder.join("spans.db"), limited).unwrap();
    let send = |number| {
        let call = chat(
            number,
            number,
            vec![message("user", &noise(number, 30_000))],
            "x",
        );
        store.ingest_traces(&request(vec![call]))
    };
    let full = (0..200).find(|number| send(*number).is_err()).unwrap();
    for number in 0..full / 2 {
        store.forget(&Forget::Trace(trace_id(number))).unwrap();
    }
    send(full).unwrap();
}

#[test]
fn a_full_queue_says_so() {
    let folder = folder("queue");
    let small = Options {
        max_waiting_bytes: 1,
        ..options()
    };
    let store = Store::open(&folder.join("spans.db"), small).unwrap();
    let results: Vec<Result<_, Error>> = thread::scope(|scope| {
        let senders: Vec<_> = (0..8)
            .map(|number| {
                let store = store.clone();
                scope.spawn(move || {
                    store.ingest_traces(&request(vec![chat(number, 1, Vec::new(), "x")]))
                })
            })
            .collect();
        senders
            .into_iter()
            .map(|sender| sender.join().unwrap())
            .collect()
    });
    assert!(results.iter().any(Result::is_ok));
    for (number, result) in (0_u64..).zip(&results) {
        let is_there = store.trace(&trace_id(number)).unwrap().is_some();
        match result {
            Ok(ingested) => assert!(is_there && ingested.accepted == 1),
            Err(error) => assert!(!is_there && matches!(error, Error::Busy { .. }), "{error}"),
        }
    }
}

#[test]
fn many_threads_write_and_read_at_once() {
    let store = Arc::new(open("threads"));
    thread::scope(|scope| {
        for sender in 0..4 {
            let store = Arc::clone(&store);
            scope.spawn(move || {
                for number in 0..50 {
                    let own = sender * 1_000 + number;
                    // Half of what each sends, the others send as well.
                    let shared = chat(number, 9_000 + number, Vec::new(), "shared");
                    let spans = vec![chat(own, own, vec![message("user", "hi")], "ho"), shared];
                    assert_eq!(store.ingest_traces(&request(spans)).unwrap().accepted, 2);
                }
            });
        }
        for _ in 0..2 {
            let store = Arc::clone(&store);
            scope.spawn(move || {
                for _ in 0..50 {
                    let list = store.traces(&Filter::default(), Page::default()).unwrap();
                    for trace in list.traces.iter().take(3) {
                        let id = genspan::TraceId::from_hex(&trace.trace_id).unwrap();
                        assert!(store.trace(&id).unwrap().is_some());
                    }
                }
            });
        }
    });
    store.settle().unwrap();
    let list = store
        .spans(
            &Filter::default(),
            Page {
                limit: 1_000,
                before: None,
            },
        )
        .unwrap();
    assert_eq!(list.spans.len(), 4 * 50 + 50);
}

#[test]
fn a_full_file_answers_at_once_whoever_reads() {
    let folder = folder("full-reading");
    let path = folder.join("spans.db");
    let limited = Options {
        max_file_bytes: Some(2_000_000),
        ..options()
    };
    let store = Store::open(&path, limited).unwrap();
    let send = |number| {
        let said = message("user", &noise(number, 30_000));
        store.ingest_traces(&request(vec![chat(number, number, vec![said], "x")]))
    };
    send(0).unwrap();
    // A reader that holds on to what was written before keeps the write-ahead log from being emptied.
    let reader = rusqlite::Connection::open(&path).unwrap();
    reader.execute_batch("BEGIN").unwrap();
    let _: i64 = reader
        .query_row("SELECT count(*) FROM span", [], |row| row.get(0))
        .unwrap();
    let full = (1..200).find(|number| send(*number).is_err()).unwrap();
    let clock = SystemClock::new();
    let begun = clock.now();
    for number in full..full + 8 {
        assert!(send(number).unwrap_err().is_retryable());
    }
    // Were the reader waited for, each of them would take ten seconds.
    let took = clock.now().since(begun);
    assert!(took.as_secs() < 5, "{took:?}");
    drop(reader);
    // With the reader, what was in the way is gone; what is full stays full.
    assert!(send(full).is_err());
}

#[test]
fn what_is_to_be_wiped_is_wiped_at_a_full_file_as_well() {
    let folder = folder("full-wiping");
    let path = folder.join("spans.db");
    let limited = || Options {
        max_file_bytes: Some(2_000_000),
        ..options()
    };
    let store = Store::open(&path, limited()).unwrap();
    // The index has much of the file, and to be merged needs as much again.
    let send = |number: u64| {
        let said = message("user", &noise(number, 30_000));
        store.ingest_traces(&request(vec![chat(number, number, vec![said], "x")]))?;
        store.settle()
    };
    assert!((0..200).any(|number| send(number).is_err()));
    drop(store);
    // Somebody forgot something, and was killed.
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection
        .execute_batch(
            "UPDATE shelf SET is_worn = 1; DELETE FROM words WHERE rowid = 1;
             INSERT OR REPLACE INTO chore (name, due) VALUES ('wipe', 0);",
        )
        .unwrap();
    drop(connection);
    let store = Store::open(&path, limited()).unwrap();
    drop(store.settle());
    drop(store);
    let connection = rusqlite::Connection::open(&path).unwrap();
    let noted: Option<i64> = connection
        .query_row("SELECT max(due) FROM chore", [], |row| row.get(0))
        .unwrap();
    assert_eq!(noted, None);
}
