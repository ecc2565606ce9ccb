//! Texts as the index takes them, and what users look for as the index asks for it.

use std::borrow::Cow;

/// Sets the letters of languages that write without spaces apart, so that each can be found; other text stays as it is.
pub(crate) fn spaced(text: &str) -> Cow<'_, str> {
    if text.is_ascii() || !text.chars().any(is_unspaced) {
        return Cow::Borrowed(text);
    }
    let mut spaced = String::with_capacity(text.len() + text.len() / 2);
    for letter in text.chars() {
        if is_unspaced(letter) {
            spaced.push(' ');
            spaced.push(letter);
            spaced.push(' ');
        } else {
            spaced.push(letter);
        }
    }
    Cow::Owned(spaced)
}

/// Tells whether a letter belongs to a script without spaces: Chinese, Japanese, Thai, Lao, Khmer, Burmese.
const fn is_unspaced(letter: char) -> bool {
    matches!(letter,
        '\u{0e00}'..='\u{0eff}'
        | '\u{1000}'..='\u{109f}'
        | '\u{1780}'..='\u{17ff}'
        | '\u{3040}'..='\u{30ff}'
        | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3ffff}')
}

/// Holds what is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sought {
    /// In the index's language; `None` where there is no word to look for.
    pub(crate) expression: Option<String>,
    /// The words, in lower case and on one line, for finding the place in a text.
    pub(crate) words: Vec<String>,
}

/// Reads what a user typed. Nothing of it can be an error.
pub(crate) fn sought(text: &str) -> Sought {
    let mut phrases: Vec<(&str, bool)> = Vec::new();
    for (number, part) in text.split('"').enumerate() {
        if number % 2 == 1 {
            phrases.push((part, true));
        } else {
            phrases.extend(part.split_whitespace().map(|word| (word, false)));
        }
    }
    phrases.retain(|(phrase, _)| phrase.chars().any(is_word));
    let is_typing = !text.ends_with(|last: char| last.is_whitespace() || last == '"');
    let last = phrases.len();
    let terms: Vec<String> = phrases
        .iter()
        .zip(1..)
        .map(|((phrase, is_quoted), number)| {
            let phrase = spaced(phrase).replace('\0', " ");
            let is_beginning = number == last && is_typing && !is_quoted && is_telling(&phrase);
            let star = if is_beginning { "*" } else { "" };
            format!("\"{phrase}\"{star}")
        })
        .collect();
    let words = phrases
        .iter()
        .map(|(phrase, _)| one_line(&phrase.to_lowercase()));
    Sought {
        expression: (!terms.is_empty()).then(|| terms.join(" AND ")),
        words: words.collect(),
    }
}

/// Tells whether a beginning says enough to look for all words that begin so: one or two letters of an alphabet begin so
/// many that looking for them is what makes a search slow.
fn is_telling(beginning: &str) -> bool {
    let last = beginning.rsplit(|letter| !is_word(letter)).next();
    let last = last.filter(|last| !last.is_empty()).unwrap_or(beginning);
    !last.is_ascii() || last.len() >= SHORTEST_BEGINNING
}

/// Letters from which on the last word counts as the beginning of one.
const SHORTEST_BEGINNING: usize = 3;

/// Tells whether the index takes a letter as part of a word.
fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || !letter.is_ascii() && !letter.is_whitespace()
}

/// Puts one space wherever there is any white space.
pub(crate) fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    line
}

/// Letters around what was found.
const AROUND: usize = 60;

/// Cuts out of a text what stands around the first word that is found in it.
pub(crate) fn snippet(text: &str, words: &[String]) -> String {
    let letters: Vec<char> = one_line(text).chars().collect();
    let lower: Vec<char> = letters
        .iter()
        .map(|letter| letter.to_lowercase().next().unwrap_or(*letter))
        .collect();
    let places = words.iter().filter_map(|word| {
        let word: Vec<char> = word.chars().collect();
        if word.is_empty() {
            return None;
        }
        lower.windows(word.len()).position(|window| window == word)
    });
    let at = places.min().unwrap_or_default();
    let start = at.saturating_sub(AROUND);
    let shown: String = letters.iter().skip(start).take(2 * AROUND + 20).collect();
    let ellipsis = |is_cut: bool| if is_cut { "…" } else { "" };
    let shown = shown.trim();
    let is_cut = start + 2 * AROUND + 20 < letters.len();
    format!("{}{shown}{}", ellipsis(start > 0), ellipsis(is_cut))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expression(text: &str) -> String {
        sought(text).expression.unwrap_or_default()
    }

    #[test]
    fn what_is_typed_is_never_syntax() {
        assert_eq!(expression("red car"), "\"red\" AND \"car\"*");
        assert_eq!(expression("red car "), "\"red\" AND \"car\"");
        assert_eq!(expression("red ca"), "\"red\" AND \"ca\"");
        assert_eq!(expression("red-ca"), "\"red-ca\"");
        assert_eq!(expression("né"), "\"né\"*");
        assert_eq!(
            expression("a \"red car\" -b"),
            "\"a\" AND \"red car\" AND \"-b\""
        );
        assert_eq!(expression("NEAR( OR * : ^ \""), "\"NEAR(\" AND \"OR\"");
        assert_eq!(expression("  ( * ) \"\" "), "");
        assert_eq!(expression("天気"), "\" 天  気 \"*");
    }

    #[test]
    fn a_snippet_shows_what_was_found() {
        let text = format!("{} The Paris\n  train {}", "x ".repeat(90), "y ".repeat(90));
        let found = snippet(&text, &["paris".to_owned()]);
        assert!(found.starts_with("…x") && found.ends_with('…'), "{found}");
        assert!(found.contains("The Paris train y"), "{found}");
        let lines = format!("{}Paris\n train", "x ".repeat(90));
        let found = snippet(&lines, &["paris train".to_owned()]);
        assert!(found.ends_with("x Paris train"), "{found}");
        assert_eq!(snippet("short", &["none".to_owned()]), "short");
        assert_eq!(snippet("", &[]), "");
    }
}
