//! A process that is killed while it writes loses nothing that it acknowledged, and keeps nothing twice; of what one that is
//! killed was to forget, no byte is left once the store is opened again.
//!
//! The processes are this program itself, told by its arguments what to be.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "tests"
)]

#[path = "store/build/calls.rs"]
mod build;

use std::{
    collections::BTreeSet,
    env,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
};

use build::{bytes, chat, folder, message, noise, open_at, request, span_id, trace_id};
use genspan_store::{Filter, Forget, Page};

/// How often a process is killed.
const ROUNDS: u64 = 24;

/// Threads that send at once.
const SENDERS: u64 = 3;

/// Spans of one trace.
const TRACE: u64 = 50;

fn main() {
    let arguments: Vec<String> = env::args().collect();
    if arguments.get(1).is_some_and(|role| role == "write") {
        return write(&PathBuf::from(&arguments[2]), arguments[3].parse().unwrap());
    }
    if arguments.get(1).is_some_and(|role| role == "forget") {
        return forget(&PathBuf::from(&arguments[2]));
    }
    killed_while_it_writes();
    killed_while_it_forgets();
    println!("killed: ok");
}

/// Writes without end, and tells each span that was acknowledged.
fn write(folder: &Path, first: u64) {
    let store = open_at(folder);
    thread::scope(|scope| {
        for sender in 0..SENDERS {
            let store = store.clone();
            scope.spawn(move || {
                for number in (first + sender..).step_by(SENDERS as usize) {
                    let history =
                        (0..3).map(|n| message("user", &format!("{n} {}", "x".repeat(900))));
                    let call = chat(
                        number / TRACE,
                        number,
                        history.collect(),
                        &format!("answer {number}"),
                    );
                    store.ingest_traces(&request(vec![call])).unwrap();
                    // One write, so that a line is whole or not there.
                    std::io::stdout()
                        .write_all(format!("{number}\n").as_bytes())
                        .unwrap();
                }
            });
        }
    });
}

fn killed_while_it_writes() {
    let folder = folder("killed");
    let mut acknowledged = BTreeSet::new();
    let mut next = 0;
    for round in 0..ROUNDS {
        let mut child = Command::new(env::current_exe().unwrap())
            .arg("write")
            .arg(&folder)
            .arg(next.to_string())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        // It is killed at another place in its work each time.
        for _ in 0..=round * 7 % 40 {
            acknowledged.insert(lines.next().unwrap().unwrap().parse::<u64>().unwrap());
        }
        child.kill().unwrap();
        child.wait().unwrap();
        // What it had said before it died counts as well; a line that was cut off does not.
        acknowledged.extend(
            lines
                .map_while(Result::ok)
                .filter_map(|line| line.parse::<u64>().ok()),
        );
        next = acknowledged.last().unwrap() + 1 + SENDERS;
    }
    let store = open_at(&folder);
    store.settle().unwrap();
    for number in &acknowledged {
        let detail = store
            .span(&trace_id(number / TRACE), &span_id(*number))
            .unwrap();
        let detail = detail.unwrap_or_else(|| panic!("span {number} was acknowledged and is lost"));
        assert!(
            detail.output.unwrap()[0]
                .to_json()
                .contains(&format!("answer {number}"))
        );
    }
    // Each is there once, in lists and in search.
    let (mut seen, mut before) = (Vec::new(), None);
    while seen.len() < 1_000_000 {
        let list = store
            .spans(
                &Filter::default(),
                Page {
                    limit: 1_000,
                    before,
                },
            )
            .unwrap();
        seen.extend(list.spans.into_iter().map(|span| span.span.span_id));
        before = list.next.map(|next| next.parse().unwrap());
        if before.is_none() {
            break;
        }
    }
    let unique: BTreeSet<&String> = seen.iter().collect();
    assert_eq!(unique.len(), seen.len());
    assert!(seen.len() >= acknowledged.len());
    for number in acknowledged.iter().step_by(17) {
        let text = Some(format!("\"answer {number}\""));
        let filter = Filter {
            text,
            ..Filter::default()
        };
        let found = store.spans(&filter, Page::default()).unwrap();
        assert_eq!(found.spans.len(), 1, "answer {number}");
    }
    store.close();
    let connection = rusqlite::Connection::open(folder.join("spans.db")).unwrap();
    let verdict: String = connection
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .unwrap();
    assert_eq!(verdict, "ok");
    println!("{} acknowledged, {} kept", acknowledged.len(), seen.len());
}

/// Traces of the store of which one after the other is forgotten.
const SECRETS: u64 = 48;

/// Names something that one trace alone speaks of.
fn secret(trace: u64) -> String {
    let number = (trace + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    format!("{number:016x}")
}

/// Forgets one trace after the other, and tells of each before and after.
fn forget(folder: &Path) {
    let store = open_at(folder);
    let say = |line: String| std::io::stdout().write_all(line.as_bytes()).unwrap();
    for trace in 0..SECRETS {
        if store.trace(&trace_id(trace)).unwrap().is_some() {
            say(format!("{trace} goes\n"));
            store.forget(&Forget::Trace(trace_id(trace))).unwrap();
            say(format!("{trace} is gone\n"));
        }
    }
}

fn killed_while_it_forgets() {
    let folder = folder("killed-forgetting");
    let store = open_at(&folder);
    // All in one request after the other, so that traces share pages.
    for part in 0..4 {
        let calls = (0..SECRETS).map(|trace| {
            let number = 1_000 * trace + part;
            let said = vec![message("user", &secret(trace))];
            chat(trace, number, said, &noise(number, 900))
        });
        store.ingest_traces(&request(calls.collect())).unwrap();
        store.settle().unwrap();
    }
    drop(store);
    let mut forgotten = 0;
    for round in 0..12_usize {
        let mut child = Command::new(env::current_exe().unwrap())
            .arg("forget")
            .arg(&folder)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        // One of them goes as it is killed, at another point each time.
        let last = (0..=round % 3 * 2).filter_map(|_| lines.next()).last();
        assert!(last.is_none_or(|line| line.unwrap().ends_with("goes")));
        for _ in 0..round * 40_000 {
            std::hint::spin_loop();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let store = open_at(&folder);
        // What was begun is finished before anything else is done.
        store.settle().unwrap();
        let bytes = bytes(&folder);
        let is_there = |trace: u64| store.trace(&trace_id(trace)).unwrap().is_some();
        let gone: Vec<u64> = (0..SECRETS).filter(|trace| !is_there(*trace)).collect();
        for trace in 0..SECRETS {
            let is_left = memchr::memmem::find(&bytes, secret(trace).as_bytes()).is_some();
            assert_eq!(is_left, is_there(trace), "bytes of trace {trace}, {gone:?}");
        }
        assert!(gone.len() >= forgotten);
        forgotten = gone.len();
    }
    assert!(forgotten >= 12, "{forgotten}");
    println!("{forgotten} of {SECRETS} forgotten");
}
