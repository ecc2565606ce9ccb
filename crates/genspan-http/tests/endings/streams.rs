//! The streams that are let end, one for each format. A new format is an entry here.

use crate::{
    event_stream,
    stream::{Frames, Silence, Stream},
};

const EVENTS: &str = "text/event-stream";
const LINES: &str = "application/x-ndjson";
const AWS_EVENTS: &str = "application/vnd.amazon.eventstream";

pub(crate) const STREAMS: &[Stream] = &[
    Stream {
        name: "OpenAI chat completions",
        fixture: "openai_chat/tools.response.sse",
        url: "https://api.openai.com/v1/chat/completions",
        content_type: EVENTS,
        request: r#"{"model":"gpt-5","stream":true,"messages":[{"role":"user","content":"Is it windy at the harbour?"}]}"#,
        frames: Frames::Until("\n\n"),
        error: || {
            b"data: {\"error\":{\"message\":\"The server had an error\",\"type\":\"server_error\"}}\n\n".to_vec()
        },
        error_type: "server_error",
        silence: Silence::Unasked,
    },
    Stream {
        name: "OpenAI responses",
        fixture: "openai_responses/text.sse",
        url: "https://api.openai.com/v1/responses",
        content_type: "text/event-stream; charset=utf-8",
        request: r#"{"model":"gpt-5.1","stream":true,"input":"When does the café open?"}"#,
        frames: Frames::Until("\n\n"),
        error: || {
            b"event: error\ndata: {\"type\":\"error\",\"code\":\"rate_limit_exceeded\",\"message\":\"Too much\",\"param\":null,\"sequence_number\":9}\n\n".to_vec()
        },
        error_type: "rate_limited",
        silence: Silence::Without(&["usage"]),
    },
    Stream {
        name: "OpenAI completions",
        fixture: "openai_completions/text.response.sse",
        url: "https://api.openai.com/v1/completions",
        content_type: EVENTS,
        request: r#"{"model":"instruct-m","stream":true,"n":2,"prompt":"Tell a story."}"#,
        frames: Frames::Until("\n\n"),
        error: || {
            b"data: {\"error\":{\"object\":\"error\",\"message\":\"out of memory\",\"type\":\"InternalServerError\",\"param\":null,\"code\":500}}\n\n".to_vec()
        },
        error_type: "server_error",
        silence: Silence::Unasked,
    },
    Stream {
        name: "Anthropic messages",
        fixture: "anthropic_messages/text.sse",
        url: "https://api.anthropic.com/v1/messages",
        content_type: "text/event-stream; charset=utf-8",
        request: r#"{"model":"claude-sonnet-4-5","max_tokens":99,"stream":true,"messages":[{"role":"user","content":"Where is Lisbon?"}]}"#,
        frames: Frames::Until("\n\n"),
        error: || {
            b"event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n".to_vec()
        },
        error_type: "server_error",
        silence: Silence::Without(&["usage"]),
    },
    Stream {
        name: "Gemini, as events",
        fixture: "google_generate_content/text.response.sse",
        url: "https://generativelanguage.googleapis.com/v1beta/models/gemini-3-flash:streamGenerateContent?alt=sse",
        content_type: EVENTS,
        request: r#"{"contents":[{"role":"user","parts":[{"text":"When does the ferry leave?"}]}]}"#,
        frames: Frames::Until("\r\n\r\n"),
        error: || {
            b"data: {\"error\":{\"code\":503,\"message\":\"The model is overloaded.\",\"status\":\"UNAVAILABLE\"}}\r\n\r\n".to_vec()
        },
        error_type: "server_error",
        silence: Silence::Without(&["usageMetadata"]),
    },
    Stream {
        name: "Gemini, as an array",
        fixture: "google_generate_content/text.response.json",
        url: "https://generativelanguage.googleapis.com/v1beta/models/gemini-3-flash:streamGenerateContent",
        content_type: "application/json; charset=UTF-8",
        request: r#"{"contents":[{"role":"user","parts":[{"text":"When does the ferry leave?"}]}]}"#,
        frames: Frames::Until("\n,\r\n"),
        error: || {
            b"{\n  \"error\": {\n    \"code\": 429,\n    \"message\": \"Too much\",\n    \"status\": \"RESOURCE_EXHAUSTED\"\n  }\n}\n]".to_vec()
        },
        error_type: "rate_limited",
        silence: Silence::Without(&["usageMetadata"]),
    },
    Stream {
        name: "Gemini interactions",
        fixture: "google_interactions/text.response.sse",
        url: "https://generativelanguage.googleapis.com/v1beta/interactions",
        content_type: EVENTS,
        request: r#"{"model":"gemini-3-flash","stream":true,"input":"When does the ferry leave?"}"#,
        frames: Frames::Until("\n\n"),
        error: || {
            b"event: error\ndata: {\"event_type\":\"error\",\"error\":{\"code\":\"429\",\"message\":\"Too much\"}}\n\n".to_vec()
        },
        error_type: "rate_limited",
        silence: Silence::Without(&["usage"]),
    },
    Stream {
        name: "Bedrock Converse",
        fixture: "bedrock_converse/text.eventstream",
        url: "https://bedrock-runtime.eu-west-1.amazonaws.com/model/amazon.nova-lite-v1%3A0/converse-stream",
        content_type: AWS_EVENTS,
        request: r#"{"messages":[{"role":"user","content":[{"text":"How does snow fall?"}]}]}"#,
        frames: Frames::EventStream,
        error: || exception("throttlingException", r#"{"message":"Too many tokens"}"#),
        error_type: "rate_limited",
        silence: Silence::Without(&["usage"]),
    },
    Stream {
        name: "Bedrock InvokeModel, Claude",
        fixture: "bedrock_invoke/claude.eventstream",
        url: "https://bedrock-runtime.eu-west-1.amazonaws.com/model/anthropic.claude-sonnet-4-v1%3A0/invoke-with-response-stream",
        content_type: AWS_EVENTS,
        request: r#"{"anthropic_version":"bedrock-2023-05-31","max_tokens":99,"messages":[{"role":"user","content":"Wave."}]}"#,
        frames: Frames::EventStream,
        error: || exception("internalServerException", r#"{"message":"Try again"}"#),
        error_type: "server_error",
        silence: Silence::Without(&["usage", "amazon-bedrock-invocationMetrics"]),
    },
    Stream {
        name: "Bedrock InvokeModel, Llama",
        fixture: "bedrock_invoke/llama.eventstream",
        url: "https://bedrock-runtime.eu-west-1.amazonaws.com/model/meta.llama3-8b-instruct-v1%3A0/invoke-with-response-stream",
        content_type: AWS_EVENTS,
        request: r#"{"prompt":"Greet."}"#,
        frames: Frames::EventStream,
        error: || {
            exception(
                "modelStreamErrorException",
                r#"{"message":"The model broke","originalMessage":"oom","originalStatusCode":500}"#,
            )
        },
        error_type: "stream_error",
        silence: Silence::Without(&[
            "prompt_token_count",
            "generation_token_count",
            "amazon-bedrock-invocationMetrics",
        ]),
    },
    Stream {
        name: "Ollama chat",
        fixture: "ollama_chat/text.ndjson",
        url: "http://localhost:11434/api/chat",
        content_type: LINES,
        request: r#"{"model":"llama3.2:3b","messages":[{"role":"user","content":"Which tide is it?"}]}"#,
        frames: Frames::Until("\n"),
        error: || {
            b"{\"error\":\"an error was encountered while running the model: unexpected EOF\"}\n"
                .to_vec()
        },
        error_type: "stream_error",
        silence: Silence::Without(&["prompt_eval_count", "eval_count"]),
    },
    Stream {
        name: "Ollama generate",
        fixture: "ollama_generate/text.ndjson",
        url: "http://localhost:11434/api/generate",
        content_type: LINES,
        request: r#"{"model":"codellama:7b","prompt":"fn tide("}"#,
        frames: Frames::Until("\n"),
        error: || b"{\"error\":\"llama runner process has terminated\"}\n".to_vec(),
        error_type: "stream_error",
        silence: Silence::Without(&["prompt_eval_count", "eval_count"]),
    },
    Stream {
        name: "Cohere chat",
        fixture: "cohere_chat/text.sse",
        url: "https://api.cohere.com/v2/chat",
        content_type: EVENTS,
        request: r#"{"model":"command-a","stream":true,"messages":[{"role":"user","content":"Which tide is it?"}]}"#,
        frames: Frames::Until("\n\n"),
        error: || {
            b"event: message-end\ndata: {\"type\":\"message-end\",\"delta\":{\"finish_reason\":\"ERROR\",\"error\":\"internal server error\"}}\n\n".to_vec()
        },
        error_type: "server_error",
        silence: Silence::Without(&["usage"]),
    },
    Stream {
        name: "Cohere chat, v1",
        fixture: "cohere_chat_v1/text.ndjson",
        url: "https://api.cohere.com/v1/chat",
        content_type: "application/stream+json",
        request: r#"{"model":"command-r","stream":true,"message":"Which tide is it?"}"#,
        frames: Frames::Until("\n"),
        error: || {
            b"{\"is_finished\":true,\"event_type\":\"stream-end\",\"finish_reason\":\"ERROR\",\"error\":\"the model went away\"}\n".to_vec()
        },
        error_type: "server_error",
        silence: Silence::Without(&["meta"]),
    },
];

/// An exception, as AWS sends it in place of an event.
fn exception(name: &str, payload: &str) -> Vec<u8> {
    let headers = [
        (":exception-type", name),
        (":content-type", "application/json"),
        (":message-type", "exception"),
    ];
    event_stream::message(&headers, payload)
}
