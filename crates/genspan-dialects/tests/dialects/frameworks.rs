//! What Strands, Claude Code and Vercel's AI SDK send.

use genspan_dialects::{Dialect, Kind, Span, Status};

use crate::written::{
    frameworks, named,
    spans::{shown, span},
};

/// Reads a span, and shows its name, kind and status too.
fn read(dialect: Dialect, mut span: Span) -> String {
    assert!(dialect.read(&mut span));
    let events: Vec<&str> = span
        .events
        .iter()
        .map(|event| event.name.as_ref())
        .collect();
    let head = format!("{} {:?} {:?} {events:?}", span.name, span.kind, span.status);
    format!("{head}\n{}", shown(&span))
}

#[test]
fn strands_tells_messages_in_events() {
    insta::assert_snapshot!(read(Dialect::Strands, frameworks::strands_older()), @r#"
    chat us.amazon.nova Client Unset []
    gen_ai.event.start_time = "2026-05-01T00:00:00Z"
    gen_ai.operation.name = "chat"
    gen_ai.request.model = "us.amazon.nova"
    gen_ai.usage.input_tokens = 100
    gen_ai.usage.output_tokens = 20
    gen_ai.usage.cache_read.input_tokens = 64
    gen_ai.server.request.duration = 900
    gen_ai.provider.name = "strands-agents"
    gen_ai.response.time_to_first_chunk = 0.25
    gen_ai.system_instructions = [{"type":"text","content":"Be brief."}]
    gen_ai.response.finish_reasons = ["tool_use"]
    gen_ai.input.messages = [{"role":"user","parts":[{"type":"text","content":"Weather?"}]},{"role":"tool","parts":[{"type":"tool_call_response","id":"t0","response":"rain"}]}]
    gen_ai.output.messages = [{"role":"assistant","parts":[{"type":"reasoning","content":"hm"},{"type":"tool_call","id":"t1","name":"weather","arguments":{"city":"Paris"}}],"finish_reason":"tool_call"}]
    "#);
}

#[test]
fn strands_tells_fields_in_events() {
    insta::assert_snapshot!(read(Dialect::Strands, frameworks::strands_newer()), @r#"
    chat us.amazon.nova Client Unset []
    gen_ai.operation.name = "chat"
    gen_ai.provider.name = "strands-agents"
    gen_ai.request.model = "us.amazon.nova"
    gen_ai.system_instructions = [{"type":"text","content":"Be brief."}]
    gen_ai.input.messages = [{"role":"user","parts":[{"type":"text","content":"Weather?"}]}]
    gen_ai.output.messages = [{"role":"assistant","parts":[{"type":"tool_call","name":"weather","id":"t1","arguments":{"city":"Paris"}}],"finish_reason":"tool_call"}]
    gen_ai.response.finish_reasons = ["tool_use"]
    "#);
}

#[test]
fn strands_tells_of_tools() {
    insta::assert_snapshot!(read(Dialect::Strands, frameworks::strands_tool()), @r#"
    execute_tool weather Internal Error("") []
    gen_ai.operation.name = "execute_tool"
    gen_ai.tool.name = "weather"
    gen_ai.tool.call.id = "t1"
    gen_ai.tool.status = "error"
    gen_ai.provider.name = "strands-agents"
    gen_ai.tool.call.arguments = {"city":"Paris"}
    gen_ai.tool.call.result = "no network"
    "#);
}

#[test]
fn strands_tells_of_turns_and_swarms() {
    insta::assert_snapshot!(read(Dialect::Strands, frameworks::strands_cycle()), @r#"
    execute_event_loop_cycle Internal Unset []
    gen_ai.operation.name = "execute_event_loop_cycle"
    event_loop.cycle_id = "8f6a"
    gen_ai.provider.name = "strands-agents"
    "#);
    let swarm = named::named(
        "invoke_swarm",
        r#"
        gen_ai.operation.name = "invoke_swarm"
        gen_ai.system = "strands-agents"
        gen_ai.agent.name = "swarm"
        "#,
    );
    insta::assert_snapshot!(read(Dialect::Strands, swarm), @r#"
    invoke_workflow swarm Internal Unset []
    gen_ai.operation.name = "invoke_workflow"
    gen_ai.workflow.name = "swarm"
    gen_ai.provider.name = "strands-agents"
    "#);
}

#[test]
fn strands_tells_of_an_agent_and_its_tools() {
    let agent = named::named(
        "invoke_agent Guide",
        r#"
        gen_ai.operation.name = "invoke_agent"
        gen_ai.system = "strands-agents"
        gen_ai.agent.name = "Guide"
        gen_ai.agent.tools = "[\"weather\"]"
        system_prompt = "Be brief."
        gen_ai.tool.definitions = "[{\"name\": \"weather\", \"description\": \"Tells.\", \"inputSchema\": {\"json\": {\"type\": \"object\"}}, \"outputSchema\": null}]"
        "#,
    );
    insta::assert_snapshot!(read(Dialect::Strands, agent), @r#"
    invoke_agent Guide Internal Unset []
    gen_ai.operation.name = "invoke_agent"
    gen_ai.agent.name = "Guide"
    gen_ai.agent.tools = JSON ["weather"]
    gen_ai.system_instructions = [{"type":"text","content":"Be brief."}]
    gen_ai.tool.definitions = [{"type":"function","name":"weather","description":"Tells.","parameters":{"type":"object"},"outputSchema":null}]
    gen_ai.provider.name = "strands-agents"
    "#);
}

#[test]
fn claude_code_counts_its_cache_apart() {
    insta::assert_snapshot!(read(Dialect::ClaudeCode, frameworks::claude_code_request()), @r#"
    chat claude-opus-5 Client Unset []
    gen_ai.conversation.id = "s1"
    gen_ai.request.model = "claude-opus-5"
    gen_ai.response.id = "req_1"
    gen_ai.response.finish_reasons = ["tool_use"]
    gen_ai.usage.input_tokens = 91660
    gen_ai.usage.output_tokens = 1200
    gen_ai.usage.cache_read.input_tokens = 84562
    gen_ai.usage.cache_creation.input_tokens = 7096
    attempt = 1
    gen_ai.operation.name = "chat"
    gen_ai.provider.name = "anthropic"
    gen_ai.response.time_to_first_chunk = 1.25
    gen_ai.output.messages = [{"role":"assistant","parts":[{"type":"text","content":"Looking."}]}]
    "#);
}

#[test]
fn claude_code_tells_a_tools_output_in_an_event() {
    insta::assert_snapshot!(read(Dialect::ClaudeCode, frameworks::claude_code_tool()), @r#"
    execute_tool Bash Internal Unset []
    gen_ai.conversation.id = "s1"
    gen_ai.tool.name = "Bash"
    gen_ai.tool.call.id = "toolu_1"
    gen_ai.tool.call.arguments = {"command":"ls"}
    duration_ms = 1831
    gen_ai.operation.name = "execute_tool"
    gen_ai.tool.call.result = "a.txt"
    "#);
}

#[test]
fn claude_code_says_beside_the_status_that_something_failed() {
    insta::assert_snapshot!(read(Dialect::ClaudeCode, frameworks::claude_code_execution()), @r#"
    claude_code.tool.execution Internal Error("exit 1") []
    gen_ai.conversation.id = "s1"
    span.type = "tool.execution"
    tool_use_id = "toolu_1"
    error.type = "_OTHER"
    "#);
    let mut failed = frameworks::claude_code_request();
    failed.attributes.set("success", false);
    failed.attributes.set("error", "overloaded");
    failed.attributes.set("status_code", 529_i64);
    assert!(Dialect::ClaudeCode.read(&mut failed));
    assert_eq!(failed.status, Status::Error("overloaded".to_owned()));
    assert_eq!(failed.attributes.text("error.type"), Some("529"));
}

#[test]
fn claude_code_does_not_tell_every_prompt() {
    insta::assert_snapshot!(read(Dialect::ClaudeCode, frameworks::claude_code_interaction()), @r#"
    invoke_agent Internal Unset []
    gen_ai.conversation.id = "s1"
    user_prompt = "<REDACTED>"
    user_prompt_length = 12
    interaction.sequence = 1
    gen_ai.operation.name = "invoke_agent"
    "#);
}

#[test]
fn the_ai_sdk_calls_a_model() {
    insta::assert_snapshot!(read(Dialect::VercelAi, frameworks::vercel_chat()), @r#"
    chat gpt-4o Client Unset ["ai.stream.firstChunk"]
    operation.name = "ai.streamText.doStream plan"
    gen_ai.provider.name = "openai"
    ai.settings.maxRetries = 2
    gen_ai.request.temperature = 0.5
    gen_ai.request.max_tokens = 512
    gen_ai.response.id = "resp_1"
    gen_ai.response.model = "gpt-4o-2024-08-06"
    gen_ai.usage.cache_read.input_tokens = 64
    gen_ai.request.model = "gpt-4o"
    gen_ai.response.finish_reasons = ["tool-calls"]
    gen_ai.usage.input_tokens = 100
    gen_ai.usage.output_tokens = 20
    gen_ai.operation.name = "chat"
    gen_ai.request.stream = true
    gen_ai.response.time_to_first_chunk = 0.1005
    gen_ai.input.messages = [{"role":"system","parts":[{"type":"text","content":"Be brief."}]},{"role":"user","parts":[{"type":"text","content":"Weather?"}]},{"role":"assistant","parts":[{"type":"tool_call","id":"c0","name":"weather","arguments":{"city":"Rome"}}]},{"role":"tool","parts":[{"type":"tool_call_response","id":"c0","response":"sun"}]}]
    gen_ai.output.messages = [{"role":"assistant","parts":[{"type":"reasoning","content":"hm"},{"type":"tool_call","id":"c1","name":"weather","arguments":{"city":"Paris"}}],"finish_reason":"tool_call"}]
    gen_ai.tool.definitions = [{"type":"function","name":"weather","parameters":{"type":"object"}}]
    "#);
}

#[test]
fn the_ai_sdk_runs_a_function() {
    insta::assert_snapshot!(read(Dialect::VercelAi, frameworks::vercel_function()), @r#"
    invoke_agent plan Internal Unset []
    gen_ai.agent.name = "plan"
    ai.telemetry.metadata.user = "u1"
    gen_ai.request.model = "gemini-2.5-pro"
    gen_ai.provider.name = "gcp.gemini"
    gen_ai.response.finish_reasons = ["stop"]
    gen_ai.usage.input_tokens = 100
    gen_ai.usage.output_tokens = 20
    gen_ai.operation.name = "invoke_agent"
    gen_ai.input.messages = [{"role":"system","parts":[{"type":"text","content":"Be brief."}]},{"role":"user","parts":[{"type":"text","content":"Plan."}]}]
    gen_ai.output.messages = [{"role":"assistant","parts":[{"type":"text","content":"Done."}],"finish_reason":"stop"}]
    "#);
}

#[test]
fn the_ai_sdk_calls_a_tool() {
    insta::assert_snapshot!(read(Dialect::VercelAi, frameworks::vercel_tool()), @r#"
    execute_tool weather Internal Unset []
    gen_ai.tool.call.id = "c1"
    gen_ai.tool.name = "weather"
    gen_ai.operation.name = "execute_tool"
    gen_ai.tool.call.arguments = {"city":"Paris"}
    gen_ai.tool.call.result = "rain"
    "#);
}

#[test]
fn embeddings_of_the_ai_sdk_count_once() {
    let embed = |operation: &str| {
        let lines = format!(
            "ai.operationId = \"{operation}\"\nai.model.id = \"text-embedding-3-small\"\n\
             ai.model.provider = \"mistral.embedding\"\nai.usage.tokens = 10"
        );
        let mut span = named::named(operation, &lines);
        assert!(Dialect::VercelAi.read(&mut span));
        span
    };
    let outer = embed("ai.embed");
    assert!(!outer.attributes.has("gen_ai.usage.input_tokens"));
    assert_eq!(
        (outer.name.as_str(), outer.kind),
        ("ai.embed", Kind::Internal)
    );
    let inner = embed("ai.embed.doEmbed");
    assert_eq!(
        inner.attributes.count("gen_ai.usage.input_tokens"),
        Some(10)
    );
    assert_eq!(
        inner.attributes.text("gen_ai.provider.name"),
        Some("mistral_ai")
    );
    assert_eq!(inner.name, "embeddings text-embedding-3-small");
}

#[test]
fn providers_of_the_ai_sdk_have_the_conventions_names() {
    for (own, known) in [
        ("openai.chat", "openai"),
        ("anthropic.messages", "anthropic"),
        ("google.generative-ai", "gcp.gemini"),
        ("google.vertex.chat", "gcp.vertex_ai"),
        ("azure-openai.chat", "azure.ai.openai"),
        ("amazon-bedrock", "aws.bedrock"),
        ("xai.chat", "x_ai"),
        ("aws.bedrock", "aws.bedrock"),
        ("my.own.gateway", "my.own.gateway"),
    ] {
        let lines = format!("ai.operationId = \"ai.toolCall\"\nai.model.provider = \"{own}\"");
        let mut span = span(&lines);
        assert!(Dialect::VercelAi.read(&mut span));
        assert_eq!(span.attributes.text("gen_ai.provider.name"), Some(known));
    }
}
