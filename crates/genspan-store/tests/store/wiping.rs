//! What is forgotten is in no byte, whatever happened to the pages of the file before, meanwhile and afterwards.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use genspan_store::{Filter, Forget, Limit, Page, Retention, Store};
use opentelemetry_proto::tonic::trace::v1::Span;

use crate::build::*;

/// Names something that one trace alone speaks of; no two have much in common.
fn canary(trace: u64) -> String {
    let mut state = (trace + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    state = (state ^ state >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    state = (state ^ state >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    format!("zq{:016x}canary", state ^ state >> 31)
}

/// Builds a trace that says its canary wherever something can be said.
fn telling(trace: u64) -> Vec<Span> {
    let canary = canary(trace);
    let shared = message("system", &"shared prompt sharedword ".repeat(60));
    let answer = format!("{canary} {}", noise(trace, 700));
    let call = chat(
        trace,
        1_000 * trace,
        vec![shared, message("user", &canary)],
        &answer,
    );
    vec![
        agent(trace, 1_000 * trace + 1, &canary).with_text("gen_ai.conversation.id", &canary),
        call.with_text("gen_ai.response.id", &canary)
            .with_text("gen_ai.response.model", &format!("{canary}-model"))
            .under(1_000 * trace + 1),
        tool(trace, 1_000 * trace + 2, &format!("{canary}_tool"), &canary)
            .with_text("gen_ai.tool.call.result", &noise(trace, 3_000))
            .failed(&canary, &format!("{canary} failed"))
            .under(1_000 * trace + 1),
    ]
}

/// Tells whether any of a trace's own words are left in the files.
fn is_left(bytes: &[u8], trace: u64) -> bool {
    // The first two letters are those of every canary.
    let canary = canary(trace);
    let own = &canary.as_bytes()[2..canary.len() - 6];
    memchr::memmem::find(bytes, own).is_some()
}

fn is_found(store: &Store, text: String) -> bool {
    let filter = Filter {
        text: Some(text),
        ..Filter::default()
    };
    !store
        .traces(&filter, Page::default())
        .unwrap()
        .traces
        .is_empty()
}

/// Makes sure that of all traces just those are left, in lists, in search and in bytes.
fn check(folder: &Path, store: &Store, all: u64, gone: impl Fn(u64) -> bool) {
    let bytes = bytes(folder);
    for trace in 0..all {
        let is_there = store.trace(&trace_id(trace)).unwrap().is_some();
        assert_eq!(is_there, !gone(trace), "trace {trace}");
        assert_eq!(is_left(&bytes, trace), is_there, "bytes of trace {trace}");
        assert_eq!(is_found(store, canary(trace)), is_there, "search {trace}");
    }
}

fn integrity(folder: &Path) {
    let connection = rusqlite::Connection::open(folder.join("spans.db")).unwrap();
    let verdict: String = connection
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .unwrap();
    assert_eq!(verdict, "ok");
    let shelves: Vec<String> = connection
        .prepare("SELECT name FROM sqlite_schema WHERE name LIKE 'words%' AND sql LIKE 'CREATE VIRTUAL%'")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    for shelf in shelves {
        let whole = format!("INSERT INTO {shelf} ({shelf}) VALUES ('integrity-check')");
        connection.execute_batch(&whole).unwrap();
    }
}

#[test]
fn one_after_the_other_is_forgotten_out_of_many() {
    let folder = folder("wipe-many");
    let store = open_at(&folder);
    let all = 60;
    // They come mixed, so that all pages are split again and again.
    for at in 0..all {
        take(&store, telling(at * 37 % all));
    }
    let mut gone = Vec::new();
    for round in 0..6 {
        // Neighbours and strangers: pages are merged as well.
        let traces = [round * 10, round * 10 + 1, 59 - round * 7];
        for trace in traces {
            store.forget(&Forget::Trace(trace_id(trace))).unwrap();
            gone.push(trace);
            let bytes = bytes(&folder);
            let left = gone.iter().filter(|trace| is_left(&bytes, **trace));
            assert_eq!(left.count(), 0, "after {gone:?}");
        }
        // What comes later may take the place of what was forgotten, and moves what is left.
        take(&store, telling(1_000 + round));
    }
    check(&folder, &store, all, |trace| gone.contains(&trace));
    assert!(is_found(&store, "sharedword".to_owned()));
    store.close();
    integrity(&folder);
}

#[test]
fn nothing_is_left_where_rows_were_moved_away_from() {
    let folder = folder("wipe-moved");
    let store = open_at(&folder);
    let all = 240;
    let brief = |trace: u64, number: u64| {
        let name = format!(
            "{}{}",
            canary(trace),
            "n".repeat((trace * 71 % 800) as usize)
        );
        agent(trace, 1_000 * trace + number, &name)
            .with_text("gen_ai.conversation.id", &name)
            .failed("error", &name)
    };
    // What is forgotten stands between what stays, and grows as it is summed up.
    for number in 0..3 {
        for part in 0..6 {
            let traces = (part * 40..part * 40 + 40).map(|at| at * 77 % all);
            take(&store, traces.map(|trace| brief(trace, number)).collect());
        }
    }
    let moment = |trace: u64| i64::try_from(NOW / 1_000 + 1_000 * 1_000 * trace).unwrap();
    for third in [40, 80] {
        store.forget(&Forget::Before(moment(third))).unwrap();
        let bytes = bytes(&folder);
        let left: Vec<u64> = (0..all).filter(|trace| is_left(&bytes, *trace)).collect();
        assert_eq!(left, (third..all).collect::<Vec<u64>>());
    }
    store.close();
    integrity(&folder);
}

#[test]
fn who_else_has_the_file_open_brings_nothing_back() {
    let folder = folder("wipe-beside");
    let (store, other) = (open_at(&folder), open_at(&folder));
    for trace in 0..30 {
        // Both know the pages of both.
        take(if trace % 2 == 0 { &store } else { &other }, telling(trace));
    }
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        let reading = || {
            while !is_over.load(Ordering::Relaxed) {
                other.traces(&Filter::default(), Page::default()).unwrap();
                is_found(&store, "sharedword".to_owned());
            }
        };
        scope.spawn(reading);
        // What fails here is to end the reading too.
        let forgetting = catch_unwind(AssertUnwindSafe(|| {
            for trace in (0..30).step_by(5) {
                store.forget(&Forget::Trace(trace_id(trace))).unwrap();
                take(&other, telling(1_000 + trace));
                take(&store, telling(2_000 + trace));
            }
        }));
        is_over.store(true, Ordering::Relaxed);
        forgetting.unwrap();
    });
    check(&folder, &other, 30, |trace| trace % 5 == 0);
    drop((store, other));
    integrity(&folder);
}

#[test]
fn what_an_earlier_version_wrote_is_forgotten_too() {
    let folder = folder("wipe-older");
    let store = open_at(&folder);
    for trace in 0..20 {
        take(&store, telling(trace));
    }
    drop(store);
    let connection = rusqlite::Connection::open(folder.join("spans.db")).unwrap();
    connection
        .execute_batch(
            "DROP TABLE shelf; DROP INDEX log_at; ALTER TABLE trace DROP COLUMN is_cost_stated;
             ALTER TABLE chore DROP COLUMN number; ALTER TABLE chore DROP COLUMN due; DELETE FROM chore;
             PRAGMA user_version = 2;",
        )
        .unwrap();
    // It took things out of the index, and left their words there.
    connection
        .execute_batch("DELETE FROM words WHERE rowid = 1")
        .unwrap();
    drop(connection);
    let store = open_at(&folder);
    take(&store, telling(20));
    store.forget(&Forget::Trace(trace_id(7))).unwrap();
    check(&folder, &store, 21, |trace| trace == 7);
    store.close();
    integrity(&folder);
}

/// Has the texts that come next stand on a later shelf.
fn skip_to(folder: &Path, doc: i64) {
    let connection = rusqlite::Connection::open(folder.join("spans.db")).unwrap();
    connection
        .execute(
            "UPDATE sqlite_sequence SET seq = ?1 WHERE name = 'doc'",
            [doc],
        )
        .unwrap();
}

fn shelves(folder: &Path) -> Vec<i64> {
    let connection = rusqlite::Connection::open(folder.join("spans.db")).unwrap();
    let mut statement = connection
        .prepare("SELECT number FROM shelf ORDER BY number")
        .unwrap();
    let numbers = statement.query_map([], |row| row.get(0)).unwrap();
    numbers.map(Result::unwrap).collect()
}

#[test]
fn words_are_found_and_forgotten_on_all_shelves() {
    let folder = folder("wipe-shelves");
    let half = 1 << 16;
    // Each trace has texts on both sides of a border.
    for trace in 0..4_u64 {
        let store = open_at(&folder);
        take(&store, telling(trace));
        drop(store);
        let border = (i64::try_from(trace).unwrap() + 1) * half;
        skip_to(&folder, border - 3);
        let store = open_at(&folder);
        take(&store, telling(100 + trace));
        drop(store);
    }
    let store = open_at(&folder);
    assert_eq!(shelves(&folder), [0, 1, 2, 3, 4]);
    for trace in [0, 100, 101, 102, 103] {
        assert!(is_found(&store, canary(trace)), "{trace}");
    }
    store.forget(&Forget::Trace(trace_id(101))).unwrap();
    store.forget(&Forget::Trace(trace_id(102))).unwrap();
    let bytes = bytes(&folder);
    for trace in [0, 100, 101, 102, 103] {
        let is_there = trace != 101 && trace != 102;
        assert_eq!(is_found(&store, canary(trace)), is_there, "{trace}");
        assert_eq!(is_left(&bytes, trace), is_there, "bytes of {trace}");
    }
    // What stands on no shelf any more takes no room.
    store.forget(&Forget::Before(i64::MAX)).unwrap();
    assert_eq!(shelves(&folder), [0, 4]);
    store.close();
    integrity(&folder);
}

#[test]
fn what_is_too_old_leaves_no_byte_either() {
    let folder = folder("wipe-old");
    let options = genspan_store::Options {
        retention: Retention {
            age: Some(Limit::Off),
            bytes: Some(Limit::At(900_000)),
        },
        ..options()
    };
    let store = Store::open(&folder.join("spans.db"), options).unwrap();
    for trace in 0..100 {
        take(&store, telling(trace));
    }
    let now = i64::try_from(NOW / 1_000).unwrap();
    let gone = store.retain(now).unwrap().traces;
    assert!((5..90).contains(&gone), "{gone}");
    // A day later what is left of it is overwritten.
    store.retain(now + 24 * 60 * 60 * 1_000_000).unwrap();
    check(&folder, &store, 100, |trace| trace < gone);
    store.close();
    integrity(&folder);
}

/// Makes a text of words of its own.
fn words(seed: u64, count: u64) -> String {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut text = String::new();
    for _ in 0..count {
        for _ in 0..7 {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            text.push(char::from(b'a' + ((state >> 33) % 26) as u8));
        }
        text.push(' ');
    }
    text
}

#[test]
fn a_word_that_the_index_is_just_merging_is_forgotten_too() {
    let folder = folder("wipe-merging");
    let store = open_at(&folder);
    // A part of the index is merged little by little as it grows: what sorts first was merged already, the rest was not.
    for part in 0..4 {
        let calls = (0..400).map(|at| {
            let number = part * 400 + at;
            let own = if number == 7 { "aa0canaryword " } else { "" };
            let said = message("user", &format!("{own}{}", words(number + 1, 120)));
            chat(number, number, vec![said], "fine")
        });
        take(&store, calls.collect());
    }
    assert!(is_found(&store, "aa0canaryword".to_owned()));
    store.forget(&Forget::Trace(trace_id(7))).unwrap();
    assert!(!is_found(&store, "aa0canaryword".to_owned()));
    assert!(!holds(&bytes(&folder), "0canaryword"));
    store.close();
    integrity(&folder);
}

#[test]
fn a_file_becomes_smaller_as_things_are_forgotten() {
    let folder = folder("wipe-smaller");
    let store = open_at(&folder);
    for trace in 0..120 {
        let said = message("user", &noise(trace, 40_000));
        take(&store, vec![chat(trace, trace, vec![said], "fine")]);
    }
    store.close();
    let size = || std::fs::metadata(folder.join("spans.db")).unwrap().len();
    let before = size();
    let store = open_at(&folder);
    // Less than half, so that the file is not made anew.
    for trace in 0..30 {
        store.forget(&Forget::Trace(trace_id(trace))).unwrap();
    }
    store.close();
    assert!(
        size() < before - 30 * 20_000,
        "{before} bytes became {}",
        size()
    );
    integrity(&folder);
}

/// Lists what of a folder this process has open.
#[cfg(target_os = "linux")]
fn handles(folder: &Path) -> usize {
    let open = std::fs::read_dir("/proc/self/fd").unwrap();
    let open = open.filter_map(|entry| std::fs::read_link(entry.unwrap().path()).ok());
    open.filter(|path| path.starts_with(folder)).count()
}

/// Tells whether this process has locks on a store's file.
#[cfg(target_os = "linux")]
fn is_locked(folder: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let inode = std::fs::metadata(folder.join("spans.db")).unwrap().ino();
    let (process, inode) = (std::process::id().to_string(), format!(":{inode}"));
    let locks = std::fs::read_to_string("/proc/locks").unwrap();
    locks.lines().any(|lock| {
        let fields: Vec<&str> = lock.split_whitespace().collect();
        fields.contains(&process.as_str()) && fields.iter().any(|field| field.ends_with(&inode))
    })
}

#[cfg(target_os = "linux")]
#[test]
fn a_store_that_is_closed_holds_nothing_of_its_file() {
    let folder = folder("wipe-handles");
    let (store, other) = (open_at(&folder), open_at(&folder));
    take(&store, telling(1));
    store.forget(&Forget::Trace(trace_id(1))).unwrap();
    drop(store);
    // Were it closed while the other one has the file open, that one's locks would be gone.
    assert!(is_locked(&folder));
    take(&other, telling(2));
    other.forget(&Forget::Trace(trace_id(2))).unwrap();
    assert!(is_locked(&folder));
    drop(other);
    assert_eq!(handles(&folder), 0);
    // What is made anew at the same place is another file.
    for name in ["spans.db", "spans.db-wal", "spans.db-shm"] {
        drop(std::fs::remove_file(folder.join(name)));
    }
    let store = open_at(&folder);
    take(&store, telling(3));
    store.forget(&Forget::Trace(trace_id(3))).unwrap();
    assert!(!is_left(&bytes(&folder), 3));
}
