//! Blocks of messages, as the CLI writes them and as SDKs hand them on.

use std::borrow::Cow;

use genspan::Value;

use crate::fields::Fields;

/// Gives the blocks of a message; what is said in a text has none.
pub(crate) fn of(message: &Value) -> Vec<Cow<'_, Value>> {
    message.items("content").iter().map(typed).collect()
}

/// Gives a block with its type, which some SDKs leave out because each has members of its own.
fn typed(block: &Value) -> Cow<'_, Value> {
    let Value::Map(members) = block else {
        return Cow::Borrowed(block);
    };
    if block.text("type").is_some() {
        return Cow::Borrowed(block);
    }
    let has = |name| block.get(name).is_some();
    let kind = if has("tool_use_id") {
        "tool_result"
    } else if has("name") && has("input") {
        "tool_use"
    } else if has("thinking") {
        "thinking"
    } else if has("text") {
        "text"
    } else {
        return Cow::Borrowed(block);
    };
    let mut members = members.clone();
    members.insert(0, ("type".to_owned(), Value::from(kind)));
    Cow::Owned(Value::Map(members))
}

/// Gives the id of the tool that a block asks for.
pub(crate) fn asked_tool(block: &Value) -> Option<&str> {
    block
        .id("id")
        .filter(|_| block.text("type") == Some("tool_use"))
}

/// Gives the id of the tool whose result a block is.
pub(crate) fn answered_tool(block: &Value) -> Option<&str> {
    block
        .id("tool_use_id")
        .filter(|_| block.text("type") == Some("tool_result"))
}
