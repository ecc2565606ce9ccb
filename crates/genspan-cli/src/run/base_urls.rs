//! The variables by which programs are told where a provider answers.
//!
//! Each is led through the proxy by a path of its own. One that is set already names the upstream; one that is
//! not gets the provider's public address. What cannot be led so without harm is left as it is, and said.

use super::{
    outbound,
    redirect::{Redirect, Target},
};
use crate::environment::Environment;

/// Names a variable and what stands behind it where it is not set.
struct BaseUrl {
    variable: &'static str,
    /// Stands in the proxy's path, so that addresses can be told apart.
    name: &'static str,
    unset: Unset,
}

/// Says what an unset variable stands for.
enum Unset {
    /// The provider's public address, as its client library writes it.
    Default(&'static str),
    /// Nothing that could be known: only a variable that is set is led through the proxy.
    Alone,
    /// A local Ollama, whose variable is a host and not a URL.
    Ollama,
    /// Bedrock's address in the region that the environment names.
    Bedrock,
}

/// The order is that of the summary.
const BASE_URLS: [BaseUrl; 16] = [
    BaseUrl {
        variable: "OPENAI_BASE_URL",
        name: "openai",
        unset: Unset::Default("https://api.openai.com/v1"),
    },
    BaseUrl {
        variable: "OPENAI_API_BASE",
        name: "openai-api-base",
        unset: Unset::Default("https://api.openai.com/v1"),
    },
    BaseUrl {
        variable: "ANTHROPIC_BASE_URL",
        name: "anthropic",
        unset: Unset::Default("https://api.anthropic.com"),
    },
    BaseUrl {
        variable: "GOOGLE_GEMINI_BASE_URL",
        name: "gemini",
        unset: Unset::Default("https://generativelanguage.googleapis.com"),
    },
    BaseUrl {
        variable: "OLLAMA_HOST",
        name: "ollama",
        unset: Unset::Ollama,
    },
    BaseUrl {
        variable: "AWS_ENDPOINT_URL_BEDROCK_RUNTIME",
        name: "bedrock",
        unset: Unset::Bedrock,
    },
    BaseUrl {
        variable: "GROQ_BASE_URL",
        name: "groq",
        unset: Unset::Default("https://api.groq.com"),
    },
    BaseUrl {
        variable: "TOGETHER_BASE_URL",
        name: "together",
        unset: Unset::Default("https://api.together.xyz/v1"),
    },
    BaseUrl {
        variable: "CEREBRAS_BASE_URL",
        name: "cerebras",
        unset: Unset::Default("https://api.cerebras.ai"),
    },
    BaseUrl {
        variable: "CO_API_URL",
        name: "cohere",
        unset: Unset::Default("https://api.cohere.com"),
    },
    BaseUrl {
        variable: "MISTRAL_API_BASE",
        name: "mistral",
        unset: Unset::Alone,
    },
    BaseUrl {
        variable: "DEEPSEEK_API_BASE",
        name: "deepseek",
        unset: Unset::Alone,
    },
    BaseUrl {
        variable: "OPENROUTER_API_BASE",
        name: "openrouter",
        unset: Unset::Alone,
    },
    BaseUrl {
        variable: "AZURE_OPENAI_ENDPOINT",
        name: "azure-openai",
        unset: Unset::Alone,
    },
    BaseUrl {
        variable: "GOOGLE_VERTEX_BASE_URL",
        name: "vertex",
        unset: Unset::Alone,
    },
    BaseUrl {
        variable: "ANTHROPIC_VERTEX_BASE_URL",
        name: "anthropic-vertex",
        unset: Unset::Alone,
    },
];

/// A Bedrock key that is sent as it is; without it requests are signed, address and path included.
const BEDROCK_KEY: &str = "AWS_BEARER_TOKEN_BEDROCK";

const OLLAMA_PORT: u16 = 11_434;

/// Holds what becomes of all variables.
#[derive(Clone, Debug, Default)]
pub(super) struct Plan {
    pub(super) redirects: Vec<Redirect>,
    /// What is left as it is, and why.
    pub(super) notes: Vec<String>,
}

/// Names one provider by its variable, the word in paths and the public address.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known {
    pub(crate) variable: &'static str,
    pub(crate) name: &'static str,
    pub(crate) url: &'static str,
}

/// Lists the providers whose address is known without asking anybody; of equal addresses the first.
pub(crate) fn known() -> Vec<Known> {
    let mut known: Vec<Known> = Vec::new();
    for entry in &BASE_URLS {
        let url = match entry.unset {
            Unset::Default(url) => url,
            Unset::Ollama => "http://127.0.0.1:11434",
            Unset::Alone | Unset::Bedrock => continue,
        };
        if !known.iter().any(|earlier| earlier.url == url) {
            known.push(Known {
                variable: entry.variable,
                name: entry.name,
                url,
            });
        }
    }
    known
}

/// Decides for each variable, with paths below `secret`.
pub(super) fn plan(environment: &Environment, secret: &str) -> Plan {
    let mut plan = Plan::default();
    for entry in &BASE_URLS {
        let set = environment.text(entry.variable);
        let is_set = set.is_some();
        let Some(url) = address(entry, set, environment) else {
            if is_set && matches!(entry.unset, Unset::Bedrock) {
                plan.notes.push(signed(entry.variable));
            }
            continue;
        };
        let target = Target::Variable(entry.variable);
        match Redirect::new(target, entry.name, &url, secret, environment) {
            Ok(redirect) => plan.redirects.push(redirect),
            // An address that nobody stated is worth no word.
            Err(why) if is_set => plan
                .notes
                .push(format!("{} is left as it is: {why}", entry.variable)),
            Err(_) => {}
        }
    }
    plan.notes.extend(outbound::note(environment));
    plan
}

/// Says why a variable is left alone whose requests are signed: the path through the proxy is another than the
/// provider's, and a signature covers it.
fn signed(variable: &str) -> String {
    format!(
        "{variable} is left as it is: without {BEDROCK_KEY} requests are signed, address and path included"
    )
}

/// Gives the address that the variable stands for, `None` where it must be left as it is.
fn address(entry: &BaseUrl, set: Option<String>, environment: &Environment) -> Option<String> {
    let set = set.map(|url| url.trim().to_owned());
    match entry.unset {
        Unset::Default(url) => Some(set.unwrap_or_else(|| url.to_owned())),
        Unset::Alone => set,
        Unset::Ollama => Some(ollama(&set.unwrap_or_default())),
        Unset::Bedrock => {
            environment.text(BEDROCK_KEY)?;
            set.or_else(|| {
                let region = environment
                    .text("AWS_REGION")
                    .or_else(|| environment.text("AWS_DEFAULT_REGION"))?;
                Some(format!(
                    "https://bedrock-runtime.{}.amazonaws.com",
                    region.trim()
                ))
            })
        }
    }
}

/// Reads `OLLAMA_HOST` as Ollama does: scheme, host and port may each be missing.
fn ollama(stated: &str) -> String {
    let (scheme, rest, port) = match stated.split_once("://") {
        Some((scheme, rest)) => (scheme, rest, None),
        None => ("http", stated, Some(OLLAMA_PORT)),
    };
    let (authority, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
    let (host, stated_port) = match authority.rsplit_once(':') {
        Some((host, digits)) if digits.bytes().all(|digit| digit.is_ascii_digit()) => {
            (host, digits.parse().ok())
        }
        _ => (authority, None),
    };
    // A server listens on these; a client cannot go there.
    let host = if matches!(host, "" | "0.0.0.0" | "[::]") {
        "127.0.0.1"
    } else {
        host
    };
    let port = stated_port
        .or(port)
        .map(|port: u16| format!(":{port}"))
        .unwrap_or_default();
    format!("{scheme}://{host}{port}{path}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(variables: &[(&str, &str)]) -> String {
        let plan = plan(&Environment::of(variables), "s");
        let ways = plan.redirects.iter().map(|redirect| {
            let upstream = redirect.route.upstream();
            let Target::Variable(variable) = redirect.target else {
                panic!("{redirect:?}");
            };
            format!(
                "{}={}{} -> {}",
                variable,
                redirect.route.prefix(),
                redirect.ending,
                upstream.authority()
            )
        });
        ways.chain(plan.notes.iter().cloned())
            .collect::<Vec<_>>()
            .join("\n")
    }

    #[test]
    fn unset_variables_lead_to_the_providers() {
        insta::assert_snapshot!(lines(&[]), @r#"
        OPENAI_BASE_URL=/s/openai/v1 -> api.openai.com
        OPENAI_API_BASE=/s/openai-api-base/v1 -> api.openai.com
        ANTHROPIC_BASE_URL=/s/anthropic -> api.anthropic.com
        GOOGLE_GEMINI_BASE_URL=/s/gemini -> generativelanguage.googleapis.com
        OLLAMA_HOST=/s/ollama -> 127.0.0.1:11434
        GROQ_BASE_URL=/s/groq -> api.groq.com
        TOGETHER_BASE_URL=/s/together/v1 -> api.together.xyz
        CEREBRAS_BASE_URL=/s/cerebras -> api.cerebras.ai
        CO_API_URL=/s/cohere -> api.cohere.com
        "#);
    }

    #[test]
    fn a_variable_that_is_set_names_the_upstream() {
        let lines = lines(&[
            ("OPENAI_BASE_URL", "http://gateway:8080/llm/v1/"),
            ("AZURE_OPENAI_ENDPOINT", "https://me.openai.azure.com/"),
        ]);
        assert!(
            lines.contains("OPENAI_BASE_URL=/s/openai/llm/v1/ -> gateway:8080"),
            "{lines}"
        );
        assert!(
            lines.contains("AZURE_OPENAI_ENDPOINT=/s/azure-openai/ -> me.openai.azure.com"),
            "{lines}"
        );
    }

    #[test]
    fn what_is_no_address_is_left_and_said_without_its_secrets() {
        let lines = lines(&[("ANTHROPIC_BASE_URL", "https://me:hunter2@gateway")]);
        assert!(!lines.contains("ANTHROPIC_BASE_URL="), "{lines}");
        assert!(
            lines.contains("ANTHROPIC_BASE_URL is left as it is: the upstream is unusable"),
            "{lines}"
        );
        assert!(!lines.contains("hunter2"));
    }

    #[test]
    fn signed_requests_are_not_led_astray() {
        let region = ("AWS_REGION", "eu-west-1");
        assert!(!lines(&[region]).contains("BEDROCK"));
        let own = ("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "https://vpce.example/b");
        let left = lines(&[region, own]);
        assert!(
            left.contains("AWS_ENDPOINT_URL_BEDROCK_RUNTIME is left as it is: without AWS_BEARER"),
            "{left}"
        );
        let own = lines(&[region, own, (BEDROCK_KEY, "k")]);
        assert!(own.contains("/s/bedrock/b -> vpce.example"), "{own}");
        let keyed = lines(&[region, (BEDROCK_KEY, "k")]);
        assert!(
            keyed.contains("-> bedrock-runtime.eu-west-1.amazonaws.com"),
            "{keyed}"
        );
    }

    #[test]
    fn ollamas_host_is_read_as_ollama_reads_it() {
        for (stated, url) in [
            ("", "http://127.0.0.1:11434"),
            ("0.0.0.0", "http://127.0.0.1:11434"),
            (":5000", "http://127.0.0.1:5000"),
            ("gpu", "http://gpu:11434"),
            ("gpu:1/p", "http://gpu:1/p"),
            ("https://gpu/p", "https://gpu/p"),
            ("[::1]:7", "http://[::1]:7"),
            ("[::1]", "http://[::1]:11434"),
        ] {
            assert_eq!(ollama(stated), url, "{stated}");
        }
    }

    #[test]
    fn behind_a_corporate_proxy_only_what_is_near_is_led() {
        let proxied = [
            ("HTTPS_PROXY", "http://corp:3128"),
            ("NO_PROXY", "api.anthropic.com"),
        ];
        let lines = lines(&proxied);
        assert!(!lines.contains("OPENAI_BASE_URL="), "{lines}");
        assert!(
            lines.contains("ANTHROPIC_BASE_URL=") && lines.contains("OLLAMA_HOST="),
            "{lines}"
        );
        assert!(lines.contains("HTTPS_PROXY"), "{lines}");
    }
}
