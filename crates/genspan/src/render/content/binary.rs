//! Inline media: named by size and hash where its bytes are not asked for.

use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};

use crate::Value;

/// Says what inline media is without its bytes.
pub(super) struct Fingerprint {
    pub(super) byte_size: u64,
    pub(super) sha256: String,
}

impl Fingerprint {
    /// Reads media off its base64; what is no base64 is taken as the bytes themselves.
    pub(super) fn of(base64: &str) -> Self {
        let decoded = STANDARD.decode(base64.trim_end());
        let bytes = decoded.as_deref().unwrap_or(base64.as_bytes());
        let sha256 = Sha256::digest(bytes)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        Self {
            byte_size: bytes.len() as u64,
            sha256,
        }
    }

    fn into_text(self) -> String {
        format!("[{} bytes, sha256 {}]", self.byte_size, self.sha256)
    }
}

/// Gives a text that stands for the bytes of a `data:` address, `None` where `text` is no such address.
pub(super) fn instead_of_address(text: &str) -> Option<String> {
    let (mime_type, base64) = text.strip_prefix("data:")?.split_once(";base64,")?;
    let is_plain = mime_type.len() < 256 && !mime_type.contains(char::is_whitespace);
    is_plain.then(|| format!("data:{mime_type}{}", Fingerprint::of(base64).into_text()))
}

/// Gives a text that stands for the bytes of `data` among members that say they are base64.
///
/// Tools answer with pictures in the shape of their provider's own parts.
pub(super) fn instead_of_member(
    name: &str,
    text: &str,
    siblings: &[(String, Value)],
) -> Option<String> {
    let says_base64 = |(name, value): &(String, Value)| match name.as_str() {
        "type" | "encoding" => value.as_str() == Some("base64"),
        "mimeType" | "mime_type" | "media_type" => value
            .as_str()
            .is_some_and(|kind| !kind.starts_with("text/")),
        _ => false,
    };
    let is_binary = name == "data" && siblings.iter().any(says_base64);
    is_binary.then(|| Fingerprint::of(text).into_text())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HELLO: &str =
        "[5 bytes, sha256 2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824]";

    #[test]
    fn addresses_keep_their_type() {
        let address = instead_of_address("data:image/png;base64,aGVsbG8=");
        assert_eq!(address, Some(format!("data:image/png{HELLO}")));
        assert_eq!(instead_of_address("data: see below;base64,x"), None);
        assert_eq!(instead_of_address("https://example.com"), None);
    }

    #[test]
    fn only_members_that_say_so_are_binary() {
        let of = |kind: &str| vec![(kind.to_owned(), Value::from("base64"))];
        assert_eq!(
            instead_of_member("data", "aGVsbG8=", &of("type")),
            Some(HELLO.to_owned())
        );
        assert_eq!(instead_of_member("data", "aGVsbG8=", &of("name")), None);
        assert_eq!(instead_of_member("text", "aGVsbG8=", &of("type")), None);
    }
}
