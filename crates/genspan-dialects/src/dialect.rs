//! The dialects by name.

use std::{fmt, str::FromStr};

use crate::{Settings, Span, braintrust, langfuse, openinference};

/// Names a vendor's attribute language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Dialect {
    /// Braintrust's.
    Braintrust,
    /// Langfuse's.
    Langfuse,
    /// Arize's, which Phoenix and many frameworks' instrumentations speak.
    OpenInference,
}

impl Dialect {
    /// Lists those that can be written.
    pub const WRITTEN: &[Self] = &[Self::Braintrust, Self::Langfuse, Self::OpenInference];

    /// Lists those that can be read, in the order in which a span is held against them.
    pub const READ: &[Self] = &[Self::Braintrust, Self::Langfuse, Self::OpenInference];

    /// Names the dialect as options do.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Braintrust => "braintrust",
            Self::Langfuse => "langfuse",
            Self::OpenInference => "openinference",
        }
    }

    /// Says in the vendor's language what a span says in that of the conventions.
    pub fn write(self, span: &mut Span, settings: &Settings) {
        match self {
            Self::Braintrust => braintrust::write(span, settings),
            Self::Langfuse => langfuse::write(span),
            Self::OpenInference => openinference::write(span),
        }
    }

    /// Says in the conventions' language what a span says in the vendor's; `false` where it does not speak it.
    pub fn read(self, span: &mut Span) -> bool {
        match self {
            Self::Braintrust => braintrust::read(span),
            Self::Langfuse => langfuse::read(span),
            Self::OpenInference => openinference::read(span),
        }
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Dialect {
    type Err = UnknownDialect;

    fn from_str(text: &str) -> Result<Self, UnknownDialect> {
        let found = Self::WRITTEN
            .iter()
            .find(|dialect| dialect.as_str() == text);
        found
            .copied()
            .ok_or_else(|| UnknownDialect(text.to_owned()))
    }
}

/// Says that a text names no dialect that can be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownDialect(String);

impl fmt::Display for UnknownDialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unknown dialect `{}`: known are", self.0)?;
        for (at, dialect) in Dialect::WRITTEN.iter().enumerate() {
            let comma = if at == 0 { "" } else { "," };
            write!(f, "{comma} `{dialect}`")?;
        }
        Ok(())
    }
}

impl std::error::Error for UnknownDialect {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back_and_others_say_what_is_known() {
        for dialect in Dialect::WRITTEN {
            assert_eq!(dialect.to_string().parse(), Ok(*dialect));
        }
        let error = "arize".parse::<Dialect>().unwrap_err().to_string();
        assert!(
            error.starts_with("unknown dialect `arize`: known are `"),
            "{error}"
        );
    }
}
