//! Destinations that speak a vendor's language, for all spans of a program.

use genspan::{Capture, Place, Provider};
use genspan_otel::InitError;
use opentelemetry::trace::{Tracer, TracerProvider};
use opentelemetry_proto::tonic::{common::v1::any_value::Value, trace::v1::Span};
use testkit::{
    braintrust::{Intake, parent_of},
    collector::Collector,
};
use tracing_subscriber::layer::SubscriberExt;

use crate::{LONG, arrivals::Arrivals, from};

const KEY: &str = "k3y";

fn value<'a>(span: &'a Span, key: &str) -> Option<&'a Value> {
    let found = span.attributes.iter().find(|one| one.key == key)?;
    found.value.as_ref()?.value.as_ref()
}

fn named<'a>(spans: &'a [Span], name: &str) -> &'a Span {
    let mut found = spans.iter().filter(|span| span.name == name);
    found.next().unwrap()
}

#[test]
fn all_spans_of_a_program_reach_braintrust_in_its_language_and_others_in_the_conventions() {
    let (intake, other) = (Intake::of(KEY), Collector::taking());
    let url = intake.url();
    let variables = [
        ("BRAINTRUST_API_KEY", KEY),
        ("BRAINTRUST_API_URL", url.as_str()),
        ("BRAINTRUST_DEFAULT_PROJECT_ID", "p-1"),
    ];
    let guard = from(&variables)
        .with_destination("braintrust")
        .with_destination(format!("http://{}", other.address))
        .with_capture(Capture::at(Place::Span))
        .init()
        .unwrap();
    assert_eq!(guard.notes(), [""; 0]);
    let tracer = guard.tracer_provider().tracer("rig");
    let layer = tracing_opentelemetry::layer().with_tracer(tracer);
    let subscriber = tracing_subscriber::registry().with(layer);
    let scope = guard.telemetry().scope();
    tracing::subscriber::with_default(subscriber, || {
        guard.telemetry().chat(Provider::OPENAI, "m").finish();
        let experiment = scope.with_attribute("braintrust.parent", "experiment_id:e-1");
        experiment.run(|| {
            let _span = tracing::info_span!(
                "completion",
                gen_ai.operation.name = "chat",
                gen_ai.usage.input_tokens = 12_u64,
            )
            .entered();
        });
    });
    guard
        .tracer_provider()
        .tracer("app")
        .in_span("plain", |_| ());
    let report = guard.shutdown(LONG);
    assert!(report.is_complete(), "{report}");

    let arrived = intake.arrived();
    assert_eq!((arrived.kept.len(), arrived.dropped), (3, 0));
    assert_eq!(arrived.refused, [""; 0]);
    let parent = |name: &str| parent_of(&named(&arrived.kept, name).attributes);
    assert_eq!(parent("chat m"), Some("project_id:p-1"));
    assert_eq!(parent("plain"), Some("project_id:p-1"));
    // It is named as the conventions have it, too.
    assert_eq!(parent("chat"), Some("experiment_id:e-1"));
    let completion = named(&arrived.kept, "chat");
    for key in [
        "gen_ai.usage.input_tokens",
        "braintrust.metrics.prompt_tokens",
    ] {
        assert_eq!(value(completion, key), Some(&Value::IntValue(12)), "{key}");
    }
    let Some(Value::StringValue(origin)) = value(completion, "braintrust.context_json") else {
        panic!("{completion:?}")
    };
    assert!(
        origin.contains(r#""instrumentation":{"name":"rig"}"#),
        "{origin}"
    );

    let others: Vec<Span> = Arrivals::of(&other)
        .spans
        .into_iter()
        .map(|one| one.item)
        .collect();
    assert_eq!(others.len(), 3);
    let chat = named(&others, "chat m");
    assert!(
        !chat
            .attributes
            .iter()
            .any(|one| one.key.starts_with("braintrust."))
    );
    let tokens = value(named(&others, "completion"), "gen_ai.usage.input_tokens");
    assert_eq!(tokens, Some(&Value::StringValue("12".to_owned())));
}

#[test]
fn without_its_variables_it_is_not_set_up() {
    let error = from(&[("BRAINTRUST_API_KEY", KEY)])
        .with_destination("braintrust")
        .init()
        .unwrap_err();
    assert!(matches!(error, InitError::Environment(_)));
    let told = error.to_string();
    assert!(
        told.starts_with("the environment variable BRAINTRUST_PARENT: is not set"),
        "{told}"
    );
    // What is switched off needs nothing.
    let off = from(&[("OTEL_SDK_DISABLED", "true")]);
    assert!(off.with_destination("braintrust").init().is_ok());
}

#[test]
fn without_content_it_is_noted_what_will_not_be_seen() {
    let notes = |to: &str, content: &str| {
        let variable = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT";
        let guard = from(&[(variable, content)]).with_destination(to).init();
        guard.unwrap().notes().to_vec()
    };
    let to = "http://127.0.0.1:9;dialect=openinference";
    insta::assert_snapshot!(notes(to, "").join("\n"), @"http://127.0.0.1:9 gets no prompts and answers, so where openinference shows them nothing stands; ask for them with `;content=span` or `with_capture`, or write `;content=none` if that is right");
    assert_eq!(notes(to, "false"), [""; 0]);
    assert_eq!(notes(&format!("{to};content=none"), ""), [""; 0]);
}
