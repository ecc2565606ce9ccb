//! The tables, from version to version.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use crate::{Error, file::Fault};

/// Takes the tables from each version to the next; what stands here once is never changed.
///
/// A span is narrow in `span`; what it was made of is in `body`, and what that shares with others in `content`, once. `trace`
/// holds sums over its spans, which are made anew where `is_stale`; `facet` holds what a trace can be found by, in the order of
/// time. `doc` holds the words that are indexed in `words`, `said` who said them; spans in `unread` are not indexed yet.
/// `setting` holds what was last chosen for the store, whoever opens it, and the greatest id that log records had when some
/// were taken out; the index gathers all words of a transaction before it sorts them. `shelf` says which further tables the
/// index has: `words` is the first, `words_` and a number the others, each for 65,536 of `doc`; what was taken out of one that
/// `is_worn` still stands in it. What calls cost may be known from the agent alone, which a trace then says; logs are listed by
/// time. `chore` says what is still to be wiped, whoever is killed meanwhile: when it is `due`, and a `number` that is another
/// one with everything that goes. What calls cost may be another amount in their own conversation: traces whose agents (kinds 4
/// and 5) state a cost are summed up anew.
const STEPS: [&str; 6] = [
    "
    CREATE TABLE trace (
        id              INTEGER PRIMARY KEY,
        trace_id        BLOB NOT NULL UNIQUE,
        arrived         INTEGER NOT NULL,
        is_stale        INTEGER NOT NULL,
        started         INTEGER NOT NULL,
        ended           INTEGER NOT NULL,
        name            TEXT NOT NULL DEFAULT '',
        operation       TEXT,
        agent           TEXT,
        conversation    TEXT,
        service         TEXT,
        said            TEXT,
        models          TEXT NOT NULL DEFAULT '',
        providers       TEXT NOT NULL DEFAULT '',
        sources         TEXT NOT NULL DEFAULT '',
        spans           INTEGER NOT NULL DEFAULT 0,
        calls           INTEGER NOT NULL DEFAULT 0,
        tools           INTEGER NOT NULL DEFAULT 0,
        errors          INTEGER NOT NULL DEFAULT 0,
        cancelled       INTEGER NOT NULL DEFAULT 0,
        input           INTEGER,
        cached          INTEGER,
        output          INTEGER,
        reasoning       INTEGER,
        cost            INTEGER,
        currency        TEXT,
        unpriced        INTEGER NOT NULL DEFAULT 0,
        first_chunk     INTEGER,
        status          INTEGER NOT NULL DEFAULT 0,
        is_headless     INTEGER NOT NULL DEFAULT 0,
        error_type      TEXT
    ) STRICT;
    CREATE INDEX trace_started ON trace (started, id);
    CREATE INDEX trace_arrived ON trace (arrived);
    CREATE INDEX trace_stale ON trace (id) WHERE is_stale;
    CREATE INDEX trace_empty ON trace (id) WHERE spans = 0;

    CREATE TABLE span (
        id              INTEGER PRIMARY KEY AUTOINCREMENT,
        trace           INTEGER NOT NULL,
        span_id         BLOB NOT NULL,
        parent_id       BLOB,
        started         INTEGER NOT NULL,
        ended           INTEGER NOT NULL,
        weight          INTEGER NOT NULL,
        digest          INTEGER NOT NULL,
        name            TEXT NOT NULL,
        operation       TEXT,
        kind            INTEGER NOT NULL,
        status          INTEGER NOT NULL,
        error_type      TEXT,
        error_message   TEXT,
        model           TEXT,
        provider        TEXT,
        tool            TEXT,
        tool_call_id    TEXT,
        response_id     TEXT,
        agent           TEXT,
        conversation    TEXT,
        service         TEXT,
        source          TEXT NOT NULL,
        input           INTEGER,
        cached          INTEGER,
        output          INTEGER,
        reasoning       INTEGER,
        cost            INTEGER,
        currency        TEXT,
        first_chunk     INTEGER,
        finish_reasons  TEXT,
        is_truncated    INTEGER NOT NULL,
        links           BLOB,
        lead            INTEGER,
        is_counted      INTEGER NOT NULL,
        in_agent        TEXT,
        in_conversation TEXT
    ) STRICT;
    CREATE UNIQUE INDEX span_ids ON span (trace, span_id);
    CREATE INDEX span_started ON span (started, id);
    CREATE INDEX span_conversation ON span (in_conversation, started) WHERE in_conversation IS NOT NULL;

    CREATE INDEX span_lead ON span (lead) WHERE lead IS NOT NULL;

    CREATE TABLE body (
        span            INTEGER PRIMARY KEY,
        skeleton        BLOB NOT NULL,
        places          BLOB NOT NULL,
        thread          BLOB,
        said            TEXT
    ) STRICT;

    CREATE TABLE log (
        id              INTEGER PRIMARY KEY,
        trace           INTEGER,
        span_id         BLOB,
        at              INTEGER NOT NULL,
        arrived         INTEGER NOT NULL,
        digest          INTEGER NOT NULL UNIQUE,
        skeleton        BLOB NOT NULL,
        places          BLOB NOT NULL
    ) STRICT;
    CREATE INDEX log_trace ON log (trace, span_id) WHERE trace IS NOT NULL;
    CREATE INDEX log_arrived ON log (arrived) WHERE trace IS NULL;

    CREATE TABLE metric (
        id              INTEGER PRIMARY KEY,
        arrived         INTEGER NOT NULL,
        digest          INTEGER NOT NULL UNIQUE,
        body            BLOB NOT NULL
    ) STRICT;
    CREATE INDEX metric_arrived ON metric (arrived);

    CREATE TABLE piece (
        hash            BLOB PRIMARY KEY NOT NULL,
        content         INTEGER NOT NULL,
        uses            INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE content (
        id              INTEGER PRIMARY KEY,
        hash            BLOB NOT NULL,
        bytes           BLOB NOT NULL
    ) STRICT;

    CREATE TABLE facet (
        kind            INTEGER NOT NULL,
        word            TEXT NOT NULL,
        started         INTEGER NOT NULL,
        trace           INTEGER NOT NULL,
        PRIMARY KEY (kind, word, started, trace)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX facet_trace ON facet (trace);

    CREATE TABLE chore (
        name            TEXT PRIMARY KEY NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE unread (
        span            INTEGER PRIMARY KEY
    ) STRICT;
    CREATE TABLE doc (
        id              INTEGER PRIMARY KEY AUTOINCREMENT,
        hash            BLOB NOT NULL UNIQUE
    ) STRICT;
    CREATE TABLE said (
        doc             INTEGER NOT NULL,
        trace           INTEGER NOT NULL,
        span            INTEGER NOT NULL,
        PRIMARY KEY (doc, trace, span)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX said_trace ON said (trace);
    CREATE VIRTUAL TABLE words USING fts5 (
        text, content = '', contentless_delete = 1,
        tokenize = \"unicode61 remove_diacritics 2 categories 'L* N* Co So'\"
    );
",
    "
    CREATE TABLE setting (
        name            TEXT PRIMARY KEY NOT NULL,
        value           TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    INSERT INTO words (words, rank) VALUES ('hashsize', 67108864);
",
    "
    CREATE TABLE shelf (
        number          INTEGER PRIMARY KEY,
        is_worn         INTEGER NOT NULL
    ) STRICT;
    INSERT INTO shelf VALUES ((SELECT coalesce(max(id), 0) >> 16 FROM doc), 1);
",
    "
    ALTER TABLE trace ADD COLUMN is_cost_stated INTEGER NOT NULL DEFAULT 0;
    UPDATE trace SET is_stale = 1 WHERE spans > 0 AND (unpriced > 0 OR cost IS NULL);
    CREATE INDEX log_at ON log (at, id);
",
    "
    ALTER TABLE chore ADD COLUMN number INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE chore ADD COLUMN due INTEGER;
    UPDATE chore SET due = 0;
",
    "
    UPDATE trace SET is_stale = 1
    WHERE id IN (SELECT trace FROM span WHERE cost IS NOT NULL AND kind IN (4, 5));
",
];

/// Marks files as stores, in SQLite's header.
const APPLICATION: i32 = 0x6765_6e73;

/// Brings the tables to the newest version; of several processes that open a file at once one does.
pub(crate) fn migrate(connection: &mut Connection, path: &Path) -> Result<(), Error> {
    apply(connection, path, &STEPS)
}

fn apply(connection: &mut Connection, path: &Path, steps: &[&str]) -> Result<(), Error> {
    let newest = i64::try_from(steps.len()).unwrap_or(i64::MAX);
    let fault = |error| Fault::of(error).into_error(path);
    if check(connection, path, newest)? == newest {
        return Ok(());
    }
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(fault)?;
    let version = check(&transaction, path, newest)?;
    for (number, step) in (1_i64..).zip(steps) {
        if number > version {
            transaction.execute_batch(step).map_err(fault)?;
        }
    }
    transaction
        .pragma_update(None, "application_id", APPLICATION)
        .map_err(fault)?;
    transaction
        .pragma_update(None, "user_version", newest)
        .map_err(fault)?;
    transaction.commit().map_err(fault)
}

/// Makes sure that a file which cannot be brought up to date is one of this version.
pub(crate) fn check_whole(connection: &Connection, path: &Path) -> Result<(), Error> {
    let newest = i64::try_from(STEPS.len()).unwrap_or(i64::MAX);
    match check(connection, path, newest)? {
        version if version == newest => Ok(()),
        version => Err(Error::ReadOnly {
            path: path.to_owned(),
            what: format!("it has version {version} and is to be brought up to {newest} first"),
        }),
    }
}

/// Gives the version of a file that this program can read; 0 where it is empty.
fn check(connection: &Connection, path: &Path, newest: i64) -> Result<i64, Error> {
    let fault = |error| Fault::of(error).into_error(path);
    let number = |pragma: &str| -> Result<i64, Error> {
        connection
            .pragma_query_value(None, pragma, |row| row.get(0))
            .map_err(fault)
    };
    let version = number("user_version")?;
    let tables: i64 = connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .map_err(fault)?;
    let is_own = number("application_id")? == i64::from(APPLICATION);
    if tables > 0 && !is_own {
        return Err(Error::Corrupt {
            path: path.to_owned(),
            what: "it is another program's database".to_owned(),
        });
    }
    if version > newest {
        return Err(Error::NewerSchema {
            path: path.to_owned(),
            found: version,
            known: newest,
        });
    }
    Ok(version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_older_file_is_brought_up_to_date_and_keeps_what_it_has() {
        let path = Path::new("older.db");
        let mut connection = Connection::open_in_memory().unwrap();
        let older = ["CREATE TABLE thing (a); INSERT INTO thing VALUES (7)"];
        apply(&mut connection, path, &older).unwrap();
        let newer = [
            older[0],
            "ALTER TABLE thing ADD COLUMN b DEFAULT 8",
            "UPDATE thing SET b = b + 1",
        ];
        for _ in 0..2 {
            apply(&mut connection, path, &newer).unwrap();
            let thing: (i64, i64) = connection
                .query_row("SELECT a, b FROM thing", [], |row| {
                    Ok((row.get(0)?, row.get(1)?))
                })
                .unwrap();
            assert_eq!(thing, (7, 9));
        }
        let refused = apply(&mut connection, path, &older).unwrap_err();
        assert!(matches!(
            refused,
            Error::NewerSchema {
                found: 3,
                known: 1,
                ..
            }
        ));
    }

    #[test]
    fn a_step_that_fails_leaves_the_file_as_it_was() {
        let path = Path::new("older.db");
        let mut connection = Connection::open_in_memory().unwrap();
        apply(&mut connection, path, &["CREATE TABLE thing (a)"]).unwrap();
        let broken = ["CREATE TABLE thing (a)", "DROP TABLE thing", "no SQL"];
        assert!(apply(&mut connection, path, &broken).is_err());
        assert_eq!(check(&connection, path, 9).unwrap(), 1);
        connection
            .execute("INSERT INTO thing VALUES (1)", [])
            .unwrap();
    }
}
