//! Content blocks, of requests and of answers, to parts.

use genspan::{
    Blob, Compaction, FileReference, Generic, Modality, Part, ServerToolCall,
    ServerToolCallResponse, ToolCallRequest, ToolCallResponse, UriReference, Value,
};

use super::members::{Members, bounded_text};
use crate::json::Json;

/// Reads content, which is a text or a list of blocks.
pub(crate) fn parts(content: Json<'_>) -> Vec<Part> {
    let mut parts = Vec::new();
    push_content(content, &mut parts);
    parts
}

fn push_content(content: Json<'_>, parts: &mut Vec<Part>) {
    match content {
        Json::List(blocks) => {
            for block in blocks {
                push_item(block, parts);
            }
        }
        item => push_item(item, parts),
    }
}

fn push_item(item: Json<'_>, parts: &mut Vec<Part>) {
    match item {
        Json::Object(members) => push_block(Members::new(members), parts),
        Json::Text(text) if !text.is_empty() => {
            parts.push(Part::Text(bounded_text(text.into_owned())));
        }
        _ => {}
    }
}

/// Reads one block: most give one part, those without anything to show give none.
pub(super) fn push_block(mut block: Members<'_>, parts: &mut Vec<Part>) {
    let kind = block.text("type").unwrap_or_else(|| "unknown".to_owned());
    match kind.as_str() {
        "text" => {
            let citations = block.recordable_list("citations");
            push_text(block, "text", parts);
            push_citations(citations, parts);
        }
        "thinking" => {
            let thinking = block
                .bounded_text("thinking")
                .filter(|thinking| !thinking.is_empty());
            parts.extend(thinking.map(Part::Reasoning));
        }
        "redacted_thinking" => parts.push(generic(kind, Members::default())),
        "tool_use" => parts.push(Part::ToolCallRequest(ToolCallRequest {
            id: block.text("id"),
            name: block.text("name").unwrap_or_default(),
            arguments: block.arguments("input").unwrap_or_default(),
        })),
        "tool_result" => parts.push(tool_result(block)),
        "server_tool_use" | "mcp_tool_use" => parts.push(server_tool_use(kind, block)),
        "image" | "document" => push_media(kind, block, parts),
        "compaction" => {
            let summary = Compaction {
                id: block.text("id"),
                content: block.bounded_text("content"),
            };
            parts.push(Part::Compaction(summary));
        }
        other if other.ends_with("_tool_result") => {
            parts.push(Part::ServerToolCallResponse(ServerToolCallResponse {
                id: block.text("tool_use_id"),
                kind,
                response: Value::Map(block.into_recordable()),
            }))
        }
        _ => parts.push(generic(kind, block)),
    }
}

fn push_text(mut block: Members<'_>, name: &str, parts: &mut Vec<Part>) {
    let text = block.bounded_text(name).filter(|text| !text.is_empty());
    parts.extend(text.map(Part::Text));
}

/// Citations follow the text that they belong to: the conventions' text part has no place for them.
fn push_citations(citations: Vec<Value>, parts: &mut Vec<Part>) {
    if !citations.is_empty() {
        parts.push(Part::Generic(Generic {
            kind: "citations".to_owned(),
            members: vec![("citations".to_owned(), Value::Array(citations))],
        }));
    }
}

/// The result keeps the shape it was sent in; one that tells of an error is wrapped, so that this is not lost.
fn tool_result(mut block: Members<'_>) -> Part {
    let content = block.bounded_value("content").unwrap_or_default();
    let response = match block.take("is_error") {
        Some(Json::Bool(true)) => Value::Map(vec![
            ("content".to_owned(), content),
            ("is_error".to_owned(), Value::Bool(true)),
        ]),
        _ => content,
    };
    Part::ToolCallResponse(ToolCallResponse {
        id: block.text("tool_use_id"),
        response,
    })
}

/// Of the provider's own tools the name tells the kind; those of MCP servers have names of their own.
fn server_tool_use(kind: String, mut block: Members<'_>) -> Part {
    let name = block.text("name").unwrap_or_default();
    let id = block.text("id");
    let kind = if kind == "server_tool_use" && !name.is_empty() {
        name.clone()
    } else {
        kind
    };
    let mut call = Vec::new();
    if let Some(input) = block.arguments("input") {
        call.push(("input".to_owned(), input));
    }
    call.extend(block.into_recordable());
    Part::ServerToolCall(ServerToolCall {
        id,
        name,
        kind,
        call: Value::Map(call),
    })
}

fn push_media(kind: String, mut block: Members<'_>, parts: &mut Vec<Part>) {
    let mut source = block.object("source");
    let mime_type = source.text("media_type");
    let modality = match (&mime_type, kind.as_str()) {
        (Some(mime_type), _) => Modality::from_mime_type(mime_type),
        (None, "image") => Modality::Image,
        (None, _) => Modality::Document,
    };
    let source_type = source.text("type").unwrap_or_default();
    match source_type.as_str() {
        "base64" => {
            let content = source.text("data").unwrap_or_default();
            parts.push(Part::Blob(Blob {
                modality,
                mime_type,
                content,
            }));
        }
        "url" => parts.push(from_uri(
            modality,
            mime_type,
            source.text("url").unwrap_or_default(),
        )),
        "file" => {
            let file_id = source.text("file_id").unwrap_or_default();
            parts.push(Part::File(FileReference {
                modality,
                mime_type,
                file_id,
            }));
        }
        // What the model reads as text is text, whatever it was wrapped in.
        "text" => push_text(source, "data", parts),
        "content" => push_content(source.take("content").unwrap_or(Json::Null), parts),
        _ => {
            let mut rest = vec![("type".to_owned(), Value::String(source_type))];
            rest.extend(source.into_recordable());
            block.put("source", Value::Map(rest));
            parts.push(generic(kind, block));
        }
    }
}

/// An address that holds the bytes themselves is a blob.
fn from_uri(modality: Modality, mime_type: Option<String>, uri: String) -> Part {
    let inline = uri
        .strip_prefix("data:")
        .and_then(|data| data.split_once(";base64,"));
    match inline {
        Some((mime_type, content)) => Part::Blob(Blob {
            modality: Modality::from_mime_type(mime_type),
            mime_type: Some(mime_type.to_owned()),
            content: content.to_owned(),
        }),
        None => Part::Uri(UriReference {
            modality,
            mime_type,
            uri,
        }),
    }
}

fn generic(kind: String, members: Members<'_>) -> Part {
    Part::Generic(Generic {
        kind,
        members: members.into_recordable(),
    })
}
