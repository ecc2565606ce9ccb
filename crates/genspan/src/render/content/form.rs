//! The two forms of structured content: a value, or the JSON text of that value.

use std::borrow::Cow;

use crate::{Value, value::write};

/// Takes content piece by piece, in the order in which it stands, and gives it one of two forms.
///
/// What begins must end; a member's name comes before its value.
pub(super) enum Form {
    Tree(Tree),
    Json(Text),
}

/// Gathers a value.
#[derive(Default)]
pub(super) struct Tree {
    done: Value,
    open: Vec<Open>,
}

/// Holds a list or map that has begun.
enum Open {
    List(Vec<Value>),
    /// The last member has its name before it has its value.
    Map(Vec<(String, Value)>),
}

/// Writes the JSON text that [`Value::to_json`] would give of the value.
pub(super) struct Text {
    json: String,
    max_bytes: usize,
    /// How much more [`Value::json_len`] counts, which is what caps go by.
    slack: usize,
}

impl Form {
    pub(super) fn tree() -> Self {
        Self::Tree(Tree::default())
    }

    /// Makes room for a text that is no longer than `max_bytes`.
    pub(super) fn json(room: usize, max_bytes: usize) -> Self {
        Self::Json(Text {
            json: String::with_capacity(room),
            max_bytes,
            slack: 0,
        })
    }

    /// Gives the JSON text; `None` where it is no text, or a value of this size is cut.
    pub(super) fn into_json(self) -> Option<String> {
        match self {
            Self::Json(text) if !text.is_full() => Some(text.into_json()),
            _ => None,
        }
    }

    /// Tells whether this is a text that will be given up, so that nothing more need be written.
    pub(super) fn is_full(&self) -> bool {
        match self {
            Self::Tree(_) => false,
            Self::Json(text) => text.is_full(),
        }
    }

    /// Gives the value.
    pub(super) fn into_value(self) -> Value {
        match self {
            Self::Tree(tree) => tree.done,
            Self::Json(text) => Value::String(text.json),
        }
    }

    pub(super) fn begin_list(&mut self, len: usize) {
        match self {
            Self::Tree(tree) => tree.open.push(Open::List(Vec::with_capacity(len))),
            Self::Json(text) => text.begin('['),
        }
    }

    pub(super) fn end_list(&mut self) {
        match self {
            Self::Tree(tree) => tree.end(),
            Self::Json(text) => text.end(b'[', ']'),
        }
    }

    pub(super) fn begin_map(&mut self, len: usize) {
        match self {
            Self::Tree(tree) => tree.open.push(Open::Map(Vec::with_capacity(len))),
            Self::Json(text) => text.begin('{'),
        }
    }

    pub(super) fn end_map(&mut self) {
        match self {
            Self::Tree(tree) => tree.end(),
            Self::Json(text) => text.end(b'{', '}'),
        }
    }

    /// Names the member that comes next.
    pub(super) fn name<'a>(&mut self, name: impl Into<Cow<'a, str>>) {
        let name = name.into();
        match self {
            Self::Tree(tree) => tree.name(name.into_owned()),
            Self::Json(text) => {
                text.separate();
                write::write_text(&name, &mut text.json);
                text.json.push(':');
            }
        }
    }

    /// Names the member that comes next in one of the conventions' words, which need no escapes.
    pub(super) fn known(&mut self, name: &'static str) {
        match self {
            Self::Tree(tree) => tree.name(name.to_owned()),
            Self::Json(text) => {
                text.word(name);
                text.json.push(':');
            }
        }
    }

    /// Writes one of the conventions' words, which need no escapes.
    pub(super) fn word(&mut self, word: &'static str) {
        match self {
            Self::Tree(tree) => tree.put(Value::from(word)),
            Self::Json(text) => text.word(word),
        }
    }

    pub(super) fn text<'a>(&mut self, text: impl Into<Cow<'a, str>>) {
        let text = text.into();
        match self {
            Self::Tree(tree) => tree.put(Value::String(text.into_owned())),
            Self::Json(written) => {
                written.separate();
                write::write_text(&text, &mut written.json);
            }
        }
    }

    /// Writes a member that is a text.
    pub(super) fn member<'a>(&mut self, name: &'static str, text: impl Into<Cow<'a, str>>) {
        self.known(name);
        self.text(text);
    }

    /// Writes a value without texts in it, such as a number.
    pub(super) fn plain(&mut self, value: Value) {
        match self {
            Self::Tree(tree) => tree.put(value),
            Self::Json(text) => {
                text.separate();
                let before = text.json.len();
                write::write(&value, &mut text.json);
                let written = text.json.len() - before;
                text.slack += value.json_len().saturating_sub(written);
            }
        }
    }
}

impl Tree {
    fn put(&mut self, value: Value) {
        match self.open.last_mut() {
            None => self.done = value,
            Some(Open::List(items)) => items.push(value),
            Some(Open::Map(members)) => {
                if let Some((_, place)) = members.last_mut() {
                    *place = value;
                }
            }
        }
    }

    fn name(&mut self, name: String) {
        if let Some(Open::Map(members)) = self.open.last_mut() {
            members.push((name, Value::Null));
        }
    }

    fn end(&mut self) {
        match self.open.pop() {
            None => {}
            Some(Open::List(items)) => self.put(Value::Array(items)),
            Some(Open::Map(members)) => self.put(Value::Map(members)),
        }
    }
}

impl Text {
    /// Gives the text without most of the room that it did not need.
    fn into_json(mut self) -> String {
        if self.json.len() < self.json.capacity() / 2 {
            self.json.shrink_to_fit();
        }
        self.json
    }

    fn is_full(&self) -> bool {
        self.json.len() + self.slack > self.max_bytes
    }

    /// Writes the comma between this and what stands before it.
    fn separate(&mut self) {
        match self.json.as_bytes().last() {
            None | Some(b'[' | b'{' | b':') => {}
            Some(_) => self.json.push(','),
        }
    }

    fn word(&mut self, word: &str) {
        self.separate();
        self.json.push('"');
        self.json.push_str(word);
        self.json.push('"');
    }

    fn begin(&mut self, bracket: char) {
        self.separate();
        self.json.push(bracket);
    }

    fn end(&mut self, opened: u8, bracket: char) {
        // A comma is counted for the last item too.
        self.slack += usize::from(self.json.as_bytes().last() != Some(&opened));
        self.json.push(bracket);
    }
}
