//! The kinds of exchanges that are replayed: recorded ones, where they are at hand, and written ones of every format.

use std::{fs, path::Path};

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

const JSON: &str = "application/json";
const EVENTS: &str = "text/event-stream";
const LINES: &str = "application/x-ndjson";
const AWS_EVENTS: &str = "application/vnd.amazon.eventstream";

/// Exchanges of one kind.
pub(super) struct Kind {
    pub(super) name: &'static str,
    pub(super) source: Source,
    /// Whether there has to be a span for each.
    pub(super) is_read: bool,
}

pub(super) enum Source {
    /// Of a host's recordings, those to a path with this in it that were answered with this type.
    Recorded {
        file: &'static str,
        path: &'static str,
        content_type: &'static str,
    },
    /// Of the fixtures of `genspan-wire`.
    Written {
        url: &'static str,
        request: &'static str,
        content_type: &'static str,
        response: &'static str,
    },
}

pub(super) const KINDS: &[Kind] = &[
    Kind {
        name: "openai-chat-written",
        source: Source::Written {
            url: "https://api.openai.com/v1/chat/completions",
            request: "openai_chat/tools.request.json",
            content_type: EVENTS,
            response: "openai_chat/tools.response.sse",
        },
        is_read: true,
    },
    Kind {
        name: "anthropic-written",
        source: Source::Written {
            url: "https://api.anthropic.com/v1/messages",
            request: "anthropic_messages/request.json",
            content_type: EVENTS,
            response: "anthropic_messages/thinking.sse",
        },
        is_read: true,
    },
    Kind {
        name: "openai-responses-written",
        source: Source::Written {
            url: "https://api.openai.com/v1/responses",
            request: "openai_responses/request.json",
            content_type: EVENTS,
            response: "openai_responses/server_tools.sse",
        },
        is_read: true,
    },
    Kind {
        name: "openai-completions-written",
        source: Source::Written {
            url: "https://api.openai.com/v1/completions",
            request: "openai_completions/text.request.json",
            content_type: EVENTS,
            response: "openai_completions/text.response.sse",
        },
        is_read: true,
    },
    Kind {
        name: "openai-embeddings-written",
        source: Source::Written {
            url: "https://api.openai.com/v1/embeddings",
            request: "openai_embeddings/float.request.json",
            content_type: JSON,
            response: "openai_embeddings/float.response.json",
        },
        is_read: true,
    },
    Kind {
        name: "gemini-written",
        source: Source::Written {
            url: "https://generativelanguage.googleapis.com/v1beta/models/gemini-3-flash:streamGenerateContent?alt=sse",
            request: "google_generate_content/all.request.json",
            content_type: EVENTS,
            response: "google_generate_content/all.response.sse",
        },
        is_read: true,
    },
    Kind {
        name: "gemini-array-written",
        source: Source::Written {
            url: "https://generativelanguage.googleapis.com/v1beta/models/gemini-3-flash:streamGenerateContent",
            request: "google_generate_content/all.request.json",
            content_type: JSON,
            response: "google_generate_content/text.response.json",
        },
        is_read: true,
    },
    Kind {
        name: "gemini-interactions-written",
        source: Source::Written {
            url: "https://generativelanguage.googleapis.com/v1beta/interactions",
            request: "google_interactions/all.request.json",
            content_type: EVENTS,
            response: "google_interactions/all.response.sse",
        },
        is_read: true,
    },
    Kind {
        name: "bedrock-converse-written",
        source: Source::Written {
            url: "https://bedrock-runtime.eu-west-1.amazonaws.com/model/amazon.nova-lite-v1%3A0/converse-stream",
            request: "bedrock_converse/request.json",
            content_type: AWS_EVENTS,
            response: "bedrock_converse/tools.eventstream",
        },
        is_read: true,
    },
    Kind {
        name: "bedrock-invoke-claude-written",
        source: Source::Written {
            url: "https://bedrock-runtime.eu-west-1.amazonaws.com/model/anthropic.claude-sonnet-4-v1%3A0/invoke-with-response-stream",
            request: "bedrock_invoke/claude.request.json",
            content_type: AWS_EVENTS,
            response: "bedrock_invoke/claude.eventstream",
        },
        is_read: true,
    },
    Kind {
        name: "bedrock-invoke-llama-written",
        source: Source::Written {
            url: "https://bedrock-runtime.eu-west-1.amazonaws.com/model/meta.llama3-8b-instruct-v1%3A0/invoke-with-response-stream",
            request: "bedrock_invoke/llama.request.json",
            content_type: AWS_EVENTS,
            response: "bedrock_invoke/llama.eventstream",
        },
        is_read: true,
    },
    Kind {
        name: "ollama-chat-written",
        source: Source::Written {
            url: "http://localhost:11434/api/chat",
            request: "ollama_chat/request.json",
            content_type: LINES,
            response: "ollama_chat/tools.ndjson",
        },
        is_read: true,
    },
    Kind {
        name: "ollama-generate-written",
        source: Source::Written {
            url: "http://localhost:11434/api/generate",
            request: "ollama_generate/request.json",
            content_type: LINES,
            response: "ollama_generate/text.ndjson",
        },
        is_read: true,
    },
    Kind {
        name: "cohere-written",
        source: Source::Written {
            url: "https://api.cohere.com/v2/chat",
            request: "cohere_chat/request.json",
            content_type: EVENTS,
            response: "cohere_chat/tools.sse",
        },
        is_read: true,
    },
    Kind {
        name: "cohere-v1-written",
        source: Source::Written {
            url: "https://api.cohere.com/v1/chat",
            request: "cohere_chat_v1/request.json",
            content_type: "application/stream+json",
            response: "cohere_chat_v1/tools.ndjson",
        },
        is_read: true,
    },
    Kind {
        name: "openai-chat",
        source: Source::Recorded {
            file: "recorded-a/api.openai.com.har",
            path: "/chat/completions",
            content_type: EVENTS,
        },
        is_read: true,
    },
    Kind {
        name: "anthropic",
        source: Source::Recorded {
            file: "recorded-a/api.anthropic.com.har",
            path: "/v1/messages",
            content_type: EVENTS,
        },
        is_read: true,
    },
    Kind {
        name: "bedrock-converse",
        source: Source::Recorded {
            file: "recorded-a/bedrock-runtime.us-east-1.amazonaws.com.har",
            path: "/converse-stream",
            content_type: AWS_EVENTS,
        },
        is_read: true,
    },
    Kind {
        name: "bedrock-invoke",
        source: Source::Recorded {
            file: "recorded-b/bedrock-runtime.us-east-1.amazonaws.com.har",
            path: "/invoke-with-response-stream",
            content_type: AWS_EVENTS,
        },
        is_read: true,
    },
    Kind {
        name: "gemini",
        source: Source::Recorded {
            file: "recorded-a/generativelanguage.googleapis.com.har",
            path: ":streamGenerateContent",
            content_type: EVENTS,
        },
        is_read: true,
    },
    Kind {
        name: "ollama",
        source: Source::Recorded {
            file: "recorded-a/localhost.har",
            path: "/api/chat",
            content_type: LINES,
        },
        is_read: true,
    },
];

impl Source {
    /// The exchanges as entries of a HAR file; `None` where there are no recordings here.
    pub(super) fn entries(&self) -> Option<Vec<Value>> {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        match *self {
            Self::Written {
                url,
                request,
                content_type,
                response,
            } => {
                let fixture = |name| {
                    fs::read(here.join("../genspan-wire/tests/fixtures").join(name)).unwrap()
                };
                Some(vec![json!({
                    "startedDateTime": "2026-01-01T00:00:00.000Z",
                    "time": 1,
                    "request": {
                        "method": "POST",
                        "url": url,
                        "headers": [
                            {"name": "content-type", "value": "application/json"},
                            {"name": "authorization", "value": "Bearer replayed"},
                        ],
                        "postData": {"mimeType": "application/json", "text": String::from_utf8(fixture(request)).unwrap()},
                    },
                    "response": {
                        "status": 200,
                        "headers": [{"name": "content-type", "value": content_type}],
                        "content": {"mimeType": content_type, "encoding": "base64", "text": BASE64_STANDARD.encode(fixture(response))},
                    },
                })])
            }
            Self::Recorded {
                file,
                path,
                content_type,
            } => {
                let corpus = here.join("../../../shared/wire-corpus");
                let Ok(text) = fs::read_to_string(corpus.join(file)) else {
                    let required = std::env::var("GENSPAN_REQUIRE");
                    assert_ne!(required.as_deref(), Ok("all"), "{file} is required");
                    eprintln!("passed over: {file} is missing in {}", corpus.display());
                    return None;
                };
                let har: Value = serde_json::from_str(&text).unwrap();
                let mut entries = har["log"]["entries"].as_array().unwrap().clone();
                entries.retain(|entry| {
                    let url = entry["request"]["url"].as_str().unwrap();
                    let answer = &entry["response"];
                    answer["status"] == 200
                        && url.split('?').next().unwrap().contains(path)
                        && super::header(answer, "content-type")
                            .is_some_and(|it| it.starts_with(content_type))
                });
                Some(entries)
            }
        }
    }
}
