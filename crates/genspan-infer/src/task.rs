//! Recognising what a tool call was given to do in what a sub-agent is asked.

use genspan::{Message, Part, Role, Value};

/// Fingerprints the texts among a tool call's arguments, so that they can be found again without being kept.
#[derive(Clone, Debug, Default)]
pub(crate) struct Task {
    texts: Vec<TextPrint>,
}

/// Stands for a text.
#[derive(Clone, Copy, Debug)]
struct TextPrint {
    /// In bytes.
    length: usize,
    print: u64,
    /// Whether it says enough to be recognised within another: ids and names do not.
    is_sentence: bool,
}

/// Holds the first thing that a user says in a conversation.
#[derive(Debug)]
pub(crate) struct FirstWords<'a> {
    texts: Vec<&'a str>,
}

/// Bounds the texts of one call that are remembered.
const MAX_TEXTS: usize = 64;
/// Texts of fewer words say too little to be recognised within another.
const MIN_WORDS: usize = 3;
/// A text is what a message is about if it is at least this part of it: arguments that a model has read out of a text
/// stand in that text too.
const MOST: usize = 2;
/// Bounds the text in which others are looked for, in bytes.
const MAX_SEARCHED: usize = 256 * 1024;

const BASE: u64 = 0x9e37_79b9_7f4a_7c15;

impl Task {
    pub(crate) fn of(arguments: &Value) -> Self {
        let mut task = Self::default();
        task.add(arguments);
        task
    }

    fn add(&mut self, value: &Value) {
        match value {
            Value::String(text) => {
                let text = text.trim();
                if !text.is_empty() && self.texts.len() < MAX_TEXTS {
                    self.texts.push(TextPrint {
                        length: text.len(),
                        print: rolled(text.as_bytes()),
                        is_sentence: text.split_whitespace().nth(MIN_WORDS - 1).is_some(),
                    });
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.add(item)),
            Value::Map(members) => members.iter().for_each(|(_, member)| self.add(member)),
            _ => {}
        }
    }

    /// Tells how much of a text that was given to do stands in what is asked, in bytes; `None` where nothing does.
    ///
    /// A message that is the very text counts most; of another the text must be the greater part.
    pub(crate) fn likeness(&self, asked: &FirstWords<'_>) -> Option<usize> {
        let of = |of: &TextPrint| {
            let (length, print) = (of.length, of.print);
            let is_all = |text: &&str| text.len() == length && rolled(text.as_bytes()) == print;
            if asked.texts.iter().any(is_all) {
                return Some(usize::MAX);
            }
            let is_within = |text: &&str| {
                length.saturating_mul(MOST) >= text.len()
                    && stands_in(text.as_bytes(), length, print)
            };
            (of.is_sentence && asked.texts.iter().any(is_within)).then_some(length)
        };
        self.texts.iter().filter_map(of).max()
    }
}

impl<'a> FirstWords<'a> {
    pub(crate) fn of(input: &'a [Message]) -> Self {
        let first = input.iter().find(|message| message.role == Role::User);
        let texts = first.iter().flat_map(|message| &message.parts);
        let texts = texts.filter_map(|part| match part {
            Part::Text(text) => Some(text.trim()),
            _ => None,
        });
        Self {
            texts: texts.filter(|text| !text.is_empty()).collect(),
        }
    }
}

fn rolled(bytes: &[u8]) -> u64 {
    let add = |hash: u64, byte: &u8| hash.wrapping_mul(BASE).wrapping_add(u64::from(*byte) + 1);
    bytes.iter().fold(0, add)
}

/// Looks for a text of which only length and fingerprint are known.
fn stands_in(text: &[u8], length: usize, print: u64) -> bool {
    let text = text.get(..MAX_SEARCHED).unwrap_or(text);
    let Some((first, _)) = text.split_at_checked(length) else {
        return false;
    };
    let highest = (0..length).fold(1_u64, |power, _| power.wrapping_mul(BASE));
    let mut hash = rolled(first);
    if hash == print {
        return true;
    }
    let leaving = text.iter();
    let coming = text.iter().skip(length);
    for (gone, come) in leaving.zip(coming) {
        hash = hash
            .wrapping_mul(BASE)
            .wrapping_add(u64::from(*come) + 1)
            .wrapping_sub((u64::from(*gone) + 1).wrapping_mul(highest));
        if hash == print {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn likeness(arguments: &str, asked: &str) -> Option<usize> {
        let task = Task::of(&Value::from_json(arguments).unwrap());
        let input = [
            Message::text(Role::System, "You help."),
            Message::text(Role::User, asked),
        ];
        task.likeness(&FirstWords::of(&input))
    }

    #[test]
    fn a_task_is_found_whole_or_within_other_words() {
        let arguments = r#"{"kind":"guide","prompt":" See the old town. "}"#;
        assert_eq!(likeness(arguments, "See the old town."), Some(usize::MAX));
        let within = likeness(arguments, "Task: See the old town. Be short.");
        assert_eq!(within, Some("See the old town.".len()));
        assert_eq!(likeness(arguments, "See the new town."), None);
        let read_out = "Read out of this: See the old town. See the new town. See all else.";
        assert_eq!(likeness(arguments, read_out), None);
        assert_eq!(likeness(r#"{"city":"Paris"}"#, "What is in Paris?"), None);
        assert_eq!(likeness(r#"{"city":"Paris"}"#, "Paris"), Some(usize::MAX));
        assert_eq!(
            likeness(r#"{"id":"123e4567-e89b-12d3"}"#, "Use 123e4567-e89b-12d3."),
            None
        );
        assert_eq!(likeness("{}", ""), None);
    }

    #[test]
    fn a_text_is_found_wherever_it_stands() {
        let text = b"abcdefghij";
        for start in 0..text.len() {
            for end in start + 1..=text.len() {
                let piece = &text[start..end];
                assert!(
                    stands_in(text, piece.len(), rolled(piece)),
                    "{start}..{end}"
                );
            }
        }
        assert!(!stands_in(text, 3, rolled(b"abd")));
        assert!(!stands_in(text, 11, rolled(b"abcdefghijk")));
    }
}
