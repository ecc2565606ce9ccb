//! What others do meanwhile, step by step.

use std::{
    fs,
    io::{Seek, SeekFrom, Write},
    ops::Deref,
    path::Path,
};

use super::*;
use crate::schema;

const CANARY: &[u8] = b"zq0canary";

/// Opens a store's file as a process's writer does.
fn process(path: &Path) -> (Connection, Wiper) {
    file::make_private(path).unwrap();
    let handle = Arc::new(Handle::new(path).unwrap());
    let mut connection = file::writer(path, None).unwrap();
    schema::migrate(&mut connection, path).unwrap();
    let wiper = Wiper::new(file::place(&connection, path), handle);
    (connection, wiper)
}

/// Holds a folder as long as its test runs.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

impl Deref for Folder {
    type Target = Path;

    fn deref(&self) -> &Path {
        &self.0
    }
}

fn folder(name: &str) -> Folder {
    let name = format!("genspan-wipe-{}-{name}", std::process::id());
    let folder = std::env::temp_dir().join(name);
    drop(fs::remove_dir_all(&folder));
    fs::create_dir_all(&folder).unwrap();
    Folder(folder)
}

/// Says something that is in the index alone, as text number `row`.
fn say(connection: &Connection, row: i64, text: &str) {
    let table = shelves::make(connection, row).unwrap().table();
    connection
        .execute(
            &format!("INSERT INTO {table} (rowid, text) VALUES (?1, ?2)"),
            (row, text),
        )
        .unwrap();
}

/// Takes a text out, as a transaction does that forgets.
fn unsay(connection: &mut Connection, row: i64) {
    let transaction = crate::writer::thread::begin(connection).unwrap();
    shelves::remove(&transaction, row).unwrap();
    pending::note(&transaction, pending::AT_ONCE).unwrap();
    transaction.commit().unwrap();
}

/// Does one slice as it is done within a pass.
fn slice(wiper: &Wiper, number: i64, at: u64) -> Slice {
    let mut own = file::cleaner(&wiper.path).unwrap();
    wiper.slice(&mut own, number, at, &mut None).unwrap()
}

fn is_left(folder: &Path) -> bool {
    fs::read_dir(folder).unwrap().any(|entry| {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        memchr::memmem::find(&bytes, CANARY).is_some()
    })
}

#[test]
fn what_another_process_forgets_meanwhile_stays_noted() {
    let folder = folder("two");
    let path = folder.join("spans.db");
    let ((mut one, wiper), (mut other, others)) = (process(&path), process(&path));
    say(&one, 1, "mine");
    say(&one, 2, "zq0canary");
    unsay(&mut one, 1);
    let seen = pending::read(&one).unwrap().unwrap();
    mend(&mut one).unwrap();
    // The other one takes something out, and is killed before it wipes it.
    unsay(&mut other, 2);
    drop((other, others));
    assert!(!wiper.pass(seen.number).unwrap());
    assert!(pending::read(&one).unwrap().is_some() && is_left(&folder));
    // Whoever comes next knows of it.
    drop((one, wiper));
    let (mut next, wiper) = process(&path);
    wiper.finish(&mut next, pending::AT_ONCE).unwrap();
    assert!(pending::read(&next).unwrap().is_none() && !is_left(&folder));
}

#[test]
fn who_is_told_to_try_again_finds_it_done_or_does_it() {
    let folder = folder("again");
    let path = folder.join("spans.db");
    let ((mut one, wiper), (mut other, others)) = (process(&path), process(&path));
    for row in 1..4 {
        say(&one, row, if row == 2 { "zq0canary" } else { "mine" });
    }
    unsay(&mut one, 1);
    wiper.finish(&mut one, pending::AT_ONCE).unwrap();
    let first = pending::read(&one).unwrap();
    assert_eq!(first, None);
    // The other one took something out and could not wipe it; what the first one forgets then is wiped by itself.
    unsay(&mut other, 2);
    let number = pending::read(&other).unwrap().unwrap().number;
    unsay(&mut one, 3);
    assert!(pending::read(&one).unwrap().unwrap().number > number);
    wiper.finish(&mut one, pending::AT_ONCE).unwrap();
    assert!(!is_left(&folder));
    // A number is never given twice, so who saw one does not take another one's for its own.
    others.finish(&mut other, i64::MAX).unwrap();
    pending::note(&other, 7).unwrap();
    let last = pending::read(&other).unwrap().unwrap();
    assert!(last.number > number + 1 && last.due == 7);
    others.finish(&mut other, 6).unwrap();
    assert_eq!(pending::read(&other).unwrap(), Some(last));
}

/// Fills some megabytes with words of which every third is to go, in no order, so that rows are moved again and again.
fn fill(connection: &mut Connection) {
    let transaction = crate::writer::thread::begin(connection).unwrap();
    let mut insert = transaction
        .prepare("INSERT INTO facet VALUES (1, ?1, ?2, ?2)")
        .unwrap();
    for row in 0..12_000_i64 {
        let at = row * 7_919 % 12_000;
        let canary = if at % 3 == 0 { "zq0canary" } else { "mine" };
        let length = usize::try_from(at * 31 % 400).unwrap();
        let word = format!("{at:05} {canary} {}", "x".repeat(length));
        insert.execute((word, at)).unwrap();
    }
    drop(insert);
    transaction.commit().unwrap();
}

#[test]
fn others_write_between_slices_and_bring_nothing_back() {
    let folder = folder("slices");
    let path = folder.join("spans.db");
    let ((mut one, mut wiper), (mut other, _others)) = (process(&path), process(&path));
    wiper.slice = 1;
    fill(&mut one);
    let words = |connection: &Connection| -> i64 {
        let sql = "SELECT sum(length(word)) FROM facet";
        connection.query_row(sql, [], |row| row.get(0)).unwrap()
    };
    // In no order either: what is left is moved from page to page.
    let transaction = crate::writer::thread::begin(&mut one).unwrap();
    for trace in (0..12_000)
        .map(|at| at * 4_801 % 12_000)
        .filter(|at| at % 3 == 0)
    {
        transaction
            .execute("DELETE FROM facet WHERE trace = ?1", [trace])
            .unwrap();
    }
    pending::note(&transaction, pending::AT_ONCE).unwrap();
    transaction.commit().unwrap();
    let number = pending::read(&one).unwrap().unwrap().number;
    let before = words(&other);
    checkpoint(&mut one).unwrap();
    assert!(is_left(&folder));
    let (mut at, mut slices) = (0, 0);
    loop {
        // It writes to pages of all slices, and its log is in the way until it is emptied.
        other
            .execute(
                "UPDATE facet SET started = started + 1 WHERE trace % 100 = ?1",
                [slices],
            )
            .unwrap();
        let written = slice(&wiper, number, at);
        assert!(matches!(written, Slice::Written));
        checkpoint(&mut one).unwrap();
        // It knows all pages as they are before they are overwritten.
        assert_eq!(words(&other), before);
        slices += 1;
        match slice(&wiper, number, at) {
            Slice::Next(next) => at = next,
            Slice::Last => break,
            _ => panic!("nobody wrote"),
        }
    }
    assert!(slices > 2, "{slices}");
    let transaction = crate::writer::thread::begin(&mut other).unwrap();
    transaction
        .execute("UPDATE facet SET started = started + 1", [])
        .unwrap();
    transaction.commit().unwrap();
    checkpoint(&mut one).unwrap();
    assert!(!is_left(&folder));
    assert_eq!((words(&one), words(&other)), (before, before));
    let verdict: String = one
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .unwrap();
    assert_eq!(verdict, "ok");
}

#[cfg(unix)]
#[test]
fn what_others_write_into_the_log_of_a_linked_file_is_seen() {
    let folder = folder("link");
    fs::create_dir_all(folder.join("real")).unwrap();
    let link = folder.join("link.db");
    drop(process(&folder.join("real").join("spans.db")));
    std::os::unix::fs::symlink(folder.join("real").join("spans.db"), &link).unwrap();
    let (mut one, wiper) = process(&link);
    pending::note(&one, pending::AT_ONCE).unwrap();
    let number = pending::read(&one).unwrap().unwrap().number;
    checkpoint(&mut one).unwrap();
    let (other, _) = process(&link);
    other
        .execute("INSERT INTO setting VALUES ('a', 'b')", [])
        .unwrap();
    assert!(matches!(slice(&wiper, number, 0), Slice::Written));
    checkpoint(&mut one).unwrap();
    assert!(matches!(slice(&wiper, number, 0), Slice::Last));
}

#[test]
fn a_page_that_does_not_read_is_told_and_stays_noted() {
    let folder = folder("broken");
    let path = folder.join("spans.db");
    let (mut one, wiper) = process(&path);
    let root: i64 = one
        .query_row(
            "SELECT rootpage FROM sqlite_schema WHERE name = 'metric'",
            [],
            |row| row.get(0),
        )
        .unwrap();
    pending::note(&one, pending::AT_ONCE).unwrap();
    checkpoint(&mut one).unwrap();
    let file = wiper.handle.file(&path).unwrap();
    let mut file = &*file;
    let at = (root.unsigned_abs() - 1) * 8_192 + 1;
    file.seek(SeekFrom::Start(at)).unwrap();
    // Its first free place is in the middle of its header.
    file.write_all(&[0, 4]).unwrap();
    let refused = wiper.finish(&mut one, pending::AT_ONCE).unwrap_err();
    let refused = refused.into_error(&path).to_string();
    assert!(
        refused.contains(&format!("page {root} does not read")),
        "{refused}"
    );
    assert!(pending::read(&one).unwrap().is_some());
}
