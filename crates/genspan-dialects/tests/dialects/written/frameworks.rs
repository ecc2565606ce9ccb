//! Spans as frameworks make them that instrument themselves, by what they document.

use genspan_dialects::Span;

use super::named::{named, with_event};

/// A chat of Strands in its older mode: messages in events of v1.36.
pub(crate) fn strands_older() -> Span {
    let chat = named(
        "chat",
        r#"
        gen_ai.event.start_time = "2026-05-01T00:00:00Z"
        gen_ai.operation.name = "chat"
        gen_ai.system = "strands-agents"
        gen_ai.request.model = "us.amazon.nova"
        gen_ai.usage.prompt_tokens = 100
        gen_ai.usage.input_tokens = 100
        gen_ai.usage.completion_tokens = 20
        gen_ai.usage.output_tokens = 20
        gen_ai.usage.total_tokens = 120
        gen_ai.usage.cache_read_input_tokens = 64
        gen_ai.server.time_to_first_token = 250
        gen_ai.server.request.duration = 900
        "#,
    );
    let chat = with_event(
        chat,
        "gen_ai.system.message",
        r#"content = "[{\"text\": \"Be brief.\"}]""#,
    );
    let chat = with_event(
        chat,
        "gen_ai.user.message",
        r#"content = "[{\"text\": \"Weather?\"}]""#,
    );
    let chat = with_event(
        chat,
        "gen_ai.tool.message",
        r#"content = "[{\"toolResult\": {\"toolUseId\": \"t0\", \"status\": \"success\", \"content\": [{\"text\": \"rain\"}]}}]""#,
    );
    with_event(
        chat,
        "gen_ai.choice",
        r#"
        finish_reason = "tool_use"
        message = "[{\"reasoningContent\": {\"reasoningText\": {\"text\": \"hm\"}}}, {\"toolUse\": {\"toolUseId\": \"t1\", \"name\": \"weather\", \"input\": {\"city\": \"Paris\"}}}]"
        "#,
    )
}

/// The same in its newer mode: events with one of the conventions' fields each.
pub(crate) fn strands_newer() -> Span {
    let details = "gen_ai.client.inference.operation.details";
    let chat = named(
        "chat",
        r#"
        gen_ai.operation.name = "chat"
        gen_ai.provider.name = "strands-agents"
        gen_ai.request.model = "us.amazon.nova"
        "#,
    );
    let chat = with_event(
        chat,
        details,
        r#"gen_ai.system_instructions = "[{\"type\": \"text\", \"content\": \"Be brief.\"}]""#,
    );
    let chat = with_event(
        chat,
        details,
        r#"gen_ai.input.messages = "[{\"role\": \"user\", \"parts\": [{\"type\": \"text\", \"content\": \"Weather?\"}]}]""#,
    );
    with_event(
        chat,
        details,
        r#"gen_ai.output.messages = "[{\"role\": \"assistant\", \"parts\": [{\"type\": \"tool_call\", \"name\": \"weather\", \"id\": \"t1\", \"arguments\": {\"city\": \"Paris\"}}], \"finish_reason\": \"tool_use\"}]""#,
    )
}

/// A tool of Strands, in the older mode.
pub(crate) fn strands_tool() -> Span {
    let tool = named(
        "execute_tool weather",
        r#"
        gen_ai.operation.name = "execute_tool"
        gen_ai.system = "strands-agents"
        gen_ai.tool.name = "weather"
        gen_ai.tool.call.id = "t1"
        gen_ai.tool.status = "error"
        "#,
    );
    let tool = with_event(
        tool,
        "gen_ai.tool.message",
        r#"
        role = "tool"
        content = "{\"city\": \"Paris\"}"
        id = "t1"
        "#,
    );
    with_event(
        tool,
        "gen_ai.choice",
        r#"
        message = "[{\"text\": \"no network\"}]"
        id = "t1"
        "#,
    )
}

/// A turn of Strands' loop, which is no operation of the conventions.
pub(crate) fn strands_cycle() -> Span {
    named(
        "execute_event_loop_cycle",
        r#"
        gen_ai.operation.name = "execute_event_loop_cycle"
        gen_ai.system = "strands-agents"
        event_loop.cycle_id = "8f6a"
        "#,
    )
}

/// A call to a model by Claude Code.
pub(crate) fn claude_code_request() -> Span {
    named(
        "claude_code.llm_request",
        r#"
        session.id = "s1"
        span.type = "llm_request"
        model = "claude-opus-5"
        gen_ai.system = "anthropic"
        gen_ai.request.model = "claude-opus-5"
        gen_ai.response.id = "req_1"
        gen_ai.response.finish_reasons = ["tool_use"]
        input_tokens = 2
        output_tokens = 1200
        cache_read_tokens = 84562
        cache_creation_tokens = "7096"
        ttft_ms = 1250
        attempt = 1
        success = true
        stop_reason = "tool_use"
        response.model_output = "Looking."
        "#,
    )
}

/// A tool of Claude Code, with what it gave back in an event.
pub(crate) fn claude_code_tool() -> Span {
    let tool = named(
        "claude_code.tool",
        r#"
        session.id = "s1"
        span.type = "tool"
        tool_name = "Bash"
        tool_use_id = "toolu_1"
        gen_ai.tool.call.id = "toolu_1"
        tool_input = "{\"command\":\"ls\"}"
        duration_ms = 1831
        "#,
    );
    with_event(tool, "tool.output", r#"output = "a.txt""#)
}

/// The execution within a tool of Claude Code, which failed.
pub(crate) fn claude_code_execution() -> Span {
    named(
        "claude_code.tool.execution",
        r#"
        session.id = "s1"
        span.type = "tool.execution"
        tool_use_id = "toolu_1"
        success = false
        error = "exit 1"
        "#,
    )
}

/// A turn of Claude Code whose prompt is not to be told.
pub(crate) fn claude_code_interaction() -> Span {
    named(
        "claude_code.interaction",
        r#"
        session.id = "s1"
        span.type = "interaction"
        user_prompt = "<REDACTED>"
        user_prompt_length = 12
        interaction.sequence = 1
        "#,
    )
}

/// A call to a model by Vercel's AI SDK.
pub(crate) fn vercel_chat() -> Span {
    let chat = named(
        "ai.streamText.doStream",
        r#"
        operation.name = "ai.streamText.doStream plan"
        ai.operationId = "ai.streamText.doStream"
        ai.model.id = "gpt-4o"
        ai.model.provider = "openai.responses"
        ai.settings.maxRetries = 2
        ai.settings.temperature = 0.5
        ai.settings.maxOutputTokens = 512
        ai.prompt.messages = "[{\"role\":\"system\",\"content\":\"Be brief.\"},{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"Weather?\"}]},{\"role\":\"assistant\",\"content\":[{\"type\":\"tool-call\",\"toolCallId\":\"c0\",\"toolName\":\"weather\",\"input\":{\"city\":\"Rome\"}}]},{\"role\":\"tool\",\"content\":[{\"type\":\"tool-result\",\"toolCallId\":\"c0\",\"toolName\":\"weather\",\"output\":{\"type\":\"text\",\"value\":\"sun\"}}]}]"
        ai.prompt.tools = ["{\"type\":\"function\",\"name\":\"weather\",\"inputSchema\":{\"type\":\"object\"}}"]
        ai.response.finishReason = "tool-calls"
        ai.response.id = "resp_1"
        ai.response.model = "gpt-4o-2024-08-06"
        ai.response.msToFirstChunk = 100.5
        ai.response.text = ""
        ai.response.reasoning = "hm"
        ai.response.toolCalls = "[{\"toolCallId\":\"c1\",\"toolName\":\"weather\",\"input\":{\"city\":\"Paris\"}}]"
        ai.usage.inputTokens = 100
        ai.usage.inputTokenDetails.cacheReadTokens = 64
        ai.usage.outputTokens = 20
        ai.usage.totalTokens = 120
        gen_ai.system = "openai.responses"
        gen_ai.request.model = "gpt-4o"
        gen_ai.response.finish_reasons = ["tool-calls"]
        gen_ai.usage.input_tokens = 100
        gen_ai.usage.output_tokens = 20
        "#,
    );
    with_event(
        chat,
        "ai.stream.firstChunk",
        "ai.response.msToFirstChunk = 100.5",
    )
}

/// A function of the AI SDK, which calls the model and its tools.
pub(crate) fn vercel_function() -> Span {
    named(
        "ai.generateText",
        r#"
        ai.operationId = "ai.generateText"
        ai.telemetry.functionId = "plan"
        ai.telemetry.metadata.user = "u1"
        ai.model.id = "gemini-2.5-pro"
        ai.model.provider = "google.generative-ai"
        ai.prompt = "{\"system\":\"Be brief.\",\"prompt\":\"Plan.\"}"
        ai.response.text = "Done."
        ai.response.finishReason = "stop"
        ai.usage.promptTokens = "100"
        ai.usage.completionTokens = 20
        "#,
    )
}

/// A tool of the AI SDK, as Sentry renames it.
pub(crate) fn vercel_tool() -> Span {
    named(
        "ai.toolCall",
        r#"
        vercel.ai.operationId = "ai.toolCall"
        vercel.ai.toolCall.id = "c1"
        vercel.ai.toolCall.name = "weather"
        vercel.ai.toolCall.args = "{\"city\":\"Paris\"}"
        vercel.ai.toolCall.result = "\"rain\""
        "#,
    )
}

/// A call to a model by rig, with what `tracing` makes of its counts.
pub(crate) fn rig_chat() -> Span {
    named(
        "chat",
        r#"
        target = "rig::completions"
        code.module.name = "rig_core::telemetry"
        gen_ai.operation.name = "chat"
        gen_ai.provider.name = "openai"
        gen_ai.request.model = "gpt-4o-mini"
        gen_ai.response.id = "chatcmpl-1"
        gen_ai.usage.input_tokens = "120"
        gen_ai.usage.output_tokens = "15"
        gen_ai.usage.cache_read.input_tokens = "64"
        gen_ai.usage.reasoning_tokens = "8"
        gen_ai.input.messages = "[{\"role\":\"user\",\"parts\":[{\"type\":\"text\",\"content\":\"Hi\"}]}]"
        rig.provider_request_id = "req_1"
        "#,
    )
}

/// An agent's run by rig.
pub(crate) fn rig_agent() -> Span {
    named(
        "invoke_agent",
        r#"
        target = "rig::agent_chat"
        gen_ai.operation.name = "invoke_agent"
        gen_ai.agent.name = "guide"
        gen_ai.prompt = "Plan."
        gen_ai.completion = "Done."
        "#,
    )
}

/// A tool of rig that failed.
pub(crate) fn rig_tool() -> Span {
    named(
        "execute_tool",
        r#"
        gen_ai.operation.name = "execute_tool"
        gen_ai.tool.name = "weather"
        gen_ai.tool.call.arguments = "{\"city\":\"Paris\"}"
        gen_ai.tool.call.outcome = "error"
        gen_ai.tool.error.type = "tool_call_error"
        "#,
    )
}

/// A call to a model by genai.
pub(crate) fn genai_chat() -> Span {
    named(
        "chat gpt-4o-mini",
        r#"
        target = "genai::otel"
        gen_ai.operation.name = "chat"
        gen_ai.provider.name = "openai"
        gen_ai.request.model = "gpt-4o-mini"
        gen_ai.request.stop_sequences = "[\"a,b\"]"
        gen_ai.response.finish_reasons = "[\"stop\"]"
        gen_ai.usage.input_tokens = 120
        "#,
    )
}

/// A call to a model by adk.
pub(crate) fn adk_chat() -> Span {
    let chat = named(
        "gen_ai.chat gemini-2.5-pro",
        r#"
        gen_ai.system = "gemini"
        gen_ai.provider.name = "gcp.gemini"
        gen_ai.request.model = "gemini-2.5-pro"
        gen_ai.response.finish_reasons = "stop,length"
        gen_ai.usage.input_tokens = 100
        gen_ai.usage.output_tokens = 20
        gen_ai.usage.total_tokens = 120
        gen_ai.usage.cache_read_tokens = 64
        gen_ai.usage.thinking_tokens = "8"
        gen_ai.usage.audio_input_tokens = "3"
        "#,
    );
    let chat = with_event(
        chat,
        "gen_ai.content.prompt",
        r#"gen_ai.prompt = "Weather?""#,
    );
    with_event(
        chat,
        "gen_ai.content.completion",
        r#"gen_ai.completion = "Rain.""#,
    )
}

/// One answer in codex's loop.
pub(crate) fn codex_response() -> Span {
    named(
        "handle_responses",
        r#"
        code.module.name = "codex_core::session::turn"
        model = "gpt-5.5"
        conversation.id = "s1"
        codex.request.reasoning_effort = "high"
        gen_ai.usage.input_tokens = "100"
        gen_ai.usage.cache_read.input_tokens = "64"
        gen_ai.usage.output_tokens = "20"
        codex.usage.reasoning_output_tokens = "8"
        codex.usage.total_tokens = "120"
        "#,
    )
}

/// A turn of codex, with the sum of its answers.
pub(crate) fn codex_turn() -> Span {
    named(
        "session_task.turn",
        r#"
        model = "gpt-5.5"
        thread.id = "s1"
        codex.turn.token_usage.input_tokens = 200
        codex.turn.token_usage.cached_input_tokens = 128
        codex.turn.token_usage.non_cached_input_tokens = 72
        codex.turn.token_usage.output_tokens = 40
        codex.turn.token_usage.reasoning_output_tokens = 16
        "#,
    )
}

/// A call to a model by langchain-rust.
pub(crate) fn langchain_call() -> Span {
    named(
        "llm.generate",
        r#"
        provider = "openai"
        model = "gpt-4o-mini"
        stream = true
        prompt_tokens = "7"
        completion_tokens = "3"
        total_tokens = "10"
        "#,
    )
}
