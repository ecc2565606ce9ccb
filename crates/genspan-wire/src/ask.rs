//! The question for usage that OpenAI's streams answer only where it is put: `stream_options.include_usage`.
//!
//! Whoever carries a request may put the question for a client that does not, with [`ask`], and take what it brings out
//! of the answer again, with a [`UsageFilter`]: the client sees the stream that it asked for, and the usage was said.
//! Bytes stay as they are wherever there is a doubt.
//!
//! ```
//! use genspan_wire::{RequestHead, ask::{self, UsageFilter}};
//!
//! let head = RequestHead { method: "POST", host: "api.openai.com", port: None, path: "/v1/chat/completions" };
//! assert!(ask::is_understood(&head, None));
//! let asked = ask::ask(br#"{"model":"m", "stream": true}"#).unwrap();
//! assert_eq!(asked, br#"{"model":"m", "stream": true,"stream_options":{"include_usage":true}}"#);
//!
//! let mut filter = UsageFilter::default();
//! let stream = b"data: {\"choices\":[],\"usage\":{\"prompt_tokens\":9}}\n\ndata: [DONE]\n\n";
//! assert_eq!(&*filter.push(stream), b"data: [DONE]\n\n");
//! ```
//!
//! # What a client can tell all the same
//!
//! A provider that states usage beside choices is left to do so: it might have done so unasked. What else stands in the
//! chunk that is taken out goes with it, such as the `timings` of llama.cpp's server, which stand in the chunk before
//! where nobody asks. `"usage":null` stays in a frame of more than 64 KiB that comes in pieces, and a provider that
//! writes it unasked loses it.

mod filter;
mod named;

use std::ops::Range;

use genspan::Provider;

pub use self::filter::UsageFilter;
use crate::{Endpoint, RequestHead, detect::Asked, json::Scanner};

/// The formats whose streams know the question.
const FORMATS: [&str; 2] = ["openai.chat_completions", "openai.completions"];

/// Providers that state the usage of a stream unasked; Mistral refuses the question besides.
const UNASKED: [&str; 3] = ["mistral_ai", "openrouter", "perplexity"];

/// The first dated version of Azure's interface that knows the question; older ones refuse it.
const AZURE_SINCE: &str = "2024-09-01";

/// Tells whether the question may be put to whom a request goes to; `provider` is whom the caller knows behind the host.
#[must_use]
pub fn is_understood(head: &RequestHead<'_>, provider: Option<&Provider>) -> bool {
    let Some(endpoint) = Endpoint::detect(head) else {
        return false;
    };
    let provider = provider.unwrap_or(&endpoint.provider).as_str();
    FORMATS.contains(&endpoint.format.name)
        && !UNASKED.contains(&provider)
        && Asked::of(head)
            .parameter("api-version")
            .is_none_or(|version| !is_dated_before(&version, AZURE_SINCE))
}

/// Compares a version such as `2024-08-01-preview` with a date; one without a date is before none.
fn is_dated_before(version: &str, date: &str) -> bool {
    let is_dated = version.starts_with(|first: char| first.is_ascii_digit());
    is_dated && version.get(..date.len()).unwrap_or(version) < date
}

/// Gives the body of a request with the question in it, and every other byte as it was.
///
/// `None` where it does not ask for a stream, states itself whether it wants usage, or is not wholly understood.
#[must_use]
pub fn ask(body: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(body).ok()?;
    let (place, question) = Question::find(text)?.splice()?;
    let before = text.get(..place.start)?;
    let after = text.get(place.end..)?;
    Some([before, &question, after].concat().into_bytes())
}

/// What a request says that bears on the question.
#[derive(Debug, Default)]
struct Question {
    /// Where the wish for a stream ends.
    stream: Option<usize>,
    options: Option<Options>,
}

#[derive(Debug)]
enum Options {
    Null(Range<usize>),
    Object {
        /// Behind its opening brace.
        inside: usize,
        is_empty: bool,
        states_usage: bool,
    },
}

impl Question {
    /// Reads a request; `None` where it is not wholly understood.
    fn find(text: &str) -> Option<Self> {
        let mut found = Self::default();
        let mut scanner = Scanner::new(text, text.len());
        scanner.object(0, |scanner, name| match name {
            "stream" => {
                scanner.peek()?;
                scanner.literal("true")?;
                let earlier = found.stream.replace(scanner.position());
                earlier.is_none().then_some(())
            }
            "stream_options" => {
                let earlier = found.options.replace(Options::read(scanner)?);
                earlier.is_none().then_some(())
            }
            // With these Azure refuses the question.
            "data_sources" | "dataSources" => None,
            _ => scanner.skip(1),
        })?;
        scanner.end()?;
        Some(found)
    }

    /// Says what to put where.
    fn splice(self) -> Option<(Range<usize>, String)> {
        const WISH: &str = r#""include_usage":true"#;
        let stream = self.stream?;
        Some(match self.options {
            None => (stream..stream, format!(r#","stream_options":{{{WISH}}}"#)),
            Some(Options::Null(place)) => (place, format!("{{{WISH}}}")),
            Some(Options::Object {
                states_usage: true, ..
            }) => return None,
            Some(Options::Object {
                inside, is_empty, ..
            }) => {
                let comma = if is_empty { "" } else { "," };
                (inside..inside, format!("{WISH}{comma}"))
            }
        })
    }
}

impl Options {
    fn read(scanner: &mut Scanner<'_>) -> Option<Self> {
        let is_null = scanner.peek()? == b'n';
        let start = scanner.position();
        if is_null {
            scanner.null()?;
            return Some(Self::Null(start..scanner.position()));
        }
        let (mut is_empty, mut states_usage) = (true, false);
        scanner.object(1, |scanner, name| {
            is_empty = false;
            states_usage |= name == "include_usage";
            scanner.skip(2)
        })?;
        Some(Self::Object {
            inside: start + 1,
            is_empty,
            states_usage,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(body: &str) -> Option<String> {
        ask(body.as_bytes()).map(|body| String::from_utf8(body).unwrap())
    }

    #[test]
    fn the_question_is_put_and_all_else_stays() {
        for (body, expected) in [
            (
                r#"{"stream":true}"#,
                r#"{"stream":true,"stream_options":{"include_usage":true}}"#,
            ),
            (
                "\n{ \"model\" : \"m\\u00e9\",\r\n\t\"stream\" : true , \"n\": 1.0e0 }\n",
                "\n{ \"model\" : \"m\\u00e9\",\r\n\t\"stream\" : true,\"stream_options\":{\"include_usage\":true} , \"n\": 1.0e0 }\n",
            ),
            (
                r#"{"stream_options": null, "stream":true}"#,
                r#"{"stream_options": {"include_usage":true}, "stream":true}"#,
            ),
            (
                r#"{"stream":true,"stream_options":{ }}"#,
                r#"{"stream":true,"stream_options":{"include_usage":true }}"#,
            ),
            (
                r#"{"stream":true,"stream_options":{"include_obfuscation":false}}"#,
                r#"{"stream":true,"stream_options":{"include_usage":true,"include_obfuscation":false}}"#,
            ),
        ] {
            assert_eq!(asked(body).as_deref(), Some(expected));
            let read: serde_json::Value = serde_json::from_str(expected).unwrap();
            assert_eq!(read["stream_options"]["include_usage"], true);
        }
    }

    #[test]
    fn on_any_doubt_the_body_is_left_alone() {
        for body in [
            r#"{"model":"m"}"#,
            r#"{"stream":false}"#,
            r#"{"stream":"true"}"#,
            r#"{"stream":true,"stream_options":{"include_usage":true}}"#,
            r#"{"stream":true,"stream_options":{"include_usage":false}}"#,
            r#"{"stream":true,"stream_options":{"include_usage":null}}"#,
            r#"{"stream":true,"stream_options":[]}"#,
            r#"{"stream":true,"stream":true}"#,
            r#"{"stream":true,"stream_options":null,"stream_options":null}"#,
            r#"{"stream":true,"str\u0065am_options":{}}"#,
            r#"{"stream":true,"data_sources":[]}"#,
            r#"{"stream":true}{"#,
            r#"{"stream":true"#,
            r#"{"stream":truely}"#,
            r#"{"stream":true,}"#,
            r#"[{"stream":true}]"#,
            r#"{"nested":{"stream":true}}"#,
            "",
        ] {
            assert_eq!(asked(body), None, "{body}");
        }
        assert_eq!(ask(b"{\"stream\":true,\"a\":\"\xff\"}"), None);
        assert_eq!(ask(b"\xEF\xBB\xBF{\"stream\":true}"), None);
    }

    #[test]
    fn who_states_usage_unasked_or_refuses_the_question_is_not_asked() {
        let understood = |host: &str, path: &str, provider: Option<&str>| {
            let head = RequestHead {
                method: "POST",
                host,
                port: None,
                path,
            };
            is_understood(
                &head,
                provider.map(|name| Provider::new(name.to_owned())).as_ref(),
            )
        };
        const CHAT: &str = "/v1/chat/completions";
        assert!(understood("api.openai.com", CHAT, None));
        assert!(understood("127.0.0.1", CHAT, None));
        assert!(understood(
            "api.groq.com",
            "/openai/v1/chat/completions",
            None
        ));
        assert!(!understood("api.mistral.ai", CHAT, None));
        assert!(!understood(
            "openrouter.ai",
            "/api/v1/chat/completions",
            None
        ));
        assert!(!understood("127.0.0.1", CHAT, Some("mistral_ai")));
        assert!(!understood("api.anthropic.com", "/v1/messages", None));
        assert!(!understood("api.openai.com", "/v1/models", None));
        let azure = |version: &str| {
            let path = format!("/openai/deployments/d/chat/completions{version}");
            understood("me.openai.azure.com", &path, None)
        };
        for version in [
            "",
            "?api-version=preview",
            "?api-version=2024-10-21",
            "?api-version=2024-09-01-preview",
        ] {
            assert!(azure(version), "{version}");
        }
        for version in [
            "?api-version=2024-06-01",
            "?x=1&api-version=2023-05-15",
            "?api-version=2024",
        ] {
            assert!(!azure(version), "{version}");
        }
    }
}
