//! Google's formats: which of its methods ask a model, on Gemini's and Vertex AI's paths, and what the formats share.

mod by_modality;
mod embed_content;
mod generate_content;
mod interactions;
mod media;
mod settings;
mod spelled;
mod tokens;

use std::borrow::Cow;

use genspan::Provider;

use super::{Found, anthropic_messages, openai_chat};
use crate::detect::Asked;

/// Knows a request to one of Google's services by its path.
///
/// Both services have their methods behind a colon, `…/models/m:generateContent`; Vertex AI's paths have a project, a
/// location or a publisher. On other hosts the path alone says whose flavour it is, and Gemini's shape may be anyone's
/// of Google's services.
pub(crate) fn found(asked: &Asked<'_>) -> Option<Found> {
    if !asked.is_post() {
        return interactions::found(asked);
    }
    let mut segments = asked.segments_from_end();
    let last = segments.next()?;
    let Some((resource, method)) = last.rsplit_once(':') else {
        return interactions::found(asked);
    };
    let collection = segments.next().unwrap_or_default();
    let called = Called {
        method,
        model: model(resource, &collection),
        publisher: segments
            .next()
            .filter(|_| segments.next().as_deref() == Some("publishers")),
        is_vertex: is_vertex(asked),
    };
    called.format()
}

/// Names the model by the resource that is called; what is no model of the service itself keeps its collection's name,
/// as its users write it.
fn model(resource: &str, collection: &str) -> Option<String> {
    match collection {
        _ if resource.is_empty() => None,
        "models" => Some(resource.to_owned()),
        // The method of a service, such as `/v1internal:generateContent`, names its model in the body.
        "" => None,
        collection => Some(format!("{collection}/{resource}")),
    }
}

fn is_vertex(asked: &Asked<'_>) -> bool {
    ["/projects/", "/locations/", "/publishers/"]
        .iter()
        .any(|marker| asked.path.contains(marker))
}

/// Holds what a path says.
#[derive(Debug)]
struct Called<'a> {
    method: &'a str,
    model: Option<String>,
    publisher: Option<Cow<'a, str>>,
    is_vertex: bool,
}

impl Called<'_> {
    fn format(self) -> Option<Found> {
        let model = self.model.as_deref().unwrap_or_default();
        let (format, is_stream) = match self.method {
            "generateContent" => (generate_content::format(self.is_vertex), false),
            "streamGenerateContent" => (generate_content::format(self.is_vertex), true),
            "embedContent" | "batchEmbedContents" => (embed_content::format(self.is_vertex), false),
            "predict" if self.is_vertex && embed_content::is_embedding_model(model) => {
                (embed_content::format(true), false)
            }
            "rawPredict" | "streamRawPredict" => {
                let is_stream = self.method == "streamRawPredict";
                match self.publisher.as_deref()? {
                    "anthropic" if model != "count-tokens" => {
                        (&anthropic_messages::ON_VERTEX, is_stream)
                    }
                    // What reads pictures of text answers in another format.
                    "mistralai" if !model.contains("ocr") => (&openai_chat::ON_VERTEX, is_stream),
                    _ => return None,
                }
            }
            _ => return None,
        };
        Some(Found {
            is_stream,
            ..Found::from(format).with_model(self.model)
        })
    }
}

/// Tells whose flavour a format is by its path alone.
const fn flavour(is_vertex: bool) -> Provider {
    if is_vertex {
        Provider::GCP_VERTEX_AI
    } else {
        Provider::GCP_GEN_AI
    }
}

#[cfg(test)]
mod tests {
    use crate::{Endpoint, RequestHead};

    fn found(
        method: &str,
        host: &str,
        path: &str,
    ) -> Option<(String, String, Option<String>, bool)> {
        let head = RequestHead {
            method,
            host,
            port: None,
            path,
        };
        let found = Endpoint::detect(&head)?;
        Some((
            found.format.name.to_owned(),
            found.provider.to_string(),
            found.model,
            found.is_stream,
        ))
    }

    const GEMINI: &str = "generativelanguage.googleapis.com";
    const VERTEX: &str = "europe-west4-aiplatform.googleapis.com";

    /// Host and path, and format, provider, model and whether a stream is asked for; `P` is where publishers stand.
    const ASKED: &str = "
        G /v1beta/models/m:generateContent google.generate_content gcp.gemini m whole
        G /v1beta/models/a%2Fb%3AstreamGenerateContent?alt=sse google.generate_content gcp.gemini a/b stream
        G /v1beta/tunedModels/t:generateContent google.generate_content gcp.gemini tunedModels/t whole
        h /v1beta/models/gemma3:4b:generateContent google.generate_content gcp.gen_ai gemma3:4b whole
        h P/google/models/m:streamGenerateContent google.generate_content gcp.vertex_ai m stream
        V /v1/publishers/google/models/m:generateContent google.generate_content gcp.vertex_ai m whole
        V /v1/projects/p/locations/l/endpoints/7:generateContent google.generate_content gcp.vertex_ai endpoints/7 whole
        G /v1beta/models/m:embedContent google.embed_content gcp.gemini m whole
        G /v1beta/models/m:batchEmbedContents google.embed_content gcp.gemini m whole
        V P/google/models/text-embedding-005:predict google.embed_content gcp.vertex_ai text-embedding-005 whole
        V P/anthropic/models/claude-4@20250514:rawPredict anthropic.messages gcp.vertex_ai claude-4@20250514 whole
        h P/anthropic/models/c:streamRawPredict anthropic.messages gcp.vertex_ai c stream
        V P/mistralai/models/mistral-small:streamRawPredict openai.chat_completions gcp.vertex_ai mistral-small stream
        G /v1beta/openai/chat/completions openai.chat_completions gcp.gemini - whole
    ";

    #[test]
    fn the_path_tells_the_method_the_model_and_the_flavour() {
        for line in ASKED.lines().filter(|line| !line.trim().is_empty()) {
            let words: Vec<&str> = line.split_whitespace().collect();
            let [host, path, format, provider, model, kind] = words[..] else {
                panic!("{line}");
            };
            let host = host.replace('G', GEMINI).replace('V', VERTEX);
            let path = match path.strip_prefix('P') {
                Some(rest) => format!("/v1/projects/p/locations/l/publishers{rest}"),
                None => path.to_owned(),
            };
            let expected = (
                format.to_owned(),
                provider.to_owned(),
                (model != "-").then(|| model.to_owned()),
                kind == "stream",
            );
            assert_eq!(found("POST", &host, &path), Some(expected), "{line}");
        }
    }

    #[test]
    fn interactions_are_googles_where_a_version_or_a_location_says_so() {
        for (method, path, provider, is_stream) in [
            ("POST", "/v1beta/interactions", "gcp.gen_ai", false),
            (
                "POST",
                "/v1beta1/projects/p/locations/l/interactions",
                "gcp.vertex_ai",
                false,
            ),
            (
                "GET",
                "/v1beta/interactions/v1_x?stream=true",
                "gcp.gen_ai",
                true,
            ),
        ] {
            let expected = (
                "google.interactions".to_owned(),
                provider.to_owned(),
                None,
                is_stream,
            );
            assert_eq!(found(method, "h", path), Some(expected), "{path}");
        }
        for (method, path) in [
            ("POST", "/interactions"),
            ("POST", "/api/v10/interactions"),
            ("GET", "/v1beta/interactions"),
            ("GET", "/v1beta/interactions/"),
            ("DELETE", "/v1beta/interactions/x"),
            ("POST", "/v1beta/interactions/x/cancel"),
            ("GET", "/v1beta/interactions/x/steps"),
        ] {
            assert_eq!(found(method, GEMINI, path), None, "{method} {path}");
        }
    }

    #[test]
    fn what_asks_no_model_is_none() {
        let publishers = "/v1/projects/p/locations/l/publishers";
        for path in [
            "/v1beta/models/m:countTokens",
            "/v1beta/models/m:batchGenerateContent",
            "/v1beta/models/m:asyncBatchEmbedContent",
            "/v1beta/models/text-embedding-005:predict",
            "/v1beta/models/m",
            "/v1beta/cachedContents",
            "/upload/v1beta/files",
            "/v1beta/models/m:rawPredict",
            &format!("{publishers}/google/models/imagen-4:predict"),
            &format!("{publishers}/anthropic/models/count-tokens:rawPredict"),
            &format!("{publishers}/mistralai/models/mistral-ocr-2505:rawPredict"),
            &format!("{publishers}/ai21/models/jamba:rawPredict"),
        ] {
            assert_eq!(found("POST", VERTEX, path), None, "{path}");
        }
        assert_eq!(
            found("GET", GEMINI, "/v1beta/models/m:generateContent"),
            None
        );
    }
}
