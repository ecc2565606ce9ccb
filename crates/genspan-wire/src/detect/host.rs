//! Whose host it is.

/// Knows the hosts of providers that the conventions have a word for, and of two routers: behind these the provider
/// is another at every call, so that their own name says more than that of the format.
pub(super) fn provider(host: &str) -> Option<&'static str> {
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
