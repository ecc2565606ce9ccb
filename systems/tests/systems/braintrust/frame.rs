//! How spans get there: address and headers, parents, and where they say that they come from.

use genspan::Provider;
use genspan_otlp::Destination;
use serde_json::json;

use super::rig::Rig;

#[tokio::test]
async fn parent_is_the_contexts_and_else_the_settings() {
    let parents = |rig: Rig| {
        let spans = rig.shown();
        let parents = spans
            .iter()
            .map(|it| it.get("braintrust.parent").to_owned());
        parents.collect::<Vec<_>>()
    };
    // An id goes before a name.
    let rig = Rig::of("braintrust", &[("BRAINTRUST_DEFAULT_PROJECT_ID", "p-1")]);
    rig.telemetry.chat(Provider::OPENAI, "m").finish();
    let scope = rig.telemetry.scope();
    let experiment = scope.with_attribute("braintrust.parent", "experiment_id:e-1");
    let asked = experiment.within(rig.ask("text", false));
    asked.await.unwrap();
    assert_eq!(parents(rig), ["project_id:p-1", "experiment_id:e-1"]);
}

#[test]
fn nothing_starts_without_a_key_or_a_parent() {
    for (known, missing) in [
        ("BRAINTRUST_API_KEY", "BRAINTRUST_PARENT"),
        ("BRAINTRUST_DEFAULT_PROJECT_NAME", "BRAINTRUST_API_KEY"),
    ] {
        let destination: Destination = "braintrust".parse().unwrap();
        let read = |name: &str| (name == known).then(|| "x".to_owned());
        let error = destination.resolve(read).unwrap_err();
        assert_eq!(error.variable, missing);
    }
}

#[test]
fn headers_and_addresses_are_those_of_its_sdks() {
    let rig = Rig::without_content();
    rig.telemetry
        .chat(Provider::OPENAI, "m")
        .fail(genspan::ErrorType::ServerError);
    // The intake takes requests to `/otel/v1/traces` and `/otel/v1/logs` under the key as bearer token alone.
    let arrived = rig.arrived();
    assert_eq!((arrived.kept.len(), arrived.logs), (1, 1));
    assert_eq!(arrived.parents, ["project_name:travel"; 2], "x-bt-parent");
    assert!(arrived.refused.is_empty(), "{:?}", arrived.refused);
}

#[test]
fn context_json_says_what_sent_the_span_and_where_from() {
    let origin = |variables: &[(&str, &str)]| {
        let rig = Rig::of("braintrust", variables);
        rig.telemetry.chat(Provider::OPENAI, "m").finish();
        rig.only().json("braintrust.context_json")["span_origin"].clone()
    };
    let bare = json!({
        "name": "genspan",
        "version": env!("CARGO_PKG_VERSION"),
        "instrumentation": {"name": "genspan"},
    });
    assert_eq!(origin(&[]), bare);
    let stated = [
        ("BRAINTRUST_ENVIRONMENT_TYPE", "server"),
        ("BRAINTRUST_ENVIRONMENT_NAME", "staging"),
    ];
    let place = json!({"type": "server", "name": "staging"});
    assert_eq!(origin(&stated)["environment"], place);
    let runner = [("GITHUB_ACTIONS", "true"), ("CI", "true")];
    let place = json!({"type": "ci", "name": "github_actions"});
    assert_eq!(origin(&runner)["environment"], place);
}

#[test]
fn what_the_application_says_of_its_origin_stays() {
    let rig = Rig::without_content();
    let scope = rig.telemetry.scope();
    let own = r#"{"span_origin":{"name":"mine"},"caller_filename":"a.rs"}"#;
    scope
        .with_attribute("braintrust.context_json", own)
        .run(|| rig.telemetry.chat(Provider::OPENAI, "m").finish());
    let context = rig.only().json("braintrust.context_json");
    assert_eq!(context["span_origin"], json!({"name": "mine"}));
    assert_eq!(context["caller_filename"], "a.rs");
}
