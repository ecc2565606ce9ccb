//! Holding a content attribute within its cap.

use crate::{Value, shorten::Shortened};

/// The least that texts are shortened to before whole items are left out.
const MIN_TEXT_BYTES: usize = 256;

/// Fits a value into `max_bytes` of JSON; gives how many bytes that cost.
///
/// Texts are shortened first, the longest lose the most. If that does not do, items of the
/// outermost list go, from the second on: the first one sets the scene and the last ones are what
/// the operation is about.
pub(super) fn fit(mut value: Value, max_bytes: usize, max_text_bytes: usize) -> (Value, usize) {
    if bound(&value) <= max_bytes {
        return (value, 0);
    }
    let before = value.json_len();
    let mut cap = max_text_bytes;
    let mut now = before;
    while now > max_bytes && cap > MIN_TEXT_BYTES {
        cap = (cap / 4).max(MIN_TEXT_BYTES);
        shorten_texts(&mut value, cap);
        now = value.json_len();
    }
    if now > max_bytes {
        leave_items_out(&mut value, max_bytes, now);
        now = value.json_len();
    }
    (value, before.saturating_sub(now))
}

fn shorten_texts(value: &mut Value, cap: usize) {
    match value {
        Value::String(text) => {
            let short = Shortened::new(text, cap);
            if short.left_out() > 0 {
                *text = short.into_text().into_owned();
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| shorten_texts(item, cap)),
        Value::Map(members) => members
            .iter_mut()
            .for_each(|(_, value)| shorten_texts(value, cap)),
        _ => {}
    }
}

/// Leaves out items after the first until the rest fits, and says in their place how many.
fn leave_items_out(value: &mut Value, max_bytes: usize, mut now: usize) {
    let Value::Array(items) = value else {
        *value = omission(1);
        return;
    };
    let is_messages = items.iter().all(|item| item.get("parts").is_some());
    let mut count = 0;
    let budget = max_bytes.saturating_sub(omitted_message(items.len()).json_len());
    while now > budget && items.len() > 1 {
        now = now.saturating_sub(items.remove(1).json_len() + 1);
        count += 1;
    }
    if now > budget && !items.is_empty() {
        items.remove(0);
        count += 1;
    }
    if is_messages {
        items.insert(items.len().min(1), omitted_message(count));
    }
}

/// Stands for messages that were left out, in the shape of a message.
fn omitted_message(count: usize) -> Value {
    let role = ("role".to_owned(), Value::from("omitted"));
    Value::Map(vec![
        role,
        ("parts".to_owned(), Value::Array(vec![omission(count)])),
    ])
}

fn omission(count: usize) -> Value {
    let kind = ("type".to_owned(), Value::from("omitted"));
    Value::Map(vec![kind, ("count".to_owned(), Value::from(count as u64))])
}

/// Bounds the JSON form without a look at the texts: no byte grows to more than six.
fn bound(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len() * 6 + 2,
        Value::Array(items) => 2 + items.iter().map(|item| bound(item) + 1).sum::<usize>(),
        Value::Map(members) => {
            let member = |(name, value): &(String, Value)| name.len() * 6 + 4 + bound(value);
            2 + members.iter().map(member).sum::<usize>()
        }
        other => other.json_len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(role: &str, text: &str) -> Value {
        Value::from_json(&format!(
            r#"{{"role":"{role}","parts":[{{"type":"text","content":"{text}"}}]}}"#
        ))
        .unwrap()
    }

    #[test]
    fn what_fits_is_untouched() {
        let value = Value::Array(vec![message("user", "hello")]);
        assert_eq!(fit(value.clone(), 1000, 1000), (value, 0));
    }

    #[test]
    fn long_texts_are_shortened_before_messages_go() {
        let value = Value::Array(vec![
            message("system", "short"),
            message("user", &"x".repeat(10_000)),
        ]);
        let (fitted, left_out) = fit(value, 3000, 100_000);
        let Value::Array(messages) = &fitted else {
            panic!("{fitted:?}")
        };
        assert_eq!(messages.len(), 2);
        assert_eq!(messages[0], message("system", "short"));
        assert!(
            fitted.to_json().len() <= 3000 && left_out > 6000,
            "{left_out}"
        );
    }

    #[test]
    fn the_first_and_the_last_messages_stay() {
        let mut list = vec![message("system", "scene")];
        list.extend((0..100).map(|n| message("user", &format!("{n:0>200}"))));
        let (fitted, _) = fit(Value::Array(list), 2000, 256);
        let json = fitted.to_json();
        assert!(json.len() <= 2000, "{}", json.len());
        assert!(
            json.starts_with(r#"[{"role":"system","parts":[{"type":"text","content":"scene"}]}"#)
        );
        assert!(
            json.contains(r#"{"role":"omitted","parts":[{"type":"omitted","count":9"#),
            "{json}"
        );
        assert!(json.contains("099\""));
    }
}
