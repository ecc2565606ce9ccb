//! Braintrust's keys, and what its own SDKs send.

use genspan::Timestamp;
use genspan_dialects::{Dialect, Settings, braintrust::Environment};

use crate::written::spans::{CHAT, shown, shown_of, span};

#[test]
fn a_chat_fills_the_panels() {
    let mut chat = span(CHAT);
    Dialect::Braintrust.write(&mut chat, &Settings::default());
    insta::assert_snapshot!(shown_of(&chat, "braintrust."), @r#"
    braintrust.context_json = JSON {"span_origin":{"name":"genspan","version":"VERSION","instrumentation":{"name":"genspan"}}}
    braintrust.span_attributes = JSON {"type":"llm"}
    braintrust.metrics.prompt_tokens = 100
    braintrust.metrics.completion_tokens = 20
    braintrust.metrics.prompt_cached_tokens = 64
    braintrust.metrics.tokens = 120
    braintrust.metrics.time_to_first_token = 0.25
    braintrust.metadata = JSON {"model":"gpt-4o-mini","provider":"openai","stream":true,"temperature":0.5}
    braintrust.input_json = JSON [{"role":"system","content":"Be brief."},{"role":"user","content":"Weather?"},{"role":"tool","tool_call_id":"c0","content":"rain"}]
    braintrust.output_json = JSON [{"index":0,"message":{"role":"assistant","content":null,"reasoning":"hm","tool_calls":[{"id":"c1","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Paris\"}"}}]},"finish_reason":"tool_calls"}]
    "#);
    let kept = shown(&chat);
    for line in shown(&span(CHAT)).lines() {
        assert!(kept.contains(line), "{line} is gone");
    }
}

#[test]
fn a_tool_shows_what_it_was_given_and_gave_back() {
    let mut tool = span(
        r#"
        gen_ai.operation.name = "execute_tool"
        gen_ai.tool.name = "weather"
        gen_ai.tool.call.arguments = {"city":"Paris"}
        gen_ai.tool.call.result = "{\"result\":\"rain\"}"
        "#,
    );
    Dialect::Braintrust.write(&mut tool, &Settings::default());
    insta::assert_snapshot!(shown_of(&tool, "braintrust."), @r#"
    braintrust.context_json = JSON {"span_origin":{"name":"genspan","version":"VERSION","instrumentation":{"name":"genspan"}}}
    braintrust.span_attributes = JSON {"type":"tool"}
    braintrust.input_json = JSON {"city":"Paris"}
    braintrust.output_json = JSON {"result":"rain"}
    "#);
}

#[test]
fn offered_tools_are_metadata_as_openai_has_them_and_read_back() {
    let before = span(
        r#"
        gen_ai.operation.name = "chat"
        gen_ai.tool.definitions = [{"type":"function","name":"weather","description":"Tells."},{"type":"web_search","name":"web"}]
        "#,
    );
    let mut chat = before.clone();
    Dialect::Braintrust.write(&mut chat, &Settings::default());
    insta::assert_snapshot!(shown_of(&chat, "braintrust.metadata"), @r#"braintrust.metadata = JSON {"tools":[{"type":"function","function":{"name":"weather","description":"Tells."}},{"type":"web_search","name":"web"}]}"#);
    assert!(Dialect::Braintrust.read(&mut chat));
    assert_eq!(chat, before);
    // As its own SDKs send them, beside what the conventions have no key for.
    let mut sent = span(
        r#"braintrust.metadata = "{\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"weather\"}}],\"tool_choice\":\"auto\"}""#,
    );
    assert!(Dialect::Braintrust.read(&mut sent));
    insta::assert_snapshot!(shown(&sent), @r#"
    gen_ai.tool.definitions = [{"type":"function","name":"weather"}]
    braintrust.metadata = JSON {"tool_choice":"auto"}
    "#);
}

#[test]
fn a_tools_time_is_told_and_where_the_program_runs() {
    let before = genspan_dialects::Span {
        started: Some(Timestamp::from_unix_nanos(1_000_000_000)),
        ended: Some(Timestamp::from_unix_nanos(3_500_000_000)),
        ..span(r#"gen_ai.operation.name = "execute_tool""#)
    };
    let settings = Settings {
        braintrust_environment: Some(Environment {
            kind: Some("server".to_owned()),
            name: Some("staging".to_owned()),
        }),
        ..Settings::default()
    };
    let mut tool = before.clone();
    Dialect::Braintrust.write(&mut tool, &settings);
    insta::assert_snapshot!(shown_of(&tool, "braintrust."), @r#"
    braintrust.context_json = JSON {"span_origin":{"name":"genspan","version":"VERSION","instrumentation":{"name":"genspan"},"environment":{"type":"server","name":"staging"}}}
    braintrust.span_attributes = JSON {"type":"tool"}
    braintrust.metrics.duration = 2.5
    "#);
    assert!(Dialect::Braintrust.read(&mut tool));
    assert_eq!(tool, before);
}

#[test]
fn an_agents_tokens_are_not_counted_again() {
    let mut agent = span(
        r#"
        gen_ai.operation.name = "invoke_agent"
        gen_ai.usage.input_tokens = 100
        gen_ai.usage.output_tokens = 20
        gen_ai.usage.cache_read.input_tokens = 64
        gen_ai.input.messages = [{"role":"user","parts":[{"type":"text","content":"Plan."}]}]
        "#,
    );
    Dialect::Braintrust.write(&mut agent, &Settings::default());
    assert!(!shown(&agent).contains("tokens"), "{}", shown(&agent));
    insta::assert_snapshot!(shown_of(&agent, "braintrust."), @r#"
    braintrust.context_json = JSON {"span_origin":{"name":"genspan","version":"VERSION","instrumentation":{"name":"genspan"}}}
    braintrust.span_attributes = JSON {"type":"task"}
    braintrust.input_json = JSON [{"role":"user","content":"Plan."}]
    "#);
}

#[test]
fn the_spans_own_parent_goes_before_the_setting() {
    let settings = Settings {
        braintrust_parent: Some("project_name:default".to_owned()),
        ..Settings::default()
    };
    let parent = |lines: &str| {
        let mut span = span(lines);
        Dialect::Braintrust.write(&mut span, &settings);
        span.attributes.text("braintrust.parent").map(str::to_owned)
    };
    let own = r#"braintrust.parent = "experiment_id:e1""#;
    assert_eq!(parent(own).as_deref(), Some("experiment_id:e1"));
    assert_eq!(parent("").as_deref(), Some("project_name:default"));
}

#[test]
fn a_span_of_the_dotnet_sdk_is_read() {
    let mut chat = span(
        r#"
        provider = "openai"
        braintrust.parent = "project_id:p"
        braintrust.span_attributes = "{\"type\":\"llm\"}"
        braintrust.input_json = "[{\"role\":\"user\",\"content\":\"Weather?\"}]"
        braintrust.output_json = "[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{\"id\":\"c1\",\"type\":\"function\",\"function\":{\"name\":\"weather\",\"arguments\":\"{\\\"city\\\":\\\"Paris\\\"}\"}}]},\"finish_reason\":\"tool_calls\"}]"
        braintrust.metadata = "{\"provider\":\"openai\",\"model\":\"gpt-4o-mini\",\"temperature\":0.5,\"tool_choice\":\"auto\"}"
        braintrust.metrics.prompt_tokens = "100"
        braintrust.metrics.completion_tokens = 20
        braintrust.metrics.tokens = 120
        braintrust.metrics.time_to_first_token = 1.75
        "#,
    );
    assert!(Dialect::Braintrust.read(&mut chat));
    insta::assert_snapshot!(shown(&chat), @r#"
    gen_ai.provider.name = "openai"
    braintrust.parent = "project_id:p"
    gen_ai.operation.name = "chat"
    gen_ai.request.model = "gpt-4o-mini"
    gen_ai.request.temperature = 0.5
    braintrust.metadata = JSON {"tool_choice":"auto"}
    gen_ai.usage.input_tokens = 100
    gen_ai.usage.output_tokens = 20
    gen_ai.input.messages = [{"role":"user","parts":[{"type":"text","content":"Weather?"}]}]
    gen_ai.output.messages = [{"role":"assistant","parts":[{"type":"tool_call","id":"c1","name":"weather","arguments":{"city":"Paris"}}],"finish_reason":"tool_call"}]
    "#);
}

#[test]
fn what_is_not_theirs_stays_as_it_is() {
    let mut other = span(r#"http.request.method = "GET""#);
    let before = other.clone();
    assert!(!Dialect::Braintrust.read(&mut other));
    assert_eq!(other, before);
}
