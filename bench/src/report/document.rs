//! The document that keeps the tables, `docs/PERFORMANCE.md`.

use std::{fs, path::Path, process::Command};

use super::{Table, format, verdicts::verdicts};
use crate::harness::Options;

/// Shows tables beside what the document has of them, and puts them into it when asked to.
pub(crate) fn show(tables: &[Table], options: Options, is_update: bool) -> Result<String, String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/PERFORMANCE.md");
    let mut document = fs::read_to_string(&path).unwrap_or_default();
    let mut shown = String::new();
    for table in tables {
        let old = between(&document, table.name).map(|(_, old, _)| old);
        let text = format::table(table, &format::read(old.unwrap_or_default()));
        if is_update {
            let text = format!("{}\n{text}", measured(options));
            document = replaced(&document, table.name, &text)?;
        }
        shown.push_str(&text);
        shown.push('\n');
    }
    if is_update {
        let said = verdicts(&document);
        document = replaced(&document, "verdicts", &said)?;
        fs::write(&path, document)
            .map_err(|error| format!("cannot write {}: {error}", path.display()))?;
    }
    Ok(shown)
}

/// Splits a document at the markers of a table.
fn between<'d>(document: &'d str, name: &str) -> Option<(&'d str, &'d str, &'d str)> {
    let (begin, end) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
    let (head, rest) = document.split_once(&begin)?;
    let (old, tail) = rest.split_once(&end)?;
    Some((head, old, tail))
}

fn replaced(document: &str, name: &str, text: &str) -> Result<String, String> {
    let (head, _, tail) = between(document, name).ok_or_else(|| {
        format!("docs/PERFORMANCE.md has no place `<!-- {name} -->` … `<!-- /{name} -->`")
    })?;
    Ok(format!(
        "{head}<!-- {name} -->\n{text}<!-- /{name} -->{tail}"
    ))
}

/// Says when and on what it was measured.
fn measured(options: Options) -> String {
    let date = jiff::Zoned::now().strftime("%Y-%m-%d").to_string();
    let effort = if options.is_quick {
        ", roughly (`--quick`)"
    } else {
        ""
    };
    format!("Measured on {date}{effort}: {}.\n", machine())
}

fn machine() -> String {
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let fact = |name: &str| {
        let line = cpu.lines().find(|line| line.starts_with(name));
        let value = line.and_then(|line| line.split_once(':'));
        value
            .map_or("unknown", |(_, value)| value.trim())
            .to_owned()
    };
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let rustc = Command::new("rustc").arg("-V").output();
    let rustc = rustc.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    format!(
        "{} (family {}, model {}), {cores} cores, {}, {}",
        fact("model name"),
        fact("cpu family"),
        fact("model"),
        std::env::consts::OS,
        rustc.unwrap_or_else(|_| "rustc unknown".to_owned()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = "A\n<!-- x -->\nold\n<!-- /x -->\nB\n";

    #[test]
    fn a_table_replaces_the_old_one_and_nothing_else() {
        let new = replaced(DOCUMENT, "x", "new\n").unwrap();
        assert_eq!(new, "A\n<!-- x -->\nnew\n<!-- /x -->\nB\n");
        assert_eq!(replaced(&new, "x", "old\n").unwrap(), DOCUMENT);
    }

    #[test]
    fn a_table_without_a_place_is_an_error() {
        assert!(
            replaced(DOCUMENT, "y", "")
                .unwrap_err()
                .contains("<!-- y -->")
        );
    }
}
