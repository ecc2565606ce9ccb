//! Text that others wrote, made fit for a terminal.

/// Replaces what a terminal would obey instead of showing, and what it cannot show.
pub(super) fn printable(text: &str, unicode: bool) -> String {
    let shown = |letter: char| match letter {
        _ if is_command(letter) || !unicode && !letter.is_ascii() => '?',
        letter => letter,
    };
    text.chars().map(shown).collect()
}

/// Tells control characters and those that turn the direction of text.
fn is_command(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{200e}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Counts the columns that a text takes.
pub(super) fn columns(text: &str) -> usize {
    text.chars().map(width).sum()
}

/// Gives the columns of one letter: two for East Asian letters and pictures, none for marks on others.
const fn width(letter: char) -> usize {
    match letter {
        '\u{0300}'..='\u{036f}' | '\u{200b}'..='\u{200d}' | '\u{fe00}'..='\u{fe0f}' => 0,
        '\u{1100}'..='\u{115f}'
        | '\u{2e80}'..='\u{a4cf}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe6f}'
        | '\u{ff00}'..='\u{ff60}'
        | '\u{ffe0}'..='\u{ffe6}'
        | '\u{1f300}'..='\u{1f64f}'
        | '\u{1f680}'..='\u{1f6ff}'
        | '\u{1f900}'..='\u{1faff}'
        | '\u{20000}'..='\u{3fffd}' => 2,
        _ => 1,
    }
}

/// Cuts a text to at most `room` columns and marks that it was cut.
pub(super) fn fitted(text: &str, room: usize, unicode: bool) -> String {
    if columns(text) <= room {
        return text.to_owned();
    }
    let mark = if unicode { "…" } else { ".." };
    let mut left = room.saturating_sub(columns(mark));
    let mut cut = String::new();
    for letter in text.chars() {
        let Some(rest) = left.checked_sub(width(letter)) else {
            break;
        };
        left = rest;
        cut.push(letter);
    }
    cut.push_str(mark);
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terminals_are_not_commanded() {
        assert_eq!(printable("a\u{1b}[31mb\r\n\u{202e}é", true), "a?[31mb???é");
        assert_eq!(printable("é", false), "?");
    }

    #[test]
    fn cuts_count_columns() {
        assert_eq!(fitted("chat gpt-4o", 11, true), "chat gpt-4o");
        assert_eq!(fitted("chat gpt-4o", 8, true), "chat gp…");
        assert_eq!(fitted("chat gpt-4o", 8, false), "chat g..");
        assert_eq!(fitted("日本語です", 6, true), "日本…");
        assert_eq!(columns("e\u{301}"), 1);
    }
}
