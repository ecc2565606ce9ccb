//! The names that others have for providers of models.

use genspan::{
    Provider,
    semconv::{attribute as key, value::provider_name as provider},
};

use crate::Attributes;

/// Pairs others' words, in small letters, with the conventions'.
const WORDS: [(&str, &str); 19] = [
    ("aws", provider::AWS_BEDROCK),
    ("az.ai.inference", provider::AZURE_AI_INFERENCE),
    ("az.ai.openai", provider::AZURE_AI_OPENAI),
    ("azure", provider::AZURE_AI_OPENAI),
    ("amazon-bedrock", provider::AWS_BEDROCK),
    ("azure.openai", provider::AZURE_AI_OPENAI),
    ("bedrock", provider::AWS_BEDROCK),
    ("copilot", "github_copilot"),
    ("gemini", provider::GCP_GEMINI),
    ("google", provider::GCP_GEN_AI),
    ("google.generative-ai", provider::GCP_GEMINI),
    ("google_genai", provider::GCP_GEN_AI),
    ("mistral", provider::MISTRAL_AI),
    ("mistralai", provider::MISTRAL_AI),
    ("vertex", provider::GCP_VERTEX_AI),
    ("vertex_ai", provider::GCP_VERTEX_AI),
    ("vertexai", provider::GCP_VERTEX_AI),
    ("watsonx", provider::IBM_WATSONX_AI),
    ("xai", provider::X_AI),
];

/// Words that others write with capitals and the conventions without.
const SPELLED: [&str; 5] = [
    provider::ANTHROPIC,
    provider::COHERE,
    provider::DEEPSEEK,
    provider::GROQ,
    provider::OPENAI,
];

/// Names a provider by the word that a library or a vendor has for it.
///
/// ```
/// use genspan::Provider;
/// use genspan_dialects::provider;
///
/// assert_eq!(provider("Anthropic"), Provider::ANTHROPIC);
/// assert_eq!(provider("in-house").as_str(), "in-house");
/// ```
#[must_use]
pub fn provider(name: &str) -> Provider {
    Provider::new(known(name).to_owned())
}

/// Gives the conventions' word for a provider; one that they have none for keeps its own.
pub(crate) fn known(name: &str) -> &str {
    let small = name.to_ascii_lowercase();
    let found = WORDS.iter().find(|(word, _)| *word == small);
    found
        .map(|(_, known)| *known)
        .or_else(|| SPELLED.into_iter().find(|known| *known == small))
        .unwrap_or(name)
}

/// Moves the provider from the key that it stood under before v1.37, unless it stands in its place already.
pub(crate) fn from_system(attributes: &mut Attributes) {
    let system = attributes.take(key::GEN_AI_SYSTEM);
    let provider = system.as_ref().and_then(|system| system.as_str());
    attributes.set_if_free(key::GEN_AI_PROVIDER_NAME, provider.map(known));
}
