//! Bodies as HAR files hold them.

use std::{
    borrow::Cow,
    fs::File,
    io::{self, Read},
    path::{Component, Path},
};

use base64::{
    Engine,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use serde::Deserialize;

use super::{
    entries::ENTRY_LIMIT,
    loose::{self, Member},
    packed,
};

/// Holds `postData` or `content` of an entry.
#[derive(Debug, Default, Deserialize)]
#[serde(
    rename_all = "camelCase",
    default,
    expecting = "a body, which is an object"
)]
pub(super) struct RecordedBody<'a> {
    #[serde(borrow)]
    mime_type: Member<'a>,
    #[serde(borrow)]
    text: Member<'a>,
    /// `base64` where the text is that of other bytes.
    #[serde(borrow)]
    encoding: Member<'a>,
    /// How many bytes there are when compression is undone.
    #[serde(borrow)]
    size: Member<'a>,
    /// Playwright keeps bodies in files beside the HAR file.
    #[serde(rename = "_file", borrow)]
    file: Member<'a>,
}

/// Holds the bytes of a body.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Body<'a> {
    /// The recording does not hold it, which does not mean that there was none.
    Absent,
    Present {
        bytes: Cow<'a, [u8]>,
        /// More of it was sent than the recording holds.
        is_part: bool,
    },
}

/// Says why the bytes of a body are not to be had.
#[derive(Debug, thiserror::Error)]
pub(super) enum BodyError {
    #[error("it is no base64")]
    Base64,
    #[error("its encoding {0:?} is unknown")]
    Encoding(String),
    #[error("its bytes were stored as text, which has destroyed them")]
    Destroyed,
    #[error("its compression is unknown or its data is damaged")]
    Packed,
    #[error("its file {0:?} is not one beside the HAR file")]
    Outside(String),
    #[error("its file {name:?} cannot be read: {error}")]
    File { name: String, error: io::Error },
}

/// Says what else is known of a body.
#[derive(Clone, Copy, Debug)]
pub(super) struct About<'a> {
    /// Where the HAR file lies.
    pub(super) folder: &'a Path,
    /// What `content-encoding` says.
    pub(super) packing: &'a [String],
    pub(super) content_type: Option<&'a str>,
    /// Long texts of the entry were cut.
    pub(super) is_cut: bool,
}

impl BodyError {
    /// Gives a word for the kind of trouble, so that those of a kind are counted together.
    pub(super) fn kind(&self, whose: &str) -> String {
        let kind = match self {
            Self::Base64 => "base64",
            Self::Encoding(name) => name,
            Self::Destroyed => "destroyed",
            Self::Packed => "packed",
            Self::Outside(_) => "outside",
            Self::File { .. } => "file",
        };
        format!("{whose}: {kind}")
    }
}

impl<'a> RecordedBody<'a> {
    /// Gives the type of the body as the recorder saw it.
    pub(super) fn mime_type(&self) -> Option<Cow<'a, str>> {
        loose::word(self.mime_type)
    }

    /// Gives the bytes as they were meant: whatever was done to them on the way and for the recording is undone.
    pub(super) fn bytes(&self, about: About<'_>) -> Result<Body<'a>, BodyError> {
        let text = loose::text(self.text);
        let bytes = match (text, loose::word(self.file)) {
            (Some(text), file) if !text.is_empty() || file.is_none() => self.stored(text, about)?,
            (_, Some(name)) => Cow::Owned(beside(about.folder, &name)?),
            (_, None) => return Ok(Body::Absent),
        };
        let unpacked = packed::unpacked(bytes, about.packing, about.content_type)?;
        let stated = loose::number(self.size).unwrap_or_default();
        // A compressed body of few bytes has more of them than a plain one, and it is not clear whose size is stated.
        let is_short = stated > unpacked.bytes.len() as f64 + 256.0;
        let is_cut = about.is_cut && self.text.is_some_and(is_at_limit);
        Ok(Body::Present {
            bytes: unpacked.bytes,
            is_part: is_short || is_cut || unpacked.is_damaged,
        })
    }

    /// Undoes what was done to the bytes so that they could stand in a text.
    fn stored(&self, text: Cow<'a, [u8]>, about: About<'_>) -> Result<Cow<'a, [u8]>, BodyError> {
        let encoding = loose::word(self.encoding);
        match encoding.as_deref().map(str::trim) {
            None => stored_as_text(text, about),
            Some(name) if name.eq_ignore_ascii_case("base64") => {
                Ok(Cow::Owned(base64(&text).ok_or(BodyError::Base64)?))
            }
            Some(name)
                if ["utf8", "utf-8", "text"]
                    .iter()
                    .any(|text| name.eq_ignore_ascii_case(text)) =>
            {
                Ok(text)
            }
            Some(other) => Err(BodyError::Encoding(other.chars().take(40).collect())),
        }
    }
}

/// Tells whether a text is as long as texts are kept, give or take what was cut off with an escape.
fn is_at_limit(text: &serde_json::value::RawValue) -> bool {
    text.get().len() + 64 >= super::entries::STRING_LIMIT
}

/// Reads base64, with blanks and without the padding at its end; of one that was cut, all that is whole.
fn base64(text: &[u8]) -> Option<Vec<u8>> {
    const ENGINE: GeneralPurpose = GeneralPurpose::new(
        &STANDARD,
        GeneralPurposeConfig::new()
            .with_decode_padding_mode(DecodePaddingMode::Indifferent)
            .with_decode_allow_trailing_bits(true),
    );
    if text.iter().any(u8::is_ascii_whitespace) {
        let mut letters = text.to_vec();
        letters.retain(|letter| !letter.is_ascii_whitespace());
        return ENGINE.decode(letters).ok();
    }
    ENGINE.decode(text).ok()
}

/// Reads bytes that a recorder wrote as a text and did not say how, unless the way it took lost them.
fn stored_as_text<'a>(text: Cow<'a, [u8]>, about: About<'_>) -> Result<Cow<'a, [u8]>, BodyError> {
    const REPLACEMENT: &[u8] = "\u{fffd}".as_bytes();
    let is_binary = packed::is_binary_stream(about.content_type);
    if text.is_empty() || (packed::is_text(&text) && !is_binary) {
        return Ok(text);
    }
    if memchr::memmem::find(&text, REPLACEMENT).is_some() {
        return Err(BodyError::Destroyed);
    }
    // A character for each byte; some compressions begin with any byte.
    let is_packed = !about.packing.is_empty();
    let bytes = latin1(&text).filter(|bytes| is_packed || packed::is_readable(bytes));
    let bytes = bytes.or_else(|| base64(&text).filter(|bytes| packed::is_readable(bytes)));
    Ok(bytes.map_or(text, Cow::Owned))
}

fn latin1(text: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(text).ok()?;
    let bytes: Option<Vec<u8>> = text
        .chars()
        .map(|character| u8::try_from(u32::from(character)).ok())
        .collect();
    bytes.filter(|bytes| bytes.len() < text.len())
}

/// Reads a file beside the HAR file; a name that leads elsewhere is not followed, since anybody may have written it.
fn beside(folder: &Path, name: &str) -> Result<Vec<u8>, BodyError> {
    let mut parts = Path::new(name).components();
    let (Some(Component::Normal(_)), None) = (parts.next(), parts.next()) else {
        return Err(BodyError::Outside(name.chars().take(80).collect()));
    };
    let mut bytes = Vec::new();
    File::open(folder.join(name))
        .and_then(|file| file.take(ENTRY_LIMIT as u64).read_to_end(&mut bytes))
        .map_err(|error| BodyError::File {
            name: name.to_owned(),
            error,
        })?;
    Ok(bytes)
}

impl Body<'_> {
    /// Gives the bytes, none where they are absent.
    pub(super) fn bytes(&self) -> &[u8] {
        match self {
            Self::Absent => &[],
            Self::Present { bytes, .. } => bytes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(json: &str) -> Result<String, String> {
        let body: RecordedBody<'_> = serde_json::from_str(json).unwrap();
        let about = About {
            folder: Path::new(""),
            packing: &[],
            content_type: None,
            is_cut: false,
        };
        match body.bytes(about) {
            Ok(Body::Absent) => Ok("absent".to_owned()),
            Ok(Body::Present { bytes, is_part }) => {
                let text = String::from_utf8(bytes.into_owned()).unwrap();
                Ok(if is_part {
                    format!("part {text:?}")
                } else {
                    format!("{text:?}")
                })
            }
            Err(error) => Err(error.to_string()),
        }
    }

    #[test]
    fn texts_are_taken_as_they_are_encoded() {
        let is =
            |json: &str, expected: &str| assert_eq!(bytes(json).as_deref(), Ok(expected), "{json}");
        is(r#"{"mimeType":"x","text":"hé"}"#, r#""hé""#);
        is(r#"{"text":"aGk\n=","encoding":"base64"}"#, r#""hi""#);
        is(r#"{"text":"","size":0}"#, r#""""#);
        is(r#"{"size":120}"#, "absent");
        is(r#"{"text":null}"#, "absent");
        is(r#"{"text":5,"encoding":{}}"#, "absent");
        is(r#"{"text":"{}","size":"300"}"#, r#"part "{}""#);
        is(r#"{"text":"{}","size":250}"#, r#""{}""#);
        let error = |json: &str| bytes(json).unwrap_err();
        assert_eq!(
            error(r#"{"text":"?","encoding":"base64"}"#),
            "it is no base64"
        );
        assert_eq!(
            error(r#"{"text":"?","encoding":"rot13"}"#),
            "its encoding \"rot13\" is unknown"
        );
    }

    #[test]
    fn files_elsewhere_are_not_read() {
        for name in ["../secret", "/etc/passwd", "a/b", "..", "a/../../b"] {
            let error = bytes(&format!(r#"{{"_file":"{name}"}}"#)).unwrap_err();
            assert_eq!(
                error,
                format!("its file {name:?} is not one beside the HAR file")
            );
        }
    }
}
