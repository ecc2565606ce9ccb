//! Which requests ask a model, in which format, and whose model it is.

use genspan::{InferenceKind, Outline, Provider, Server};

use crate::format::Format;

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
    pub(crate) format: Format,
    pub(crate) provider: Provider,
    pub(crate) server: Option<Server>,
    /// The model, where the path names it.
    pub(crate) model: Option<String>,
}

impl Endpoint {
    /// Looks at a request's method, path and host; `None` where no model is asked in a format that is known.
    #[must_use]
    pub fn detect(head: &RequestHead<'_>) -> Option<Self> {
        detect(head)
    }

    /// Names the provider, where the caller knows better than the host's name tells.
    #[must_use]
    pub fn with_provider(mut self, provider: Provider) -> Self {
        self.provider = provider;
        self
    }

    /// Gives what is known before the call is made: operation, provider, server.
    #[must_use]
    pub fn outline(&self) -> Outline {
        Outline::inference(
            InferenceKind::Chat,
            self.provider.clone(),
            self.model.clone(),
            self.server.clone(),
        )
    }
}

/// Finds the format by method and path alone; hosts are many and anyone may run one.
fn detect(head: &RequestHead<'_>) -> Option<Endpoint> {
    let path = head.path.split(['?', '#']).next().unwrap_or_default();
    let format = format(path).filter(|_| head.method.eq_ignore_ascii_case("POST"))?;
    let host = head.host.trim_end_matches('.').to_ascii_lowercase();
    let provider = by_host(&host).map_or_else(|| flavour(format), Provider::new);
    let server = (!host.is_empty()).then(|| Server::new(host, head.port));
    Some(Endpoint {
        format,
        provider,
        server,
        model: deployment(path),
    })
}

fn format(path: &str) -> Option<Format> {
    if path.ends_with("/chat/completions") {
        Some(Format::OpenAiChat)
    } else if path.ends_with("/v1/messages") {
        Some(Format::AnthropicMessages)
    } else {
        None
    }
}

/// The provider whose format it is: what runs behind an unknown host is unknown, what it speaks is not.
fn flavour(format: Format) -> Provider {
    match format {
        Format::OpenAiChat => Provider::OPENAI,
        Format::AnthropicMessages => Provider::ANTHROPIC,
    }
}

/// Azure names the model by the deployment in the path and nowhere else.
fn deployment(path: &str) -> Option<String> {
    let (_, rest) = path.split_once("/deployments/")?;
    let name = rest.split('/').next().filter(|name| !name.is_empty())?;
    Some(name.to_owned())
}

/// Knows the hosts of providers that the conventions have a word for, and of two routers: behind these the provider
/// is another at every call, so that their own name says more than that of the format.
fn by_host(host: &str) -> Option<&'static str> {
    const HOSTS: [(&str, &str); 15] = [
        ("api.openai.com", "openai"),
        ("api.anthropic.com", "anthropic"),
        ("generativelanguage.googleapis.com", "gcp.gemini"),
        ("api.groq.com", "groq"),
        ("api.deepseek.com", "deepseek"),
        ("api.mistral.ai", "mistral_ai"),
        ("api.x.ai", "x_ai"),
        ("api.perplexity.ai", "perplexity"),
        ("api.cohere.ai", "cohere"),
        ("api.cohere.com", "cohere"),
        ("api.moonshot.ai", "moonshot_ai"),
        ("api.moonshot.cn", "moonshot_ai"),
        ("models.inference.ai.azure.com", "azure.ai.inference"),
        ("openrouter.ai", "openrouter"),
        ("api.githubcopilot.com", "github_copilot"),
    ];
    const SUFFIXES: [(&str, &str); 5] = [
        (".openai.azure.com", "azure.ai.openai"),
        (".cognitiveservices.azure.com", "azure.ai.openai"),
        (".services.ai.azure.com", "azure.ai.inference"),
        (".ml.cloud.ibm.com", "ibm.watsonx.ai"),
        ("aiplatform.googleapis.com", "gcp.vertex_ai"),
    ];
    let exact = HOSTS.iter().find(|(name, _)| host == *name);
    let found = exact.or_else(|| SUFFIXES.iter().find(|(suffix, _)| host.ends_with(suffix)));
    found.map(|(_, word)| *word).or_else(|| {
        host.starts_with("bedrock-runtime.")
            .then_some("aws.bedrock")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(
        method: &str,
        host: &str,
        path: &str,
    ) -> Option<(&'static str, String, Option<String>)> {
        let detected = detect(&RequestHead {
            method,
            host,
            port: None,
            path,
        })?;
        Some((
            detected.format.name(),
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
    fn what_asks_no_model_is_none() {
        assert_eq!(found("GET", "api.openai.com", "/v1/chat/completions"), None);
        for path in [
            "/v1/messages/count_tokens",
            "/v1/messages/batches",
            "/v1/chat/completions/id",
            "/v1/models",
            "",
            "/?/v1/messages",
        ] {
            assert_eq!(found("POST", "api.openai.com", path), None, "{path}");
        }
    }
}
