//! A process that is killed while it writes loses nothing that it acknowledged, and keeps nothing twice.
//!
//! The processes are this program itself, told by its arguments what to be.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "tests"
)]

#[path = "store/build.rs"]
#[allow(dead_code, reason = "shared with other tests")]
mod build;

use std::{
    collections::BTreeSet,
    env,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
};

use build::{chat, folder, message, open_at, request, span_id, trace_id};
use genspan_store::{Filter, Page};

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
    killed_while_it_writes();
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
