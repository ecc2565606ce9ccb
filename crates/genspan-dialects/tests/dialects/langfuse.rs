//! Langfuse's keys, and what its own SDKs send.

use genspan::Timestamp;
use genspan_dialects::{Dialect, Settings, Status};

use crate::written::spans::{CHAT, shown, shown_of, span};

#[test]
fn a_chat_is_a_generation_with_each_token_in_one_place() {
    let mut chat = span(CHAT);
    chat.started = Some(Timestamp::from_unix_nanos(1_700_000_000_000_000_000));
    Dialect::Langfuse.write(&mut chat, &Settings::default());
    insta::assert_snapshot!(shown_of(&chat, "langfuse."), @r#"
    langfuse.observation.type = "generation"
    langfuse.observation.model.name = "gpt-4o-mini"
    langfuse.observation.model.parameters = JSON {"temperature":0.5}
    langfuse.observation.usage_details = JSON {"input":36,"input_cache_read":64,"output":20,"total":120}
    langfuse.observation.completion_start_time = "\"2023-11-14T22:13:20.250Z\""
    langfuse.observation.input = JSON [{"role":"system","content":"Be brief."},{"role":"user","content":"Weather?"},{"role":"tool","tool_call_id":"c0","content":"rain"}]
    langfuse.observation.output = JSON {"role":"assistant","content":null,"reasoning":"hm","tool_calls":[{"id":"c1","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Paris\"}"}}]}
    "#);
    let kept = shown(&chat);
    for line in shown(&span(CHAT)).lines() {
        assert!(kept.contains(line), "{line} is gone");
    }
}

#[test]
fn a_tool_that_failed_is_an_error() {
    let mut tool = span(
        r#"
        gen_ai.operation.name = "execute_tool"
        gen_ai.tool.call.arguments = {"city":"Paris"}
        gen_ai.conversation.id = "s1"
        "#,
    );
    tool.status = Status::Error("no network".to_owned());
    Dialect::Langfuse.write(&mut tool, &Settings::default());
    insta::assert_snapshot!(shown_of(&tool, "langfuse."), @r#"
    langfuse.observation.type = "tool"
    langfuse.session.id = "s1"
    langfuse.observation.input = JSON {"city":"Paris"}
    langfuse.observation.level = "ERROR"
    langfuse.observation.status_message = "no network"
    "#);
}

#[test]
fn an_agents_tokens_are_not_counted_again() {
    let mut agent = span(
        r#"
        gen_ai.operation.name = "invoke_agent"
        gen_ai.usage.input_tokens = 100
        gen_ai.usage.output_tokens = 20
        "#,
    );
    Dialect::Langfuse.write(&mut agent, &Settings::default());
    insta::assert_snapshot!(shown(&agent), @r#"
    gen_ai.operation.name = "invoke_agent"
    langfuse.observation.type = "agent"
    "#);
}

#[test]
fn a_generation_of_its_own_sdk_is_read() {
    let mut generation = span(
        r#"
        langfuse.observation.type = "generation"
        langfuse.observation.model.name = "claude-sonnet-4-5"
        langfuse.observation.model.parameters = "{\"temperature\":0.5,\"tool_choice\":\"auto\"}"
        langfuse.observation.usage_details = "{\"input\":36,\"cache_read_input_tokens\":64,\"output\":20,\"total\":120}"
        langfuse.observation.input = "[{\"role\":\"user\",\"content\":\"Hi\"}]"
        langfuse.observation.output = "{\"role\":\"assistant\",\"content\":\"Hello\"}"
        langfuse.observation.level = "ERROR"
        langfuse.observation.status_message = "cut off"
        langfuse.session.id = "s1"
        langfuse.trace.name = "greeting"
        "#,
    );
    assert!(Dialect::Langfuse.read(&mut generation));
    assert_eq!(generation.status, Status::Error("cut off".to_owned()));
    insta::assert_snapshot!(shown(&generation), @r#"
    langfuse.trace.name = "greeting"
    gen_ai.operation.name = "chat"
    gen_ai.request.model = "claude-sonnet-4-5"
    gen_ai.conversation.id = "s1"
    gen_ai.request.temperature = 0.5
    langfuse.observation.model.parameters = JSON {"tool_choice":"auto"}
    gen_ai.usage.input_tokens = 100
    gen_ai.usage.output_tokens = 20
    gen_ai.usage.cache_read.input_tokens = 64
    gen_ai.input.messages = [{"role":"user","parts":[{"type":"text","content":"Hi"}]}]
    gen_ai.output.messages = [{"role":"assistant","parts":[{"type":"text","content":"Hello"}]}]
    "#);
}
