//! Content blocks to parts; of what kind a block is says the name of its one member.

use genspan::{
    Blob, Generic, Modality, Part, ServerToolCall, ServerToolCallResponse, ToolCallRequest,
    ToolCallResponse, UriReference, Value,
};

use crate::{
    format::anthropic_messages::members::{bounded_arguments, bounded_text, bounded_value},
    json::Json,
};

/// Reads content, which is a list of blocks.
pub(super) fn parts(content: Json<'_>) -> Vec<Part> {
    let mut parts = Vec::new();
    match content {
        Json::List(blocks) => {
            for block in blocks {
                push_item(block, &mut parts);
            }
        }
        item => push_item(item, &mut parts),
    }
    parts
}

fn push_item(item: Json<'_>, parts: &mut Vec<Part>) {
    match item {
        Json::Object(members) => {
            for (kind, stated) in members {
                push_block(&kind, stated, parts);
            }
        }
        Json::Text(text) => push_text(Some(Json::Text(text)), parts),
        _ => {}
    }
}

/// Reads one block: most give one part, those without anything to show give none.
pub(super) fn push_block(kind: &str, mut stated: Json<'_>, parts: &mut Vec<Part>) {
    match kind {
        _ if stated.is_null() => {}
        "text" => push_text(Some(stated), parts),
        "reasoningContent" => {
            let reasoning = stated
                .take("reasoningText")
                .and_then(|mut text| text.take("text"));
            if let Some(Json::Text(text)) = reasoning
                && !text.is_empty()
            {
                parts.push(Part::Reasoning(bounded_text(text.into_owned())));
            }
            if stated.get("redactedContent").is_some() {
                parts.push(redacted());
            }
        }
        "toolUse" => {
            let arguments = stated.take("input").map(Json::into_value);
            let arguments = arguments.map(bounded_arguments).unwrap_or_default();
            parts.push(tool_use(&stated, arguments));
        }
        "toolResult" => {
            let content = stated.take("content").map(Json::into_value);
            let content = content.map(bounded_value).unwrap_or_default();
            parts.push(tool_result(&stated, content));
        }
        "image" | "document" | "video" | "audio" => push_media(kind, stated, parts),
        // What the model reads as text is text, whatever it was wrapped in.
        "guardContent" => {
            for (kind, mut stated) in stated.into_members() {
                if kind == "text" {
                    push_text(stated.take("text"), parts);
                } else {
                    push_block(&kind, stated, parts);
                }
            }
        }
        "citationsContent" => {
            for mut text in stated.take_items("content") {
                push_text(text.take("text"), parts);
            }
            let citations = stated.take_items("citations").into_iter();
            let citations = citations.map(|citation| bounded_value(citation.into_value()));
            push_citations(citations.collect(), parts);
        }
        "cachePoint" => {}
        _ => parts.push(generic(kind, stated)),
    }
}

fn push_text(stated: Option<Json<'_>>, parts: &mut Vec<Part>) {
    if let Some(Json::Text(text)) = stated
        && !text.is_empty()
    {
        parts.push(Part::Text(bounded_text(text.into_owned())));
    }
}

/// Citations follow the text that they belong to: the conventions' text part has no place for them.
pub(super) fn push_citations(citations: Vec<Value>, parts: &mut Vec<Part>) {
    if !citations.is_empty() {
        parts.push(Part::Generic(Generic {
            kind: "citations".to_owned(),
            members: vec![("citations".to_owned(), Value::Array(citations))],
        }));
    }
}

/// Stands for reasoning that only the provider can read.
pub(super) fn redacted() -> Part {
    Part::Generic(Generic {
        kind: "redactedContent".to_owned(),
        members: Vec::new(),
    })
}

/// Makes the call of a tool, which the provider runs itself where it says so.
pub(super) fn tool_use(stated: &Json<'_>, arguments: Value) -> Part {
    let id = stated.string("toolUseId");
    let name = stated.string("name").unwrap_or_default();
    match stated.text("type") {
        Some(kind) if kind.starts_with("server") => Part::ServerToolCall(ServerToolCall {
            id,
            kind: if name.is_empty() {
                kind.to_owned()
            } else {
                name.clone()
            },
            name,
            call: Value::Map(vec![("input".to_owned(), arguments)]),
        }),
        _ => Part::ToolCallRequest(ToolCallRequest {
            id,
            name,
            arguments,
        }),
    }
}

/// The result keeps the shape it was sent in; one that tells of an error is wrapped, so that this is not lost.
pub(super) fn tool_result(stated: &Json<'_>, content: Value) -> Part {
    let id = stated.string("toolUseId");
    let status = stated.text("status");
    let with_status = |content, status: &str| {
        Value::Map(vec![
            ("content".to_owned(), content),
            ("status".to_owned(), Value::from(status)),
        ])
    };
    match (stated.text("type"), status) {
        (Some(kind), status) => Part::ServerToolCallResponse(ServerToolCallResponse {
            id,
            kind: kind.to_owned(),
            response: match status {
                Some(status) => with_status(content, status),
                None => Value::Map(vec![("content".to_owned(), content)]),
            },
        }),
        (None, Some("error")) => Part::ToolCallResponse(ToolCallResponse {
            id,
            response: with_status(content, "error"),
        }),
        (None, _) => Part::ToolCallResponse(ToolCallResponse {
            id,
            response: content,
        }),
    }
}

/// Of documents the name is left out, for which the conventions have no place.
fn push_media(kind: &str, mut stated: Json<'_>, parts: &mut Vec<Part>) {
    let modality = match kind {
        "image" => Modality::Image,
        "video" => Modality::Video,
        "audio" => Modality::Audio,
        _ => Modality::Document,
    };
    let format = stated.text("format");
    let mime_type = format.map(|format| modality.mime_type(format));
    let Some(mut source) = stated.take("source") else {
        return parts.push(generic(kind, stated));
    };
    if let Some(Json::Text(content)) = source.take("bytes") {
        parts.push(Part::Blob(Blob {
            modality,
            mime_type,
            content: content.into_owned(),
        }));
    } else if let Some(uri) = source
        .get("s3Location")
        .and_then(|place| place.string("uri"))
    {
        parts.push(Part::Uri(UriReference {
            modality,
            mime_type,
            uri,
        }));
    } else if let Some(text) = source.take("text") {
        push_text(Some(text), parts);
    } else if let Some(content) = source.take("content") {
        parts.append(&mut self::parts(content));
    } else {
        let rest = Value::Map(vec![("source".to_owned(), source.into_value())]);
        parts.push(generic(kind, rest.into()));
    }
}

/// Keeps a block that is not known here, with all its members.
fn generic(kind: &str, stated: Json<'_>) -> Part {
    let members = match stated {
        Json::Object(members) => members
            .into_iter()
            .filter(|(name, value)| name != "signature" && !value.is_null())
            .map(|(name, value)| (name.into_owned(), bounded_value(value.into_value())))
            .collect(),
        other => vec![("content".to_owned(), bounded_value(other.into_value()))],
    };
    Part::Generic(Generic {
        kind: kind.to_owned(),
        members,
    })
}
