//! The parts of a message's content.

use std::borrow::Cow;

use genspan::{Blob, FileReference, Generic, Modality, Part, UriReference};

use crate::{
    bounded::{BoundedText, DEFAULT_LIMIT},
    json::Json,
};

/// The bytes by which a text that was bounded as it came may be longer than the limit: what tells of the rest.
const MARK: usize = 64;

/// Reads one part; `None` where there is nothing in it.
///
/// Of files and media their name and level of detail are left out, for which the conventions have no place.
pub(in crate::format) fn part(mut item: Json<'_>) -> Option<Part> {
    if let Json::Text(text) = item {
        return text_part(text);
    }
    if matches!(
        item.text("type"),
        Some("text" | "input_text" | "output_text") | None
    ) && item.text("text").is_some()
        && let Some(Json::Text(text)) = item.take("text")
    {
        return text_part(text);
    }
    let item = &item;
    let kind = item.text("type");
    let known = match kind {
        None => None,
        Some("refusal") => None,
        // Nobody but the provider can read it.
        Some("redacted_thinking") => return None,
        Some("thinking" | "reasoning") => thinking(item).map(Some),
        Some("input_audio") => item.get("input_audio").and_then(audio).map(Some),
        Some("input_image" | "computer_screenshot") => image(item).map(Some),
        Some("file" | "input_file") => item.get("file").or(Some(item)).and_then(file).map(Some),
        Some(kind) => kind
            .strip_suffix("_url")
            .and_then(|medium| link(item.get(kind)?, medium))
            .map(Some),
    };
    known.unwrap_or_else(|| unknown(item, kind))
}

/// Makes a text part of bounded length.
pub(in crate::format) fn text_part(text: Cow<'_, str>) -> Option<Part> {
    (!text.is_empty()).then(|| Part::Text(bounded(text)))
}

pub(in crate::format) fn bounded(text: Cow<'_, str>) -> String {
    if text.len() <= DEFAULT_LIMIT + MARK {
        return text.into_owned();
    }
    let mut kept = BoundedText::new();
    kept.push_str(&text);
    kept.into_string()
}

/// Keeps a part that is not known here, with all its members.
fn unknown(item: &Json<'_>, kind: Option<&str>) -> Option<Part> {
    let members = match item {
        Json::Object(_) => item.members_except(if kind.is_some() { &["type"] } else { &[] }),
        Json::Null => return None,
        other => vec![("content".to_owned(), other.to_value())],
    };
    Some(Part::Generic(Generic {
        kind: kind.unwrap_or("unknown").to_owned(),
        members,
    }))
}

/// Reads reasoning that stands among the content, as a text or as parts of text.
fn thinking(item: &Json<'_>) -> Option<Part> {
    let stated = ["thinking", "text", "content"]
        .iter()
        .find_map(|name| item.get(name))?;
    let text = match stated {
        Json::Text(text) => Cow::Borrowed(text.as_ref()),
        Json::List(items) => {
            Cow::Owned(items.iter().filter_map(|item| item.text("text")).collect())
        }
        _ => return None,
    };
    Some(Part::Reasoning(bounded(text)))
}

/// Reads an address that stands alone or as the `url` of an object.
fn link(stated: &Json<'_>, medium: &str) -> Option<Part> {
    let url = stated.as_str().or_else(|| stated.text("url"))?;
    let modality = match medium {
        "image" => Modality::Image,
        "video" => Modality::Video,
        "audio" => Modality::Audio,
        "document" | "file" => Modality::Document,
        other => Modality::Other(other.to_owned()),
    };
    Some(media(url, modality))
}

/// Tells bytes that stand in the address from those that must be fetched.
fn media(url: &str, modality: Modality) -> Part {
    match data_url(url) {
        Some((mime_type, content)) => Part::Blob(Blob {
            modality,
            mime_type: (!mime_type.is_empty()).then(|| mime_type.to_owned()),
            content: content.to_owned(),
        }),
        None => Part::Uri(UriReference {
            modality,
            mime_type: None,
            uri: bounded(url.into()),
        }),
    }
}

/// Splits `data:image/png;base64,…` into MIME type and content.
fn data_url(url: &str) -> Option<(&str, &str)> {
    let scheme = url
        .get(..5)
        .filter(|scheme| scheme.eq_ignore_ascii_case("data:"))?;
    let (head, content) = url.strip_prefix(scheme)?.split_once(',')?;
    let mime_type = head.strip_suffix(";base64")?;
    Some((mime_type.split(';').next().unwrap_or_default(), content))
}

/// Reads sound: base64 alone, or with its format beside it.
fn audio(stated: &Json<'_>) -> Option<Part> {
    let data = stated.as_str().or_else(|| stated.text("data"))?;
    if data_url(data).is_some() || data.starts_with("http") {
        return Some(media(data, Modality::Audio));
    }
    let mime_type = stated.text("format").map(|format| match format {
        "mp3" => "audio/mpeg".to_owned(),
        format => format!("audio/{format}"),
    });
    Some(Part::Blob(Blob {
        modality: Modality::Audio,
        mime_type,
        content: data.to_owned(),
    }))
}

/// Reads a picture: its address, or the provider's id of it.
fn image(stated: &Json<'_>) -> Option<Part> {
    if let Some(url) = stated.text("image_url") {
        return Some(media(url, Modality::Image));
    }
    let file_id = stated.string("file_id")?;
    Some(Part::File(FileReference {
        modality: Modality::Image,
        mime_type: None,
        file_id,
    }))
}

fn file(stated: &Json<'_>) -> Option<Part> {
    if let Some(data) = stated.text("file_data") {
        let mime_type = data_url(data).map(|(mime_type, _)| Modality::from_mime_type(mime_type));
        let modality = mime_type.unwrap_or(Modality::Document);
        return Some(match data_url(data) {
            Some(_) => media(data, modality),
            None if data.starts_with("http") => media(data, modality),
            None => Part::Blob(Blob {
                modality,
                mime_type: None,
                content: data.to_owned(),
            }),
        });
    }
    if let Some(url) = stated.text("file_url") {
        return Some(media(url, Modality::Document));
    }
    let file_id = stated.string("file_id")?;
    Some(Part::File(FileReference {
        modality: Modality::Document,
        mime_type: None,
        file_id,
    }))
}
