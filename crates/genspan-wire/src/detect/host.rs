//! Whose host it is.

/// Whole names.
const HOSTS: [(&str, &str); 43] = [
    ("api.openai.com", "openai"),
    ("chatgpt.com", "openai"),
    ("api.anthropic.com", "anthropic"),
    ("generativelanguage.googleapis.com", "gcp.gemini"),
    ("aiplatform.googleapis.com", "gcp.vertex_ai"),
    ("api.groq.com", "groq"),
    ("api.deepseek.com", "deepseek"),
    ("api.mistral.ai", "mistral_ai"),
    ("codestral.mistral.ai", "mistral_ai"),
    ("api.x.ai", "x_ai"),
    ("api.perplexity.ai", "perplexity"),
    ("api.cohere.ai", "cohere"),
    ("api.cohere.com", "cohere"),
    ("api.moonshot.ai", "moonshot_ai"),
    ("api.moonshot.cn", "moonshot_ai"),
    ("api.kimi.com", "moonshot_ai"),
    ("models.inference.ai.azure.com", "azure.ai.inference"),
    ("models.github.ai", "azure.ai.inference"),
    ("openrouter.ai", "openrouter"),
    ("api.githubcopilot.com", "github_copilot"),
    ("copilot-proxy.githubusercontent.com", "github_copilot"),
    ("api.together.xyz", "together"),
    ("api.together.ai", "together"),
    ("api.fireworks.ai", "fireworks"),
    ("api.cerebras.ai", "cerebras"),
    ("api.venice.ai", "venice"),
    ("api.doubleword.ai", "doubleword"),
    ("api.deepinfra.com", "deepinfra"),
    ("api.sambanova.ai", "sambanova"),
    ("api.hyperbolic.xyz", "hyperbolic"),
    ("api.novita.ai", "novita"),
    ("api.minimax.io", "minimax"),
    ("api.minimaxi.com", "minimax"),
    ("api.z.ai", "z_ai"),
    ("open.bigmodel.cn", "z_ai"),
    ("integrate.api.nvidia.com", "nvidia"),
    ("router.huggingface.co", "hugging_face"),
    ("dashscope.aliyuncs.com", "alibaba_cloud"),
    ("dashscope-intl.aliyuncs.com", "alibaba_cloud"),
    ("ai-gateway.vercel.sh", "vercel_ai_gateway"),
    ("api.voyageai.com", "voyage_ai"),
    ("api.jina.ai", "jina_ai"),
    ("ollama.com", "ollama"),
];

/// Ends of names, of resources, regions and plans.
const SUFFIXES: [(&str, &str); 19] = [
    (".api.openai.com", "openai"),
    (".openai.azure.com", "azure.ai.openai"),
    (".openai.azure.us", "azure.ai.openai"),
    (".openai.azure.cn", "azure.ai.openai"),
    (".cognitiveservices.azure.com", "azure.ai.openai"),
    (".cognitiveservices.azure.us", "azure.ai.openai"),
    (".services.ai.azure.com", "azure.ai.inference"),
    (".models.ai.azure.com", "azure.ai.inference"),
    (".inference.ml.azure.com", "azure.ai.inference"),
    (".ml.cloud.ibm.com", "ibm.watsonx.ai"),
    (".wxai.ibm.com", "ibm.watsonx.ai"),
    ("-aiplatform.googleapis.com", "gcp.vertex_ai"),
    (".prediction.vertexai.goog", "gcp.vertex_ai"),
    (".api.x.ai", "x_ai"),
    (".openrouter.ai", "openrouter"),
    (".githubcopilot.com", "github_copilot"),
    (".tokenfactory.nebius.com", "nebius"),
    (".studio.nebius.com", "nebius"),
    (".endpoints.huggingface.cloud", "hugging_face"),
];

/// The words of which Amazon's names have one, wherever the region and the network stand.
const BEDROCK: [&str; 3] = ["bedrock-runtime", "bedrock-runtime-fips", "bedrock-mantle"];

/// The port that Ollama listens at and nothing else is known for; those of other local servers say nothing.
const OLLAMA_PORT: u16 = 11434;

/// Knows whose host it is, in the conventions' word where they have one and otherwise in one of its own, for a format's
/// own name would say less. Anyone's host is `None`.
///
/// Behind a router the provider is another at every call: it goes by the router's name.
pub(super) fn provider(host: &str, port: Option<u16>, path: &str) -> Option<&'static str> {
    let exact = HOSTS.iter().find(|(name, _)| host == *name);
    let found = exact.or_else(|| SUFFIXES.iter().find(|(suffix, _)| host.ends_with(suffix)));
    match found.map(|(_, word)| *word) {
        Some(word @ ("azure.ai.openai" | "azure.ai.inference")) => Some(azure(word, path)),
        Some(word) => Some(word),
        None if host.split('.').any(|label| BEDROCK.contains(&label)) => Some("aws.bedrock"),
        None if host.starts_with("aiplatform.") && host.ends_with(".rep.googleapis.com") => {
            Some("gcp.vertex_ai")
        }
        None => (port == Some(OLLAMA_PORT)).then_some("ollama"),
    }
}

/// One of Azure's resources answers to both of its interfaces, each at paths of its own.
fn azure(word: &'static str, path: &str) -> &'static str {
    if path.starts_with("/openai/") {
        "azure.ai.openai"
    } else if path.starts_with("/models/") {
        "azure.ai.inference"
    } else {
        word
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_known_by_name_and_by_the_end_of_it() {
        for (host, word) in [
            ("api.openai.com", Some("openai")),
            ("eu.api.openai.com", Some("openai")),
            ("api.anthropic.com", Some("anthropic")),
            ("generativelanguage.googleapis.com", Some("gcp.gemini")),
            ("aiplatform.googleapis.com", Some("gcp.vertex_ai")),
            (
                "europe-west4-aiplatform.googleapis.com",
                Some("gcp.vertex_ai"),
            ),
            ("aiplatform.eu.rep.googleapis.com", Some("gcp.vertex_ai")),
            (
                "1.europe-west4-7.prediction.vertexai.goog",
                Some("gcp.vertex_ai"),
            ),
            ("api.groq.com", Some("groq")),
            ("api.deepseek.com", Some("deepseek")),
            ("codestral.mistral.ai", Some("mistral_ai")),
            ("api.x.ai", Some("x_ai")),
            ("us-east-1.api.x.ai", Some("x_ai")),
            ("api.perplexity.ai", Some("perplexity")),
            ("api.cohere.com", Some("cohere")),
            ("api.moonshot.cn", Some("moonshot_ai")),
            ("me.openai.azure.com", Some("azure.ai.openai")),
            ("me.services.ai.azure.com", Some("azure.ai.inference")),
            ("my.eastus2.models.ai.azure.com", Some("azure.ai.inference")),
            ("models.github.ai", Some("azure.ai.inference")),
            ("us-south.ml.cloud.ibm.com", Some("ibm.watsonx.ai")),
            (
                "bedrock-runtime.eu-west-1.amazonaws.com",
                Some("aws.bedrock"),
            ),
            (
                "bedrock-runtime-fips.us-east-1.amazonaws.com",
                Some("aws.bedrock"),
            ),
            ("bedrock-mantle.us-east-1.api.aws", Some("aws.bedrock")),
            (
                "vpce-1-x.bedrock-runtime.us-east-1.vpce.amazonaws.com",
                Some("aws.bedrock"),
            ),
            ("openrouter.ai", Some("openrouter")),
            ("api.business.githubcopilot.com", Some("github_copilot")),
            ("api.together.xyz", Some("together")),
            ("api.fireworks.ai", Some("fireworks")),
            ("api.cerebras.ai", Some("cerebras")),
            ("api.venice.ai", Some("venice")),
            ("api.doubleword.ai", Some("doubleword")),
            ("api.studio.nebius.com", Some("nebius")),
            ("localhost", None),
            ("api.openai.com.example.org", None),
            ("notapi.openai.com", None),
            ("gateway.example.org", None),
            ("", None),
        ] {
            assert_eq!(
                provider(host, Some(443), "/v1/chat/completions"),
                word,
                "{host}"
            );
        }
    }

    #[test]
    fn azure_is_told_apart_by_path() {
        let resource = |path| provider("me.services.ai.azure.com", None, path);
        assert_eq!(
            resource("/openai/v1/chat/completions"),
            Some("azure.ai.openai")
        );
        assert_eq!(
            resource("/models/chat/completions"),
            Some("azure.ai.inference")
        );
        assert_eq!(
            provider("me.cognitiveservices.azure.com", None, "/models/embeddings"),
            Some("azure.ai.inference")
        );
    }

    #[test]
    fn a_local_server_is_known_by_the_port_of_ollama_alone() {
        let local = |port| provider("localhost", port, "/v1/chat/completions");
        assert_eq!(local(Some(11434)), Some("ollama"));
        assert_eq!(local(Some(8080)), None);
        assert_eq!(local(None), None);
        assert_eq!(provider("api.groq.com", Some(11434), "/"), Some("groq"));
    }
}
