//! A tool and an agent, as the conventions have them.

/// Holds a tool that ran.
pub(crate) const TOOL: &str = r#"
    gen_ai.operation.name = "execute_tool"
    gen_ai.tool.name = "weather"
    gen_ai.tool.call.id = "c1"
    gen_ai.tool.call.arguments = {"city":"Paris"}
    gen_ai.tool.call.result = {"sky":"rain"}
"#;

/// Holds an agent that ran, with the sum of its calls' tokens.
pub(crate) const AGENT: &str = r#"
    gen_ai.operation.name = "invoke_agent"
    gen_ai.provider.name = "openai"
    gen_ai.agent.name = "guide"
    gen_ai.conversation.id = "s1"
    gen_ai.usage.input_tokens = 100
    gen_ai.usage.output_tokens = 20
    gen_ai.tool.definitions = [{"type":"function","name":"weather","description":"Tells the sky.","parameters":{"type":"object"}}]
    gen_ai.input.messages = [{"role":"user","parts":[{"type":"text","content":"Plan."}]}]
    gen_ai.output.messages = [{"role":"assistant","parts":[{"type":"text","content":"Done."}],"finish_reason":"stop"}]
"#;
