//! Content within the bytes that Sentry takes, still valid JSON.

use genspan::{
    Value,
    shorten::{json_len, shorten},
};

/// The most bytes that one attribute of content has, as JSON in UTF-8.
pub(super) const LIMIT: usize = 20_000;

/// Stands for media.
const BLOB: &str = "[Blob substitute]";

/// Holds content as it is sent, and how long it was where some of it is missing.
pub(super) struct Fitted {
    pub(super) json: String,
    pub(super) original_length: Option<usize>,
}

/// Fits content into the limit: messages lose the older ones of them first, everything else what is longest.
pub(super) fn fit(mut content: Value) -> Fitted {
    without_media(&mut content);
    let json = content.to_json();
    if json.len() <= LIMIT {
        return Fitted {
            json,
            original_length: None,
        };
    }
    let (original_length, kept) = match content {
        Value::Array(items) if items.iter().any(|item| role(item).is_some()) => {
            (items.len(), messages(items))
        }
        Value::Array(items) => (items.len(), list(items)),
        other => (json.len(), within(other, LIMIT)),
    };
    Fitted {
        json: kept.to_json(),
        original_length: Some(original_length),
    }
}

/// Fits a text that is no JSON.
pub(super) fn text(text: String) -> Fitted {
    if json_len(&text) <= LIMIT {
        return Fitted {
            json: text,
            original_length: None,
        };
    }
    Fitted {
        json: shorten(&text, LIMIT).into_owned(),
        original_length: Some(text.len()),
    }
}

/// Replaces the data of media by a word; where media can be had is kept.
fn without_media(value: &mut Value) {
    match value {
        Value::String(text) => {
            if text.starts_with("data:") && text.contains(";base64,") {
                BLOB.clone_into(text);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(without_media),
        Value::Map(members) => {
            let is_blob = members
                .iter()
                .any(|(name, kind)| name == "type" && kind.as_str() == Some("blob"));
            for (name, member) in members {
                match member {
                    Value::String(data) if is_blob && name == "content" && !data.is_empty() => {
                        BLOB.clone_into(data);
                    }
                    other => without_media(other),
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Int(_) | Value::Double(_) => {}
    }
}

fn role(message: &Value) -> Option<&str> {
    message.get("role").and_then(Value::as_str)
}

/// Counts the bytes of an item and the comma behind it.
fn needed(item: &Value) -> usize {
    item.to_json().len() + ",".len()
}

/// Keeps what instructs and as many of the last messages as fit; where those alone are too long, shortened ones.
fn messages(items: Vec<Value>) -> Value {
    let last = items.len().saturating_sub(1);
    let mut room = LIMIT.saturating_sub("[]".len());
    let mut kept = vec![None; items.len()];
    // What instructs may have half of the room, so that the last word is heard as well.
    let mut for_instructions = LIMIT / 2;
    for (item, place) in items.iter().zip(&mut kept).take(last) {
        if matches!(role(item), Some("system" | "developer")) && for_instructions > 0 {
            let item = within(item.clone(), for_instructions.saturating_sub(1));
            let size = needed(&item);
            for_instructions = for_instructions.saturating_sub(size);
            room = room.saturating_sub(size);
            *place = Some(item);
        }
    }
    let mut is_last = true;
    for (item, place) in items.into_iter().zip(&mut kept).rev() {
        if place.is_some() {
            continue;
        }
        if needed(&item) > room && !is_last {
            break;
        }
        let item = within(item, room.saturating_sub(1));
        room = room.saturating_sub(needed(&item));
        *place = Some(item);
        is_last = false;
    }
    Value::Array(kept.into_iter().flatten().collect())
}

/// Keeps all of a list with shorter texts, or as many of the first items as fit.
fn list(items: Vec<Value>) -> Value {
    let all = Value::Array(items);
    if let Some(short) = with_shorter_texts(&all, LIMIT) {
        return short;
    }
    let Value::Array(items) = all else {
        return all;
    };
    let mut room = LIMIT.saturating_sub("[]".len());
    let fits = |item: &Value| {
        let size = needed(item);
        let is_room = size <= room;
        room = room.saturating_sub(size);
        is_room
    };
    Value::Array(items.into_iter().take_while(fits).collect())
}

/// Fits a value into so many bytes of JSON by shortening its texts; where it is its structure that is too long, it
/// becomes a text, or a message with one.
fn within(value: Value, bytes: usize) -> Value {
    let json = value.to_json();
    if json.len() <= bytes {
        return value;
    }
    if let Some(short) = with_shorter_texts(&value, bytes) {
        return short;
    }
    let Some(role) = role(&value).filter(|_| value.get("parts").is_some()) else {
        return quoted(&json, bytes);
    };
    let message = |said: &str| {
        let part = [
            ("type", Value::from("text")),
            ("content", Value::from(said)),
        ];
        let parts = Value::Array(vec![map(part)]);
        map([("role", Value::from(role)), ("parts", parts)])
    };
    let shape = message("").to_json().len();
    message(&shorten(&json, bytes.saturating_sub(shape)))
}

/// Shortens the texts of a value until it fits; `None` where it is the structure that is too long.
fn with_shorter_texts(value: &Value, bytes: usize) -> Option<Value> {
    let mut cap = bytes;
    while cap >= 64 {
        let mut short = value.clone();
        cap_texts(&mut short, cap);
        if short.to_json().len() <= bytes {
            return Some(short);
        }
        cap /= 2;
    }
    None
}

fn quoted(json: &str, bytes: usize) -> Value {
    Value::from(&*shorten(json, bytes.saturating_sub(2)))
}

fn map<const N: usize>(members: [(&str, Value); N]) -> Value {
    let members = members.map(|(name, value)| (name.to_owned(), value));
    Value::Map(members.into())
}

fn cap_texts(value: &mut Value, cap: usize) {
    match value {
        Value::String(text) => {
            if let std::borrow::Cow::Owned(short) = shorten(text, cap) {
                *text = short;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| cap_texts(item, cap)),
        Value::Map(members) => members
            .iter_mut()
            .for_each(|(_, member)| cap_texts(member, cap)),
        Value::Null | Value::Bool(_) | Value::Int(_) | Value::Double(_) => {}
    }
}
