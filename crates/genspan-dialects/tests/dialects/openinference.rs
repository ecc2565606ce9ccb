//! OpenInference's keys, and what its own instrumentations send.

use genspan_dialects::{Dialect, Settings};

use crate::written::{
    calls::{AGENT, TOOL},
    spans::{CHAT, shown, span},
    vendors,
};

fn written(lines: &str) -> String {
    let mut span = span(lines);
    Dialect::OpenInference.write(&mut span, &Settings::default());
    shown(&span)
}

#[test]
fn a_chat_is_spread_over_attributes() {
    insta::assert_snapshot!(written(CHAT), @r#"
    gen_ai.operation.name = "chat"
    llm.provider = "openai"
    llm.model_name = "gpt-4o-mini"
    gen_ai.response.time_to_first_chunk = 0.25
    llm.token_count.prompt = 100
    llm.token_count.completion = 20
    llm.token_count.prompt_details.cache_read = 64
    openinference.span.kind = "LLM"
    llm.token_count.total = 120
    llm.invocation_parameters = JSON {"temperature":0.5,"stream":true}
    llm.input_messages.0.message.role = "system"
    llm.input_messages.0.message.content = "Be brief."
    llm.input_messages.1.message.role = "user"
    llm.input_messages.1.message.content = "Weather?"
    llm.input_messages.2.message.role = "user"
    llm.input_messages.2.message.tool_call_id = "c0"
    llm.input_messages.2.message.content = "rain"
    llm.output_messages.0.message.role = "assistant"
    llm.output_messages.0.message.finish_reason = "tool_call"
    llm.output_messages.0.message.contents.0.message_content.type = "reasoning"
    llm.output_messages.0.message.contents.0.message_content.text = "hm"
    llm.output_messages.0.message.tool_calls.0.tool_call.id = "c1"
    llm.output_messages.0.message.tool_calls.0.tool_call.function.name = "weather"
    llm.output_messages.0.message.tool_calls.0.tool_call.function.arguments = JSON {"city":"Paris"}
    "#);
}

#[test]
fn a_tool_has_values() {
    insta::assert_snapshot!(written(TOOL), @r#"
    gen_ai.operation.name = "execute_tool"
    tool.name = "weather"
    tool.id = "c1"
    openinference.span.kind = "TOOL"
    input.value = JSON {"city":"Paris"}
    input.mime_type = "application/json"
    output.value = JSON {"sky":"rain"}
    output.mime_type = "application/json"
    "#);
}

#[test]
fn an_agent_keeps_its_tokens_apart() {
    insta::assert_snapshot!(written(AGENT), @r#"
    gen_ai.operation.name = "invoke_agent"
    llm.provider = "openai"
    agent.name = "guide"
    session.id = "s1"
    gen_ai.usage.input_tokens = 100
    gen_ai.usage.output_tokens = 20
    gen_ai.tool.definitions = [{"type":"function","name":"weather","description":"Tells the sky.","parameters":{"type":"object"}}]
    gen_ai.input.messages = [{"role":"user","parts":[{"type":"text","content":"Plan."}]}]
    gen_ai.output.messages = [{"role":"assistant","parts":[{"type":"text","content":"Done."}],"finish_reason":"stop"}]
    openinference.span.kind = "AGENT"
    input.value = "Plan."
    input.mime_type = "text/plain"
    output.value = "Done."
    output.mime_type = "text/plain"
    "#);
}

#[test]
fn a_chat_of_its_instrumentation_of_openai_is_read() {
    let mut chat = vendors::openinference_chat();
    assert!(Dialect::OpenInference.read(&mut chat));
    insta::assert_snapshot!(shown(&chat), @r#"
    gen_ai.provider.name = "openai"
    gen_ai.request.model = "gpt-4o-2024-08-06"
    input.value = JSON {"model": "gpt-4o"}
    input.mime_type = "application/json"
    gen_ai.usage.input_tokens = 100
    gen_ai.usage.output_tokens = 20
    gen_ai.usage.cache_read.input_tokens = 64
    gen_ai.operation.name = "chat"
    gen_ai.input.messages = [{"role":"user","parts":[{"type":"text","content":"Weather?"}]}]
    gen_ai.output.messages = [{"role":"assistant","parts":[{"type":"tool_call","id":"c1","name":"weather","arguments":{"city":"Paris"}}]}]
    gen_ai.tool.definitions = [{"type":"function","name":"weather","parameters":{}}]
    gen_ai.request.temperature = 0.5
    gen_ai.request.max_tokens = 100
    llm.invocation_parameters = JSON {"model":"gpt-4o"}
    "#);
}
