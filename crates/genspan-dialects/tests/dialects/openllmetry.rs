//! OpenLLMetry's keys, and what its own instrumentations send.

use genspan_dialects::{Dialect, Settings, Span};

use crate::written::{
    calls::{AGENT, TOOL},
    spans::{CHAT, shown, span},
    vendors,
};

fn written(lines: &str) -> Span {
    let mut span = span(lines);
    Dialect::OpenLlmetry.write(&mut span, &Settings::default());
    span
}

fn read(mut span: Span) -> String {
    assert!(Dialect::OpenLlmetry.read(&mut span));
    shown(&span)
}

#[test]
fn a_chat_is_spread_over_attributes() {
    insta::assert_snapshot!(shown(&written(CHAT)), @r#"
    gen_ai.operation.name = "chat"
    gen_ai.system = "openai"
    gen_ai.request.model = "gpt-4o-mini"
    llm.is_streaming = true
    gen_ai.request.temperature = 0.5
    gen_ai.response.time_to_first_chunk = 0.25
    gen_ai.usage.input_tokens = 100
    gen_ai.usage.output_tokens = 20
    gen_ai.usage.cache_read_input_tokens = 64
    llm.usage.total_tokens = 120
    llm.request.type = "chat"
    gen_ai.prompt.0.role = "system"
    gen_ai.prompt.0.content = "Be brief."
    gen_ai.prompt.1.role = "user"
    gen_ai.prompt.1.content = "Weather?"
    gen_ai.prompt.2.role = "tool"
    gen_ai.prompt.2.tool_call_id = "c0"
    gen_ai.prompt.2.content = "rain"
    gen_ai.completion.0.finish_reason = "tool_calls"
    gen_ai.completion.0.role = "assistant"
    gen_ai.completion.0.reasoning = "hm"
    gen_ai.completion.0.tool_calls.0.id = "c1"
    gen_ai.completion.0.tool_calls.0.name = "weather"
    gen_ai.completion.0.tool_calls.0.arguments = JSON {"city":"Paris"}
    "#);
}

#[test]
fn a_tool_is_an_entity() {
    insta::assert_snapshot!(shown(&written(TOOL)), @r#"
    gen_ai.operation.name = "execute_tool"
    gen_ai.tool.name = "weather"
    gen_ai.tool.call.id = "c1"
    traceloop.span.kind = "tool"
    traceloop.entity.name = "weather"
    traceloop.entity.input = JSON {"city":"Paris"}
    traceloop.entity.output = JSON {"sky":"rain"}
    "#);
}

#[test]
fn an_agent_is_an_entity_with_its_messages_beside() {
    insta::assert_snapshot!(shown(&written(AGENT)), @r#"
    gen_ai.operation.name = "invoke_agent"
    gen_ai.system = "openai"
    gen_ai.agent.name = "guide"
    gen_ai.conversation.id = "s1"
    gen_ai.usage.input_tokens = 100
    gen_ai.usage.output_tokens = 20
    gen_ai.tool.definitions = [{"type":"function","name":"weather","description":"Tells the sky.","parameters":{"type":"object"}}]
    gen_ai.input.messages = [{"role":"user","parts":[{"type":"text","content":"Plan."}]}]
    gen_ai.output.messages = [{"role":"assistant","parts":[{"type":"text","content":"Done."}],"finish_reason":"stop"}]
    llm.usage.total_tokens = 120
    traceloop.span.kind = "agent"
    traceloop.entity.name = "guide"
    traceloop.entity.input = JSON [{"role":"user","parts":[{"type":"text","content":"Plan."}]}]
    traceloop.entity.output = JSON [{"role":"assistant","parts":[{"type":"text","content":"Done."}],"finish_reason":"stop"}]
    "#);
}

#[test]
fn tools_and_agents_come_back_as_they_were() {
    for lines in [TOOL, AGENT] {
        let mut after = written(lines);
        assert!(Dialect::OpenLlmetry.read(&mut after));
        assert_eq!(after, span(lines));
    }
}

#[test]
fn definitions_of_tools_come_back_with_all_that_they_say() {
    let lines = r#"
        gen_ai.operation.name = "chat"
        gen_ai.tool.definitions = [{"type":"function","name":"f","description":"7","parameters":{"a":[1]},"strict":true},{"type":"web_search","name":"w","max_uses":3}]
    "#;
    let before = span(lines);
    let mut chat = written(lines);
    assert_eq!(
        chat.attributes.text("llm.request.functions.1.type"),
        Some("web_search")
    );
    assert!(Dialect::OpenLlmetry.read(&mut chat));
    assert_eq!(chat, before);
}

#[test]
fn a_chat_of_its_instrumentations_is_read() {
    insta::assert_snapshot!(read(vendors::openllmetry_chat()), @r#"
    gen_ai.request.model = "claude-sonnet-4-5"
    gen_ai.response.model = "claude-sonnet-4-5-20250929"
    gen_ai.request.stream = false
    gen_ai.usage.input_tokens = 100
    gen_ai.usage.output_tokens = 20
    gen_ai.usage.cache_read.input_tokens = 64
    traceloop.association.properties.session_id = "s1"
    gen_ai.response.finish_reasons = ["tool_use"]
    gen_ai.operation.name = "chat"
    gen_ai.provider.name = "anthropic"
    gen_ai.input.messages = [{"role":"system","parts":[{"type":"text","content":"Be brief."}]},{"role":"user","parts":[{"type":"text","content":"Look:"},{"type":"image_url","image_url":{"url":"https://e.x/a.png"}}]}]
    gen_ai.output.messages = [{"role":"assistant","parts":[{"type":"reasoning","content":"A cloud."},{"type":"text","content":"I ask."},{"type":"tool_call","id":"toolu_1","name":"weather","arguments":{"city":"Paris"}}],"finish_reason":"tool_call"}]
    gen_ai.tool.definitions = [{"type":"function","name":"weather","description":"Tells the sky.","parameters":{"type":"object"}}]
    "#);
}

#[test]
fn so_is_one_in_the_conventions_keys() {
    insta::assert_snapshot!(read(vendors::openllmetry_newer()), @r#"
    gen_ai.operation.name = "chat"
    gen_ai.provider.name = "openai"
    gen_ai.request.stream = true
    gen_ai.input.messages = [{"role":"user","parts":[{"type":"text","content":"Hi"}]}]
    gen_ai.output.messages = [{"role":"assistant","parts":[{"type":"text","content":"Hello"}],"finish_reason":"stop"}]
    gen_ai.tool.definitions = [{"type":"function","name":"f","parameters":{}}]
    gen_ai.usage.input_tokens = 3
    gen_ai.usage.output_tokens = 2
    "#);
}

#[test]
fn so_is_a_decorated_function() {
    insta::assert_snapshot!(read(vendors::openllmetry_tool()), @r#"
    traceloop.entity.path = "plan"
    traceloop.workflow.name = "plan"
    gen_ai.operation.name = "execute_tool"
    gen_ai.tool.name = "weather"
    gen_ai.tool.call.arguments = {"city":"Paris"}
    gen_ai.tool.call.result = "rain"
    "#);
}
