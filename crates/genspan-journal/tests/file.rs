//! The journal's file: whose it is, what it holds, and who else may use it.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use std::{fs, path::PathBuf, sync::Arc, thread};

use genspan::{
    AgentInvocation, Begun, Hold, Journal, LiveRoots, OpenRun, RootEntry, SpanContext, Taken,
    Telemetry, Timestamp, Value,
};
use genspan_journal::SqliteJournal;
use rusqlite::Connection;
use testkit::CaptureSink;

/// Names a file of the test's own, and leaves none of an earlier run.
fn file(name: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.db"));
    for suffix in ["", "-wal", "-shm"] {
        let mut name = path.clone().into_os_string();
        name.push(suffix);
        drop(fs::remove_file(name));
    }
    path
}

fn at(second: u64) -> Timestamp {
    Timestamp::from_unix_nanos(second * 1_000_000_000)
}

fn span(parent: &str, state: &str) -> SpanContext {
    SpanContext::from_traceparent(parent, Some(state)).unwrap()
}

fn entry(key: &str) -> RootEntry {
    RootEntry {
        key: key.to_owned(),
        context: span(
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00",
            "vendor=1",
        ),
        parent: Some(span(
            "00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01",
            "",
        )),
        started: at(7),
        agent_name: Some("travel".to_owned()),
        provider: Some("openai".to_owned()),
        model: None,
        conversation_id: Some("c-1".to_owned()),
        attributes: vec![
            ("z".to_owned(), Value::Int(1)),
            ("a".to_owned(), Value::Array(vec![Value::Bool(true)])),
        ],
    }
}

#[test]
fn what_is_noted_is_there_after_the_process() {
    let path = file("noted");
    let first = SqliteJournal::open(&path).unwrap();
    assert_eq!(
        first.begin(&entry("a"), at(10)).unwrap(),
        Begun::Held(Hold(1))
    );
    drop(first);
    let second = SqliteJournal::open(&path).unwrap();
    assert_eq!(second.begin(&entry("a"), at(11)).unwrap(), Begun::Known);
    let open = OpenRun {
        key: "a".to_owned(),
        held_since: at(10),
    };
    assert_eq!(second.open().unwrap(), [open]);
    let taken = second.take("a", at(12)).unwrap();
    assert_eq!(taken, Taken::Held(Hold(2), Box::new(entry("a"))));
    assert!(
        !second.end("a", Hold(1), "done", at(13)).unwrap(),
        "an old hold"
    );
    assert!(second.end("a", Hold(2), "done", at(13)).unwrap());
    assert!(!second.end("a", Hold(2), "done", at(13)).unwrap());
    assert_eq!(second.take("a", at(14)).unwrap(), Taken::Ended);
    assert_eq!(second.take("b", at(14)).unwrap(), Taken::Unknown);
    assert!(second.open().unwrap().is_empty());
}

#[test]
fn an_end_alone_is_remembered() {
    let journal = SqliteJournal::open(file("buried")).unwrap();
    assert!(journal.bury("a", "done", at(1)).unwrap());
    assert!(!journal.bury("a", "done", at(1)).unwrap());
    assert_eq!(journal.take("a", at(1)).unwrap(), Taken::Ended);
    assert_eq!(journal.begin(&entry("a"), at(1)).unwrap(), Begun::Known);
}

#[test]
fn what_ended_a_week_ago_is_forgotten() {
    const WEEK: u64 = 7 * 24 * 60 * 60;
    let journal = SqliteJournal::open(file("forgotten")).unwrap();
    journal.bury("a", "done", at(10)).unwrap();
    journal.begin(&entry("b"), at(10)).unwrap();
    journal.begin(&entry("c"), at(10 + WEEK)).unwrap();
    assert_eq!(journal.take("a", at(11)).unwrap(), Taken::Ended);
    journal.begin(&entry("d"), at(11 + WEEK)).unwrap();
    assert_eq!(journal.take("a", at(11)).unwrap(), Taken::Unknown);
    assert_eq!(journal.open().unwrap().len(), 3, "what is open stays");
}

#[cfg(unix)]
#[test]
fn the_file_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;

    let path = file("private");
    let journal = SqliteJournal::open(&path).unwrap();
    journal.begin(&entry("a"), at(1)).unwrap();
    let mut wal = path.clone().into_os_string();
    wal.push("-wal");
    for path in [path.as_os_str(), &wal] {
        let mode = fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{}", path.display());
    }
}

#[test]
fn other_tables_of_the_file_stay_and_newer_ones_of_ours_are_refused() {
    let path = file("shared");
    let other = Connection::open(&path).unwrap();
    other
        .execute_batch("CREATE TABLE theirs (x); INSERT INTO theirs VALUES (1)")
        .unwrap();
    SqliteJournal::open(&path).unwrap();
    SqliteJournal::open(&path).unwrap();
    let count = "SELECT count(*) FROM theirs";
    assert_eq!(other.query_row(count, [], |row| row.get(0)), Ok(1));
    other
        .execute_batch("INSERT INTO genspan_journal_version VALUES (9)")
        .unwrap();
    let refused = SqliteJournal::open(&path).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "the journal of runs cannot be used: its table has version 9, and this program knows versions up to 1"
    );
}

#[test]
fn what_is_no_journal_is_refused() {
    let path = file("text");
    fs::write(
        &path,
        "this is no database, and long enough to show that it is none",
    )
    .unwrap();
    let refused = SqliteJournal::open(&path).unwrap_err().to_string();
    assert!(refused.contains("file is not a database"), "{refused}");
    let nowhere = file("nowhere").join("journal.db");
    assert!(SqliteJournal::open(nowhere).is_err());
}

#[test]
fn of_many_who_begin_a_run_one_does_and_of_many_who_end_it_one_does() {
    let path = file("many");
    let count = |work: &(dyn Fn(&SqliteJournal) -> bool + Sync)| {
        thread::scope(|threads| {
            let threads: Vec<_> = (0..4)
                .map(|_| {
                    threads.spawn(|| {
                        let journal = SqliteJournal::open(&path).unwrap();
                        work(&journal)
                    })
                })
                .collect();
            let done = threads.into_iter().map(|thread| thread.join().unwrap());
            done.filter(|is_done| *is_done).count()
        })
    };
    let begins = |journal: &SqliteJournal| {
        let begun = journal.begin(&entry("a"), at(1)).unwrap();
        begun == Begun::Held(Hold(1))
    };
    assert_eq!(count(&begins), 1);
    let ends = |journal: &SqliteJournal| match journal.take("a", at(2)).unwrap() {
        Taken::Held(hold, _) => journal.end("a", hold, "abandoned", at(2)).unwrap(),
        Taken::Ended | Taken::Unknown => false,
    };
    assert_eq!(count(&ends), 1);
}

#[test]
fn no_secret_is_in_the_file() {
    let path = file("secrets");
    let journal = Arc::new(SqliteJournal::open(&path).unwrap());
    let sink = CaptureSink::new(genspan::Rendering::default());
    let telemetry = Telemetry::builder(sink as _).inline().build();
    let roots = LiveRoots::builder().with_journal(journal).build(&telemetry);
    let secret = "sk-proj-abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGH";
    let mut run = AgentInvocation::new("travel");
    run.common.set("note", format!("use {secret}"));
    run.common.set("authorization", "Bearer abcdef0123456789");
    roots.stash("a", telemetry.start(run)).unwrap();
    let mut wal = path.clone().into_os_string();
    wal.push("-wal");
    let held = [fs::read(&path).unwrap(), fs::read(wal).unwrap()].concat();
    let held = String::from_utf8_lossy(&held);
    assert!(held.contains("invoke") || held.contains("travel"));
    assert!(!held.contains("abcdef"), "a secret was written");
}
