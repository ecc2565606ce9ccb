//! Documents that a request brings along for the model to cite.

use genspan::{Generic, Message, Part, Role};

use crate::json::Json;

/// Adds documents to what the user asks last: the conventions have no place for them, and to the model they are a part
/// of the question.
pub(super) fn attach(documents: Option<Json<'_>>, input: &mut Vec<Message>) {
    let Some(documents) = documents.filter(|documents| !documents.items().is_empty()) else {
        return;
    };
    let part = Part::Generic(Generic {
        kind: "documents".to_owned(),
        members: vec![("documents".to_owned(), documents.into_value())],
    });
    match input.iter_mut().rfind(|message| message.role == Role::User) {
        Some(message) => message.parts.push(part),
        None => input.push(Message::new(Role::User, vec![part])),
    }
}
