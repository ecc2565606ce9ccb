//! The older versions differ from `main` where the conventions changed.

#![allow(clippy::unwrap_used, reason = "tests")]

use genspan::semconv::spec::{self, Requirement};
use genspan::semconv::{Conventions, Metric, attribute, event};

fn level(version: Conventions, span: &str, key: &str) -> Option<Requirement> {
    Some(
        spec::span(version, span)
            .unwrap()
            .attribute(key)?
            .requirement,
    )
}

#[test]
fn an_agent_in_process_lost_its_provider_and_cache_usage_after_v1_41() {
    let id = "gen_ai.invoke_agent.internal";
    let provider = |version| level(version, id, attribute::GEN_AI_PROVIDER_NAME);
    assert_eq!(provider(Conventions::V1_41), Some(Requirement::Required));
    assert_eq!(provider(Conventions::Main), None);
    for key in [
        attribute::GEN_AI_AGENT_ID,
        attribute::GEN_AI_AGENT_VERSION,
        attribute::GEN_AI_USAGE_CACHE_CREATION_INPUT_TOKENS,
        attribute::GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS,
    ] {
        assert!(level(Conventions::V1_41, id, key).is_some(), "{key}");
        assert_eq!(level(Conventions::Main, id, key), None, "{key}");
    }
}

#[test]
fn a_tools_name_is_required_since_v1_41() {
    let name = |version| {
        level(
            version,
            "gen_ai.execute_tool.internal",
            attribute::GEN_AI_TOOL_NAME,
        )
    };
    assert_eq!(name(Conventions::V1_36), Some(Requirement::Recommended));
    assert_eq!(name(Conventions::V1_41), Some(Requirement::Required));
}

#[test]
fn v1_36_has_one_agent_span_and_five_message_events() {
    let agent = spec::span_for(Conventions::V1_36, "invoke_agent", "internal").unwrap();
    assert_eq!(agent.kinds, ["client", "internal"]);
    let names: Vec<&str> = spec::events(Conventions::V1_36)
        .iter()
        .map(|event| event.name)
        .collect();
    assert_eq!(
        names,
        [
            event::GEN_AI_ASSISTANT_MESSAGE,
            event::GEN_AI_CHOICE,
            event::GEN_AI_SYSTEM_MESSAGE,
            event::GEN_AI_TOOL_MESSAGE,
            event::GEN_AI_USER_MESSAGE,
            event::GENSPAN_ATTEMPT,
            event::GENSPAN_COMPACTION,
            event::GENSPAN_HOOK,
            event::GENSPAN_MODEL_USAGE,
        ]
    );
}

#[test]
fn metrics_of_inference_were_renamed_after_v1_41() {
    let has = |version, metric| {
        spec::metrics(version)
            .iter()
            .any(|spec| spec.metric == metric)
    };
    for (old, new) in [
        (
            Metric::ClientTokenUsage,
            Metric::ClientInferenceUsageInputTokens,
        ),
        (
            Metric::ClientOperationTimeToFirstChunk,
            Metric::ClientInferenceTimeToFirstChunk,
        ),
        (
            Metric::ClientOperationTimePerOutputChunk,
            Metric::ClientInferenceTimePerOutputChunk,
        ),
    ] {
        assert!(
            has(Conventions::V1_41, old) && !has(Conventions::Main, old),
            "{old:?}"
        );
        assert!(
            has(Conventions::Main, new) && !has(Conventions::V1_41, new),
            "{new:?}"
        );
    }
    let provider = |version| {
        let spec = spec::metric(version, Metric::ClientOperationDuration).unwrap();
        spec.attribute(attribute::GEN_AI_PROVIDER_NAME)
            .unwrap()
            .requirement
    };
    assert_eq!(provider(Conventions::V1_41), Requirement::Required);
    assert!(matches!(
        provider(Conventions::Main),
        Requirement::Conditional(_)
    ));
}
