//! No dialect takes another's span for its own, and a span in two is read in both.

use genspan_dialects::{Dialect, Settings, Span};

use crate::written::{
    calls::{AGENT, TOOL},
    frameworks,
    spans::{CHAT, shown, span},
    vendors,
};

/// Gives the dialects that take a span for theirs.
fn claimed(span: &Span) -> Vec<Dialect> {
    let all = Dialect::READ.iter().copied();
    all.filter(|dialect| dialect.read(&mut span.clone()))
        .collect()
}

fn others() -> Vec<(Dialect, Span)> {
    vec![
        (Dialect::Sentry, vendors::sentry_chat()),
        (Dialect::Sentry, vendors::sentry_tool()),
        (Dialect::OpenLlmetry, vendors::openllmetry_chat()),
        (Dialect::OpenLlmetry, vendors::openllmetry_newer()),
        (Dialect::OpenLlmetry, vendors::openllmetry_tool()),
        (Dialect::AgentSdk, vendors::agent_sdk_chat()),
        (Dialect::AgentSdk, vendors::agent_sdk_tool()),
        (Dialect::Strands, frameworks::strands_older()),
        (Dialect::Strands, frameworks::strands_newer()),
        (Dialect::Strands, frameworks::strands_tool()),
        (Dialect::Strands, frameworks::strands_cycle()),
        (Dialect::ClaudeCode, frameworks::claude_code_request()),
        (Dialect::ClaudeCode, frameworks::claude_code_tool()),
        (Dialect::ClaudeCode, frameworks::claude_code_execution()),
        (Dialect::ClaudeCode, frameworks::claude_code_interaction()),
        (Dialect::VercelAi, frameworks::vercel_chat()),
        (Dialect::VercelAi, frameworks::vercel_function()),
        (Dialect::VercelAi, frameworks::vercel_tool()),
        (Dialect::OpenInference, vendors::openinference_chat()),
        (Dialect::Codex, frameworks::codex_response()),
        (Dialect::Codex, frameworks::codex_turn()),
        (Dialect::Langchain, frameworks::langchain_call()),
        (Dialect::Adk, frameworks::adk_chat()),
        (Dialect::Genai, frameworks::genai_chat()),
        (Dialect::Rig, frameworks::rig_chat()),
        (Dialect::Rig, frameworks::rig_agent()),
        (Dialect::Rig, frameworks::rig_tool()),
    ]
}

#[test]
fn every_dialect_that_is_read_stands_once() {
    for dialect in Dialect::WRITTEN.iter().chain(Dialect::READ) {
        let times = Dialect::READ.iter().filter(|read| *read == dialect).count();
        assert_eq!(times, 1, "{dialect}");
    }
    for dialect in Dialect::READ {
        let is_seen = others().iter().any(|(own, _)| own == dialect);
        assert!(
            is_seen || Dialect::WRITTEN.contains(dialect),
            "{dialect} has no span"
        );
    }
}

#[test]
fn what_a_dialect_writes_is_its_own() {
    for writer in Dialect::WRITTEN {
        for lines in [CHAT, TOOL, AGENT] {
            let mut span = span(lines);
            writer.write(&mut span, &Settings::default());
            let mut expected = vec![*writer];
            if *writer == Dialect::AgentSdk {
                // That crate sets a key of Langfuse's.
                expected.push(Dialect::Langfuse);
            }
            assert_eq!(claimed(&span), expected, "{writer}: {}", shown(&span));
            assert_eq!(genspan_dialects::read(&mut span), Some(*writer));
            assert_eq!(claimed(&span), [], "{writer} leaves {}", shown(&span));
        }
    }
}

#[test]
fn what_others_write_is_theirs() {
    for (own, mut span) in others() {
        let claims = claimed(&span);
        assert_eq!(claims.first(), Some(&own), "{}", shown(&span));
        for other in claims.into_iter().skip(1) {
            // Codex too loses its numbers in `tracing`, and lists of Sentry and texts of others are JSON as genai's; whoever
            // reads them first leaves nothing of that.
            let is_known = matches!(other, Dialect::Rig | Dialect::Genai)
                || (own, other) == (Dialect::AgentSdk, Dialect::Langfuse);
            assert!(is_known, "{own} is taken for {other}: {}", shown(&span));
        }
        assert_eq!(genspan_dialects::read(&mut span), Some(own));
    }
}

#[test]
fn what_the_conventions_have_is_nobodys() {
    for lines in [CHAT, TOOL, AGENT, "http.request.method = \"GET\"", ""] {
        let mut span = span(lines);
        let before = span.clone();
        assert_eq!(genspan_dialects::read(&mut span), None);
        assert_eq!(span, before);
    }
}

#[test]
fn a_span_in_two_languages_is_read_in_both_and_the_conventions_own_keys_count() {
    let mut both = frameworks::rig_chat();
    both.attributes
        .set("braintrust.metadata", r#"{"temperature":0.5}"#);
    both.attributes
        .set("braintrust.metrics.prompt_tokens", 7_i64);
    assert_eq!(claimed(&both), [Dialect::Braintrust, Dialect::Rig]);
    assert_eq!(genspan_dialects::read(&mut both), Some(Dialect::Braintrust));
    assert_eq!(
        both.attributes.count("gen_ai.usage.input_tokens"),
        Some(120)
    );
    assert_eq!(
        both.attributes.get("gen_ai.request.temperature"),
        Some(&genspan::Value::Double(0.5))
    );
}
