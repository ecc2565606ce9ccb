//! agent-sdk's keys, and what that crate sends.

use genspan::{Attribute, Timestamp, semconv::attribute as key};
use genspan_dialects::{Attributes, Dialect, Kind, Settings, Span, Status};

use crate::written::{
    calls::{AGENT, TOOL},
    spans::{CHAT, shown, span},
    vendors,
};

fn written(mut span: Span) -> Span {
    Dialect::AgentSdk.write(&mut span, &Settings::default());
    span
}

/// Shows what was added.
fn added(after: &Span, before: &Span) -> String {
    let known = shown(before);
    let all = shown(after);
    for line in known.lines() {
        assert!(all.contains(line), "{line} is gone");
    }
    let new = all.lines().filter(|line| !known.contains(line));
    new.map(|line| format!("{line}\n")).collect()
}

#[test]
fn a_chat_says_what_its_answer_held_and_when_it_began() {
    let mut before = span(CHAT);
    before.started = Some(Timestamp::from_unix_nanos(1_000_000_000));
    let chat = written(before.clone());
    insta::assert_snapshot!(added(&chat, &before), @r#"
    langfuse.observation.type = "generation"
    agent_sdk.provider.id = "openai"
    agent_sdk.llm.streaming = true
    agent_sdk.llm.had_tool_calls = true
    agent_sdk.llm.text_output_present = false
    agent_sdk.llm.thinking_present = true
    "#);
    assert_eq!(chat.events.len(), 1);
    assert_eq!(chat.events[0].name, "llm.stream.first_chunk");
    assert_eq!(chat.events[0].at.unix_nanos(), 1_250_000_000);
    let mut after = chat;
    assert!(Dialect::AgentSdk.read(&mut after));
    assert_eq!(after, before);
}

#[test]
fn without_content_only_what_is_known_is_said() {
    let before = span(
        r#"
        gen_ai.operation.name = "chat"
        gen_ai.provider.name = "gcp.vertex_ai"
        gen_ai.response.finish_reasons = ["tool_calls"]
        genspan.attempts = 3
        "#,
    );
    insta::assert_snapshot!(added(&written(before.clone()), &before), @r#"
    langfuse.observation.type = "generation"
    agent_sdk.provider.id = "vertex"
    agent_sdk.llm.streaming = false
    agent_sdk.llm.had_tool_calls = true
    agent_sdk.llm.retry.attempt = 2
    "#);
}

#[test]
fn tools_and_runs_say_how_they_ended() {
    let outcome = |lines: &str, status: Status| {
        let before = Span {
            status,
            ..span(lines)
        };
        let mut after = written(before.clone());
        let shown = added(&after, &before);
        assert!(Dialect::AgentSdk.read(&mut after));
        assert_eq!(after, before);
        shown
    };
    insta::assert_snapshot!(outcome(TOOL, Status::Unset), @r#"
    langfuse.observation.type = "tool"
    agent_sdk.tool.outcome = "success"
    "#);
    insta::assert_snapshot!(outcome(TOOL, Status::Error("no".to_owned())), @r#"
    langfuse.observation.type = "tool"
    agent_sdk.tool.outcome = "error"
    "#);
    insta::assert_snapshot!(outcome(AGENT, Status::Unset), @r#"
    langfuse.observation.type = "agent"
    agent_sdk.provider.id = "openai"
    agent_sdk.outcome = "done"
    agent_sdk.tools.count = 1
    "#);
    let cancelled = format!("{AGENT}\nerror.type = \"cancelled\"");
    insta::assert_snapshot!(outcome(&cancelled, Status::Error(String::new())), @r#"
    langfuse.observation.type = "agent"
    agent_sdk.provider.id = "openai"
    agent_sdk.outcome = "cancelled"
    agent_sdk.tools.count = 1
    "#);
    let refused = format!("{AGENT}\ngen_ai.response.finish_reasons = [\"refusal\"]");
    insta::assert_snapshot!(outcome(&refused, Status::Unset), @r#"
    langfuse.observation.type = "agent"
    agent_sdk.provider.id = "openai"
    agent_sdk.outcome = "refusal"
    agent_sdk.tools.count = 1
    "#);
}

#[test]
fn a_chat_of_the_crate_is_read() {
    let mut chat = vendors::agent_sdk_chat();
    assert!(Dialect::AgentSdk.read(&mut chat));
    insta::assert_snapshot!(shown(&chat), @r#"
    gen_ai.operation.name = "chat"
    gen_ai.provider.name = "gcp.gemini"
    gen_ai.request.model = "gemini-2.5-pro"
    gen_ai.request.max_tokens = 1024
    gen_ai.response.model = "gemini-2.5-pro"
    gen_ai.response.finish_reasons = ["tool_call"]
    gen_ai.usage.input_tokens = 100
    gen_ai.usage.output_tokens = 20
    gen_ai.system_instructions = [{"type":"text","content":"Be brief."}]
    gen_ai.input.messages = [{"role":"user","parts":[{"type":"text","content":"Weather?"}]},{"role":"tool","parts":[{"type":"tool_call_response","id":"c0","response":"rain"}]}]
    gen_ai.output.messages = [{"role":"assistant","parts":[{"type":"reasoning","content":"hm"},{"type":"tool_call","id":"c1","name":"weather","arguments":{"city":"Paris"}}],"finish_reason":"tool_call"}]
    gen_ai.request.stream = true
    genspan.attempts = 2
    "#);
}

#[test]
fn a_tool_of_the_crate_that_failed_has_failed() {
    let mut tool = vendors::agent_sdk_tool();
    assert!(Dialect::AgentSdk.read(&mut tool));
    assert_eq!(tool.name, "execute_tool weather");
    assert_eq!(tool.status, Status::Error(String::new()));
    insta::assert_snapshot!(shown(&tool), @r#"
    gen_ai.operation.name = "execute_tool"
    gen_ai.tool.name = "weather"
    gen_ai.tool.call.id = "c1"
    agent_sdk.tool.display_name = "Weather"
    agent_sdk.tool.tier = "observe"
    agent_sdk.tool.kind = "sync"
    agent_sdk.tool.duration_ms = 12
    "#);
}

#[test]
fn mcp_requests_are_named_as_the_crate_names_them_and_read_back() {
    let request = |method: &str, more: &[(&'static str, &str)]| {
        let attribute = |key: &'static str, value: &str| Attribute {
            key: key.into(),
            value: value.into(),
        };
        let mut list = vec![
            attribute(key::MCP_METHOD_NAME, method),
            attribute(key::GENSPAN_MCP_SERVER_NAME, "files"),
        ];
        list.extend(more.iter().map(|(key, value)| attribute(key, value)));
        Span {
            kind: Kind::Client,
            attributes: Attributes::new(list),
            ..Span::default()
        }
    };
    let call = [
        (key::GEN_AI_OPERATION_NAME, "execute_tool"),
        (key::GEN_AI_TOOL_NAME, "read_file"),
    ];
    let failed = |error: &'static str| {
        let error = [
            (key::RPC_RESPONSE_STATUS_CODE, "-32602"),
            (key::ERROR_TYPE, error),
        ];
        [call.as_slice(), error.as_slice()].concat()
    };
    let spans = [
        ("mcp.initialize", "initialize", "initialize", Vec::new()),
        (
            "mcp.tools/call",
            "tools/call",
            "tools/call read_file",
            call.to_vec(),
        ),
        (
            "mcp.tools/call",
            "tools/call",
            "tools/call read_file",
            failed("-32602"),
        ),
        (
            "mcp.tools/call",
            "tools/call",
            "tools/call read_file",
            failed("tool_error"),
        ),
        (
            "mcp.prompts/get",
            "prompts/get",
            "prompts/get greet",
            vec![(key::GEN_AI_PROMPT_NAME, "greet")],
        ),
    ];
    for (theirs, method, ours, more) in spans {
        let mut before = request(method, &more);
        before.name = ours.to_owned();
        let mut span = written(before.clone());
        assert_eq!(span.name, theirs);
        assert_eq!(span.attributes.text("mcp.server.name"), Some("files"));
        assert_ne!(span.attributes.text(key::ERROR_TYPE), Some("-32602"));
        assert!(Dialect::AgentSdk.read(&mut span));
        assert_eq!(span, before, "{theirs}");
        // What the crate itself sends says less.
        span.name = theirs.to_owned();
        span.attributes.take(key::MCP_METHOD_NAME);
        span.attributes.take(key::GENSPAN_MCP_SERVER_NAME);
        span.attributes.take(key::GEN_AI_OPERATION_NAME);
        span.attributes.set("mcp.server.name", "files");
        assert!(Dialect::AgentSdk.read(&mut span));
        assert_eq!(span.name, ours);
        assert_eq!(span.attributes.text(key::MCP_METHOD_NAME), Some(method));
    }
    // A message of a sort that the crate does not send keeps its name, and a server's span is not a client's.
    let mut ping = request("ping", &[]);
    ping.name = "ping".to_owned();
    assert_eq!(written(ping.clone()).name, "ping");
    ping.kind = Kind::Server;
    ping.name = "mcp.initialize".to_owned();
    assert!(!Dialect::AgentSdk.read(&mut ping));
}
