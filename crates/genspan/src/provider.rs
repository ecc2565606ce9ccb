//! Who runs a model.

use std::{borrow::Cow, fmt};

use crate::{
    Conventions,
    semconv::{attribute as key, value::provider_name},
};

/// Names the provider of an operation in the conventions' words.
///
/// It names the flavour of the telemetry: behind a gateway the true provider may be another.
///
/// ```
/// use genspan::Provider;
///
/// assert_eq!(Provider::OPENAI.as_str(), "openai");
/// assert_eq!(Provider::new("in-house").as_str(), "in-house");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Provider(Cow<'static, str>);

impl Provider {
    /// OpenAI's own service.
    pub const OPENAI: Self = Self(Cow::Borrowed(provider_name::OPENAI));
    /// Amazon Bedrock, whoever made the model.
    pub const AWS_BEDROCK: Self = Self(Cow::Borrowed(provider_name::AWS_BEDROCK));
    /// Anthropic's own service.
    pub const ANTHROPIC: Self = Self(Cow::Borrowed(provider_name::ANTHROPIC));
    /// Cohere's own service.
    pub const COHERE: Self = Self(Cow::Borrowed(provider_name::COHERE));
    /// An Ollama server, wherever it runs; the conventions have no word for it.
    pub const OLLAMA: Self = Self(Cow::Borrowed("ollama"));

    /// Google's Gemini API.
    pub const GCP_GEMINI: Self = Self(Cow::Borrowed(provider_name::GCP_GEMINI));
    /// Google's Vertex AI.
    pub const GCP_VERTEX_AI: Self = Self(Cow::Borrowed(provider_name::GCP_VERTEX_AI));
    /// One of Google's services, where it is not known which.
    pub const GCP_GEN_AI: Self = Self(Cow::Borrowed(provider_name::GCP_GEN_AI));

    /// Takes one of the conventions' words, or a low-cardinality word of one's own.
    #[must_use]
    pub fn new(name: impl Into<Cow<'static, str>>) -> Self {
        Self(name.into())
    }

    /// Gives the key that the provider stands under in a version of the conventions, and the version's word for it,
    /// which need not be copied where it is one of the conventions'.
    pub(crate) fn named_in(&self, version: Conventions) -> (&'static str, &Cow<'static, str>) {
        static XAI: Cow<'static, str> = Cow::Borrowed("xai");
        if version >= Conventions::V1_41 {
            (key::GEN_AI_PROVIDER_NAME, &self.0)
        } else if self.0 == "x_ai" {
            (key::GEN_AI_SYSTEM, &XAI)
        } else {
            (key::GEN_AI_SYSTEM, &self.0)
        }
    }

    /// Gives the word that stands in `gen_ai.provider.name`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
