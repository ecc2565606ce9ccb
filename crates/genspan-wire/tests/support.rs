//! The table of what is supported, on the front page, is what exchanges show: no more of it and no less.
//!
//! `GENSPAN_UPDATE=1 cargo test -p genspan-wire --test support` writes it, where the recorded traffic is at hand.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "tests; the environment says whether a skip is allowed"
)]

#[path = "../fuzz/checks/formats.rs"]
#[allow(dead_code, reason = "of the fuzz target its inputs are read here")]
mod formats;
#[path = "../fuzz/checks/pieces.rs"]
mod pieces;
#[path = "support/shown.rs"]
mod shown;
#[path = "support/traffic.rs"]
mod traffic;

use std::{collections::BTreeMap, fmt::Write, fs, path::Path};

use shown::{COLUMNS, Shown};

const BEGIN: &str = "<!-- support -->\n";
const END: &str = "<!-- /support -->\n";
/// What recorded traffic of the provider shows.
const RECORDED: &str = "●";
/// What only fixtures of our own show.
const OWN: &str = "○";

/// Names whose model is asked, in which format.
type Row = (String, &'static str);

#[derive(Default)]
struct Measured {
    own: Shown,
    recorded: Shown,
}

/// Reads all exchanges there are; says whether recorded traffic was among them.
fn measured() -> (BTreeMap<Row, Measured>, bool) {
    let mut rows: BTreeMap<Row, Measured> = BTreeMap::new();
    for (row, shown) in traffic::own() {
        rows.entry(row).or_default().own.add(shown);
    }
    let recorded = traffic::recorded();
    let is_whole = recorded.is_some();
    for (row, shown) in recorded.into_iter().flatten() {
        rows.entry(row).or_default().recorded.add(shown);
    }
    rows.retain(|_, measured| !measured.own.is_empty() || !measured.recorded.is_empty());
    (rows, is_whole)
}

fn table(rows: &BTreeMap<Row, Measured>) -> String {
    let mut text = format!("| provider | format | {} |\n", COLUMNS.join(" | "));
    text += &format!("|---|---|{}\n", ":-:|".repeat(COLUMNS.len()));
    for ((provider, format), measured) in rows {
        write!(text, "| {provider} | `{format}` |").unwrap();
        for column in 0..COLUMNS.len() {
            let mark = match (measured.recorded.has(column), measured.own.has(column)) {
                (true, _) => RECORDED,
                (false, true) => OWN,
                (false, false) => "",
            };
            write!(text, " {mark} |").unwrap();
        }
        text.push('\n');
    }
    text
}

/// Gives each mark of a table by its row and column.
fn marks(table: &str) -> BTreeMap<(String, String, String), String> {
    let cells = |line: &str| -> Vec<String> {
        let line = line.trim().trim_start_matches('|').trim_end_matches('|');
        line.split('|').map(|cell| cell.trim().to_owned()).collect()
    };
    let mut lines = table.lines().filter(|line| line.starts_with('|'));
    let names = lines.next().map(cells).unwrap_or_default();
    let mut marks = BTreeMap::new();
    for row in lines.skip(1).map(cells) {
        for (name, mark) in names.iter().zip(&row).skip(2) {
            if !mark.is_empty() {
                marks.insert((row[0].clone(), row[1].clone(), name.clone()), mark.clone());
            }
        }
    }
    marks
}

#[test]
fn the_front_page_says_what_exchanges_show() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md");
    let page = fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once(BEGIN).expect("the table's begin is marked");
    let (stated, after) = rest.split_once(END).expect("the table's end is marked");
    let (rows, is_whole) = measured();
    let shown = table(&rows);
    if is_whole && std::env::var_os("GENSPAN_UPDATE").is_some() {
        fs::write(&path, format!("{before}{BEGIN}{shown}{END}{after}")).unwrap();
        return;
    }
    let (stated_marks, shown_marks) = (marks(stated), marks(&shown));
    let mut wrong = Vec::new();
    for (place, mark) in &shown_marks {
        match stated_marks.get(place) {
            Some(stated) if stated == mark || !is_whole => {}
            stated => wrong.push(format!(
                "{place:?}: exchanges show {mark}, the page says {stated:?}"
            )),
        }
    }
    // Without recorded traffic nothing can be said of what it shows.
    let unshown = stated_marks
        .iter()
        .filter(|(place, mark)| !shown_marks.contains_key(*place) && (is_whole || *mark == OWN));
    wrong.extend(
        unshown
            .map(|(place, mark)| format!("{place:?}: the page says {mark}, no exchange shows it")),
    );
    assert!(
        wrong.is_empty(),
        "{}\n\nGENSPAN_UPDATE=1 writes:\n{shown}",
        wrong.join("\n")
    );
    if is_whole {
        assert_eq!(stated, shown, "GENSPAN_UPDATE=1 writes it");
    }
}

#[test]
fn marks_are_read_by_row_and_column() {
    let table = "| provider | format | whole | tools |\n|---|---|:-:|:-:|\n| a | `f` |  | ○ |\n";
    let expected = ("a".to_owned(), "`f`".to_owned(), "tools".to_owned());
    assert_eq!(marks(table), BTreeMap::from([(expected, OWN.to_owned())]));
}
