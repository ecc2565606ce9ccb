//! Spans to keep: traces of an agent that asks a model and uses tools, about 5 KB a span.

use std::fmt::Write as _;

use genspan::semconv::{attribute as key, value::operation_name as operation};
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    common::v1::{AnyValue, InstrumentationScope, KeyValue, any_value::Value},
    resource::v1::Resource,
    trace::v1::{ResourceSpans, ScopeSpans, Span, Status},
};

/// Spans of one trace: an agent, its calls to a model and to tools.
pub(crate) const TRACE: usize = 10;

/// Spans of one request, as OpenTelemetry's batch processors send them.
pub(crate) const REQUEST: usize = 500;

/// Words that are said; the first ones in most texts, the last ones in few, as in any language.
const WORDS: usize = 20_000;

pub(crate) const MODELS: [&str; 4] = ["gpt-4o-mini", "gpt-4o", "gpt-4.1-nano", "o4-mini"];
pub(crate) const TOOLS: [&str; 5] = ["search", "read_file", "edit_file", "run", "fetch"];

/// Twenty minutes lie between the beginnings of a hundred traces.
const APART: u64 = 12_000_000_000;
const BEGAN: u64 = 1_750_000_000_000_000_000;

/// Makes spans, the same from run to run.
#[derive(Debug)]
pub(crate) struct Maker {
    random: u64,
    traces: u64,
    system: String,
}

/// Holds what a span is about.
struct Kind {
    operation: &'static str,
    name: String,
    texts: Vec<(&'static str, String)>,
}

impl Maker {
    pub(crate) fn new(seed: u64) -> Self {
        let mut maker = Self {
            random: seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1,
            traces: seed << 32,
            system: String::new(),
        };
        maker.system = maker.text(600);
        maker
    }

    fn next(&mut self) -> u64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        self.random
    }

    /// Gives a word's place among all, by Zipf's law.
    #[allow(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "there are few words"
    )]
    fn rank(&mut self) -> usize {
        let part = (self.next() >> 11) as f64 / (1_u64 << 53) as f64;
        ((WORDS as f64).powf(part) as usize).saturating_sub(1)
    }

    /// Says something of about so many bytes; one in sixty words is in quotes, one in twenty ends a line.
    pub(crate) fn text(&mut self, bytes: usize) -> String {
        let mut text = String::with_capacity(bytes + 16);
        while text.len() < bytes {
            let rank = self.rank();
            match self.next() % 60 {
                0 => _ = write!(text, "\"{}\" ", word(rank)),
                1..4 => _ = writeln!(text, "{}.", word(rank)),
                _ => _ = write!(text, "{} ", word(rank)),
            }
        }
        text
    }

    /// Makes a request of whole traces.
    pub(crate) fn request(&mut self) -> ExportTraceServiceRequest {
        let spans = (0..REQUEST / TRACE).flat_map(|_| self.trace(TRACE));
        request(spans.collect())
    }

    /// Makes one trace: each call to the model is followed by one of a tool.
    pub(crate) fn trace(&mut self, spans: usize) -> Vec<Span> {
        self.traces += 1;
        let number = self.traces;
        let mut made = Vec::with_capacity(spans);
        for at in 0..spans as u64 {
            let kind = match at {
                0 => self.agent(number),
                at if at % 2 == 1 => self.call(number),
                _ => self.tool(),
            };
            made.push(self.span(number, at, kind));
        }
        made
    }

    fn agent(&mut self, number: u64) -> Kind {
        let asked = format!("about {}: {}", order(number), self.text(1500));
        Kind {
            operation: operation::INVOKE_AGENT,
            name: "invoke_agent clerk".to_owned(),
            texts: vec![
                (
                    key::GEN_AI_INPUT_MESSAGES,
                    format!("[{}]", message("user", &asked)),
                ),
                (
                    key::GEN_AI_OUTPUT_MESSAGES,
                    format!("[{}]", message("assistant", &self.text(2400))),
                ),
            ],
        }
    }

    fn call(&mut self, number: u64) -> Kind {
        let asked = format!("about {}: {}", order(number), self.text(900));
        let (thought, found, answer) = (self.text(300), self.text(1200), self.text(900));
        let input = [
            message("user", &asked),
            message("assistant", &thought),
            message("tool", &found),
        ];
        let model = pick(&MODELS, self.next());
        Kind {
            operation: operation::CHAT,
            name: format!("chat {model}"),
            texts: vec![
                (key::GEN_AI_REQUEST_MODEL, model.to_owned()),
                (key::GEN_AI_RESPONSE_MODEL, model.to_owned()),
                (
                    key::GEN_AI_RESPONSE_ID,
                    format!("chatcmpl-{:x}", self.next()),
                ),
                (
                    key::GEN_AI_SYSTEM_INSTRUCTIONS,
                    format!("[{}]", part(&self.system)),
                ),
                (key::GEN_AI_INPUT_MESSAGES, format!("[{}]", input.join(","))),
                (
                    key::GEN_AI_OUTPUT_MESSAGES,
                    format!("[{}]", message("assistant", &answer)),
                ),
            ],
        }
    }

    fn tool(&mut self) -> Kind {
        let tool = pick(&TOOLS, self.next());
        let (given, got) = (quoted(&self.text(200)), quoted(&self.text(3900)));
        Kind {
            operation: operation::EXECUTE_TOOL,
            name: format!("execute_tool {tool}"),
            texts: vec![
                (key::GEN_AI_TOOL_NAME, tool.to_owned()),
                (key::GEN_AI_TOOL_CALL_ID, format!("call_{:x}", self.next())),
                (
                    key::GEN_AI_TOOL_CALL_ARGUMENTS,
                    format!(r#"{{"path":{given}}}"#),
                ),
                (key::GEN_AI_TOOL_CALL_RESULT, format!(r#"{{"text":{got}}}"#)),
            ],
        }
    }

    fn span(&mut self, trace: u64, at: u64, kind: Kind) -> Span {
        let started = BEGAN + trace % (1 << 32) * APART + at * 90_000_000;
        let is_failed = self.next().is_multiple_of(50);
        let mut attributes = vec![
            text(key::GEN_AI_OPERATION_NAME, kind.operation.to_owned()),
            text(key::GEN_AI_PROVIDER_NAME, "openai".to_owned()),
            text(key::GEN_AI_AGENT_NAME, "clerk".to_owned()),
            text(
                key::GEN_AI_CONVERSATION_ID,
                format!("conversation-{}", trace / 4),
            ),
            text(key::SERVER_ADDRESS, "api.openai.com".to_owned()),
            number(key::SERVER_PORT, 443),
        ];
        if kind.operation == operation::CHAT {
            let input = 900 + self.next() % 2_000;
            attributes.extend([
                number(key::GEN_AI_USAGE_INPUT_TOKENS, input),
                number(key::GEN_AI_USAGE_OUTPUT_TOKENS, 100 + self.next() % 900),
                number(key::GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS, input / 2),
                number(key::GEN_AI_REQUEST_MAX_TOKENS, 4096),
            ]);
        }
        let texts = kind.texts.into_iter();
        attributes.extend(texts.map(|(key, value)| text(key, value)));
        if is_failed {
            attributes.push(text(key::ERROR_TYPE, "timeout".to_owned()));
        }
        Span {
            trace_id: [0x67_u64.to_be_bytes(), trace.to_be_bytes()].concat(),
            span_id: (trace << 20 | (at + 1)).to_be_bytes().to_vec(),
            parent_span_id: if at == 0 {
                Vec::new()
            } else {
                (trace << 20 | 1).to_be_bytes().to_vec()
            },
            name: kind.name,
            kind: 3,
            start_time_unix_nano: started,
            end_time_unix_nano: started + 80_000_000 + self.next() % 4_000_000_000,
            attributes,
            status: is_failed.then(|| Status {
                message: "the deadline passed".to_owned(),
                code: 2,
            }),
            ..Span::default()
        }
    }

    /// Makes the calls of one conversation, of which each repeats all that was said before.
    pub(crate) fn conversation(&mut self, turns: u64) -> Vec<Span> {
        let mut said = Vec::new();
        let mut spans = Vec::new();
        for turn in 0..turns {
            said.push(message("user", &self.text(300)));
            if turn > 0 {
                said.push(message("tool", &self.text(1500)));
            }
            let answer = message("assistant", &self.text(900));
            let texts = vec![
                (key::GEN_AI_REQUEST_MODEL, "gpt-4o".to_owned()),
                (
                    key::GEN_AI_SYSTEM_INSTRUCTIONS,
                    format!("[{}]", part(&self.system)),
                ),
                (key::GEN_AI_INPUT_MESSAGES, format!("[{}]", said.join(","))),
                (key::GEN_AI_OUTPUT_MESSAGES, format!("[{answer}]")),
            ];
            let kind = Kind {
                operation: operation::CHAT,
                name: "chat gpt-4o".to_owned(),
                texts,
            };
            spans.push(self.span(u64::from(u32::MAX), turn, kind));
            said.push(answer);
        }
        spans
    }
}

/// Names something that one trace alone speaks of.
pub(crate) fn order(number: u64) -> String {
    format!("order{number:08}")
}

/// Makes a word of its place: those that are said often are short.
pub(crate) fn word(rank: usize) -> String {
    const SYLLABLES: [&str; 20] = [
        "ba", "ce", "di", "fo", "gu", "ha", "je", "ki", "lo", "mu", "na", "pe", "ri", "so", "tu",
        "va", "we", "xi", "yo", "zu",
    ];
    let mut word = String::new();
    let mut left = rank + 1;
    while left > 0 {
        word.push_str(SYLLABLES.get(left % 20).copied().unwrap_or_default());
        left /= 20;
    }
    word
}

pub(crate) fn request(spans: Vec<Span>) -> ExportTraceServiceRequest {
    ExportTraceServiceRequest {
        resource_spans: vec![ResourceSpans {
            resource: Some(Resource {
                attributes: vec![text(key::SERVICE_NAME, "shop".to_owned())],
                ..Resource::default()
            }),
            scope_spans: vec![ScopeSpans {
                scope: Some(InstrumentationScope {
                    name: "genspan".to_owned(),
                    ..InstrumentationScope::default()
                }),
                spans,
                ..ScopeSpans::default()
            }],
            ..ResourceSpans::default()
        }],
    }
}

/// Walks the spans of a request.
pub(crate) fn spans(request: &ExportTraceServiceRequest) -> impl Iterator<Item = &Span> {
    let scopes = request.resource_spans.iter().flat_map(|it| &it.scope_spans);
    scopes.flat_map(|scope| &scope.spans)
}

fn pick(names: &[&'static str], random: u64) -> &'static str {
    let at = usize::try_from(random >> 33).unwrap_or_default() % names.len().max(1);
    names.get(at).copied().unwrap_or_default()
}

fn quoted(text: &str) -> String {
    genspan::Value::from(text).to_json()
}

fn part(text: &str) -> String {
    format!(r#"{{"type":"text","content":{}}}"#, quoted(text))
}

fn message(role: &str, text: &str) -> String {
    format!(r#"{{"role":"{role}","parts":[{}]}}"#, part(text))
}

fn text(key: &str, text: String) -> KeyValue {
    attribute(key, Value::StringValue(text))
}

fn number(key: &str, number: u64) -> KeyValue {
    attribute(
        key,
        Value::IntValue(i64::try_from(number).unwrap_or(i64::MAX)),
    )
}

fn attribute(key: &str, value: Value) -> KeyValue {
    KeyValue {
        key: key.to_owned(),
        value: Some(AnyValue { value: Some(value) }),
        ..KeyValue::default()
    }
}

#[cfg(test)]
mod tests {
    use prost::Message as _;

    use super::*;

    #[test]
    fn a_span_is_about_five_kilobytes_and_no_id_comes_twice() {
        let mut maker = Maker::new(1);
        let requests = [maker.request(), maker.request()];
        let all: Vec<&Span> = requests.iter().flat_map(spans).collect();
        assert_eq!(all.len(), 2 * REQUEST);
        let bytes: usize = all.iter().map(|span| span.encoded_len()).sum();
        let each = bytes / all.len();
        assert!((4_600..5_600).contains(&each), "{each}");
        let ids: std::collections::HashSet<_> = all.iter().map(|span| &span.span_id).collect();
        assert_eq!(ids.len(), all.len());
    }

    #[test]
    fn words_differ() {
        let words: std::collections::HashSet<_> = (0..WORDS).map(word).collect();
        assert_eq!(words.len(), WORDS);
    }
}
