//! Bytes and addresses of media, and what has no part of its own.

use std::borrow::Cow;

use genspan::{Blob, Generic, Modality, Part, UriReference, Value};

use super::spelled;
use crate::{bounded::BoundedText, json::Json};

/// Reads bytes that stand inline; `None` where there are none.
pub(super) fn inline(stated: &mut Json<'_>, modality: Option<Modality>) -> Option<Part> {
    stated.text("data")?;
    let mime_type = spelled::string(stated, "mimeType");
    let Some(Json::Text(data)) = stated.take("data") else {
        return None;
    };
    Some(Part::Blob(Blob {
        modality: modality_of(modality, mime_type.as_deref()),
        mime_type,
        content: data.into_owned(),
    }))
}

/// Reads an address, which stands under one of the names that Google has for it.
pub(super) fn address(stated: &Json<'_>, name: &str, modality: Option<Modality>) -> Option<Part> {
    let uri = spelled::text(stated, name)?;
    let uri = bounded(Cow::Borrowed(uri));
    let mime_type = spelled::string(stated, "mimeType");
    Some(Part::Uri(UriReference {
        modality: modality_of(modality, mime_type.as_deref()),
        mime_type,
        uri,
    }))
}

fn modality_of(stated: Option<Modality>, mime_type: Option<&str>) -> Modality {
    stated.unwrap_or_else(|| Modality::from_mime_type(mime_type.unwrap_or_default()))
}

/// Keeps what there is no part for: the members of an object but its type, or the value under its own name.
pub(super) fn generic(kind: &str, value: Json<'_>) -> Part {
    let members = match value.into_value() {
        Value::Map(mut members) => {
            members.retain(|(name, value)| name != "type" && *value != Value::Null);
            members
        }
        value => vec![(kind.to_owned(), value)],
    };
    Part::Generic(Generic {
        kind: kind.to_owned(),
        members,
    })
}

/// Gives a text its bounds.
pub(super) fn bounded(text: Cow<'_, str>) -> String {
    let mut kept = BoundedText::new();
    kept.push(text);
    kept.into_string()
}
