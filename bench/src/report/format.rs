//! Numbers as people read them, and tables as Markdown shows them.

use super::{Budget, Cell, Sample, Table, Unit};

/// What was measured before: label, least, ratio.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Before {
    pub(crate) label: String,
    pub(crate) ours: String,
    pub(crate) ratio: Option<f64>,
}

/// Writes a table, its notes, and how it stands beside what was measured before.
pub(crate) fn table(table: &Table, before: &[Before]) -> String {
    let mut text = format!("**{}**", table.title);
    if !table.peer.is_empty() {
        text.push_str(&format!(" – peer: {}", table.peer));
    }
    text.push_str("\n\n| what | genspan | peer | ratio | budget | holds | before | change |\n|---|---|---|---|---|---|---|---|\n");
    for cell in &table.cells {
        let before = before.iter().find(|before| before.label == cell.label);
        text.push_str(&line(cell, before));
    }
    let remarks = table
        .cells
        .iter()
        .filter(|cell| !cell.note.is_empty())
        .map(|cell| format!("{}: {}", cell.label, cell.note));
    for note in table.notes.iter().cloned().chain(remarks) {
        text.push_str(&format!("\n- {note}"));
    }
    text.push('\n');
    text
}

fn line(cell: &Cell, before: Option<&Before>) -> String {
    let ratio = cell.ratio();
    let peer = cell.peer.map(|peer| sample(peer, cell.unit));
    let verdict = cell
        .verdict()
        .map(|holds| if holds { "yes" } else { "**no**" });
    let (was, change) = match before {
        Some(before) => (was(before), change(cell, before)),
        None => (None, None),
    };
    let cells = [
        Some(cell.label.clone()),
        Some(sample(cell.ours, cell.unit)),
        peer,
        ratio.map(|ratio| format!("{ratio:.2}")),
        cell.budget.map(|limit| budget(limit, cell.unit)),
        verdict.map(str::to_owned),
        was,
        change,
    ];
    let cells = cells.map(|cell| cell.unwrap_or_else(|| "–".to_owned()));
    format!("| {} |\n", cells.join(" | "))
}

fn was(before: &Before) -> Option<String> {
    Some(match before.ratio {
        Some(ratio) => format!("{} ({ratio:.2})", before.ours),
        None => before.ours.clone(),
    })
}

/// Compares ratios where there are some, since machines differ from day to day.
fn change(cell: &Cell, before: &Before) -> Option<String> {
    let (new, old) = match (cell.ratio(), before.ratio) {
        (Some(new), Some(old)) => (new, old),
        _ => (cell.ours.least, parse(&before.ours)?),
    };
    (old > 0.0).then(|| format!("{:+.0} %", (new / old - 1.0) * 100.0))
}

fn budget(budget: Budget, unit: Unit) -> String {
    match budget {
        Budget::RatioAtMost(limit) => format!("≤ {limit} ×"),
        Budget::RatioAtLeast(limit) => format!("≥ {limit} ×"),
        Budget::AtMost(limit) => format!("≤ {}", number(limit, unit)),
        Budget::AtLeast(limit) => format!("≥ {}", number(limit, unit)),
        Budget::MoreAtMost(limit) => format!("≤ peer + {}", number(limit, unit)),
    }
}

/// Writes the least, and the median where it is another.
fn sample(sample: Sample, unit: Unit) -> String {
    let (least, median) = (number(sample.least, unit), number(sample.median, unit));
    if least == median {
        least
    } else {
        format!("{least} [{median}]")
    }
}

fn number(number: f64, unit: Unit) -> String {
    let scaled = |names: [&str; 3], step: f64| {
        let (scaled, name) = match number {
            few if few < step => (few, names[0]),
            more if more < step * step => (more / step, names[1]),
            many => (many / step / step, names[2]),
        };
        let digits = if scaled >= 100.0 {
            0
        } else if scaled >= 10.0 {
            1
        } else {
            2
        };
        format!("{scaled:.digits$} {name}")
    };
    match unit {
        Unit::Nanoseconds => scaled(["ns", "µs", "ms"], 1000.0),
        Unit::Bytes => scaled(["B", "KB", "MB"], 1024.0),
        Unit::Rate => scaled(["/s", "k/s", "M/s"], 1000.0),
        Unit::Percent => format!("{number:.1} %"),
        Unit::Allocations => format!("{}", (number * 100.0).round() / 100.0),
    }
}

/// Reads a number that was written by [`number`], in the unit that it was measured in.
fn parse(text: &str) -> Option<f64> {
    let mut words = text.split_whitespace();
    let number: f64 = words.next()?.parse().ok()?;
    let factor = match words.next() {
        Some("µs" | "k/s") => 1e3,
        Some("ms" | "M/s") => 1e6,
        Some("KB") => 1024.0,
        Some("MB") => 1024.0 * 1024.0,
        _ => 1.0,
    };
    Some(number * factor)
}

/// Reads the lines of tables that were written by [`table`].
pub(crate) fn read(text: &str) -> Vec<Before> {
    text.lines()
        .filter_map(|line| {
            let mut cells = line.strip_prefix("| ")?.split(" | ").map(str::trim);
            let label = cells.next()?.to_owned();
            let ours = cells.next()?;
            let ours = ours.split(" [").next()?.to_owned();
            let ratio = cells.nth(1)?.parse().ok();
            parse(&ours)?;
            Some(Before { label, ours, ratio })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell() -> Cell {
        let ours = Sample {
            least: 1300.0,
            median: 1450.0,
        };
        Cell::new("body 1 KB", Unit::Nanoseconds, ours)
            .beside(1000.0)
            .within(Budget::RatioAtMost(1.2))
    }

    fn shown(before: &[Before]) -> String {
        let cells = vec![cell(), Cell::new("off", Unit::Allocations, 0.0)];
        let notes = vec!["Beware.".to_owned()];
        let shown = Table {
            name: "x",
            title: "One call",
            peer: "a bare span",
            cells,
            notes,
        };
        table(&shown, before)
    }

    #[test]
    fn a_table_shows_numbers_budget_and_verdict() {
        assert_eq!(
            shown(&[]),
            "**One call** – peer: a bare span\n\n\
             | what | genspan | peer | ratio | budget | holds | before | change |\n\
             |---|---|---|---|---|---|---|---|\n\
             | body 1 KB | 1.30 µs [1.45 µs] | 1.00 µs | 1.30 | ≤ 1.2 × | **no** | – | – |\n\
             | off | 0 | – | – | – | – | – | – |\n\
             \n- Beware.\n"
        );
    }

    #[test]
    fn what_was_shown_is_what_was_before() {
        let before = read(&shown(&[]));
        assert_eq!(before.len(), 2);
        assert!(shown(&before).contains("| **no** | 1.30 µs (1.30) | +0 % |"));
        let slower = Before {
            label: "body 1 KB".to_owned(),
            ours: "2 µs".to_owned(),
            ratio: None,
        };
        assert!(shown(&[slower]).contains("| 2 µs | -35 % |"));
    }
}
