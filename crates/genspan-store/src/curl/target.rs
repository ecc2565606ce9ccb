//! Whom to ask, and how.

use genspan::semconv::{attribute as key, value::provider_name};
use genspan_dialects::Attributes;

/// Holds how a provider is asked.
pub(super) struct Target {
    pub(super) url: String,
    pub(super) headers: &'static [&'static str],
    pub(super) shape: Shape,
}

/// Names the shape of a request.
#[derive(Clone, Copy)]
pub(super) enum Shape {
    OpenAi,
    Anthropic,
    Gemini,
}

/// Holds a provider that is known: its name, host, path (with the model for `{}`) and headers, whose keys the shell fills in.
type Known = (
    &'static str,
    &'static str,
    &'static str,
    &'static [&'static str],
    Shape,
);

const KNOWN: [Known; 9] = [
    (
        provider_name::OPENAI,
        "api.openai.com",
        "/v1/chat/completions",
        &["authorization: Bearer $OPENAI_API_KEY"],
        Shape::OpenAi,
    ),
    (
        provider_name::ANTHROPIC,
        "api.anthropic.com",
        "/v1/messages",
        &[
            "x-api-key: $ANTHROPIC_API_KEY",
            "anthropic-version: 2023-06-01",
        ],
        Shape::Anthropic,
    ),
    (
        provider_name::GCP_GEMINI,
        "generativelanguage.googleapis.com",
        "/v1beta/models/{}:generateContent",
        &["x-goog-api-key: $GEMINI_API_KEY"],
        Shape::Gemini,
    ),
    (
        provider_name::GROQ,
        "api.groq.com",
        "/openai/v1/chat/completions",
        &["authorization: Bearer $GROQ_API_KEY"],
        Shape::OpenAi,
    ),
    (
        provider_name::MISTRAL_AI,
        "api.mistral.ai",
        "/v1/chat/completions",
        &["authorization: Bearer $MISTRAL_API_KEY"],
        Shape::OpenAi,
    ),
    (
        provider_name::DEEPSEEK,
        "api.deepseek.com",
        "/chat/completions",
        &["authorization: Bearer $DEEPSEEK_API_KEY"],
        Shape::OpenAi,
    ),
    (
        provider_name::X_AI,
        "api.x.ai",
        "/v1/chat/completions",
        &["authorization: Bearer $XAI_API_KEY"],
        Shape::OpenAi,
    ),
    (
        "openrouter",
        "openrouter.ai",
        "/api/v1/chat/completions",
        &["authorization: Bearer $OPENROUTER_API_KEY"],
        Shape::OpenAi,
    ),
    (
        "ollama",
        "localhost:11434",
        "/v1/chat/completions",
        &[],
        Shape::OpenAi,
    ),
];

impl Target {
    /// Finds out whom to ask; where the call went to another host than the provider's own, that is asked.
    pub(super) fn of(attributes: &Attributes, model: &str) -> Option<Self> {
        let provider = attributes
            .text(key::GEN_AI_PROVIDER_NAME)
            .or_else(|| attributes.text(key::GEN_AI_SYSTEM))?;
        let (_, host, path, headers, shape) =
            KNOWN.into_iter().find(|known| known.0 == provider)?;
        let host = stated_host(attributes).unwrap_or_else(|| host.to_owned());
        let name = host.split(':').next().unwrap_or_default();
        let scheme = match name {
            "localhost" | "127.0.0.1" => "http",
            _ => "https",
        };
        let path = path.replace("{}", model);
        Some(Self {
            url: format!("{scheme}://{host}{path}"),
            headers,
            shape,
        })
    }
}

/// Gives the host that a call went to, where it is one that may stand in a URL.
fn stated_host(attributes: &Attributes) -> Option<String> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
    let host = attributes.text(key::SERVER_ADDRESS)?;
    if host.is_empty() || !host.bytes().all(allowed) {
        return None;
    }
    Some(match attributes.count(key::SERVER_PORT) {
        Some(port) if port != 443 => format!("{host}:{port}"),
        _ => host.to_owned(),
    })
}
