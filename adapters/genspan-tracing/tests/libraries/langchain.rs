//! langchain-rust's spans, made by hand as its `observability` module makes them: the crate itself brings too much along.

use tracing::{Span, field::Empty, info_span};

use crate::{checked, recorder, tree, under};

fn generate(stream: bool) -> Span {
    let (provider, model) = ("openai", "gpt-4o-mini");
    info_span!(
        "llm.generate",
        provider,
        model,
        stream,
        prompt_tokens = Empty,
        completion_tokens = Empty,
        total_tokens = Empty,
        tool_calls = Empty,
        error = Empty,
    )
}

fn answered(span: &Span) {
    span.record("prompt_tokens", 7_u32);
    span.record("completion_tokens", 3_u32);
    span.record("total_tokens", 10_u32);
}

fn failed(span: &Span, text: &str) {
    span.record("error", tracing::field::display(text));
    span.in_scope(|| tracing::warn!(error = %text, "llm.generate failed"));
}

/// An agent that plans by a chain, runs a tool that fails, and embeds.
fn run() {
    let agent = info_span!(
        "agent.run",
        max_iterations = Some(5),
        steps = Empty,
        total_tokens = Empty,
        error = Empty
    );
    agent.in_scope(|| {
        info_span!("agent.plan", step = 0_usize).in_scope(|| {
            let chain = info_span!("chain.call", chain = "llm_chain", error = Empty);
            chain.in_scope(|| {
                let call = generate(true);
                call.in_scope(|| tracing::debug!("Prompt: weather-canary?"));
                answered(&call);
            });
        });
        let tool = info_span!("tool.call", tool = %"weather", error = Empty);
        failed(&tool, "no weather-canary");
        let embed = info_span!(
            "embed.documents",
            provider = "mistral",
            model = "e-1",
            count = 2_usize,
            error = Empty
        );
        embed.in_scope(|| {});
        failed(&generate(false), "429: too many-canary");
    });
    agent.record("total_tokens", 10_u32);
}

#[test]
fn an_agent_is_a_tree_in_the_conventions_words() {
    let (sink, telemetry) = recorder(true);
    under(&telemetry, run);
    checked::clean(&sink.spans());
    insta::assert_snapshot!(tree(&sink), @r##"
    invoke_agent [Internal] 200ms
      gen_ai.operation.name = "invoke_agent"
      gen_ai.provider.name = "openai"
      gen_ai.usage.input_tokens = 7
      gen_ai.usage.output_tokens = 3
      max_iterations = 5
      total_tokens = 10
      chat gpt-4o-mini [Client] 50ms
        gen_ai.operation.name = "chat"
        gen_ai.provider.name = "openai"
        gen_ai.request.model = "gpt-4o-mini"
        gen_ai.request.stream = true
        gen_ai.usage.input_tokens = 7
        gen_ai.usage.output_tokens = 3
      execute_tool weather [Internal] 20ms ERROR "no weather-canary"
        gen_ai.operation.name = "execute_tool"
        gen_ai.tool.name = "weather"
        error.type = "_OTHER"
      embeddings e-1 [Client] 60ms
        gen_ai.operation.name = "embeddings"
        gen_ai.provider.name = "mistral_ai"
        gen_ai.request.model = "e-1"
        count = 2
      chat gpt-4o-mini [Client] 20ms ERROR "429: too many-canary"
        gen_ai.operation.name = "chat"
        gen_ai.provider.name = "openai"
        gen_ai.request.model = "gpt-4o-mini"
        error.type = "_OTHER"
    "##);
}

#[test]
fn without_content_none_is_there_and_errors_are_errors() {
    let (sink, telemetry) = recorder(false);
    under(&telemetry, run);
    let spans = sink.spans();
    let seen = format!("{spans:?}{:?}", sink.measurements());
    assert!(!seen.contains("canary"), "{seen}");
    let failed = spans.iter().filter(|span| span.signals.is_error);
    assert_eq!(failed.count(), 2);
}
