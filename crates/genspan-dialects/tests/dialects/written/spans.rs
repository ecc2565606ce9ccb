//! Spans as tests write and show them.

use genspan::Value;
use genspan_dialects::Span;

/// Makes a span of `key = JSON` lines.
pub(crate) fn span(lines: &str) -> Span {
    let mut span = Span::default();
    for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (key, json) = line.split_once(" = ").unwrap();
        span.attributes
            .set(key.to_owned(), Value::from_json(json).unwrap());
    }
    span
}

pub(crate) fn shown(span: &Span) -> String {
    let line = |(key, value): (&str, &Value)| match value {
        Value::String(text) if text.starts_with(['{', '[']) => format!("{key} = JSON {text}\n"),
        other => format!("{key} = {}\n", other.to_json()),
    };
    let all: String = span.attributes.iter().map(line).collect();
    all.replace(env!("CARGO_PKG_VERSION"), "VERSION")
}

/// Shows the attributes of one namespace.
pub(crate) fn shown_of(span: &Span, namespace: &str) -> String {
    let all = shown(span);
    let own = all.lines().filter(|line| line.starts_with(namespace));
    own.map(|line| format!("{line}\n")).collect()
}

/// Holds a chat that streamed, as the conventions have it.
pub(crate) const CHAT: &str = r#"
    gen_ai.operation.name = "chat"
    gen_ai.provider.name = "openai"
    gen_ai.request.model = "gpt-4o-mini"
    gen_ai.request.stream = true
    gen_ai.request.temperature = 0.5
    gen_ai.response.time_to_first_chunk = 0.25
    gen_ai.usage.input_tokens = 100
    gen_ai.usage.output_tokens = 20
    gen_ai.usage.cache_read.input_tokens = 64
    gen_ai.system_instructions = [{"type":"text","content":"Be brief."}]
    gen_ai.input.messages = [{"role":"user","parts":[{"type":"text","content":"Weather?"}]},{"role":"user","parts":[{"type":"tool_call_response","id":"c0","response":"rain"}]}]
    gen_ai.output.messages = [{"role":"assistant","parts":[{"type":"reasoning","content":"hm"},{"type":"tool_call","id":"c1","name":"weather","arguments":{"city":"Paris"}}],"finish_reason":"tool_call"}]
"#;
