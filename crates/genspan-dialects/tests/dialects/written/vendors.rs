//! Spans as vendors' own instrumentations make them, by what they document.

use genspan_dialects::Span;

use super::named::named;

/// A chat of Sentry's SDK for JavaScript, before its conventions took the conventions' keys.
pub(crate) fn sentry_chat() -> Span {
    named(
        "chat gpt-4o",
        r#"
        sentry.op = "gen_ai.chat"
        sentry.origin = "auto.ai.openai"
        gen_ai.system = "openai"
        gen_ai.operation.name = "chat"
        gen_ai.request.model = "gpt-4o"
        gen_ai.request.messages = "[{\"role\":\"system\",\"content\":\"Be brief.\"},{\"role\":\"user\",\"content\":\"Weather?\"}]"
        gen_ai.request.available_tools = "[{\"type\":\"function\",\"function\":{\"name\":\"weather\"}}]"
        gen_ai.response.id = "chatcmpl-1"
        gen_ai.response.model = "gpt-4o-2024-08-06"
        gen_ai.response.finish_reasons = "[\"tool_calls\"]"
        gen_ai.response.text = "Let me see."
        gen_ai.response.tool_calls = "[{\"id\":\"c1\",\"type\":\"function\",\"function\":{\"name\":\"weather\",\"arguments\":\"{\\\"city\\\":\\\"Paris\\\"}\"}}]"
        gen_ai.response.streaming = true
        gen_ai.usage.input_tokens = 100
        gen_ai.usage.input_tokens.cached = 64
        gen_ai.usage.output_tokens = 20
        gen_ai.usage.output_tokens.reasoning = 8
        gen_ai.usage.total_tokens = 120
        "#,
    )
}

/// A tool of Sentry's integration for Claude's Agent SDK.
pub(crate) fn sentry_tool() -> Span {
    named(
        "execute_tool Bash",
        r#"
        sentry.op = "gen_ai.execute_tool"
        sentry.origin = "auto.ai.claude_code"
        gen_ai.system = "anthropic"
        gen_ai.agent.name = "claude-code"
        gen_ai.tool.name = "Bash"
        gen_ai.tool.type = "function"
        gen_ai.tool.input = "{\"command\":\"ls\"}"
        gen_ai.tool.output = "a.txt"
        "#,
    )
}

/// A chat of OpenLLMetry's instrumentation of Anthropic's client, which thought before it answered.
pub(crate) fn openllmetry_chat() -> Span {
    named(
        "anthropic.chat",
        r#"
        llm.request.type = "chat"
        gen_ai.system = "Anthropic"
        gen_ai.request.model = "claude-sonnet-4-5"
        gen_ai.response.model = "claude-sonnet-4-5-20250929"
        llm.is_streaming = false
        llm.request.functions.0.name = "weather"
        llm.request.functions.0.description = "Tells the sky."
        llm.request.functions.0.input_schema = "{\"type\":\"object\"}"
        gen_ai.prompt.0.role = "system"
        gen_ai.prompt.0.content = "Be brief."
        gen_ai.prompt.1.role = "user"
        gen_ai.prompt.1.content = "[{\"type\":\"text\",\"text\":\"Look:\"},{\"type\":\"image_url\",\"image_url\":{\"url\":\"https://e.x/a.png\"}}]"
        gen_ai.completion.0.role = "thinking"
        gen_ai.completion.0.finish_reason = "tool_use"
        gen_ai.completion.0.content = "A cloud."
        gen_ai.completion.1.role = "assistant"
        gen_ai.completion.1.content = "I ask."
        gen_ai.completion.1.tool_calls.0.id = "toolu_1"
        gen_ai.completion.1.tool_calls.0.name = "weather"
        gen_ai.completion.1.tool_calls.0.arguments = "{\"city\": \"Paris\"}"
        gen_ai.usage.prompt_tokens = 100
        gen_ai.usage.completion_tokens = 20
        gen_ai.usage.cache_read_input_tokens = 64
        llm.usage.total_tokens = 120
        traceloop.association.properties.session_id = "s1"
        "#,
    )
}

/// A chat of OpenLLMetry since it states messages in the conventions' keys.
pub(crate) fn openllmetry_newer() -> Span {
    named(
        "openai.chat",
        r#"
        gen_ai.operation.name = "chat"
        gen_ai.provider.name = "openai"
        gen_ai.is_streaming = true
        gen_ai.input.messages = "[{\"role\":\"user\",\"parts\":[{\"type\":\"text\",\"content\":\"Hi\"}]}]"
        gen_ai.output.messages = "[{\"role\":\"assistant\",\"parts\":[{\"type\":\"text\",\"content\":\"Hello\"}],\"finish_reason\":\"stop\"}]"
        gen_ai.tool.definitions = "[{\"name\":\"f\",\"parameters\":{}}]"
        gen_ai.usage.input_tokens = 3
        gen_ai.usage.output_tokens = 2
        gen_ai.usage.total_tokens = 5
        "#,
    )
}

/// A function that was decorated as a tool.
pub(crate) fn openllmetry_tool() -> Span {
    named(
        "weather.tool",
        r#"
        traceloop.span.kind = "tool"
        traceloop.entity.name = "weather"
        traceloop.entity.path = "plan"
        traceloop.entity.input = "{\"args\": [], \"kwargs\": {\"city\": \"Paris\"}}"
        traceloop.entity.output = "rain"
        traceloop.workflow.name = "plan"
        "#,
    )
}

/// A chat of agent-sdk, with content.
pub(crate) fn agent_sdk_chat() -> Span {
    named(
        "chat gemini-2.5-pro",
        r#"
        gen_ai.operation.name = "chat"
        gen_ai.provider.name = "gcp.gemini"
        gen_ai.request.model = "gemini-2.5-pro"
        gen_ai.request.max_output_tokens = 1024
        agent_sdk.llm.streaming = true
        agent_sdk.provider.id = "gemini"
        langfuse.observation.type = "generation"
        gen_ai.response.model = "gemini-2.5-pro"
        gen_ai.response.finish_reasons = "tool_call"
        gen_ai.usage.input_tokens = 100
        gen_ai.usage.output_tokens = 20
        agent_sdk.llm.had_tool_calls = true
        agent_sdk.llm.text_output_present = false
        agent_sdk.llm.thinking_present = true
        agent_sdk.llm.retry.attempt = 1
        gen_ai.system_instructions = "[{\"text\":\"Be brief.\"}]"
        gen_ai.input.messages = "[{\"role\":\"user\",\"content\":[{\"text\":\"Weather?\"}]},{\"role\":\"tool\",\"content\":[{\"type\":\"tool_call_response\",\"id\":\"c0\",\"output\":\"rain\"}]}]"
        gen_ai.output.messages = "[{\"role\":\"assistant\",\"content\":[{\"type\":\"reasoning\",\"text\":\"hm\"},{\"type\":\"tool_call\",\"id\":\"c1\",\"name\":\"weather\",\"arguments\":\"{\\\"city\\\":\\\"Paris\\\"}\"}],\"finish_reason\":\"tool_call\"}]"
        "#,
    )
}

/// A tool of agent-sdk that failed, which its status does not say.
pub(crate) fn agent_sdk_tool() -> Span {
    named(
        "execute_tool",
        r#"
        gen_ai.operation.name = "execute_tool"
        gen_ai.tool.name = "weather"
        gen_ai.tool.call.id = "c1"
        agent_sdk.tool.display_name = "Weather"
        agent_sdk.tool.tier = "observe"
        agent_sdk.tool.kind = "sync"
        agent_sdk.tool.outcome = "error"
        agent_sdk.tool.duration_ms = 12
        langfuse.observation.type = "tool"
        "#,
    )
}

/// A chat of OpenInference's instrumentation of OpenAI's client.
pub(crate) fn openinference_chat() -> Span {
    named(
        "ChatCompletion",
        r#"
        openinference.span.kind = "LLM"
        llm.system = "openai"
        llm.provider = "openai"
        llm.model_name = "gpt-4o-2024-08-06"
        llm.invocation_parameters = "{\"model\": \"gpt-4o\", \"temperature\": 0.5, \"max_completion_tokens\": 100}"
        input.value = "{\"model\": \"gpt-4o\"}"
        input.mime_type = "application/json"
        llm.input_messages.0.message.role = "user"
        llm.input_messages.0.message.content = "Weather?"
        llm.output_messages.0.message.role = "assistant"
        llm.output_messages.0.message.tool_calls.0.tool_call.id = "c1"
        llm.output_messages.0.message.tool_calls.0.tool_call.function.name = "weather"
        llm.output_messages.0.message.tool_calls.0.tool_call.function.arguments = "{\"city\": \"Paris\"}"
        llm.tools.0.tool.json_schema = "{\"type\":\"function\",\"function\":{\"name\":\"weather\",\"parameters\":{}}}"
        llm.token_count.prompt = 100
        llm.token_count.completion = 20
        llm.token_count.total = 120
        llm.token_count.prompt_details.cache_read = 64
        "#,
    )
}
