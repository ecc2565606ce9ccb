//! The secret that opens the ports to whoever knows it.

use std::fmt::{self, Write};
use std::hint::black_box;

use sha2::{Digest, Sha256};

/// Opens the server's ports to those who send it; its text is in no debug output.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    text: String,
    digest: [u8; 32],
}

/// Says that a text is no token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a token has at least {} characters, all of them visible ASCII without `;`, `,`, `\"` and `\\`; this one \
     does not: leave it out to have one made, or take what `openssl rand -hex 16` prints",
    Token::SHORTEST
)]
pub struct BadToken;

impl Token {
    /// The characters that a token must have: fewer might be guessed.
    pub const SHORTEST: usize = 16;

    /// Takes a token that somebody chose.
    ///
    /// # Errors
    ///
    /// Returns an error where it is short or cannot stand in a header.
    pub fn new(text: impl Into<String>) -> Result<Self, BadToken> {
        let text = text.into();
        let is_plain = |byte: u8| byte.is_ascii_graphic() && !b";,\"\\".contains(&byte);
        if text.len() < Self::SHORTEST || !text.bytes().all(is_plain) {
            return Err(BadToken);
        }
        let digest = Sha256::digest(&text).into();
        Ok(Self { text, digest })
    }

    /// Makes a token of 128 random bits.
    ///
    /// # Errors
    ///
    /// Returns an error where the system has no random numbers.
    pub fn generate() -> Result<Self, getrandom::Error> {
        let mut random = [0; 16];
        getrandom::fill(&mut random)?;
        let text = hex(&random);
        let digest = Sha256::digest(&text).into();
        Ok(Self { text, digest })
    }

    /// Gives the token itself, to be told to those who may use it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.text
    }

    /// Compares in a time that tells nothing of where the difference is.
    pub(crate) fn is(&self, given: &[u8]) -> bool {
        is_same(&self.digest, &Sha256::digest(given))
    }

    /// Gives what a browser keeps instead of the token, from which the token cannot be told.
    pub(crate) fn session(&self) -> String {
        let mut hash = Sha256::new();
        hash.update("genspan session\0");
        hash.update(&self.text);
        hex(&hash.finalize())
    }

    pub(crate) fn is_session(&self, given: &str) -> bool {
        is_same(
            &Sha256::digest(self.session()),
            &Sha256::digest(given.as_bytes()),
        )
    }
}

fn is_same(one: &[u8], other: &[u8]) -> bool {
    let differences = one
        .iter()
        .zip(other)
        .fold(0, |found, (one, other)| black_box(found | (one ^ other)));
    differences == 0
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // A string takes everything.
        let _written = write!(text, "{byte:02x}");
    }
    text
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_itself_alone() {
        let token = Token::new("0123456789abcdef").unwrap();
        assert!(token.is(b"0123456789abcdef"));
        for wrong in [
            "",
            "0123456789abcde",
            "0123456789abcdef ",
            "0123456789abcdeF",
        ] {
            assert!(!token.is(wrong.as_bytes()), "{wrong}");
        }
        assert!(token.is_session(&token.session()));
        assert!(!token.is_session(token.reveal()));
        assert_eq!(format!("{token:?}"), "Token(…)");
    }

    #[test]
    fn what_is_guessed_or_cannot_be_sent_is_no_token() {
        for wrong in [
            "",
            "short",
            "0123456789 abcdef",
            "0123456789abcdef;",
            "0123456789äbcdef",
        ] {
            assert_eq!(Token::new(wrong), Err(BadToken), "{wrong}");
        }
        insta::assert_snapshot!(BadToken, @r#"a token has at least 16 characters, all of them visible ASCII without `;`, `,`, `"` and `\`; this one does not: leave it out to have one made, or take what `openssl rand -hex 16` prints"#);
    }

    #[test]
    fn tokens_that_are_made_differ() {
        let (one, other) = (Token::generate().unwrap(), Token::generate().unwrap());
        assert_eq!(one.reveal().len(), 32);
        assert_ne!(one, other);
        assert!(Token::new(one.reveal()).is_ok_and(|again| again == one));
    }
}
