//! The file: private, of a version, and brought up to date.

use std::fs;

use genspan_store::{Access, Error, Filter, Options, Page, Store};

use crate::build::*;

fn said(error: &Error, folder: &std::path::Path) -> String {
    error
        .to_string()
        .replace(&folder.display().to_string(), "FOLDER")
}

#[cfg(unix)]
#[test]
fn all_files_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder("private").join("deep").join("er");
    let store = Store::open(&folder.join("spans.db"), options()).unwrap();
    take(&store, vec![chat(1, 1, Vec::new(), "x")]);
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    let mut names = Vec::new();
    for entry in fs::read_dir(&folder).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(mode(&entry.path()), 0o600, "{entry:?}");
        names.push(entry.file_name().into_string().unwrap());
    }
    names.sort();
    assert_eq!(names, ["spans.db", "spans.db-shm", "spans.db-wal"]);
    drop(store);
    fs::set_permissions(folder.join("spans.db"), fs::Permissions::from_mode(0o644)).unwrap();
    drop(Store::open(&folder.join("spans.db"), options()).unwrap());
    assert_eq!(mode(&folder.join("spans.db")), 0o600);
}

#[test]
fn what_was_written_is_there_when_it_is_opened_again() {
    let folder = folder("again");
    let store = open_at(&folder);
    store
        .ingest_traces(&request(vec![chat(
            1,
            1,
            vec![message("user", "findme")],
            "x",
        )]))
        .unwrap();
    store.close();
    let closed = store.ingest_traces(&request(vec![chat(1, 2, Vec::new(), "x")]));
    assert_eq!(closed, Err(Error::Closed));
    let store = open_at(&folder);
    let filter = Filter {
        text: Some("findme".to_owned()),
        ..Filter::default()
    };
    assert_eq!(
        store.traces(&filter, Page::default()).unwrap().traces.len(),
        1
    );
}

#[test]
fn a_store_that_is_only_read_takes_nothing_in() {
    let folder = folder("read-only");
    let path = folder.join("spans.db");
    let reading = || Options {
        access: Access::ReadOnly,
        ..options()
    };
    assert!(matches!(
        Store::open(&path, reading()),
        Err(Error::Io { .. })
    ));
    let store = open_at(&folder);
    take(&store, vec![chat(1, 1, Vec::new(), "x")]);
    let reader = Store::open(&path, reading()).unwrap();
    assert_eq!(
        reader
            .traces(&Filter::default(), Page::default())
            .unwrap()
            .traces
            .len(),
        1
    );
    let refused = reader
        .ingest_traces(&request(vec![chat(1, 2, Vec::new(), "x")]))
        .unwrap_err();
    assert!(!refused.is_retryable());
    insta::assert_snapshot!(said(&refused, &folder), @"the store cannot be written: it was opened to be read only; make FOLDER/spans.db writable, or choose another with --store");
    // What is written meanwhile is seen.
    take(&store, vec![chat(2, 1, Vec::new(), "x")]);
    assert_eq!(
        reader
            .traces(&Filter::default(), Page::default())
            .unwrap()
            .traces
            .len(),
        2
    );
    store.close();
    assert_eq!(
        reader
            .traces(&Filter::default(), Page::default())
            .unwrap()
            .traces
            .len(),
        2
    );
}

#[test]
fn files_of_others_and_of_newer_versions_are_refused() {
    let folder = folder("refused");
    let path = folder.join("spans.db");
    drop(open_at(&folder));
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection.pragma_update(None, "user_version", 99).unwrap();
    drop(connection);
    let newer = Store::open(&path, options()).unwrap_err();
    insta::assert_snapshot!(said(&newer, &folder), @"FOLDER/spans.db has version 99, and this genspan knows versions up to 6; use the newer genspan, or another file with --store");
    let path = folder.join("other.db");
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection.execute_batch("CREATE TABLE theirs (x)").unwrap();
    drop(connection);
    let other = Store::open(&path, options()).unwrap_err();
    insta::assert_snapshot!(said(&other, &folder), @"FOLDER/other.db is damaged or no store: it is another program's database; move it away, and a new one is made");
    let path = folder.join("text.db");
    fs::write(
        &path,
        "This is no database, but a text that is long enough to be taken for one. ".repeat(20),
    )
    .unwrap();
    let text = Store::open(&path, options()).unwrap_err();
    insta::assert_snapshot!(said(&text, &folder), @"FOLDER/text.db is damaged or no store: file is not a database; move it away, and a new one is made");
    assert!(fs::read_to_string(&path).unwrap().starts_with("This is"));
}

#[cfg(unix)]
#[test]
fn a_folder_that_may_only_be_read_is_told_and_shown() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder("closed-off");
    let path = folder.join("spans.db");
    let store = open_at(&folder);
    take(&store, vec![chat(1, 1, Vec::new(), "x")]);
    store.close();
    let allow = |mode| fs::set_permissions(&folder, fs::Permissions::from_mode(mode)).unwrap();
    allow(0o500);
    if fs::write(folder.join("probe"), "").is_ok() {
        allow(0o700);
        println!("skipped: whoever runs this may write everywhere");
        return;
    }
    let refused = Store::open(&path, options());
    let reading = Options {
        access: Access::ReadOnly,
        ..options()
    };
    let shown =
        Store::open(&path, reading).map(|store| store.traces(&Filter::default(), Page::default()));
    allow(0o700);
    assert!(
        matches!(refused, Err(Error::ReadOnly { .. })),
        "{refused:?}"
    );
    assert_eq!(shown.unwrap().unwrap().traces.len(), 1);
}
