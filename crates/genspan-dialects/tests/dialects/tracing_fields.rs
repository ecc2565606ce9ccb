//! What rig, genai, adk, langchain-rust and codex send through `tracing`.

use genspan_dialects::{Dialect, Settings, Span, Status};

use crate::written::{
    frameworks, named,
    spans::{shown, shown_of},
};

fn read(dialect: Dialect, mut span: Span) -> String {
    assert!(dialect.read(&mut span));
    format!("{} {:?}\n{}", span.name, span.kind, shown(&span))
}

#[test]
fn numbers_of_rig_are_numbers() {
    insta::assert_snapshot!(read(Dialect::Rig, frameworks::rig_chat()), @r#"
    chat gpt-4o-mini Client
    target = "rig::completions"
    code.module.name = "rig_core::telemetry"
    gen_ai.operation.name = "chat"
    gen_ai.provider.name = "openai"
    gen_ai.request.model = "gpt-4o-mini"
    gen_ai.response.id = "chatcmpl-1"
    gen_ai.usage.input_tokens = 120
    gen_ai.usage.output_tokens = 15
    gen_ai.usage.cache_read.input_tokens = 64
    gen_ai.usage.reasoning.output_tokens = 8
    gen_ai.input.messages = [{"role":"user","parts":[{"type":"text","content":"Hi"}]}]
    rig.provider_request_id = "req_1"
    "#);
}

#[test]
fn an_agent_of_rig_has_messages() {
    insta::assert_snapshot!(read(Dialect::Rig, frameworks::rig_agent()), @r#"
    invoke_agent guide Internal
    target = "rig::agent_chat"
    gen_ai.operation.name = "invoke_agent"
    gen_ai.agent.name = "guide"
    gen_ai.input.messages = [{"role":"user","parts":[{"type":"text","content":"Plan."}]}]
    gen_ai.output.messages = [{"role":"assistant","parts":[{"type":"text","content":"Done."}]}]
    "#);
}

#[test]
fn a_tool_of_rig_has_failed() {
    let mut tool = frameworks::rig_tool();
    assert!(Dialect::Rig.read(&mut tool));
    assert_eq!(tool.status, Status::Error(String::new()));
    insta::assert_snapshot!(shown(&tool), @r#"
    gen_ai.operation.name = "execute_tool"
    gen_ai.tool.name = "weather"
    gen_ai.tool.call.arguments = {"city":"Paris"}
    rig.tool.call.outcome = "error"
    error.type = "tool_call_error"
    "#);
}

#[test]
fn a_span_of_rig_goes_to_a_vendor() {
    let mut chat = frameworks::rig_chat();
    assert_eq!(genspan_dialects::read(&mut chat), Some(Dialect::Rig));
    Dialect::Braintrust.write(&mut chat, &Settings::default());
    insta::assert_snapshot!(shown_of(&chat, "braintrust.metrics."), @r#"
    braintrust.metrics.prompt_tokens = 120
    braintrust.metrics.completion_tokens = 15
    braintrust.metrics.prompt_cached_tokens = 64
    braintrust.metrics.completion_reasoning_tokens = 8
    braintrust.metrics.tokens = 135
    "#);
    assert_eq!(
        chat.attributes.count("gen_ai.usage.input_tokens"),
        Some(120)
    );
}

#[test]
fn lists_of_genai_are_lists() {
    insta::assert_snapshot!(read(Dialect::Genai, frameworks::genai_chat()), @r#"
    chat gpt-4o-mini Client
    target = "genai::otel"
    gen_ai.operation.name = "chat"
    gen_ai.provider.name = "openai"
    gen_ai.request.model = "gpt-4o-mini"
    gen_ai.request.stop_sequences = ["a,b"]
    gen_ai.response.finish_reasons = ["stop"]
    gen_ai.usage.input_tokens = 120
    "#);
}

#[test]
fn adk_has_counts_and_events() {
    insta::assert_snapshot!(read(Dialect::Adk, frameworks::adk_chat()), @r#"
    chat gemini-2.5-pro Client
    gen_ai.provider.name = "gcp.gemini"
    gen_ai.request.model = "gemini-2.5-pro"
    gen_ai.response.finish_reasons = ["stop","length"]
    gen_ai.usage.input_tokens = 100
    gen_ai.usage.output_tokens = 20
    gen_ai.usage.cache_read.input_tokens = 64
    gen_ai.usage.reasoning.output_tokens = 8
    gen_ai.usage.audio.input_tokens = 3
    gen_ai.operation.name = "chat"
    gen_ai.input.messages = [{"role":"user","parts":[{"type":"text","content":"Weather?"}]}]
    gen_ai.output.messages = [{"role":"assistant","parts":[{"type":"text","content":"Rain."}]}]
    "#);
}

#[test]
fn codex_has_counts_of_answers_and_of_turns() {
    insta::assert_snapshot!(read(Dialect::Codex, frameworks::codex_response()), @r#"
    chat gpt-5.5 Client
    code.module.name = "codex_core::session::turn"
    gen_ai.request.model = "gpt-5.5"
    gen_ai.conversation.id = "s1"
    gen_ai.request.reasoning.level = "high"
    gen_ai.usage.input_tokens = 100
    gen_ai.usage.cache_read.input_tokens = 64
    gen_ai.usage.output_tokens = 20
    gen_ai.usage.reasoning.output_tokens = 8
    gen_ai.provider.name = "openai"
    gen_ai.operation.name = "chat"
    "#);
    insta::assert_snapshot!(read(Dialect::Codex, frameworks::codex_turn()), @r#"
    invoke_agent Internal
    gen_ai.request.model = "gpt-5.5"
    gen_ai.conversation.id = "s1"
    gen_ai.usage.input_tokens = 200
    gen_ai.usage.cache_read.input_tokens = 128
    codex.turn.token_usage.non_cached_input_tokens = 72
    gen_ai.usage.output_tokens = 40
    gen_ai.usage.reasoning.output_tokens = 16
    gen_ai.operation.name = "invoke_agent"
    "#);
}

#[test]
fn langchain_rust_has_words_of_its_own() {
    insta::assert_snapshot!(read(Dialect::Langchain, frameworks::langchain_call()), @r#"
    chat gpt-4o-mini Client
    gen_ai.request.model = "gpt-4o-mini"
    gen_ai.request.stream = true
    gen_ai.usage.input_tokens = 7
    gen_ai.usage.output_tokens = 3
    gen_ai.operation.name = "chat"
    gen_ai.provider.name = "openai"
    "#);
    let mut failed = frameworks::langchain_call();
    failed.attributes.set("error", "too many");
    assert!(Dialect::Langchain.read(&mut failed));
    assert_eq!(failed.status, Status::Error("too many".to_owned()));
}

#[test]
fn names_alone_speak_no_dialect() {
    for name in [
        "llm.generate",
        "agent.run",
        "tool.call",
        "model.call",
        "execute_tool",
    ] {
        let mut span = named::named(name, "path = \"/\"");
        assert_eq!(genspan_dialects::read(&mut span), None, "{name}");
        assert!(
            !genspan_dialects::tracing_fields::is_operation(name, |_| false),
            "{name}"
        );
    }
}
