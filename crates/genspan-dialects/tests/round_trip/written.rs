//! Conversations that hold what recorded ones seldom do.

use genspan::Value;
use genspan_dialects::{Kind, Span, Status};

const SPANS: [(&str, &str); 7] = [
    (
        "all kinds of parts",
        r#"
        gen_ai.system_instructions = [{"type":"text","content":"Be brief."},{"type":"text","content":"Be kind.","cache":true}]
        gen_ai.input.messages = [{"role":"user","parts":[{"type":"text","content":"Look:"},{"type":"blob","modality":"image","mime_type":"image/png","content":"","byte_size":7},{"type":"uri","modality":"image","uri":"https://e.x/a.png"},{"type":"file","modality":"image","file_id":"f1"},{"type":"x","y":[1,null]}],"name":"Ann"},{"role":"assistant","parts":[]}]
        gen_ai.output.messages = [{"role":"assistant","parts":[{"type":"server_tool_call","id":"s1","name":"web_search","server_tool_call":{"type":"web_search","query":"q"}},{"type":"text","content":"A"},{"type":"text","content":""}],"finish_reason":"stop"}]
        "#,
    ),
    (
        "calls before words, thoughts between them, answers together",
        r#"
        gen_ai.input.messages = [{"role":"assistant","parts":[{"type":"tool_call","id":"c1","name":"f","arguments":{"x":1}},{"type":"text","content":"and"},{"type":"reasoning","content":"a"},{"type":"tool_call","name":"g"},{"type":"reasoning","content":"b"}]},{"role":"user","parts":[{"type":"tool_call_response","id":"c1","response":"rain"},{"type":"text","content":"So?"},{"type":"tool_call_response","response":{"celsius":7}}]},{"role":"tool","parts":[{"type":"tool_call_response","id":"c3","response":[{"type":"text","text":"x"}]}]}]
        gen_ai.output.messages = [{"role":"assistant","parts":[{"type":"reasoning","content":"signed","signature":"s"},{"type":"tool_call","id":"c4","name":"f","arguments":"no JSON"}],"finish_reason":"tool_call"}]
        "#,
    ),
    (
        "texts that are JSON",
        r#"
        gen_ai.input.messages = [{"role":"user","parts":[{"type":"text","content":"{\"a\":1}"}]},{"role":"user","parts":[{"type":"text","content":"[1]"}]},{"role":"user","parts":[{"type":"text","content":"[{\"type\":\"tool_use\",\"name\":\"f\"}]"}]},{"role":"tool","parts":[{"type":"tool_call_response","id":"c1","response":"{\"a\":1}"}]},{"role":"tool","parts":[{"type":"tool_call_response","id":"c1","response":"7"}]}]
        gen_ai.output.messages = [{"role":"assistant","parts":[{"type":"tool_call","id":"c2","name":"f","arguments":"{\"x\":1}"},{"type":"tool_call","id":"c3","name":"f","arguments":{}}],"finish_reason":"tool_call"}]
        "#,
    ),
    (
        "several answers, one cut short",
        r#"
        gen_ai.request.choice.count = 2
        gen_ai.output.messages = [{"role":"assistant","parts":[{"type":"text","content":"A"}],"finish_reason":"stop"},{"role":"assistant","parts":[{"type":"text","content":"B"}],"finish_reason":"length"},{"role":"assistant","parts":[],"finish_reason":"odd_word"}]
        gen_ai.response.finish_reasons = ["stop","length","odd_word"]
        "#,
    ),
    (
        "tools of the provider",
        r#"
        gen_ai.tool.definitions = [{"type":"function","name":"f","description":"7","parameters":{"type":"object"},"strict":false},{"type":"web_search_20250305","name":"web_search","max_uses":3,"user_location":{"city":"Paris"},"ratio":0.5},{"type":"function","name":"g"}]
        "#,
    ),
    (
        "every setting and every count",
        r#"
        gen_ai.request.stream = true
        gen_ai.request.temperature = 0.5
        gen_ai.request.top_p = 1
        gen_ai.request.top_k = 40
        gen_ai.request.max_tokens = 512
        gen_ai.request.frequency_penalty = 0.1
        gen_ai.request.presence_penalty = -0.1
        gen_ai.request.stop_sequences = ["a,b","[1]"]
        gen_ai.request.seed = 7
        gen_ai.request.reasoning.level = "high"
        gen_ai.response.id = "r1"
        gen_ai.response.model = "m-1"
        gen_ai.response.time_to_first_chunk = 0.25
        gen_ai.usage.input_tokens = 100
        gen_ai.usage.output_tokens = 20
        gen_ai.usage.cache_read.input_tokens = 64
        gen_ai.usage.cache_write.input_tokens = 8
        gen_ai.usage.reasoning.output_tokens = 4
        gen_ai.conversation.id = "s1"
        genspan.attempts = 2
        server.address = "h"
        server.port = 443
        "#,
    ),
    (
        "nothing said, and counts that are 0",
        r#"
        gen_ai.usage.input_tokens = 0
        gen_ai.usage.output_tokens = 0
        error.type = "rate_limited"
        "#,
    ),
];

/// Gives the spans, each of three providers.
pub(crate) fn spans() -> Vec<(String, Span)> {
    let mut list = Vec::new();
    for provider in ["openai", "azure.ai.openai", "gcp.vertex_ai"] {
        for (name, lines) in SPANS {
            list.push((format!("{name} of {provider}"), span(provider, lines)));
        }
    }
    list
}

fn span(provider: &str, lines: &str) -> Span {
    let mut span = Span {
        name: "chat m".to_owned(),
        kind: Kind::Client,
        ..Span::default()
    };
    span.attributes.set("gen_ai.operation.name", "chat");
    span.attributes.set("gen_ai.provider.name", provider);
    span.attributes.set("gen_ai.request.model", "m");
    for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (key, json) = line.split_once(" = ").unwrap();
        span.attributes
            .set(key.to_owned(), Value::from_json(json).unwrap());
    }
    if span.attributes.has("error.type") {
        span.status = Status::Error("slow down".to_owned());
    }
    span
}
