//! Bodies as HAR files hold them.

use std::{
    fs, io,
    path::{Component, Path},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use serde::Deserialize;

/// Holds `postData` or `content` of an entry.
#[derive(Debug, Default, Deserialize)]
#[serde(
    rename_all = "camelCase",
    default,
    expecting = "a body, which is an object"
)]
pub(super) struct RecordedBody {
    pub(super) mime_type: Option<String>,
    text: Option<String>,
    /// `base64` where the text is that of other bytes.
    encoding: Option<String>,
    /// Playwright keeps large bodies in files beside the HAR file.
    #[serde(rename = "_file")]
    file: Option<String>,
}

/// Holds the bytes of a body.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Body {
    /// The recording does not hold it, which does not mean that there was none.
    Absent,
    Present(Vec<u8>),
}

/// Says why the bytes of a body are not to be had.
#[derive(Debug, thiserror::Error)]
pub(super) enum BodyError {
    #[error("it is no base64")]
    Base64,
    #[error("its encoding {0:?} is unknown")]
    Encoding(String),
    #[error("its file {0:?} is not one beside the HAR file")]
    Outside(String),
    #[error("its file {name:?} cannot be read: {error}")]
    File { name: String, error: io::Error },
}

impl RecordedBody {
    /// Gives the bytes as they were sent, compression apart, which recorders undo.
    pub(super) fn bytes(&self, folder: &Path) -> Result<Body, BodyError> {
        match (&self.text, &self.file) {
            (Some(text), None) => self.decoded(text),
            (Some(text), Some(_)) if !text.is_empty() => self.decoded(text),
            (_, Some(name)) => beside(folder, name),
            (None, None) => Ok(Body::Absent),
        }
    }

    fn decoded(&self, text: &str) -> Result<Body, BodyError> {
        let bytes = match self.encoding.as_deref() {
            None | Some("" | "utf8" | "utf-8") => text.as_bytes().to_vec(),
            Some("base64") => {
                let mut letters = text.as_bytes().to_vec();
                letters.retain(|letter| !letter.is_ascii_whitespace());
                BASE64_STANDARD
                    .decode(letters)
                    .map_err(|_| BodyError::Base64)?
            }
            Some(other) => return Err(BodyError::Encoding(other.to_owned())),
        };
        Ok(Body::Present(bytes))
    }
}

/// Reads a file beside the HAR file; a name that leads elsewhere is not followed, since anybody may have written it.
fn beside(folder: &Path, name: &str) -> Result<Body, BodyError> {
    let mut parts = Path::new(name).components();
    let (Some(Component::Normal(_)), None) = (parts.next(), parts.next()) else {
        return Err(BodyError::Outside(name.to_owned()));
    };
    let bytes = fs::read(folder.join(name)).map_err(|error| BodyError::File {
        name: name.to_owned(),
        error,
    })?;
    Ok(Body::Present(bytes))
}

impl Body {
    /// Gives the bytes, none where they are absent.
    pub(super) fn bytes(&self) -> &[u8] {
        match self {
            Self::Absent => &[],
            Self::Present(bytes) => bytes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(json: &str) -> Result<Body, String> {
        let body: RecordedBody = serde_json::from_str(json).unwrap();
        body.bytes(Path::new("")).map_err(|error| error.to_string())
    }

    #[test]
    fn texts_are_taken_as_they_are_encoded() {
        let present = |text: &str| Ok(Body::Present(text.as_bytes().to_vec()));
        assert_eq!(bytes(r#"{"mimeType":"x","text":"hé"}"#), present("hé"));
        assert_eq!(
            bytes(r#"{"text":"aGk\n=","encoding":"base64"}"#),
            present("hi")
        );
        assert_eq!(bytes(r#"{"text":"","size":0}"#), present(""));
        assert_eq!(bytes(r#"{"size":120}"#), Ok(Body::Absent));
        assert_eq!(
            bytes(r#"{"text":"?","encoding":"base64"}"#),
            Err("it is no base64".to_owned())
        );
        assert_eq!(
            bytes(r#"{"text":"?","encoding":"rot13"}"#),
            Err("its encoding \"rot13\" is unknown".to_owned())
        );
    }

    #[test]
    fn files_elsewhere_are_not_read() {
        for name in ["../secret", "/etc/passwd", "a/b", ".."] {
            let error = bytes(&format!(r#"{{"_file":"{name}"}}"#)).unwrap_err();
            assert_eq!(
                error,
                format!("its file {name:?} is not one beside the HAR file")
            );
        }
    }
}
