//! Rows of words under titles.

use super::{
    figures,
    text::{columns, fitted, printable},
};
use crate::style::Style;

/// Columns that a word takes at most, but for those of the last column, which take what is left.
const WIDEST: usize = 40;

/// Columns that are left for the last one, however much the others need.
const LEAST: usize = 20;

/// Draws rows of words under titles, no wider than the style allows; all but the last column are as wide as their words.
///
/// Columns without a word are left out.
#[must_use]
pub fn rows<const N: usize>(titles: [&str; N], rows: &[[String; N]], style: &Style) -> String {
    let shown = |at: usize, row: &[String; N]| {
        let word = row.get(at).map(String::as_str).unwrap_or_default();
        let word = printable(word, style.unicode);
        if at + 1 == N {
            word
        } else {
            fitted(&word, WIDEST, style.unicode)
        }
    };
    let mut lines = vec![String::new(); rows.len() + 1];
    let mut taken = 0;
    for (at, title) in titles.into_iter().enumerate() {
        let words: Vec<String> = rows.iter().map(|row| shown(at, row)).collect();
        if words.iter().all(String::is_empty) {
            continue;
        }
        let all = std::iter::once(title.to_owned()).chain(words);
        let all: Vec<String> = all.collect();
        let is_last = at + 1 == N;
        let left = style.width.saturating_sub(taken).max(LEAST);
        let wide = all.iter().map(|word| columns(word)).max().unwrap_or(0);
        for (line, word) in lines.iter_mut().zip(all) {
            if is_last {
                line.push_str(&fitted(&word, left, style.unicode));
            } else {
                let padding = wide - columns(&word) + 2;
                line.push_str(&word);
                line.extend(std::iter::repeat_n(' ', padding));
            }
        }
        taken += wide + 2;
    }
    let mut drawn = String::new();
    for line in lines {
        drawn.push_str(line.trim_end());
        drawn.push('\n');
    }
    drawn
}

/// Writes a moment, in nanoseconds since the Unix epoch, as tables do: date and time of day in UTC.
#[must_use]
pub fn moment(unix_nanos: u64) -> String {
    figures::moment(unix_nanos)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_stand_under_their_titles_and_are_cut_at_the_end() {
        let row = |words: [&str; 4]| words.map(str::to_owned);
        let drawn = rows(
            ["at", "name", "whom", "says"],
            &[
                row([
                    "1",
                    "api_request",
                    "",
                    "all is well, and much more to say of it",
                ]),
                row(["22", "a", "", "\u{1b}[31mred"]),
                row(["3", &"x".repeat(60), "", ""]),
            ],
            &Style {
                width: 72,
                ..Style::PLAIN
            },
        );
        insta::assert_snapshot!(drawn, @r"
        at  name                                      says
        1   api_request                               all is well, and much mo..
        22  a                                         ?[31mred
        3   xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx..
        ");
        assert_eq!(rows(["a", "b"], &[], &Style::PLAIN), "\n");
    }
}
