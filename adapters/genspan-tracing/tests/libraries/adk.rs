//! adk-rust's spans, made by its own crate for them.

use crate::{checked, recorder, tree, under};
use adk_telemetry::{
    LlmUsage,
    config::SemconvConfig,
    events::ContentEventEmitter,
    semconv::{
        GenAiOperation, GenAiProvider, GenAiResponseRecorder, GenAiSpanBuilder,
        agent_run_semconv_span, tool_call_semconv_span,
    },
};

fn usage() -> LlmUsage {
    LlmUsage {
        input_tokens: 100,
        output_tokens: 20,
        total_tokens: 120,
        cache_read_tokens: Some(64),
        thinking_tokens: Some(8),
        ..LlmUsage::default()
    }
}

/// An agent that asks a model and runs a tool.
fn run() {
    agent_run_semconv_span("guide", "inv-1", Some("s-1")).in_scope(|| {
        let (provider, operation) = (GenAiProvider::Gemini, GenAiOperation::Chat);
        GenAiSpanBuilder::new(provider, operation, "gemini-2.5-pro")
            .stream(true)
            .temperature(0.5)
            .build()
            .in_scope(|| {
                let config = SemconvConfig {
                    capture_content: true,
                };
                ContentEventEmitter::emit_prompt(&config, "Weather-canary?");
                ContentEventEmitter::emit_completion(&config, "Rain-canary.");
                GenAiResponseRecorder::record_response_model("gemini-2.5-pro-001");
                GenAiResponseRecorder::record_finish_reasons(&["stop"]);
                GenAiResponseRecorder::record_usage(&usage());
            });
        tool_call_semconv_span("weather", Some("call-1")).in_scope(|| {});
        adk_telemetry::llm_generate_span("openai", "gpt-5-mini", false).in_scope(|| {
            adk_telemetry::record_llm_usage(&usage());
        });
        adk_telemetry::model_call_span("untold").in_scope(|| {});
    });
}

#[test]
fn an_agent_is_a_tree_with_numbers() {
    let (sink, telemetry) = recorder(true);
    under(&telemetry, run);
    checked::clean(&sink.spans());
    insta::assert_snapshot!(tree(&sink), @r##"
    invoke_agent guide [Internal] 330ms
      gen_ai.operation.name = "invoke_agent"
      gen_ai.agent.name = "guide"
      gen_ai.provider.name = "gcp.gemini"
      gen_ai.usage.cache_read.input_tokens = 128
      gen_ai.response.finish_reasons = ["stop"]
      gen_ai.usage.input_tokens = 200
      gen_ai.usage.output_tokens = 40
      gen_ai.conversation.id = "s-1"
      invocation.id = "inv-1"
      chat gemini-2.5-pro [Client] 130ms
        gen_ai.operation.name = "chat"
        gen_ai.provider.name = "gcp.gemini"
        gen_ai.request.model = "gemini-2.5-pro"
        gen_ai.request.temperature = 0.5
        gen_ai.request.stream = true
        gen_ai.response.finish_reasons = ["stop"]
        gen_ai.response.model = "gemini-2.5-pro-001"
        gen_ai.usage.input_tokens = 100
        gen_ai.usage.output_tokens = 20
        gen_ai.usage.cache_read.input_tokens = 64
        gen_ai.usage.reasoning.output_tokens = 8
        gen_ai.input.messages = [{"role":"user","parts":[{"type":"text","content":"Weather-canary?"}]}]
        gen_ai.output.messages = [{"role":"assistant","parts":[{"type":"text","content":"Rain-canary."}]}]
      execute_tool weather [Internal] 30ms
        gen_ai.operation.name = "execute_tool"
        gen_ai.tool.name = "weather"
        gen_ai.tool.call.id = "call-1"
      chat gpt-5-mini [Client] 60ms
        gen_ai.operation.name = "chat"
        gen_ai.provider.name = "openai"
        gen_ai.request.model = "gpt-5-mini"
        gen_ai.usage.input_tokens = 100
        gen_ai.usage.output_tokens = 20
        gen_ai.usage.cache_read.input_tokens = 64
        gen_ai.usage.reasoning.output_tokens = 8
      chat untold [Client] 20ms
        gen_ai.operation.name = "chat"
        gen_ai.request.model = "untold"
    "##);
}

#[test]
fn without_content_none_is_there() {
    let (sink, telemetry) = recorder(false);
    under(&telemetry, run);
    let seen = format!("{:?}{:?}", sink.spans(), sink.measurements());
    assert!(
        seen.contains("gemini-2.5-pro-001") && !seen.contains("canary"),
        "{seen}"
    );
}
