//! The content of messages, of requests and of answers, to parts.

use std::borrow::Cow;

use genspan::{Blob, Generic, Modality, Part, Value};

use crate::{
    format::openai_chat::parts::{bounded, part, text_part},
    json::Json,
};

/// Reads content, which is a text or a list of parts.
pub(super) fn push(content: Json<'_>, parts: &mut Vec<Part>) {
    match content {
        Json::List(items) => items.into_iter().for_each(|item| push_part(item, parts)),
        Json::Null => {}
        one => push_part(one, parts),
    }
}

fn push_part(mut stated: Json<'_>, parts: &mut Vec<Part>) {
    match stated.text("type") {
        Some("output_text") => {
            if let Some(Json::Text(text)) = stated.take("text") {
                parts.extend(text_part(text));
            }
            let annotations = stated.take_items("annotations").into_iter();
            parts.extend(annotations.map(|annotation| generic(annotation, "annotation")));
        }
        Some("refusal") => {
            let said = stated.take("refusal").filter(|said| !said.is_empty());
            parts.extend(said.map(|said| {
                Part::Generic(Generic {
                    kind: "refusal".to_owned(),
                    members: vec![("content".to_owned(), recordable(said))],
                })
            }));
        }
        Some("reasoning_text" | "summary_text") => {
            if let Some(Json::Text(text)) = stated.take("text") {
                push_reasoning(text, parts);
            }
        }
        Some("output_audio") => push_audio(stated, parts),
        Some(
            "text"
            | "input_text"
            | "input_image"
            | "input_file"
            | "input_audio"
            | "computer_screenshot",
        )
        | None => parts.extend(part(stated)),
        Some(_) => parts.push(generic(stated, "unknown")),
    }
}

/// Reads reasoning, of which there may be none that is meant to be read.
pub(super) fn push_reasoning(text: Cow<'_, str>, parts: &mut Vec<Part>) {
    if !text.trim_ascii().is_empty() {
        parts.push(Part::Reasoning(bounded(text)));
    }
}

/// Reads the parts of reasoning, of whatever type they are.
pub(super) fn push_reasoning_list(stated: Option<Json<'_>>, parts: &mut Vec<Part>) {
    match stated {
        Some(Json::Text(text)) => push_reasoning(text, parts),
        Some(Json::List(items)) => {
            for mut item in items {
                if let Some(Json::Text(text)) = item.take("text") {
                    push_reasoning(text, parts);
                }
            }
        }
        _ => {}
    }
}

fn push_audio(mut stated: Json<'_>, parts: &mut Vec<Part>) {
    if let Some(Json::Text(sound)) = stated.take("data") {
        parts.push(Part::Blob(Blob {
            modality: Modality::Audio,
            mime_type: None,
            content: sound.into_owned(),
        }));
    }
    parts.push(generic(stated, "output_audio"));
}

/// Keeps what the conventions have no part for, with all that may be recorded of it.
pub(super) fn generic(stated: Json<'_>, kind: &str) -> Part {
    let kind = stated.string("type").unwrap_or_else(|| kind.to_owned());
    let members = match stated {
        Json::Object(_) => members(stated),
        other => vec![("content".to_owned(), recordable(other))],
    };
    Part::Generic(Generic { kind, members })
}

/// Gives the members that may be recorded and were not taken, the type apart.
pub(super) fn members(stated: Json<'_>) -> Vec<(String, Value)> {
    let members = stated.into_members().into_iter();
    let own =
        members.filter(|(name, value)| name != "type" && !value.is_null() && !is_sealed(name));
    own.map(|(name, value)| (name.into_owned(), recordable(value)))
        .collect()
}

/// Copies a value with its texts bounded, and without what only the provider can read.
pub(super) fn recordable(stated: Json<'_>) -> Value {
    match stated {
        Json::Text(text) => Value::String(bounded(text)),
        Json::List(items) => Value::Array(items.into_iter().map(recordable).collect()),
        Json::Object(members) => {
            let own = members.into_iter().filter(|(name, _)| !is_sealed(name));
            Value::Map(
                own.map(|(name, value)| (name.into_owned(), recordable(value)))
                    .collect(),
            )
        }
        other => other.into_value(),
    }
}

/// Tells whether a member is sealed by the provider, or outweighs what it belongs to and is nobody's telemetry.
fn is_sealed(name: &str) -> bool {
    name.starts_with("encrypted_") || name == "logprobs"
}
