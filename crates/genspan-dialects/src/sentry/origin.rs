//! Where a span comes from, in the characters that Sentry takes.

use std::{borrow::Cow, fmt, str::FromStr};

/// Names the instrumentation that made a span, as Sentry groups them: `auto.ai.openai`, `manual`.
///
/// ```
/// use genspan_dialects::sentry::Origin;
///
/// assert_eq!(Origin::default().as_str(), "auto.ai.genspan");
/// assert!("auto.ai.my_agent".parse::<Origin>().is_ok());
/// assert!("auto.ai.my-agent".parse::<Origin>().is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Origin(Cow<'static, str>);

impl Origin {
    /// Gives the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for Origin {
    fn default() -> Self {
        Self(Cow::Borrowed("auto.ai.genspan"))
    }
}

impl FromStr for Origin {
    type Err = InvalidOrigin;

    fn from_str(text: &str) -> Result<Self, InvalidOrigin> {
        let is_known = |char: char| char.is_ascii_alphanumeric() || matches!(char, '_' | '.');
        if text.is_empty() || !text.chars().all(is_known) {
            return Err(InvalidOrigin(text.to_owned()));
        }
        Ok(Self(Cow::Owned(text.to_owned())))
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Says that a text cannot be an origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidOrigin(String);

impl fmt::Display for InvalidOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` is no origin: Sentry takes letters, digits, `_` and `.`, such as `auto.ai.my_agent`",
            self.0
        )
    }
}

impl std::error::Error for InvalidOrigin {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_sentry_takes_is_an_origin() {
        for good in ["manual", "auto.ai.claude_code", "a.B9_"] {
            assert_eq!(good.parse::<Origin>().unwrap().as_str(), good);
        }
        for bad in ["", "auto.ai.claude-code", "auto ai", "auto.ai.ü"] {
            let error = bad.parse::<Origin>().unwrap_err();
            assert!(
                error
                    .to_string()
                    .starts_with(&format!("`{bad}` is no origin"))
            );
        }
    }
}
