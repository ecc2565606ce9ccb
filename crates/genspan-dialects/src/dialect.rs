//! The dialects by name.

use std::{fmt, str::FromStr};

use genspan::Measure;

use crate::{
    Settings, Span, adk, agent_sdk, braintrust, claude_code, codex, genai, langchain, langfuse,
    openinference, openllmetry, rig, sentry, strands, vercel_ai,
};

/// Names a vendor's attribute language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Dialect {
    /// That of adk-telemetry's `tracing` fields.
    Adk,
    /// That of the crate agent-sdk.
    AgentSdk,
    /// Braintrust's.
    Braintrust,
    /// That of Claude Code's own telemetry.
    ClaudeCode,
    /// That of codex's `tracing` fields.
    Codex,
    /// That of genai's `tracing` fields.
    Genai,
    /// That of langchain-rust's `tracing` fields.
    Langchain,
    /// Langfuse's.
    Langfuse,
    /// Arize's, which Phoenix and many frameworks' instrumentations speak.
    OpenInference,
    /// Traceloop's, which many backends read.
    OpenLlmetry,
    /// That of rig's `tracing` fields.
    Rig,
    /// Sentry's.
    Sentry,
    /// That of Strands' agents.
    Strands,
    /// That of Vercel's AI SDK.
    VercelAi,
}

impl Dialect {
    /// Lists those that can be written.
    pub const WRITTEN: &[Self] = &[
        Self::AgentSdk,
        Self::Braintrust,
        Self::Langfuse,
        Self::OpenInference,
        Self::OpenLlmetry,
        Self::Sentry,
    ];

    /// Lists those that can be read, in the order in which a span is held against them: what a program says of itself
    /// before what a vendor's layer adds, and fields that many crates could have written last.
    pub const READ: &[Self] = &[
        Self::Sentry,
        Self::OpenLlmetry,
        Self::AgentSdk,
        Self::Strands,
        Self::ClaudeCode,
        Self::VercelAi,
        Self::Braintrust,
        Self::Langfuse,
        Self::OpenInference,
        Self::Codex,
        Self::Langchain,
        Self::Adk,
        Self::Genai,
        Self::Rig,
    ];

    /// Names the dialect as options do.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Adk => "adk",
            Self::AgentSdk => "agent-sdk",
            Self::Braintrust => "braintrust",
            Self::ClaudeCode => "claude-code",
            Self::Codex => "codex",
            Self::Genai => "genai",
            Self::Langchain => "langchain-rust",
            Self::Langfuse => "langfuse",
            Self::OpenInference => "openinference",
            Self::OpenLlmetry => "openllmetry",
            Self::Rig => "rig",
            Self::Sentry => "sentry",
            Self::Strands => "strands",
            Self::VercelAi => "vercel-ai",
        }
    }

    /// Says in the vendor's language what a span says in that of the conventions; one that can only be read leaves it
    /// as it is.
    pub fn write(self, span: &mut Span, settings: &Settings) {
        match self {
            Self::AgentSdk => agent_sdk::write(span),
            Self::Braintrust => braintrust::write(span, settings),
            Self::Langfuse => langfuse::write(span),
            Self::OpenInference => openinference::write(span),
            Self::OpenLlmetry => openllmetry::write(span),
            Self::Sentry => sentry::write(span, settings),
            Self::Adk
            | Self::ClaudeCode
            | Self::Codex
            | Self::Genai
            | Self::Langchain
            | Self::Rig
            | Self::Strands
            | Self::VercelAi => {}
        }
    }

    /// Gives how the vendor's receivers want operations measured; `None` where the conventions' metrics are theirs too.
    #[must_use]
    pub fn measure(self) -> Option<Measure> {
        match self {
            Self::AgentSdk => Some(agent_sdk::measure),
            Self::Adk
            | Self::Braintrust
            | Self::ClaudeCode
            | Self::Codex
            | Self::Genai
            | Self::Langchain
            | Self::Langfuse
            | Self::OpenInference
            | Self::OpenLlmetry
            | Self::Rig
            | Self::Sentry
            | Self::Strands
            | Self::VercelAi => None,
        }
    }

    /// Says in the conventions' language what a span says in the vendor's; `false` where it does not speak it.
    pub fn read(self, span: &mut Span) -> bool {
        match self {
            Self::Adk => adk::read(span),
            Self::AgentSdk => agent_sdk::read(span),
            Self::Braintrust => braintrust::read(span),
            Self::ClaudeCode => claude_code::read(span),
            Self::Codex => codex::read(span),
            Self::Genai => genai::read(span),
            Self::Langchain => langchain::read(span),
            Self::Langfuse => langfuse::read(span),
            Self::OpenInference => openinference::read(span),
            Self::OpenLlmetry => openllmetry::read(span),
            Self::Rig => rig::read(span),
            Self::Sentry => sentry::read(span),
            Self::Strands => strands::read(span),
            Self::VercelAi => vercel_ai::read(span),
        }
    }
}

/// Says in the conventions' language what a span says in any vendor's, and which that is; `None` where it speaks none.
///
/// A span in two languages at once, as a framework's with a vendor's layer over it is, is read in both; the first of
/// [`Dialect::READ`] is named. What it says in the conventions' own keys counts more than what a vendor's say.
pub fn read(span: &mut Span) -> Option<Dialect> {
    let mut first = None;
    for dialect in Dialect::READ {
        if dialect.read(span) {
            first = first.or(Some(*dialect));
        }
    }
    first
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
