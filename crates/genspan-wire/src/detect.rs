//! Which requests ask a model, in which format, and whose model it is.

mod asked;
mod host;

use genspan::{Provider, Server};

pub(crate) use self::asked::Asked;
use crate::format::{self, Format, Stored};

/// Holds what tells, before any byte of a body, whether a request asks a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestHead<'a> {
    /// The HTTP method.
    pub method: &'a str,
    /// The host that is asked, without a port.
    pub host: &'a str,
    /// The port, where it is known.
    pub port: Option<u16>,
    /// The path, with the query where there is one.
    pub path: &'a str,
}

/// Names what a request asks: whose model it is, and in which format it is spoken to.
///
/// It is small: what reads the exchange is made of it when there is something to read.
#[derive(Clone, Debug)]
pub struct Endpoint {
    pub(crate) format: &'static Format,
    pub(crate) provider: Provider,
    pub(crate) server: Option<Server>,
    /// The model, where the path names it.
    pub(crate) model: Option<String>,
    /// Whether the path asks for a stream.
    pub(crate) is_stream: bool,
    /// The stored answer that is fetched.
    pub(crate) stored: Option<Stored>,
}

impl Endpoint {
    /// Looks at a request's method, path and host; `None` where no model is asked in a format that is known.
    #[must_use]
    pub fn detect(head: &RequestHead<'_>) -> Option<Self> {
        let asked = Asked::of(head);
        let found = format::found(&asked)?;
        let host = head.host.trim_end_matches('.').to_ascii_lowercase();
        let provider = host::provider(&host, head.port, asked.path)
            .map_or_else(|| found.format.flavour.clone(), Provider::new);
        let server = (!host.is_empty()).then(|| Server::new(host, head.port));
        Some(Self {
            format: found.format,
            provider,
            server,
            model: found.model,
            is_stream: found.is_stream,
            stored: found.stored,
        })
    }

    /// Tells whether the host is one of a provider that is known, or the port is.
    pub(crate) fn is_host_known(&self) -> bool {
        self.server
            .as_ref()
            .is_some_and(|server| host::provider(&server.address, server.port, "").is_some())
    }

    /// Names the provider, where the caller knows better than the host's name tells.
    #[must_use]
    pub fn with_provider(mut self, provider: Provider) -> Self {
        self.provider = provider;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(
        method: &str,
        host: &str,
        path: &str,
    ) -> Option<(&'static str, String, Option<String>)> {
        let detected = Endpoint::detect(&RequestHead {
            method,
            host,
            port: None,
            path,
        })?;
        Some((
            detected.format.name,
            detected.provider.to_string(),
            detected.model,
        ))
    }

    #[test]
    fn the_path_tells_the_format_and_the_host_the_provider() {
        const CHAT: &str = "openai.chat_completions";
        const MESSAGES: &str = "anthropic.messages";
        for (host, path, format, provider, model) in [
            (
                "api.openai.com",
                "/v1/chat/completions",
                CHAT,
                "openai",
                None,
            ),
            (
                "API.Groq.com.",
                "/openai/v1/chat/completions?x=/",
                CHAT,
                "groq",
                None,
            ),
            ("localhost", "/chat/completions", CHAT, "openai", None),
            (
                "me.openai.azure.com",
                "/openai/deployments/d/chat/completions?api-version=1",
                CHAT,
                "azure.ai.openai",
                Some("d"),
            ),
            (
                "bedrock-runtime.eu-west-1.amazonaws.com",
                "/openai/v1/chat/completions",
                CHAT,
                "aws.bedrock",
                None,
            ),
            (
                "openrouter.ai",
                "/api/v1/chat/completions",
                CHAT,
                "openrouter",
                None,
            ),
            (
                "api.anthropic.com",
                "/v1/messages?beta=true",
                MESSAGES,
                "anthropic",
                None,
            ),
            (
                "127.0.0.1",
                "/anthropic/v1/messages",
                MESSAGES,
                "anthropic",
                None,
            ),
        ] {
            let expected = (format, provider.to_owned(), model.map(str::to_owned));
            assert_eq!(found("POST", host, path), Some(expected), "{host}{path}");
        }
    }

    #[test]
    fn clouds_offer_the_chat_at_paths_of_their_own() {
        for (host, path, provider) in [
            (
                "bedrock-mantle.us-east-1.api.aws",
                "/v1/chat/completions",
                "aws.bedrock",
            ),
            (
                "us-central1-aiplatform.googleapis.com",
                "/v1/projects/p/locations/l/endpoints/openapi/chat/completions",
                "gcp.vertex_ai",
            ),
            (
                "models.github.ai",
                "/inference/chat/completions",
                "azure.ai.inference",
            ),
            (
                "me.services.ai.azure.com",
                "/openai/v1/chat/completions",
                "azure.ai.openai",
            ),
        ] {
            let expected = ("openai.chat_completions", provider.to_owned(), None);
            assert_eq!(found("POST", host, path), Some(expected), "{host}{path}");
        }
    }

    #[test]
    fn what_asks_no_model_is_none() {
        assert_eq!(found("GET", "api.openai.com", "/v1/chat/completions"), None);
        for path in [
            "/v1/messages/count_tokens",
            "/v1/messages/batches",
            "/v1/chat/completions/id",
            "/v1/models",
            "/v1/images/generations",
            "/v1/audio/transcriptions",
            "/v1/audio/speech",
            "/v1/moderations",
            "/v1/rerank",
            "/v1/fine_tuning/jobs",
            "/v1/batches",
            "/v1/files",
            "/tokenize",
            "",
            "/?/v1/messages",
        ] {
            assert_eq!(found("POST", "api.openai.com", path), None, "{path}");
        }
    }
}
