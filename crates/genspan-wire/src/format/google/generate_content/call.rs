//! A call of a function, whole or with arguments that come piece by piece.

use genspan::{Part, ToolCallRequest, Value};

use crate::{
    format::{google::spelled, keep::Keep},
    json::Json,
};

/// The deepest argument that is put together.
const MAX_DEPTH: usize = 64;

/// The members that an object of arguments may have which is put together.
const MAX_MEMBERS: usize = 1024;

/// Gathers one call.
#[derive(Clone, Debug)]
pub(super) struct Call {
    id: Option<String>,
    name: String,
    arguments: Value,
    /// More of it is announced.
    is_open: bool,
}

impl Call {
    /// Begins a call.
    pub(super) fn new(stated: Json<'_>, keep: &mut Keep) -> Self {
        let mut call = Self {
            id: None,
            name: String::new(),
            arguments: Value::Null,
            is_open: true,
        };
        call.read(stated, keep);
        call
    }

    /// Tells whether a piece belongs to this call: one that names a function begins another.
    pub(super) fn is_continued_by(&self, piece: &Json<'_>) -> bool {
        self.is_open && piece.text("name").is_none_or(str::is_empty)
    }

    /// Reads a piece.
    pub(super) fn read(&mut self, mut stated: Json<'_>, keep: &mut Keep) {
        self.id = self.id.take().or_else(|| spelled::string(&stated, "id"));
        if let Some(name) = spelled::string(&stated, "name") {
            self.name = name;
        }
        if let Some(arguments) = stated.take("args") {
            let arguments = arguments.into_value();
            if keep.take(arguments.weight()) {
                self.arguments = arguments;
            }
        }
        for piece in spelled::take_items(&mut stated, "partialArgs") {
            self.argument(piece, keep);
        }
        let continues = spelled::get(&stated, "willContinue").and_then(Json::as_bool);
        self.is_open = continues == Some(true);
    }

    /// Adds a piece of an argument at its place: a text grows, anything else comes whole.
    fn argument(&mut self, mut piece: Json<'_>, keep: &mut Keep) {
        let Some(path) = spelled::string(&piece, "jsonPath") else {
            return;
        };
        let value = ["stringValue", "numberValue", "boolValue"]
            .iter()
            .find_map(|name| spelled::take(&mut piece, name));
        let value = value.map_or(Value::Null, Json::into_value);
        if !keep.take(value.weight()) {
            return;
        }
        let steps = steps(&path).filter(|steps| steps.len() <= MAX_DEPTH);
        match steps.and_then(|steps| place(&mut self.arguments, &steps)) {
            Some(Value::String(text)) if value.as_str().is_some() => {
                text.push_str(value.as_str().unwrap_or_default());
            }
            Some(place) => *place = value,
            None => keep.refuse(),
        }
    }

    pub(super) fn into_part(self) -> Part {
        Part::ToolCallRequest(ToolCallRequest {
            id: self.id,
            name: self.name,
            arguments: self.arguments,
        })
    }
}

/// One step of a path into the arguments.
#[derive(Debug, PartialEq, Eq)]
enum Step<'p> {
    Member(&'p str),
    Item(usize),
}

/// Reads a path such as `$.lights[0].colour` or `$['full name']`.
fn steps(path: &str) -> Option<Vec<Step<'_>>> {
    let mut rest = path.strip_prefix('$')?;
    let mut steps = Vec::new();
    while !rest.is_empty() {
        if let Some(named) = rest.strip_prefix('.') {
            let end = named.find(['.', '[']).unwrap_or(named.len());
            let (name, after) = named.split_at_checked(end)?;
            steps.push(Step::Member(name));
            rest = after;
            continue;
        }
        let inner = rest.strip_prefix('[')?;
        let quote = inner
            .chars()
            .next()
            .filter(|first| matches!(first, '\'' | '"'));
        if let Some(quote) = quote {
            let (name, after) = inner.strip_prefix(quote)?.split_once(quote)?;
            steps.push(Step::Member(name));
            rest = after.strip_prefix(']')?;
        } else {
            let (index, after) = inner.split_once(']')?;
            steps.push(Step::Item(index.parse().ok()?));
            rest = after;
        }
    }
    Some(steps)
}

/// Goes to a place, making it where it is not there; lists grow by one item at a time.
fn place<'v>(value: &'v mut Value, steps: &[Step<'_>]) -> Option<&'v mut Value> {
    let Some((step, rest)) = steps.split_first() else {
        return Some(value);
    };
    let inner = match step {
        Step::Member(name) => {
            if !matches!(value, Value::Map(_)) {
                *value = Value::Map(Vec::new());
            }
            let Value::Map(members) = value else {
                return None;
            };
            if !members.iter().any(|(key, _)| key == name) {
                (members.len() < MAX_MEMBERS).then_some(())?;
                members.push(((*name).to_owned(), Value::Null));
            }
            members
                .iter_mut()
                .find(|(key, _)| key == name)
                .map(|(_, member)| member)?
        }
        Step::Item(index) => {
            if !matches!(value, Value::Array(_)) {
                *value = Value::Array(Vec::new());
            }
            let Value::Array(items) = value else {
                return None;
            };
            if *index == items.len() {
                items.push(Value::Null);
            }
            items.get_mut(*index)?
        }
    };
    place(inner, rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::read;

    fn call(pieces: &[&str]) -> (Call, Keep) {
        let mut keep = Keep::default();
        let first = read(pieces[0].as_bytes(), |_, json| Call::new(json, &mut keep));
        let call = pieces[1..].iter().fold(first, |mut call, piece| {
            read(piece.as_bytes(), |_, json| {
                assert!(call.is_continued_by(&json));
                call.read(json, &mut keep);
            });
            call
        });
        (call, keep)
    }

    #[test]
    fn arguments_are_put_together_at_their_places() {
        let (call, keep) = call(&[
            r#"{"name":"f","willContinue":true}"#,
            r#"{"partialArgs":[{"jsonPath":"$.city","stringValue":"Par","willContinue":true}],"willContinue":true}"#,
            r#"{"partial_args":[{"json_path":"$.city","string_value":"is"},{"jsonPath":"$.days","numberValue":3}],"will_continue":true}"#,
            r#"{"partialArgs":[{"jsonPath":"$.at[0]['x y']","boolValue":true},{"jsonPath":"$.at[1]","nullValue":"NULL_VALUE"}],"willContinue":true}"#,
            "{}",
        ]);
        assert!(!keep.has_refused() && !call.is_open);
        assert_eq!(call.name, "f");
        assert_eq!(
            call.arguments.to_json(),
            r#"{"city":"Paris","days":3,"at":[{"x y":true},null]}"#
        );
    }

    #[test]
    fn a_place_that_cannot_be_is_told() {
        let deep = format!(
            r#"{{"partialArgs":[{{"jsonPath":"${}"}}]}}"#,
            "[0]".repeat(65)
        );
        for piece in [
            r#"{"partialArgs":[{"jsonPath":"$[7]","numberValue":1}]}"#,
            r#"{"partialArgs":[{"jsonPath":"city","numberValue":1}]}"#,
            r#"{"partialArgs":[{"jsonPath":"$[x]","numberValue":1}]}"#,
            &deep,
        ] {
            let (_, keep) = call(&[piece]);
            assert!(keep.has_refused(), "{piece}");
        }
    }

    #[test]
    fn a_call_that_is_whole_is_not_continued() {
        let (call, _) = call(&[r#"{"name":"f","args":{"a":1}}"#]);
        read(b"{}", |_, json| assert!(!call.is_continued_by(&json)));
    }
}
